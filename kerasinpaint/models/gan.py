"""Two discriminators: the first one of this project, and one that trains."""

import keras
from keras import layers

from kerasinpaint.layers import SpectralConv2D


def build_discriminator(shape=(112, 96, 3), width=16, dropout=0.2):
    """Builds the historical baseline: five convolutions without strides.

    Each is followed by batch normalisation, LeakyReLU and dropout. One dense
    unit then looks at all features of all pixels at once: 2,752,513 of the
    3,147,105 parameters are its own. With the autoencoder with skips they
    are 10,200,228.

    Args:
        shape: triple `(height, width, channels)`, of ints.
        width: int, filters of the first convolution; each further has twice
            as many.
        dropout: float, share of features that are dropped in training.

    Returns:
        A `keras.Model` from pictures in [0, 1] to scores of shape `(batch,
        1)`: logits, high for what looks real.

    Raises:
        ValueError: if height or width is None: the last layer has a weight
            for each pixel.

    Example:

    >>> build_discriminator().count_params()
    3147105
    """
    if None in shape:
        raise ValueError(
            "`shape` must be of ints, for this discriminator judges pictures "
            f"of one size. Received: {shape}."
        )
    x = images = keras.Input(shape, name="discriminator_images")
    for level in range(5):
        name = f"discriminator_{level + 1}"
        filters = width * 2**level
        x = layers.Conv2D(filters, 3, padding="same", name=name)(x)
        x = layers.BatchNormalization(name=f"{name}_bn")(x)
        x = layers.LeakyReLU(0.2, name=f"{name}_relu")(x)
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    x = layers.Flatten(name="discriminator_flat")(x)
    scores = layers.Dense(1, dtype="float32", name="discriminator_score")(x)
    return keras.Model(images, scores, name="discriminator")


def build_patch_gan(shape=(None, None, 3), width=64, spectral=True):
    """Builds a discriminator that judges patches, each by its own score.

    Three convolutions with strides and two without; a score sees 70 pixels.
    Spectral normalisation bounds how fast a score can change from picture to
    picture, so that the generator always has a slope to follow. With batch
    normalisation instead, as at first and in LaMa, it learns faster.

    Args:
        shape: triple `(height, width, channels)`. Height and width may be
            None.
        width: int, filters of the first convolution; the three that follow
            have twice as many each.
        spectral: bool, whether kernels are normalised, or batches.

    Returns:
        A `keras.Model` from pictures in [0, 1] to scores of shape `(batch,
        height / 8, width / 8, 1)`, rounded up: high for what looks real.

    Example:

    >>> build_patch_gan().count_params()
    2765698

    Reference:

    - [Isola et al., 2017](https://arxiv.org/abs/1611.07004), for the patches
    - [Miyato et al., 2018](https://arxiv.org/abs/1802.05957), for the norm
    """
    convolution = SpectralConv2D if spectral else layers.Conv2D
    x = images = keras.Input(shape, name="discriminator_images")
    for level in range(4):
        name = f"discriminator_{level + 1}"
        strides = 2 if level < 3 else 1
        x = convolution(
            width * 2**level, 4, strides=strides, padding="same", name=name
        )(x)
        if level > 0 and not spectral:
            x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
        x = layers.LeakyReLU(0.2, name=f"{name}_relu")(x)
    scores = convolution(
        1, 4, padding="same", dtype="float32", name="discriminator_score"
    )(x)
    return keras.Model(images, scores, name="discriminator")
