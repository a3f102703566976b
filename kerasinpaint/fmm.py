"""Fast marching: the distance to a hole's rim, and Telea's inpainting.

The loops are compiled by Numba and live in `fmm_front.py`.
"""

import cv2
import numpy as np

from kerasinpaint import fmm_front, fmm_paint
from kerasinpaint.fmm_front import FAR, STEP


def fast_marching_inpaint(image, mask, radius=5, finish=None):
    """Fills holes from their rim inwards, along level lines of distance.

    Pixels are taken in the order of their distance T to the rim, the
    solution of |grad T| = 1, in layers of 0.7 pixels. Each is the weighted
    mean of the known pixels around it, extrapolated along their gradients
    by one pixel: by their whole distance, noise would grow with each layer.

    Args:
        image: array of integers or floats of up to 64 bits, of shape
            `(height, width)` or `(height, width, channels)`. Values in
            holes are not read.
        mask: array of shape `(height, width)` or `(height, width, 1)`.
            1 is known, 0 is a hole.
        radius: int, how far, in pixels, a hole pixel looks for known ones.
        finish: `None`, `"median"` or `"bilateral"`: a filter that smooths
            what was filled, and nothing else.

    Returns:
        An array of the shape and dtype of `image`. Known pixels are
        returned bit for bit; filled ones lie between the darkest and the
        brightest known value beside the hole.

    Raises:
        ValueError: if `mask` does not fit `image`, nothing is known, a
            known pixel beside a hole is not finite, or an argument is not
            one of those above.

    Example:

    >>> image = np.tile(np.arange(8.0), (8, 1))
    >>> mask = np.ones((8, 8)); mask[3:5, 3:5] = 0
    >>> bool(abs(fast_marching_inpaint(image, mask) - image).max() < 0.5)
    True

    Reference:

    - [Telea, 2004](https://doi.org/10.1080/10867651.2004.10487596)
    """
    image = np.asarray(image)
    hole, radius = _hole(mask, radius)
    _check(image, hole, finish)
    result = image.copy()
    if not hole.any() or image.size == 0:
        return result
    window = _around(hole, radius)
    part, inside = result[window], hole[window]
    grid = _Grid(inside, radius)
    channels = np.ascontiguousarray(part, _native(image.dtype))
    channels = channels.reshape(*inside.shape, -1)
    planes, low, high = grid.load(channels)
    order = grid.march()
    grid.paint(planes, order)
    fmm_paint.store(
        channels, planes[:, 0], order, grid.grid, grid.margin, low, high,
        image.dtype.kind in "iu",
    )
    if finish:
        _smooth(channels, inside, finish, low, high)
    result[window] = channels.reshape(part.shape)
    return result


def march(mask, radius=5):
    """Marches from the rim of the holes inwards, without painting.

    Args:
        mask: array of shape `(height, width)` or `(height, width, 1)`.
            1 is known, 0 is a hole.
        radius: int, how far from a hole, in pixels, the distance of known
            pixels is wanted.

    Returns:
        A tuple `(T, order)` of arrays of shape `(height, width)`. `T` is
        float32, in pixels: 0 on the known pixels beside a hole, positive
        in holes, negative on the known side, where it stops at
        `-radius - 1`. `order` is int32: hole pixels are numbered from 0 in
        the order of filling, known ones are -1.

    Raises:
        ValueError: if nothing is known or `radius` is below 1.

    Example:

    >>> T, order = march(np.array([[1, 0, 0, 0, 1]]))
    >>> T
    array([[0., 1., 2., 1., 0.]], dtype=float32)
    >>> order
    array([[-1,  0,  2,  1, -1]], dtype=int32)

    Reference:

    - [Sethian, 1996](https://doi.org/10.1073/pnas.93.4.1591)
    """
    hole, radius = _hole(mask, radius)
    grid = _Grid(hole, radius)
    reached = grid.march()
    order = np.full(hole.shape, -1, np.int32)
    order[grid.position(reached)] = np.arange(reached.size)
    T = np.full(hole.shape, -radius - 1, np.float32)
    near = np.flatnonzero(np.abs(grid.T[:grid.places.size]) < FAR)
    T[grid.position(near)] = grid.T[near]
    return T, order


class _Grid:
    """The pixels in and near holes, numbered in raster order, and their T.

    The grid is framed, so that no loop knows of borders: the frame is as
    good as a hole that is never filled. Pixels away from holes have no
    number: a 4000 px scan with a hair on it needs little memory. The
    window of a pixel to fill is near the hole as a whole, so that each of
    its rows is a run of numbers.
    """

    def __init__(self, hole, radius):
        radius = min(radius, sum(hole.shape))  # which sees all of it
        lanes = -(-(2 * radius + 1) // 8) * 8
        tables, back = fmm_paint.tables_of(radius, lanes)
        self.margin, self.disc = radius + 1, (radius, lanes, tables)
        state = np.pad(hole + np.uint8(1), self.margin)
        inside = (state == 2).astype(np.uint8)
        window = np.ones((2 * self.margin + 1,) * 2, np.uint8)
        near = cv2.dilate(inside, window)
        self.stride = state.shape[1]
        slots, self.places, self.T, self.rim = fmm_front.number(
            near.ravel(), state.ravel(), self.stride, lanes
        )
        self.grid = slots, self.places, self.stride
        fmm_front.reach_back(self.T, self.rim, self.grid, back)

    def load(self, channels):
        """Planes of what is known, `(channels, 3, size)`, and range."""
        planes = np.zeros((channels.shape[2], 3, self.T.size), np.float32)
        low, high, bad = fmm_paint.load(
            channels, self.T, planes, self.grid, self.margin
        )
        if bad >= 0:
            raise ValueError(
                "Known pixels of `image` must be finite near holes, and "
                f"within {fmm_paint.LARGEST:g} of 0. Mark others as holes in "
                f"`mask`. Received: {channels[self.position(bad)]}."
            )
        return planes, low, high

    def march(self):
        """Solves T; returns the hole's pixels in the order of filling.

        That is layer by layer of T, row by row in each, for memory to be
        read in order.
        """
        holes = np.flatnonzero(self.T == FAR)
        fmm_front.march(self.T, holes.size, self.rim, self.grid)
        layers = self.T[holes] / STEP
        short = layers.max(initial=0) < 2**16  # is sorted by radix, fast
        layers = layers.astype(np.uint16 if short else np.int32)
        return holes[np.argsort(layers, kind="stable")]

    def paint(self, planes, order):
        """Fills `planes`, whose holes are not read before."""
        front = np.where(self.T > 0, np.maximum(self.T, FAR), self.T)
        fmm_paint.paint(self.T, front, planes, order, self.grid, self.disc)

    def position(self, numbers):
        """Rows and columns in the picture of numbered pixels."""
        rows, columns = np.divmod(self.places[numbers], self.stride)
        return rows - self.margin, columns - self.margin


def _around(hole, radius):
    """Slices of the holes' bounding box, with all that they look at."""
    margin = radius + 1
    slices = []
    for axis in (1, 0):
        places = np.flatnonzero(hole.any(axis=axis))
        start = max(places[0] - margin, 0)
        slices.append(slice(start, places[-1] + margin + 1))
    return tuple(slices)


def _smooth(channels, inside, finish, low, high):
    """Filters what was filled, in place, in sight of what is known."""
    for c in range(channels.shape[2]):
        # Far from holes anything may be, NaN too: fmax and fmin drop it.
        plane = np.fmin(np.fmax(channels[..., c], low), high)
        plane = plane.astype(np.float32)
        if finish == "median":
            smooth = cv2.medianBlur(plane, 5)
        else:
            color = max(0.1 * float(np.ptp(plane)), 1e-6)
            smooth = cv2.bilateralFilter(plane, 7, color, 3.0)
        smooth = smooth[inside].astype(np.float64)
        if channels.dtype.kind in "iu":
            smooth = np.rint(smooth)
        channels[inside, c] = np.clip(smooth, low, high)


def _native(dtype):
    """The dtype to compute in: Numba knows neither float16 nor byte orders."""
    dtype = dtype.newbyteorder("=")
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def _hole(mask, radius):
    mask = np.asarray(mask)
    if mask.ndim == 3 and mask.shape[2] == 1:
        mask = mask[..., 0]
    if mask.ndim != 2:
        raise ValueError(
            "`mask` must be of shape (height, width) or (height, width, 1). "
            f"Received: mask of shape {mask.shape}."
        )
    if mask.size and not mask.any():
        raise ValueError(
            "`mask` must hold at least one known pixel (1). Received: a mask "
            f"of shape {mask.shape} that is a hole (0) all over."
        )
    if not isinstance(radius, (int, np.integer)) or radius < 1:
        raise ValueError(
            "`radius` must be a whole number of pixels, an int, 1 or more. "
            f"Received: radius={radius!r}."
        )
    return mask == 0, int(radius)  # a small dtype would overflow


def _check(image, hole, finish):
    if image.ndim not in (2, 3) or image.shape[:2] != hole.shape:
        raise ValueError(
            "`mask` must have the height and width of `image`, which is of "
            "shape (height, width) or (height, width, channels). Received: "
            f"image of shape {image.shape}, mask of shape {hole.shape}."
        )
    if image.dtype.kind not in "uif" or image.dtype.itemsize > 8:
        raise ValueError(
            "`image` must be of an integer or float dtype of up to 64 bits. "
            f"Received: image.dtype={image.dtype}."
        )
    if finish not in (None, "median", "bilateral"):
        raise ValueError(
            '`finish` must be None, "median" or "bilateral". '
            f"Received: finish={finish!r}."
        )
