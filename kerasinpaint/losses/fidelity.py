"""The loss of those who measure PSNR and SSIM: it asks for just these."""

import keras
from keras import ops

from kerasinpaint import metrics
from kerasinpaint.losses.picture_loss import (
    PictureLoss,
    composite,
    float32_with_masks,
)
from kerasinpaint.losses.pixels import valid

VALID_WEIGHT = 0.5
# Deep inside a hole nobody knows what was there, which teaches nothing:
# pixels at the rim count about 9 times as much.
SIDES, CENTRE = (5, 9, 17, 33), 0.25
# Squared error at -40 dB: thinner holes are not to outweigh all others.
FLOOR = 1e-4


def fidelity(y_true, y_pred, masks, ssim_weight=1.5):
    """Decibels of error in the holes, and lost structure of the composite.

    log10(MSE in the holes + 1e-4) + w (1 - SSIM) + 0.5 `valid`, with the
    SSIM of brightness, and the MSE weighted by how much is known around.
    The logarithm makes an easy picture count as much as a difficult one, as
    the mean PSNR does.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)` in [0, 1],
            at least 11 pixels high and wide.
        y_pred: tensor of the same shape.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.
        ssim_weight: float, w: what .1 of SSIM is worth in decibels.

    Returns:
        Tensor of shape `(batch,)`, at least -4.
    """
    y_true, y_pred, masks = float32_with_masks(y_true, y_pred, masks)
    filled = composite(y_true, y_pred, masks)
    near = CENTRE + sum(
        ops.average_pool(masks, side, 1, "same", "channels_last")
        for side in SIDES
    )
    weights = (1.0 - masks) * near
    error = ops.sum(
        weights * ops.mean(ops.square(filled - y_true), -1, keepdims=True),
        (1, 2, 3),
    ) / ops.maximum(ops.sum(weights, (1, 2, 3)), 1e-6)
    structure = metrics.ssim(
        ops.mean(y_true, -1, keepdims=True), ops.mean(filled, -1, keepdims=True)
    )
    return (
        ops.log10(error + FLOOR)
        + ssim_weight * (1.0 - structure)
        + VALID_WEIGHT * valid(y_true, y_pred, masks)
    )


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class Fidelity(PictureLoss):
    """Mean over pictures of `fidelity`.

    Args:
        ssim_weight: float, what .1 of SSIM is worth in decibels.
        **kwargs: `name` and `reduction`, as in `keras.losses.Loss`.
    """

    needs_masks = True

    def __init__(self, ssim_weight=1.5, **kwargs):
        super().__init__(**kwargs)
        self.ssim_weight = ssim_weight

    def function(self, y_true, y_pred, masks):
        return fidelity(y_true, y_pred, masks, self.ssim_weight)

    def get_config(self):
        return super().get_config() | {"ssim_weight": self.ssim_weight}
