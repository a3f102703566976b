"""What is painted, against a slow and plain copy of the method."""

import numpy as np
import pytest

from kerasinpaint.fmm import fast_marching_inpaint, march


def paint_by_loops(image, mask, radius):
    """Pixel by pixel, in float64, from the T and the order of `march`."""
    T, order = march(mask, radius)
    filled = np.where(mask[..., None], image, 0).astype(np.float64)
    reached = mask == 1
    height, width = mask.shape
    for p in sorted(zip(*np.nonzero(order >= 0), strict=True), key=order.item):
        x, y = uphill(T, *p)
        total, weighted = 0, 0
        for row in range(max(p[0] - radius, 0), p[0] + radius + 1):
            for column in range(max(p[1] - radius, 0), p[1] + radius + 1):
                if row >= height or column >= width:
                    continue
                q = row, column
                v, u = p[0] - row, p[1] - column
                length = np.hypot(u, v)
                if not reached[q] or length > radius:
                    continue
                u, v = u / length, v / length
                weight = max(abs(u * x + v * y), 1e-3) / length**2
                weight /= 1 + abs(float(T[q]) - float(T[p]))
                value = filled[q]
                if mask[q] and T[p] <= radius + 1:
                    dx, dy = gradient(image, mask, q)
                    value = value + u * dx + v * dy
                weighted = weighted + weight * value
                total += weight
        filled[p] = weighted / total
        reached[p] = True
    return filled


def uphill(T, y, x):
    slopes = []
    for axis, i in ((1, x), (0, y)):
        line = T[y] if axis else T[:, x]
        ends = max(i - 1, 0), min(i + 1, len(line) - 1)
        run = ends[1] - ends[0]
        slopes.append((line[ends[1]] - line[ends[0]]) / run if run else 0)
    norm = np.hypot(*slopes)
    return (slopes[0] / norm, slopes[1] / norm) if norm > 0 else (0, 0)


def gradient(image, mask, q):
    """Derivatives along x and y, from known pixels only."""
    slopes = []
    for step in ((0, 1), (1, 0)):
        ends = []
        for sign in (-1, 1):
            y, x = q[0] + sign * step[0], q[1] + sign * step[1]
            inside = 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]
            there = inside and mask[y, x]
            ends.append((sign, image[y, x]) if there else (0, image[q]))
        (before, first), (after, last) = ends
        slopes.append((last - first) / max(after - before, 1))
    return slopes


def close_to_loops(image, mask, radius):
    wanted = paint_by_loops(image, mask, radius)
    hole = mask == 0
    known = image[~hole]
    wanted = np.clip(wanted, known.min(), known.max())
    filled = fast_marching_inpaint(image, mask, radius)
    return np.abs(filled - wanted)[hole].max() < 1e-4


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("radius", [1, 2, 5, 12])
def test_matches_a_loop_over_pixels(channels, radius):
    rng = np.random.default_rng(radius)
    for share in (0.03, 0.3, 0.8):
        image = rng.random((11, 14, channels))
        mask = (rng.random((11, 14)) < share).astype(np.uint8)
        # Results are clipped to the range of what is known near a hole.
        mask[4, 3:6] = 0, 1, 1
        image[4, 4:6] = [[-5], [5]]
        assert close_to_loops(image, mask, radius)


def test_a_step_is_promised_along_the_gradient_of_known_pixels():
    # A ramp of 10 a pixel: the mean of the neighbours would be flat.
    image = np.tile(10.0 * np.arange(12), (12, 1))
    mask = np.ones((12, 12))
    mask[:, 6] = 0
    filled = fast_marching_inpaint(image, mask)
    np.testing.assert_allclose(filled, image, atol=0.5)


@pytest.mark.parametrize("radius", [1, 2, 5, 12])
@pytest.mark.parametrize("rows", [slice(0, 3), slice(9, 12), slice(4, 7)])
def test_gradients_do_not_read_holes(rows, radius):
    rng = np.random.default_rng(0)
    image = rng.random((12, 13, 3), np.float32)
    mask = np.ones((12, 13), np.uint8)
    mask[rows, 2:9] = mask[5, 0] = mask[0, 12] = mask[11, 11] = 0
    wanted = fast_marching_inpaint(image, mask, radius)
    for anything in (7.0, -1e9, 1e38, np.nan, np.inf):
        image[mask == 0] = anything
        filled = fast_marching_inpaint(image, mask, radius)
        np.testing.assert_array_equal(filled, wanted)


def test_gradients_at_the_border_of_the_picture_are_one_sided():
    # Read beyond the border, as 0, they would draw the last row far off.
    image = np.full((9, 9), 100.0) + np.arange(9)
    mask = np.ones((9, 9))
    mask[7, 3:6] = 0
    filled = fast_marching_inpaint(image, mask, radius=1)
    np.testing.assert_allclose(filled, image, atol=1.0)


@pytest.mark.parametrize("value", [1.0, 200.0])
@pytest.mark.parametrize("radius", [1, 5, 12])
@pytest.mark.parametrize("place", [(0, 0), (7, 11), (15, 3)])
def test_one_known_pixel_gives_its_color_to_all(value, radius, place):
    for dtype in (np.uint8, np.float32):
        image = np.zeros((16, 20, 3), dtype)
        image[place] = value, 2, 3
        mask = np.zeros((16, 20))
        mask[place] = 1
        filled = fast_marching_inpaint(image, mask, radius)
        np.testing.assert_allclose(
            filled, np.broadcast_to(image[place], image.shape), rtol=1e-5
        )


def test_pixels_at_right_angles_to_the_front_count_too():
    # Beside each hole pixel lie the other column's: direction weight 0.
    image = np.array([[9.0, 9.0, 9.0], [9.0, 0.0, 9.0], [9.0, 9.0, 9.0]])
    mask = np.array([[1, 0, 1], [1, 0, 1], [1, 0, 1]])
    filled = fast_marching_inpaint(image, mask, radius=1)
    assert (filled == 9).all()


def test_what_is_near_in_distance_and_level_weighs_more():
    image = np.zeros((1, 12))
    image[0, :3] = 1
    mask = np.ones((1, 12))
    mask[0, 3:9] = 0
    filled = fast_marching_inpaint(image, mask, radius=5)[0]
    assert (np.diff(filled) <= 1e-6).all()
    assert filled[3] > 0.9 and filled[8] < 0.1


@pytest.mark.parametrize("turn", [np.transpose, np.flipud, np.fliplr, np.rot90])
def test_filling_turns_with_the_picture(turn):
    # Norms are Euclidean and no axis comes first. Only pixels of one layer
    # are painted row by row: a hole of two layers has no such ties inside.
    rng = np.random.default_rng(3)
    image = rng.random((20, 24), np.float32)
    mask = np.ones((20, 24))
    mask[6, 5] = mask[12, 14] = mask[0, 0] = mask[19, 20] = mask[3, 23] = 0
    filled = fast_marching_inpaint(image, mask)
    turned = fast_marching_inpaint(turn(image), turn(mask))
    np.testing.assert_allclose(turned, turn(filled), atol=1e-5)


@pytest.mark.parametrize("radius", [2, 5, 12])
def test_a_ramp_is_filled_well(radius):
    y, x = np.mgrid[:40, :50]
    ramp = 2.0 * x + y
    mask = np.ones((40, 50))
    mask[10:13, 5:45] = mask[20:30, 20:30] = 0
    error = np.abs(fast_marching_inpaint(ramp, mask, radius) - ramp)
    assert error[10:13, 5:45].mean() < 1.0
    assert error[20:30, 20:30].mean() < 3.0
