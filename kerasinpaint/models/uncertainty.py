"""The uncertainty network: how wrong each pixel of a fill may be."""

import keras
from keras import layers, ops

from kerasinpaint.layers import ChannelAttention, PositionalEncoding
from kerasinpaint.models.context import (
    Convolve,
    context_inputs,
    refuse_others,
    seen,
    with_scene,
)
from kerasinpaint.models.efficientnet_lite import efficientnet_features

BLOCKS = 6
# What can be left out.
PARTS = (
    "channels",
    "features",
    "position",
    "details",
    "edges",
    "lines",
    "objects",
    "scene",
)


def build_uncertainty(width=16, without=()):
    """Builds a network that tells the error to be expected, pixel by pixel.

    At half the scale, six residual blocks of ELUs, every second with strides
    of 2, each with channel attention; then back to full size, where what was
    found is joined with what is seen: details are often wrong to the pixel.
    At three scales it is told the features of an EfficientNet-Lite0, which
    knows ImageNet and is frozen: what is hard to fill is learned from far
    more photographs than there are fills.

    Args:
        width: int, filters at half the scale.
        without: container of parts to leave out: "channels" (attention),
            "features", "position", "details", "edges", "lines", "objects",
            "scene".

    Returns:
        A `keras.Model` from what `context.context_inputs` names, and
        `details` of the shape of `images`, what a texture artist added to
        them, to float32 tensors of shape `(batch, height, width, 1)`: the
        absolute difference to be expected, mean over colours. Height and
        width are multiples of 16.

    Reference:

    - [Kendall and Gal, 2017](https://arxiv.org/abs/1703.04977)
    """
    refuse_others(without, PARTS)
    convolve = Convolve(gates=False)
    inputs = context_inputs()
    inputs["details"] = keras.Input((None, None, 3), name="details")
    look = seen(inputs, without)
    x = convolve(look, "stem", width, 5, strides=2)
    learned = []
    if "features" not in without:
        with keras.name_scope("features"):  # it has a `stem`, too
            trunk = efficientnet_features()
        learned = trunk(ops.clip(inputs["images"], 0.0, 1.0))
    scales = []
    for block in range(BLOCKS):
        strides = 1 + block % 2
        if strides > 1:
            scales.append(x)
        elif learned:
            told = layers.Conv2D(x.shape[-1], 1, name=f"features_{block}")
            x = layers.Add()([x, told(learned[block // 2])])
        x = _block(convolve, x, f"block_{block}", strides, without)
    x = with_scene(x, inputs, without, dropout=0.5)
    if "position" not in without:
        x = PositionalEncoding(name="position")(x)
    x = convolve.up(x, "up", scales)
    x = layers.Conv2DTranspose(
        width, 4, strides=2, padding="same", activation="elu", name="full"
    )(x)
    near = layers.Concatenate()([x, look])
    logits = layers.Conv2D(
        1,
        1,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        bias_initializer=_start,
        name="error",
    )(convolve(near, "near", width))
    error = layers.Activation("softplus", dtype="float32")(logits)
    return keras.Model(inputs, error, name="uncertainty")


def _start(shape, dtype=None):
    """What is expected before anything is learned: .1, by softplus."""
    return ops.full(shape, -2.25, dtype)


def _block(convolve, x, name, strides, without):
    filters = strides * x.shape[-1]
    y = convolve(x, f"{name}_1", filters, strides=strides)
    y = layers.Conv2D(filters, 3, padding="same", name=f"{name}_2")(y)
    if "channels" not in without:
        y = ChannelAttention(name=f"{name}_channels")(y)
    if strides > 1:
        x = layers.Conv2D(
            filters, 1, strides, padding="same", name=f"{name}_way"
        )(x)
    return layers.Activation("elu")(layers.Add()([x, y]))
