import keras
import numpy as np
import pytest

from kerasinpaint.conftest import outputs_of
from kerasinpaint.models.scene_classifier import build_scene_classifier
from kerasinpaint.scene_groups import GROUP_OF


@pytest.fixture(scope="module")
def network():
    return build_scene_classifier([0, 0, 1, 1], width=32)


def pictures(*shape):
    return np.random.default_rng(0).random((*shape, 3), np.float32)


@pytest.mark.parametrize("shape", [(2, 64, 64), (1, 90, 130), (1, 32, 32)])
def test_contract(network, shape):
    likely = outputs_of(network, pictures(*shape))
    assert likely.shape == (shape[0], 4)
    np.testing.assert_allclose(likely.sum(1), 1, rtol=1e-4)


def test_its_trunk_is_frozen_and_its_head_learns(network):
    images, labels = pictures(8, 32, 32), np.arange(8) % 4
    images[labels == 1] **= 3
    images[labels == 2, ..., 0] = 0
    images[labels == 3, :16] = 0
    trunk = network.get_layer("trunk")
    before = trunk.get_weights()
    network.compile(
        keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy"
    )
    losses = network.fit(images, labels, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    for old, new in zip(before, trunk.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_what_is_above_and_below_differs(network):
    images = pictures(1, 64, 64)
    images[:, :32] *= 0.2
    # Logarithms: after the test above it may be sure of what it sees.
    one, turned = (
        np.log(outputs_of(network, shown))
        for shown in (images, images[:, ::-1])
    )
    assert np.abs(one - turned).max() > 1e-3


def test_all_scenes_of_places():
    network = build_scene_classifier(GROUP_OF, width=16)
    assert network.output.shape == (None, 365)
