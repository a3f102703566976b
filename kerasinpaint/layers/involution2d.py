"""Involution: a convolution whose kernel depends on what it looks at."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="kerasinpaint")
class Involution2D(layers.Layer):
    """At each pixel another kernel, made of the features there.

        kernel(y, x) = span(reduce(images[y, x]))
        outputs[y, x] = sum of kernel(y, x) * images around (y, x)

    Channels of a group share a kernel. A convolution is the reverse: the
    same kernel everywhere, another one for each channel.

    Args:
        kernel_size: odd int.
        groups: int, which divides the channels.
        ratio: int, how many times fewer channels than `images` what the
            kernel is made of has.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.

    Returns:
        Tensor of the same shape.

    Raises:
        ValueError: if `kernel_size` is even, `ratio` below 1, or `groups` does
            not divide the channels.

    Example:

    >>> images = np.ones((1, 6, 8, 16), "float32")
    >>> tuple(Involution2D(3, groups=4)(images).shape)
    (1, 6, 8, 16)

    Reference:

    - [Li et al., 2021](https://arxiv.org/abs/2103.06255)
    """

    def __init__(self, kernel_size=3, groups=1, ratio=4, **kwargs):
        super().__init__(**kwargs)
        if kernel_size < 1 or kernel_size % 2 == 0 or ratio < 1:
            raise ValueError(
                "`kernel_size` must be odd and `ratio` at least 1. "
                f"Received: kernel_size={kernel_size}, ratio={ratio}."
            )
        self.kernel_size = kernel_size
        self.groups = groups
        self.ratio = ratio

    def build(self, shape):
        channels = shape[-1]
        if self.groups < 1 or channels % self.groups:
            raise ValueError(
                "`groups` must divide the channels. Received: "
                f"groups={self.groups}, {channels} channels."
            )
        units, policy = max(1, channels // self.ratio), self.dtype_policy
        self.reduce = layers.Conv2D(
            units, 1, activation="relu", name="reduce", dtype=policy
        )
        taps = self.kernel_size**2
        self.span = layers.Conv2D(
            taps * self.groups, 1, name="span", dtype=policy
        )
        self.reduce.build(shape)
        self.span.build((*shape[:-1], units))

    def call(self, images):
        batch, height, width, channels = ops.shape(images)
        grid = (batch, height, width, self.groups)
        kernels = self.span(self.reduce(images))
        kernels = ops.reshape(kernels, (*grid, self.kernel_size**2))
        side = self.kernel_size // 2
        padded = ops.pad(images, [(0, 0), (side, side), (side, side), (0, 0)])
        x = 0
        for tap in range(self.kernel_size**2):
            top, left = divmod(tap, self.kernel_size)
            part = padded[:, top : top + height, left : left + width]
            part = ops.reshape(part, (*grid, channels // self.groups))
            x = x + part * kernels[..., tap : tap + 1]
        return ops.reshape(x, (batch, height, width, channels))

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return super().get_config() | {
            "kernel_size": self.kernel_size,
            "groups": self.groups,
            "ratio": self.ratio,
        }
