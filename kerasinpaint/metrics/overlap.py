"""Dice, Jaccard and cosine: how far the values of two pictures overlap.

Made for masks, and used on pictures by many. There they are not highest at
the truth: on CIFAR-10 a perfect reconstruction has a lower Dice than plain
white. Report them only beside PSNR, SSIM and LPIPS.
"""

import keras
from keras import ops

from kerasinpaint.metrics.picture_metric import (
    PictureMetric,
    float32_pictures,
)


def dice(y_true, y_pred):
    """Soft Dice coefficient of each picture.

        dice = 2 sum(y_true * y_pred) / (sum(y_true) + sum(y_pred))

    over all pixels and channels.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)` in [0, 1].
        y_pred: tensor of the same shape.

    Returns:
        Tensor of shape `(batch,)`, between 0 and 1. Perfect masks give 1, a
        perfect grey picture does not.

    Example:

    >>> grey, white = np.full((1, 8, 8, 3), 0.5), np.ones((1, 8, 8, 3))
    >>> print(f"{float(dice(grey, grey)[0]):.2f}")
    0.50
    >>> print(f"{float(dice(grey, white)[0]):.2f}")
    0.67
    """
    y_true, y_pred = float32_pictures(y_true, y_pred)
    return 1.0 - keras.losses.dice(y_true, y_pred, axis=(1, 2, 3))


def jaccard(y_true, y_pred):
    """Soft Jaccard index of each picture, also called IoU.

        both = sum(y_true * y_pred)
        jaccard = both / (sum(y_true) + sum(y_pred) - both)

    over all pixels and channels, which is `dice / (2 - dice)`. Keras has it
    of classes only (`keras.metrics.IoU`).

    Args:
        y_true: tensor of shape `(batch, height, width, channels)` in [0, 1].
        y_pred: tensor of the same shape.

    Returns:
        Tensor of shape `(batch,)`, between 0 and 1. Perfect masks give 1, a
        perfect grey picture does not.
    """
    overlap = dice(y_true, y_pred)
    return overlap / (2.0 - overlap)


def cosine_similarity(y_true, y_pred):
    """Cosine of the angle between each picture and its truth.

    Both are taken as one long vector of all pixels and channels, where
    `keras.metrics.CosineSimilarity` takes each pixel's colour as one. A
    picture and the same picture at half the brightness give 1.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape.

    Returns:
        Tensor of shape `(batch,)`, between -1 and 1. A black picture
        gives 0.
    """
    y_true, y_pred = float32_pictures(y_true, y_pred)
    batch = ops.shape(y_true)[0]
    return -keras.losses.cosine_similarity(
        ops.reshape(y_true, (batch, -1)), ops.reshape(y_pred, (batch, -1))
    )


@keras.saving.register_keras_serializable(package="kerasinpaint")
class Dice(PictureMetric):
    """Mean over pictures of `dice`. Higher is not always better."""

    function = staticmethod(dice)
    _direction = "up"


@keras.saving.register_keras_serializable(package="kerasinpaint")
class Jaccard(PictureMetric):
    """Mean over pictures of `jaccard`. Higher is not always better."""

    function = staticmethod(jaccard)
    _direction = "up"


@keras.saving.register_keras_serializable(package="kerasinpaint")
class CosineSimilarity(PictureMetric):
    """Mean over pictures of `cosine_similarity`. Higher is better."""

    function = staticmethod(cosine_similarity)
    _direction = "up"
