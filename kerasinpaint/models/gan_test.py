"""Parameters as they were, scores as they should be."""

import functools

import keras
import numpy as np
import pytest

from kerasinpaint import models
from kerasinpaint.conftest import outputs_of


def test_the_baseline_has_as_many_parameters_as_was_published():
    discriminator = models.build_discriminator()
    generator = models.build_autoencoder(skip=True)
    assert discriminator.count_params() == 3147105
    both = discriminator.count_params() + generator.count_params()
    assert both == 10200228


def test_the_baseline_asks_for_a_size():
    with pytest.raises(ValueError, match=r"one size. Received: \(None, 96, 3"):
        models.build_discriminator((None, 96, 3))


def test_the_patch_gan_is_smaller():
    assert models.build_patch_gan().count_params() == 2765698


@pytest.mark.parametrize(
    "build, shape, scores",
    [
        (models.build_discriminator, (32, 48, 3), (2, 1)),
        (models.build_patch_gan, (32, 48, 3), (2, 4, 6, 1)),
        (models.build_patch_gan, (None, None, 3), (2, 5, 7, 1)),
        (
            functools.partial(models.build_patch_gan, spectral=False),
            (32, 48, 3),
            (2, 4, 6, 1),
        ),
    ],
)
def test_shapes_names_and_saving(build, shape, scores, tmp_path):
    network = build(shape, width=2)
    assert all(v.path.startswith("discriminator_") for v in network.weights)
    size = [
        side or free for side, free in zip(shape[:2], (33, 50), strict=True)
    ]
    pictures = np.random.default_rng(0).random((2, *size, 3), np.float32)
    found = outputs_of(network, pictures)
    assert found.shape == scores and found.dtype == np.float32
    network.save(tmp_path / "n.keras")
    again = keras.saving.load_model(tmp_path / "n.keras")
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(again(pictures)), found, atol=1e-6
    )


def test_a_score_of_the_patch_gan_sees_its_surroundings_only():
    """A change at one end does not reach the other, 70 pixels and more away."""
    network = models.build_patch_gan(width=2)
    pictures = np.full((1, 32, 192, 3), 0.5, np.float32)
    other = pictures.copy()
    other[:, :, :8] = 1
    difference = keras.ops.convert_to_numpy(network(other) - network(pictures))
    changed = np.abs(difference[0, :, :, 0]).max(axis=0) > 0
    assert changed[0] and not changed[10:].any()
