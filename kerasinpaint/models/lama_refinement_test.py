"""Fills at several sizes agree, and cost the network nothing."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasinpaint.models import build_lama, lama_refinement
from kerasinpaint.models.lama_refinement import refined


def painter(residual=False):
    keras.utils.set_random_seed(0)
    network = build_lama(blocks=1, width=4, residual=residual)
    for variable in network.trainable_variables:
        if "kernel" in variable.path:
            noise = keras.random.normal(variable.shape, stddev=0.1)
            variable.assign(variable + noise)
    return network


def scene(height=64, width=96):
    image = np.random.default_rng(0).random((height, width, 3), np.float32)
    mask = np.ones((height, width, 1), np.float32)
    mask[17:42, 20:61] = 0
    return image, mask


def half(pictures):
    height, width, channels = pictures.shape
    pairs = pictures.reshape(height // 2, 2, width // 2, 2, channels)
    return pairs.mean((1, 3))


@pytest.mark.parametrize("residual", [False, True])
def test_the_fill_comes_nearer_to_that_of_the_smaller_picture(
    residual, monkeypatch
):
    monkeypatch.setattr(lama_refinement, "RATE", 0.05)
    monkeypatch.setattr(lama_refinement, "MULTIPLE", 8)
    network, (image, mask) = painter(residual), scene()
    before = [ops.convert_to_numpy(v) for v in network.variables]
    whole = np.floor(half(mask))
    small = half(image * mask) / np.maximum(half(mask), 0.25) * whole
    wanted = refined(network, small, whole)
    found = {least: refined(network, image, mask, least) for least in (32, 64)}
    off = {
        least: abs(half(filled) - wanted)[whole[..., 0] == 0].mean()
        for least, filled in found.items()
    }
    assert off[32] < 0.9 * off[64]
    for variable, value in zip(network.variables, before, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(variable), value)
    known = np.broadcast_to(mask == 1, image.shape)
    np.testing.assert_array_equal(found[32][known], image[known])


def test_a_small_picture_is_filled_as_ever():
    network, (image, mask) = painter(), scene()
    inputs = {"images": image[None], "masks": mask[None]}
    painted = ops.convert_to_numpy(network(inputs, training=False))[0]
    filled = refined(network, image, mask)
    np.testing.assert_allclose(
        filled, mask * image + (1 - mask) * painted, atol=1e-6
    )


def test_sides_must_be_multiples():
    image, mask = scene(60, 96)
    with pytest.raises(ValueError, match=r"of 32 .* Received: \(60, 96, 3\)"):
        refined(painter(), image, mask)
