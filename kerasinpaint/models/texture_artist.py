"""The texture artist: the look of an exemplar, on a structure."""

import keras
from keras import layers

from kerasinpaint.layers import (
    AdaIN,
    DeformableCrossAttention,
    HoleNoise,
    Involution2D,
    SoftEdges,
    SpatialModulation,
)
from kerasinpaint.models.context import Convolve, corrected, refuse_others

# What can be left out.
PARTS = (
    "gates",
    "edges",
    "exemplar",
    "adain",
    "modulation",
    "involution",
    "noise",
)


def build_texture_artist(width=16, without=()):
    """Builds the second of two stages: texture, after an exemplar.

    Both the structure and the exemplar become features at a quarter of their
    scale. Each feature of the structure looks at a few places of the
    exemplar; the look of the exemplar as a whole comes by its means and
    deviations (AdaIN), and the structure modulates all of it in place. What
    is returned is the structure and details.

    Args:
        width: int, filters at half the scale.
        without: container of parts to leave out: "gates", "edges",
            "exemplar" (its places are not looked at), "adain",
            "modulation", "involution", "noise".

    Returns:
        A `keras.Model` from a dict of `images`, `(batch, height, width, 3)`,
        filled by a structure builder; `masks`, `(batch, height, width, 1)`, 1 =
        known; and `exemplars`, `(batch, any_height, any_width, 4)`, a
        picture and its own mask, 0 in its holes; to pictures. All heights
        and widths are multiples of 4.

    Reference:

    - [Zhu et al., 2021](https://arxiv.org/abs/2010.04159), attention
    - [Huang and Belongie, 2017](https://arxiv.org/abs/1703.06868), AdaIN
    - [Park et al., 2019](https://arxiv.org/abs/1903.07291), modulation
    """
    refuse_others(without, PARTS)
    convolve = Convolve("gates" not in without)
    inputs = {
        name: keras.Input((None, None, channels), name=name)
        for name, channels in (("images", 3), ("masks", 1), ("exemplars", 4))
    }
    structure, masks = inputs["images"], inputs["masks"]
    seen = [structure, masks]
    if "edges" not in without:
        seen.append(SoftEdges(name="edges")(structure))
    seen = layers.Concatenate()(seen)
    deep = 3 * width
    *scales, x = convolve.down(seen, "down", [width, deep])
    structured = x
    if {"exemplar", "adain"} - set(without):
        *_, look = convolve.down(inputs["exemplars"], "look", [width, deep])
    if "exemplar" not in without:
        places = DeformableCrossAttention(deep, name="places")(x, look)
        x = layers.Concatenate()([x, places])
    x = convolve(x, "joined", deep)
    if "noise" not in without:
        x = HoleNoise(0.1, name="noise")(x, _shrunk(masks))
    if "adain" not in without:
        dressed = AdaIN(name="adain")(x, look)
        x = layers.Add()([x, convolve(dressed, "dressed", deep, 1)])
    for block in range(2):
        y = convolve(x, f"block_{block}_1", deep)
        if "involution" not in without:
            y = Involution2D(5, groups=4, name=f"block_{block}_kernels")(y)
        y = convolve(y, f"block_{block}_2", deep)
        x = layers.Add()([x, y])
    if "modulation" not in without:
        x = SpatialModulation(name="modulation")(x, structured)
    x = convolve.up(x, "up", scales)
    picture = corrected(structure, x, "detailed")
    return keras.Model(inputs, picture, name="texture_artist")


def _shrunk(masks):
    """Masks at a quarter of their scale: known where all is."""
    return -layers.MaxPooling2D(4, padding="same")(-1.0 * masks)
