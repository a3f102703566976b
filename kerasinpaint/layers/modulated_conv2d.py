"""Convolution by a style: what a channel weighs is said from outside."""

import keras
from keras import ops

from kerasinpaint.layers.equalized import (
    EqualizedConv2D,
    EqualizedDense,
    activate,
    convolve,
    scaled,
)


@keras.saving.register_keras_serializable(package="kerasinpaint")
class ModulatedConv2D(EqualizedConv2D):
    """Convolution whose kernel is multiplied by a style, as in StyleGAN2.

        kernel' = kernel * affine(styles)            for each input channel
        outputs = activation(conv(images, kernel' / norm) + noise + bias)

    The images are multiplied in place of the kernel, and divided by the
    norm afterwards, which is the same and needs no kernel for each picture.

    Args:
        filters: int.
        kernel_size: odd int.
        resize: string, as in `EqualizedConv2D`.
        demodulate: bool, whether each filter is divided by its norm.
        noise: bool, whether a constant picture of noise is added, of a
            strength that is learned.
        activation: string, as in `EqualizedDense`.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`; with
            noise, height and width must be known.
        styles: tensor of shape `(batch, style_channels)`.

    Returns:
        Tensor of shape `(batch, new_height, new_width, filters)`.

    Example:

    >>> images, styles = np.ones((1, 8, 8, 3)), np.ones((1, 5))
    >>> tuple(ModulatedConv2D(4, 3, resize="double")(images, styles).shape)
    (1, 16, 16, 4)

    Reference:

    - [Karras et al., 2020](https://arxiv.org/abs/1912.04958)
    """

    def __init__(
        self,
        filters,
        kernel_size,
        resize="same",
        demodulate=True,
        noise=False,
        activation="leaky_relu",
        **kwargs,
    ):
        super().__init__(filters, kernel_size, resize, activation, **kwargs)
        self.demodulate = demodulate
        self.noise = noise

    def build(self, images_shape, styles_shape):
        super().build(images_shape)
        self.affine = EqualizedDense(
            images_shape[-1], bias=1.0, name="affine", dtype=self.dtype_policy
        )
        self.affine.build(styles_shape)
        if self.noise:
            factor = 2 if self.resize == "double" else 1
            self.noise_const = self.add_weight(
                [factor * side for side in images_shape[1:3]],
                keras.initializers.RandomNormal(stddev=1.0),
                trainable=False,
                name="noise_const",
            )
            self.noise_strength = self.add_weight(
                (), "zeros", name="noise_strength"
            )

    def call(self, images, styles):
        styles = self.affine(styles)
        kernel = scaled(self.kernel)
        x = convolve(images * styles[:, None, None], kernel, self.resize)
        if self.demodulate:
            x = x / _norms(kernel, styles)[:, None, None]
        if self.noise:
            x = x + (self.noise_const * self.noise_strength)[..., None]
        return activate(x + self.bias, self.activation)

    def get_config(self):
        return super().get_config() | {
            "demodulate": self.demodulate,
            "noise": self.noise,
        }


def _norms(kernel, styles):
    """Norm of each filter of each modulated kernel, `(batch, filters)`."""
    squares = ops.sum(ops.square(kernel), axis=(0, 1))
    return ops.sqrt(ops.matmul(ops.square(styles), squares) + 1e-8)
