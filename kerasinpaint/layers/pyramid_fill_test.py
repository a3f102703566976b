"""Averages fill a hole smoothly, and only a hole."""

import keras
import numpy as np
import pytest

from kerasinpaint.layers import PyramidFill


def holed(height=16, width=24, seed=0):
    rng = np.random.default_rng(seed)
    images = rng.random((2, height, width, 3), dtype=np.float32)
    masks = (rng.random((2, height, width, 1)) < 0.3).astype(np.float32)
    masks[:, 0, 0] = 1
    return images, masks


def fill(images, masks, levels=5):
    filled = PyramidFill(levels)(images, masks)
    return keras.ops.convert_to_numpy(filled)


def test_contract():
    images, masks = holed()
    symbols = keras.Input((None, None, 3)), keras.Input((None, None, 1))
    model = keras.Model(symbols, PyramidFill(5)(*symbols))
    again = keras.Model.from_config(model.get_config())
    eager = fill(images, masks)
    np.testing.assert_allclose(again.predict([images, masks]), eager, atol=1e-6)
    assert model.count_params() == 0
    if keras.backend.backend() != "torch":  # it has another compiler
        model.compile(jit_compile=True)
        static = [images[:1], masks[:1]]
        np.testing.assert_allclose(model.predict(static), eager[:1], atol=1e-6)


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_it_is_float32_under_every_policy(dtype):
    images, masks = holed()
    filled = PyramidFill(5, dtype=dtype)(images, masks)
    assert keras.backend.standardize_dtype(filled.dtype) == "float32"
    filled = keras.ops.convert_to_numpy(filled)
    np.testing.assert_array_equal(filled, fill(images, masks))


def test_it_does_not_depend_on_the_global_data_format():
    wanted = fill(*holed())
    keras.config.set_image_data_format("channels_first")
    try:
        np.testing.assert_array_equal(fill(*holed()), wanted)
    finally:
        keras.config.set_image_data_format("channels_last")


@pytest.mark.parametrize("height, width", [(1, 1), (5, 9), (16, 12)])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_filled_lies_between_what_is_known(height, width, seed):
    images, masks = holed(height, width, seed)
    filled = fill(images, masks)
    known = masks[..., 0] > 0
    assert (filled[known] == images[known]).all()
    for picture, was, mask in zip(filled, images, known, strict=True):
        low, high = was[mask].min(axis=0), was[mask].max(axis=0)
        assert (picture >= low - 1e-6).all() and (picture <= high + 1e-6).all()


def test_what_lies_in_a_hole_does_not_matter():
    images, masks = holed()
    np.testing.assert_array_equal(
        fill(images, masks), fill(np.where(masks, images, 7.0), masks)
    )


def test_it_is_close_on_a_slope():
    slope = np.tile(np.linspace(0, 1, 32, dtype=np.float32), (32, 1))
    images = np.repeat(slope[None, ..., None], 3, axis=-1)
    masks = np.ones((1, 32, 32, 1), np.float32)
    masks[:, 12:20, 12:20] = 0
    assert abs(fill(images, masks) - images).max() < 0.1


def test_a_hole_wider_than_the_pyramid_stays_black_in_its_middle():
    images = np.ones((1, 64, 64, 3), np.float32)
    masks = np.ones((1, 64, 64, 1), np.float32)
    masks[:, 4:60, 4:60] = 0
    assert fill(images, masks, levels=2)[0, 32, 32].max() < 1e-3
    assert fill(images, masks, levels=6)[0, 32, 32].min() > 0.99
