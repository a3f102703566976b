import cv2
import numpy as np
import pytest

from kerasinpaint import masks, object_masks

BINS = [(0.01, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.6)]
ALL = masks.GENERATORS | object_masks.GENERATORS


def place_of(name, shape, rng):
    """What a generator draws in: a size, or a label map of that size."""
    if name in masks.GENERATORS:
        return shape
    return (object_masks.random_labels(*shape, rng),)


def draw(name, shape, seed, **options):
    place = place_of(name, shape, np.random.default_rng(1))
    return ALL[name](*place, np.random.default_rng(seed), **options)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shape", [(64, 64), (96, 50), (31, 200)])
def test_contract(name, shape):
    drawn = [draw(name, shape, seed) for seed in range(10)]
    for mask in drawn:
        assert mask.shape == (*shape, 1)
        assert mask.dtype == np.uint8
        assert set(np.unique(mask)) == {0, 1}
    for seed, mask in enumerate(drawn):
        np.testing.assert_array_equal(draw(name, shape, seed), mask)
    # By chance two small masks may be alike, not ten.
    assert len({mask.tobytes() for mask in drawn}) > 5


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shape", [(1, 2), (2, 3), (5, 1), (3, 400)])
def test_tiny_and_narrow_sizes_are_drawn(name, shape):
    for seed in range(20):
        mask = draw(name, shape, seed)
        assert mask.shape == (*shape, 1)
        assert mask.max() <= 1


@pytest.mark.parametrize("name", masks.GENERATORS)
def test_a_single_pixel_is_drawn(name):
    assert draw(name, (1, 1), 0).shape == (1, 1, 1)


@pytest.mark.parametrize("name", masks.GENERATORS)
@pytest.mark.parametrize("shape", [(0, 8), (8, -1)])
def test_sizes_that_are_not_positive_are_refused(name, shape):
    with pytest.raises(ValueError, match=f"width={shape[1]}"):
        draw(name, shape, 0)


@pytest.mark.parametrize("name", ALL)
def test_a_larger_amount_makes_larger_holes(name):
    def mean(amount):
        return np.mean(
            [
                masks.hole_ratio(draw(name, (64, 64), seed, amount=amount))
                for seed in range(20)
            ]
        )

    assert mean(0.3) < mean(1.0) < mean(3.0)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("side, seeds", [(64, 1000), (256, 30)])
def test_every_bin_of_hole_ratio_is_met(name, side, seeds):
    for seed in range(seeds):
        ratio = BINS[seed % len(BINS)]
        rng = np.random.default_rng(seed)
        place = place_of(name, (side, side), rng)
        mask = masks.with_hole_ratio(ALL[name], *place, rng, ratio=ratio)
        assert ratio[0] < masks.hole_ratio(mask) <= ratio[1], (ratio, seed)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shape", [(512, 512), (96, 250)])
def test_a_hole_ratio_is_met_at_other_sizes(name, shape):
    for seed in range(3):
        rng = np.random.default_rng(seed)
        place = place_of(name, shape, rng)
        mask = masks.with_hole_ratio(ALL[name], *place, rng, ratio=(0.1, 0.2))
        assert 0.1 < masks.hole_ratio(mask) <= 0.2


def test_lines_run_from_edge_to_edge():
    for seed in range(50):
        mask = masks.lines(
            64, 80, np.random.default_rng(seed), count=(1, 1), thickness=(1, 1)
        )
        y, x, _ = np.nonzero(mask == 0)
        sides = (y == 0).any(), (y == 63).any(), (x == 0).any(), (x == 79).any()
        assert sum(sides) >= 2
        # Every row and column between its ends: nothing is interrupted.
        span = max(np.ptp(y), np.ptp(x)) + 1
        assert len(y) == span


def test_lines_are_as_thick_as_asked():
    thin = masks.lines(256, 256, np.random.default_rng(0), thickness=(1, 1))
    thick = masks.lines(256, 256, np.random.default_rng(0), thickness=(9, 9))
    ratio = masks.hole_ratio(thick) / masks.hole_ratio(thin)
    assert 5 < ratio < 14
    assert (thick <= thin).all()


def test_strokes_are_as_wide_as_the_brush():
    for seed in range(10):
        mask = masks.strokes(
            256,
            256,
            np.random.default_rng(seed),
            thickness=(0.1, 0.1),
            segments=(6, 6),
        )
        deep = cv2.distanceTransform(1 - mask[..., 0], cv2.DIST_L2, 5).max()
        # The brush of 26 pixels; deeper where a stroke crosses itself.
        assert deep >= 12


def test_wide_strokes_are_wider_than_strokes():
    def depth(generator):
        return np.median(
            [
                cv2.distanceTransform(
                    1 - generator(256, 256, np.random.default_rng(seed)),
                    cv2.DIST_L2,
                    5,
                ).max()
                for seed in range(40)
            ]
        )

    assert depth(masks.wide_strokes) > 1.3 * depth(masks.strokes)


def test_one_box_is_a_full_rectangle():
    for seed in range(20):
        mask = masks.boxes(50, 70, np.random.default_rng(seed), count=(1, 1))
        y, x, _ = np.nonzero(mask == 0)
        assert len(y) == (np.ptp(y) + 1) * (np.ptp(x) + 1)


def test_the_centre_box_of_half_the_side_is_known():
    mask = masks.center_box(8, 12, np.random.default_rng(0), side=(0.5, 0.5))
    expected = np.ones((8, 12, 1), np.uint8)
    expected[2:6, 3:9] = 0
    np.testing.assert_array_equal(mask, expected)


@pytest.mark.parametrize("amount", [0.5, 1, 100])
def test_border_touches_the_border_and_the_centre_is_known(amount):
    seen = set()
    for seed in range(60):
        mask = masks.border(64, 48, np.random.default_rng(seed), amount)[..., 0]
        assert mask[32, 24] == 1
        edges = mask[0], mask[-1], mask[:, 0], mask[:, -1]
        holes = tuple(not edge.any() for edge in edges)
        assert any(holes)
        seen.add(holes)
        # What is known is one box.
        assert (np.outer(mask.any(1), mask.any(0)) == mask).all()
    assert len(seen) > 8
    assert (True,) * 4 in seen
