"""Perceptual and style: how far features are from those of the truth."""

import warnings

import keras
from keras import ops

from kerasinpaint.losses.picture_loss import (
    PictureLoss,
    composite,
    float32_with_masks,
)
from kerasinpaint.models.efficientnet_lite import efficientnet_features


def feature_maps(y_true, y_pred, masks, features):
    """Features of the prediction, the composite and the truth, in one pass.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`. No
            gradient flows into it.
        y_pred: tensor of the same shape, as the network returned it.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.
        features: `keras.Model`, see `losses.features`.

    Returns:
        A list of three float32 tensors, of the prediction, the composite
        and the truth, for each map that `features` returns.
    """
    y_true, y_pred, masks = float32_with_masks(y_true, y_pred, masks)
    y_true = ops.stop_gradient(y_true)
    filled = composite(y_true, y_pred, masks)
    return maps_of([y_pred, filled, y_true], features)


def maps_of(pictures, features):
    """Features of several batches, in one pass.

    Args:
        pictures: list of tensors of the same shape.
        features: `keras.Model`, see `losses.features`.

    Returns:
        A list for each map of the model, of a float32 tensor for each batch.
    """
    maps = features(ops.concatenate(pictures), training=False)
    maps = maps if isinstance(maps, (list, tuple)) else [maps]
    return [ops.split(ops.cast(one, "float32"), len(pictures)) for one in maps]


def perceptual(y_true, y_pred, masks, features):
    """Mean absolute difference of features, summed over maps.

    Of the prediction and of the composite, each against the truth.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape, as the network returned it.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.
        features: `keras.Model` from pictures in [0, 1] to a list of feature
            maps, such as `efficientnet_features()`.

    Returns:
        Tensor of shape `(batch,)`.

    Reference:

    - [Liu et al., 2018](https://arxiv.org/abs/1804.07723), equation 3
    """
    return perceptual_of(feature_maps(y_true, y_pred, masks, features))


def perceptual_of(maps):
    """`perceptual` of what `feature_maps` returned."""
    return sum(
        ops.mean(ops.abs(one - truth), axis=(1, 2, 3))
        for *both, truth in maps
        for one in both
    )


def style(y_true, y_pred, masks, features):
    """Mean absolute difference of Gram matrices, summed over maps.

    Of the prediction and of the composite, each against the truth. A Gram
    matrix holds the products of all pairs of channels, summed over places
    and divided by channels * height * width: where something is does not
    matter, only what occurs together.

    Args:
        y_true: tensor of shape `(batch, height, width, channels)`.
        y_pred: tensor of the same shape, as the network returned it.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0 is
            a hole.
        features: `keras.Model` from pictures in [0, 1] to a list of feature
            maps, such as `efficientnet_features()`.

    Returns:
        Tensor of shape `(batch,)`.

    Reference:

    - [Liu et al., 2018](https://arxiv.org/abs/1804.07723), equations 4, 5
    """
    return style_of(feature_maps(y_true, y_pred, masks, features))


def style_of(maps):
    """`style` of what `feature_maps` returned."""
    grams = [[_gram(one) for one in three] for three in maps]
    return sum(
        ops.mean(ops.abs(one - truth), axis=(1, 2))
        for *both, truth in grams
        for one in both
    )


def _gram(maps):
    _, height, width, channels = ops.shape(maps)
    number = ops.cast(height * width * channels, "float32")
    return ops.einsum("bhwc,bhwd->bcd", maps, maps) / number


class FeatureLoss(PictureLoss):
    """A loss with a feature network.

    Args:
        features: `keras.Model` from pictures in [0, 1] to a list of feature
            maps, or `None` for `efficientnet_features()`. One that is given
            is saved without its weights.
        **kwargs: `name` and `reduction`, as in `keras.losses.Loss`.

    Raises:
        ValueError: if `features` is neither a model nor `None`.
    """

    needs_masks = True
    levels = 3  # of `efficientnet_features`

    def __init__(self, features=None, **kwargs):
        super().__init__(**kwargs)
        if not (features is None or isinstance(features, keras.Model)):
            raise ValueError(
                "`features` must be a `keras.Model`, or None for the one "
                f"that comes with the package. Received: {features!r}."
            )
        self._given = features
        self.features = features
        if features is None and self._needs_features():
            self.features = efficientnet_features(self.levels)

    def _needs_features(self):
        return True

    def get_config(self):
        given = keras.saving.serialize_keras_object(self._given)
        return {**super().get_config(), "features": given}

    @classmethod
    def from_config(cls, config):
        if config["features"] is not None:
            warnings.warn(
                f"{cls.__name__} was restored with a feature network of "
                "random weights: compile again with yours before training.",
                stacklevel=2,
            )
            network = keras.saving.deserialize_keras_object(config["features"])
            config = {**config, "features": network}
        return cls(**config)


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class Perceptual(FeatureLoss):
    """Mean over pictures of `perceptual`.

    Args:
        features: `keras.Model` from pictures in [0, 1] to a list of feature
            maps, or `None` for `efficientnet_features()`.
        **kwargs: `name` and `reduction`, as in `keras.losses.Loss`.
    """

    def function(self, y_true, y_pred, masks):
        return perceptual(y_true, y_pred, masks, self.features)


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class Style(FeatureLoss):
    """Mean over pictures of `style`.

    Args:
        features: `keras.Model` from pictures in [0, 1] to a list of feature
            maps, or `None` for `efficientnet_features()`.
        **kwargs: `name` and `reduction`, as in `keras.losses.Loss`.
    """

    def function(self, y_true, y_pred, masks):
        return style(y_true, y_pred, masks, self.features)
