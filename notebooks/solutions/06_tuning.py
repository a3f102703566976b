"""Solutions of notebook 6, tuning. Run it in the folder notebooks."""

from pathlib import Path

import keras
import numpy as np
from tensorboard.backend.event_processing.event_accumulator import (
    EventAccumulator,
)
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from kerasinpaint import losses, metrics, models, sources, tuning_trials
from kerasinpaint.batches import Batches
from kerasinpaint.inpainter import Inpainter

RECORDED = "../tensorboard/sweep_large"
SIZE = 32
DRAWN = 480  # Few, so that this runs in a minute. Take 5000 for firm numbers.

photos = sources.pictures("photos", "train")
unseen = sources.pictures("photos", "validation")
drawn = Batches(photos, SIZE, DRAWN, 1, seed=3)[0]
held = tuning_trials.held_out(unseen)


def build(optimizer, loss, dropout=0.2, width=4):
    """The network without skips, with the same first weights."""
    keras.utils.set_random_seed(0)
    network = models.build_autoencoder(
        (SIZE, SIZE, 3), dropout=dropout, sees_masks=True, width=width
    )
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9
    model = Inpainter(network)
    model.compile(optimizer, loss, [metrics.HolePSNR()])
    return model


def train(model):
    """PSNR of held-out holes after a short training."""
    model.fit(*drawn, 16, epochs=2, shuffle=False, verbose=0)
    return model.evaluate(*held, verbose=0, return_dict=True)["hole_psnr"]


# ## 1. A rate for SGD

adam = train(build(keras.optimizers.Adam(1e-3), losses.MAE()))
print(f"Adam at .001: {adam:.2f} dB")
model = build(keras.optimizers.SGD(), losses.MAE())
start = model.get_weights()
scores = {}
for rate in (0.01, 0.1, 1.0, 10.0):
    model.set_weights(start)
    model.optimizer.learning_rate = rate
    scores[rate] = train(model)
    print(f"SGD at {rate:g}: {scores[rate]:.2f} dB")
best = max(scores, key=scores.get)
for rate in (best, best / 10):
    sgd = keras.optimizers.SGD(rate, momentum=0.9)
    score = train(build(sgd, losses.MAE()))
    print(f"SGD at {rate:g} with momentum: {score:.2f} dB")
print(
    "The best rate of SGD is far above the range of the large sweep, which"
    " ended at .01. In its own range it is a rival: what lost was the rate."
    " Momentum of .9 adds up ten steps, and is too fast at the same rate:"
    " not even with and without momentum are rates comparable."
)

# ## 2. What the winner owes to which setting


def read(trial):
    """Settings of a recorded trial, and its scores."""
    [content] = (
        EventAccumulator(str(trial))
        .Reload()
        .PluginTagToContent("hparams")
        .values()
    )
    found = HParamsPluginData.FromString(content).session_start_info.hparams
    settings = {k: v.string_value or v.number_value for k, v in found.items()}
    events = EventAccumulator(str(trial / "validation")).Reload()
    return settings, [scalar.value for scalar in events.Scalars("hole_psnr")]


def score_of(settings):
    """One run; width in proportion to the small network's."""
    kind = tuning_trials.OPTIMIZERS[settings["optimizer"]]
    model = build(
        kind(settings["learning_rate"]),
        tuning_trials.LOSSES[settings["loss"]](),
        settings["dropout"],
        int(settings["width"]) // 4,
    )
    return train(model)


trials = [read(path.parent) for path in Path(RECORDED).glob("*/validation")]
longest = max(len(scores) for _, scores in trials)
others = [
    (max(scores), settings)
    for settings, scores in trials
    if len(scores) == longest and settings != tuning_trials.S1
]
_, winner = max(others, key=lambda pair: pair[0])
whole = score_of(winner)
print(f"the winner's settings, here: {whole:.2f} dB")
for name, value in tuning_trials.S1.items():
    if winner[name] != value:
        change = score_of(winner | {name: value}) - whole
        print(f"{name} {winner[name]} -> {value}: {change:+.2f} dB")
print(
    "One at a time, so that each number belongs to one setting. Some may gain:"
    " a winner need not be best in everything. Below the spread over seeds it"
    " means nothing."
)

# ## 3. How many seeds

rng = np.random.default_rng(0)
for seeds in (1, 2, 4, 8, 16, 32):
    better, worse = rng.normal(0, 1, (2, 10_000, seeds)).mean(axis=2)
    right = (better + 0.5 > worse).mean()
    print(f"{seeds:2} seeds each: right in {right:.0%}")
print(
    "One run each is hardly better than a coin. The noise of a mean falls with"
    " the root of the number: four times the seeds, half the difference."
)
