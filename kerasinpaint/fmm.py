"""Fast marching: the distance to a hole's rim, and Telea's inpainting.

The loops are compiled by Numba and live in `fmm_loops.py`.
"""

import cv2
import numpy as np

from kerasinpaint import fmm_loops
from kerasinpaint.fmm_loops import FAR

SLOPE = 0.5  # of the extrapolation; noise grows with it


def fast_marching_inpaint(image, mask, radius=5, finish=None):
    """Fills holes from their rim inwards, along level lines of distance.

    Pixels are taken in the order of their distance T to the rim, the
    solution of |grad T| = 1, and each is the weighted mean of the known
    pixels around it, extrapolated along their gradients.

    Args:
        image: uint8, uint16 or float array of shape `(height, width)` or
            `(height, width, channels)`. Values in holes are not read.
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
        ValueError: if `mask` does not fit `image`, nothing is known, or an
            argument is not one of those above.

    Example:

    >>> image = np.tile(np.arange(8.0), (8, 1))
    >>> mask = np.ones((8, 8)); mask[3:5, 3:5] = 0
    >>> abs(fast_marching_inpaint(image, mask) - image).max() < 0.5
    True

    Reference:

    - [Telea, 2004](https://doi.org/10.1080/10867651.2004.10487596)
    """
    image = np.asarray(image)
    hole = _hole(mask, radius)
    _check(image, hole, finish)
    result = image.copy()
    if not hole.any() or image.size == 0:
        return result
    window = _around(hole, radius)
    part, inside = result[window], hole[window]
    grid = _Grid(inside, radius)
    planes, low, high = grid.load(part.reshape(*inside.shape, -1))
    grid.march(planes)
    filled = grid.crop(planes[:, 0])
    if finish:
        filled = _smooth(filled, part, inside, finish)
    values = np.clip(filled[:, inside].T, low, high)
    if image.dtype.kind in "iu":
        values = np.rint(values)
    part[inside] = values.reshape(part[inside].shape)
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
        `-radius - 1`. `order` is int32: hole pixels are numbered from 0 as
        the front reaches them, known ones are -1.

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
    hole = _hole(mask, radius)
    grid = _Grid(hole, radius)
    reached = grid.march(np.zeros((0, 3, grid.T.size), np.float32))
    order = np.full(grid.T.size, -1, np.int32)
    order[reached] = np.arange(reached.size)
    T = np.maximum(grid.crop(grid.T[None])[0], -radius - 1)
    return T, grid.crop(order[None])[0].copy()


class _Grid:
    """T on a framed, flat copy of the picture's grid: no border cases.

    The frame is as good as a hole that is never filled: its T is `FAR`, so
    neither the front nor a pixel's window reads anything from it. Rows of
    the window are widened to a multiple of 8 for vector instructions.
    """

    def __init__(self, hole, radius):
        self.shape, self.radius = hole.shape, radius
        self.lanes = -(-(2 * radius + 1) // 8) * 8
        self.stride = hole.shape[1] + self.lanes
        size = (hole.shape[0] + 2 * radius) * self.stride
        self.T = np.full(size, FAR, np.float32)
        self.inside = np.zeros(size, np.uint8)
        self._view(self.inside)[:] = hole
        self._view(self.T)[~hole] = -FAR
        self.rim = np.flatnonzero(self._rim())
        tables, distance = _tables(radius, self.lanes)
        self.disc = radius, self.lanes, tables
        fmm_loops.reach_back(self.T, self.rim, self.stride, distance)

    def _view(self, flat):
        rows = flat.reshape(*flat.shape[:-1], -1, self.stride)
        height, width = self.shape
        return rows[
            ...,
            self.radius:self.radius + height,
            self.radius:self.radius + width,
        ]

    def _rim(self):
        """Known pixels beside a hole, on the framed grid."""
        hole = self._view(self.inside)
        cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
        rim = np.zeros_like(self.inside)
        self._view(rim)[:] = cv2.dilate(hole, cross) - hole
        return rim

    def load(self, channels):
        """Framed planes of what is known, `(channels, 3, size)`, and range.
        """
        corner = self.radius * (self.stride + 1)
        return fmm_loops.load(channels, self.T, self.stride, corner)

    def march(self, planes):
        """Solves T, paints `planes`, and returns the order of filling."""
        return fmm_loops.march(
            self.T, self.inside, planes, self.rim, self.stride, self.disc
        )

    def crop(self, planes):
        """`(channels, height, width)` of framed, flat planes."""
        return self._view(planes)


def _tables(radius, lanes):
    """What depends only on where in the window a pixel lies.

    Rows: the way from it to the centre, x and y, in pixels; the same of
    length 1; its weight by distance, 0 outside the disc; its distance.
    """
    y, x = np.mgrid[-radius:radius + 1, -radius:lanes - radius]
    distance = np.hypot(y, x)
    inverse = 1 / np.maximum(distance, 1)
    near = np.where((distance > 0) & (distance <= radius), inverse**2, 0)
    tables = (-SLOPE * x, -SLOPE * y, -x * inverse, -y * inverse, near)
    tables = tuple(table.astype(np.float32).ravel() for table in tables)
    return tables, distance.astype(np.float32)


def _around(hole, radius):
    """Slices of the holes' bounding box, with all that they look at."""
    margin = radius + 1
    slices = []
    for axis in (1, 0):
        places = np.flatnonzero(hole.any(axis=axis))
        start = max(places[0] - margin, 0)
        slices.append(slice(start, places[-1] + margin + 1))
    return tuple(slices)


def _smooth(filled, part, inside, finish):
    """Filters what was filled, in sight of the known pixels around it."""
    known = np.moveaxis(part.reshape(*inside.shape, -1), 2, 0)
    smooth = np.where(inside, filled, known).astype(np.float32)
    for plane in smooth:
        if finish == "median":
            plane[:] = cv2.medianBlur(plane, 5)
        else:
            color = max(0.1 * np.ptp(plane), 1e-6)
            plane[:] = cv2.bilateralFilter(plane.copy(), 7, color, 3.0)
    return smooth


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
    if radius != int(radius) or radius < 1:
        raise ValueError(
            "`radius` must be a whole number of pixels, 1 or more. "
            f"Received: radius={radius}."
        )
    return mask == 0


def _check(image, hole, finish):
    if image.ndim not in (2, 3) or image.shape[:2] != hole.shape:
        raise ValueError(
            "`mask` must have the height and width of `image`, which is of "
            "shape (height, width) or (height, width, channels). Received: "
            f"image of shape {image.shape}, mask of shape {hole.shape}."
        )
    if image.dtype.kind not in "uif":
        raise ValueError(
            "`image` must be of an integer or float dtype. Received: "
            f"image.dtype={image.dtype}."
        )
    if finish not in (None, "median", "bilateral"):
        raise ValueError(
            '`finish` must be None, "median" or "bilateral". '
            f"Received: finish={finish!r}."
        )
