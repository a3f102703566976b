"""LaMa: Fourier convolutions that see beyond a large hole."""

import keras
from keras import layers, ops

from kerasinpaint.layers import FastFourierConv2D
from kerasinpaint.models import published

LEVELS = 3
MOST_BLOCKS = 36  # twice as many as were ever published
SIGN = "model.1.ffc.convl2l.weight"  # what only a LaMa has


def build_lama(
    shape=(None, None, 3), blocks=18, width=64, ratio=0.75, matrix=False
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

    Returns:
        A `keras.Model` from `{"images": images, "masks": masks}` to a
        float32 picture in [0, 1].

    Raises:
        ValueError: if height or width is no multiple of 8.

    Example:

    >>> build_lama(blocks=1, width=4).output.shape
    (None, None, None, 3)

    Reference:

    - [Suvorov et al., 2022](https://arxiv.org/abs/2109.07161)
    """
    if any(side and side % 2**LEVELS for side in shape[:2]):
        raise ValueError(
            f"`shape` must be of multiples of {2**LEVELS} in height and "
            f"width. Received: {shape}."
        )
    images = keras.Input(shape, name="images")
    masks = keras.Input((*shape[:2], 1), name="masks")
    x = ops.concatenate([images * masks, 1 - masks], -1)
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
        3, 7, dtype="float32", name=f"model.{first + 3 * LEVELS + 1}"
    )(x)
    outputs = layers.Activation("sigmoid", dtype="float32", name="sigmoid")(x)
    name = f"lama_{blocks}x{width}"
    return keras.Model({"images": images, "masks": masks}, outputs, name=name)


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
    """`from_checkpoint`, of arrays by name that have been read already."""
    arrays = published.part(arrays, SIGN)
    end = ".conv1.ffc.convl2l.weight"
    blocks = sum(name.endswith(end) for name in arrays)
    if not 1 <= blocks <= MOST_BLOCKS:
        raise ValueError(
            f"A LaMa must have 1 to {MOST_BLOCKS} blocks. Received: {blocks}."
        )
    network = build_lama(blocks=blocks, width=len(arrays[SIGN]))
    published.load(
        network, arrays, published.torch_name, ("num_batches_tracked",)
    )
    return network


def _activated(x, name):
    # Momentum and epsilon are those of PyTorch.
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)
    return layers.ReLU()(x)


def _activated_pair(pair, name):
    return [
        _activated(x, f"{name}.bn_{branch}")
        for x, branch in zip(pair, "lg", strict=True)
    ]
