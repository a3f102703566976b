"""MAE, valid, hole, color: how far pixels are from what they should be."""

import keras
from keras import ops

from kerasinpaint.losses.picture_loss import PictureLoss, float32_with_masks
from kerasinpaint.metrics.picture_metric import float32_pictures


def mae(y_true, y_pred):
    """Mean absolute difference of each picture.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape.

    Returns:
        Tensor of shape `(batch,)`.
    """
    y_true, y_pred = float32_pictures(y_true, y_pred)
    return ops.mean(ops.abs(y_pred - y_true), axis=(1, 2, 3))


def valid(y_true, y_pred, masks):
    """Absolute difference of known pixels, as a mean over all pixels.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape, as the network returned it.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.

    Returns:
        Tensor of shape `(batch,)`. With `hole` it adds up to `mae`.
    """
    y_true, y_pred, masks = float32_with_masks(y_true, y_pred, masks)
    return ops.mean(masks * ops.abs(y_pred - y_true), axis=(1, 2, 3))


def hole(y_true, y_pred, masks):
    """Absolute difference of hole pixels, as a mean over all pixels.

    As in the paper, a small hole weighs little; `metrics.hole_l1` is the
    mean over hole pixels.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.

    Returns:
        Tensor of shape `(batch,)`. With `valid` it adds up to `mae`.

    Example:

    >>> import numpy as np
    >>> y_true = np.zeros((1, 2, 2, 3))
    >>> masks = np.array([1, 1, 1, 0]).reshape(1, 2, 2, 1)
    >>> float(hole(y_true, y_true + 0.5, masks)[0])
    0.125
    """
    y_true, y_pred, masks = float32_with_masks(y_true, y_pred, masks)
    return ops.mean((1.0 - masks) * ops.abs(y_pred - y_true), axis=(1, 2, 3))


def color(y_true, y_pred, masks):
    """As `hole`, of what makes a pixel differ from grey.

    A pixel's grey, the mean of its channels, is taken off first. Against a
    critic a network paints texture, and texture is of one colour: without
    this loss ours painted flecks of all.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.

    Returns:
        Tensor of shape `(batch,)`; 0 for pictures of one channel.

    Example:

    >>> import numpy as np
    >>> truth, hole = np.zeros((1, 2, 2, 3)), np.zeros((1, 2, 2, 1))
    >>> float(color(truth, truth + 0.5, hole)[0])  # another grey
    0.0
    >>> print(f"{float(color(truth, truth + [0.3, 0, 0], hole)[0]):.4f}")
    0.1333
    """
    y_true, y_pred, masks = float32_with_masks(y_true, y_pred, masks)
    y_true, y_pred = (
        pixels - ops.mean(pixels, axis=-1, keepdims=True)
        for pixels in (y_true, y_pred)
    )
    return hole(y_true, y_pred, masks)


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class MAE(PictureLoss):
    """Mean over pictures of `mae`."""

    function = staticmethod(mae)


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class Valid(PictureLoss):
    """Mean over pictures of `valid`."""

    function = staticmethod(valid)
    needs_masks = True


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class Hole(PictureLoss):
    """Mean over pictures of `hole`."""

    function = staticmethod(hole)
    needs_masks = True
