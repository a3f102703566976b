# %% [markdown]
# # 7. A painter and a critic
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/kerasinpaint/kerasinpaint/blob/main/notebooks/07_gan.ipynb)
#
# | You will | Needs | Takes |
# |---|---|---|
# | train against a critic, and read its curves | notebook 5 | 5 min |
#
# A network that is asked for the smallest error paints fog. Where it does not
# know, the mean of all that might be there is the safest answer, and a mean of
# leaves is green. Here a second network looks at what was painted, and says
# whether it believes it:
#
# ![Holes, before, after, the truth](../images/07_before_after.jpg)
#
# Two networks with opposite aims are a **generative adversarial network**, GAN.
# They are said to be hard to train, and their curves are read wrongly more
# often than not. We write the training down as one loss, prove who moves whom,
# and then read the curves.
#
# ## Set up

# %% tags=["setup", "keras"]
import os
import sys

if "google.colab" in sys.modules and not os.path.exists("py"):
    # !git clone -q --depth 1 https://github.com/kerasinpaint/kerasinpaint
    # %cd kerasinpaint/notebooks
    # !pip install -q -r ../requirements.txt
    sys.path.insert(0, os.path.abspath(".."))
# %config InlineBackend.figure_formats = ["jpeg"]
# %config InlineBackend.rc = {"figure.dpi": 72}

from importlib.util import find_spec

if "KERAS_BACKEND" not in os.environ:
    tpu = {"COLAB_TPU_ADDR", "TPU_NAME", "TPU_ACCELERATOR_TYPE"} & {*os.environ}
    tensorflow = not tpu and find_spec("tensorflow")
    os.environ["KERAS_BACKEND"] = "tensorflow" if tensorflow else "jax"

import keras

print(keras.backend.backend(), *keras.distribution.list_devices())

# %%
import logging
import subprocess

import matplotlib.pyplot as plt
import numpy as np
import pandas
from keras import ops

from kerasinpaint import (
    data,
    losses,
    masks,
    methods,
    metrics,
    models,
    networks,
    sources,
    weights,
)
from kerasinpaint.adversarial import AdversarialInpainter
from kerasinpaint.batches import Batches, random_mask
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.two_rates import TwoRateAdam

# %% [markdown]
# The constants. `DATA` is what `sources.pictures` opens: the embedded
# photographs, a folder, or a name of TensorFlow Datasets such as `"celeb_a"`.
# `EPOCHS` epochs of `STEPS` batches are enough for a critic to leave its mark,
# because the painter begins with trained weights. With an accelerator all is
# larger. `FULL` is the size of the faces in the project below.

# %% tags=["parameters"] tiny={"SIZE": 32, "EPOCHS": 2, "ALONE": 1}
FAST = any("cpu" not in name for name in keras.distribution.list_devices())
DATA = "photos"
SIZE = 128 if FAST else 64
BATCH = 16 if FAST else 8
STEPS = 400 if FAST else 40
EPOCHS = 20 if FAST else 5
ALONE = 4000 if FAST else 400
CRITIC_WIDTH = 16 if FAST else 4
PATCH_WIDTH = 64 if FAST else 32
HELD = 24
FULL = [112, 96, 3]

# %%
logging.getLogger("tensorflow").setLevel("ERROR")
keras.utils.disable_interactive_logging()
keras.utils.set_random_seed(0)


def show(rows, titles, size=1.5):
    shape = (size * len(titles), size * len(rows) + 0.3)
    figure, axes = plt.subplots(
        len(rows), len(titles), figsize=shape, squeeze=False
    )
    for axis, picture in zip(axes.flat, sum(rows, []), strict=True):
        axis.imshow(np.clip(picture, 0, 1), cmap="gray", vmin=0, vmax=1)
        axis.axis("off")
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=9)
    plt.tight_layout(pad=0.3)
    plt.show()


# %% [markdown]
# Holes are wide here, boxes and thick strokes over 10 to 50 % of the picture:
# in thin ones there is nothing to invent.


# %%
def wide_holes(height, width, rng):
    kinds = masks.wide_strokes, masks.boxes
    return random_mask(height, width, rng, kinds, (0.1, 0.5))


# %%
photos = sources.pictures(DATA, "train")
batches = Batches(photos, SIZE, BATCH, STEPS, mask=wide_holes, seed=1)
unseen = sources.pictures(DATA, "validation")
held_out = Batches(unseen, SIZE, HELD, 1, mask=wide_holes, scale=(1, 1), seed=2)
inputs, targets = batches[0]
show([list(inputs["images"][:6]), list(targets[:6])], [""] * 6)

# %% [markdown]
# ## Why the smallest error is fog
#
# Behind a hole there are stripes. They may begin with black or with white: from
# outside nobody can tell. Which single picture has the smallest squared error,
# on average over both?
#
# **Predict, then run.** Guess the picture, and guess whether it could be one of
# the two.

# %%
stripes = np.tile([0.0, 0.0, 1.0, 1.0], 4)[None].repeat(16, 0)
possible = [stripes, 1 - stripes]
grey = np.full_like(stripes, 0.5)
show([[*possible, grey]], ["may be", "may be", "answer"], size=1.3)
# %%
for name, answer in {"one of both": stripes, "grey": grey}.items():
    error = np.mean([np.square(answer - truth) for truth in possible])
    print(f"{name}: mean squared error {error:.2f}")

# %% [markdown]
# Grey wins, by a factor of two, and it is the one picture that certainly was
# *not* there. With the absolute error both answers would be level. No loss that
# compares pixel with pixel can prefer a stripe to grey. A critic can: it has
# seen stripes and has never seen fog, and does not ask *which* stripe.
#
# ## Two critics
#
# The project behind this notebook had one of five convolutions without strides,
# and one dense unit that looks at everything at once. Ours has strides, and no
# dense unit: it scores **patches**, each of about 70 pixels.

# %%
critics = {
    "baseline": models.build_discriminator(FULL),
    "PatchGAN": models.build_patch_gan(FULL),
}
painter = models.build_autoencoder(FULL, skip=True)
print(f"painter: {painter.count_params():,}")
for name, critic in critics.items():
    both = critic.count_params() + painter.count_params()
    scores = tuple(critic.output.shape[1:])
    print(f"{name}: {critic.count_params():,}, scores {scores}, both {both:,}")

# %% [markdown]
# The figure is drawn from their layers, from left to right as a picture goes
# through: the height of a bar is that of what comes out, its width the number
# of channels. **Predict before you look:** where do the baseline's 3.1 million
# parameters sit? In how many of its layers are seven eighths of them?

# %% image="07_critics"
figure, axes = plt.subplots(2, 1, figsize=(8, 5.4))
for axis, (name, critic) in zip(axes, critics.items(), strict=True):
    judging = [la for la in critic.layers if hasattr(la, "kernel")]
    for place, layer in enumerate(judging):
        *size, channels = layer.output.shape[1:]
        axis.bar(
            place, size[0] if size else 1, 0.1 + channels / 700, color="C0"
        )
        count = f"{channels} channels\n{layer.count_params():,}"
        axis.text(place, 118, count, ha="center", fontsize=8)
    names = [layer.name.removeprefix("discriminator_") for layer in judging]
    axis.set_xticks(range(len(names)), names)
    axis.set(title=name, ylabel="rows of pixels", ylim=(0, 150))
plt.tight_layout()
plt.show()

# %% [markdown]
# Seven eighths of the baseline is its last layer, one weight for each feature
# of each pixel: it knows *where* in the picture something is, for pictures of
# this one size. The convolutions before it see 11 pixels. The PatchGAN spends
# its parameters on features, sees larger parts, and works at any size. How
# large? Which pixels change the score in the middle?


# %%
def reach(critic, size=96):
    """Which pixels, each changed alone along one row, change a score."""
    picture = np.full((1, size, size, 3), 0.5, np.float32)
    middle = ops.convert_to_numpy(critic(picture)).shape[1] // 2
    rows = np.repeat(picture, size, axis=0)
    for column in range(size):
        rows[column, :, column] = 1
    scores = ops.convert_to_numpy(critic(rows) - critic(picture))
    return np.abs(scores[:, :, middle]).max(axis=(1, 2)) > 0


# %%
keras.utils.set_random_seed(0)
seen = reach(models.build_patch_gan(width=8))
print("a score of the PatchGAN sees", int(seen.sum()), "columns of pixels")

# %% [markdown]
# ## The game as one loss
#
# The critic $D$ gives scores, high for what looks real. It wants truth above 1
# and paintings below -1, the **hinge loss**. The painter $G$ wants a high
# score:
#
# $$L_D = \max(0, 1 - D(y)) + \max(0, 1 + D(\hat y)), \qquad L_G = -D(\hat y)$$
#
# with $\hat y$ the picture whose hole is painted. Most tutorials write two
# training steps with two optimizers in a loop of their own, and lose `fit`,
# callbacks, mixed precision and every backend but one. It can be one loss:
#
# * the critic must not see through its own term into the painter:
#   `stop_gradient` around $\hat y$ in $L_D$;
# * the painter must not make the critic stupid: in $L_G$ the critic is called
#   with **constant weights**.


# %%
def frozen(critic, pictures):
    """Scores by constant weights; state that the call changes is dropped."""
    weights_, state = (
        [ops.stop_gradient(variable.value) for variable in variables]
        for variables in (
            critic.trainable_variables,
            critic.non_trainable_variables,
        )
    )
    scores, _ = critic.stateless_call(weights_, state, pictures, training=True)
    return scores


# %%
def game(critic, truth, painted):
    """The hinge losses of both players, each moving its own player only."""
    of_truth = critic(truth, training=True)
    of_painted = critic(ops.stop_gradient(painted), training=True)
    for_critic = ops.mean(ops.relu(1 - of_truth))
    for_critic += ops.mean(ops.relu(1 + of_painted))
    for_painter = -ops.mean(frozen(critic, painted))
    return for_critic, for_painter


# %%
critic = models.build_patch_gan(width=8)
truth, painted = targets, inputs["images"]
for name, loss in zip(
    ("critic", "painter"), game(critic, truth, painted), strict=True
):
    print(f"{name}: {float(loss):.3f}")

# %% [markdown]
# Hinge losses of a critic that knows nothing are near 2: it says about 0 to
# everything, and each term is about 1. Remember that number.
#
# `AdversarialInpainter` is `Inpainter` with this game added to its loss. It has
# a few lines more: scores far from any hole do not count as painted, for what
# they see is the truth; and the critic is punished when its score of a
# photograph changes because of a little noise, which keeps its slopes gentle
# (the approximate **R1 penalty**).
#
# **Predict, then run.** Is it true? We train one step with plain SGD, once with
# the painter's term at weight 0 and once at weight 100. Which of the two
# networks ends with different weights?


# %%
def after_one_step(weight):
    keras.utils.set_random_seed(0)
    model = AdversarialInpainter(
        models.build_autoencoder((SIZE, SIZE, 3), skip=True, width=4),
        models.build_patch_gan((SIZE, SIZE, 3), width=4),
    )
    sgd = keras.optimizers.SGD(0.01)
    # For one step a graph is not worth its while.
    model.compile(sgd, losses.MAE(), weight=weight, run_eagerly=True)
    model.train_on_batch(inputs, targets)
    players = model.network, model.discriminator
    return [player.get_weights() for player in players]


# %%
without, with_it = after_one_step(0), after_one_step(100)
for name, one, two in zip(("painter", "critic"), without, with_it, strict=True):
    change = max(np.abs(a - b).max() for a, b in zip(one, two, strict=True))
    print(f"{name}: differs by {change:.6f}")

# %% [markdown]
# The painter only. The critic is moved by its own loss, to the last bit, though
# all was one sum and one step. The package's tests prove the same with dropout,
# batch and spectral normalisation in the critic, on TensorFlow and JAX.
#
# ## Two learning rates
#
# The players need not learn at one speed. `TwoRateAdam` scales the steps of all
# layers whose names begin with `discriminator_`. With a scale of 0 the critic
# stands still, which is how one tests it:


# %%
def moved(scale):
    keras.utils.set_random_seed(0)
    model = AdversarialInpainter(
        models.build_autoencoder((SIZE, SIZE, 3), skip=True, width=4),
        models.build_patch_gan((SIZE, SIZE, 3), width=4),
    )
    rates = TwoRateAdam(1e-3, scale=scale)
    model.compile(rates, losses.MAE(), run_eagerly=True)
    before = model.discriminator.trainable_variables[0].numpy()
    model.train_on_batch(inputs, targets)
    after = model.discriminator.trainable_variables[0].numpy()
    return np.abs(after - before).max()


# %%
for scale in (0.0, 1.0, 4.0):
    print(f"scale {scale}: the critic's first kernel moved {moved(scale):.5f}")

# %% [markdown]
# ## Spectral normalisation
#
# If a critic can tell perfectly, its score jumps from one side to the other,
# and is flat on both: the painter, far away, feels no slope. **Spectral
# normalisation** divides each kernel by its largest singular value, so that a
# score can change no faster than the picture (times a constant for the sizes of
# kernels). `SpectralConv2D` keeps an estimate of the singular vector, and
# improves it by one step of power iteration each time it is called in training.
#
# Keras's own version writes the divided kernel back *inside* the call. JAX
# throws such a change away, silently. Ours never touches the kernel.

# %%
layer = critic.layers[3]
matrix = ops.convert_to_numpy(layer.kernel).reshape(-1, layer.filters)
true_norm = np.linalg.norm(matrix, 2)
x = np.ones((1, 16, 16, layer.kernel.shape[2]), np.float32)
for step in range(13):
    vector = ops.convert_to_numpy(layer.vector)
    left = matrix @ vector
    left /= np.linalg.norm(left)
    if step % 4 == 0:
        estimate = np.linalg.norm(left @ matrix)
        print(f"after {step:2} calls: {estimate:.4f} of {true_norm:.4f}")
    layer(x, training=True)

# %% [markdown]
# ## Train, side by side
#
# Both players start unequal: our painter has painted for an hour already (the
# shipped weights of `autoencoder_skip`), the critics begin with nothing. The
# painter keeps a second master, `PConvLoss`: pixels, features and Gram
# matrices. Without it, it would paint anything that the critic believes. Even
# with it, ours first strewed blue and orange flecks over grey walls. ST-LPIPS,
# the score that we trained it for, *did not mind*: we saw it when we looked.
# Hence the term `color`, which asks for the right hue and leaves it to the
# painter what is light and dark.
#
# The painter that plays, `gan`, is that of `autoencoder_skip` with a little
# **noise** in the hole. In the middle of a wide hole all places look alike, and
# a network that is to invent texture there has nothing to tell them apart but
# the steps of its own upsampling: without noise ours painted a grid.
#
# Same painter, same batches, same number of steps. The baseline gets what it
# had: cross-entropy, with the label of real pictures at 0.9 in place of 1
# (one-sided **label smoothing**, so that it never becomes quite sure). On a CPU
# it also gets a quarter of its width: without strides it is that slow.


# %%
def trained_painter(name="gan"):
    network = networks.build(name)
    weights.load(network, weights.path_of("autoencoder_skip"))
    return network


# %%
def patch_gan():
    critic = models.build_patch_gan((SIZE, SIZE, 3), width=PATCH_WIDTH)
    return critic, {"adversarial": losses.Hinge(), "weight": 0.3}


def baseline():
    critic = models.build_discriminator((SIZE, SIZE, 3), width=CRITIC_WIDTH)
    smooth = losses.CrossEntropy(smoothing=0.1)
    return critic, {"adversarial": smooth, "weight": 0.3, "penalty": 0.0}


# %%
def quality(network):
    """Scores of the held-out pictures, and the pictures."""
    given, truth = held_out[0]
    known = given["masks"]
    painted = network.predict(given, batch_size=8)
    filled = known * truth + (1 - known) * painted
    pair = ops.convert_to_tensor(truth), ops.convert_to_tensor(filled)
    found = {
        "hole PSNR (dB)": metrics.hole_psnr(*pair, known),
        "SSIM": metrics.ssim(*pair),
        "ST-LPIPS": metrics.stlpips(*pair),
    }
    return {name: float(ops.mean(v)) for name, v in found.items()}, filled


# %%
before, first = quality(trained_painter("autoencoder_skip"))
{name: round(value, 4) for name, value in before.items()}


# %% [markdown]
# We write the loop over epochs out, to score the painter after each.


# %%
def play(players):
    keras.utils.set_random_seed(0)
    network = trained_painter()
    critic, options = players()
    model = AdversarialInpainter(network, critic)
    rates = TwoRateAdam(2e-4, scale=2.0, beta_1=0.5)
    loss = losses.PConvLoss(total_variation=0, color=24)
    model.compile(rates, loss, [metrics.PSNR(), metrics.SSIM()], **options)
    rows = [before]
    for epoch in range(EPOCHS):
        batches.epoch = epoch
        history = model.fit(batches, shuffle=False, verbose=0).history
        last = {name: values[0] for name, values in history.items()}
        rows.append(last | quality(network)[0])
    return network, pandas.DataFrame(rows)


# %%
painters, curves = {}, {}
for name, players in {"baseline": baseline, "PatchGAN": patch_gan}.items():
    painters[name], curves[name] = play(players)
table = pandas.DataFrame({name: c.iloc[-1] for name, c in curves.items()})
table.insert(0, "before", pandas.Series(before))
table.round(3)

# %% [markdown]
# ## What the curves say
#
# **Predict, then look.** Which curve would tell you that training works? Which
# one tells who is winning?

# %% image="07_curves"
figure, axes = plt.subplots(2, 3, figsize=(9.5, 4.6), sharex=True)
for row, (name, curve) in zip(axes, curves.items(), strict=True):
    row[0].plot(curve.d_real, "o-", label="D(real)")
    row[0].plot(curve.d_fake, "o-", label="D(painted)")
    row[1].plot(curve.discriminator_loss, "ko-", label="critic's loss")
    row[2].plot(curve["ST-LPIPS"], "o-C3", label="ST-LPIPS, held out")
    row[0].set_ylabel(name)
    for axis in row:
        axis.legend(fontsize=8)
for axis in axes[1]:
    axis.set_xlabel("epoch")
plt.tight_layout()
plt.show()

# %% [markdown]
# What is in a curve of a GAN, and what is not:
#
# * **Nobody wins.** A loss near its first value does not mean that nothing was
#   learned: both got better, against each other. In a game without end there is
#   no final score. "The discriminator won" or "the generator won at epoch 900"
#   are readings of a curve that cannot say so.
# * The critic's hinge loss is 2 when it knows nothing and 0 when it tells
#   perfectly. *Both* are bad signs if they last: at 2 it has nothing to teach,
#   at 0 the painter is hopeless. The baseline's is a cross-entropy, and 2 ln 2
#   = 1.39 when it knows nothing. Above that it is sure of what is wrong.
# * The gap between D(real) and D(painted) says how well *this* critic tells.
#   Scores of two critics cannot be compared.
# * Whether pictures get better, only pictures tell, or a measure from outside.
#
# Is that only words? If the painter's adversarial term measured quality, it
# would fall when ST-LPIPS falls. It falls when D(painted) rises. The rank
# correlation over the epochs:

# %%
for name, curve in curves.items():
    pair = -curve.d_fake, curve["ST-LPIPS"]
    related = pair[0].corr(pair[1], method="spearman")
    print(f"{name}: {related:+.2f} of -D(painted) with ST-LPIPS")

# %% [markdown]
# With so few epochs such a number is rough, but +1.00 is what a measure of
# quality would have. Now look at what was painted.

# %% image="07_before_after"
given, truth = held_out[0]
known = given["masks"]
fills = {
    "holes": known * truth + (1 - known),
    "before": first,
    **{name: quality(network)[1] for name, network in painters.items()},
    "truth": truth,
}
rows = [[fill[place] for fill in fills.values()] for place in (0, 4, 9, 14)]
show(rows, list(fills), size=1.8)

# %% [markdown]
# Look closely at the baseline's: they are a **checkerboard**. A score that sees
# 11 pixels, or all of them at once, does not mind a regular pattern. Now look
# up its ST-LPIPS in the table. It is close to the PatchGAN's, and it may well
# be the lower one. Features that ask for *some* texture are content with this
# one. No number here says what you see at once.
#
# ## What it gives, and what it takes
#
# **Predict, then run.** Which of the three scores got better by the critic,
# and which got worse?

# %%
change = pandas.DataFrame(
    {name: curve.iloc[-1] - curve.iloc[0] for name, curve in curves.items()}
).loc[list(before)]
change.round(4)

# %% [markdown]
# Texture that is *likely* is not the texture that *was there*. Each leaf in the
# wrong place is wrong twice for PSNR: it is missing where it was, and it is
# where none was. Fog is wrong once. So a critic costs decibels by its nature,
# and gives what features measure. Which of the two you want is a question of
# what the picture is for; notebook 8 is about such questions.
#
# ## Three networks, one grid
#
# The project before this one had an autoencoder, one with skips, and the GAN.
# Here are all three with the same pictures and holes. The first two are trained
# now, from nothing, for `ALONE` steps of the same batches; the third is the one
# from above, which had a head start: compare kinds of faults, not quality.


# %%
def alone(skip):
    keras.utils.set_random_seed(0)
    network = models.build_autoencoder(
        (SIZE, SIZE, 3), skip=skip, dropout=0.1, sees_masks=True, width=8
    )
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9  # as in notebook 5
    model = Inpainter(network)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, ALONE)
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=1), losses.MAE())
    drawn = Batches(photos, SIZE, BATCH, ALONE, mask=wide_holes, seed=3)
    model.fit(drawn, shuffle=False, verbose=0)
    return network


# %%
three = {"autoencoder": alone(False), "with skips": alone(True)}
three["GAN"] = painters["PatchGAN"]
scored = {name: quality(network) for name, network in three.items()}
fills = {"holes": fills["holes"]}
fills |= {name: filled for name, (_, filled) in scored.items()}
fills["truth"] = truth
rows = [[fill[place] for fill in fills.values()] for place in (0, 4, 9, 14)]
show(rows, list(fills), size=1.8)
# %%
pandas.DataFrame({name: found for name, (found, _) in scored.items()}).round(3)

# %% [markdown]
# ## Four thousand epochs
#
# The project trained its GAN *for 4,000 epochs* on 10,000 faces, in a notebook
# session. Can that be? In the loop that most tutorials copy, an "epoch" is one
# `train_on_batch`: **one batch**. Let us count both readings, with both of the
# project's networks in full. It does not say how large its batches were; we
# take 32.
#
# While it trains, we weigh it, in a process of its own, as notebook 5 weighed
# the two autoencoders: what it held at most beyond the networks (where the
# system is Linux), and what is saved.

# %%
SCRIPT = """
import os, pathlib, sys, tempfile, time
os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
sys.path.insert(0, "..")
from numpy import full
from kerasinpaint import adversarial, losses, models, two_rates

def peak():
    status = pathlib.Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024

shape = [int(text) for text in sys.argv[1:]]
painter = models.build_autoencoder(shape, skip=True)
critic = models.build_discriminator(shape)
game = adversarial.AdversarialInpainter(painter, critic)
adam, entropy = two_rates.TwoRateAdam(2e-4), losses.CrossEntropy()
game.compile(adam, losses.MAE(), (), entropy, penalty=0.0)
truth = full((8, *shape), 0.5, "float32")
inputs = {"images": truth, "masks": truth[..., :1]}
before, times = peak(), []
for step in range(3):
    start = time.perf_counter()
    game.train_on_batch(inputs, truth)
    times.append(time.perf_counter() - start)
more = peak() - before
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "all.keras")
    game.save(path)
    print(game.count_params(), path.stat().st_size / 1e6, more, min(times))
"""

# %%
command = [sys.executable, "-c", SCRIPT, *map(str, FULL)]
printed = subprocess.check_output(command).split()
parameters, whole, more, seconds = map(float, printed[-4:])
row = {
    "parameters": f"{parameters:,.0f}",
    "weights, MB": f"{4 * parameters / 1e6:.0f}",
    "with Adam's state, MB": f"{whole:.0f}",
    "the project said": "100 MB",
    "MB more in training": f"{more:.0f}",
    "min, an epoch of 10,000": f"{seconds * 10000 / 8 / 60:.0f}",
}
pandas.DataFrame(row, ["GAN"])

# %% [markdown]
# Adam's state of both networks makes it 123 MB, and 100 is near what notebook 5
# counted with the painter's alone. Now the epochs.

# %%
for name, steps in {
    "a batch": 4000,
    "all pictures": 4000 * 10000 // 32,
}.items():
    days = steps * seconds * 32 / 8 / 86400
    seen = steps * 32 / 10000
    print(f"an epoch is {name}: {steps:,} steps, {days:,.1f} days here,")
    print(f"   each picture is seen {seen:,.0f} times")

# %% [markdown]
# The two differ by a factor of 312. On an accelerator, a hundred times as fast
# as two cores, the first is a matter of minutes and the second outlasts any
# session of a free notebook. So the four thousand epochs were most likely four
# thousand batches: each face seen a dozen times. That is not much; the curves
# were read while the training had hardly begun. Report **steps and batch
# size**, and nobody has to guess.
#
# | the project said | what we measured |
# |---|---|
# | 10,200,228 parameters in both networks | the same, printed above |
# | trained for 4,000 epochs | 4,000 batches, as far as time allows |
# | a critic without strides, one score | seven eighths of it in one layer |
# | who wins can be read from the losses | it cannot: see the correlations |
#
# ## The shipped weights
#
# `kerasinpaint train gan` plays the same game for longer, at 128 px and with
# all of the photographs, and `pconv_gan` plays it with the network of notebook
# 4, for fewer steps and without the loss of colour. A picture of 256 px that no
# training has seen:

# %% image="07_shipped"
(square,) = data.squares([sources.pictures("photos", "test")[3]], 256)
hole = wide_holes(256, 256, np.random.default_rng(4))
names = ["navier_stokes", "autoencoder_skip", "gan"]
shown = [square * hole + (1 - hole)]
shown += [methods.get(name)(square * hole, hole) for name in names]
show([[*shown, square]], ["hole", *names, "truth"], size=2.4)

# %% [markdown]
# Their scores on all test photographs, with intervals, stand in the README.
#
# ## Summary
#
# * The smallest error is fog, because a mean of what may be there is safe. A
#   critic asks whether it *could* be there. That buys texture and costs
#   decibels.
# * A game of two is one loss: stop the gradient where the critic judges, call
#   the critic with constant weights where the painter is judged. Then `fit`,
#   mixed precision, checkpoints and every backend work as ever.
# * A GAN's curves say whether the critic still teaches, not who wins and not
#   how good the pictures are. Look at pictures, and measure from outside.
#
# ## References
#
# * I. Goodfellow and others, [Generative adversarial networks](
#   https://arxiv.org/abs/1406.2661), 2014.
# * P. Isola and others, [Image-to-image translation with conditional
#   adversarial networks](https://arxiv.org/abs/1611.07004), 2017: PatchGAN.
# * T. Miyato and others, [Spectral normalization](
#   https://arxiv.org/abs/1802.05957), 2018.
# * M. Heusel and others, [Two time-scale update rule](
#   https://arxiv.org/abs/1706.08500), 2017: two learning rates.
# * T. Salimans and others, [Improved techniques for training GANs](
#   https://arxiv.org/abs/1606.03498), 2016: one-sided label smoothing.
# * L. Mescheder and others, [Which training methods for GANs do actually
#   converge?](https://arxiv.org/abs/1801.04406), 2018: the R1 penalty.
# * Y. Blau and T. Michaeli, [The perception-distortion tradeoff](
#   https://arxiv.org/abs/1711.06077), 2018: why decibels must fall.
#
# ## Exercises
#
# 1. Give the painter no second master: a loss of 0 beside the critic's term.
#    What becomes of colours, after how many steps?
# 2. Leave the critic alone for 100 steps (the painter's term at weight 0). What
#    does its hinge loss fall to, and what does it rise to when the painter
#    begins to play?
# 3. Replace constant weights in the painter's term by the critic itself, so
#    that it is moved by both terms. With $L = L_D + L_G$ written so, what does
#    the critic learn from the term $-D(\hat y)$?
#
# Solutions are in `solutions/07_gan.py`.
#
# **Next:** 8. Evaluation: what each number sees, what it misses, and when a
# difference is one.
