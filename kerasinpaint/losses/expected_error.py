"""What a network is trained with that tells how wrong a fill may be."""

import keras
from keras import ops

from kerasinpaint.losses.picture_loss import PictureLoss, float32_with_masks
from kerasinpaint.metrics.picture_metric import mean_over_holes

LEAST = 1e-3  # an error that is expected is at least a quarter of a level
NOISE = 0.02  # errors much smaller than this are as good as none


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


def disorder(y_true, y_pred, masks):
    """How little the order of hole pixels is what was expected.

    1 less the correlation of the logarithms, so that each picture counts
    the same, be it easy or hard. `expected_error` alone learns first which
    pictures are hard, for that is most of what there is to expect.

    Args:
        y_true: as in `expected_error`.
        y_pred: as in `expected_error`.
        masks: as in `expected_error`.

    Returns:
        Tensor of shape `(batch,)`, in [0, 2]: 1 if they have nothing in
        common, or there is no hole.
    """
    errors, expected, masks = float32_with_masks(y_true, y_pred, masks)
    inside = 1.0 - masks
    count = ops.maximum(ops.sum(inside, (1, 2, 3), keepdims=True), 1.0)

    def centred(values, least):
        logs = ops.log(values + least)
        mean = ops.sum(logs * inside, (1, 2, 3), keepdims=True) / count
        return (logs - mean) * inside

    true, seen = centred(errors, NOISE), centred(expected, LEAST)
    shared = ops.sum(true * seen, (1, 2, 3))
    spreads = ops.sum(true**2, (1, 2, 3)) * ops.sum(seen**2, (1, 2, 3))
    return 1.0 - shared * ops.rsqrt(spreads + 1e-6)


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class ExpectedError(PictureLoss):
    """Mean over pictures of `expected_error`, and of `disorder` by a weight.

    Args:
        order: float, the weight of `disorder`.
        **kwargs: `name` and `reduction`, as in `keras.losses.Loss`.
    """

    needs_masks = True

    def __init__(self, order=0.0, **kwargs):
        super().__init__(**kwargs)
        self.order = order

    def function(self, y_true, y_pred, masks):
        total = expected_error(y_true, y_pred, masks)
        if self.order:
            total += self.order * disorder(y_true, y_pred, masks)
        return total

    def get_config(self):
        return {**super().get_config(), "order": self.order}
