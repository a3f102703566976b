import numpy as np
import pytest
from keras import ops

from kerasinpaint import losses
from kerasinpaint.layers import SoftEdges
from kerasinpaint.losses.picture_loss_test import scene, values


def edges(pictures):
    return ops.convert_to_numpy(SoftEdges()(pictures))


def mean_of_holes(maps, masks):
    """Of each picture by itself, over its hole pixels and all channels."""
    return [
        one[mask[..., 0] == 0].mean()
        for one, mask in zip(maps, masks, strict=True)
    ]


@pytest.mark.parametrize("weights", [{}, {"l1": 3, "l2": 0, "edges": 2}])
def test_it_is_the_weighted_sum_of_three_means_over_holes(weights):
    y_true, y_pred, masks = scene()
    filled = np.where(masks, y_true, y_pred)
    terms = {
        "l1": abs(y_pred - y_true),
        "l2": (y_pred - y_true) ** 2,
        "edges": abs(edges(filled) - edges(y_true)),
    }
    wanted = np.zeros(2)
    for name, weight in ({"l1": 1, "l2": 0.5, "edges": 0.5} | weights).items():
        found = np.array(mean_of_holes(terms[name], masks))
        assert found.min() > 0
        wanted += weight * found
    got = values(losses.Structure(**weights), y_true, y_pred, masks)
    np.testing.assert_allclose(got, wanted, rtol=1e-5)


def test_what_is_known_is_not_asked_of_the_network():
    y_true, y_pred, masks = scene()
    other = np.where(masks, 1 - y_pred, y_pred)
    np.testing.assert_allclose(
        losses.structure(y_true, other, masks),
        losses.structure(y_true, y_pred, masks),
        rtol=1e-6,
    )


def test_large_holes_count_as_small_ones_and_none_counts_nothing():
    y_true, _, masks = scene(3)
    y_true *= 0.5
    masks[0, :, 8:], masks[2] = 0, 1
    got = losses.structure(y_true, y_true + 0.2, masks, edges=0)
    wanted = 0.2 + 0.5 * 0.2**2
    np.testing.assert_allclose(got, [wanted, wanted, 0], rtol=1e-4, atol=1e-7)
