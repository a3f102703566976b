"""What a network is trained with that tells how wrong a fill may be."""

import keras
from keras import ops

from kerasinpaint.losses.picture_loss import PictureLoss, float32_with_masks
from kerasinpaint.metrics.picture_metric import mean_over_holes

LEAST = 1e-3  # an error that is expected is at least a quarter of a level


def expected_error(y_true, y_pred, masks):
    """How unlikely errors are, where y_pred is what was expected.

    The negative logarithm of Laplace's density, |error| / b + log b, which
    is least where b is the mean of absolute errors; a mean over hole pixels.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`, absolute
            errors.
        y_pred: tensor of the same shape, b, above 0.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.

    Returns:
        Tensor of shape `(batch,)`.

    Reference:

    - [Kendall and Gal, 2017](https://arxiv.org/abs/1703.04977)
    """
    errors, expected, masks = float32_with_masks(y_true, y_pred, masks)
    expected = ops.maximum(expected, LEAST)
    return mean_over_holes(errors / expected + ops.log(expected), masks)


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class ExpectedError(PictureLoss):
    """Mean over pictures of `expected_error`."""

    needs_masks = True

    def function(self, y_true, y_pred, masks):
        return expected_error(y_true, y_pred, masks)
