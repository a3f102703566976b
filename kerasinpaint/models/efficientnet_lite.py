"""EfficientNet-Lite0: what photographs show, learned from ImageNet."""

import re
from pathlib import Path

import keras
import numpy as np
from keras import layers

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
# Filters, expansion, kernel size and strides of each block.
BLOCKS = (
    (16, 1, 3, 1),
    (24, 6, 3, 2),
    (24, 6, 3, 1),
    (40, 6, 5, 2),
    (40, 6, 5, 1),
    (80, 6, 3, 2),
    *((80, 6, 3, 1),) * 2,
    *((112, 6, 5, 1),) * 3,
    (192, 6, 5, 2),
    *((192, 6, 5, 1),) * 3,
    (320, 6, 3, 1),
)


def efficientnet_trunk(blocks=16):
    """EfficientNet-Lite0, batch normalisation folded into convolutions.

    Args:
        blocks: int, how many of its blocks, from the first.

    Returns:
        Symbolic tensors: the pictures, in [0, 1], what the last block
        returns, and a list of what goes into the convolutions with
        strides: at strides of 2, 4, 8, 16.

    Reference:

    - [Tan and Le, 2019](https://arxiv.org/abs/1905.11946)
    """
    images = keras.Input((None, None, 3), dtype="float32")
    x = layers.Rescaling(255 / 128, -127 / 128, dtype="float32")(images)
    x = _convolve(x, "stem", 32, 3, 2)
    maps = []
    for number, (filters, expansion, size, strides) in enumerate(
        BLOCKS[:blocks]
    ):
        name, skip = f"block{number}", x
        if expansion > 1:
            x = _convolve(x, f"{name}_expand", expansion * x.shape[-1], 1)
        if strides > 1:
            maps.append(x)
        x = layers.DepthwiseConv2D(
            size,
            strides,
            padding="same",
            activation="relu6",
            dtype="float32",
            name=f"{name}_depthwise",
        )(x)
        x = _convolve(x, f"{name}_project", filters, 1, activation=None)
        if x.shape[-1] == skip.shape[-1]:
            x = layers.Add(dtype="float32")([x, skip])
    return images, x, maps


def efficientnet_features(levels=3):
    """EfficientNet-Lite0, trained on ImageNet, up to its stride of 8 or 16.

    It comes with the package, and takes about a seventieth of the
    multiplications of VGG16 up to the same stride. Its maps are what goes
    into the convolutions with strides, where the network is widest. A value
    of the third map sees 67 px of the picture, one of the fourth 339.

    Args:
        levels: int, how many maps, 1 to 4.

    Returns:
        A `keras.Model` from pictures of shape `(batch, height, width, 3)`
        in [0, 1] to a list of feature maps, with 96, 144, 240 and 672
        channels. It is frozen, and float32 under every policy.

    Example:

    >>> network = efficientnet_features()
    >>> [tuple(maps.shape) for maps in network(np.zeros((1, 32, 32, 3)))]
    [(1, 16, 16, 96), (1, 8, 8, 144), (1, 4, 4, 240)]

    Reference:

    - [Tan and Le, 2019](https://arxiv.org/abs/1905.11946)
    """
    images, _, maps = efficientnet_trunk(blocks=12)
    network = keras.Model(images, maps[:levels], name="efficientnet_features")
    load_imagenet(network)
    network.trainable = False
    return network


def _convolve(x, name, filters, size, strides=1, activation="relu6"):
    return layers.Conv2D(
        filters,
        size,
        strides,
        padding="same",
        activation=activation,
        dtype="float32",
        name=name,
    )(x)


def load_imagenet(network):
    """Loads what ImageNet has taught into the layers of the trunk.

    Args:
        network: `keras.Model` that begins with what `efficientnet_trunk`
            returned. Its other layers are left as they are.

    Raises:
        ValueError: if a layer of the trunk has no weights there.
    """
    with np.load(WEIGHTS / "efficientnet_lite0.npz") as arrays:
        for variable in network.weights:
            name = "/".join(variable.path.split("/")[-2:])  # without a scope
            if name in arrays:
                variable.assign(arrays[name].astype(np.float32))
            elif re.match(r"stem|block\d", name):
                raise ValueError(
                    "`network` must have the trunk's names of layers. "
                    f"Received: {variable.path}."
                )
