"""Solutions of notebook 2, masks. Run it in the folder notebooks."""

import cv2
import numpy as np

from kerasinpaint import data, masks, methods

SIZE = 256
photos = data.photos("test", size=SIZE)[:6]
fmm = methods.get("fmm")


def bands(width, size=SIZE):
    x = (np.arange(size) + 2 * width) % (4 * width)
    known = np.where(x < width, 0, 1).astype(np.uint8)
    return np.tile(known[:, None], (size, 1, 1))


def mean_psnr(mask):
    hole = mask[..., 0] == 0
    errors = [np.mean((fmm(p, mask) - p)[hole] ** 2) for p in photos]
    return np.mean(-10 * np.log10(errors))


# ## 1. A border has one rim

# One hole only, at the left edge or moved into the picture. It is moved
# through the whole picture, for one place is easier than another.


def hole_at(left, width):
    mask = np.ones((SIZE, SIZE, 1), np.uint8)
    mask[:, left : left + width] = 0
    return mask


edges = [mean_psnr(hole_at(0, 16)), mean_psnr(hole_at(SIZE - 16, 16))]
print(f"at the border, width 16: {np.mean(edges):.1f} dB")
for width in (8, 16, 32, 64):
    places = [place - width // 2 for place in (40, 80, 128, 176, 216)]
    scores = [mean_psnr(hole_at(place, width)) for place in places]
    print(f"inside, width {width}: {np.mean(scores):.1f} dB")
print(
    "To one of more than 32. By distance to the rim it is half a band of 32,"
    " but there a pixel also knows the other side: between two known ends one"
    " draws a line, from one end one can only guess on."
)

# ## 2. Error by distance

# Bands start a quarter of a period away from the edge or further, so no
# hole touches the border.

WIDTHS = [4, 8, 16, 32, 64]
AT = [1, 2, 4, 8, 16, 32]
for width in WIDTHS:
    mask = bands(width)
    away = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5).round()
    squares = np.mean([(fmm(p, mask) - p) ** 2 for p in photos], axis=(0, 3))
    errors = [
        f"{at}: {squares[away == at].mean() ** 0.5:.3f}"
        for at in AT
        if (away == at).any()
    ]
    print(f"width {width:2}, error at distance", ", ".join(errors))
print(
    "Hardly: what counts is the distance to the rim. A wide hole is worse"
    " because more of its pixels are far away. In the middle the error falls"
    " a little: there both sides are equally near, and both have a say."
)

# ## 3. Dots


def dots(height, width, rng, amount=1.0, count=(4, 20), radius=(0.02, 0.08)):
    """Discs of random size anywhere; `amount` multiplies their number."""
    mask = np.ones((height, width, 1), np.uint8)
    number = max(1, round(amount * rng.integers(*count, endpoint=True)))
    # One row a disc, so that more discs begin with the same ones.
    for y, x, size in rng.random((number, 3)).tolist():
        pixels = (radius[0] + (radius[1] - radius[0]) * size) * min(
            height, width
        )
        center = int(x * width), int(y * height)
        cv2.circle(mask, center, max(1, round(pixels)), 0, -1)
    return mask


ratios = []
for seed in range(50):
    rng = np.random.default_rng(seed)
    mask = masks.with_hole_ratio(dots, SIZE, SIZE, rng, ratio=(0.1, 0.2))
    ratios.append(masks.hole_ratio(mask))
print(f"fifty masks, hole ratios {min(ratios):.3f} to {max(ratios):.3f}")
if not 0.1 < min(ratios) <= max(ratios) <= 0.2:
    raise ValueError(f"The ratio was not met. Received: {ratios}.")
