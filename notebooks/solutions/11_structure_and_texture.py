"""Solutions of notebook 11, structure and texture. Run it in notebooks."""

import tempfile
import time

import cv2
import numpy as np

from kerasinpaint import calibration, data, masks, networks, structure_texture
from kerasinpaint.benchmark_scores import hole_psnr
from kerasinpaint.experiment import experiment

SIZE = 128
PHOTOS = 10
photographs = data.photos("test", SIZE)
network = structure_texture.compiled(networks.load("structure_texture")[1])


def holed(number):
    """A photograph, and a mask of wide strokes for it."""
    rng = np.random.default_rng(number)
    mask = masks.with_hole_ratio(
        masks.wide_strokes, SIZE, SIZE, rng, ratio=(0.2, 0.3)
    )
    return photographs[number], mask


# ## 1. What it doubts, once more

for doubt in (None, 0.12, 0.08, 0.04):
    scores, seconds = [], []
    for number in range(PHOTOS):
        truth, mask = holed(number)
        start = time.perf_counter()
        found = structure_texture.fill(network, truth, mask, doubt=doubt)
        seconds.append(time.perf_counter() - start)
        scores.append(hole_psnr(truth, found["picture"], mask))
    print(
        f"doubt {doubt}: {np.mean(scores):.3f} dB in "
        f"{1000 * np.median(seconds):.0f} ms"
    )

# ## 2. Without a network


def contrast_nearby(image, mask, side=15):
    """The deviation of known pixels around the nearest known pixel."""
    known = mask.astype(np.float32)
    grey = image.mean(-1, keepdims=True) * known
    weight, mean, square = (
        cv2.blur(one, (side, side))[..., None] for one in (known, grey, grey**2)
    )
    mean, square = (one / np.maximum(weight, 1e-3) for one in (mean, square))
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    holes = (mask == 0).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(
        holes, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros(nearest.max() + 1, np.float32)
    known = holes[..., 0] == 0
    of_label[nearest[known]] = deviation[known][:, 0]
    return of_label[nearest][..., None]


ranks = []
for number in range(PHOTOS):
    truth, mask = holed(number)
    found = structure_texture.fill(network, truth, mask)
    errors = np.abs(found["picture"] - truth).mean(-1, keepdims=True)
    distance = calibration.rim_distance(mask)
    contrast = contrast_nearby(truth, mask)
    guesses = {
        "network": found["error"],
        "distance": distance,
        "contrast": contrast,
        "contrast * root of distance": contrast * np.sqrt(distance),
    }
    ranks.append(
        [
            calibration.rank_correlation(guess, errors, mask)
            for guess in guesses.values()
        ]
    )
for name, rank in zip(guesses, np.mean(ranks, axis=0), strict=True):
    print(f"{name}: {rank:.2f}")

# ## 3. One seed, and two

scores = experiment(
    ["structure", "structure - edges"],
    seeds=(0, 1),
    output=tempfile.mkdtemp(),
    epochs=1,
)
means = scores.groupby(["seed", "recipe"]).hole_psnr.mean().unstack()
print(means)
print(
    "What the edges are worth differs from seed to seed about as much as it"
    " is: two seeds are too few to tell."
)
