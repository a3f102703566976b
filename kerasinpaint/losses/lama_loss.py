"""What LaMa is trained with, besides its critic."""

import keras
from keras import ops

from kerasinpaint.losses.feature_losses import FeatureLoss, maps_of
from kerasinpaint.losses.picture_loss import float32_with_masks
from kerasinpaint.losses.pixels import color, valid


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class LamaLoss(FeatureLoss):
    """Known pixels as they are, and features that see far as the truth's.

    The absolute difference of known pixels (`losses.valid`), and the mean
    squared difference of features, summed over maps. What is in the hole is
    asked of features and of the critic alone: to come near to every single
    pixel there is to paint fog.

    Args:
        features: `keras.Model` from pictures in [0, 1] to a list of feature
            maps, or `None` for `efficientnet_features(levels=4)`.
        known: float, the weight of known pixels.
        perceptual: float, the weight of features.
        color: float, the weight of `losses.color`, which is not the paper's.
        **kwargs: `name` and `reduction`, as in `keras.losses.Loss`.

    Reference:

    - [Suvorov et al., 2022](https://arxiv.org/abs/2109.07161), section 2.2
    """

    levels = 4

    def __init__(
        self, features=None, known=10.0, perceptual=30.0, color=0.0, **kwargs
    ):
        super().__init__(features, **kwargs)
        self.weights = {
            "known": known,
            "perceptual": perceptual,
            "color": color,
        }

    def function(self, y_true, y_pred, masks):
        weights = self.weights
        total = weights["known"] * valid(y_true, y_pred, masks)
        total += weights["perceptual"] * squared_features(
            y_true, y_pred, masks, self.features
        )
        if weights["color"]:
            total += weights["color"] * color(y_true, y_pred, masks)
        return total

    def get_config(self):
        return {**super().get_config(), **self.weights}


def squared_features(y_true, y_pred, masks, features):
    """Mean squared difference of features, summed over maps.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`. No
            gradient flows into it.
        y_pred: tensor of the same shape, as the network returned it.
        masks: tensor of shape `(batch, height, width, 1)`; only its shape
            is looked at.
        features: `keras.Model` from pictures in [0, 1] to a list of maps.

    Returns:
        Tensor of shape `(batch,)`.
    """
    y_true, y_pred, _ = float32_with_masks(y_true, y_pred, masks)
    return sum(
        ops.mean(ops.square(painted - truth), axis=(1, 2, 3))
        for painted, truth in maps_of(
            [y_pred, ops.stop_gradient(y_true)], features
        )
    )
