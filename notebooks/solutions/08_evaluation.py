"""Solutions of notebook 8, evaluation. Run it in the folder notebooks."""

from itertools import product

import numpy as np
from scipy import ndimage

from kerasinpaint import benchmark, data, methods, metrics
from kerasinpaint.benchmark_scores import BINS, hole_mask

SIZE = 64  # Small, so that this runs in a minute.
PHOTOS = 24
photos = np.stack(data.photos("validation", size=SIZE)[:PHOTOS])

# ## 1. What fools a score

box = slice(SIZE // 4, 3 * SIZE // 4)


def spoilt(kind):
    found = photos.copy()
    if kind == "blur, sigma 2":
        blurred = ndimage.gaussian_filter(photos, (0, 2, 2, 0))
        found[:, box, box] = blurred[:, box, box]
    if kind == "a black dot":
        middle = slice(SIZE // 2 - 2, SIZE // 2 + 2)
        found[:, middle, middle] = 0
    if kind == "tinted blue":
        found[:, box, box, 2] += 0.2
    return found.clip(0, 1)


for kind in ("blur, sigma 2", "a black dot", "tinted blue"):
    pair = photos, spoilt(kind)
    far, alike = np.mean(metrics.stlpips(*pair)), np.mean(metrics.ssim(*pair))
    print(f"{kind:15} ST-LPIPS {far:.3f}  SSIM {alike:.3f}")
print(
    "ST-LPIPS is a mean over places: one glaring dot is a small part of it."
    " SSIM looks at structure: a tint that anyone sees has the same edges, so"
    " that it costs less than a blur."
)

# ## 2. More pictures or more masks

pconv, fmm = methods.get("pconv"), methods.get("fmm")
cells = list(product(BINS, (True, False)))
lead = np.empty((len(photos), len(cells)))
for place, (index, cell) in enumerate(product(range(len(photos)), cells)):
    mask = hole_mask(SIZE, *cell, index)
    holed = photos[index] * mask
    one, two = (
        benchmark.hole_psnr(photos[index], fill(holed, mask), mask)
        for fill in (pconv, fmm)
    )
    lead.flat[place] = one - two

rng = np.random.default_rng(0)
for pictures, masks in ((24, 2), (4, 12)):
    means = []
    for _ in range(2000):
        # With repetition: other pictures of the world, not these again.
        rows = rng.choice(len(lead), pictures)
        columns = rng.permuted(np.tile(np.arange(12), (pictures, 1)), axis=1)
        means.append(lead[rows[:, None], columns[:, :masks]].mean())
    print(
        f"{pictures} pictures with {masks} masks each:"
        f" {np.mean(means):.2f} dB, give or take {np.std(means):.2f}"
    )
print("The same work. Take pictures, as many as there are, then masks.")

# ## 3. Dice likes the same picture


def best(score, truth):
    """The threshold whose black-and-white picture has the best score."""
    thresholds = np.linspace(0.02, 0.98, 49)
    pictures = truth[None] > thresholds[:, None, None, None]
    truths = np.broadcast_to(truth, pictures.shape)
    found = np.array(score(truths, pictures.astype("float32")))
    return thresholds[found.argmax()]


pairs = [
    (best(metrics.dice, photo), best(metrics.jaccard, photo))
    for photo in photos
]
print(f"the same threshold on {sum(a == b for a, b in pairs)} of {len(pairs)}")
print(
    "Dice is 2 J / (1 + J), which rises with J: what is best by one is best by"
    " the other. Its threshold is half the Dice, J / (1 + J)."
)
