"""Masks that need only a size: lines, strokes, boxes, borders, damage.

A generator is called as `generator(height, width, rng, amount=1.0)` and
returns uint8 of shape `(height, width, 1)`, 1 = known, 0 = hole. `amount`
says how much is drawn. `GENERATORS` lists them all.
"""

import cv2
import numpy as np

from kerasinpaint.damage import (
    damage,
    scratches,
    scratches_alpha,
    water,
    water_alpha,
)
from kerasinpaint.mask_files import folder_masks, vary
from kerasinpaint.mask_ratio import all_known, hole_ratio, with_hole_ratio


def lines(height, width, rng, amount=1.0, count=(1, 10), thickness=(1, 6)):
    """Straight lines from edge to edge, like scratches on a negative.

    Args:
        height: int, in pixels.
        width: int, in pixels.
        rng: a `np.random.Generator`.
        amount: float, multiplies the number of lines.
        count: pair of ints, fewest and most lines.
        thickness: pair of ints, thinnest and thickest line, in pixels.

    Returns:
        uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a hole.
    """
    mask = all_known(height, width)
    number = amount * rng.integers(count[0], count[1], endpoint=True)
    # One row a line: a larger amount keeps the lines of a smaller one.
    u = rng.random((max(1, round(number)), 5))
    side = (4 * u[:, 0]).astype(int)
    other = (side + 1 + (3 * u[:, 1]).astype(int)) % 4
    start = _edge_points(height, width, side, u[:, 2]).tolist()
    end = _edge_points(height, width, other, u[:, 3]).tolist()
    low, high = thickness
    thick = (low + (high + 1 - low) * u[:, 4]).astype(int).tolist()
    for one, two, pixels in zip(start, end, thick, strict=True):
        cv2.line(mask, one, two, 0, pixels)
    return mask


def _edge_points(height, width, side, along):
    """Points (x, y) on the top, right, bottom or left edge."""
    along = np.where(side % 2, 1 - along, along)
    far = (side == 1) | (side == 2)
    x = np.where(side % 2, far, along) * (width - 1)
    y = np.where(side % 2, along, far) * (height - 1)
    return np.stack([x, y], 1).round().astype(int)


def strokes(
    height, width, rng, amount=1.0, thickness=(0.04, 0.14), segments=(4, 40)
):
    """Free-form strokes of a round brush, as someone would paint them.

    Args:
        height: int, in pixels.
        width: int, in pixels.
        rng: a `np.random.Generator`.
        amount: float, multiplies the length that is painted.
        thickness: pair of floats, of the brush, as shares of the shorter
            side.
        segments: pair of ints, fewest and most straight segments.

    Returns:
        uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a hole.

    Reference:

    - [Yu et al., 2019](https://arxiv.org/abs/1806.03589)
    """
    mask = all_known(height, width)
    to_paint = amount * rng.uniform(*segments)
    brush = min(1, np.sqrt(to_paint)) * min(height, width)
    while to_paint > 0:
        to_paint -= _stroke(mask, rng, to_paint, brush, thickness)
    return mask


def _stroke(mask, rng, to_paint, brush, thickness):
    """Paints one stroke, or its beginning; returns its segments."""
    height, width = mask.shape[:2]
    number = rng.integers(4, 12, endpoint=True)
    start_x, start_y, toward, thick = rng.random(4)
    u = rng.random((number, 3))
    # Turns of 2/5 of a half circle, give or take, mostly in a zigzag.
    turn = np.pi * (0.4 + 0.26 * (u[:, 0] - 0.5))
    turn[u[:, 1] < 0.5] *= -1
    heading = 2 * np.pi * toward + np.cumsum(turn)
    length = np.hypot(height, width) / 8 * (0.4 + 1.2 * u[:, 2])
    length *= np.clip(to_paint - np.arange(number), 0, 1)
    points = np.empty((number + 1, 2))
    points[0] = start_x * width, start_y * height
    points[1:, 0] = points[0, 0] + np.cumsum(length * np.cos(heading))
    points[1:, 1] = points[0, 1] + np.cumsum(length * np.sin(heading))
    # A stroke that leaves the picture is mirrored back into it.
    size = np.array([width, height])
    points = size - abs(points % (2 * size) - size)
    low, high = thickness
    pixels = (low + (high - low) * thick) * brush
    points = points[: int(np.ceil(to_paint)) + 1].astype(np.int32)
    cv2.polylines(mask, [points], False, 0, max(1, round(pixels)))
    return number


def wide_strokes(height, width, rng, amount=1.0, thickness=(0.1, 0.4)):
    """Wide strokes, boxes, or both, as LaMa was trained with.

    Args:
        height: int, in pixels.
        width: int, in pixels.
        rng: a `np.random.Generator`.
        amount: float, multiplies what is painted.
        thickness: pair of floats, of the brush, as shares of the shorter
            side.

    Returns:
        uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a hole.

    Reference:

    - [Suvorov et al., 2022](https://arxiv.org/abs/2109.07161)
    """
    share = rng.choice([0.0, 0.5, 1.0])
    mask = all_known(height, width)
    if share > 0:
        mask &= strokes(height, width, rng, share * amount, thickness, (2, 8))
    if share < 1:
        mask &= boxes(height, width, rng, (1 - share) * amount, (1, 3))
    return mask


def boxes(height, width, rng, amount=1.0, count=(1, 5), side=(0.1, 0.4)):
    """Boxes that lie anywhere and may overlap.

    Args:
        height: int, in pixels.
        width: int, in pixels.
        rng: a `np.random.Generator`.
        amount: float, multiplies the area of each box.
        count: pair of ints, fewest and most boxes.
        side: pair of floats, shortest and longest side, as shares of the
            picture's.

    Returns:
        uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a hole.
    """
    mask = all_known(height, width)
    size = np.array([height, width])
    u = rng.random((rng.integers(count[0], count[1], endpoint=True), 2, 2))
    sides = (side[0] + (side[1] - side[0]) * u[:, 0]) * np.sqrt(amount)
    sides = np.clip((sides * size).round(), 1, size)
    start = (u[:, 1] * (size - sides)).round()
    corners = np.concatenate([start, start + sides], 1).astype(int)
    for top, left, bottom, right in corners.tolist():
        mask[top:bottom, left:right] = 0
    return mask


def center_box(height, width, rng, amount=1.0, side=(0.4, 0.6)):
    """One box in the middle.

    Args:
        height: int, in pixels.
        width: int, in pixels.
        rng: a `np.random.Generator`.
        amount: float, multiplies the area of the box.
        side: pair of floats, shortest and longest side, as shares of the
            picture's. `(0.5, 0.5)` is the box of the context encoders.

    Returns:
        uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a hole.

    Reference:

    - [Pathak et al., 2016](https://arxiv.org/abs/1604.07379)
    """
    mask = all_known(height, width)
    size = np.array([height, width])
    sides = rng.uniform(*side, 2) * np.sqrt(amount) * size
    sides = np.clip(sides.round(), 1, size).astype(int)
    top, left = (size - sides) // 2
    mask[top : top + sides[0], left : left + sides[1]] = 0
    return mask


def border(height, width, rng, amount=1.0, depth=(0.05, 0.25)):
    """All around, or on some sides: outpainting. The centre stays known.

    Args:
        height: int, in pixels.
        width: int, in pixels.
        rng: a `np.random.Generator`.
        amount: float, multiplies the depth.
        depth: pair of floats, how far a hole reaches in, as shares of the
            picture's sides.

    Returns:
        uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a hole.
    """
    mask = all_known(height, width)
    some = rng.integers(1, 16)
    sides = 15 if rng.random() < 0.5 else some
    depths = rng.uniform(*depth, 4) * amount
    top, bottom, left, right = (
        min(round(share * length), (length - 1) // 2) if sides >> bit & 1 else 0
        for bit, (share, length) in enumerate(
            zip(depths, (height, height, width, width), strict=True)
        )
    )
    known = np.zeros_like(mask)
    known[top : height - bottom, left : width - right] = 1
    return known


GENERATORS = {
    "lines": lines,
    "strokes": strokes,
    "wide_strokes": wide_strokes,
    "boxes": boxes,
    "center_box": center_box,
    "border": border,
    "scratches": scratches,
    "water": water,
}

__all__ = [
    "GENERATORS",
    "damage",
    "folder_masks",
    "hole_ratio",
    "scratches_alpha",
    "vary",
    "water_alpha",
    "with_hole_ratio",
    *GENERATORS,
]
