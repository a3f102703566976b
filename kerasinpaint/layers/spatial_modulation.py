"""Spatial modulation: a map tells features what to be, place by place."""

import keras
from keras import layers, ops

from kerasinpaint.layers.adain import moments


@keras.saving.register_keras_serializable(package="kerasinpaint")
class SpatialModulation(layers.Layer):
    """Normalises features, and scales and shifts them by a map.

        outputs = (images - mean) / deviation * (1 + scale(maps)) + shift(maps)

    where `scale` and `shift` are convolutions. At first they are 0.

    Args:
        hidden: int, channels between the map and both.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.
        maps: tensor of shape `(batch, height, width, map_channels)`.

    Returns:
        Tensor of the shape of `images`.

    Example:

    >>> images, maps = np.ones((1, 8, 8, 6)), np.ones((1, 8, 8, 2))
    >>> tuple(SpatialModulation(16)(images, maps).shape)
    (1, 8, 8, 6)

    Reference:

    - [Park et al., 2019](https://arxiv.org/abs/1903.07291)
    """

    def __init__(self, hidden=32, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden

    def build(self, images_shape, maps_shape):
        options = {"padding": "same", "dtype": self.dtype_policy}
        self.shared = layers.Conv2D(
            self.hidden, 3, activation="relu", name="shared", **options
        )
        self.both = layers.Conv2D(
            2 * images_shape[-1],
            3,
            kernel_initializer="zeros",
            name="both",
            **options,
        )
        self.shared.build(maps_shape)
        self.both.build((*maps_shape[:-1], self.hidden))

    def call(self, images, maps):
        mean, deviation = moments(images)
        x = (ops.cast(images, "float32") - mean) / deviation
        scale, shift = ops.split(self.both(self.shared(maps)), 2, axis=-1)
        return ops.cast(x, self.compute_dtype) * (1 + scale) + shift

    def compute_output_shape(self, images_shape, maps_shape=None):
        return images_shape

    def get_config(self):
        return super().get_config() | {"hidden": self.hidden}
