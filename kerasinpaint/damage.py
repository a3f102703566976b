"""What time does to photographs: scratches and water stains."""

import cv2
import numpy as np

from kerasinpaint.mask_ratio import all_known
from kerasinpaint.noise import perlin_noise

STEPS = 48  # Points of a scratch's path.
CELLS = 96  # Voronoi cells of a picture.
SHIFT = 4  # OpenCV draws at a sixteenth of a pixel with it.


def scratches(height, width, rng, amount=1.0, **options):
    """The pixels that `scratches_alpha` touches, as a mask."""
    alpha = scratches_alpha(height, width, rng, amount, **options)
    return (alpha == 0).astype(np.uint8)


def water(height, width, rng, amount=1.0, **options):
    """The pixels that `water_alpha` touches, as a mask."""
    alpha = water_alpha(height, width, rng, amount, **options)
    return (alpha == 0).astype(np.uint8)


def scratches_alpha(
    height, width, rng, amount=1.0, count=(2, 8), thickness=(0.0015, 0.01)
):
    """Scratches: from an edge point, a path with inertia, varying width.

    Args:
        height: int, in pixels.
        width: int, in pixels.
        rng: a `np.random.Generator`.
        amount: float, multiplies the number of scratches.
        count: pair of ints, fewest and most scratches.
        thickness: pair of floats, as shares of the shorter side.

    Returns:
        float32 array of shape `(height, width, 1)` in [0, 1]: how much of
        the photograph is gone.
    """
    alpha = 1 - all_known(height, width)
    for _ in range(max(1, round(amount * rng.uniform(*count)))):
        _scratch(alpha, rng, thickness)
    return alpha.astype(np.float32) / 255


def _scratch(alpha, rng, thickness):
    height, width = alpha.shape[:2]
    u = rng.random(7)
    noise = rng.normal(size=(2, STEPS))
    side, along = int(4 * u[0]), u[1]
    start = [(along, 0), (1, along), (along, 1), (0, along)][side]
    inwards = (side + 1) * np.pi / 2
    step = (0.15 + u[2]) * np.hypot(height, width) / STEPS
    # Inertia: the heading is kept but for a small change.
    heading = inwards + (u[3] - 0.5) * 2.4
    heading = heading + np.cumsum(noise[0]) * (0.01 + 0.07 * u[4] ** 2)
    direction = np.stack([np.cos(heading), np.sin(heading)], 1)
    path = np.multiply(start, (width - 1, height - 1))
    path = path + np.cumsum(direction, 0) * step - direction[0] * step
    low, high = thickness
    radius = (low + (high - low) * u[5] ** 2) * min(height, width) / 2
    wear = 1 + 0.5 * np.convolve(noise[1], np.ones(6) / 6**0.5, "same")
    taper = np.minimum(1, np.linspace(4, 0, STEPS))
    across = direction[:, ::-1] * (-1, 1)
    across *= (radius * np.clip(wear, 0.2, 2) * taper)[:, None]
    outline = np.concatenate([path + across, (path - across)[::-1]])
    outline = np.round(outline * 2**SHIFT).astype(np.int32)
    strength = int(255 * (0.55 + 0.45 * u[6]))
    cv2.fillPoly(alpha, [outline], strength, cv2.LINE_AA, SHIFT)


def water_alpha(
    height, width, rng, amount=1.0, blobs=(1, 3), drips=(3, 9), softness=0.01
):
    """Water stains: Voronoi blobs, a Gaussian-soft edge, drips.

    Voronoi cells around a few places are wet; from their lower edge drips
    run down. The Gaussian of the edge is cut where it has fallen to a
    fiftieth, so that the stain ends. As on a real photograph, most is lost
    at the rim, where the water left what it carried.

    Args:
        height: int, in pixels.
        width: int, in pixels.
        rng: a `np.random.Generator`.
        amount: float, multiplies the wet area.
        blobs: pair of ints, fewest and most blobs.
        drips: pair of ints, fewest and most drips.
        softness: float, the Gaussian's deviation, as a share of the
            shorter side.

    Returns:
        float32 array of shape `(height, width, 1)` in [0, 1]: how much of
        the photograph is gone.
    """
    wet = 1 - all_known(height, width)
    short = min(height, width)
    u = rng.random((drips[1], 6))
    number = rng.integers(drips[0], drips[1] + 1)
    wet[_blobs(height, width, rng, amount, blobs)] = 1
    _drip(wet, u[:number], min(1, np.sqrt(amount)))
    soft = _blur(wet, softness * short)
    soft = np.clip((soft - 0.02) / 0.98, 0, 1)
    inside = _blur(wet, 4 * softness * short)
    rim = 1 - np.clip(2 * inside - 1, 0, 1)
    mottled = 0.12 * perlin_noise(height, width, rng, cells=6)
    alpha = soft * (0.38 + 0.5 * rim**2 + mottled)
    return alpha[..., None]


def _blur(wet, sigma):
    size = 2 * int(np.ceil(2.5 * sigma)) + 1
    return cv2.GaussianBlur(
        wet[..., 0].astype(np.float32), (size, size), max(sigma, 0.1)
    )


def _blobs(height, width, rng, amount, blobs):
    """Voronoi cells around a few centres, with corners rounded by water."""
    short = min(height, width)
    number = rng.integers(blobs[0], blobs[1] + 1)
    sides = np.array([height, width]) / short
    centers = rng.random((number, 2)) * (0.9, 0.7) * sides
    share = rng.uniform(0.3, 1, number)
    points = rng.random((CELLS, 2))
    # The squared distance, over the share, grows like the area.
    apart = ((points[:, None] * sides - centers) ** 2).sum(-1) / share
    near = np.argsort(apart.min(1))
    wanted = amount * rng.uniform(0.05, 0.25) * CELLS
    wet = near[: max(1, round(wanted))]
    scale = min(1, 96 / short)
    rows, columns = (max(1, round(n * scale)) for n in (height, width))
    cells = _voronoi(rows, columns, points, wet)
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    y += 0.05 * min(rows, columns) * perlin_noise(rows, columns, rng, 6)
    x += 0.05 * min(rows, columns) * perlin_noise(rows, columns, rng, 6)
    replicate = {"borderMode": cv2.BORDER_REPLICATE}
    cells = cv2.remap(cells, x, y, cv2.INTER_LINEAR, **replicate)
    cells = cv2.GaussianBlur(cells, (9, 9), 1.6)
    return cv2.resize(cells, (width, height)) > 0.5


def _voronoi(rows, columns, points, chosen):
    """1.0 in the cells of the chosen points, of shape `(rows, columns)`."""
    y, x = (points * (rows, columns)).astype(int).T
    apart = np.ones((rows, columns), np.uint8)
    apart[y, x] = 0
    _, cell = cv2.distanceTransformWithLabels(
        apart, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    inside = np.zeros(cell.max() + 1, np.float32)
    inside[cell[y[chosen], x[chosen]]] = 1
    return inside[cell]


def _drip(wet, u, length):
    """Lets drips run straight down from the lower edge of what is wet."""
    height, width = wet.shape[:2]
    short = min(height, width)
    columns = np.flatnonzero(wet[..., 0].any(0))
    if len(columns) == 0:
        return
    for place, long, thick, lean, bend, drop in u:
        x = columns[int(place * len(columns))]
        y = np.flatnonzero(wet[:, x, 0])[-1]
        end = y + (0.04 + 0.4 * long**2) * length * height
        radius = (0.006 + 0.012 * thick) * short
        t = np.linspace(0, 1, 12)
        sway = lean * t + bend * np.sin(5 * t + 6 * bend)
        path_x = x + (sway - sway[0]) * 0.015 * short
        path_y = y - radius + (end - y + radius) * t
        # Wide where it leaves the stain, thin, then the drop at its end.
        half = radius * (0.7 + 1.5 * (1 - t) ** 6 + (0.3 + 0.5 * drop) * t**4)
        outline = np.concatenate(
            [
                np.stack([path_x - half, path_y], 1),
                np.stack([path_x + half, path_y], 1)[::-1],
            ]
        )
        outline = np.round(outline * 2**SHIFT).astype(np.int32)
        cv2.fillPoly(wet, [outline], 1, cv2.LINE_8, SHIFT)
        tip = (int(path_x[-1]), int(path_y[-1]))
        cv2.circle(wet, tip, int(half[-1]), 1, -1)


def damage(image, alpha, color=(1.0, 1.0, 1.0)):
    """Lets a colour shine through a photograph where it is damaged.

    Args:
        image: float32 array of shape `(height, width, 3)` in [0, 1].
        alpha: float32 array of shape `(height, width, 1)` in [0, 1], from
            `scratches_alpha` or `water_alpha`.
        color: three floats in [0, 1].

    Returns:
        float32 array of the shape of `image`, unchanged where `alpha` is 0.

    Example:

    >>> image, alpha = np.zeros((1, 2, 3)), np.array([[[0.0], [0.5]]])
    >>> damage(image, alpha)[0, :, 0]
    array([0. , 0.5], dtype=float32)
    """
    color = np.asarray(color, np.float32)
    return (image + (color - image) * alpha).astype(np.float32)
