"""What a structure builder is trained with: colours, and edges between them."""

import keras
from keras import ops

from kerasinpaint.layers import SoftEdges
from kerasinpaint.losses.picture_loss import (
    PictureLoss,
    composite,
    float32_with_masks,
)
from kerasinpaint.metrics.picture_metric import mean_over_holes


def structure(y_true, y_pred, masks, l1=1.0, l2=0.5, edges=0.5):
    """Absolute and squared difference in holes, and that of soft edges.

    Args:
        y_true: tensor of shape `(batch, height, width, 3)` in [0, 1].
        y_pred: tensor of the same shape.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.
        l1: float, the weight of absolute differences.
        l2: float, the weight of squared differences.
        edges: float, the weight of absolute differences of
            `layers.SoftEdges` of the composite.

    Returns:
        Tensor of shape `(batch,)`: means over hole pixels.

    Reference:

    - [Nazeri et al., 2019](https://arxiv.org/abs/1901.00212), edges first
    """
    y_true, y_pred, masks = float32_with_masks(y_true, y_pred, masks)
    error = y_pred - y_true
    total = l1 * mean_over_holes(ops.abs(error), masks)
    total += l2 * mean_over_holes(ops.square(error), masks)
    if edges:
        find = SoftEdges(dtype="float32")
        found = find(composite(y_true, y_pred, masks))
        total += edges * mean_over_holes(ops.abs(found - find(y_true)), masks)
    return total


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class Structure(PictureLoss):
    """Mean over pictures of `structure`.

    Args:
        l1: float, the weight of absolute differences.
        l2: float, the weight of squared differences.
        edges: float, the weight of differences of edges.
        **kwargs: `name` and `reduction`, as in `keras.losses.Loss`.
    """

    needs_masks = True

    def __init__(self, l1=1.0, l2=0.5, edges=0.5, **kwargs):
        super().__init__(**kwargs)
        self.weights = {"l1": l1, "l2": l2, "edges": edges}

    def function(self, y_true, y_pred, masks):
        return structure(y_true, y_pred, masks, **self.weights)

    def get_config(self):
        return super().get_config() | self.weights
