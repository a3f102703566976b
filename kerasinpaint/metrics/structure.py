"""SSIM: whether windows of two pictures look alike."""

import keras
import numpy as np
from keras import ops

from kerasinpaint.metrics.picture_metric import (
    PictureMetric,
    float32_pictures,
    mean_over_holes,
)

RADIUS = 5
SIGMA = 1.5


def ssim(y_true, y_pred):
    """Structural similarity of each picture.

    Means, variances and covariance are of Gaussian windows of 11 pixels and
    sigma 1.5, K1 = 0.01 and K2 = 0.03: the values of the paper, of
    TensorFlow and, asked for it, of scikit-image. Only windows that lie
    inside the picture count.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)` in [0, 1],
            at least 11 pixels high and wide.
        y_pred: tensor of the same shape.

    Returns:
        Tensor of shape `(batch,)`. Identical pictures give 1.

    Raises:
        ValueError: if a picture is smaller than a window.

    Reference:

    - [Wang et al., 2004](https://doi.org/10.1109/TIP.2003.819861)
    """
    return ops.mean(ssim_map(y_true, y_pred), axis=(1, 2, 3))


def hole_ssim(y_true, y_pred, masks):
    """SSIM of each picture over the windows whose middle is in a hole.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)` in [0, 1],
            at least 11 pixels high and wide.
        y_pred: tensor of the same shape.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.

    Returns:
        Tensor of shape `(batch,)`. Holes nearer than 5 pixels to the border
        have no window; without any, it is 1.
    """
    similarity = ssim_map(y_true, y_pred)
    inner = slice(RADIUS, -RADIUS)
    # Of what is missing to 1, so that a picture without holes is perfect.
    lost = mean_over_holes(1.0 - similarity, masks[:, inner, inner])
    return 1.0 - lost


def ssim_map(y_true, y_pred):
    """SSIM of every window that lies inside the picture; see `ssim`.

    Returns:
        Tensor of shape `(batch, height - 10, width - 10, channels)`.
    """
    y_true, y_pred = float32_pictures(y_true, y_pred)
    if min(size or np.inf for size in y_true.shape[1:3]) < 2 * RADIUS + 1:
        raise ValueError(
            f"SSIM needs pictures of {2 * RADIUS + 1} pixels or more in "
            f"height and width. Received: shape {tuple(y_true.shape)}."
        )
    mean_true, mean_pred = _blur(y_true), _blur(y_pred)
    product = mean_true * mean_pred
    squares = ops.square(mean_true) + ops.square(mean_pred)
    covariance = _blur(y_true * y_pred) - product
    variances = _blur(ops.square(y_true) + ops.square(y_pred)) - squares
    brightness = (2.0 * product + 0.01**2) / (squares + 0.01**2)
    return brightness * (2.0 * covariance + 0.03**2) / (variances + 0.03**2)


def _blur(pictures):
    """Gaussian means of windows, as sums of shifted pictures.

    A convolution would be rounded to TF32 on a GPU and to bfloat16 on a
    TPU; what is left of the variances would be noise.
    """
    offsets = np.arange(-RADIUS, RADIUS + 1)
    weights = np.exp(-0.5 * (offsets / SIGMA) ** 2)
    weights = (weights / weights.sum()).tolist()
    height, width = ops.shape(pictures)[1:3]
    rows = height - 2 * RADIUS
    columns = width - 2 * RADIUS
    pictures = sum(
        weight * pictures[:, start : start + rows]
        for start, weight in enumerate(weights)
    )
    return sum(
        weight * pictures[:, :, start : start + columns]
        for start, weight in enumerate(weights)
    )


@keras.saving.register_keras_serializable(package="kerasinpaint")
class SSIM(PictureMetric):
    """Mean over pictures of `ssim`. Higher is better."""

    function = staticmethod(ssim)
    _direction = "up"


@keras.saving.register_keras_serializable(package="kerasinpaint")
class HoleSSIM(PictureMetric):
    """Mean over pictures of `hole_ssim`. Higher is better."""

    function = staticmethod(hole_ssim)
    needs_masks = True
    _direction = "up"
