"""T and the order of filling: `fmm.march`, and the loops behind it."""

import heapq
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kerasinpaint import fmm_front, masks
from kerasinpaint.fmm import march

MASKS = arrays.arrays(
    np.uint8,
    st.tuples(st.integers(1, 24), st.integers(1, 24)),
    elements=st.integers(0, 1),
    fill=st.nothing() | st.integers(0, 1),
).filter(np.any)
RADII = st.sampled_from([1, 2, 5, 12])


def distance(mask):
    """Of holes to the nearest known pixel, from centre to centre."""
    hole = (np.pad(mask, 1, mode="edge") == 0).astype(np.uint8)
    return cv2.distanceTransform(hole, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[
        1:-1, 1:-1
    ]


def neighbours(T, mask):
    """The smaller neighbour's T along each axis."""
    T = np.pad(np.where(mask, 0, T), 1, constant_values=np.inf)
    a = np.minimum(T[1:-1, :-2], T[1:-1, 2:])
    b = np.minimum(T[:-2, 1:-1], T[2:, 1:-1])
    return a, b


def march_by_heap(mask):
    """What a textbook has: Python floats, a heap, four quadrants."""
    T = np.pad(np.where(mask, 0, np.inf), 1, constant_values=np.inf)
    solved = np.pad(mask == 0, 1) == 0
    heap = [(0.0, y, x) for y, x in np.argwhere(np.pad(mask, 1))]
    heapq.heapify(heap)
    while heap:
        t, y, x = heapq.heappop(heap)
        if t > T[y, x]:
            continue
        for q in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if not solved[q]:
                t = min(
                    root(T[q[0], q[1] + side], T[q[0] + other, q[1]])
                    for side in (-1, 1)
                    for other in (-1, 1)
                )
                if t < T[q] - 1e-9:
                    T[q] = t
                    heapq.heappush(heap, (t, *q))
    return T[1:-1, 1:-1]


def root(a, b):
    if min(a, b) == np.inf:
        return np.inf
    if abs(a - b) < 1:
        s = (a + b + (2 - (a - b) ** 2) ** 0.5) / 2
        if s >= a and s >= b:
            return s
    return 1 + min(a, b)


@pytest.mark.parametrize("seed", range(12))
def test_T_is_that_of_a_heap(seed):
    rng = np.random.default_rng(seed)
    share = [0.002, 0.02, 0.1, 0.5][seed % 4]
    mask = (rng.random((60, 47)) < share).astype(np.uint8)
    mask[rng.integers(60), rng.integers(47)] = 1
    T, _ = march(mask)
    np.testing.assert_allclose(
        T[mask == 0], march_by_heap(mask)[mask == 0], atol=1e-4
    )


def test_the_larger_root_is_taken():
    T, _ = march([[1, 1], [1, 0]])
    assert T[1, 1] == pytest.approx(np.sqrt(0.5))


def test_without_a_root_it_is_one_more_than_the_smaller_neighbour():
    # The other axis has no neighbour at all, whichever of the two it is.
    row = np.array([[1, 0, 0, 0, 0]])
    assert march(row)[0][0].tolist() == [0, 1, 2, 3, 4]
    assert march(row.T)[0][:, 0].tolist() == [0, 1, 2, 3, 4]


def test_T_is_not_the_distance_in_city_blocks():
    mask = np.zeros((41, 41), np.uint8)
    mask[20, 20] = 1
    T, _ = march(mask)
    assert T[0, 0] == pytest.approx(20 * np.sqrt(2), abs=1.3)


@settings(max_examples=100, deadline=None)
@given(MASKS)
def test_T_solves_the_upwind_equation_in_every_pixel(mask):
    T, _ = march(mask)
    a, b = neighbours(T, mask)
    slope = np.maximum(T - a, 0) ** 2 + np.maximum(T - b, 0) ** 2
    np.testing.assert_allclose(slope[mask == 0], 1, atol=1e-4)


@settings(max_examples=100, deadline=None)
@given(MASKS, RADII)
def test_order_goes_from_what_is_known_inwards(mask, radius):
    T, order = march(mask, radius)
    hole = mask == 0
    assert T.dtype == np.float32 and order.dtype == np.int32
    assert (order[~hole] == -1).all()
    np.testing.assert_array_equal(np.sort(order[hole]), np.arange(hole.sum()))
    # The neighbour with the smallest T is known, or has its turn before.
    places = np.pad(np.where(hole, T, 0), 1, constant_values=np.inf)
    turns = np.pad(order, 1, constant_values=order.size)
    shifts = [(0, 1), (2, 1), (1, 0), (1, 2)]
    height, width = mask.shape
    around = [
        (places[y : y + height, x : x + width], turns[y : y + height, x:])
        for y, x in shifts
    ]
    values = np.stack([value for value, _ in around])
    when = np.stack([turn[:, :width] for _, turn in around])
    source = values.argmin(axis=0)[None]
    before = np.take_along_axis(when, source, axis=0)[0]
    assert (before < order)[hole].all()


@settings(max_examples=100, deadline=None)
@given(MASKS, RADII)
def test_T_is_positive_in_holes_only(mask, radius):
    T, _ = march(mask, radius)
    assert np.isfinite(T).all()
    assert (T[mask == 0] > 0.7).all()
    assert (T[mask == 1] <= 0).all()
    assert (T >= -radius - 1).all()
    assert (T[mask == 0] <= sum(mask.shape) - 2).all()


def test_the_rim_is_at_zero_and_known_pixels_behind_it_below():
    mask = np.ones((9, 9), np.uint8)
    mask[4, 4] = 0
    T, _ = march(mask, radius=3)
    rim = [(3, 4), (5, 4), (4, 3), (4, 5)]
    assert [T[place] for place in rim] == [0, 0, 0, 0]
    assert T[3, 3] == -1  # diagonal: beside the rim, not on it
    assert T[0, 4] == -3
    assert T[2, 3] == pytest.approx(-np.sqrt(2))
    assert T[0, 0] == -4  # out of reach: -radius - 1


@pytest.mark.parametrize("radius", [1, 2, 5, 12])
def test_known_pixels_have_minus_the_exact_distance_to_the_rim(radius):
    rng = np.random.default_rng(radius)
    mask = (rng.random((40, 30)) > 0.01).astype(np.uint8)
    mask[10:15, 8:20] = 0
    T, _ = march(mask, radius)
    near = cv2.dilate(1 - mask, np.uint8([[0, 1, 0], [1, 1, 1], [0, 1, 0]]))
    rim = (near == 1) & (mask == 1)
    exact = distance(rim.astype(np.uint8))
    exact = np.where(exact <= radius, exact, radius + 1)
    np.testing.assert_allclose(-T[mask == 1], exact[mask == 1], atol=1e-4)


@pytest.mark.parametrize("width", [1, 2, 3, 8, 31])
@pytest.mark.parametrize("turn", [0, 1])
def test_across_a_line_T_is_exact(width, turn):
    mask = np.ones((12, 40), np.uint8)
    mask[:, 4 : 4 + width] = 0
    T, _ = march(np.rot90(mask, turn))
    T = np.rot90(T, -turn)
    wanted = np.minimum(np.arange(1, width + 1), np.arange(width, 0, -1))
    assert (T[:, 4 : 4 + width] == wanted).all()


def far_from(size, what):
    """Masks from which T comes out most wrong."""
    y, x = np.mgrid[:size, :size]
    square = (y - size // 2) ** 2 + (x - size // 2) ** 2
    return {
        "hole is a disc": square > (size // 2 - 1) ** 2,
        "all but a disc": square < (size // 8) ** 2 + 1,
        "all but a point": square == 0,
        "all but a corner": y + x == 0,
        "hole is a box": abs(y + x - size) + abs(y - x) > size // 2,
    }[what].astype(np.uint8)


def assert_near_exact(mask):
    """The error of first-order fast marching grows with log(distance).

    0.3 holds the worst that was measured: 0.28, along the diagonal from a
    single known pixel. T is less than the distance where fronts meet in a
    concave rim: they push each other, as in sqrt(1/2) beside two rims.
    """
    T, _ = march(mask)
    hole = mask == 0
    exact = distance(mask)[hole]
    bound = 0.3 * (1 + np.log(exact)) + 1e-3
    assert (np.abs(T[hole] - exact) <= bound).all()


@pytest.mark.parametrize(
    "what",
    [
        "hole is a disc",
        "all but a disc",
        "all but a point",
        "all but a corner",
        "hole is a box",
    ],
)
@pytest.mark.parametrize("size", [9, 33, 101, 301])
def test_T_is_the_exact_distance_within_the_error_of_first_order(size, what):
    assert_near_exact(far_from(size, what))


@pytest.mark.parametrize("name", masks.GENERATORS)
def test_T_is_the_exact_distance_in_drawn_masks(name):
    for seed in range(3):
        rng = np.random.default_rng(seed)
        assert_near_exact(masks.GENERATORS[name](128, 128, rng)[..., 0])


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5])
def test_T_is_the_exact_distance_in_random_masks(share):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        mask = (rng.random((80, 90)) < share).astype(np.uint8)
        mask[seed, 2 * seed] = 1
        assert_near_exact(mask)


@settings(max_examples=50, deadline=None)
@given(MASKS)
def test_T_turns_with_the_picture(mask):
    T, _ = march(mask)
    for turn in (np.transpose, np.flipud, np.fliplr, np.rot90):
        np.testing.assert_allclose(march(turn(mask))[0], turn(T), atol=1e-5)


def test_a_long_narrow_hole_is_numbered_through():
    # More layers of T than can be counted in 16 bits.
    mask = np.zeros((1, 60_000), np.uint8)
    mask[0, 0] = 1
    T, order = march(mask)
    assert (T[0] == np.arange(60_000)).all()
    assert (order[0] == np.arange(-1, 59_999)).all()


def test_every_layer_is_entered_from_a_T_just_below_it():
    # 2.1 and 4.2 in float32 divided by 0.7 give 3 and 6, and are less than
    # three and six times 0.7: such a front must not come to a halt.
    edge = np.float32(2.1)
    T = np.full(30, fmm_front.FRAME)
    T[10], T[11:19] = edge - 2, fmm_front.FAR
    places = np.arange(30, dtype=np.int32)
    grid = (places, places, 10)
    fmm_front.march(T, 8, np.array([10]), grid)
    np.testing.assert_allclose(T[11:19], edge + np.arange(-1, 7), atol=1e-5)


def test_nothing_to_fill_and_nothing_at_all():
    T, order = march(np.ones((3, 4)), radius=2)
    assert (T == -3).all() and (order == -1).all()
    assert [array.shape for array in march(np.ones((0, 4)))] == [(0, 4)] * 2


@pytest.mark.parametrize("radius", [0, -1, 2.5, 5.0, np.nan, None, "5"])
def test_a_radius_that_is_none_is_refused(radius):
    with pytest.raises(ValueError, match=f"Received: radius={radius!r}"):
        march(np.eye(3), radius)


def test_a_mask_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"of shape \(3, 3\) that is a hole"):
        march(np.zeros((3, 3)))
    with pytest.raises(ValueError, match=r"mask of shape \(3, 3, 3\)"):
        march(np.zeros((3, 3, 3)))


def test_it_works_where_no_cache_can_be_written(tmp_path):
    (tmp_path / "file").touch()
    program = (
        "from numba.core import caching\n"
        "caching.CacheImpl._locator_classes[1:] = []\n"
        "from kerasinpaint import fmm\n"
        "print(fmm.march([[1, 0, 1]])[0])\n"
        "print(fmm.fmm_front.march.stats.cache_path)\n"
    )
    environment = os.environ | {
        "NUMBA_CACHE_DIR": str(tmp_path / "file" / "below")
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[[0. 1. 0.]]\nNone\n"
