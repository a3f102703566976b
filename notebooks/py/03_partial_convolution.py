# %% [markdown]
# # 3. Partial convolution
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/kerasinpaint/kerasinpaint/blob/main/notebooks/03_partial_convolution.ipynb)
#
# | You will | Needs | Takes |
# |---|---|---|
# | write `PConv2D`, prove it right, watch a hole close | notebook 2 | 2 min |
#
# A convolution mixes the hole into its neighbours. A partial convolution does
# not look at it: it takes the mean over what is known, and says where that was
# enough to know something new. Guilin Liu and others published it in 2018.
#
# ![A hole closes from level to level](../images/03_mask_update.jpg)
#
# Above, a hole of half the picture's width closes from level to level, and no
# black gets into the colours around it. By the end you will have written the
# layer, proved it, seen six ways to get it wrong, filled a photograph with it
# without any training, and built it into a classifier.
#
# ## Set up
#
# From here on we need Keras. It runs on TensorFlow, on JAX or on PyTorch; the
# cell takes JAX where there is a TPU, else TensorFlow, and prints its choice
# with the devices it found.

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
import math

import cv2
import matplotlib.pyplot as plt
import numpy as np
import pandas
from keras import layers, ops

from kerasinpaint import benchmark_layers, data, masks, methods, metrics
from kerasinpaint.layers import GatedConv2D, PConv2D, PyramidFill

# %% [markdown]
# The constants. `SIZE` is the side of photographs, of which we take `PHOTOS`.
# The next five are for a classifier: its pictures have `SCENE` pixels, and it
# is trained `SEEDS` times on `TRAIN` of them. The last two are for a table of
# costs at the end.
#
# `show` draws pictures in a row. `numpy` turns a tensor of whatever backend
# into an array.

# %% tags=["parameters"] tiny={"SIZE": 64, "TRAIN": 64, "EPOCHS": 2, "TIMED": 1}
SIZE = 256
PHOTOS = 12
SCENE = 32
TRAIN = 4096
EPOCHS = 6
SEEDS = 3
RATIOS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
TIMED = 3
REPEATS = 5


def show(*pictures, titles=(), size=2.4):
    shape = (size * len(pictures), size + 0.3)
    figure, axes = plt.subplots(1, len(pictures), figsize=shape, squeeze=False)
    for axis, picture, title in zip(axes[0], pictures, titles, strict=True):
        axis.imshow(numpy(picture), cmap="gray", vmin=0, vmax=1)
        axis.set_title(title, fontsize=10)
        axis.axis("off")
    plt.tight_layout()
    plt.show()


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


# %% [markdown]
# ## What a convolution does at a hole
#
# A picture is float32 in [0, 1], a mask is 1 where known and 0 in the hole, and
# `picture * mask` hides what is missing. Layers work on batches, so there is
# one more axis in front: `(batch, height, width, channels)`.
#
# The simplest convolution there is takes the mean of a window. **Predict, then
# run:** what does it make of the rim of a black hole, and of the hole itself?

# %%
photos = data.photos("validation", size=SIZE)[:PHOTOS]
photo = photos[0][None]
mask = np.ones((1, SIZE, SIZE, 1), "float32")
mask[:, SIZE // 4 : -SIZE // 4, SIZE // 4 : -SIZE // 4] = 0
mask[:, 10::12] = 0


# %%
def window_mean(pictures, size=9):
    return ops.average_pool(pictures, size, 1, "same")


blurred = window_mean(photo * mask)
divided = blurred / ops.maximum(window_mean(mask), 1e-6)
pictures = [photo[0], photo[0] * mask[0], blurred[0], divided[0]]
titles = ["photo", "photo * mask", "mean", "mean of the known"]
show(*pictures, titles=titles)

# %% [markdown]
# The mean took black for a colour. Around each thin line the picture is darker,
# and the rim of the square fades. To any layer behind this one, that shadow is
# an object; a network has to spend its weights on unlearning it.
#
# The fourth picture divides by the **mean of the mask**, the share of the
# window that is known. That is the mean of known pixels and of nothing else.
# The lines are gone, colours reach four pixels into the square, and they are
# right. What is still black is further in: there the window saw nothing.
#
# ## The rule
#
# A partial convolution does this with any kernel. For each window, let $n$ be
# the number of values under the kernel and $k$ the number of them that are
# known. Where $k > 0$,
#
# $$\text{features} = \text{kernel} * (\text{images} \cdot \text{masks})
# \cdot \frac{n}{k} + \text{bias}, \qquad \text{new mask} = 1,$$
#
# and elsewhere both are 0. Three remarks:
#
# * Values are *multiplied by the mask first*, so the hole adds nothing to the
#   sum, whatever is written there.
# * The ratio $n / k$ makes up for what is missing. With one known value of nine
#   it counts nine times.
# * The new mask is larger: one known value under the window is enough. **The
#   hole shrinks with each layer.**
#
# ## Write it
#
# `keras.layers.Conv2D` has everything we need but the mask: weights, strides,
# padding, dilation, activation. So we subclass it and write `call` anew.
# `self.convolution_op` is its convolution, with the strides and the padding of
# the layer. We use it twice: for the pictures, and with a kernel of ones to
# count.
#
# The mask has one channel, and so has the count: each known pixel is known in
# all channels. $n$ and $k$ then both lack the same factor, and $n/k$ is right.


# %%
class PartialConv2D(layers.Conv2D):
    def build(self, images_shape, masks_shape=None):
        super().build(images_shape)

    def call(self, images, masks):
        ones = ops.ones((*self.kernel_size, 1, 1))
        known = self.convolution_op(masks, ones)
        valid = ops.cast(known > 0.5, "float32")
        ratio = math.prod(self.kernel_size) / ops.maximum(known, 1)

        features = self.convolution_op(images * masks, self.kernel) * ratio
        if self.use_bias:
            features = features + self.bias
        return self.activation(features) * valid, valid

    def compute_output_shape(self, images_shape, masks_shape=None):
        features = super().compute_output_shape(images_shape)
        return features, (*features[:-1], 1)


# %% [markdown]
# That is all, in fewer than 20 lines. `compute_output_shape` tells Keras the
# shapes before there is any data. (The argument is not called `mask`: Keras
# fills an argument of that name by itself.) Let us call it with its first,
# random kernel.

# %%
layer = PartialConv2D(16, 5, strides=2, padding="same")
features, known = layer(photo, mask)
print("features", tuple(features.shape), "mask", tuple(known.shape))
print(f"known before {mask.mean():.0%}, after {numpy(known).mean():.0%}")

# %% [markdown]
# ## Prove it
#
# Layers with wrong numbers train. Loss falls, pictures come out, and nobody
# notices that they could be better. So we do not look whether it *works*, we
# ask whether it is *right*, four times.
#
# ### Without holes it is a convolution
#
# We give it the weights of a `Conv2D` and a mask of ones. **Predict, then
# run:** with padding `valid` the difference should be 0. With `same`?


# %%
def away_from_conv(padding):
    ours = PartialConv2D(4, 5, padding=padding)
    conv = layers.Conv2D(4, 5, padding=padding)
    features, _ = ours(photo, np.ones_like(mask))
    conv.build(photo.shape)
    conv.set_weights(ours.get_weights())
    return np.abs(numpy(features) - numpy(conv(photo)))[0].max(axis=-1)


valid, same = away_from_conv("valid"), away_from_conv("same")
print(f"valid: off by up to {valid.max():.1e}")
print(f"same: {same.max():.1e}, inside {same[2:-2, 2:-2].max():.1e}")

# %% [markdown]
# At the border of the picture `Conv2D` pads with zeros and takes them for
# black. A partial convolution knows better: padding counts as a hole. Some
# people put this layer into classifiers for that reason alone.
#
# ### What lies in the hole does not matter
#
# **Predict, then run:** we write 7 into the hole, and then `nan`. By how much
# do the features change?

# %%
for value in (7.0, np.nan):
    written = np.where(mask > 0, photo, value).astype("float32")
    changed = np.abs(numpy(layer(written, mask)[0]) - numpy(features)).max()
    print(f"{value} in the hole: features change by {changed}")

# %% [markdown]
# Exactly 0 for 7: not small, zero. For `nan` everything is lost, since `nan`
# times 0 is `nan`. That is the one condition: values in holes do not matter,
# but they must be finite. Whoever marks holes by `nan` replaces them first.
#
# ### It agrees with a loop over pixels
#
# The rule again, this time as a loop with no convolution in it: cut out the
# window, keep what is known, multiply. Slow, and too simple to be wrong.


# %%
def loop(image, mask, kernel, bias):
    size, _, _, filters = kernel.shape
    rows, columns = (side - size + 1 for side in mask.shape[:2])
    features = np.zeros((rows, columns, filters))
    for y, x in np.ndindex(rows, columns):
        window = slice(y, y + size), slice(x, x + size)
        if mask[window].any():
            total = np.tensordot(image[window] * mask[window], kernel, 3)
            features[y, x] = total / mask[window].mean() + bias
    return features


small, holes = photo[:, ::8, ::8], mask[:, ::8, ::8]
ours = PartialConv2D(6, 3, bias_initializer="normal")
difference = numpy(ours(small, holes)[0])[0]
difference -= loop(small[0], holes[0], *ours.get_weights())
print(f"off by up to {np.abs(difference).max():.1e}")

# %% [markdown]
# ### It agrees with the authors
#
# Both could share one misreading of the paper. The authors' own layer is in
# PyTorch; it was run on random weights, and its inputs and outputs stand in a
# file of this project. Its holes are full of sevens. We take the cases with
# masks of one channel. PyTorch pads by a given number of pixels on all sides,
# so we pad by hand.

# %%
stored = np.load("../kerasinpaint/layers/pconv_nvidia.npz")


def against_authors(number, padding, **options):
    names = ("images", "masks", "kernel", "bias", "features", "updated")
    case = {name: stored[f"case{number}/{name}"] for name in names}
    border = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    pair = [np.pad(case[name], border) for name in ("images", "masks")]
    height, width, _, filters = case["kernel"].shape
    layer = PartialConv2D(filters, (height, width), **options)
    layer.build(pair[0].shape)
    layer.set_weights([case["kernel"], case["bias"]])
    features, known = map(numpy, layer(*pair))
    same_mask = (known == case["updated"]).all()
    return np.abs(features - case["features"]).max(), same_mask


print("3 x 3:          ", *against_authors(0, 1))
print("7 x 7, stride 2:", *against_authors(3, 3, strides=2))
print("3 x 5:          ", *against_authors(5, 0))

# %% [markdown]
# A millionth apart, which is the rounding of 32 bits, and masks are the
# same. The layer of the package, `kerasinpaint.layers.PConv2D`, agrees with
# them in all seven cases, and a test compares it with the one you just wrote.
# It can do a little more: masks with as many channels as the pictures, lists
# of pictures and masks, `channels_first`, half precision, and clear errors.
#
# ## Six ways to get it wrong
#
# There are many Keras copies of this layer on the web. Each of the bugs below
# is taken from some of them. Our bench: a flat grey picture, 0.5 everywhere,
# three channels, right half missing, and a kernel that takes the mean. The
# right answer is **0.5 wherever a window sees anything, and 0 elsewhere.**

# %%
grey = np.full((1, 8, 8, 3), 0.5, "float32")
half = np.ones((1, 8, 8, 1), "float32")
half[:, :, 4:] = 0
mean = np.full((3, 3, 3, 1), 1 / 27, "float32")
total = ops.conv(grey * half, mean, padding="same")
count = ops.conv(half, np.ones((3, 3, 1, 1), "float32"), padding="same")
valid = numpy(ops.cast(count > 0, "float32"))


def row(features):
    print(numpy(features)[0, 3, :, 0].round(3))


row(total)
row(total * 9 / ops.maximum(count, 1) * valid)

# %% [markdown]
# The first row is the plain convolution: dark at the border of the picture, and
# dark at the rim. The second is the rule: 0.5 in five columns, for the hole has
# lost one of its four.
#
# **Bug 1: the forgotten channels.** The mask is repeated to three channels and
# counted with a kernel of all three, but $n$ is still 3 x 3. **Predict, then
# run:** by which factor is it off?

# %%
ones = np.ones((3, 3, 3, 1), "float32")
three = ops.conv(np.repeat(half, 3, axis=-1), ones, padding="same")
row(total * 9 / ops.maximum(three, 1))

# %% [markdown]
# By one third: the number of channels. In a layer of 512 channels everything is
# 512 times too small. Batch normalisation behind it scales it up again, which
# is why such networks train at all, and why the bug is so old.
#
# **Bug 2: the clipped ratio.** The *mask* should be clipped to 1. Some clip the
# *ratio* too, or instead. **Predict, then run:** what is left of the layer?

# %%
ratio = ops.clip(9 / ops.maximum(count, 1), 0, 1)
row(total * ratio * valid)

# %% [markdown]
# A plain convolution. The ratio $n/k$ is never below 1, so clipped it is always
# 1. The shadow of the hole is back: it is the first row of our bench.
#
# **Bug 3: epsilon.** So that nothing is divided by zero, copies write
# `9 / (count + 1e-8)` and multiply by the new mask. In 32 bits that is fine.
# **Predict, then run:** and in 16 bits, on a GPU with mixed precision?

# %%
half_count = numpy(count).astype("float16")
with np.errstate(divide="ignore", invalid="ignore"):
    ratio = 9 / (half_count + np.float16(1e-8))
    row(numpy(total) * ratio * valid)

# %% [markdown]
# `1e-8` in float16 is 0. So the ratio is infinite where nothing is known, and
# infinity times 0 is `nan`. From one pixel it gets into the loss, and from
# there into every weight. `maximum(count, 1)` needs no epsilon: a count is 0 or
# at least 1.
#
# Half precision cannot even count: above 2048, float16 knows even numbers only,
# and bfloat16, the format of TPUs, stops at 256. A window of 3 x 3 over 512
# channels has 4608 values. The package counts in 32 bits whatever the policy.
#
# **Bug 4: bias where nothing is known.** The bias is added last, after the
# multiplication with the new mask. **Predict, then run:** what is in the hole?

# %%
row(total * 9 / ops.maximum(count, 1) * valid + 0.1)

# %% [markdown]
# The bias. Features say 0.1 where the mask says nothing is known. The next
# partial convolution hides it again, so it may stay unseen for years; but a
# plain layer behind it (an activation, a normalisation that takes means over
# the picture, the last layer of the network) reads it.
#
# **Bug 5: one mask for two skips.** A U-Net concatenates features from below
# with features from the encoder, and they have *different holes*. Say there are
# four channels from below, known everywhere, and two from the encoder with our
# hole. Which mask has the sum? Popular are the larger one ("known if either
# is") and the mean of both. **Predict, then run:** which is right?

# %%
below, skip = np.ones_like(half), half
pictures = [np.full((1, 8, 8, c), 0.5, "float32") for c in (4, 2)]
joined = np.concatenate([pictures[0] * below, pictures[1] * skip], axis=-1)
six = np.full((3, 3, 6, 1), 1 / 54, "float32")
total_six = ops.conv(joined, six, padding="same")

# %%
ones = np.ones((3, 3, 1, 1), "float32")
for name, known in {
    "either": 6 * np.maximum(below, skip),
    "mean": 6 * (below + skip) / 2,
    "exact": 4 * below + 2 * skip,
}.items():
    print(f"{name:7}", end="")
    row(total_six * 54 / ops.conv(known, ones, padding="same"))

# %% [markdown]
# Neither of the popular two. In the hole one is a third too dark, the other a
# third too bright, and no epoch of training tells you. The count asks how many
# *values* are known: four for each known pixel from below, plus two for each
# from the encoder. Weight each mask by its number of channels, add, and count
# once. That is exact, and it costs one channel, where repeating both masks to
# all channels costs six (or a thousand).
#
# `PConv2D` takes lists for it. And that was **bug 6**, the most expensive of
# all: many copies concatenate masks to full depth in every layer and convolve
# them with a kernel as large as the weights. Right, but the layer then
# convolves twice where once would do; the last section measures it.

# %%
both = PConv2D(1, 3, padding="same", use_bias=False)
both.build(joined.shape)
both.set_weights([six])
row(both(pictures, [below, skip])[0])

# %% [markdown]
# ## Watch the hole close
#
# Now stack them. Each layer of the paper's encoder halves the picture, with
# kernels of 7, 5, 5, 3, 3 ... pixels. To see something without any training we
# give all of them the kernel that takes a mean, each colour by itself:
# `np.eye(3)` keeps the channels apart.
#
# **Predict, then run.** The hole is half as wide as the picture: 128 of 256
# pixels. After how many layers is it closed? A layer of stride 2 halves it and
# its kernel eats a little at each side.


# %% image="03_mask_update"
def averaging(size):
    options = {"padding": "same", "use_bias": False}
    layer = PartialConv2D(3, size, strides=2, **options)
    layer.build((None, None, None, 3))
    layer.set_weights([np.tile(np.eye(3) / size**2, (size, size, 1, 1))])
    return layer


KERNELS = [7, 5, 5, 3, 3, 3, 3, 3]
square = np.ones_like(mask)
square[:, SIZE // 4 : -SIZE // 4, SIZE // 4 : -SIZE // 4] = 0
levels = [(photo * square, square)]
for size in KERNELS[:6]:
    levels.append(averaging(size)(*levels[-1]))

figure, axes = plt.subplots(2, 7, figsize=(11, 3.5))
for column, (picture, known) in zip(axes.T, levels, strict=True):
    unknown = 1 - numpy(known)
    column[0].imshow(numpy(picture)[0].clip(0, 1))
    column[1].imshow(unknown[0], cmap="gray", vmin=0, vmax=1)
    column[0].set_title(f"{len(unknown[0])} px", fontsize=10)
    column[1].set_title(f"{unknown.mean():.0%} hole", fontsize=10)
for axis in axes.flat:
    axis.axis("off")
plt.tight_layout()
plt.show()

# %% [markdown]
# Above the picture, below its mask with white for the hole, as ever. It takes
# six layers. At four pixels across, everything is known: the whole photograph
# in sixteen colours.
#
# A width of $w$ becomes about $(w - 6)/2$ after a layer of 7 x 7, and
# $(w - 2)/2$ after 3 x 3. **Predict, then run:** how many layers do other
# widths need? And with 3 x 3 everywhere?


# %%
def layers_needed(width, kernels):
    known = np.ones((1, 256, 256, 1), "float32")
    known[:, 64 : 64 + width, 64 : 64 + width] = 0
    for number, size in enumerate(kernels):
        if numpy(known).min() == 1:
            return number
        layer = PartialConv2D(1, size, strides=2, padding="same")
        known = layer(known, known)[1]


widths = [1, 2, 4, 8, 16, 32, 64, 128]
for name, kernels in {"the paper's": KERNELS, "3 x 3": [3] * 8}.items():
    needed = [layers_needed(width, kernels) for width in widths]
    print(f"{name:12}", dict(zip(widths, needed, strict=True)))

# %% [markdown]
# Twice the width, one more layer: **depth is what wide holes cost**. The large
# kernels of the first layers save one layer in all, from 4 px on. By the
# same count the paper's eight levels close what fits into its pictures of 512
# pixels, and four levels leave anything much wider than 32 open in the middle.
# Notebook 4 measures whether deeper is really better.
#
# ## A constant kernel already fills
#
# Look at the upper row again: the small pictures know a colour for every place.
# We can fill the hole from there. On the way down, average. On the way up, each
# level takes its hole from the level below, and leaves what it knows as it is.
# That is known as **push and pull** (Gortler and others, 1996), and dividing by
# the share of what is known as normalised convolution (Knutsson and Westin,
# 1993): partial convolution, 25 years earlier, without training.


# %%
def push_pull(pictures, known):
    if numpy(known).min() == 1:
        return pictures
    height, width = pictures.shape[1:3]
    below = push_pull(*averaging(4)(pictures, known))
    above = ops.repeat(ops.repeat(below, 2, axis=1), 2, axis=2)
    return ops.where(known > 0, pictures, above[:, :height, :width])


# %% [markdown]
# `PyramidFill` in the package is the same with a finer way up: each level is
# smoothed a few times until it joins what is known. It has no weights.
#
# **Predict, then run.** Fast marching, notebook 1, walks inwards along the
# slopes of the picture. Push and pull is nothing but averages. By how many
# decibels will fast marching win?


# %%
def draw(kind, seed):
    rng = np.random.default_rng(seed)
    generator = masks.GENERATORS[kind]
    return masks.with_hole_ratio(generator, SIZE, SIZE, rng, ratio=(0.2, 0.3))


def pyramid(picture, drawn):
    return numpy(PyramidFill(8)(picture[None], drawn[None]))[0]


def score(picture, filled, drawn):
    batch = picture[None], filled[None], drawn[None]
    return float(metrics.hole_psnr(*batch)[0])


fmm = methods.get("fmm")
wide = draw("wide_strokes", 3)
known = wide[None].astype("float32")
filled = {
    "push and pull": numpy(push_pull(photo * known, known))[0],
    "PyramidFill": pyramid(photo[0], wide),
    "fast marching": fmm(photo[0], wide),
}
titles = [f"{n}, {score(photo[0], p, wide):.1f} dB" for n, p in filled.items()]
show(photo[0] * wide, *filled.values(), titles=["input", *titles], size=2.8)

# %% [markdown]
# One photograph proves little. The mean over more of them, each with its own
# mask of each kind, all with 20 to 30 % hole:


# %%
def mean_score(fill, kind):
    pairs = [(p, draw(kind, seed)) for seed, p in enumerate(photos)]
    return np.mean([score(p, fill(p, drawn), drawn) for p, drawn in pairs])


kinds = ["lines", "scratches", "strokes", "wide_strokes", "boxes", "border"]
table = pandas.DataFrame(index=kinds)
for name, fill in {"fast marching": fmm, "PyramidFill": pyramid}.items():
    table[name] = [mean_score(fill, kind) for kind in kinds]
table.assign(gain=table["PyramidFill"] - table["fast marching"]).round(2)

# %% [markdown]
# None at all, as soon as holes are wide. On lines and scratches the two are
# nearly level, with a fifth of a decibel or less for fast marching. On strokes
# and boxes averages win by almost a decibel, on wide strokes by more. Far from
# the rim the slope of an edge no longer tells anything, and the surest guess
# is the mean of what is around.
#
# It is a blur, though: look at the picture above. The mean of all that could be
# there is never far off, and never looks real. So the network of notebook 4
# does not begin from nothing. It begins from this, and learns only what an
# average does not know.
#
# ## In another model: a classifier
#
# A layer that lifts out is worth more than a network. Here is a small
# classifier of things that may have lost pixels, say to a bad sensor. The task:
# which of eleven cut-outs is in the picture, at any place and size, turned
# left or right, before any plain colour?

# %%
cutouts = []
for folder in sorted((data.ROOT / "objects" / "train").iterdir()):
    path = min(folder.glob("*.png"))
    cutout = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    cutouts.append(cutout[..., [2, 1, 0, 3]] / np.float32(255))
print(len(cutouts), "cut-outs: colours and alpha,", cutouts[0].shape)


def resized(picture, side):
    scale = side / max(picture.shape[:2])
    area = cv2.INTER_AREA
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=area)


def scene(cutout, rng):
    picture = np.ones((SCENE, SCENE, 3), "float32") * rng.random(3, "float32")
    cutout = resized(cutout, rng.uniform(0.6, 1) * SCENE)
    cutout = cutout[:, :: rng.choice([-1, 1])]
    height, width = cutout.shape[:2]
    y, x = rng.integers(SCENE - height + 1), rng.integers(SCENE - width + 1)
    place = picture[y : y + height, x : x + width]
    place += (cutout[..., :3] - place) * cutout[..., 3:]
    return picture


def scenes(number, rng):
    labels = rng.integers(len(cutouts), size=number)
    return np.stack([scene(cutouts[label], rng) for label in labels]), labels


def missing(number, ratio, rng):
    ratio = np.broadcast_to(ratio, number)[:, None, None, None]
    return (rng.random((number, SCENE, SCENE, 1)) >= ratio).astype("float32")


train, labels = scenes(TRAIN, np.random.default_rng(0))
test, answers = scenes(TRAIN // 8, np.random.default_rng(1))
gone = missing(6, [0, 0, 0.3, 0.3, 0.6, 0.6], np.random.default_rng(2))
titles = ["0 %", "0 %", "30 %", "30 %", "60 %", "60 %"]
show(*(test[:6] * gone), titles=titles, size=1.5)

# %% [markdown]
# One function builds both classifiers, with the same weights in number and
# shape. They differ in one line. The plain one sees `images * masks`: missing
# pixels are black.


# %%
def build_classifier(partial):
    images = keras.Input((SCENE, SCENE, 3))
    known = keras.Input((SCENE, SCENE, 1))
    x, m = images * known, known
    for filters, size in [(16, 5), (32, 3), (64, 3)]:
        options = {"strides": 2, "padding": "same"}
        if partial:
            x, m = PConv2D(filters, size, **options)(x, m)
        else:
            x = layers.Conv2D(filters, size, **options)(x)
        x = layers.ReLU()(x)
    x = layers.GlobalMaxPooling2D()(x)
    return keras.Model([images, known], layers.Dense(len(cutouts))(x))


sizes = [build_classifier(partial).count_params() for partial in (False, True)]
print("parameters: plain", sizes[0], "partial", sizes[1])

# %% [markdown]
# Each is trained in two ways: on whole pictures only, and on pictures that have
# lost 0 to 90 % of their pixels. The second is the honest rival: whoever knows
# that pixels will be missing trains with missing pixels.
#
# And a third way asks for no new classifier at all: **fill first**. The plain
# one, trained on whole pictures, sees what `PyramidFill` made of the damaged
# ones.


# %%
def trained(partial, with_holes, seed):
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    known = missing(TRAIN, rng.uniform(0, 0.9, TRAIN) * with_holes, rng)
    model = build_classifier(partial)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss)
    model.fit([train, known], labels, epochs=EPOCHS, verbose=0)
    return model


def accuracy(model, ratio, fill=False):
    known = missing(len(test), ratio, np.random.default_rng(3))
    images = test
    if fill:
        images, known = numpy(PyramidFill(5)(test, known)), np.ones_like(known)
    found = model.predict([images, known], batch_size=len(test), verbose=0)
    return (found.argmax(axis=-1) == answers).mean()


# %% [markdown]
# **Predict, then run.** Five curves of accuracy over the share of missing
# pixels, chance being 1 in 11. The partial classifier that was never shown a
# hole: will it stay at the top, since it never looks into holes? Sketch all
# five before you go on.

# %% image="03_classifier"
curves = {}
for seed in range(SEEDS):
    for name, partial, with_holes in [
        ("plain", False, False),
        ("partial", True, False),
        ("plain, trained with holes", False, True),
        ("partial, trained with holes", True, True),
    ]:
        model = trained(partial, with_holes, seed)
        curves.setdefault(name, []).append([accuracy(model, r) for r in RATIOS])
        if name == "plain":  # the same model, on filled pictures
            found = [accuracy(model, r, fill=True) for r in RATIOS]
            curves.setdefault("plain, filled first", []).append(found)

plt.figure(figsize=(7.6, 3.6))
for name, found in curves.items():
    plt.plot(RATIOS, np.mean(found, axis=0), "o-", label=name)
    plt.fill_between(RATIOS, np.min(found, 0), np.max(found, 0), alpha=0.15)
plt.axhline(1 / len(cutouts), color="k", linestyle=":")
plt.xlabel("share of missing pixels")
plt.ylabel("accuracy")
plt.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
plt.tight_layout()
plt.show()


for name, found in curves.items():
    print(f"{name:28}", *(f"{mean:.2f}" for mean in np.mean(found, axis=0)))

with_holes = [
    curves[f"{kind}, trained with holes"] for kind in ("partial", "plain")
]
gain = np.subtract(*with_holes).mean(axis=1)
print("partial - plain, both trained with holes, by seed:", gain.round(2))

# %% [markdown]
# The bands span the lowest and the highest of the seeds. Four things to read:
#
# * **Not to look into the hole is not enough.** Trained on whole pictures, the
#   partial classifier falls nearly as fast as the plain one. It is up to eleven
#   points better in the mean, but the seeds differ by as much.
# * **Trained with holes, it is the better of the two**: by four points on whole
#   pictures, by more than ten at 70 and 80 %. The plain one must spend filters
#   on telling black from missing.
# * Both pay for it on whole pictures. Six short epochs are little for a harder
#   task; with more of them the price falls.
# * **Fill first beats them all**, with a classifier that has never heard of
#   holes, as it would beat most rivals on this task: missing single pixels
#   before a plain colour are what averages fill best.
#
# That last line is worth remembering. Before you rebuild a model for damaged
# pictures, repair the pictures.
#
# ### What the ratio cannot know
#
# Why does the partial classifier fall too, if it never looks into holes?
# **Predict, then run:** a flat grey picture, a kernel that finds edges by
# subtracting left from right, and one missing pixel. Is there an edge?

# %%
edge = PConv2D(1, (1, 3), padding="valid", use_bias=False)
edge.build((1, 8, 8, 1))
edge.set_weights([np.array([-1, 0, 1], "float32").reshape(1, 3, 1, 1)])
one = np.ones((1, 1, 9, 1), "float32")
one[:, :, 4] = 0
features, _ = edge(0.5 * np.ones_like(one), one)
print(numpy(features)[0, 0, :, 0])

# %% [markdown]
# Two of them, of 0.75, in a picture that is flat. The ratio $n/k$ is exact for
# kernels that *average*: a mean of some is a good guess at the mean of all. A
# kernel that *subtracts* needs both sides, and no factor brings back the one
# that is missing. Half of what networks learn are such kernels. What the layer
# promises is that holes do not leak; what to make of the rest must be learned,
# and for that holes must be there in training.
#
# ## Gated convolution: learn where to look away
#
# Partial convolution follows a rule: known or not, one bit for all channels.
# Jiahui Yu and others (2019) let the network learn it. A second convolution of
# the same input makes a **gate** between 0 and 1 for every value:
#
# `outputs = activation(conv(x)) * sigmoid(gates(x))`
#
# The mask is just another channel of the first layer's input. The package has
# it as `GatedConv2D`, with both convolutions in one kernel; the last four lines
# do the same by hand. **Predict, then run:** how many weights does it have
# beside a partial convolution?

# %%
gated, partial = GatedConv2D(64, 3), PConv2D(64, 3)
inputs = np.concatenate([photo * mask, mask], axis=-1)
outputs, _ = gated(inputs), partial(photo, mask)
print("weights: gated", gated.count_params(), "partial", partial.count_params())

both = ops.conv(inputs, gated.kernel) + gated.bias
feature, gate = ops.split(both, 2, axis=-1)
away = numpy(feature * ops.sigmoid(gate) - outputs)
print(f"off by up to {np.abs(away).max():.1e}")

# %% [markdown]
# More than twice as many, and twice the work. In return it needs no mask after
# the first layer, and its gates can tell more than known from unknown: where
# the user drew a sketch, where a guess is unsure. What it does not give is a
# promise. Whether the hole leaks is a matter of training, not of proof.
#
# ## What it costs
#
# A training step (forward and backward) beside that of a plain `Conv2D` of the
# same shape, in turns, so that both see the same machine. `as copied` is bug
# 6: masks of all channels through a convolution as large as the layer's.
# **Predict, then run:** what does the count cost with one channel?

# %%
if keras.backend.backend() == "tensorflow":
    shapes = benchmark_layers.SHAPES[:TIMED]
    table = benchmark_layers.layer_overhead(shapes, REPEATS)
    print(table.round(2).to_string(index=False))

# %% [markdown]
# The count is a convolution from one channel to one: beside a kernel of 64 to
# 128 it is nothing, and what remains is the multiplication with mask and ratio,
# twice over the tensor. Ours costs 5 to 15 % more than a plain convolution,
# the copied form about 40 %: it adds a fourth convolution to the three that a
# training step has anyway (forward, and backward to the weights and to the
# pictures).
#
# Times of few repetitions scatter, more so on a machine that is busy: look at
# the medians, and run it twice. `benchmark_layers.layer_overhead()` makes the
# full table.
#
# ## Summary
#
# * A partial convolution is a convolution over known values, times $n/k$, and a
#   mask that grows. Without holes it is a convolution, what lies in a hole does
#   not matter, and a loop over pixels agrees: three short tests that copies of
#   it fail.
# * Each halving halves the hole: twice the width, one more layer. With a
#   constant kernel it fills holes by itself.
# * The rule stops the hole from leaking. It is exact for averages, not for
#   edges: train with holes, or fill first.
#
# ## References
#
# * G. Liu and others, [Image inpainting for irregular holes using partial
#   convolutions](https://arxiv.org/abs/1804.07723), ECCV 2018.
# * G. Liu and others, [Partial convolution based
#   padding](https://arxiv.org/abs/1811.11718), 2018: the border as a hole.
# * J. Yu and others, [Free-form image inpainting with gated
#   convolution](https://arxiv.org/abs/1806.03589), ICCV 2019.
# * S. Gortler and others, [The
#   lumigraph](https://doi.org/10.1145/237170.237200), 1996: push and pull.
# * H. Knutsson and C.-F. Westin, [Normalized and differential
#   convolution](https://doi.org/10.1109/CVPR.1993.341081), 1993.
#
# ## Exercises
#
# 1. Let `PartialConv2D` take masks with as many channels as the pictures, each
#    with its own holes, and compare with `PConv2D`. Which two numbers change?
# 2. Dilation instead of stride: after how many layers of 3 x 3 with dilations
#    1, 2, 4, 8 ... is a hole of 128 pixels closed? Predict, then count. What do
#    its features cost beside those of the encoder?
# 3. Replace the box in `averaging(4)` by a kernel with weights 1, 3, 3, 1 in
#    each direction. What happens where only a corner of the window is known?
#    Mend it. Does push and pull gain?
#
# Solutions are in `solutions/03_partial_convolution.py`.
#
# **Next:** [4. A U-Net of partial convolutions](04_pconv_unet.ipynb) stacks
# what we have built into a network, and trains it against fast marching.
