"""The compiled loops of the front: T by fast marching.

A pixel p is its number among those near a hole, in raster order; `grid` is
`(slots, places, stride)`: the number of a place in the framed picture, the
place of a number, and how far the next row is. T tells a pixel's state:
`FRAME` is outside the picture, `FAR` is not reached, `-FAR` is known but out
of reach, anything between is known or solved.
"""

import numpy as np
from numba import njit, uint64

FAR = np.float32(1e6)
FRAME = np.float32(2e6)
ZERO, ONE = np.float32(0), np.float32(1)
# The thickness of a layer of T, in pixels: T is at least sqrt(1/2) more than
# that of the nearest neighbour, so that this one is in an earlier layer.
STEP = np.float32(0.7)


def compiled(function, **options):
    """`numba.njit`, cached on disk where the disk can be written."""
    # A division that may raise is not vectorised, nor is a call.
    options |= {"error_model": "numpy", "forceinline": True}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # "no locator available": read-only file system
        return njit(**options)(function)


@compiled
def beyond(grid, p, rows):
    """The pixel so many rows below p."""
    slots, places, stride = grid
    return np.int64(slots[places[p] + rows * stride])


@compiled
def solve(T, p, grid):
    """T at p from its neighbours: the upwind solution of |grad T| = 1.

    The smaller neighbour of each axis gives the smallest of the four
    quadrants' solutions.
    """
    a = min(T[p - 1], T[p + 1])
    b = min(T[beyond(grid, p, -1)], T[beyond(grid, p, 1)])
    if abs(a - b) >= ONE:  # the other axis is of no help: its root is below
        return ONE + min(a, b)
    return np.float32(0.5) * (a + b + np.sqrt(ONE + ONE - (a - b) * (a - b)))


@compiled
def number(near, state, stride, lanes):
    """Numbers the pixels near a hole, and finds the rim among them.

    `state` is 0 in the frame, 1 on known pixels, 2 in holes. Returns the
    slots and places of a grid, T before the march, and the rim's pixels.
    """
    count = np.sum(near != 0)
    slots = np.empty(near.size, np.int32)
    places = np.empty(count, np.int32)
    T = np.full(count + lanes, FRAME, np.float32)
    rim = np.empty(count, np.int64)
    size = rims = 0
    for place in range(near.size):
        slots[place] = size
        if near[place]:
            places[size] = place
            if state[place] == 2:
                T[size] = FAR
            elif state[place] == 1:
                T[size] = -FAR
                sides = max(
                    state[place - stride], state[place - 1],
                    state[place + 1], state[place + stride],
                )
                if sides == 2:
                    rim[rims] = size
                    rims += 1
            size += 1
    return slots, places, T, rim[:rims]


@compiled
def reach_back(T, rim, grid, back):
    """Writes minus the distance to the rim on the known pixels around.

    `back` holds it for a pixel's window, and `-FAR` outside the disc.
    """
    rows, lanes = back.shape[0], uint64(back.shape[1])
    reach = rows // 2
    for p in rim:
        for row in range(rows):
            start = uint64(beyond(grid, p, row - reach) - reach)
            for i in range(lanes):
                T[start + i] = max(T[start + i], back[row, i])


@compiled
def march(T, holes, rim, grid):
    """Solves T in so many pixels of holes, outwards from `rim`, where it is 0.

    The front goes by layers of T, in which a pixel waits in a list, not in
    a heap. What it reaches lies in the same layer or one of the next two:
    three lists take turns, each a ring. A pixel enters a list when the
    front first reaches it, and again when its T becomes smaller; what it
    left behind is skipped. T comes out as over a heap, in a third of the
    time.
    """
    size = 1
    while size < max(holes, rim.size):
        size *= 2  # a ring never overflows: no pixel is twice in a list
    waiting = np.empty((3, size), np.int32)
    waiting[0, :rim.size] = rim
    waits = np.zeros(T.size, np.uint8)  # a bit for each list
    first, end = np.array([0, 0, 0]), np.array([rim.size, 0, 0])
    layer = 0
    while (first < end).any():
        turn = layer % 3
        while first[turn] < end[turn]:
            p = np.int64(waiting[turn, first[turn] & (size - 1)])
            first[turn] += 1
            waits[p] &= ~(1 << turn)
            if np.int64(T[p] / STEP) < layer:  # as it was put there
                continue
            for q in (beyond(grid, p, -1), p - 1, p + 1, beyond(grid, p, 1)):
                if T[q] <= T[p] or T[q] == FRAME:
                    continue
                t = solve(T, q, grid)
                if t < T[q]:
                    T[q] = t
                    there = np.int64(t / STEP) % 3
                    if not waits[q] & (1 << there):
                        waits[q] |= 1 << there
                        waiting[there, end[there] & (size - 1)] = q
                        end[there] += 1
        layer += 1
