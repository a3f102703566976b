"""DeepLabV3+ on a light trunk: which class each pixel is of."""

import keras
from keras import layers

from kerasinpaint.models.efficientnet_lite import (
    efficientnet_trunk,
    load_imagenet,
)

STRIDE = 4  # of what it returns
MULTIPLE = 32  # what height and width must be multiples of


def build_deeplab(classes, width=96, rates=(2, 4)):
    """Builds DeepLabV3+ with EfficientNet-Lite0 as its trunk.

    Features at a stride of 16, and those at 32 enlarged, are looked at with
    several rates of dilation and as a whole; then they are enlarged to a
    stride of 4, where the trunk's early features tell of edges. The paper
    dilates its trunk, so that it ends at 16: with both strides this one
    needs two thirds of the time. It has no batch normalisation: that of the
    trunk is folded into its convolutions.

    Args:
        classes: int, without background.
        width: int, channels of what is added to the trunk.
        rates: tuple of ints, dilations at stride 16.

    Returns:
        A `keras.Model` from pictures of shape `(batch, height, width, 3)`
        in [0, 1], height and width multiples of 32, to logits of shape
        `(batch, height / 4, width / 4, classes + 1)`, background first. Its
        trunk knows ImageNet.

    Example:

    >>> network = build_deeplab(classes=5)
    >>> tuple(network(np.zeros((1, 64, 96, 3))).shape)
    (1, 16, 24, 6)

    Reference:

    - [Chen et al., 2018](https://arxiv.org/abs/1802.02611)
    """
    images, deepest, maps = efficientnet_trunk()
    x = layers.Concatenate()(
        [
            _convolve(maps[3], "middle", width),
            layers.UpSampling2D(2)(_convolve(deepest, "deep", width)),
        ]
    )
    looks = [_convolve(x, "rate_1", width)]
    looks += [_separable(x, f"rate_{rate}", width, rate) for rate in rates]
    whole = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = _convolve(layers.Concatenate()(looks), "looks", width)
    x = layers.Add()([x, _convolve(whole, "whole", width)])
    x = layers.UpSampling2D(4)(x)
    edges = _convolve(maps[1], "edges", width // 3)
    x = layers.Concatenate()([x, edges])
    x = _separable(x, "decoder_1", width)
    x = _separable(x, "decoder_2", width)
    logits = layers.Conv2D(classes + 1, 1, dtype="float32", name="logits")(x)
    network = keras.Model(images, logits, name="deeplab")
    load_imagenet(network)
    return network


def _convolve(x, name, filters):
    return layers.Conv2D(filters, 1, activation="relu", name=name)(x)


def _separable(x, name, filters, rate=1):
    x = layers.DepthwiseConv2D(
        3, padding="same", dilation_rate=rate, name=f"{name}_depthwise"
    )(x)
    return _convolve(x, name, filters)
