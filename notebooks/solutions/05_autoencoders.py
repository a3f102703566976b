"""Solutions of notebook 5, autoencoders. Run it in the folder notebooks."""

import tempfile
from pathlib import Path

import keras
import numpy as np

from kerasinpaint import losses, metrics, models, sources, weights
from kerasinpaint.batches import Batches
from kerasinpaint.inpainter import Inpainter

SIZE = 32
WIDTH = 4
STEPS = 80  # Few, so that this runs in a minute. Take 1000 for firm numbers.
HELD = 32

# ## 1. What a file weighs

network = models.build_autoencoder()
print(f"{network.count_params() * 4 / 1e6:.1f} MB are its float32 weights")
optimizers = {
    "Adam": keras.optimizers.Adam(),
    "SGD": keras.optimizers.SGD(),
    "SGD and momentum": keras.optimizers.SGD(momentum=0.9),
}
with tempfile.TemporaryDirectory() as folder:
    for name, optimizer in optimizers.items():
        network.compile(optimizer)
        optimizer.build(network.trainable_variables)
        path = Path(folder, "network.keras")
        network.save(path)
        print(f"{name}: {path.stat().st_size / 1e6:.1f} MB")
    path = Path(folder, "network.npz")
    weights.save(network, path, "autoencoder")
    print(f"float16, no optimizer: {path.stat().st_size / 1e6:.1f} MB")
print(
    "Adam keeps two numbers a weight, momentum one, SGD none: 3, 2 and 1 times"
    " the weights. float16 is half of that, and what else there is to gain by"
    " compression are the ones and zeros of batch normalisation."
)

# ## 2. Another colour in the hole

photos = sources.pictures("photos", "train")
unseen = sources.pictures("photos", "validation")
learn = Batches(photos, SIZE, STEPS * 8, 1, seed=1)[0]
held = Batches(unseen, SIZE, HELD, 1, scale=(1, 1), seed=2)[0]


def with_mean(pictures):
    """Holes of the mean colour of what is known."""
    inputs, targets = pictures
    images, known = inputs["images"], inputs["masks"]
    mean = images.sum((1, 2), keepdims=True) / known.sum((1, 2), keepdims=True)
    return {**inputs, "images": images + (1 - known) * mean}, targets


def build(sees_masks, loss):
    network = models.build_autoencoder(
        (SIZE, SIZE, 3), skip=True, sees_masks=sees_masks, width=WIDTH
    )
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9
    model = Inpainter(network)
    model.compile(keras.optimizers.Adam(2e-3, global_clipnorm=1.0), loss)
    return model


def train(model, pictures, seed=0):
    keras.utils.set_random_seed(seed)
    fresh = keras.models.clone_model(model.network)
    model.network.set_weights(fresh.get_weights())
    for variable in model.optimizer.variables:  # forget the last training
        variable.assign(keras.ops.zeros_like(variable))
    model.optimizer.learning_rate = 2e-3
    model.fit(*pictures, batch_size=8, shuffle=False, verbose=0)
    return model.network


def paint(network, inputs):
    return keras.ops.convert_to_numpy(network(inputs))


def hole_psnr(network, pictures):
    inputs, targets = pictures
    painted = paint(network, inputs)
    return float(np.mean(metrics.hole_psnr(targets, painted, inputs["masks"])))


middle = slice(SIZE // 3, 2 * SIZE // 3)
window = held[1].copy()
window[:, middle, middle] = 0
nothing_missing = {"images": window, "masks": np.ones_like(held[0]["masks"])}
asked = {told: build(told, losses.MAE()) for told in (True, False)}
for kind, change in {"black": lambda pair: pair, "mean": with_mean}.items():
    for sees_masks, model in asked.items():
        network = train(model, change(learn))
        found = hole_psnr(network, change(held))
        square = paint(network, nothing_missing)[:, middle, middle].mean()
        print(
            f"{kind} holes, {'told' if sees_masks else 'not told'}: "
            f"{found:.2f} dB; a black window is painted with {square:.2f}"
        )
print(
    "Who is not told is better off, and a black window no longer looks like a"
    " hole. Flat things of the mean colour do now, and nobody can tell them"
    " apart. Whoever is told is as well off as before, up to the seed."
)

# ## 3. A loss that does not pay for copying

inputs, targets = held
known = inputs["masks"]
rivals = {"MAE": asked[True], "Hole": build(True, losses.Hole())}
for name, model in rivals.items():
    for seed in range(2):
        network = train(model, learn, seed)
        error = known * np.abs(paint(network, inputs) - targets)
        off = 100 * error.sum() / (3 * known.sum())
        print(
            f"{name}, seed {seed}: {hole_psnr(network, held):.2f} dB in the "
            f"holes, known pixels off by {off:.0f} %"
        )
print(
    "Known pixels are nobody's business any more, and go wrong: without the"
    " composite that picture is useless, with it nothing is lost. Whether the"
    " holes gain needs more steps than these: the differences here are about"
    " those between seeds."
)
