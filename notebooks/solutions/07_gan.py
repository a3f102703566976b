"""Solutions of notebook 7, the GAN. Run it in the folder notebooks."""

import keras
import numpy as np
from keras import ops

from kerasinpaint import losses, masks, models, sources
from kerasinpaint.adversarial import AdversarialInpainter
from kerasinpaint.batches import Batches, random_mask
from kerasinpaint.two_rates import TwoRateAdam

SIZE = 32
STEPS = 15  # Few, so that this runs in a minute. Take 300 for firm numbers.
WIDE = masks.wide_strokes, masks.boxes

photos = sources.pictures("photos", "train")


def wide_holes(height, width, rng):
    return random_mask(height, width, rng, WIDE, (0.1, 0.5))


batches = Batches(photos, SIZE, 8, STEPS, mask=wide_holes, seed=1)


def play(weight=0.3, loss=None):
    keras.utils.set_random_seed(0)
    model = AdversarialInpainter(
        models.build_autoencoder(
            (SIZE, SIZE, 3), skip=True, sees_masks=True, width=8, residual=True
        ),
        models.build_patch_gan((SIZE, SIZE, 3), width=16),
    )
    rates = TwoRateAdam(1e-3, scale=2.0, beta_1=0.5)
    model.compile(rates, loss or losses.Hole(), weight=weight)
    return model


# ## 1. No second master


def nothing(targets, painted, masks):
    return 0.0 * ops.mean(painted)


inputs, targets = batches[0]
hole = 1 - inputs["masks"]
for name, loss in {"hole": losses.Hole(), "nothing": nothing}.items():
    model = play(loss=loss)
    for epoch in range(3):
        model.fit(batches, shuffle=False, verbose=0)
        painted = model.network.predict(inputs, verbose=0)
        error = np.sum(hole * np.abs(painted - targets)) / np.sum(3 * hole)
        print(f"{name}, {(epoch + 1) * STEPS} steps: L1 in holes {error:.3f}")
print(
    "With nothing else to please, colours drift to whatever the critic has not"
    " yet learned to doubt; the error grows instead of falling."
)

# ## 2. A critic that has seen too much

model = play(weight=0.0)
for name, weight in (("alone", 0.0), ("both play", 3.0)):
    again = AdversarialInpainter(model.network, model.discriminator)
    rates = TwoRateAdam(1e-3, scale=2.0, beta_1=0.5)
    again.compile(rates, losses.Hole(), weight=weight, penalty=0.0)
    history = again.fit(batches, epochs=4, shuffle=False, verbose=0).history
    shown = ", ".join(f"{v:.2f}" for v in history["discriminator_loss"])
    print(f"{name}: the critic's loss {shown}")
print(
    "2 is what a critic has that knows nothing. In so few steps it hardly"
    " leaves that, alone or not. Take 300 steps, and compare how far it falls"
    " alone with where it stays when the painter plays."
)

# ## 3. What the critic would learn


def gradient_of_score(scores):
    """Of L_D + L_G for the score of a painting, by differences."""

    def total(score):
        return max(0, 1 + score) - score

    return [total(s + 0.5) - total(s - 0.5) for s in scores]


print("slopes at scores of -3, 0, 3:", gradient_of_score([-3.0, 0.0, 3.0]))
print(
    "Above -1 the terms cancel, below it only the second is left and pushes the"
    " score UP: the critic learns to be fooled, and tells nothing any more."
)
