"""The structure builder: colours and edges of what a hole hides."""

import keras
from keras import layers

from kerasinpaint.layers import (
    AttentionConv2D,
    PositionalEncoding,
    SoftEdges,
)
from kerasinpaint.models.context import (
    Convolve,
    context_inputs,
    corrected,
    refuse_others,
    seen,
    with_scene,
)

RATES = 1, 2
# What can be left out.
PARTS = (
    "gates",
    "attention",
    "position",
    "guess",
    "edges",
    "lines",
    "objects",
    "scene",
)


def build_structure_builder(width=16, without=()):
    """Builds the first of two stages: structure, without texture.

    A fill, however smooth, is corrected by gated convolutions at a half, a
    quarter and an eighth of its scale, with dilation and attention at the
    coarsest. It is corrected twice: the second time the network sees its own
    first picture, and the edges of it.

    Args:
        width: int, filters at half the scale.
        without: container of parts to leave out: "gates", "attention",
            "position", "guess" (the first picture's edges), "edges",
            "lines", "objects", "scene".

    Returns:
        A `keras.Model` from what `context.context_inputs` names to pictures
        of shape `(batch, height, width, 3)`, height and width multiples of 8.

    Reference:

    - [Nazeri et al., 2019](https://arxiv.org/abs/1901.00212), edges first
    - [Bello et al., 2019](https://arxiv.org/abs/1904.09925), attention
    """
    refuse_others(without, PARTS)
    convolve = Convolve("gates" not in without)
    inputs = context_inputs()
    widths = [width, 2 * width, 4 * width]
    *scales, x = convolve.down(seen(inputs, without), "down", widths)
    x = with_scene(x, inputs, without)
    if "position" not in without:
        x = PositionalEncoding(name="position")(x)
    for rate in RATES:
        y = convolve(x, f"dilated_{rate}", 4 * width, rate=rate)
        x = layers.Add()([x, y])
    if "attention" not in without:
        attention = AttentionConv2D(
            4 * width, 1, values=2 * width, name="attention"
        )
        x = layers.Add()([x, attention(x)])
    x = convolve.up(x, "up", scales)
    picture = corrected(inputs["images"], x, "first")
    if "guess" not in without:
        edges = SoftEdges(name="guessed_edges")(picture)
        guess = layers.Concatenate()([picture, edges])
        guess = convolve(guess, "guess", width, strides=2)
        x = layers.Concatenate()([x, guess])
    x = convolve(x, "again_1", width)
    x = convolve(x, "again_2", width)
    picture = corrected(picture, x, "second")
    return keras.Model(inputs, picture, name="structure_builder")
