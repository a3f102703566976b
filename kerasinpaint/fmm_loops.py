"""The compiled loops of fast marching, over flat, framed float32 arrays.

A pixel p is an index; its neighbours are p - 1, p + 1, p - stride and
p + stride. T tells a pixel's state: `FAR` is not reached (or the frame),
`-FAR` is known but out of reach, anything between is known or filled.

The window of a pixel is a few rows of `lanes` pixels, a multiple of 8: what
lies outside the disc has weight 0, and vector instructions need no rest.
Indices into it are unsigned: a signed one may be negative, which in Python
means something, and such loops are not vectorised. Nor are those that store
what they compute, so weights are made anew rather than kept.
"""

import numpy as np
from numba import njit, uint64

FAR = np.float32(1e6)
FLOOR = np.float32(1e-3)  # of the direction weight: all in reach count
ZERO, ONE = np.float32(0), np.float32(1)


def compiled(function):
    """`numba.njit`, cached on disk where the disk can be written."""
    options = {
        "error_model": "numpy",  # a division that may raise is not vectorised
        "forceinline": True,
        "fastmath": {"reassoc", "contract", "arcp", "nsz"},
    }
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # "no locator available": read-only file system
        return njit(**options)(function)


@compiled
def push(keys, items, size, key, item):
    """Adds to a binary heap of `size` entries, smallest key first."""
    i = size
    while i > 0 and keys[(i - 1) >> 1] > key:
        keys[i] = keys[(i - 1) >> 1]
        items[i] = items[(i - 1) >> 1]
        i = (i - 1) >> 1
    keys[i] = key
    items[i] = item


@compiled
def pop(keys, items, size):
    """Removes the first of a binary heap of `size` entries."""
    last = size - 1
    key, item = keys[last], items[last]
    keys[last] = np.inf  # so that the last child has a sibling to lose to
    i, child = 0, 1
    while child < last:
        child += keys[child + 1] < keys[child]
        if key <= keys[child]:
            break
        keys[i] = keys[child]
        items[i] = items[child]
        i, child = child, 2 * child + 1
    keys[i] = key
    items[i] = item


@compiled
def solve(T, p, stride):
    """T at p from its neighbours: the upwind solution of |grad T| = 1.

    The smaller neighbour of each axis gives the smallest of the four
    quadrants' solutions.
    """
    a = min(T[p - 1], T[p + 1])
    b = min(T[p - stride], T[p + stride])
    if abs(a - b) >= ONE:  # the other axis is of no help: its root is below
        return ONE + min(a, b)
    return np.float32(0.5) * (a + b + np.sqrt(ONE + ONE - (a - b) * (a - b)))


@compiled
def slope(T, p, step):
    """Derivative of T along an axis, from reached pixels only."""
    after, before = T[p + step], T[p - step]
    if after < FAR and before < FAR:
        return np.float32(0.5) * (after - before)
    if after < FAR:
        return after - T[p]
    return T[p] - before if before < FAR else ZERO


@compiled
def reach_back(T, rim, stride, distance):
    """Writes minus the distance to the rim on the known pixels around."""
    rows, lanes = distance.shape
    reach = rows // 2
    for p in rim:
        for row in range(rows):
            start = p + (row - reach) * stride - reach
            for i in range(lanes):
                closer = -distance[row, i] > T[start + i]
                if closer and distance[row, i] <= reach:
                    T[start + i] = -distance[row, i]


@compiled
def load(channels, T, stride, corner):
    """Framed planes of the known pixels in reach of a hole.

    Returns:
        Array of shape `(channels, 3, size)`: values, and their derivatives
        along x and y from known pixels only; the smallest and the largest
        value.
    """
    height, width, count = channels.shape
    planes = np.zeros((count, 3, T.size), np.float32)
    low, high = np.inf, -np.inf
    for y in range(height):
        for x in range(width):
            p = corner + y * stride + x
            if abs(T[p]) == FAR:
                continue
            west, east = x - int(T[p - 1] <= 0), x + int(T[p + 1] <= 0)
            north = y - int(T[p - stride] <= 0)
            south = y + int(T[p + stride] <= 0)
            for c in range(count):
                value = np.float32(channels[y, x, c])
                low, high = min(low, value), max(high, value)
                planes[c, 0, p] = value
                planes[c, 1, p] = (
                    np.float32(channels[y, east, c])
                    - np.float32(channels[y, west, c])
                ) / max(east - west, 1)
                planes[c, 2, p] = (
                    np.float32(channels[south, x, c])
                    - np.float32(channels[north, x, c])
                ) / max(south - north, 1)
    return planes, low, high


@compiled
def share(T, height, along, near):
    """Weight of a pixel: direction x distance x level, 0 if not reached."""
    weight = near * max(abs(along), FLOOR) / (ONE + abs(T - height))
    return weight if T < FAR else ZERO


@compiled
def means(T, p, x, y, stride, disc, a, b, c):
    """Weighted means of the reached pixels around p, in three channels."""
    reach, lanes = disc[0], uint64(disc[1])
    far_x, far_y, unit_x, unit_y, near = disc[2]
    start, at = uint64(p - reach * stride - reach), uint64(0)
    height, total = T[p], ZERO
    sum_a = sum_b = sum_c = ZERO
    for _ in range(2 * reach + 1):
        for i in range(lanes):
            q, k = start + i, at + i
            along = unit_x[k] * x + unit_y[k] * y
            weight = share(T[q], height, along, near[k])
            total += weight
            sum_a += weight * a[q]
            sum_b += weight * b[q]
            sum_c += weight * c[q]
        start, at = start + uint64(stride), at + lanes
    return sum_a / total, sum_b / total, sum_c / total


@compiled
def slopes(T, p, x, y, stride, disc, a, b, c):
    """What the gradients of known pixels add to `means`.

    `a`, `b` and `c` are `(3, size)`: values, derivatives along x and y. The
    latter are 0 where a pixel was filled: a gradient of guesses would feed on itself,
    and the noise in it grows with every pixel.
    """
    reach, lanes = disc[0], uint64(disc[1])
    far_x, far_y, unit_x, unit_y, near = disc[2]
    ax, ay, bx, by, cx, cy = a[1], a[2], b[1], b[2], c[1], c[2]
    start, at = uint64(p - reach * stride - reach), uint64(0)
    height, total = T[p], ZERO
    sum_a = sum_b = sum_c = ZERO
    for _ in range(2 * reach + 1):
        for i in range(lanes):
            q, k = start + i, at + i
            along = unit_x[k] * x + unit_y[k] * y
            weight = share(T[q], height, along, near[k])
            total += weight
            sum_a += weight * (far_x[k] * ax[q] + far_y[k] * ay[q])
            sum_b += weight * (far_x[k] * bx[q] + far_y[k] * by[q])
            sum_c += weight * (far_x[k] * cx[q] + far_y[k] * cy[q])
        start, at = start + uint64(stride), at + lanes
    return sum_a / total, sum_b / total, sum_c / total


@compiled
def paint(T, planes, p, stride, disc):
    """Gives p its value in each channel; T(p) must be solved.

    Three channels at a time share their weights; in a picture of one, the
    other two are copies. The sum of weights is never 0: the pixel from
    which the front came is known, and beside p.
    """
    x, y = slope(T, p, 1), slope(T, p, stride)
    norm = np.sqrt(x * x + y * y)
    x, y = (x / norm, y / norm) if norm > ZERO else (ZERO, ZERO)
    near_rim = T[p] <= disc[0] + 1
    last = planes.shape[0] - 1
    for i in range(0, last + 1, 3):
        a, b, c = planes[i], planes[min(i + 1, last)], planes[min(i + 2, last)]
        va, vb, vc = means(T, p, x, y, stride, disc, a[0], b[0], c[0])
        if near_rim:
            sa, sb, sc = slopes(T, p, x, y, stride, disc, a, b, c)
            va, vb, vc = va + sa, vb + sb, vc + sc
        c[0][p], b[0][p], a[0][p] = vc, vb, va


@compiled
def march(T, inside, planes, rim, stride, disc):
    """Fast marching; paints each pixel as it enters the narrow band.

    The band begins as `rim`, in raster order, all at T = 0. A pixel whose T
    becomes smaller is pushed again; what it left behind is skipped.

    Returns:
        The indices of the hole's pixels in the order of painting.
    """
    count = np.sum(inside)
    order = np.empty(count, np.int64)
    keys = np.full(4 * count + 1, np.inf, np.float32)
    items = np.empty(4 * count + 1, np.int64)
    size = painted = begun = 0
    while begun < rim.size or size > 0:
        if begun < rim.size:
            p = rim[begun]
            begun += 1
        else:
            p, key = items[0], keys[0]
            pop(keys, items, size)
            size -= 1
            if key > T[p]:
                continue
        for q in (p - stride, p - 1, p + 1, p + stride):
            t = solve(T, q, stride) if inside[q] else FAR
            if t >= T[q]:
                continue
            if T[q] == FAR:
                order[painted] = q
                painted += 1
                T[q] = t
                paint(T, planes, q, stride, disc)
            T[q] = t
            push(keys, items, size, t, q)
            size += 1
    return order
