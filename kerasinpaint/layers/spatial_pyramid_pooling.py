"""Spatial pyramid pooling: features of a fixed length, of any picture."""

import keras
from keras import layers, ops

from kerasinpaint.layers.grids import averages, resized


@keras.saving.register_keras_serializable(package="kerasinpaint")
class SpatialPyramidPooling(layers.Layer):
    """Averages over the whole, its quarters, and finer grids.

    Args:
        levels: sequence of ints, cells in a row of each grid.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`, of any
            height and width.

    Returns:
        Tensor of shape `(batch, cells * channels)`, where `cells` is the sum
        of the squares of `levels`.

    Example:

    >>> pooled = SpatialPyramidPooling()(np.ones((1, 5, 7, 3), "float32"))
    >>> tuple(pooled.shape)
    (1, 63)

    Reference:

    - [He et al., 2014](https://arxiv.org/abs/1406.4729)
    """

    def __init__(self, levels=(1, 2, 4), **kwargs):
        super().__init__(**kwargs)
        self.levels = tuple(levels)

    def call(self, images):
        _, height, width, channels = ops.shape(images)
        images = ops.cast(images, "float32")  # means of many values
        pooled = [
            ops.reshape(
                resized(images, averages(height, n), averages(width, n)),
                (-1, n * n * channels),
            )
            for n in self.levels
        ]
        return ops.cast(ops.concatenate(pooled, axis=-1), self.compute_dtype)

    def compute_output_shape(self, shape):
        return (shape[0], sum(n * n for n in self.levels) * shape[-1])

    def get_config(self):
        return super().get_config() | {"levels": self.levels}
