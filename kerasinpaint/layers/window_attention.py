"""Attention within windows that looks only at what is known."""

import math

import keras
import numpy as np
from keras import layers, ops

from kerasinpaint.layers.equalized import EqualizedDense

# Added to the weight of what must not be looked at, before the softmax.
UNSEEN = -100.0


@keras.saving.register_keras_serializable(package="kerasinpaint")
class WindowAttention(layers.Layer):
    """Multi-head attention of the pixels of a window to those that are known.

    The picture is cut into windows, moved by `shift` so that the next layer
    connects what this one has kept apart. A pixel of a hole is looked at by
    no other; a window in which something is known is known from then on. In
    a window where nothing is, all pixels are looked at.

    Args:
        heads: int, a divisor of the number of channels.
        window: int, a divisor of height and width.
        shift: int, less than `window`.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`, of known
            height and width.
        masks: tensor of shape `(batch, height, width, 1)`, 1 = known, or
            None if all is known.

    Returns:
        Tensor of the shape of `images`; with masks a pair of it and the new
        masks.

    Raises:
        ValueError: if `heads` or `window` does not divide.

    Example:

    >>> images, masks = np.ones((1, 8, 8, 6)), np.ones((1, 8, 8, 1))
    >>> masks[:, 2:, 2:] = 0
    >>> _, masks = WindowAttention(heads=2, window=4)(images, masks)
    >>> ops.convert_to_numpy(masks)[0, ::4, ::4, 0].tolist()
    [[1.0, 1.0], [1.0, 0.0]]

    Reference:

    - [Li et al., 2022](https://arxiv.org/abs/2203.15270)
    - [Liu et al., 2021](https://arxiv.org/abs/2103.14030), for the windows
    """

    def __init__(self, heads, window, shift=0, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads
        self.window = window
        self.shift = shift

    def build(self, images_shape, masks_shape=None):
        _, height, width, channels = images_shape
        if height % self.window or width % self.window or channels % self.heads:
            raise ValueError(
                "`window` must divide height and width, and `heads` the "
                f"channels. Received: window={self.window}, "
                f"heads={self.heads}, images of {tuple(images_shape)}."
            )
        for name in ("q", "k", "v", "proj"):
            layer = EqualizedDense(channels, name=name, dtype=self.dtype_policy)
            layer.build(images_shape)
            setattr(self, name, layer)

    def call(self, images, masks=None):
        size = ops.shape(images)[1:3]
        values = self._windows(images)
        square = ops.sum(ops.square(values), -1, keepdims=True)
        directions = values * ops.rsqrt(ops.maximum(square, 1e-12))
        heads = self._heads(self.q(directions)), self._heads(self.k(directions))
        weights = ops.einsum("bnqhc,bnkhc->bnhqk", *heads)
        weights = ops.cast(weights, "float32") / math.sqrt(
            images.shape[-1] // self.heads
        )
        if self.shift:
            weights = weights + _apart(*size, self.window, self.shift)
        if masks is not None:
            known = self._windows(masks)
            unseen = ops.where(known > 0, 0.0, UNSEEN)
            weights = weights + unseen[:, :, None, None, :, 0]
        weights = ops.cast(ops.softmax(weights), self.compute_dtype)
        values = self._heads(self.v(values))
        x = ops.einsum("bnhqk,bnkhc->bnqhc", weights, values)
        x = ops.reshape(x, (*ops.shape(x)[:3], images.shape[-1]))
        x = self._picture(self.proj(x), size)
        if masks is None:
            return x
        known = ops.max(known, axis=2, keepdims=True) * ops.ones_like(known)
        return x, self._picture(known, size)

    def _heads(self, tokens):
        *shape, channels = ops.shape(tokens)
        return ops.reshape(tokens, (*shape, self.heads, channels // self.heads))

    def _windows(self, images):
        """`(batch, windows, pixels of one, channels)`."""
        images = ops.roll(images, (-self.shift, -self.shift), (1, 2))
        return _cut(images, self.window)

    def _picture(self, windows, size):
        """The inverse of `_windows`."""
        height, width = size
        side, channels = self.window, windows.shape[-1]
        grid = (-1, height // side, width // side, side, side, channels)
        x = ops.transpose(ops.reshape(windows, grid), (0, 1, 3, 2, 4, 5))
        x = ops.reshape(x, (-1, height, width, channels))
        return ops.roll(x, (self.shift, self.shift), (1, 2))

    def get_config(self):
        return super().get_config() | {
            "heads": self.heads,
            "window": self.window,
            "shift": self.shift,
        }


def _cut(images, side, module=ops):
    _, height, width, channels = images.shape
    grid = (-1, height // side, side, width // side, side, channels)
    x = module.transpose(module.reshape(images, grid), (0, 1, 3, 2, 4, 5))
    count = height // side * (width // side)
    return module.reshape(x, (-1, count, side * side, channels))


def _apart(height, width, window, shift):
    """Keeps apart what the shift brought together from opposite edges."""

    def part(length):
        return np.digitize(np.arange(length), [length - window, length - shift])

    parts = 3 * part(height)[:, None] + part(width)
    parts = _cut(parts[None, :, :, None], window, np)[..., 0]
    other = parts[:, :, :, None] != parts[:, :, None, :]
    return np.where(other, UNSEEN, 0)[:, :, None].astype("float32")
