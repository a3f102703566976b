# %% [markdown]
# # 9. Networks that others have trained
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/kerasinpaint/kerasinpaint/blob/main/notebooks/09_pretrained.ipynb)
#
# | You will | Needs | Takes |
# |---|---|---|
# | see how far networks see, read weights of strangers | notebook 4 | 2 min |
#
# All networks so far were ours and small. The ones that people use were trained
# by others, for weeks, on millions of pictures. Two ideas made them better than
# a U-Net in wide holes: **Fourier convolutions**, which see the whole picture
# at once (LaMa), and **attention to what is known** (MAT). Here you take both
# apart, read published weights into Keras, and set all methods beside each
# other:
#
# ![All methods on the same five pictures](../images/09_methods.jpg)
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
import pickle
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
import pandas
from keras import layers, ops

from kerasinpaint import (
    benchmark,
    data,
    methods,
    metrics,
    models,
    networks,
    weights,
)
from kerasinpaint.benchmark_wide import wide_mask
from kerasinpaint.layers import WindowAttention
from kerasinpaint.layers.fourier_transform import irfft2, rfft2
from kerasinpaint.models import lama, lama_refinement

# %% [markdown]
# The constants. `SIZE` is the side of the photographs, five from the
# **validation** split. `REACH` is the side of the small pictures on which we
# ask how far layers see. Published weights are downloads of 200 MB, so they are
# fetched on Colab only.

# %% tags=["parameters"] tiny={"SIZE": 128, "REACH": 16, "PLACES": [1, 4, 9]}
SIZE = 256
REACH = 64
LEAST = 128
PLACES = [1, 4, 9, 14, 20]
NAMES = ["fmm", "navier_stokes", "pconv", "gan", "lama"]
BIG = "google.colab" in sys.modules


def show(rows, titles, size=1.7, **options):
    shape = (size * len(rows[0]), (size + 0.2) * len(rows))
    figure, axes = plt.subplots(
        len(rows), len(rows[0]), figsize=shape, squeeze=False
    )
    for axis, picture in zip(axes.flat, sum(rows, []), strict=True):
        axis.imshow(picture, **{"cmap": "gray"} | options)
        axis.set(xticks=[], yticks=[])
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=9)
    plt.tight_layout(pad=0.3)
    plt.show()


# %%
keras.utils.set_random_seed(0)
photos = np.stack(data.photos("validation", size=SIZE))[PLACES]
holes = np.stack([wide_mask(SIZE, 1, index) for index in PLACES])
show([list(photos * holes)], [""] * len(PLACES))

# %% [markdown]
# ## How far does a network see?
#
# A pixel in the middle of a wide hole has to be made of something that is far
# away. A convolution of 3 x 3 pixels sees one pixel further than what it is
# given; twelve of them, one after the other, see twelve. On paper.
#
# We ask the layers themselves, without any gradient: change one block of the
# picture, look how much the middle of the output changes, and do so for each
# block. What is drawn that way is the **effective receptive field**.


# %%
def sight(see, images, block=2):
    """How much the middle changes if a block does, for each block.

    `see` goes from pictures to features of the same height and width.
    """
    steps = images.shape[1] // block
    poked = np.repeat(images, steps**2, axis=0)
    for number, (row, column) in enumerate(np.ndindex(steps, steps)):
        rows = slice(row * block, (row + 1) * block)
        poked[number, rows, column * block : (column + 1) * block] += 0.1
    middle = images.shape[1] // 2
    changes = [
        ops.convert_to_numpy(see(batch) - see(images))[:, middle, middle]
        for batch in np.array_split(poked, steps)
    ]
    return np.abs(np.concatenate(changes)).mean(-1).reshape(steps, steps)


# %% [markdown]
# **Predict, then run.** Twelve convolutions with random weights on a picture of
# noise: draw the field on paper. Is it a square of 25 pixels? Is its rim as
# strong as its middle?


# %%
def stack(depth=12, filters=16):
    options = {"padding": "same", "activation": "relu"}
    options["kernel_initializer"] = "he_normal"
    return keras.Sequential(
        [layers.Conv2D(filters, 3, **options) for _ in range(depth)]
    )


# %%
noise = np.random.default_rng(0).random((1, REACH, REACH, 8), np.float32)
fields = {"12 convolutions": sight(stack(), noise)}
seen = fields["12 convolutions"]
strong = seen > seen.max() / 20
print(f"blocks that matter at all: {np.mean(seen > 0):.0%}")
print(f"blocks with a twentieth of the strongest: {np.mean(strong):.0%}")

# %% [markdown]
# The square is there on paper, but most of it is empty. A pixel at the rim has
# one way through the twelve layers, a pixel in the middle has thousands; their
# number falls like a bell. Deeper stacks see further by the *root* of their
# depth (Luo and others, 2016). So a wide hole stays wide.
#
# ## A layer that sees everything
#
# Each **frequency** of a picture is a wave across all of it. Change one pixel,
# and all frequencies change a little. Change one frequency, and all pixels do:

# %%
grey = photos[0].mean(-1)[None, :, :, None]
real, imaginary = (ops.convert_to_numpy(part) for part in rfft2(grey))
louder = real.copy()
louder[0, 3, 5] += 6
changed = ops.convert_to_numpy(irfft2(louder, imaginary, SIZE))
print("picture", grey.shape[1:3], "spectrum", real.shape[1:3])
show(
    [[grey[0, ..., 0], changed[0, ..., 0], (changed - grey)[0, ..., 0]]],
    ["picture", "one frequency louder", "difference"],
    size=2.2,
)

# %% [markdown]
# Real input has a spectrum whose two halves mirror each other, so `rfft2` keeps
# one: about half as many columns.
#
# So this is the trick of Chi and others (2020): transform, mix the *channels*
# of each frequency by a convolution of 1 x 1, and transform back. It costs as
# much as a thin convolution and one Fourier transform, and its field is the
# picture. Real and imaginary part are two channels side by side:


# %%
class FourierUnit(layers.Layer):
    """To frequencies, one convolution of 1 x 1 px, and back."""

    def __init__(self, filters):
        super().__init__()
        self.mix = layers.Conv2D(2 * filters, 1, use_bias=False)
        self.normalize = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)

    def call(self, images, training=None):
        parts = ops.stack(rfft2(images), axis=-1)
        *size, channels, _ = parts.shape
        x = self.mix(ops.reshape(parts, (-1, *size[1:], 2 * channels)))
        x = ops.relu(self.normalize(x, training=training))
        x = ops.reshape(x, (-1, *size[1:], x.shape[-1] // 2, 2))
        return irfft2(x[..., 0], x[..., 1], images.shape[2])


# %%
unit = FourierUnit(16)
print(tuple(unit(noise).shape), f"{unit.count_params():,} parameters")
fields["1 Fourier unit"] = sight(unit, noise)

# %% [markdown]
# **Predict before you look.** One layer, no depth. What is its field?

# %% image="09_fields"
show(
    [[np.log10(field / field.max() + 1e-4) for field in fields.values()]],
    list(fields),
    size=2.6,
    cmap="magma",
    vmin=-4,
    vmax=0,
)

# %% [markdown]
# Bright is strong, black ten thousand times weaker. The stack sees a blur in
# the middle. The unit sees all, from corner to corner, also across
# the border, since a Fourier transform takes the picture for a tile of endless
# wallpaper. (The streak along the row is left by the transform of *real*
# numbers, which keeps the waves of one half only: to mix their real and
# imaginary parts is a Hilbert transform along the row, and fades as one over
# the distance.) What it does *not* see is where something is: a wave has no
# place.
# That is why LaMa does not replace convolutions by units. Its layer
# `FastFourierConv2D` has two branches: a quarter of the channels are *local*,
# three quarters *global*, and each is told of the other in every layer.
#
# ## In a trained network
#
# On paper all this is about random weights. Does a *trained* network use its
# reach? Our own small LaMa was trained with the recipe of
# `kerasinpaint train lama`, the U-Net `pconv` on the same photographs. In the
# middle of a photograph we cut a hole, change known blocks around it, and look
# at the very middle of the fill.


# %%
def sees_in_hole(name, photo, side=SIZE // 2, block=SIZE // 16):
    """How much the middle of a fill changes if known blocks do."""
    _, network = networks.load(name)
    picture = data.squares([photo], side)[0][None]
    masks = np.ones((1, side, side, 1), np.float32)
    masks[:, side // 4 : -side // 4, side // 4 : -side // 4] = 0

    def see(images):
        known = np.repeat(masks, len(images), axis=0)
        return network({"images": images * known, "masks": known})

    return sight(see, picture, block)


# %%
trained = {name: sees_in_hole(name, photos[0]) for name in ("pconv", "lama")}
show(
    [[field / field.max() for field in trained.values()]],
    list(trained),
    size=2.6,
    cmap="magma",
)
for name, field in trained.items():
    print(f"{name}: {1 - field[1:-1, 1:-1].sum() / field.sum():.0%} from afar")

# %% [markdown]
# The black square is the hole: what lies in it cannot matter, for it is not
# given. Around it both ask their nearest neighbours first, and that is as it
# should be. But `pconv` asks little else, while `lama` has an ear for
# everything: the percentages are those of the outermost blocks, a quarter of
# the hole's width and more away from it. To *see* far does not mean to look
# far; training decides what to look at.
#
# ## Attention that ignores holes
#
# MAT goes another way. It cuts the picture into **tokens**, and each token asks
# all others of its window: *what do you know that I need?* A token's answer
# counts by the product of its *key* with the question, the *query*. Without
# precautions a token would also ask those in the hole, and be told nonsense
# with great confidence. The precaution is one line: to the weight of what is
# not known, add a large negative number before the softmax.


# %%
def attend(queries, keys, values, known):
    """Attention of every token to the known ones, by one head."""
    scores = queries @ np.swapaxes(keys, -1, -2)
    scores = scores / np.sqrt(keys.shape[-1])
    scores = np.where(known[..., None, :] > 0, scores, -100.0)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights = weights / weights.sum(-1, keepdims=True)
    return weights @ values, weights


# %% [markdown]
# A photograph as 16 x 16 tokens, each of the mean colour of its block. The hole
# is a box. A token in the middle of a hole has no colour to ask by; here it
# asks with that of the truth, to see what it *would* like to find.

# %%
side = SIZE // 16
blocks = photos[0].reshape(16, side, 16, side, 3).mean((1, 3))
tokens = (blocks - blocks.mean((0, 1))).reshape(256, 3)
tokens = 4 * tokens / np.linalg.norm(tokens, axis=-1, keepdims=True)
known = np.ones((16, 16))
known[5:12, 4:11] = 0
_, everywhere = attend(tokens, tokens, tokens, np.ones(256))
_, careful = attend(tokens, tokens, tokens, known.ravel())

# %% image="09_attention"
asked = 8 * 16 + 6
looks = [everywhere[asked].reshape(16, 16), careful[asked].reshape(16, 16)]
show(
    [[blocks, known, *looks]],
    ["tokens", "known", "looks everywhere", "looks at what is known"],
    size=2,
)

# %% [markdown]
# In the third picture the token looks at its own neighbours in the hole, of
# whom, in earnest, nothing would be known. In the last one it finds what is
# like it outside. Is a hole really out of sight? Write nonsense there, as in
# notebook 3:

# %%
before, _ = attend(tokens, tokens, tokens, known.ravel())
nonsense = np.where(known.ravel()[:, None], tokens, 7.0)
after, _ = attend(tokens, nonsense, nonsense, known.ravel())
print(f"largest change: {np.abs(after - before).max():.1e}")

# %% [markdown]
# Like a partial convolution, attention updates its mask: a window in which
# *something* is known is known from then on. And since windows would never hear
# of each other, every second layer **shifts** them by half.
#
# **Predict, then run.** 32 x 32 tokens, windows of 8, a hole with 22 tokens on
# a side. After how many layers is all known, with shifts and without?


# %%
def spread(shifts, window=8):
    """What is known after each of some layers."""
    mask = np.ones((1, 32, 32, 1), np.float32)
    mask[:, 5:27, 5:27] = 0
    steps = [mask]
    for shift in shifts:
        layer = WindowAttention(heads=1, window=window, shift=shift)
        _, mask = layer(np.ones((1, 32, 32, 4), np.float32), mask)
        steps.append(ops.convert_to_numpy(mask))
    return [step[0, ..., 0] for step in steps]


# %%
rows = [spread([0, 0, 0, 0]), spread([0, 4, 0, 4])]
titles = ["hole", *(f"after layer {number}" for number in range(1, 5))]
show(rows, titles, size=1.5, vmin=0, vmax=1)

# %% [markdown]
# Above without shifts: a window without anything known stays so for ever. Below
# with shifts: the mask closes from the rim, by half a window each time, as it
# did for partial convolutions in notebook 3, only faster.
#
# ## Weights of strangers
#
# Weights come as files of PyTorch, and those are **programs**: a *pickle* is a
# list of instructions that builds objects, and one instruction is "call this
# function". A checkpoint from the internet can do on your machine what you can.
# Let us make one.


# %%
class Trap:
    """Once unpickled, it is whatever these two make: a call."""

    def __reduce__(self):
        return os.mkdir, ("trapped",)


# %%
def checkpoint(path, content):
    """A file as `torch.save` writes it: a zip with a pickle inside."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps(content, 2))


# %% [markdown]
# **Predict, then run.** First we unpickle it ourselves, in an empty folder.
# Then `lama.from_checkpoint` reads a file with the same content. What is in the
# folder after each?

# %%
here = Path.cwd()
with TemporaryDirectory() as folder:
    os.chdir(folder)
    pickle.loads(pickle.dumps(Trap()))
    print("unpickled:", [path.name for path in Path().iterdir()])
    os.rmdir("trapped")
    checkpoint("best.ckpt", {"state_dict": Trap()})
    try:
        lama.from_checkpoint("best.ckpt")
    except ValueError as error:
        print(str(error).replace(folder, ""))
    print("read:", [path.name for path in Path().iterdir()])
    os.chdir(here)

# %% [markdown]
# Ours walks through the instructions itself. It knows the few calls that make a
# tensor, puts its own functions in their places, and refuses the rest by name.
# Nothing of the file is ever executed. The same reads MAT's `.pkl`, and
# `kerasinpaint convert CHECKPOINT --to FILE.npz` writes what it has read as
# plain arrays.
#
# ## big-lama
#
# The network of the paper has 18 blocks and 51 million parameters. Ours takes
# the published weights, and tensor by tensor their names:

# %%
big = models.build_lama()
print(f"big-lama: {big.count_params():,} parameters")
for variable in big.trainable_variables[4:9]:
    print(variable.path, tuple(variable.shape))

# %% [markdown]
# The paper says 51 million. Trained are 50,975,875 of them; the others are
# moving means of normalizations.
#
# On Colab the next cell downloads them, once, and checks that they are those
# that we know (by their SHA-256): 206 MB. From then on they are a method like
# any other, under the name of their file. Elsewhere set `BIG` to True, or use
# `kerasinpaint convert places --to big_lama.npz`.

# %%
if BIG:
    big = models.build_lama(weights="places")
    weights.save(big, "big_lama.npz", "lama_18x64")
    NAMES.append("big_lama.npz")
best = NAMES[-1]
print("the largest LaMa at hand:", best)

# %% [markdown]
# ## Refinement
#
# A LaMa is trained on crops of 256 pixels. In a picture four times as large the
# same hole is four times as wide, and the network fills it with what it knows
# at *its* scale: small repeats, no large shape. Kulshreshtha and others (2022)
# fill a small version first. Then they fill the next larger one, and change the
# *features* behind the encoder, by gradient descent, until the fill made small
# agrees with the small fill. Weights stay as they are.
#
# `fill --refine` does it for large photographs. To see it here without waiting,
# we begin at `LEAST` pixels in place of 256.

# %%
_, network = networks.load(best)
image, mask = photos[2], holes[2]
plain = methods.get(best)(image * mask, mask)
refined = lama_refinement.refined(network, image * mask, mask, least=LEAST)
show(
    [[image * mask, plain, refined.clip(0, 1), image]],
    ["hole", "at once", "refined", "truth"],
    size=2.2,
)

# %% [markdown]
# With a network as small as ours the difference is small, too. Broad patches of
# colour follow the smaller fill, and specks that were made only here are gone.
# What the small fill does not know, refinement cannot know: it carries
# structure from one scale to the next, and invents none. That pays where the
# network is good at its own scale, as big-lama is, and the picture is much
# larger; it takes twenty to forty times as long.
#
# ## All methods on the same five pictures
#
# At last, side by side. Every method gets the same pictures and holes.
#
# **Predict, then run.** Which method has the best PSNR, and which one the best
# ST-LPIPS (lower is better)? Can you tell from the pictures alone?

# %%
fills = {
    name: [
        methods.get(name)(photo * mask, mask)
        for photo, mask in zip(photos, holes, strict=True)
    ]
    for name in NAMES
}


# %%
def scores(filled):
    filled = np.stack(filled)
    decibels = [
        benchmark.hole_psnr(*three)
        for three in zip(photos, filled, holes, strict=True)
    ]
    distance = ops.convert_to_numpy(metrics.stlpips(photos, filled))
    return {"hole PSNR (dB)": np.mean(decibels), "ST-LPIPS": distance.mean()}


# %%
table = {name: scores(filled) for name, filled in fills.items()}
pandas.DataFrame(table).T.round(3)

# %% image="09_methods"
columns = [list(photos * holes), *fills.values(), list(photos)]
rows = [list(row) for row in zip(*columns, strict=True)]
show(rows, ["hole", *NAMES, "truth"], size=1.6)

# %% [markdown]
# The two scores disagree again, as in notebook 8. `pconv` has the best PSNR and
# paints fog. `gan` has the best ST-LPIPS, and strews flecks that anyone sees.
# `lama` is second in both: its colours are right and its fog has a grain, on
# walls and fur it joins what is around. It is the method that
# `kerasinpaint fill` takes unless you name another. None of them knows what a
# kitten's eye or a dome is: ours have seen 156 photographs. On Colab, put
# big-lama beside them, which has seen millions.
#
# Our `lama` is a compromise by construction. Trained against its critic to the
# end it strewed flecks as well; before the game it painted fog. Its weights are
# 70 % of the way from the one to the other, a straight line through 1.2 million
# numbers, on which every point is a network that works.
#
# ## Summary
#
# * A stack of small convolutions sees less than its size on paper. One Fourier
#   unit sees the whole picture, without knowing where; LaMa joins both.
# * Attention looks at known tokens only, and shifted windows carry what is
#   known inwards.
# * A checkpoint is a program of its sender. Read it with something that cannot
#   execute.
# * Networks are trained at one scale. In larger pictures, begin small.
#
# ## References
#
# * R. Suvorov and others, [Resolution-robust large mask inpainting with Fourier
#   convolutions](https://arxiv.org/abs/2109.07161), WACV 2022: LaMa.
# * L. Chi and others, [Fast Fourier
#   convolution](https://papers.nips.cc/paper/2020/hash/2fd5d41ec6cfab47e32164d5624269b1-Abstract.html),
#   NeurIPS 2020.
# * W. Li and others, [MAT: mask-aware transformer for large hole image
#   inpainting](https://arxiv.org/abs/2203.15270), CVPR 2022. Its published code
#   and weights are for non-commercial use only.
# * W. Luo and others, [Understanding the effective receptive field in deep
#   convolutional neural networks](https://arxiv.org/abs/1701.04128), 2016.
# * P. Kulshreshtha and others, [Feature refinement to improve high resolution
#   image inpainting](https://arxiv.org/abs/2206.13644), 2022.
#
# ## Exercises
#
# 1. Shift a picture by ten pixels, with wrap-around, before the Fourier unit.
#    How does its output change? What if you shift by ten and do not wrap?
# 2. How wide may a hole be, in tokens, so that windows of 8 with shifts close
#    it in two layers? Find out by `spread` with other holes.
# 3. Make another file that would do harm: a pickle without any call, but with
#    an object of a class that you wrote. Is it refused? In which words?
#
# Solutions are in `solutions/09_pretrained.py`.
#
# **Next:** 10. Segment, fill, segment again: what stands behind the dog?
