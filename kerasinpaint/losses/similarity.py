"""SSIM and PSNR, signed so that lower is better."""

import keras

from kerasinpaint import metrics
from kerasinpaint.losses.picture_loss import PictureLoss


def ssim(y_true, y_pred):
    """1 - structural similarity of each picture.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)` in [0, 1],
            at least 11 pixels high and wide.
        y_pred: tensor of the same shape.

    Returns:
        Tensor of shape `(batch,)`, between 0 and 2. See `metrics.ssim`.
    """
    return 1.0 - metrics.ssim(y_true, y_pred)


def psnr(y_true, y_pred):
    """Peak signal-to-noise ratio of each picture, negated.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)` in [0, 1].
        y_pred: tensor of the same shape.

    Returns:
        Tensor of shape `(batch,)`, in decibels, at least -100. See
        `metrics.psnr`.
    """
    return -metrics.psnr(y_true, y_pred)


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class SSIM(PictureLoss):
    """Mean over pictures of 1 - structural similarity."""

    function = staticmethod(ssim)


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class PSNR(PictureLoss):
    """Mean over pictures of the negated peak signal-to-noise ratio."""

    function = staticmethod(psnr)
