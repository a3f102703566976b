# %% [markdown]
# # 4. A U-Net of partial convolutions
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/kerasinpaint/kerasinpaint/blob/main/notebooks/04_pconv_unet.ipynb)
#
# | You will | Needs | Takes |
# |---|---|---|
# | train a network in two phases, cross its wires | notebook 3 | 3 min |
#
# Fast marching knows the rim of a hole and nothing else. A network has seen
# other photographs. The one that you train here is small and sees few of them,
# for a minute. In numbers it is a little ahead already; to the eye it is not:
#
# ![Holes, fast marching, our network, the truth](../images/04_fills.jpg)
#
# Notebook 3 proved one layer. Here five or six of them go down, as many come
# up again, and we ask three questions that can be measured. Does it beat fast
# marching? What if the decoder is wired wrong, as it once was? And is a deeper
# network a better one?
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
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas
from keras import layers

from kerasinpaint import (
    benchmark_scores,
    data,
    figures,
    images,
    losses,
    masks,
    methods,
    metrics,
    models,
    runs,
    sources,
)
from kerasinpaint.batches import Batches, random_mask
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.layers import PConv2D
from kerasinpaint.models import pconv_unet

# %% [markdown]
# The constants. `DATA` is what `sources.pictures` opens: the embedded
# photographs, a folder of your own, or the name of a TFDS set such as
# `"cifar10"` or `"celeb_a"`. An epoch has `STEPS` batches; `EPOCHS` says where
# each of the two phases ends; each network in a comparison gets `COMPARED`
# steps. With an accelerator pictures are larger and all runs are longer.
#
# `RUN` is the one folder in which a training keeps everything: checkpoint,
# log, pictures. On Colab let it lie on your Drive, after
# `google.colab.drive.mount("/content/drive")`, as
# `"/content/drive/MyDrive/pconv"`; on Kaggle as `"/kaggle/working/pconv"`. Set
# `AFRESH = False` there, and a lost session costs you one epoch at most.
#
# `WANDB` is the name of a project of Weights & Biases, or `None`.
#
# With `AFRESH`, what an earlier run left in the folder is thrown away. Progress
# bars go too, and warnings that many networks are compiled: they would fill
# pages.

# %% tags=["parameters"] tiny={"SIZE": 32, "EPOCHS": [1, 2], "COMPARED": 1}
FAST = any("cpu" not in name for name in keras.distribution.list_devices())
DATA = "photos"
SIZE = 128 if FAST else 64
BATCH = 16 if FAST else 8
STEPS = 400 if FAST else 40
EPOCHS = (20, 30) if FAST else (5, 8)
OVERFIT = 30
COMPARED = 4000 if FAST else 250
HELD = 48
THICKNESS = [1, 2, 3, 4, 6, 8, 12, 16]
DEPTHS = [4, 6, 8]
RUN = "../output/pconv_lesson"
AFRESH = True
WANDB = None

# %%
if AFRESH:
    shutil.rmtree(RUN, ignore_errors=True)
os.environ.setdefault("WANDB_MODE", "offline")
keras.utils.disable_interactive_logging()
logging.getLogger("tensorflow").setLevel("ERROR")
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
# ## Look at the batches
#
# `Batches` cuts a random square out of a random photograph, flips it or not,
# and draws a random hole of 1 to 60 %. What a batch holds depends on seed,
# epoch and index alone: ask again and you get the same. That will matter when
# a session is lost. `held_out` is drawn in the same way from the validation
# split, once and for all.

# %%
photos = sources.pictures(DATA, "train")
batches = Batches(photos, SIZE, BATCH, STEPS, seed=1)
unseen = sources.pictures(DATA, "validation")
held_out = Batches(unseen, SIZE, HELD, 1, scale=(1, 1), seed=2)
inputs, targets = batches[0]
print(len(photos), "photographs to train on,", len(unseen), "held out")
for name, array in {**inputs, "targets": targets}.items():
    print(f"{name:8}", array.dtype, array.shape)

# %%
shown = inputs["images"], 1 - inputs["masks"], targets
rows = [list(array[:6]) for array in shown]
show(rows, [f"{hole.mean():.0%} hole" for hole in rows[1]])

# %% [markdown]
# Above what the network gets, then its mask (white is the hole), below what it
# should say. Look at this before every training: a mask that is turned over, or
# a target that was flipped without its input, shows here and nowhere else.
#
# ## The network as a picture
#
# `models.build_pconv_unet` builds the network of Liu and others (2018). Left,
# the **encoder**: each partial convolution has a stride of 2, so features
# halve in size, and holes close on the way down. Right, the **decoder**: each
# level doubles the size, joins features *and masks* with those of the encoder
# at that size, and convolves again. Arrows across are the skip connections;
# the uppermost brings the picture with its holes, and its mask.
#
# The figure is drawn from the layers of two networks: `SMALL` for photographs
# and `CIFAR` for pictures of 32 px. The paper's own has eight levels and 32.9
# million parameters; `build_pconv_unet()` without arguments is that one.

# %% image="04_pconv_unet"
figures.unet_figure(
    {
        "SMALL": models.build_pconv_unet((256, 256, 3), **pconv_unet.SMALL),
        "CIFAR": models.build_pconv_unet((32, 32, 3), **pconv_unet.CIFAR),
    }
)

# %% [markdown]
# The dark bar at each box is its mask: one channel, however many the features
# have. The yellow box is in `SMALL` only. It is the picture filled by
# `PyramidFill`, averages of what is known around, coarse where the hole is
# deep. It has nothing to learn. The network sees it beside the picture, and
# what goes out is this fill plus **corrections**: it need not find out for
# itself that a hole is mostly of the colour of its surroundings.
#
# The fill is known everywhere, so for that network no hole is left to close,
# and below its first layer a partial convolution is a plain one. We tried to
# keep the fill out of the encoder: it learnt a quarter as fast. Later in this
# notebook holes close again, in networks that begin with nothing.
#
# ## Build, and check on one batch
#
# A network of five levels, narrower than `SMALL`. `Inpainter` wraps it for
# training: it hands the masks to the loss, and gives metrics the composite, in
# which known pixels are the photograph's.
#
# The cheapest test there is: can it learn **one batch by heart**? If the loss
# does not fall on eight pictures shown over and over, no amount of data will
# help, and you have lost half a minute instead of a night.

# %%
WIDTHS = (16, 32, 64, 64, 64)


def build_small():
    return models.build_pconv_unet(
        (SIZE, SIZE, 3), WIDTHS, (5, 3, 3, 3, 3), last=16, residual=True
    )


# %%
def compiled(network, rate):
    model = Inpainter(network)
    optimizer = keras.optimizers.Adam(rate, global_clipnorm=1.0)
    model.compile(optimizer, losses.Fidelity(), [metrics.HolePSNR()])
    return model


# %%
model = compiled(build_small(), 2e-3)
print(f"{model.count_params():,} parameters")
heart = [model.train_on_batch(inputs, targets) for _ in range(OVERFIT)]
print("loss", *[f"{float(loss):.2f}" for loss, _ in heart[:: OVERFIT // 2]])
print(f"at the end {float(heart[-1][0]):.2f}")

# %% [markdown]
# It falls, so gradients flow, targets fit inputs, and the rate is not absurd.
#
# ## What makes a fill good: the losses
#
# The paper sums five losses, each a function in `losses`. With $h$ the share of
# the hole:
#
# | loss | what it compares | weight |
# |---|---|---|
# | `valid` | known pixels, absolute difference | 1 |
# | `hole` | hole pixels, absolute difference | 6 |
# | `perceptual` | features of a network trained on ImageNet | 0.05 |
# | `style` | which features occur together, anywhere (Gram matrices) | 120 |
# | `total_variation` | neighbours, in the hole and one pixel around it | 0.1 |
#
# To see what each is sensitive to, we judge four "answers" to one picture. The
# first knows only grey. The second keeps known pixels and leaves the hole
# grey. The third lets fast marching fill it. The last is the truth.
#
# **Predict, then run.** Which losses are 0 for the truth? Does fast marching
# beat grey in all five?

# %%
fmm = methods.get("fmm")
truth, known = targets[:1], inputs["masks"][:1]
grey = np.full_like(truth, 0.5)
filled = fmm(truth[0] * known[0], known[0].astype(np.uint8))[None]
answers = {
    "grey": grey,
    "grey hole": known * truth + (1 - known) * grey,
    "fmm": filled,
    "truth": truth,
}
show([[answer[0] for answer in answers.values()]], list(answers), size=2)

# %%
features = losses.efficientnet_features()
terms = {
    "1 valid": (1, losses.valid, ()),
    "6 hole": (6, losses.hole, ()),
    "0.05 perceptual": (0.05, losses.perceptual, (features,)),
    "120 style": (120, losses.style, (features,)),
    "0.1 total variation": (0.1, losses.total_variation, ()),
}
table = {
    name: {
        term: float(weight * loss(truth, answer, known, *more)[0])
        for term, (weight, loss, more) in terms.items()
    }
    for name, answer in answers.items()
}
pandas.DataFrame(table).round(4)

# %% [markdown]
# For the truth all are 0 but one: **total variation** likes smooth pictures,
# and the fill of fast marching better than the photograph. It is there against
# speckles, and has the smallest weight for a reason. `valid` sees only whether
# known pixels were copied, so to it a grey hole is perfect. Fast marching beats
# grey everywhere else, most clearly in style: less than a quarter.
#
# **Why has `hole` the weight 6?** Both `valid` and `hole` are means over *all*
# pixels. If every pixel is wrong by the same amount, a hole of share $h$ has
# the part $6h / (6h + 1 - h)$ in their sum.

# %%
for share in (0.05, 0.15, 0.3, 0.5):
    for weight in (1, 6):
        part = weight * share / (weight * share + 1 - share)
        print(f"hole {share:.0%}, weight {weight}: {part:.0%}", end="    ")
    print()

# %% [markdown]
# With weight 1, a network would spend most of its effort on copying what it
# sees. With 6, a hole of 15 % is worth as much as all the rest. One of the
# projects this course grew out of trained the rest and forgot the hole.
#
# The recipes here use another loss, `losses.Fidelity`: the logarithm of the
# squared error in the hole, lost structure (SSIM), and a little of `valid`.
# It asks directly for what we shall measure, and needs no second network.
# Exercise 1 compares both.
#
# ## Train: two phases
#
# Holes disturb **batch normalisation**: its mean and variance are taken over
# features of which many are 0 because nothing is known there, and how many
# changes from batch to batch. The paper's answer is a second phase: freeze the
# encoder's batch normalisation, lower the rate to a quarter, go on.
#
# First phase. `runs.fit` is Keras's `fit` with a memory: after each epoch it
# writes weights, optimizer and random state to `RUN`, and a line to its log.

# %%
model = compiled(build_small(), 2e-3)
history = runs.fit(
    model, batches, EPOCHS[0], RUN, validation=held_out, wandb=WANDB
)
pandas.DataFrame(history).round(2)

# %% [markdown]
# Second phase. **Predict, then run.** In Keras, does a layer of batch
# normalisation with `trainable = False` still update its moving mean? And will
# freezing the encoder's keep the decoder's from moving?


# %%
def statistics(network, part):
    return [
        keras.ops.convert_to_numpy(variable)
        for layer in network.layers
        if layer.name.startswith(part) and layer.name.endswith("bn")
        for variable in layer.non_trainable_variables[-2:]
    ]


def moved(before, after):
    return max(abs(b - a).max() for b, a in zip(before, after, strict=True))


network = model.network
models.freeze_batch_normalization(network)
before = {part: statistics(network, part) for part in ("encoder", "decoder")}

# %%
model = compiled(network, 5e-4)
history = runs.fit(
    model,
    batches,
    EPOCHS[1],
    RUN,
    start=EPOCHS[0],
    validation=held_out,
    wandb=WANDB,
)
for part, old in before.items():
    change = moved(old, statistics(network, part))
    print(f"{part}: mean and variance moved by {change:.6f} at most")

# %% [markdown]
# The encoder's did not move at all, the decoder's did, by far. A frozen layer
# of batch normalisation runs in inference mode, even inside `fit`; that is
# special to this layer. And one must compile again: what is trainable is looked
# up then.
#
# ## A lost session
#
# Colab takes your machine away. Nothing is left but the folder. So we throw the
# model away and build another, with other random weights, and call the same
# line again.
#
# **Predict, then run.** How many epochs will it train? How far will its weights
# be from those of the lost model?

# %%
lost = [np.array(array) for array in network.get_weights()]
again = build_small()
models.freeze_batch_normalization(again)
model = compiled(again, 5e-4)
history = runs.fit(
    model, batches, EPOCHS[1], RUN, start=EPOCHS[0], validation=held_out
)
print("epochs trained now:", len(history.get("loss", [])))
print("weights differ by", moved(lost, again.get_weights()))

# %% [markdown]
# None, and not by a bit. Had the session been lost in the middle of epoch 7,
# the epochs up to 6 would be there, and the seventh would begin anew with the
# same batches in the same order, and the same state of the optimizer: the
# interrupted run ends with the weights of the one that was not. We ask for one
# epoch more to see it go on:

# %%
history = runs.fit(
    model, batches, EPOCHS[1] + 1, RUN, start=EPOCHS[0], validation=held_out
)
print("epochs trained now:", len(history.get("loss", [])))

# %% [markdown]
# ## Read the log
#
# `runs.fit` writes event files for TensorBoard. In a notebook two lines show
# them, live, while another cell trains:
#
# `%load_ext tensorboard` and `%tensorboard --logdir ../output/pconv_lesson`
#
# Under *Scalars* you find losses, metrics and the learning rate, `train` and
# `validation` in two colours; under *Images* the same few pictures, filled
# after each epoch. A page that is only read cannot show that, so we read the
# files ourselves.

# %%
from tensorboard.backend.event_processing.event_accumulator import (
    EventAccumulator,
)


def read_events(part, tag):
    events = EventAccumulator(str(Path(RUN, "logs", part))).Reload()
    scalars = events.Scalars(tag)
    return [s.step for s in scalars], [s.value for s in scalars]


figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="tight")
for axis, tag in zip(axes, ("loss", "hole_psnr"), strict=True):
    for part in ("train", "validation"):
        axis.plot(*read_events(part, tag), "o-", label=part)
    axis.axvline(EPOCHS[0] + 0.5, color="grey", linestyle=":")
    axis.set_xlabel("epoch")
    axis.set_ylabel(tag)
axis.legend()
plt.show()

# %% [markdown]
# The dotted line parts the phases; the last point is the epoch after the lost
# session. Validation hardly rises: a network that begins with `PyramidFill`
# begins near the top. But look at the fifth epoch: there it **falls by 1.6
# dB**, training by 0.2. Training normalises by the batch at hand,
# validation by the moving mean and variance, and those are what holes disturb;
# above you saw how far the decoder's can move. In the second phase nothing
# falls any more. Why does *training* bob up and down? Each epoch draws other
# pictures and other holes. Validation is the same each time: trust that curve.
#
# The pictures lie beside the events. This is the last of them:

# %%
grids = sorted(Path(RUN, "logs", "pictures").glob("*.jpg"))
plt.figure(figsize=(5, 6.4))
plt.imshow(images.read_image(grids[-1]))
plt.axis("off")
plt.show()

# %% [markdown]
# **Weights & Biases** gets the same if you give `WANDB` the name of a project
# (`pip install wandb` first). `WANDB_MODE` is `offline` above: nothing leaves
# your machine, the run lies in `RUN/wandb`, and `wandb sync` sends it when you
# want it to. For a live page set it to `online` and log in. After a lost
# session the same run goes on.
#
# ## Against fast marching
#
# Now the claim: *partial convolution beats fast marching.* We fill what
# neither has seen, with the masks of the benchmark: six bins of hole ratio,
# strokes, wide strokes, lines and boxes in turn, the same masks for all. PSNR
# is that of the holes only.
#
# **Predict, then run.** In which bin will the network's lead be largest? Is
# there one where fast marching wins?

# %%
_, truths = held_out[0]


def fill(network, pictures, known):
    given = {"images": pictures * known, "masks": known}
    painted = keras.ops.convert_to_numpy(network(given))
    return known * pictures + (1 - known) * painted


def fill_fmm(pictures, known):
    pairs = zip(pictures * known, known.astype(np.uint8), strict=True)
    return np.stack([fmm(picture, mask) for picture, mask in pairs])


def mean_psnr(pictures, filled, known):
    each = metrics.hole_psnr(pictures, filled, known)
    return float(keras.ops.mean(each))


# %%
def bin_masks(ratio, size=SIZE):
    drawn = [
        benchmark_scores.hole_mask(size, ratio, True, index)
        for index in range(HELD)
    ]
    return np.stack(drawn).astype(np.float32)


rows = {}
for ratio in benchmark_scores.BINS:
    known = bin_masks(ratio)
    ours = mean_psnr(truths, fill(model.network, truths, known), known)
    fast = mean_psnr(truths, fill_fmm(truths, known), known)
    name = benchmark_scores.bin_name(ratio)
    rows[name] = {"fmm": fast, "network": ours, "lead": ours - fast}
pandas.DataFrame(rows).T.round(2)

# %% [markdown]
# The network leads in all six bins, after nine epochs of forty steps. Its lead
# is largest where holes are largest, four tenths of a decibel, and two tenths
# where they are small, too little to build on: these are 48 squares out of 24
# photographs. So the claim holds here, and narrowly. How much of it is
# `PyramidFill`, where it began? Exercise 2 asks. Now look:

# %% image="04_fills"
known = bin_masks((0.3, 0.4))
columns = [truths * known, fill_fmm(truths, known)]
columns += [fill(model.network, truths, known), truths]
rows = [[column[place] for column in columns] for place in (0, 5, 10)]
show(rows, ["holes", "fast marching", "our network", "truth"], size=2)

# %% [markdown]
# Who would choose the right one of the two in the middle? The network's fills
# are smoother and have no streaks, which is what PSNR pays for: where it does
# not know, the safest answer is the mean of all that might be there, and a mean
# of towers is a fog. Numbers and eyes ask for different things. Notebook 7
# trains with an adversary, which asks for sharpness.
#
# ## A decoder that is wired wrong
#
# One of the projects behind this course trained such a network on CIFAR-10 and
# concluded that partial convolution *only works for thin lines*. Its decoder
# had a slip. Each level should double **the decoder level below it**. There it
# doubled **the encoder's features of that size** instead. Shapes fit, nothing
# complains, the loss falls.
#
# To compare, we write the network out once, with a switch. It is the plain one,
# without batch normalisation and without `PyramidFill`. Is it the network of
# the package? Built alike and given the same weights, both must paint the same.


# %%
def down(x, m, width):
    strides = 2 if x.shape[1] > 1 else 1  # one pixel cannot be halved
    x, m = PConv2D(width, 3, strides=strides, padding="same")(x, m)
    return layers.ReLU()(x), m


def up(x, m, skip, skip_mask, width):
    factor = skip.shape[1] // x.shape[1]
    x, m = (layers.UpSampling2D(factor)(tensor) for tensor in (x, m))
    x, m = PConv2D(width, 3, padding="same")([x, skip], [m, skip_mask])
    return layers.LeakyReLU(0.2)(x), m


# %%
def build_unet(size, widths, last, right=True):
    pictures = keras.Input((size, size, 3))
    known = keras.Input((size, size, 1))
    encoder = [(pictures, known)]
    for width in widths:
        encoder.append(down(*encoder[-1], width))
    below = encoder.pop()
    for width in (*widths[-2::-1], last):
        skip = encoder.pop()
        level = up(*below, *skip, width)
        below = level if right or not encoder else skip  # the slip
    x = layers.Conv2D(3, 1, activation="sigmoid")(below[0])
    network = keras.Model({"images": pictures, "masks": known}, x)
    network.known = keras.Model([pictures, known], below[1])
    return network


# %%
NARROW, LAST, SMALL_SIZE = (8, 16, 24, 24, 24), 8, 32
right = build_unet(SMALL_SIZE, NARROW, LAST)
shipped = models.build_pconv_unet(
    (SMALL_SIZE, SMALL_SIZE, 3), NARROW, (3,) * 5, LAST, False
)
shipped.set_weights(right.get_weights())
# %%
given, _ = Batches(photos, SMALL_SIZE, 16, 1, seed=1)[0]
difference = keras.ops.abs(right(given) - shipped(given))
print("taught and shipped differ by", float(keras.ops.max(difference)))

# %% [markdown]
# Now the wrong one. Most of its levels lead nowhere: nothing that goes out
# comes from them, so Keras does not even keep them, and it has far fewer
# parameters. To be fair we build a third: wired wrong, but so wide that it has
# as many parameters as the right one.
#
# **Predict, then run.** Training aside, how wide may a hole be for a network to
# know anything in its middle? Masks tell. We give a picture of 256 px of which
# one half is known, and count the columns of the other half that are known in
# the end; then the other way round. A hole has two rims: we add both.


# %%
def closes(widths, right=True):
    network = build_unet(256, widths, 2, right)
    half = np.arange(256).reshape(1, 1, 256, 1) < 128
    columns = 0
    for side in (half, ~half):
        known = np.broadcast_to(side, (1, 256, 256, 1)).astype(np.float32)
        after = network.known([known * np.ones(3, np.float32), known])
        columns += int(keras.ops.sum(after[0, 128])) - 128
    return columns


wired = {
    "right": right,
    "wrong": build_unet(SMALL_SIZE, NARROW, LAST, right=False),
    "wrong, wide": build_unet(SMALL_SIZE, (64, *NARROW[1:]), 70, right=False),
}
for name, network in wired.items():
    width = closes((2,) * 5, right=name == "right")
    print(f"{name}: {network.count_params():,} parameters, closes {width} px")

# %% [markdown]
# A hole wider than 4 pixels has a middle of which both wrong networks know
# **nothing**, however long they train and however wide they are: what goes out
# sees the picture and the first level only. There a partial convolution gives
# 0, and the last layer can only add its bias: one colour, the same for all
# pictures. The right one closes 94 pixels, three times the whole picture.
#
# So we can predict where the curves must part: between 4 and 6 pixels.
#
# Same budget for all three: `COMPARED` steps of 16 pictures of 32 px, with the
# same lines of 1 to 16 px in the same order, from the same seed.
#
# **Predict, then run.** Sketch the three curves, PSNR in the hole against the
# thickness of a line. Where will they part?


# %%
def thick_lines(height, width, rng):
    return masks.lines(height, width, rng, count=(1, 3), thickness=(1, 16))


# %%
def train_plain(network, size, batch, mask):
    keras.utils.set_random_seed(0)
    drawn = Batches(photos, size, batch, COMPARED, mask=mask, seed=1)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, COMPARED, alpha=0.05)
    compiled(network, rate).fit(drawn, verbose=0)


for network in wired.values():
    train_plain(network, SMALL_SIZE, 16, thick_lines)


# %%
def line_masks(thickness):
    drawn = [
        masks.lines(
            SMALL_SIZE,
            SMALL_SIZE,
            np.random.default_rng([thickness, index]),
            count=(1, 1),
            thickness=(thickness, thickness),
        )
        for index in range(HELD)
    ]
    return np.stack(drawn).astype(np.float32)


# %%
_, small = Batches(unseen, SMALL_SIZE, HELD, 1, scale=(1, 1), seed=2)[0]
curves = {name: [] for name in [*wired, "fmm"]}
for thickness in THICKNESS:
    known = line_masks(thickness)
    fills = [fill(network, small, known) for network in wired.values()]
    fills.append(fill_fmm(small, known))
    for curve, filled in zip(curves.values(), fills, strict=True):
        curve.append(mean_psnr(small, filled, known))

# %% image="04_wiring"
plt.figure(figsize=(5.6, 3.6))
for name, curve in curves.items():
    style = "k--" if name == "fmm" else "o-"
    plt.plot(THICKNESS, curve, style, label=name)
plt.xscale("log", base=2)
plt.xticks(THICKNESS, THICKNESS)
plt.xlabel("thickness of the line in pixels, pictures of 32 px")
plt.ylabel("PSNR in the hole, dB")
plt.legend()
plt.show()
pandas.DataFrame(curves, index=THICKNESS).round(1)

# %% [markdown]
# They part where the masks said. From 4 to 6 pixels the wide wrong network
# falls by two and a half decibels, the right one by 0.9; from 6 pixels on the
# right one leads by 1.0 to 1.5 dB. So the explanation holds: wired like this, a
# network is good for thin lines only, and it is the wires, not partial
# convolution.
#
# But the figure says more, and not all of it is in favour of the right one.
# **Up to 4 pixels the wide wrong network is better**, by four decibels at 1.
# All of its parameters work at full size, on the few pixels around the line;
# for scratches that may be the better design. And at this budget **all three
# lose against fast marching**, at every thickness. They begin with nothing; the
# network above began with `PyramidFill`. A longer training will help all three.
# It will not show the wrong ones what they cannot see.

# %%
known = line_masks(THICKNESS[-1])
columns = [small * known]
columns += [fill(network, small, known) for network in wired.values()]
rows = [[*(c[place] for c in columns), small[place]] for place in (1, 2, 3)]
show(rows, ["16 px", *wired, "truth"], size=1.7)

# %% [markdown]
# There it is: beyond two pixels from the rim both paint one and the same grey.
# The right network's colours are poor, but they are *about this picture*: sky
# above, dark below.
#
# ## Is deeper better?
#
# *A deeper network would do better*, another of these projects wrote, after
# training on pictures of 64 px. First, what depth is for. **Predict, then
# run.** How far from a rim can a network of one to eight levels know anything,
# in a picture of 256 px?

# %%
for depth in (1, 2, 3, 4, 6, 8):
    print(f"{depth} levels close {closes((2,) * depth)} px")

# %% [markdown]
# Each level more than doubles it: $n$ levels close $3 \cdot 2^n - 2$ pixels, at
# most all there are. One level closes 4, as the wrong wiring did: that is what
# it was. In a picture of 512 px at least seven levels are needed, or the middle
# of a large hole stays empty; the paper has eight, and larger kernels. In one
# of 64 px, six halvings lead to a single pixel, and there is nothing left to
# halve. The network of eight levels has two at the bottom with stride 1 (see
# `down`): a 3 x 3 kernel on one pixel, hence a dense layer.
#
# Same budget again: `COMPARED` steps of the same batches, all kinds of masks.
# The coarse levels are small, so that a step costs nearly the same time at all
# depths; parameters it does cost.
#
# **Predict, then run.** Order the three, in the bin of the smallest holes and
# in that of the largest.

# %%
DEEP = (16, 32, 48, 48, 48, 48, 48, 48)
rows = {}
for depth in DEPTHS:
    network = build_unet(SIZE, DEEP[:depth], 16)
    train_plain(network, SIZE, BATCH, random_mask)
    row = {"parameters": network.count_params()}
    for ratio in benchmark_scores.BINS:
        known = bin_masks(ratio)
        filled = fill(network, truths, known)
        row[benchmark_scores.bin_name(ratio)] = mean_psnr(truths, filled, known)
    rows[f"{depth} levels"] = row
pandas.DataFrame(rows).round(2)

# %% [markdown]
# At this budget deeper is **not** better: four levels lead in five of six bins,
# before six by up to 0.4 dB, before eight by 0.1 to 0.7. Four close 46 pixels,
# and few holes in a picture of 64 are wider; what further levels add is
# parameters that must be trained before they help. The differences are small,
# and this is one seed and a short run. So we have not shown that deep networks
# are worse. We have shown that *deeper would be better* does not follow from
# depth: as deep as holes are wide, then spend what you have on steps.
#
# ## Where the shipped weights come from
#
# Minutes on two cores are for learning how it works. The weights that come with
# the package are trained by the same code with more of everything:
#
# `kerasinpaint train pconv`
#
# That is a **recipe**, a function of forty lines in `training.py`: the network
# `SMALL`, five phases of small and larger pictures, the same `Batches`,
# `losses.Fidelity` and `runs.fit`. `--output` is what `RUN` is here, and if the
# machine goes away the same command goes on. A card in `weights/` says data,
# steps, time, hardware and scores. Weights then are a method like all others,
# for pictures of any size:

# %% image="04_shipped"
example = data.examples()[0]
image, mask = example["damaged"], example["mask"]
names = ["fmm", "pconv"]
pictures = [image, *(methods.get(name)(image, mask) for name in names)]
show([[*pictures, example["original"]]], ["damaged", *names, "truth"], size=3)

# %% [markdown]
# How good they are, by hole ratio and on test photographs that no training has
# seen, stands in the table of the README. Do not quote the tables above: 48
# pictures, minutes of training. They show *why*, not *how good*.
#
# ## Summary
#
# * Check in this order: look at a batch, learn one by heart, train, freeze the
#   encoder's batch normalisation and go on at a lower rate. Keep everything in
#   one folder, and a lost session costs an epoch.
# * What a network can never fill is what its wires do not reach. Masks show
#   that before any training: wired wrong, this one closes 4 pixels, wired
#   right 94, and measured curves part at 4.
# * Measured at this size and budget: a network that corrects a smooth fill
#   beats fast marching by 0.2 to 0.4 dB, one that starts from nothing does not;
#   four levels beat eight, and six except in the widest holes.
#
# ## References
#
# * G. Liu and others, [Image inpainting for irregular holes using partial
#   convolutions](https://arxiv.org/abs/1804.07723), ECCV 2018: network, losses
#   and weights, both phases.
# * O. Ronneberger and others, [U-Net](https://arxiv.org/abs/1505.04597), 2015.
# * S. Ioffe and C. Szegedy, [Batch normalization](
#   https://arxiv.org/abs/1502.03167), 2015.
# * S. Gortler and others, [The lumigraph](
#   https://doi.org/10.1145/237170.237200), 1996: push and pull, on which
#   `PyramidFill` is modelled.
#
# ## Exercises
#
# 1. Train the network of this notebook with `losses.PConvLoss(perceptual=0,
#    style=0)`, and with a hole weight of 1 instead of 6, at the same budget.
#    Which has the best hole PSNR, and by how much does each lose against
#    `Fidelity`?
# 2. How much of the lead over fast marching is `PyramidFill`, and how much is
#    learned? Score a network that was never trained.
# 3. The paper's first kernels have 7 and 5 pixels. How many levels with these
#    kernels are needed to close a hole of 200 px? Count with masks, not by
#    training.
#
# Solutions are in `solutions/04_pconv_unet.py`.
#
# **Next:** 5. Autoencoders: what a network learns that must squeeze a whole
# face through a few numbers.
