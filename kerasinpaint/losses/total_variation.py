"""Total variation: whether holes join their rim without a seam."""

import keras
from keras import ops

from kerasinpaint.losses.picture_loss import (
    PictureLoss,
    composite,
    float32_with_masks,
)


def total_variation(y_true, y_pred, masks):
    """Differences of neighbours in the hole and on its rim, per value.

    They are taken in the composite, where a pixel and its right or lower
    neighbour both lie in the hole dilated by one pixel, also diagonally;
    their sum is divided by the number of values of the picture.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.

    Returns:
        Tensor of shape `(batch,)`.

    Reference:

    - [Liu et al., 2018](https://arxiv.org/abs/1804.07723), equation 6
    """
    y_true, y_pred, masks = float32_with_masks(y_true, y_pred, masks)
    filled = composite(y_true, y_pred, masks)
    region = ops.max_pool(1.0 - masks, 3, 1, "same", "channels_last")
    down = ops.abs(filled[:, 1:] - filled[:, :-1])
    down = down * region[:, 1:] * region[:, :-1]
    right = ops.abs(filled[:, :, 1:] - filled[:, :, :-1])
    right = right * region[:, :, 1:] * region[:, :, :-1]
    total = ops.sum(down, axis=(1, 2, 3)) + ops.sum(right, axis=(1, 2, 3))
    _, height, width, channels = ops.shape(filled)
    return total / ops.cast(height * width * channels, "float32")


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class TotalVariation(PictureLoss):
    """Mean over pictures of `total_variation`."""

    function = staticmethod(total_variation)
    needs_masks = True
