"""Noise in holes, for a network to make texture of."""

import functools

import keras
import numpy as np
from keras import ops

# Repeats of the noise fall on no repeat of the network's own steps.
PERIOD = 127


@keras.saving.register_keras_serializable(package="kerasinpaint")
class HoleNoise(keras.layers.Layer):
    """Adds Gaussian noise to holes, and leaves known pixels as they are.

    In the middle of a wide hole all places look alike. A network that is to
    paint texture there has nothing to tell them apart but the steps of its
    own upsampling, and paints a grid. Noise tells them apart.

    In training it is drawn anew in each call. Otherwise each place has its
    own, on every backend and in exported files, so that a picture is always
    filled in the same way.

    Args:
        deviation: float, standard deviation of the noise.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0
            is a hole.
        training: bool, whether noise is drawn anew.

    Returns:
        Tensor of the shape and dtype of `images`.

    Example:

    >>> images = np.zeros((1, 4, 4, 3), "float32")
    >>> masks = np.ones((1, 4, 4, 1), "float32"); masks[:, :2] = 0
    >>> noisy = HoleNoise(0.5)(images, masks)
    >>> bool(ops.any(noisy[:, :2] != 0)), bool(ops.any(noisy[:, 2:] != 0))
    (True, False)

    Reference:

    - [Karras et al., 2019](https://arxiv.org/abs/1812.04948), on noise as
      an input of each place
    """

    def __init__(self, deviation, **kwargs):
        super().__init__(**kwargs)
        self.deviation = deviation
        self.seeds = keras.random.SeedGenerator()

    def call(self, images, masks, training=None):
        shape = ops.shape(images)[1:]
        if training:
            noise = keras.random.normal(shape, seed=self.seeds)
        else:
            noise = _repeated_noise(*shape)
        noise = ops.cast(self.deviation * noise, images.dtype)
        return images + (1 - ops.cast(masks, images.dtype)) * noise

    def compute_output_spec(self, images, masks, training=None):
        return keras.KerasTensor(images.shape, self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "deviation": self.deviation}


@functools.cache
def _tile(channels):
    rng = np.random.default_rng(0)
    return rng.standard_normal((PERIOD, PERIOD, channels), np.float32)


def _repeated_noise(height, width, channels):
    """Constant noise, side by side; no format of export can draw any."""
    tile = _tile(channels)
    for axis, length in enumerate((height, width)):
        tile = ops.take(tile, ops.arange(length) % PERIOD, axis=axis)
    return tile
