"""Feature networks: pictures in [0, 1] to maps at strides of 2, 4, 8, 16.

The perceptual and the style loss compare pictures by such maps. Any other
`keras.Model` from pictures in [0, 1] to a list of feature maps will do, if
the scaling that it was trained with is inside, as it is here.
"""

import keras
from keras import layers, ops

# Of the values of photographs in [0, 255].
DEVIATION = 57.6


def vgg16_features():
    """VGG16, trained on ImageNet, up to its third pooling: the paper's.

    Keras downloads it once (58 MB). Its maps are divided by the deviation
    of its input, for it was trained on pictures in [0, 255] and the weights
    of the paper are for features of size 1.

    Returns:
        A `keras.Model` from pictures of shape `(batch, height, width, 3)`
        in [0, 1] to a list of three feature maps, with 64, 128 and 256
        channels. It is frozen, and float32 under every policy.

    Raises:
        OSError: if it cannot be downloaded.

    Reference:

    - [Simonyan and Zisserman, 2015](https://arxiv.org/abs/1409.1556)
    """
    try:
        vgg16 = keras.applications.VGG16(include_top=False)
    except Exception as error:
        raise OSError(
            "VGG16 could not be downloaded. Connect to the internet once, or "
            "use `efficientnet_features()`, which needs no download. "
            f"Received: {error}"
        ) from error
    return scaled_vgg16(vgg16)


def scaled_vgg16(vgg16):
    """The trunk of a VGG16 in float32, with its scaling inside.

    Args:
        vgg16: `keras.applications.VGG16` without its top.

    Returns:
        What `vgg16_features` returns.
    """
    images = keras.Input((None, None, 3), dtype="float32")
    means = [-123.68, -116.779, -103.939]
    x = layers.Rescaling(255.0, means, dtype="float32")(images)
    x = ops.flip(x, axis=-1)  # it was trained on BGR
    maps = []
    for layer in vgg16.layers[1:11]:
        copy = layer.from_config({**layer.get_config(), "dtype": "float32"})
        x = copy(x)
        copy.set_weights(layer.get_weights())
        if isinstance(copy, layers.MaxPooling2D):
            scale = layers.Rescaling(1 / DEVIATION, dtype="float32")
            maps.append(scale(x))
    network = keras.Model(images, maps, name="vgg16_features")
    network.trainable = False
    return network
