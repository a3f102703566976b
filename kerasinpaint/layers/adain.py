"""Adaptive instance normalisation: the look of another picture."""

import keras
from keras import layers, ops


def moments(images):
    """Mean and deviation of each channel over the picture, in float32.

    Args:
        images: tensor of shape `(batch, height, width, channels)`.

    Returns:
        A pair of tensors of shape `(batch, 1, 1, channels)`.
    """
    images = ops.cast(images, "float32")
    mean = ops.mean(images, (1, 2), keepdims=True)
    variance = ops.mean(ops.square(images - mean), (1, 2), keepdims=True)
    return mean, ops.sqrt(variance + 1e-5)


@keras.saving.register_keras_serializable(package="kerasinpaint")
class AdaIN(layers.Layer):
    """Gives features the mean and the deviation of others, by channel.

        outputs = (images - mean) / deviation * style_deviation + style_mean

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.
        styles: tensor of shape `(batch, any_height, any_width, channels)`.

    Returns:
        Tensor of the shape of `images`.

    Example:

    >>> images, styles = np.random.default_rng(0).normal(size=(2, 1, 4, 4, 3))
    >>> outputs = AdaIN()(images, 2 * styles + 1)
    >>> bool(abs(np.mean(outputs) - np.mean(2 * styles + 1)) < 1e-5)
    True

    Reference:

    - [Huang and Belongie, 2017](https://arxiv.org/abs/1703.06868)
    """

    def call(self, images, styles):
        mean, deviation = moments(images)
        style_mean, style_deviation = moments(styles)
        x = (ops.cast(images, "float32") - mean) / deviation
        return ops.cast(x * style_deviation + style_mean, self.compute_dtype)

    def compute_output_shape(self, images_shape, styles_shape=None):
        return images_shape
