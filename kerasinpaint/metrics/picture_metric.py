"""What all metrics of pictures share."""

import keras
from keras import ops


def float32_pictures(y_true, y_pred):
    """Both as float32, whatever the policy, if one fits the other.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape.

    Returns:
        Two float32 tensors.

    Raises:
        ValueError: if their shapes differ, which would be broadcast.
    """
    shapes = tuple(y_true.shape), tuple(y_pred.shape)
    if not (len(shapes[0]) == len(shapes[1]) == 4 and _agree(*shapes)):
        raise ValueError(
            "`y_true` and `y_pred` must both be of shape (batch, height, "
            f"width, channels). Received: {shapes[0]} and {shapes[1]}."
        )
    return ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")


def _agree(sizes, others):
    """Whether sizes are the same wherever both are known."""
    return all(
        one == two or one is None or two is None
        for one, two in zip(sizes, others, strict=False)
    )


def check_masks(masks, pictures):
    """Refuses masks that would be broadcast to pictures they do not fit.

    Args:
        masks: tensor of shape `(batch, height, width, 1)`.
        pictures: tensor of shape `(batch, height, width, channels)`.

    Raises:
        ValueError: if a shape does not fit.
    """
    fits = len(masks.shape) == 4 and masks.shape[-1] == 1
    if not (fits and _agree(masks.shape[:-1], pictures.shape[:-1])):
        raise ValueError(
            "`masks` must be of shape (batch, height, width, 1) and of the "
            f"size of `y_pred`. Received: masks {tuple(masks.shape)}, y_pred "
            f"{tuple(pictures.shape)}."
        )


def mean_over_holes(values, masks):
    """Mean of each picture over its hole pixels, 0 if it has none.

    Args:
        values: float32 tensor of shape `(batch, height, width, channels)`.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.

    Returns:
        Tensor of shape `(batch,)`.

    Raises:
        ValueError: if a shape does not fit.
    """
    check_masks(masks, values)
    holes = 1.0 - ops.cast(masks, "float32")
    total = ops.sum(values * holes, axis=(1, 2, 3))
    number = ops.sum(holes, axis=(1, 2, 3)) * values.shape[-1]
    return total / ops.maximum(number, 1.0)


class PictureMetric(keras.metrics.Mean):
    """Mean over pictures of a function of each, whatever the batch size.

    A subclass sets `function`, called as `function(y_true, y_pred)`, or
    with `masks` in third place if `needs_masks`, and `_direction`, in which
    Keras finds whether "up" or "down" is better when a callback monitors it.

    Args:
        name: string, that of `function` by default.
        dtype: string, float32 whatever the policy.
    """

    function = None
    needs_masks = False

    def __init__(self, name=None, dtype="float32"):
        super().__init__(name=name or self.function.__name__, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None, masks=None):
        """Takes note of one batch.

        Args:
            y_true: tensor of shape `(batch, height, width, channels)`.
            y_pred: tensor of the same shape.
            sample_weight: tensor of shape `(batch,)`, or `None`.
            masks: tensor of shape `(batch, height, width, 1)`, or `None`.
                1 is known, 0 is a hole. Only metrics of holes need it.

        Raises:
            ValueError: if masks are needed and there are none.
        """
        arguments = [y_true, y_pred]
        if self.needs_masks:
            if masks is None:
                raise ValueError(
                    f"{type(self).__name__} needs to know where the holes "
                    "are: call it with `masks`, or train with "
                    "`inpainter.Inpainter`, which does. Received: masks=None."
                )
            arguments.append(masks)
        super().update_state(self.function(*arguments), sample_weight)
