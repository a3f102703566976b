"""A scene classifier: what kind of place a picture shows."""

import keras
from keras import layers

from kerasinpaint.layers import HierarchicalSoftmax, SpatialPyramidPooling
from kerasinpaint.models.efficientnet_lite import (
    efficientnet_trunk,
    load_imagenet,
)

CHANNELS = 320  # of the trunk's last features


def build_scene_head(groups, width=128, levels=(1, 2, 4)):
    """Builds what tells scenes from features.

    They are averaged over the whole picture, its quarters and its
    sixteenths, so that what is above and what is below differ, and a
    hierarchical softmax tells first which group of scenes it is.

    Args:
        groups: list of ints, the group of each scene, as
            `scene_groups.GROUP_OF`.
        width: int, units of the hidden layers.
        levels: sequence of ints, cells in a row of each grid.

    Returns:
        A `keras.Model` from features of shape `(batch, height, width, 320)`
        to probabilities of scenes.

    Reference:

    - [He et al., 2014](https://arxiv.org/abs/1406.4729)
    """
    features = keras.Input((None, None, CHANNELS))
    x = layers.Conv2D(width, 1, activation="relu", name="narrow")(features)
    x = SpatialPyramidPooling(levels, name="pyramid")(x)
    x = layers.Dropout(0.3, name="dropout")(x)
    x = layers.Dense(width, activation="relu", name="hidden")(x)
    scenes = HierarchicalSoftmax(groups, name="scenes")(x)
    return keras.Model(features, scenes, name="scene_head")


def build_scene_classifier(groups, **options):
    """Builds EfficientNet-Lite0 with a head for scenes.

    The trunk knows ImageNet, and is frozen.

    Args:
        groups: list of ints, as in `build_scene_head`.
        **options: of `build_scene_head`.

    Returns:
        A `keras.Model` from pictures of shape `(batch, height, width, 3)` in
        [0, 1], of any height and width, to probabilities of scenes. Its
        layers are `trunk` and `scene_head`.

    Example:

    >>> network = build_scene_classifier([0, 0, 1])
    >>> tuple(network(np.zeros((1, 64, 96, 3))).shape)
    (1, 3)

    Reference:

    - [Zhou et al., 2018](https://doi.org/10.1109/TPAMI.2017.2723009): Places
    """
    images, deepest, _ = efficientnet_trunk()
    trunk = keras.Model(images, deepest, name="trunk")
    load_imagenet(trunk)
    trunk.trainable = False
    pictures = keras.Input((None, None, 3))
    scenes = build_scene_head(groups, **options)(trunk(pictures))
    return keras.Model(pictures, scenes, name="scene_classifier")
