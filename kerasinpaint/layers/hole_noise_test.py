"""Holes only, new in training, and otherwise always the same."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasinpaint.layers import HoleNoise


def batch(size=64):
    images = np.full((2, size, size, 3), 0.5, np.float32)
    masks = np.ones((2, size, size, 1), np.float32)
    masks[:, size // 4 : -size // 4, size // 4 : -size // 4] = 0
    return images, masks


def noisy(layer, training):
    return keras.ops.convert_to_numpy(layer(*batch(), training=training))


def test_contract(tmp_path):
    symbols = keras.Input((None, None, 3)), keras.Input((None, None, 1))
    layer = HoleNoise(0.3, dtype="mixed_bfloat16")
    model = keras.Model(symbols, layer(*symbols))
    wanted = model.predict(list(batch()))
    assert wanted.shape == batch()[0].shape and model.count_params() == 0
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.predict(list(batch())), wanted)
    if keras.backend.backend() != "torch":  # it has another compiler
        model.compile(jit_compile=True)
        np.testing.assert_array_equal(model.predict(list(batch())), wanted)


@pytest.mark.parametrize("training", [False, True])
def test_holes_get_noise_of_the_deviation_and_known_pixels_none(training):
    images, masks = batch()
    added = noisy(HoleNoise(0.3), training) - images
    assert not added[masks[..., 0] == 1].any()
    hole = added[masks[..., 0] == 0]
    assert abs(hole.std() - 0.3) < 0.05 and abs(hole.mean()) < 0.05


def test_it_is_new_in_training_and_the_same_otherwise():
    layer = HoleNoise(0.3)
    assert (noisy(layer, True) != noisy(layer, True)).any()
    np.testing.assert_array_equal(noisy(layer, False), noisy(layer, False))
    np.testing.assert_array_equal(
        noisy(HoleNoise(0.3), False), noisy(layer, False)
    )


def test_a_place_has_the_same_noise_in_pictures_of_any_size():
    zeros, layer = np.zeros((1, 200, 260, 3), np.float32), HoleNoise(1.0)
    large = ops.convert_to_numpy(layer(zeros, zeros[..., :1]))
    small = layer(zeros[:, :50, :70], zeros[:, :50, :70, :1])
    np.testing.assert_array_equal(large[:, :50, :70], small)
    assert (large[:, :100] != large[:, 100:]).all()
