"""Masks drawn from a label map: of objects, and across their boundaries.

A generator is called as `generator(labels, rng, amount=1.0)` and returns
uint8 of shape `(height, width, 1)`, 1 = known, 0 = hole. `GENERATORS` lists
them all; `with_hole_ratio(generator, labels, rng, ratio=(low, high))` draws
masks of a wanted hole ratio.
"""

import cv2
import numpy as np

from kerasinpaint.mask_ratio import all_known, with_hole_ratio
from kerasinpaint.noise import perlin_noise

SHAPES = ("circle", "rectangle", "irregular")


def object_aware(labels, rng, amount=1.0, count=(1, 2), roughness=0.012):
    """Holes like objects: components of a label map, changed at random.

    One or two connected components are picked, then dilated, eroded, opened
    or closed, and Perlin noise moves their edge in and out. Label 0 is
    background and never picked.

    Args:
        labels: int array of shape `(height, width)`.
        rng: a `np.random.Generator`.
        amount: float, multiplies the number of components. What cannot be
            had by their number shrinks or widens them.
        count: pair of ints, fewest and most components.
        roughness: float, how far noise moves the edge, as a share of the
            shorter side.

    Returns:
        uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a hole.

    Raises:
        ValueError: if `labels` is no map of at least two labels.
    """
    present = _present_labels(labels)
    wanted = amount * rng.integers(count[0], count[1], endpoint=True)
    u = rng.random(2)
    short = min(labels.shape)
    noise = perlin_noise(*labels.shape, rng, cells=12) * roughness * short
    holes, number = _pick(labels, present, rng, wanted)
    radius = (0.01 + 0.03 * u[1]) * short
    change = ("dilate", "erode", "open", "close")[int(4 * u[0])]
    if change in ("open", "close"):
        holes = _open_or_close(holes, change, radius)
    away = _signed_distance(holes)
    deepest = away.min()
    # All others only move the edge, away by a distance.
    edge = {"dilate": radius, "erode": -radius}.get(change, 0)
    edge = max(edge, deepest / 2)
    if wanted < number:
        edge += (1 - wanted / number) * (deepest - edge)
    else:
        edge += (wanted / number - 1) * 0.1 * short
    # Noise may not eat a hole up: its innermost pixels stay.
    hole = (away + noise < edge) | (away <= min(edge, 0.9 * deepest))
    return 1 - hole[..., None].astype(np.uint8)


def _pick(labels, present, rng, wanted):
    """A union of about as many components as wanted, and their number."""
    holes = np.zeros(labels.shape, np.uint8)
    components = _components(labels, present, rng)
    for number, component in enumerate(components, 1):  # noqa: B007
        holes |= component
        if number + 0.5 > wanted:
            break
    return holes, number


def _present_labels(labels):
    """The labels of a map, after a look at whether it is one."""
    if labels.ndim != 2 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            "`labels` must be an int array of shape `(height, width)`. "
            f"Received: {labels.dtype} of shape {labels.shape}."
        )
    low, high = labels.min(), labels.max()
    if low == high:
        raise ValueError(
            "`labels` must have at least two labels, for there to be an "
            f"object or a boundary. Received: {low} everywhere."
        )
    if low < 0 or high > 65535:
        return np.unique(labels)
    return np.flatnonzero(np.bincount(labels.ravel()))


def _components(labels, present, rng):
    """Connected components of random labels other than background."""
    for label in rng.permutation(present[present != 0]):
        same = (labels == label).astype(np.uint8)
        number, component, stats, _ = cv2.connectedComponentsWithStats(same)
        area = stats[1:, cv2.CC_STAT_AREA].astype(float)
        # Large ones first, mostly: specks are no objects.
        order = np.argsort(rng.random(number - 1) ** (area.max() / area))
        for place in order[::-1]:
            yield (component == place + 1).astype(np.uint8)


def _open_or_close(holes, change, radius):
    size = 2 * round(radius) + 1
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    kind = cv2.MORPH_OPEN if change == "open" else cv2.MORPH_CLOSE
    changed = cv2.morphologyEx(holes, kind, brush)
    # Opening removes what is thinner than the brush, maybe all of it.
    return changed if changed.any() else holes


def _signed_distance(holes):
    """Distance to the edge of the holes in pixels, negative inside."""
    if holes.all():
        return np.full(holes.shape, -float(min(holes.shape)), np.float32)
    outside = cv2.distanceTransform(1 - holes, cv2.DIST_L2, 3)
    return outside - cv2.distanceTransform(holes, cv2.DIST_L2, 3)


def boundary(labels, rng, amount=1.0, size=(0.1, 0.3), shapes=SHAPES):
    """A hole across a boundary between labels.

    A circle, a rectangle or an irregular shape, centred on a pixel of a
    boundary, and verified to cover at least two labels.

    Args:
        labels: int array of shape `(height, width)`.
        rng: a `np.random.Generator`.
        amount: float, multiplies the area.
        size: pair of floats, smallest and largest radius, as shares of the
            shorter side.
        shapes: the shapes to choose from.

    Returns:
        uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a hole.

    Raises:
        ValueError: if `labels` has no boundary, or if a shape across one
            was not found in 20 tries.
    """
    _present_labels(labels)
    pixels = np.flatnonzero(edges(labels))
    for _ in range(20):
        pixel = pixels[int(rng.random() * len(pixels))]
        center = pixel % labels.shape[1], pixel // labels.shape[1]
        radius = rng.uniform(*size) * np.sqrt(amount) * min(labels.shape)
        shape = shapes[int(rng.random() * len(shapes))]
        mask = _shape(labels.shape, center, max(1, radius), shape, rng)
        covered = labels[mask[..., 0] == 0]
        if covered.min() != covered.max():
            return mask
    raise ValueError(
        "No shape covered two labels in 20 tries. Received: labels of shape "
        f"{labels.shape}, amount={amount}, size={size}."
    )


def edges(labels):
    """Pixels whose label is not that of the one above, or to the left."""
    edge = np.zeros(labels.shape, bool)
    edge[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edge[1:] |= labels[1:] != labels[:-1]
    return edge


def _shape(shape, center, radius, kind, rng):
    """A hole of one of `SHAPES` around a centre (x, y)."""
    mask = all_known(*shape)
    around = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    if kind == "circle":
        far = np.ones(64)
    elif kind == "rectangle":
        lean = rng.uniform(0.15, 0.35) * np.pi
        around = np.array([lean, np.pi - lean, np.pi + lean, -lean])
        far = np.ones(4)
    else:
        wave = np.arange(2, 8)[:, None]
        phase = rng.uniform(0, 2 * np.pi, wave.shape)
        far = np.cos(wave * around + phase) * rng.normal(size=wave.shape)
        far = np.clip(1 + 0.4 * (far / wave**0.5).sum(0), 0.3, 2)
    outline = np.stack([np.cos(around), np.sin(around)], 1)
    outline = np.multiply(center, 1.0) + radius * far[:, None] * outline
    cv2.fillPoly(mask, [outline.round().astype(np.int32)], 0)
    return mask


def hide(place, margin):
    """The mask that hides a place, and what is near it.

    Args:
        place: bool array of shape `(height, width)`.
        margin: int, how far the hole reaches beyond it, in pixels.

    Returns:
        uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a hole.

    Example:

    >>> hide(np.array([[0, 0, 1, 0, 0]]) > 0, margin=1)[0, :, 0].tolist()
    [1, 0, 0, 0, 1]
    """
    # A brush as wide as margins of large pictures are would take seconds.
    away = cv2.distanceTransform(
        (~place.astype(bool)).astype(np.uint8), cv2.DIST_L2, 5
    )
    hole = (away <= margin) & place.any()
    return 1 - hole[..., None].astype(np.uint8)


def random_labels(height, width, rng, labels=5):
    """A label map to draw from where none is at hand.

    Voronoi cells with edges bent by Perlin noise, shared out among
    background, 0, and a few labels.

    Args:
        height: int, in pixels.
        width: int, in pixels.
        rng: a `np.random.Generator`.
        labels: int, labels beside the background.

    Returns:
        int32 array of shape `(height, width)` with values from 0 to
        `labels`. With two pixels or more it has background and another.

    Raises:
        ValueError: if a side is not positive.
    """
    all_known(height, width)
    points = rng.random((5 * labels, 2)) * (height, width)
    bend = 0.08 * min(height, width)
    y = np.arange(height)[:, None] + bend * perlin_noise(height, width, rng, 5)
    x = np.arange(width) + bend * perlin_noise(height, width, rng, 5)
    nearest = np.zeros((height, width), int)
    closest = np.full((height, width), np.inf)
    for cell, (point_y, point_x) in enumerate(points):
        apart = (y - point_y) ** 2 + (x - point_x) ** 2
        nearest[apart < closest] = cell
        closest = np.minimum(apart, closest)
    names = rng.integers(1, labels, len(points), endpoint=True)
    names[rng.random(len(points)) < 0.4] = 0
    found = names.astype(np.int32)[nearest]
    if found.min() > 0 or found.max() == 0:
        # On a few pixels all cells that are seen may be of one kind.
        found.ravel()[: found.size // 2] = found.max() == 0
    return found


GENERATORS = {"object_aware": object_aware, "boundary": boundary}

__all__ = [
    "GENERATORS",
    "edges",
    "hide",
    "random_labels",
    "with_hole_ratio",
    *GENERATORS,
]
