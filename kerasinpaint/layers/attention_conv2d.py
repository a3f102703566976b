"""Attention-augmented convolution: what is near, and what is alike."""

import math

import keras
from keras import layers, ops

from kerasinpaint.layers.grids import averages, resized


@keras.saving.register_keras_serializable(package="kerasinpaint")
class AttentionConv2D(layers.Layer):
    """Convolution, some of whose filters are self-attention.

        outputs = [conv(images), attention(images)]

    Each pixel asks the whole picture, of which means over a grid answer:
    so memory grows with the number of pixels, not with its square. The paper
    adds positions to what is asked; here `PositionalEncoding` before it does.

    Args:
        filters: int, channels of the outputs.
        kernel_size: int.
        values: int, how many of them are attention.
        heads: int, which divides `values`.
        grid: int, cells in a row of the grid.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.

    Returns:
        Tensor of shape `(batch, height, width, filters)`.

    Raises:
        ValueError: if `heads` does not divide `values`, or there are no more
            filters than those.

    Example:

    >>> images = np.ones((1, 8, 8, 6), "float32")
    >>> tuple(AttentionConv2D(12, 3, values=4, heads=2)(images).shape)
    (1, 8, 8, 12)

    Reference:

    - [Bello et al., 2019](https://arxiv.org/abs/1904.09925)
    """

    def __init__(
        self, filters, kernel_size, values, heads=4, grid=16, **kwargs
    ):
        super().__init__(**kwargs)
        if heads < 1 or values % heads or values >= filters:
            raise ValueError(
                "`heads` must divide `values`, and `filters` be more. "
                f"Received: heads={heads}, values={values}, "
                f"filters={filters}."
            )
        self.filters = filters
        self.kernel_size = kernel_size
        self.values = values
        self.heads = heads
        self.grid = grid

    def build(self, shape):
        policy = self.dtype_policy
        self.convolution = layers.Conv2D(
            self.filters - self.values,
            self.kernel_size,
            padding="same",
            name="convolution",
            dtype=policy,
        )
        self.convolution.build(shape)
        for name in ("queries", "keys", "answers"):
            layer = layers.Dense(self.values, name=name, dtype=policy)
            layer.build(shape)
            setattr(self, name, layer)
        self.mix = layers.Dense(self.values, name="mix", dtype=policy)
        self.mix.build((*shape[:-1], self.values))

    def call(self, images):
        _, height, width, _ = ops.shape(images)
        cells = resized(
            ops.cast(images, "float32"),
            averages(height, self.grid),
            averages(width, self.grid),
        )
        cells = ops.cast(cells, self.compute_dtype)
        asked = self._heads(self.queries(images))
        keys, answers = (
            self._heads(self.keys(cells)),
            self._heads(self.answers(cells)),
        )
        weights = ops.einsum("bqhc,bkhc->bhqk", asked, keys)
        weights = ops.cast(weights, "float32")
        weights = weights / math.sqrt(self.values // self.heads)
        weights = ops.cast(ops.softmax(weights), self.compute_dtype)
        seen = ops.einsum("bhqk,bkhc->bqhc", weights, answers)
        seen = ops.reshape(seen, (-1, height, width, self.values))
        return ops.concatenate([self.convolution(images), self.mix(seen)], -1)

    def _heads(self, x):
        _, height, width, _ = ops.shape(x)
        head = self.values // self.heads
        return ops.reshape(x, (-1, height * width, self.heads, head))

    def compute_output_shape(self, shape):
        return (*shape[:-1], self.filters)

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "values": self.values,
            "heads": self.heads,
            "grid": self.grid,
        }
