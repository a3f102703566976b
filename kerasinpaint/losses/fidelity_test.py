"""A decibel less error and better structure are what it rewards."""

import keras
import numpy as np
import pytest

from kerasinpaint import losses, metrics


@pytest.mark.parametrize("ssim_weight", (1.5, 8))
def test_golden_value_of_a_flat_hole(ssim_weight):
    y_true = np.full((1, 16, 16, 3), 0.5, "float32")
    masks = np.ones((1, 16, 16, 1), "float32")
    masks[:, 2:8, 2:8] = 0
    y_pred = np.where(masks, y_true, y_true + 0.1).astype("float32")
    structure = float(metrics.ssim(y_true, y_pred)[0])
    wanted = np.log10(0.01 + 1e-4) + ssim_weight * (1 - structure)
    loss = losses.Fidelity(ssim_weight)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    for got in (loss, again):
        got = float(got(y_true, y_pred, masks=masks))
        np.testing.assert_allclose(got, wanted, atol=1e-3)


def test_the_rim_of_a_hole_counts_more_than_its_middle():
    y_true = np.full((1, 64, 64, 3), 0.5, "float32")
    masks = np.ones((1, 64, 64, 1), "float32")
    masks[:, 8:56, 8:56] = 0
    found = []
    for place in (slice(9, 13), slice(30, 34)):
        y_pred = y_true.copy()
        y_pred[:, place, 30:34] += 0.3
        found.append(float(losses.fidelity(y_true, y_pred, masks)[0]))
    assert found[0] > found[1] + 0.3


def test_known_pixels_count_by_their_absolute_error_only():
    y_true = np.full((1, 16, 16, 3), 0.5, "float32")
    masks = np.ones((1, 16, 16, 1), "float32")
    masks[:, :, 8:] = 0
    off = y_true + 0.2 * masks
    exact = float(losses.fidelity(y_true, y_true, masks)[0])
    got = float(losses.fidelity(y_true, off, masks)[0])
    np.testing.assert_allclose(got - exact, 0.5 * 0.1, atol=1e-5)
    np.testing.assert_allclose(exact, -4, atol=1e-5)
