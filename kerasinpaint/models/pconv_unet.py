"""The U-Net of partial convolutions, in three sizes."""

import keras
from keras import layers, ops

from kerasinpaint.layers import PConv2D, PyramidFill
from kerasinpaint.models.inputs import holed_picture

PAPER = {
    "encoder": (64, 128, 256, 512, 512, 512, 512, 512),
    "kernels": (7, 5, 5, 3, 3, 3, 3, 3),
}
SMALL = {
    "encoder": (32, 64, 128, 256, 256, 256),
    "kernels": (7, 5, 3, 3, 3, 3),
    "last": 24,
    "residual": True,
}
CIFAR = {
    "encoder": (32, 64, 128, 256, 512),
    "kernels": (3, 3, 3, 3, 3),
    "batch_normalization": False,
}


def build_pconv_unet(
    shape=(None, None, 3),
    encoder=PAPER["encoder"],
    kernels=PAPER["kernels"],
    last=3,
    batch_normalization=True,
    residual=False,
):
    """Builds the network of Liu et al. 2018: a U-Net that knows its holes.

    Each level of the encoder halves the picture by a strided partial
    convolution, so that holes close on the way down. Each level of the
    decoder doubles features and mask, joins both with those of the encoder
    at that size, and convolves. The last sees picture and mask themselves.

    By default it is the paper's network for 512 px, of 32,876,128
    parameters. `SMALL` and `CIFAR` hold the arguments of two others:
    `build_pconv_unet(**SMALL)` fills a photograph of 256 px on a CPU in a
    fraction of a second, `CIFAR` is for pictures of 32 px.

    Args:
        shape: triple `(height, width, channels)`. Height and width may be
            None; the pictures' must be multiples of 2 to the number of
            levels.
        encoder: tuple of ints, channels of each level, the finest first.
        kernels: tuple of ints, side of each level's kernel.
        last: int, channels of the decoder's last level.
        batch_normalization: bool, whether all levels but the first of the
            encoder and the last of the decoder are normalised.
        residual: bool, whether the network corrects a `PyramidFill`, which
            it sees beside the picture, instead of painting from nothing.
            So a small network learns in hours, but for the encoder no
            hole is left to close.

    Returns:
        A `keras.Model` from `{"images": images, "masks": masks}` to a
        float32 picture in [0, 1]. It paints known pixels too: a composite
        keeps them.

    Raises:
        ValueError: if there is not a kernel for each level.

    Example:

    >>> build_pconv_unet().count_params()
    32876128

    Reference:

    - [Liu et al., 2018](https://arxiv.org/abs/1804.07723)
    """
    if len(kernels) != len(encoder):
        raise ValueError(
            "`kernels` must have a kernel size for each level of `encoder`. "
            f"Received: encoder={encoder}, kernels={kernels}."
        )
    images, masks = holed_picture(shape)
    x, m = [images], [masks]
    if residual:
        fill = PyramidFill(dtype="float32", name="fill")(images, masks)
        x, m = [*x, fill, masks], [*m, *[ops.ones_like(masks)] * 2]
    skips = []
    for level, (width, kernel) in enumerate(zip(encoder, kernels, strict=True)):
        skips.append((x, m))
        name = f"encoder_{level + 1}"
        x, m = PConv2D(width, kernel, strides=2, padding="same", name=name)(
            x, m
        )
        if batch_normalization and level > 0:
            x = layers.BatchNormalization(name=f"{name}_bn")(x)
        x, m = [layers.ReLU(name=f"{name}_relu")(x)], [m]
    for level, width in enumerate((*encoder[-2::-1], last)):
        skip, skip_masks = skips.pop()
        name = f"decoder_{level + 1}"
        x = layers.UpSampling2D(name=f"{name}_up")(x[0])
        m = layers.UpSampling2D(name=f"{name}_masks_up")(m[0])
        x, m = PConv2D(width, 3, padding="same", name=name)(
            [x, *skip], [m, *skip_masks]
        )
        if batch_normalization and skips:
            x = layers.BatchNormalization(name=f"{name}_bn")(x)
        x, m = [layers.LeakyReLU(0.2, name=f"{name}_relu")(x)], [m]
    # Sigmoid in float32: half precision has too few levels near white.
    x = layers.Conv2D(
        shape[-1],
        1,
        dtype="float32",
        name="output",
        kernel_initializer="zeros" if residual else "glorot_uniform",
    )(x[0])
    if residual:
        x = x + logit(fill)
    outputs = layers.Activation("sigmoid", dtype="float32", name="sigmoid")(x)
    return keras.Model({"images": images, "masks": masks}, outputs)


def logit(picture):
    """What the sigmoid makes a picture in [0, 1] of."""
    picture = ops.clip(picture, 0.004, 0.996)
    return ops.log(picture / (1.0 - picture))


def freeze_batch_normalization(network, prefix="encoder"):
    """Freezes batch normalisation for the paper's second phase.

    Holes disturb the statistics of a batch. So when the network has learnt
    to fill them roughly, the encoder's are no longer updated. Compile the
    model again afterwards, with a lower learning rate.

    Args:
        network: `keras.Model` with layers named like those of
            `build_pconv_unet`.
        prefix: string, how the names of the layers to freeze begin; what
            is inside such a layer is frozen, too.

    Raises:
        ValueError: if there is no such layer.

    Reference:

    - [Liu et al., 2018](https://arxiv.org/abs/1804.07723), section 4
    """
    frozen = [
        inside
        for layer in network.layers
        if layer.name.startswith(prefix)
        for inside in _normalizations(layer)
    ]
    if not frozen:
        raise ValueError(
            "`network` must have batch normalisation named "
            f"{prefix!r} and more. Received: layers "
            f"{[layer.name for layer in network.layers]}."
        )
    for layer in frozen:
        layer.trainable = False


def _normalizations(layer):
    """The layer itself, or those inside it, that normalise batches."""
    if isinstance(layer, layers.BatchNormalization):
        return [layer]
    inside = [x for x in vars(layer).values() if isinstance(x, layers.Layer)]
    return [found for one in inside for found in _normalizations(one)]
