"""Who is looked at by whom."""

import numpy as np
import pytest

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import WindowAttention


def holes(*shape):
    masks = np.ones(shape, "float32")
    masks[:, 2:, 2:] = 0
    masks[:, 0, 0] = 0
    return masks


@pytest.mark.parametrize("shift, masked", [(0, False), (2, True)])
def test_contract(assert_layer_contract, shift, masked):
    inputs = [pictures(2, 8, 12, 6)]
    if masked:
        inputs.append(holes(2, 8, 12, 1))
    assert_layer_contract(
        lambda **kwargs: WindowAttention(2, 4, shift, **kwargs),
        *inputs,
        # It adds the same to all weights of a pixel, and softmax takes it off.
        still=("k/bias",),
    )


def influence(layer, place, masks=None):
    """Where the outputs change if one pixel does."""
    images = pictures(1, 8, 8, 6)
    given = () if masks is None else (masks,)
    outputs = []
    for _ in range(2):
        found = layer(images, *given)
        outputs.append(numpy(found if masks is None else found[0]))
        images[0][place] += 1
    return np.abs(outputs[1] - outputs[0])[0].max(-1) > 1e-6


def test_a_pixel_is_seen_in_its_window_alone():
    found = influence(WindowAttention(2, 4), (1, 6))
    assert found[:4, 4:].all() and found.sum() == 16


def test_shifted_windows_do_not_join_opposite_edges():
    layer = WindowAttention(2, 4, shift=2)
    found = influence(layer, (3, 4))  # a window in the middle
    assert found[2:6, 2:6].all() and found.sum() == 16
    # At the corner the window has parts of all four corners.
    found = influence(layer, (0, 0))
    assert found[:2, :2].all() and found.sum() == 4
    found = influence(layer, (7, 3))
    assert found[6:, 2:6].all() and found.sum() == 8


def test_a_hole_is_looked_at_by_itself_alone():
    masks = holes(1, 8, 8, 1)
    layer = WindowAttention(2, 4)
    found = influence(layer, (0, 0), masks)
    assert found[0, 0] and found.sum() == 1
    assert influence(layer, (0, 1), masks).sum() == 16
    # Where nothing is known, all are looked at.
    assert influence(layer, (5, 5), masks).sum() == 16


def test_one_known_pixel_makes_its_window_known():
    _, known = WindowAttention(2, 4)(pictures(1, 8, 8, 6), holes(1, 8, 8, 1))
    wanted = np.ones((8, 8))
    wanted[4:, 4:] = 0
    np.testing.assert_array_equal(numpy(known)[0, ..., 0], wanted)


def test_what_does_not_divide_is_refused():
    images = pictures(1, 8, 8, 6)
    for options in ({"heads": 2, "window": 3}, {"heads": 4, "window": 4}):
        with pytest.raises(ValueError, match="must divide .*Received: window"):
            WindowAttention(**options)(images)
