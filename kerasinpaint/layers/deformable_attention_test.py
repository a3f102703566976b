import numpy as np
import pytest

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import DeformableCrossAttention


def test_contract(assert_layer_contract):
    assert_layer_contract(
        lambda **kwargs: DeformableCrossAttention(4, 2, 2, **kwargs),
        pictures(2, 6, 8, 3),
        pictures(2, 5, 4, 6),
    )


def looks(layer, images, exemplars, offset):
    """Outputs of a layer that looks at one place, and mixes nothing."""
    layer(images, exemplars)
    channels = exemplars.shape[-1]
    around = layer._around().reshape(-1, 2)
    still = np.zeros((images.shape[-1], around.size))
    layer.offsets.set_weights([still, (offset - around).ravel()])
    for dense in (layer.values, layer.mix):
        dense.set_weights([np.eye(channels), np.zeros(channels)])
    return numpy(layer(images, exemplars))


def test_without_offsets_it_is_the_exemplar():
    images, exemplars = pictures(2, 6, 8, 3), pictures(2, 6, 8, 4, seed=1)
    layer = DeformableCrossAttention(4, heads=1, points=2)
    outputs = looks(layer, images, exemplars, (0, 0))
    np.testing.assert_allclose(outputs, exemplars, atol=1e-5)


def test_an_offset_is_a_share_of_the_sides():
    images, exemplars = pictures(1, 6, 8, 3), pictures(1, 6, 8, 4, seed=1)
    layer = DeformableCrossAttention(4, heads=1, points=2)
    outputs = looks(layer, images, exemplars, (1 / 6, 2 / 8))
    np.testing.assert_allclose(
        outputs[:, :-1, :-2], exemplars[:, 1:, 2:], atol=1e-5
    )
    # Outside it is the border.
    np.testing.assert_allclose(
        outputs[0, -1, -1], exemplars[0, -1, -1], atol=1e-5
    )


def test_between_pixels_values_are_interpolated():
    images, exemplars = pictures(1, 6, 8, 3), pictures(1, 6, 8, 4, seed=1)
    layer = DeformableCrossAttention(4, heads=1, points=2)
    outputs = looks(layer, images, exemplars, (0.25 / 6, 0.5 / 8))
    down = 0.75 * exemplars[:, :-1] + 0.25 * exemplars[:, 1:]
    wanted = (down[:, :, :-1] + down[:, :, 1:]) / 2
    np.testing.assert_allclose(outputs[:, :-1, :-1], wanted, atol=1e-5)


def test_exemplars_of_another_size_are_stretched():
    images, exemplars = pictures(1, 4, 4, 3), pictures(1, 8, 12, 2, seed=1)
    layer = DeformableCrossAttention(2, heads=1, points=2)
    outputs = looks(layer, images, exemplars, (0, 0))
    down = exemplars.reshape(1, 4, 2, 12, 2).mean(2)
    np.testing.assert_allclose(outputs, down[:, :, 1::3], atol=1e-5)


def test_points_begin_apart_and_inside():
    around = DeformableCrossAttention(8, heads=4, points=4)._around()
    points = around.reshape(-1, 2)
    gaps = np.linalg.norm(points[:, None] - points, axis=-1) + np.eye(16)
    assert gaps.min() > 0.02 and np.abs(points).max() <= 0.25


def test_heads_that_do_not_divide_are_refused():
    for heads in (3, 0):
        with pytest.raises(ValueError, match=f"heads={heads}, filters=8"):
            DeformableCrossAttention(8, heads=heads)
