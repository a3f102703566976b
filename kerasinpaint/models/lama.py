"""LaMa: Fourier convolutions that see beyond a large hole."""

import keras
from keras import layers, ops

from kerasinpaint.layers import FastFourierConv2D, HoleNoise, PyramidFill
from kerasinpaint.layers.fourier import normalization
from kerasinpaint.models import downloads, published
from kerasinpaint.models.inputs import holed_picture
from kerasinpaint.models.pconv_unet import logit

LEVELS = 3
# The published ones have at most 18 blocks and a width of 64.
MOST_BLOCKS, MOST_WIDTH = 36, 64
SIGN = "model.1.ffc.convl2l.weight"  # what only a LaMa has


def build_lama(
    shape=(None, None, 3),
    blocks=18,
    width=64,
    ratio=0.75,
    matrix=False,
    residual=False,
    noise=0.0,
    weights=None,
):
    """Builds the generator of LaMa.

    A convolution of 7 x 7 px, three that halve the picture, residual blocks
    of two fast Fourier convolutions each, and three transposed convolutions.
    Beyond the edge the picture is reflected. Layers are named as in the
    published checkpoints: `model.5.conv1`, and so on.

    With 18 blocks it is "big-lama", with 9 LaMa-Fourier.

    Args:
        shape: triple `(height, width, 3)`. Height and width may be None; the
            pictures' must be multiples of 8, and at least 16.
        blocks: int, how many residual blocks.
        width: int, channels at full size; each level further has twice as
            many.
        ratio: float, share of the channels of a block that are global.
        matrix: bool, whether the Fourier transform is made of matrix
            products, as exported formats need it.
        residual: bool, whether the network sees a `PyramidFill` in place
            of the picture, and adds what is finer than 8 px to its means,
            instead of painting from nothing: no published one does, but
            the colours need not be learnt.
        noise: float, deviation of the noise that it sees in the hole, to
            make texture of.
        weights: `None` for random ones, or `"places"` for those that were
            published for 18 blocks of width 64, trained on Places365. They
            are downloaded once, 206 MB.

    Returns:
        A `keras.Model` from `{"images": images, "masks": masks}` to a
        float32 picture in [0, 1].

    Raises:
        ValueError: if height or width is no multiple of 8, or the weights
            are of another network.
        OSError: if the weights cannot be downloaded; it tells where to put
            the file.

    Example:

    >>> build_lama(blocks=1, width=4).output.shape
    (None, None, None, 3)

    Reference:

    - [Suvorov et al., 2022](https://arxiv.org/abs/2109.07161)
    """
    images, masks = holed_picture(shape, LEVELS)
    x = images * masks
    if residual:
        x = PyramidFill(name="fill")(images, masks)
        # Not the fill itself: sharp where it is known, it would leave the
        # decoder nothing to learn sharpness from.
        side = 2**LEVELS
        means = _enlarged(ops.average_pool(x, side, side), side)
    x = HoleNoise(noise, name="noise")(x, masks) if noise else x
    x = ops.concatenate([x, 1 - masks], -1)
    x = FastFourierConv2D(width, 0, 7, name="model.1.ffc")(x)
    x = _activated(x, "model.1.bn_l")
    deep = width * 2**LEVELS
    split = deep - int(deep * ratio), int(deep * ratio)
    for level in range(1, LEVELS):
        name = f"model.{level + 1}"
        filters = width * 2**level
        x = FastFourierConv2D(filters, strides=2, name=f"{name}.ffc")(x)
        x = _activated(x, f"{name}.bn_l")
    name = f"model.{LEVELS + 1}"
    pair = FastFourierConv2D(*split, strides=2, name=f"{name}.ffc")(x)
    pair = _activated_pair(pair, name)
    for block in range(blocks):
        before = pair
        for number in (1, 2):
            name = f"model.{LEVELS + 2 + block}.conv{number}"
            pair = FastFourierConv2D(*split, matrix=matrix, name=f"{name}.ffc")(
                *pair
            )
            pair = _activated_pair(pair, name)
        pair = [x + y for x, y in zip(before, pair, strict=True)]
    x = ops.concatenate(pair, -1)
    # The published model counts concatenation and activations, too.
    first = LEVELS + 2 + blocks + 1
    for level in range(LEVELS):
        filters = deep // 2 ** (level + 1)
        x = layers.Conv2DTranspose(
            filters, 3, strides=2, name=f"model.{first + 3 * level}"
        )(x)
        # PyTorch's padding of 1, and of the output by 1.
        x = layers.Cropping2D(((1, 0), (1, 0)))(x)
        x = _activated(x, f"model.{first + 3 * level + 1}")
    x = ops.pad(x, ((0, 0), (3, 3), (3, 3), (0, 0)), "reflect")
    # Sigmoid in float32: half precision has too few levels near white.
    x = layers.Conv2D(
        3,
        7,
        dtype="float32",
        kernel_initializer="zeros" if residual else "glorot_uniform",
        name=f"model.{first + 3 * LEVELS + 1}",
    )(x)
    x = x + logit(means) if residual else x
    outputs = layers.Activation("sigmoid", dtype="float32", name="sigmoid")(x)
    name = f"lama_{blocks}x{width}"
    inputs = {"images": images, "masks": masks}
    network = keras.Model(inputs, outputs, name=name)
    if weights is not None:
        arrays = published.read(downloads.path_of(weights))
        _load(network, published.part(arrays, SIGN))
    return network


def from_checkpoint(path):
    """Builds a published LaMa and reads its weights.

    Nothing in the file is executed.

    Args:
        path: path of a checkpoint of PyTorch Lightning (`best.ckpt` of
            "big-lama" or LaMa-Fourier), of TorchScript (`big-lama.pt`), or
            of a `state_dict`.

    Returns:
        A `keras.Model`, as `build_lama` returns.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no checkpoint, does more than to hold arrays,
            or the arrays are not those of a LaMa.

    Example:

    ```python
    network = lama.from_checkpoint("big-lama/models/best.ckpt")
    ```
    """
    return from_arrays(published.read(path))


def from_arrays(arrays):
    """`from_checkpoint`, of arrays by name that have been read already.

    Raises:
        ValueError: if they are not those of a LaMa.
    """
    arrays = published.part(arrays, SIGN)
    shape = arrays[SIGN].shape
    if len(shape) != 4 or not 1 <= shape[0] <= MOST_WIDTH:
        raise ValueError(
            f"`{SIGN}` must be of shape (width, ...), of four dimensions and "
            f"a width of at most {MOST_WIDTH}. Received: {shape}."
        )
    end = ".conv1.ffc.convl2l.weight"
    blocks = sum(name.endswith(end) for name in arrays)
    if not 1 <= blocks <= MOST_BLOCKS:
        raise ValueError(
            f"A LaMa must have 1 to {MOST_BLOCKS} blocks. Received: {blocks}."
        )
    network = build_lama(blocks=blocks, width=shape[0])
    _load(network, arrays)
    return network


def _load(network, arrays):
    published.load(
        network, arrays, published.torch_name, ("num_batches_tracked",)
    )


def _enlarged(x, times):
    """Bilinear, of an even factor: `UpSampling2D` cannot be exported."""
    margin = (1, 1), (1, 1)
    x = ops.pad(x, ((0, 0), *margin, (0, 0)), "symmetric")
    x = ops.repeat(ops.repeat(x, times, axis=1), times, axis=2)
    half = slice(times // 2, -(times // 2))
    return ops.average_pool(ops.average_pool(x[:, half, half], times, 1), 2, 1)


def _activated(x, name, relu=None):
    return layers.ReLU(name=relu)(normalization(name)(x))


def _activated_pair(pair, name):
    return [
        _activated(x, f"{name}.bn_{branch}", f"{name}.relu_{branch}")
        for x, branch in zip(pair, "lg", strict=True)
    ]
