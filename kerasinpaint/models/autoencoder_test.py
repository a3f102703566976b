"""Both networks are those of the counts, at any size that pooling divides."""

import keras
import numpy as np
import pytest

from kerasinpaint import losses, networks
from kerasinpaint.conftest import outputs_of
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.layers import PyramidFill
from kerasinpaint.models import build_autoencoder

TINY = {"shape": (32, 16, 3), "width": 2}


def batch(height=32, width=16):
    rng = np.random.default_rng(0)
    targets = rng.random((2, height, width, 3), np.float32)
    masks = np.ones((2, height, width, 1), np.float32)
    masks[:, 4:12, 4:12] = 0
    return {"images": targets * masks, "masks": masks}, targets


@pytest.mark.parametrize("skip, count", [(False, 2942019), (True, 7053123)])
def test_parameters_are_those_that_are_published(skip, count):
    network = build_autoencoder((112, 96, 3), skip)
    assert network.count_params() == count
    # Told where the hole is, it has one more channel to look at.
    told = build_autoencoder((112, 96, 3), skip, sees_masks=True)
    assert told.count_params() == count + 9 * 32


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("size", [(16, 48), (64, 32)])
def test_any_size_that_pooling_divides(skip, size):
    network = build_autoencoder((None, None, 3), skip, width=2)
    inputs, targets = batch(*size)
    painted = outputs_of(network, inputs)
    assert painted.shape == targets.shape and painted.dtype == np.float32
    assert painted.min() >= 0 and painted.max() <= 1


def test_a_size_that_pooling_does_not_divide_is_refused():
    with pytest.raises(ValueError, match=r"of 16 .*Received: \(100, 96, 3\)"):
        build_autoencoder((100, 96, 3))


@pytest.mark.parametrize("sees_masks", [False, True])
def test_only_who_is_told_sees_the_mask(sees_masks):
    network = build_autoencoder(**TINY, sees_masks=sees_masks)
    inputs, _ = batch()
    painted = outputs_of(network, inputs)
    other = outputs_of(network, {**inputs, "masks": 0 * inputs["masks"]})
    assert (painted == other).all() != sees_masks


def test_it_begins_with_a_smooth_fill_if_it_is_to_correct_one():
    network = build_autoencoder(**TINY, residual=True)
    inputs, targets = batch()
    painted = outputs_of(network, inputs)
    fill = PyramidFill(7)(inputs["images"], inputs["masks"])
    fill = keras.ops.convert_to_numpy(fill).clip(0.004, 0.996)
    np.testing.assert_allclose(painted, fill, atol=1e-5)


def test_noise_is_seen_in_holes_only_and_is_the_same_each_time():
    network = build_autoencoder(**TINY, noise=0.5)
    quiet = build_autoencoder(**TINY)
    quiet.set_weights(network.get_weights())
    inputs, _ = batch()
    painted = outputs_of(network, inputs)
    assert (painted == outputs_of(network, inputs)).all()
    assert (painted != outputs_of(quiet, inputs)).any()
    inputs["masks"][:] = 1
    known = outputs_of(network, inputs) == outputs_of(quiet, inputs)
    assert known.all()


def test_a_step_compiles_under_xla_and_the_loss_falls():
    """With skips, and so with all layers of the one without."""
    if keras.backend.backend() == "torch":
        pytest.skip("PyTorch has another compiler")
    keras.utils.set_random_seed(0)
    with networks.policy("mixed_bfloat16"):
        network = build_autoencoder(**TINY, skip=True, dropout=0.1)
    model = Inpainter(network)
    model.compile(keras.optimizers.Adam(1e-2), losses.MAE(), jit_compile=True)
    history = model.fit(*batch(), epochs=8, verbose=0).history["loss"]
    assert np.isfinite(history).all() and history[-1] < history[0]


def test_it_is_saved_and_loaded(tmp_path):
    network = build_autoencoder(**TINY, skip=True)
    network.save(tmp_path / "n.keras")
    again = keras.saving.load_model(tmp_path / "n.keras")
    inputs, _ = batch()
    np.testing.assert_array_equal(
        again.predict(inputs), network.predict(inputs)
    )
