"""Solutions of notebook 4, the U-Net. Run it in the folder notebooks."""

import keras
import numpy as np

from kerasinpaint import benchmark_scores, losses, metrics, models, sources
from kerasinpaint import methods as all_methods
from kerasinpaint.batches import Batches
from kerasinpaint.inpainter import Inpainter

SIZE = 32
STEPS = 60  # Few, so that this runs in a minute. Take 1000 for firm numbers.
HELD = 32

photos = sources.pictures("photos", "train")
unseen = sources.pictures("photos", "validation")
_, truths = Batches(unseen, SIZE, HELD, 1, scale=(1, 1), seed=2)[0]
known = np.stack(
    [
        benchmark_scores.hole_mask(SIZE, (0.2, 0.3), True, index)
        for index in range(HELD)
    ]
).astype(np.float32)


def hole_psnr(filled):
    return float(np.mean(metrics.hole_psnr(truths, filled, known)))


def build():
    keras.utils.set_random_seed(0)
    return models.build_pconv_unet(
        (SIZE, SIZE, 3), (16, 32, 32), (5, 3, 3), last=16, residual=True
    )


def fill(network):
    given = {"images": truths * known, "masks": known}
    return network.predict(given, verbose=0)


# ## 1. Which loss

fmm = all_methods.get("fmm")
pairs = zip(truths * known, known.astype(np.uint8), strict=True)
fast = hole_psnr(np.stack([fmm(picture, mask) for picture, mask in pairs]))
print(f"fast marching: {fast:.2f} dB")
of_pixels = {"perceptual": 0, "style": 0}
for name, loss in {
    "Fidelity": losses.Fidelity(),
    "PConvLoss, hole 6": losses.PConvLoss(**of_pixels),
    "PConvLoss, hole 1": losses.PConvLoss(hole=1, **of_pixels),
}.items():
    model = Inpainter(build())
    model.compile(keras.optimizers.Adam(2e-3, global_clipnorm=1.0), loss)
    model.fit(Batches(photos, SIZE, 8, STEPS, seed=1), verbose=0)
    print(f"{name}: {hole_psnr(fill(model.network)):.2f} dB")

print(
    "In so few steps none gets above the average of exercise 2, and .2 dB"
    " between them are noise: repeat it with more steps and another seed."
)

# ## 2. What is not learned

network = build()
print(f"never trained: {hole_psnr(fill(network)):.2f} dB")
start = network.get_layer("fill").output
start = keras.Model(network.input, start)
print(f"PyramidFill alone: {hole_psnr(fill(start)):.2f} dB")
print(
    "The same: corrections begin with zeros, so an untrained network is the"
    " fill. What is above it after training is what was learned."
)

# ## 3. How wide a hole is closed


def closes(kernels, size=1024):
    """Columns known in the end, if half was, from both sides."""
    network = models.build_pconv_unet(
        (size, size, 3), (1,) * len(kernels), kernels, 1, False
    )
    last = network.get_layer(f"decoder_{len(kernels)}").output[1]
    known_of = keras.Model(network.input, last)
    half = np.arange(size).reshape(1, 1, size, 1) < size // 2
    columns = 0
    for side in (half, ~half):
        known = np.broadcast_to(side, (1, size, size, 1)).astype(np.float32)
        given = {"images": known * np.ones(3, np.float32), "masks": known}
        after = known_of.predict(given, verbose=0)
        columns += int(after[0, size // 2, :, 0].sum()) - size // 2
    return columns


paper = (7, 5, 5, 3, 3, 3, 3, 3)
for levels in range(1, 8):
    print(f"{levels} levels close {closes(paper[:levels])} px")
