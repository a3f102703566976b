"""What all losses of pictures share."""

import keras
from keras import ops

from kerasinpaint.metrics.picture_metric import check_masks, float32_pictures


def composite(y_true, y_pred, masks):
    """The truth where it is known, and the prediction in the holes.

    Args:
        y_true: float32 tensor of shape `(batch, height, width, channels)`.
        y_pred: float32 tensor of the same shape.
        masks: float32 tensor of shape `(batch, height, width, 1)`. 1 is
            known, 0 is a hole.

    Returns:
        Float32 tensor of the shape of `y_true`.
    """
    return masks * y_true + (1.0 - masks) * y_pred


def float32_with_masks(y_true, y_pred, masks):
    """All three as float32, whatever the policy, if they fit each other.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape.
        masks: tensor of shape `(batch, height, width, 1)`.

    Returns:
        Three float32 tensors.

    Raises:
        ValueError: if a shape does not fit, which would be broadcast.
    """
    check_masks(masks, y_pred)
    return *float32_pictures(y_true, y_pred), ops.cast(masks, "float32")


class PictureLoss(keras.losses.Loss):
    """Mean over pictures of a function of each. Lower is better.

    A subclass sets `function`, called as `function(y_true, y_pred)`, or
    with `masks` in third place if `needs_masks`; it returns one number a
    picture. Those that need no masks also work without
    `inpainter.Inpainter`, in every `model.compile(loss=...)`.

    Args:
        name: string, that of the class by default.
        reduction: string, as in `keras.losses.Loss`.
    """

    function = None
    needs_masks = False

    def __init__(self, name=None, reduction="sum_over_batch_size"):
        super().__init__(name=name, reduction=reduction, dtype="float32")

    def __call__(self, y_true, y_pred, sample_weight=None, masks=None):
        """Computes the loss of a batch.

        Args:
            y_true: tensor of shape `(batch, height, width, channels)`.
            y_pred: tensor of the same shape.
            sample_weight: tensor of shape `(batch,)`, or `None`.
            masks: tensor of shape `(batch, height, width, 1)`, or `None`.
                1 is known, 0 is a hole.

        Returns:
            A float32 scalar, or what `reduction` asks for.

        Raises:
            ValueError: if masks are needed and there are none.
        """
        if self.needs_masks:
            if masks is None:
                raise ValueError(
                    f"{type(self).__name__} needs to know where the holes "
                    "are: call it with `masks`, or train with "
                    "`inpainter.Inpainter`, which does. Received: masks=None."
                )
            y_true = y_true, masks
        return super().__call__(y_true, y_pred, sample_weight)

    def call(self, y_true, y_pred):
        if self.needs_masks:
            y_true, masks = y_true
            return self.function(y_true, y_pred, masks)
        return self.function(y_true, y_pred)
