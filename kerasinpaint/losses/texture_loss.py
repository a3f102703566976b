"""What a texture artist is trained with, besides its critic."""

import keras
from keras import ops

from kerasinpaint.losses.feature_losses import FeatureLoss, maps_of
from kerasinpaint.losses.picture_loss import composite, float32_with_masks
from kerasinpaint.losses.structure_loss import structure
from kerasinpaint.models.efficientnet_lite import efficientnet_features

# Of block1_expand, block3_expand, block5_expand and block11_expand of
# EfficientNet-Lite0: what is deep counts most.
LAYERS = 1 / 8, 1 / 4, 1 / 2, 1.0


def layered_perceptual(y_true, y_pred, masks, features, layers=LAYERS):
    """Mean squared difference of features, each map with a weight of its own.

    Of the composite against the truth. Apart from `perceptual`, the sum of
    absolute differences of Liu et al.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.
        features: `keras.Model` from pictures in [0, 1] to as many maps as
            there are layers, such as `efficientnet_features(4)`.
        layers: sequence of floats, the weight of each map.

    Returns:
        Tensor of shape `(batch,)`.

    Raises:
        ValueError: if there are more or fewer maps than layers.

    Reference:

    - [Johnson et al., 2016](https://arxiv.org/abs/1603.08155)
    """
    y_true, y_pred, masks = float32_with_masks(y_true, y_pred, masks)
    y_true = ops.stop_gradient(y_true)
    maps = maps_of([composite(y_true, y_pred, masks), y_true], features)
    if len(maps) != len(layers):
        raise ValueError(
            "`layers` must have a weight for each map of `features`. "
            f"Received: {len(layers)} weights, {len(maps)} maps."
        )
    return sum(
        weight * ops.mean(ops.square(painted - truth), axis=(1, 2, 3))
        for weight, (painted, truth) in zip(layers, maps, strict=True)
    )


def exemplar_style(y_pred, masks, exemplars, features):
    """Absolute difference of Gram matrices of holes and of an exemplar.

    A Gram matrix is of the products of all pairs of channels, a mean over
    those places that count: of what was painted, holes; of an exemplar, what
    its own mask says is known. As in `style`, it is divided by channels.

    Args:
        y_pred: tensor of shape `(batch, height, width, 3)`, filled.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.
        exemplars: tensor of shape `(batch, height, width, 4)`, pictures and
            their masks.
        features: `keras.Model` from pictures in [0, 1] to feature maps.

    Returns:
        Tensor of shape `(batch,)`. 0 where there is no hole, or nothing
        known of the exemplar.

    Reference:

    - [Gatys et al., 2016](https://doi.org/10.1109/CVPR.2016.265)
    """
    y_pred, exemplars, masks = (
        ops.cast(one, "float32") for one in (y_pred, exemplars, masks)
    )
    pictures, known = exemplars[..., :3], exemplars[..., 3:]
    maps = maps_of([y_pred, ops.stop_gradient(pictures)], features)
    total = 0.0
    for painted, model in maps:
        inside, outside = (
            _gram(one, counted)
            for one, counted in ((painted, 1.0 - masks), (model, known))
        )
        total += ops.mean(ops.abs(inside - outside), axis=(1, 2))
    there = [ops.max(one, (1, 2, 3)) > 0 for one in (1.0 - masks, known)]
    return ops.where(ops.logical_and(*there), total, 0.0)


def _gram(maps, counted):
    """Gram matrices of the places of which more is counted, the more."""
    _, height, width, channels = ops.shape(maps)
    shares = ops.image.resize(
        counted, (height, width), antialias=True, data_format="channels_last"
    )
    shares = ops.maximum(shares, 0.0)
    products = ops.einsum("bhwc,bhwd->bcd", maps * shares, maps)
    places = ops.maximum(ops.sum(shares, (1, 2, 3)), 1e-3)
    return products / (places[:, None, None] * channels)


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class Texture(FeatureLoss):
    """`structure`, and `layered_perceptual` with a weight.

    Args:
        features: `keras.Model` from pictures in [0, 1] to four feature maps,
            or `None` for `efficientnet_features(4)`.
        perceptual: float, the weight of features.
        l1: float, the weight of absolute differences.
        l2: float, the weight of squared differences.
        edges: float, the weight of differences of edges.
        **kwargs: `name` and `reduction`, as in `keras.losses.Loss`.
    """

    levels = 4

    def __init__(
        self,
        features=None,
        perceptual=1.0,
        l1=1.0,
        l2=0.5,
        edges=0.0,
        **kwargs,
    ):
        self.perceptual = perceptual
        super().__init__(features, **kwargs)
        self.weights = {"l1": l1, "l2": l2, "edges": edges}

    def _needs_features(self):
        return bool(self.perceptual)

    def function(self, y_true, y_pred, masks):
        total = structure(y_true, y_pred, masks, **self.weights)
        if self.perceptual:
            total += self.perceptual * layered_perceptual(
                y_true, y_pred, masks, self.features
            )
        return total

    def get_config(self):
        own = {"perceptual": self.perceptual}
        return {**super().get_config(), **own, **self.weights}


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class ExemplarStyle:
    """`exemplar_style` by the features that come with the package.

    Args:
        levels: int, of `efficientnet_features`.
    """

    def __init__(self, levels=3):
        self.levels = levels
        self.features = efficientnet_features(levels)

    def __call__(self, y_pred, masks, exemplars):
        """Numbers of shape `(batch,)`; see `exemplar_style`."""
        return exemplar_style(y_pred, masks, exemplars, self.features)

    def get_config(self):
        return {"levels": self.levels}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
