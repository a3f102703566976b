"""The compiled loops of painting: weighted means around a pixel.

Pixels, grids and T are as in `fmm_front.py`. The window of a pixel is a few
rows of `lanes` pixels, a multiple of 8: what lies outside the disc has weight
0, and vector instructions need no rest. Indices into it are unsigned: a
signed one may be negative, which in Python means something, and such loops
are not vectorised. Nor are those that store what they compute, so weights
are made anew rather than kept.
"""

import numpy as np
from numba import uint64

from kerasinpaint.fmm_front import FAR, ONE, ZERO, beyond, compiled

FLOOR = np.float32(1e-3)  # of the direction weight: all in reach count
# Of a known value: sums in float32 are finite, results fit into 64 bits.
LARGEST = 4e18


def reordered(function):
    """`compiled`, with sums in any order: that is, many at once.

    Not for T: the front must get the same T from the same neighbours each
    time, to the last bit, or it never comes to rest.
    """
    return compiled(function, fastmath={"reassoc", "contract", "arcp", "nsz"})


@compiled
def slope(before, here, after):
    """Derivative of T along an axis, from reached pixels only."""
    if after < FAR and before < FAR:
        return np.float32(0.5) * (after - before)
    if after < FAR:
        return after - here
    return here - before if before < FAR else ZERO


@compiled
def uphill(T, p, grid):
    """Unit vector `(x, y)` along the gradient of T at p; 0 on a ridge."""
    x = slope(T[p - 1], T[p], T[p + 1])
    y = slope(T[beyond(grid, p, -1)], T[p], T[beyond(grid, p, 1)])
    norm = np.sqrt(x * x + y * y)
    return (x / norm, y / norm) if norm > ZERO else (ZERO, ZERO)


@compiled
def load(channels, T, planes, grid, margin):
    """Fills `planes` with values of known pixels, and their derivatives.

    `planes` is `(channels, 3, size)`: values, derivatives along x and along
    y, these from known pixels only.

    Returns:
        The smallest and the largest value; and a pixel that has one that
        cannot be reckoned with, -1 if none has.
    """
    slots, places, stride = grid
    low, high, bad = np.inf, -np.inf, -1
    for p in range(places.size):
        if T[p] <= 0:
            y, x = divmod(places[p], stride)
            for c in range(channels.shape[2]):
                value = np.float64(channels[y - margin, x - margin, c])
                low, high = min(low, value), max(high, value)
                planes[c, 0, p] = value
                if not abs(value) <= LARGEST:
                    bad = p
    for p in range(places.size):
        if abs(T[p]) < FAR:
            west, east = p - int(T[p - 1] <= 0), p + int(T[p + 1] <= 0)
            north, south = beyond(grid, p, -1), beyond(grid, p, 1)
            down = int(T[north] <= 0) + int(T[south] <= 0)
            north = north if T[north] <= 0 else p
            south = south if T[south] <= 0 else p
            for c in range(channels.shape[2]):
                value = planes[c, 0]
                dx, dy = value[east] - value[west], value[south] - value[north]
                planes[c, 1, p] = dx / max(east - west, 1)
                planes[c, 2, p] = dy / max(down, 1)
    return low, high, bad


@compiled
def store(channels, values, order, grid, margin, low, high, whole):
    """Writes what was filled into the picture, within its range."""
    slots, places, stride = grid
    for p in order:
        y, x = divmod(places[p], stride)
        for c in range(channels.shape[2]):
            value = min(max(np.float64(values[c, p]), low), high)
            value = np.rint(value) if whole else value
            channels[y - margin, x - margin, c] = value


def tables_of(radius, lanes):
    """What depends only on where in its window a pixel lies.

    Returns:
        The way from it to the centre, x and y, of length 1; its weight by
        distance, 0 outside the disc; and, apart, minus its distance, `-FAR`
        outside the disc.
    """
    y, x = np.mgrid[-radius:radius + 1, -radius:lanes - radius]
    distance = np.hypot(y, x)
    inverse = 1 / np.maximum(distance, 1)
    disc = distance <= radius
    near = np.where(disc & (distance > 0), inverse**2, 0)
    tables = (-x * inverse, -y * inverse, near)
    tables = tuple(table.astype(np.float32).ravel() for table in tables)
    return tables, np.where(disc, 0 - distance, -FAR).astype(np.float32)


@reordered
def share(T, height, along, near):
    """Weight of a pixel: direction x distance x level, 0 if not reached."""
    weight = near * max(abs(along), FLOOR) / (ONE + abs(T - height))
    return weight if T < FAR else ZERO


@reordered
def means(T, p, x, y, grid, disc, a, b, c):
    """Weighted means of the reached pixels around p, in three channels."""
    reach, lanes = disc[0], uint64(disc[1])
    unit_x, unit_y, near = disc[2]
    at, height, total = uint64(0), T[p], ZERO
    sum_a = sum_b = sum_c = ZERO
    for row in range(-reach, reach + 1):
        start = uint64(beyond(grid, p, row) - reach)
        for i in range(lanes):
            q, k = start + i, at + i
            along = unit_x[k] * x + unit_y[k] * y
            weight = share(T[q], height, along, near[k])
            total += weight
            sum_a += weight * a[q]
            sum_b += weight * b[q]
            sum_c += weight * c[q]
        at += lanes
    return sum_a / total, sum_b / total, sum_c / total


@reordered
def promises(T, p, x, y, grid, disc, a, b, c):
    """`means` of what known pixels promise p, one step up their gradients.

    `a`, `b` and `c` are `(3, size)`: values, derivatives along x and y. The
    latter are 0 where a pixel was painted: a gradient of guesses would feed
    on itself, and its noise grows with every pixel.
    """
    reach, lanes = disc[0], uint64(disc[1])
    unit_x, unit_y, near = disc[2]
    ax, ay, bx, by, cx, cy = a[1], a[2], b[1], b[2], c[1], c[2]
    a, b, c = a[0], b[0], c[0]
    at, height, total = uint64(0), T[p], ZERO
    sum_a = sum_b = sum_c = ZERO
    for row in range(-reach, reach + 1):
        start = uint64(beyond(grid, p, row) - reach)
        for i in range(lanes):
            q, k = start + i, at + i
            u, v = unit_x[k], unit_y[k]
            weight = share(T[q], height, u * x + v * y, near[k])
            total += weight
            sum_a += weight * (a[q] + u * ax[q] + v * ay[q])
            sum_b += weight * (b[q] + u * bx[q] + v * by[q])
            sum_c += weight * (c[q] + u * cx[q] + v * cy[q])
        at += lanes
    return sum_a / total, sum_b / total, sum_c / total


@compiled
def paint(T, front, planes, order, grid, disc):
    """Gives the pixels of a hole their values, in the order given.

    `front` is T where a pixel is known or painted, and `FAR` where not yet.
    Three channels at a time share their weights; in a picture of one, the
    other two are copies. The sum of weights is never 0: the neighbour from
    which the front came is known or painted before.
    """
    last = planes.shape[0] - 1
    for p in order:
        x, y = uphill(T, p, grid)
        front[p] = T[p]
        for i in range(0, last + 1, 3):
            a, b = planes[i], planes[min(i + 1, last)]
            c = planes[min(i + 2, last)]
            if T[p] <= disc[0] + 1:  # known pixels are in the disc
                va, vb, vc = promises(front, p, x, y, grid, disc, a, b, c)
            else:
                va, vb, vc = means(
                    front, p, x, y, grid, disc, a[0], b[0], c[0]
                )
            c[0, p], b[0, p], a[0, p] = vc, vb, va
