"""The two stages of MAT: a transformer, and a painter that is told a style."""

import math

from keras import ops

from kerasinpaint.layers import (
    EqualizedConv2D,
    EqualizedDense,
    ModulatedConv2D,
    WindowAttention,
)
from kerasinpaint.layers.equalized import smooth

# Of the first stage: channels, and what its five stages at 64 to 16 px do.
CHANNELS, HEADS = 180, 6
STAGES = (
    # depth, window, size at the beginning
    (2, 8, "same"),
    (3, 16, "half"),
    (4, 16, "half"),
    (3, 16, "double"),
    (2, 8, "double"),
)
LRELU = "leaky_relu"


def first_stage(known, masks, w, size):
    """Fills the holes window by window, and paints a first picture.

    Args:
        known: tensor of shape `(batch, size, size, 3)` in [-1, 1], 0 in
            holes.
        masks: tensor of shape `(batch, size, size, 1)`.
        w: tensor of shape `(batch, 512)`, the mapped latent vectors.
        size: int, height and width of the pictures.

    Returns:
        Tensor of the shape of `known`.
    """
    prefix = "synthesis.first_stage"
    x = ops.concatenate([masks - 0.5, known], -1)
    x, masks = _partial(x, masks, f"{prefix}.conv_first.conv")
    around = [x]
    halvings = int(math.log2(size // 64))
    for level in range(halvings):
        x, masks = _partial(x, masks, f"{prefix}.enc_conv.{level}.conv", "half")
        around.append(x)
    # The last of them goes into the transformer, and not around it.
    around.pop()
    tokens = []
    for number, (depth, window, resize) in enumerate(STAGES):
        name = f"{prefix}.tran.{number}"
        # Deep inside, all has been filled from somewhere.
        masks = masks if number < 2 else None
        x, masks = _stage(x, masks, name, depth, window, resize)
        if number < 2:
            tokens.append(x)
        elif number > 2:
            x = x + tokens.pop()
        else:
            x, styles = _styles(x, w, prefix)
    image = None
    for number in range(halvings):
        name = f"{prefix}.dec_conv.{number}"
        x = _modulated(x, styles, f"{name}.conv0", resize="double")
        x = x + around.pop()
        x = _modulated(x, styles, f"{name}.conv1")
        image = _to_rgb(x, styles, f"{name}.toRGB", image)
    return image


def _stage(x, masks, name, depth, window, resize):
    """One stage of the transformer."""
    if resize != "same":
        x, masks = _partial(x, masks, f"{name}.downsample.conv.conv", resize)
    before = x
    window = min(window, x.shape[1])
    for number in range(depth):
        block = f"{name}.blocks.{number}"
        shift = window // 2 if number % 2 and window < x.shape[1] else 0
        attention = WindowAttention(HEADS, window, shift, name=f"{block}.attn")
        if masks is None:
            seen = attention(x)
        else:
            seen, masks = attention(x, masks)
        x = ops.concatenate([x, seen], -1)
        for part, units, activation in (
            ("fuse", CHANNELS, LRELU),
            ("mlp.fc1", 2 * CHANNELS, LRELU),
            ("mlp.fc2", CHANNELS, "linear"),
        ):
            x = EqualizedDense(units, activation, name=f"{block}.{part}")(x)
    x, masks = _partial(x, masks, f"{name}.conv.conv")
    return x + before, masks


def _styles(x, w, prefix):
    """The deepest features, mixed with noise, and the style they ask for."""
    size = x.shape[1]
    w = EqualizedDense(CHANNELS, LRELU, name=f"{prefix}.ws_style")(w)
    x = _mixed(x, w, f"{prefix}.to_square")
    deep = x
    for number in range(int(math.log2(size))):
        deep = EqualizedConv2D(
            CHANNELS,
            3,
            "half",
            LRELU,
            name=f"{prefix}.down_conv.{number}",
        )(deep)
    asked = ops.mean(deep, (1, 2))
    asked = EqualizedDense(2 * CHANNELS, LRELU, name=f"{prefix}.to_style")(
        asked
    )
    return x, ops.concatenate([asked, w], -1)


def second_stage(first, known, masks, w, size):
    """Paints the picture again, in a style asked for by the first one.

    Args:
        first: tensor of shape `(batch, size, size, 3)`, what the first
            stage filled.
        known, masks, w, size: as in `first_stage`.

    Returns:
        Tensor of the shape of `known`.
    """
    prefix = "synthesis"
    x = ops.concatenate([masks - 0.5, first, known], -1)
    around = {}
    for level in range(int(math.log2(size)), 3, -1):
        side = 2**level
        name = f"{prefix}.enc.EncConv_Block_{side}x{side}"
        kernel, resize = (1, "same") if side == size else (3, "half")
        x = EqualizedConv2D(
            _width(side), kernel, resize, LRELU, name=f"{name}.conv0"
        )(x)
        x = EqualizedConv2D(
            _width(side), 3, activation=LRELU, name=f"{name}.conv1"
        )(x)
        around[side] = x
    x = _mixed(x, w, f"{prefix}.to_square")
    around[16] = x
    asked = x
    for number in range(3):
        asked = EqualizedConv2D(
            _width(4), 3, "half", LRELU, name=f"{prefix}.to_style.conv.{number}"
        )(asked)
    asked = ops.mean(asked, (1, 2))
    asked = EqualizedDense(1024, LRELU, name=f"{prefix}.to_style.fc")(asked)
    styles = ops.concatenate([w, asked], -1)
    image = None
    for level in range(4, int(math.log2(size)) + 1):
        side = 2**level
        name = f"{prefix}.dec.Dec_{side}x{side}"
        if level == 4:
            x = EqualizedConv2D(
                _width(side), 3, activation=LRELU, name=f"{name}.conv0"
            )(x)
        else:
            x = _modulated(
                x, styles, f"{name}.conv0", _width(side), "double", noise=True
            )
        x = x + around[side]
        x = _modulated(x, styles, f"{name}.conv1", _width(side), noise=True)
        image = _to_rgb(x, styles, f"{name}.toRGB", image)
    return image


def _width(side):
    """Channels of the second stage at a height and width."""
    return min(2**15 // side, 512)


def _partial(x, masks, name, resize="same"):
    """A convolution, and what is known after it; more weight to few known."""
    x = EqualizedConv2D(CHANNELS, 3, resize, LRELU, name=name)(x)
    if masks is None:
        return x, None
    strides = 2 if resize == "half" else 1
    edges = (0, 0), (1, 1), (1, 1), (0, 0)
    around = ops.pad(masks, edges)
    share = ops.average_pool(around, 3, strides, "valid")
    known = ops.max_pool(around, 3, strides, "valid")
    return x * (known / ops.maximum(share, 1e-8)), known


def _mixed(x, w, name):
    """Half of the features, half of a picture made of the latent vector.

    Published code draws for each feature which of the two it is, even when
    it fills; this is the mean, and the fill the same each time.
    """
    size = x.shape[1]
    square = EqualizedDense(size * size, LRELU, name=name)(w)
    square = ops.reshape(square, (-1, size, size, 1))
    return (x + square) / 2


def _modulated(x, styles, name, filters=CHANNELS, resize="same", noise=False):
    return ModulatedConv2D(
        filters,
        3,
        resize,
        demodulate=True,
        noise=noise,
        name=name,
    )(x, styles)


def _to_rgb(x, styles, name, image):
    """Colours of features, added to those of the coarser level."""
    colours = ModulatedConv2D(
        3, 1, demodulate=False, activation="linear", name=name
    )(x, styles)
    if image is None:
        return colours
    larger = ops.repeat(ops.repeat(image, 2, axis=1), 2, axis=2)
    return colours + smooth(larger, margin=1, times=2)
