import keras
import numpy as np
import pytest

from kerasinpaint import weights
from kerasinpaint.conftest import outputs_of
from kerasinpaint.models.deeplab import MULTIPLE, STRIDE, build_deeplab


@pytest.fixture(scope="module")
def network():
    return build_deeplab(classes=5)


@pytest.mark.parametrize("shape", [(64, 64), (64, 96), (MULTIPLE, MULTIPLE)])
def test_contract(network, shape):
    images = np.random.default_rng(0).random((2, *shape, 3), np.float32)
    logits = outputs_of(network, images)
    assert logits.shape == (2, shape[0] // STRIDE, shape[1] // STRIDE, 6)
    assert logits.dtype == np.float32 and np.isfinite(logits).all()


def test_it_is_light(network):
    assert network.count_params() < 4e6


def test_its_trunk_knows_imagenet(network):
    with np.load(weights.path_of("efficientnet_lite0")) as arrays:
        known = {v.path: v for v in network.weights if v.path in arrays}
        assert len(known) == len(arrays.files)
        for path, variable in known.items():
            np.testing.assert_array_equal(
                keras.ops.convert_to_numpy(variable),
                arrays[path].astype(np.float32),
            )


def test_every_pixel_depends_on_the_whole_picture(network):
    images = np.full((1, 128, 128, 3), 0.5, np.float32)
    changed = images.copy()
    changed[0, :32, :32] = np.random.default_rng(0).random((32, 32, 3))
    before, after = (outputs_of(network, i) for i in (images, changed))
    assert (np.abs(before - after)[0, -1, -1] > 0).any()


def test_all_of_it_learns(network):
    assert len(network.trainable_variables) == len(network.variables)
