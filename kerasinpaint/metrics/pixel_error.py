"""PSNR and L1: how far pixels are from what they should be."""

import keras
from keras import ops

from kerasinpaint.metrics.picture_metric import (
    PictureMetric,
    float32_pictures,
    mean_over_holes,
)


def psnr(y_true, y_pred, max_val=1.0):
    """Peak signal-to-noise ratio of each picture, in decibels.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape.
        max_val: float, the distance between black and white.

    Returns:
        Tensor of shape `(batch,)`. Identical pictures give 100, so that one
        of them cannot make a mean infinite.

    Example:

    >>> y_true = np.full((1, 8, 8, 3), 0.5)
    >>> print(f"{float(psnr(y_true, y_true + 0.1)[0]):.2f} dB")
    20.00 dB
    """
    y_true, y_pred = float32_pictures(y_true, y_pred)
    error = ops.mean(ops.square(y_true - y_pred), axis=(1, 2, 3))
    return _decibels(error / max_val**2)


def hole_psnr(y_true, y_pred, masks):
    """PSNR of each picture over its holes only, in decibels.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)` in [0, 1].
        y_pred: tensor of the same shape.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.

    Returns:
        Tensor of shape `(batch,)`. It is 100 where nothing is wrong, also
        where there is no hole.
    """
    y_true, y_pred = float32_pictures(y_true, y_pred)
    return _decibels(mean_over_holes(ops.square(y_true - y_pred), masks))


def _decibels(error):
    return -10.0 * ops.log10(ops.maximum(error, 1e-10))


def l1(y_true, y_pred):
    """Mean absolute difference of each picture, in percent.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)` in [0, 1].
        y_pred: tensor of the same shape.

    Returns:
        Tensor of shape `(batch,)`, between 0 and 100.
    """
    y_true, y_pred = float32_pictures(y_true, y_pred)
    return 100.0 * ops.mean(ops.abs(y_true - y_pred), axis=(1, 2, 3))


def hole_l1(y_true, y_pred, masks):
    """Mean absolute difference of each picture over its holes, in percent.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)` in [0, 1].
        y_pred: tensor of the same shape.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.

    Returns:
        Tensor of shape `(batch,)`, between 0 and 100, 0 without a hole.
    """
    y_true, y_pred = float32_pictures(y_true, y_pred)
    return 100.0 * mean_over_holes(ops.abs(y_true - y_pred), masks)


@keras.saving.register_keras_serializable(package="kerasinpaint")
class PSNR(PictureMetric):
    """Mean over pictures of `psnr`. Higher is better."""

    function = staticmethod(psnr)
    _direction = "up"


@keras.saving.register_keras_serializable(package="kerasinpaint")
class HolePSNR(PictureMetric):
    """Mean over pictures of `hole_psnr`. Higher is better."""

    function = staticmethod(hole_psnr)
    needs_masks = True
    _direction = "up"


@keras.saving.register_keras_serializable(package="kerasinpaint")
class L1(PictureMetric):
    """Mean over pictures of `l1`. Lower is better."""

    function = staticmethod(l1)
    _direction = "down"


@keras.saving.register_keras_serializable(package="kerasinpaint")
class HoleL1(PictureMetric):
    """Mean over pictures of `hole_l1`. Lower is better."""

    function = staticmethod(hole_l1)
    needs_masks = True
    _direction = "down"
