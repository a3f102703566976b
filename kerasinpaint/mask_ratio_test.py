import numpy as np
import pytest

from kerasinpaint import masks
from kerasinpaint.mask_ratio import hole_ratio, with_hole_ratio


def test_hole_ratio_of_all_and_of_nothing():
    assert hole_ratio(np.ones((3, 5, 1), np.uint8)) == 0
    assert hole_ratio(np.zeros((3, 5, 1), np.float32)) == 1


@pytest.mark.parametrize(
    "ratio", [(0.2, 0.1), (-0.1, 0.2), (0.5, 1.1), (0.3, 0.3)]
)
def test_a_ratio_that_is_no_range_is_refused(ratio):
    with pytest.raises(ValueError, match="0 <= low < high <= 1"):
        with_hole_ratio(
            masks.boxes, 8, 8, np.random.default_rng(0), ratio=ratio
        )


def test_what_cannot_be_met_is_an_error_after_bounded_tries():
    calls = []

    def stubborn(height, width, rng, amount=1.0):
        calls.append(amount)
        # Either no hole or half of the picture, and never between.
        mask = np.ones((height, width, 1), np.uint8)
        mask[: height // 2 if amount * rng.random() > 0.5 else 0] = 0
        return mask

    with pytest.raises(ValueError, match="ratios from 0.000 to 0.500"):
        with_hole_ratio(
            stubborn, 8, 8, np.random.default_rng(0), ratio=(0.1, 0.2)
        )
    assert len(calls) <= 128


def test_the_same_seed_gives_the_same_mask():
    def draw(seed):
        rng = np.random.default_rng(seed)
        return with_hole_ratio(masks.strokes, 64, 64, rng, ratio=(0.3, 0.4))

    np.testing.assert_array_equal(draw(4), draw(4))
    assert (draw(4) != draw(5)).any()


def test_options_reach_the_generator():
    rng = np.random.default_rng(0)
    mask = with_hole_ratio(
        masks.boxes, 64, 64, rng, ratio=(0.1, 0.2), count=(1, 1)
    )
    y, x, _ = np.nonzero(mask == 0)
    assert len(y) == (np.ptp(y) + 1) * (np.ptp(x) + 1)


def test_a_narrow_range_is_met():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        mask = with_hole_ratio(masks.strokes, 256, 256, rng, ratio=(0.2, 0.205))
        assert 0.2 < hole_ratio(mask) <= 0.205
