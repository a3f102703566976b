"""Channel attention: which features matter in this picture."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="kerasinpaint")
class ChannelAttention(layers.Layer):
    """Multiplies each channel by a gate that depends on all of them.

        gates = sigmoid(mlp(mean(images)) + mlp(max(images)))

    over height and width, with one hidden layer.

    Args:
        ratio: int, how many times fewer units than channels that layer has.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.

    Returns:
        Tensor of the same shape.

    Example:

    >>> images = np.ones((1, 4, 4, 16), "float32")
    >>> tuple(ChannelAttention()(images).shape)
    (1, 4, 4, 16)

    Reference:

    - [Woo et al., 2018](https://arxiv.org/abs/1807.06521)
    """

    def __init__(self, ratio=8, **kwargs):
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, shape):
        channels = shape[-1]
        units = max(1, channels // self.ratio)
        policy = self.dtype_policy
        self.squeeze = layers.Dense(units, "relu", name="squeeze", dtype=policy)
        self.excite = layers.Dense(channels, name="excite", dtype=policy)
        self.squeeze.build((shape[0], channels))
        self.excite.build((shape[0], units))

    def call(self, images):
        mean, largest = ops.mean(images, (1, 2)), ops.max(images, (1, 2))
        gates = self.excite(self.squeeze(mean))
        gates = ops.sigmoid(gates + self.excite(self.squeeze(largest)))
        return images * gates[:, None, None]

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return super().get_config() | {"ratio": self.ratio}
