"""Gated convolution: a convolution that learns where to look away."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerasinpaint")
class GatedConv2D(keras.layers.Conv2D):
    """2D convolution whose every value passes a gate of its own.

        outputs = activation(conv(images, kernel)) * sigmoid(gates)

    with `gates` a second convolution of the same images. Both are computed
    as one, of twice the filters: the first half of the kernel makes the
    features, the second the gates. Where `PConv2D` follows a rule, this
    learns what is known: concatenate the mask to the images of the first
    layer.

    Args:
        filters: int, how many channels the outputs have.
        kernel_size: int or pair of ints.
        **kwargs: of `keras.layers.Conv2D`; `groups` must be 1.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.

    Returns:
        Tensor of shape `(batch, new_height, new_width, filters)`.

    Raises:
        ValueError: if `groups` is not 1.

    Example:

    >>> images = np.ones((1, 8, 8, 4), "float32")
    >>> outputs = GatedConv2D(6, 3, strides=2, padding="same")(images)
    >>> tuple(outputs.shape)
    (1, 4, 4, 6)

    Reference:

    - [Yu et al., 2019](https://arxiv.org/abs/1806.03589)
    """

    def __init__(self, filters, kernel_size, **kwargs):
        super().__init__(filters, kernel_size, **kwargs)
        if self.groups != 1:
            raise ValueError(
                "Features and gates look at the same channels: `groups` must "
                f"be 1. Received: groups={self.groups}."
            )

    def build(self, images_shape):
        # Conv2D makes its weights as large as `filters` says.
        self.filters *= 2
        super().build(images_shape)
        self.filters //= 2

    def call(self, images):
        both = self.convolution_op(images, self.kernel)
        first = self.data_format == "channels_first"
        if self.use_bias:
            shape = (-1, 1, 1) if first else (-1,)
            both = both + ops.reshape(self.bias, shape)
        features, gates = ops.split(both, 2, axis=1 if first else -1)
        if self.activation is not None:
            features = self.activation(features)
        return features * ops.sigmoid(gates)
