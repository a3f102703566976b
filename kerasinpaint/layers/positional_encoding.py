"""Where a feature is in the picture, as features that are learned."""

import keras
from keras import layers, ops

from kerasinpaint.layers.grids import interpolation, resized


@keras.saving.register_keras_serializable(package="kerasinpaint")
class PositionalEncoding(layers.Layer):
    """Adds a learned picture to features, stretched to their size.

    Convolutions do not know where they look, and attention even less.

    Args:
        size: int, height and width of what is learned.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.

    Returns:
        Tensor of the same shape.

    Example:

    >>> images = np.ones((1, 6, 4, 8), "float32")
    >>> tuple(PositionalEncoding()(images).shape)
    (1, 6, 4, 8)

    Reference:

    - [Dosovitskiy et al., 2021](https://arxiv.org/abs/2010.11929)
    """

    def __init__(self, size=8, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def build(self, shape):
        self.table = self.add_weight(
            (1, self.size, self.size, shape[-1]),
            keras.initializers.RandomNormal(stddev=0.02),
            name="table",
        )

    def call(self, images):
        _, height, width, _ = ops.shape(images)
        where = resized(
            ops.cast(self.table, "float32"),
            interpolation(height, self.size),
            interpolation(width, self.size),
        )
        return images + ops.cast(where, self.compute_dtype)

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return super().get_config() | {"size": self.size}
