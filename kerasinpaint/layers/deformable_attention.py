"""Deformable cross attention: each pixel asks a few places elsewhere."""

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable(package="kerasinpaint")
class DeformableCrossAttention(layers.Layer):
    """Each pixel of a picture looks at a few points of an exemplar.

    Where, and how much each point weighs, is made of the pixel's features:
    points lie around its own place, stretched to the exemplar's size, at
    offsets in shares of it. Values between pixels are interpolated.

    Args:
        filters: int, channels of the outputs.
        heads: int, which divides the channels of the outputs.
        points: int, places that each head looks at.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.
        exemplars: tensor of shape `(batch, any_height, any_width,
            any_channels)`.

    Returns:
        Tensor of shape `(batch, height, width, filters)`.

    Raises:
        ValueError: if `heads` does not divide `filters`.

    Example:

    >>> images, exemplars = np.ones((1, 4, 4, 6)), np.ones((1, 8, 6, 5))
    >>> layer = DeformableCrossAttention(8, heads=2)
    >>> tuple(layer(images, exemplars).shape)
    (1, 4, 4, 8)

    Reference:

    - [Zhu et al., 2021](https://arxiv.org/abs/2010.04159)
    """

    def __init__(self, filters, heads=4, points=4, **kwargs):
        super().__init__(**kwargs)
        if heads < 1 or filters % heads:
            raise ValueError(
                "`heads` must divide `filters`. "
                f"Received: heads={heads}, filters={filters}."
            )
        self.filters = filters
        self.heads = heads
        self.points = points

    def build(self, images_shape, exemplars_shape):
        count, policy = self.heads * self.points, self.dtype_policy
        self.offsets = layers.Dense(
            2 * count,
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
            name="offsets",
            dtype=policy,
        )
        self.weigh = layers.Dense(count, name="weigh", dtype=policy)
        self.values = layers.Dense(self.filters, name="values", dtype=policy)
        self.mix = layers.Dense(self.filters, name="mix", dtype=policy)
        self.offsets.build(images_shape)
        self.weigh.build(images_shape)
        self.values.build(exemplars_shape)
        self.mix.build((*images_shape[:-1], self.filters))

    def call(self, images, exemplars):
        _, height, width, _ = ops.shape(images)
        shape = (-1, height * width, self.heads, self.points)
        offsets = ops.cast(self.offsets(images), "float32")
        offsets = ops.reshape(offsets, (*shape, 2)) + self._around()
        weights = ops.cast(self.weigh(images), "float32")
        weights = ops.softmax(ops.reshape(weights, shape))
        places = _places(height, width)[None, :, None, None] + offsets
        values = ops.cast(self.values(exemplars), "float32")
        _, rows, columns, _ = ops.shape(values)
        head = self.filters // self.heads
        values = ops.reshape(values, (-1, rows * columns, self.heads, head))
        seen = _sampled(values, places, rows, columns)
        seen = ops.sum(seen * weights[..., None], axis=3)
        seen = ops.reshape(seen, (-1, height, width, self.filters))
        return self.mix(ops.cast(seen, self.compute_dtype))

    def _around(self):
        """Where each point is at first: each somewhere else, in a spiral."""
        count = self.heads * self.points
        turns = 2 * np.pi * np.arange(count) / count
        far = 0.25 * (1 + np.arange(count) % self.points) / self.points
        around = np.stack([far * np.sin(turns), far * np.cos(turns)], -1)
        return around.reshape(self.heads, self.points, 2).astype("float32")

    def compute_output_shape(self, images_shape, exemplars_shape=None):
        return (*images_shape[:-1], self.filters)

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "heads": self.heads,
            "points": self.points,
        }


def _places(height, width):
    """Middles of pixels as shares of the sides, `(height * width, 2)`."""
    sides = [
        (ops.cast(ops.arange(length), "float32") + 0.5)
        / ops.cast(length, "float32")
        for length in (height, width)
    ]
    y, x = ops.meshgrid(*sides, indexing="ij")
    return ops.stack([ops.reshape(y, (-1,)), ops.reshape(x, (-1,))], -1)


def _sampled(values, places, rows, columns):
    """Values at places, between pixels, and at the border outside.

    Args:
        values: `(batch, rows * columns, heads, channels)`.
        places: `(batch, pixels, heads, points, 2)`, shares of the sides.
        rows: int or tensor.
        columns: int or tensor.

    Returns:
        Tensor of shape `(batch, pixels, heads, points, channels)`.
    """
    values = ops.transpose(values, (0, 2, 1, 3))
    _, pixels, heads, points, _ = ops.shape(places)
    sides = ops.cast(ops.stack([rows, columns]), "float32")
    places = ops.clip(places * sides - 0.5, 0.0, sides - 1.0)
    first = ops.floor(places)
    share = places - first
    seen = 0
    for down in (0, 1):
        for right in (0, 1):
            step = np.array([down, right], np.float32)
            corner = ops.minimum(first + step, sides - 1)
            corner = ops.cast(corner, "int32")
            index = corner[..., 0] * columns + corner[..., 1]
            index = ops.transpose(index, (0, 2, 1, 3))
            index = ops.reshape(index, (-1, heads, pixels * points, 1))
            found = ops.take_along_axis(values, index, axis=2)
            shape = (-1, heads, pixels, points, values.shape[-1])
            found = ops.transpose(ops.reshape(found, shape), (0, 2, 1, 3, 4))
            y, x = (
                share[..., axis, None] if far else 1 - share[..., axis, None]
                for axis, far in enumerate((down, right))
            )
            seen = seen + found * y * x
    return seen
