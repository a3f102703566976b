"""The loss that partial convolutions were trained with."""

import keras
from keras import ops

from kerasinpaint.losses.feature_losses import (
    FeatureLoss,
    feature_maps,
    perceptual_of,
    style_of,
)
from kerasinpaint.losses.pixels import color, hole, valid
from kerasinpaint.losses.total_variation import total_variation

OF_PIXELS = {
    "valid": valid,
    "hole": hole,
    "total_variation": total_variation,
    "color": color,
}
OF_FEATURES = {"perceptual": perceptual_of, "style": style_of}


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class PConvLoss(FeatureLoss):
    """Weighted sum of losses, with the weights of the paper.

    Perceptual and style loss share one pass through the feature network. A
    loss of weight 0 is not computed; if both of these are 0, there is no
    network.

    Args:
        features: `keras.Model` from pictures in [0, 1] to a list of feature
            maps, or `None` for `efficientnet_features()`.
        valid: float, the weight of `losses.valid`.
        hole: float, the weight of `losses.hole`.
        perceptual: float, the weight of `losses.perceptual`.
        style: float, the weight of `losses.style`.
        total_variation: float, the weight of `losses.total_variation`.
        color: float, the weight of `losses.color`, which is not the paper's.
        **kwargs: `name` and `reduction`, as in `keras.losses.Loss`.

    Example:

    >>> loss = PConvLoss(perceptual=0, style=0)
    >>> import numpy as np
    >>> y_true = np.zeros((1, 8, 8, 3)); masks = np.ones((1, 8, 8, 1))
    >>> print(f"{float(loss(y_true, y_true + 0.5, masks=masks)):.2f}")
    0.50

    Reference:

    - [Liu et al., 2018](https://arxiv.org/abs/1804.07723), equation 7
    """

    def __init__(
        self,
        features=None,
        valid=1.0,
        hole=6.0,
        perceptual=0.05,
        style=120.0,
        total_variation=0.1,
        color=0.0,
        **kwargs,
    ):
        self.weights = {
            "valid": valid,
            "hole": hole,
            "perceptual": perceptual,
            "style": style,
            "total_variation": total_variation,
            "color": color,
        }
        super().__init__(features, **kwargs)

    def _needs_features(self):
        return bool(self.weights["perceptual"] or self.weights["style"])

    def function(self, y_true, y_pred, masks):
        weights = self.weights
        total = ops.zeros_like(ops.cast(y_pred[:, 0, 0, 0], "float32"))
        for name, loss in OF_PIXELS.items():
            if weights[name]:
                total += weights[name] * loss(y_true, y_pred, masks)
        if self._needs_features():
            maps = feature_maps(y_true, y_pred, masks, self.features)
            for name, loss in OF_FEATURES.items():
                if weights[name]:
                    total += weights[name] * loss(maps)
        return total

    def get_config(self):
        return {**super().get_config(), **self.weights}
