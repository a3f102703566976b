import numpy as np
import pytest

from kerasinpaint import structure


def square(size=64):
    image = np.full((size, size, 3), 0.2, "f")
    image[16:48, 16:48] = 0.9
    return image


def test_edges_are_the_outline_one_pixel_wide():
    found = structure.edges(square())
    assert found.shape == (64, 64) and found.dtype == bool
    near = np.zeros_like(found)
    near[14:50, 14:50] = True
    near[19:45, 19:45] = False
    assert not found[~near].any()
    assert 100 < found.sum() < 140  # 4 * 32
    # No pixel has all of a block of 2 x 2.
    blocks = found[1:, 1:] & found[:-1, 1:] & found[1:, :-1] & found[:-1, :-1]
    assert not blocks.any()


def test_more_scales_find_more():
    rng = np.random.default_rng(0)
    image = square() + rng.normal(0, 0.1, (64, 64, 1)).astype("f")
    counts = [
        structure.edges(image, sigmas=sigmas).sum()
        for sigmas in ((2,), (1, 2), (0.5, 1, 2))
    ]
    assert counts[0] < counts[1] < counts[2]


def test_a_hole_has_no_edges_and_makes_none():
    image, mask = square(), np.ones((64, 64, 1), np.uint8)
    mask[10:30, 10:30] = 0
    mask[50:60, 50:60] = 0
    for content in (0.0, 1.0, np.nan):
        holed = np.where(mask, image, np.float32(content))
        found = structure.edges(holed, mask)
        assert not found[mask[..., 0] == 0].any()
        assert not found[48:62, 52:62].any()  # around the second
    whole = structure.edges(image)
    assert (found[35:45, 40:] == whole[35:45, 40:]).all()


def test_lines_are_long_and_may_have_gaps():
    found = np.zeros((60, 60), bool)
    found[10, 5:25] = found[10, 31:50] = True  # a gap of 6
    found[40, 5:25] = True  # too short
    (line,) = structure.lines(found)
    assert sorted(line[[0, 2]]) == [5, 49] and (line[[1, 3]] == 10).all()
    assert len(structure.lines(found, gap=3)) == 0
    assert structure.lines(np.zeros((9, 9), bool)).shape == (0, 4)


@pytest.mark.parametrize("slope", [0, 0.5, 1, 3])
def test_lines_of_any_slope_lie_on_their_edge(slope):
    y, x = np.mgrid[:80, :80]
    image = np.repeat(((y - 40) > slope * (x - 40))[..., None], 3, -1)
    segments = structure.lines(structure.edges(image.astype("f")))
    assert len(segments)
    on = structure.drawn(segments, (80, 80))
    away = np.abs((y - 40) - slope * (x - 40)) / np.hypot(1, slope)
    assert on.sum() > 30 and away[on].max() < 3


def test_the_picture_shows_edges_and_lines():
    image = np.kron(square(), np.ones((2, 2, 1), "f"))
    mask = np.ones((128, 128, 1), np.uint8)
    mask[:8, :8] = 0
    shown = structure.overlay(image, mask)
    assert shown.shape == image.shape and shown.dtype == np.float32
    assert (shown[:8, :8] == 1).all()
    red = (shown[..., 0] > 0.8) & (shown[..., 1] < 0.2)
    assert red.sum() > 30 and 0 <= shown.min() and shown.max() <= 1
