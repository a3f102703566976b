"""Two convolutional autoencoders: squeezed through a few numbers, or not."""

import keras
from keras import layers, ops

from kerasinpaint.layers import HoleNoise, PyramidFill
from kerasinpaint.models.inputs import holed_picture
from kerasinpaint.models.pconv_unet import logit

LEVELS = 4


def build_autoencoder(
    shape=(112, 96, 3),
    skip=False,
    dropout=0.2,
    sees_masks=False,
    width=32,
    residual=False,
    noise=0.0,
):
    """Builds an autoencoder, with or without skip connections.

    Each of four levels convolves, normalises, and halves the picture by
    max-pooling; each of four more doubles it by a transposed convolution.
    Without skips all of the picture must pass through the bottleneck. With
    them each level of the decoder also gets the encoder's features of its
    size, and one more convolution on either side.

    At 112 x 96 px these are the networks of 2,942,019 and 7,053,123
    parameters.

    Args:
        shape: triple `(height, width, channels)`. Height and width may be
            None; the pictures' must be multiples of 16.
        skip: bool, whether features go around the bottleneck.
        dropout: float, share of features that are dropped after each level
            of the encoder, in training.
        sees_masks: bool, whether the network is told where the hole is, or
            must guess it from the picture.
        width: int, channels of the first level; each further has twice as
            many.
        residual: bool, whether the network corrects a `PyramidFill`, which
            it sees in place of the picture, instead of painting from
            nothing.
        noise: float, deviation of the noise that it sees in the hole, to
            make texture of.

    Returns:
        A `keras.Model` from `{"images": images, "masks": masks}` to a
        float32 picture in [0, 1].

    Raises:
        ValueError: if height or width is no multiple of 16.

    Example:

    >>> build_autoencoder().count_params()
    2942019
    >>> build_autoencoder(skip=True).count_params()
    7053123
    """
    images, masks = holed_picture(shape, LEVELS)
    x = images
    if residual:
        x = fill = PyramidFill(name="fill")(images, masks)
    x = HoleNoise(noise, name="noise")(x, masks) if noise else x
    x = ops.concatenate([x, masks], -1) if sees_masks else x
    widths = [width * 2**level for level in range(LEVELS)]
    around = []
    for level, filters in enumerate(widths, 1):
        for number in range(1, 5 if skip else 4):
            name = f"encoder_{level}_{number}"
            x = layers.Conv2D(filters, 3, padding="same", name=name)(x)
            x = _normalised(x, name)
        around.append(x)
        x = layers.MaxPooling2D(name=f"encoder_{level}_pool")(x)
        x = layers.Dropout(dropout, name=f"encoder_{level}_dropout")(x)
    for level, filters in enumerate(widths[::-1], 1):
        name = f"decoder_{level}"
        if skip:
            x = layers.Conv2D(
                2 * filters, 3, padding="same", name=f"{name}_wide"
            )(x)
            x = _normalised(x, f"{name}_wide")
        x = layers.Conv2DTranspose(
            filters, 3, strides=2, padding="same", name=name
        )(x)
        if skip:
            x = layers.Concatenate(name=f"{name}_skip")([x, around.pop()])
        x = _normalised(x, name)
    # Sigmoid in float32: half precision has too few levels near white.
    x = layers.Conv2D(
        shape[-1],
        3,
        padding="same",
        dtype="float32",
        kernel_initializer="zeros" if residual else "glorot_uniform",
        name="output",
    )(x)
    x = x + logit(fill) if residual else x
    outputs = layers.Activation("sigmoid", dtype="float32", name="sigmoid")(x)
    return keras.Model({"images": images, "masks": masks}, outputs)


def _normalised(x, name):
    x = layers.BatchNormalization(name=f"{name}_bn")(x)
    return layers.LeakyReLU(0.2, name=f"{name}_relu")(x)
