# %% [markdown]
# # 2. Masks
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/kerasinpaint/kerasinpaint/blob/main/notebooks/02_masks.ipynb)
#
# | You will | Needs | Takes |
# |---|---|---|
# | draw damage, break masks, measure what width costs | notebook 1 | 10 s |
#
# Both pictures below have lost the same share of their pixels, and the same
# method filled them. One is nearly restored, the other is ruined. What decides
# is not how much is missing, but how far it is from anything known.
#
# ![Thin and wide holes of the same hole ratio](../images/02_thin_wide.jpg)
#
# A mask says what is missing. It is half of every training example and half of
# every test, so it pays to know how masks are drawn, how they are stored, and
# how they break. We end with the measurement behind the picture above.
#
# ## Set up

# %% tags=["setup"]
import os
import sys

if "google.colab" in sys.modules and not os.path.exists("py"):
    # !git clone -q --depth 1 https://github.com/kerasinpaint/kerasinpaint
    # %cd kerasinpaint/notebooks
    # !pip install -q -r ../requirements.txt
    sys.path.insert(0, os.path.abspath(".."))
# %config InlineBackend.figure_formats = ["jpeg"]
# %config InlineBackend.rc = {"figure.dpi": 72}

# %%
import io
import tempfile
import warnings
from pathlib import Path

import cv2
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from kerasinpaint import data, images, masks, methods, object_masks

# %% [markdown]
# The constants: pictures of `SIZE` pixels, the number of photographs that a
# mean is taken over, and the widths of holes we shall compare. `SMALL` is for
# the one method that is slow.
#
# Below them, a helper shows pictures in a row. It shows masks as an image
# editor does, with **white for the hole**, and puts the share of the hole into
# the title.

# %% tags=["parameters"] tiny={"SIZE": 64, "PHOTOS": 2, "WIDTHS": [1, 16]}
SIZE = 256
SMALL = 64
PHOTOS = 8
DRAWS = 200
WIDTHS = [1, 2, 4, 8, 16, 32, 64]
WORN = (0.93, 0.91, 0.86)  # the paper under a photograph


# %%
def show(*pictures, titles=(), size=2.4):
    shape = (size * len(pictures), size + 0.3)
    figure, axes = plt.subplots(1, len(pictures), figsize=shape, squeeze=False)
    for axis, picture, title in zip(axes[0], pictures, titles, strict=True):
        axis.imshow(picture, cmap="gray")
        axis.set_title(title, fontsize=10)
        axis.set_xticks([])
        axis.set_yticks([])
    plt.tight_layout()
    plt.show()


def show_masks(*drawn, names, size=2.2):
    titles = [
        f"{name}, {masks.hole_ratio(mask):.0%}"
        for name, mask in zip(names, drawn, strict=True)
    ]
    show(*[1 - mask for mask in drawn], titles=titles, size=size)


# %% [markdown]
# ## Look at a mask
#
# A mask is an array of uint8 and shape `(height, width, 1)`. It has two values:
# **1 is known, 0 is a hole.** The last axis is there so that `picture * mask`
# works without a thought, for one picture and for a batch of them. We see the
# known pixels, and black where the hole is.

# %%
photos = data.photos("test", size=SIZE)[:PHOTOS]
photo = photos[0]
mask = np.ones((SIZE, SIZE, 1), np.uint8)
mask[SIZE // 4 : SIZE // 2, SIZE // 3 : SIZE * 2 // 3] = 0
show(photo, 1 - mask, photo * mask, titles=["photo", "mask", "photo * mask"])
print(mask.dtype, mask.shape, "values", np.unique(mask))

# %% [markdown]
# ## One call for all kinds
#
# Nobody draws a million masks by hand. A **generator** draws them at random,
# and all generators that need nothing but a size are called in the same way:
#
# `generator(height, width, rng, amount=1.0)`
#
# They are listed in `masks.GENERATORS`. The command line, the benchmark and the
# tests read this dictionary; a new kind needs one new line there.
#
# `rng` is a NumPy generator of random numbers. There is no hidden global state:
# the same seed gives the same mask, today and in a test next year.


# %%
def draw(kind, seed, **options):
    rng = np.random.default_rng(seed)
    return masks.GENERATORS[kind](SIZE, SIZE, rng, **options)


print(*masks.GENERATORS)
print("same seed, same mask:", (draw("lines", 7) == draw("lines", 7)).all())
print("other seed, same mask:", (draw("lines", 7) == draw("lines", 8)).all())

# %% [markdown]
# ### Thin: lines and scratches
#
# `lines` run straight from edge to edge, one to six pixels wide. `scratches`
# look more like those on a negative: they start at an edge, drift with some
# inertia, and grow thinner and thicker on their way. Each appears twice below,
# with two seeds; the share of the hole stands beside the name.

# %%
kinds = ["lines", "lines", "scratches", "scratches"]
show_masks(*[draw(kind, 20 + n) for n, kind in enumerate(kinds)], names=kinds)

# %% [markdown]
# ### Brushes: strokes and wide strokes
#
# `strokes` are what a hand paints over something it wants to be rid of: a round
# brush in a zigzag. Yu and others trained with such free-form strokes in 2019.
# `wide_strokes` are the masks of LaMa (2021): wide brushes, large boxes, or
# both. Its authors found that training with wide masks helps on wide and on
# narrow ones alike.

# %%
kinds = ["strokes", "strokes", "wide_strokes", "wide_strokes"]
show_masks(*[draw(kind, 50 + n) for n, kind in enumerate(kinds)], names=kinds)

# %% [markdown]
# ### Straight edges: boxes, the box in the middle, the border
#
# `center_box` is the task of the context encoders, an early network for
# inpainting (2016): about half the width, half the height, in the middle.
# `border` asks for what lies *outside* the picture. It is known as outpainting,
# and it is harder than it looks, since each hole pixel has a rim on one side
# only.

# %%
kinds = ["boxes", "boxes", "center_box", "border"]
show_masks(*[draw(kind, 43 + n) for n, kind in enumerate(kinds)], names=kinds)

# %% [markdown]
# ## Hole ratio
#
# The **hole ratio** is the share of pixels that are holes. It is the number by
# which papers sort their tables: 1 to 10 %, 10 to 20 %, and so on to 60 %.
#
# **Predict, then run.** We draw many masks of three kinds with default
# settings. How wide do their hole ratios spread? Could you compare two methods
# if each were tested with its own draws?

# %%
plt.figure(figsize=(5.2, 2.8))
for kind in ["lines", "strokes", "boxes"]:
    ratios = [masks.hole_ratio(draw(kind, seed)) for seed in range(DRAWS)]
    plt.hist(ratios, bins=np.arange(0, 0.8, 0.025), alpha=0.6, label=kind)
    print(f"{kind}: from {min(ratios):.3f} to {max(ratios):.3f}")
plt.xlabel("hole ratio")
plt.ylabel("masks")
plt.legend()
plt.show()

# %% [markdown]
# One kind spans everything from a scratch to half of the picture. A mean over
# such a mixture says little: a method that met a few more large holes looks
# worse than it is. So we want masks *of a wanted hole ratio*.
#
# ### More or less of the same
#
# The cheap way is to cut a mask down or to glue a piece on. Then every mask
# shows where that was done, and a network learns to see it. We draw more or
# less instead. Each generator has an `amount`: how many lines, how long a
# stroke, how large a box. With the same seed a larger amount goes on where the
# smaller one stopped.

# %%
amounts = [0.25, 0.5, 1, 2]
grown = [draw("strokes", 40, amount=amount) for amount in amounts]
show_masks(*grown, names=[f"amount {amount}" for amount in amounts])

# %% [markdown]
# `masks.with_hole_ratio` searches the amount for us. For one seed it draws,
# looks at the ratio, and draws again with more or less, eight times at most. If
# that seed does not lead there it takes the next, up to sixteen. So it either
# returns a mask in the range, or says that it cannot; it never loops forever,
# and never returns something that is nearly right.
#
# **Predict, then run:** we ask all eight kinds for 19 to 21 %. Lines and
# scratches come in whole pieces only. Will they get there?


# %%
def draw_ratio(kind, seed, ratio):
    rng = np.random.default_rng(seed)
    generator = masks.GENERATORS[kind]
    return masks.with_hole_ratio(generator, SIZE, SIZE, rng, ratio=ratio)


kinds = list(masks.GENERATORS)
equal = [draw_ratio(kind, 5, ratio=(0.19, 0.21)) for kind in kinds]
show_masks(*equal[:4], names=kinds[:4])
show_masks(*equal[4:], names=kinds[4:])

# %% [markdown]
# All eight did. Now an impossible wish: a border leaves at least the centre of
# the picture known, and we ask for a hole of practically all of it.

# %%
try:
    draw_ratio("border", 5, ratio=(0.9999, 1.0))
except ValueError as error:
    print(error)

# %% [markdown]
# ## On disk
#
# In memory 1 is known, so that we can multiply. On disk it is the other way
# round: **white marks the hole**, because that is what people paint. The two
# conventions meet in two functions only, `images.write_mask` and
# `images.read_mask`. Whoever turns masks over anywhere else will, sooner or
# later, turn one over twice.

# %%
temporary = tempfile.TemporaryDirectory()  # gone when the notebook ends
folder = Path(temporary.name)
scratched = draw("scratches", 3)
images.write_mask(folder / "mask.png", scratched)
stored = np.asarray(Image.open(folder / "mask.png"))
again = images.read_mask(folder / "mask.png", shape=photo.shape)
print("hole on disk:", np.unique(stored[scratched[..., 0] == 0]))
print("as it was:", (again == scratched).all())

# %% [markdown]
# Published sets of masks differ in polarity, and so do image editors. What if
# we read ours with the wrong one? **Predict, then run:** what hole ratio will
# come out, and does anybody notice?

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    turned = images.read_mask(folder / "mask.png", hole="black")
for name, mask in [("right", again), ("turned over", turned)]:
    print(f"{name}: {masks.hole_ratio(mask):.1%} hole")
for warning in caught:
    print(str(warning.message).removeprefix(f"{folder}/"))

# %% [markdown]
# The two ratios add up to one, and above 90 % the reader warns. Below that no
# program can know. Look at one mask before you use ten thousand of them.
#
# ## Why a mask must never be a JPEG
#
# `images.write_mask` refuses to write a JPEG. Is that pedantry? JPEG at quality
# 95 looks perfect to the eye. But it stores waves in blocks of eight by eight
# pixels, and sharp edges are what waves are worst at.
#
# **Predict, then run.** A mask has two values. How many values come back? And
# of the pixels, how many are wrong if we call everything a hole that is not
# quite black; that is brighter than the middle; that is quite white?

# %%
buffer = io.BytesIO()
Image.fromarray(stored).save(buffer, "JPEG", quality=95)
loaded = np.asarray(Image.open(buffer))[..., None]
readings = {
    "not quite black": loaded == 0,
    "above the middle": loaded < 128,
    "quite white": loaded < 255,
}
print(len(np.unique(loaded)), "values")
for name, known in readings.items():
    print(f"{name}: {(known != scratched).sum()} pixels wrong")

# %% [markdown]
# The middle saved us: with the threshold there, not one pixel is wrong at this
# quality. The other two readings look just as reasonable in code (`mask > 0`
# and `mask == 255`), and both are wrong by many hundreds of pixels, in a hole
# that has little more than two thousand.
#
# They are not wrong in the same way. The first calls known pixels holes; the
# second calls holes known. **Predict, then run:** which of the two hurts more?
# The scratches are white, and fast marching fills them.


# %%
def psnr(picture, truth, mask):
    error = (picture - truth)[mask[..., 0] == 0]
    return -10 * np.log10(max(float(np.mean(error**2)), 1e-10))


fmm = methods.get("fmm")
white = np.where(scratched, photo, 1).astype(np.float32)
filled = [fmm(white, known.astype(np.uint8)) for known in readings.values()]
titles = [
    f"{name}, {psnr(picture, photo, scratched):.1f} dB"
    for name, picture in zip(readings, filled, strict=True)
]
show(white, *filled, titles=["input", *titles], size=2.6)

# %% [markdown]
# A hole a little too large costs little. A hole a little too small costs nearly
# everything: what remains of the damage counts as known, lies right at the rim,
# and that is exactly where every method looks first. Colours of the damage are
# carried into the hole. **When in doubt, make the hole larger.**
#
# ## Why a mask must never be interpolated
#
# The other way to lose a mask is to resize it like a picture. Bilinear
# interpolation invents values between 0 and 1, and then `astype(np.uint8)` cuts
# them all down to 0: whatever 0 means grows. So people learn: resize masks with
# nearest neighbour, it keeps them binary. True, and yet:
#
# **Predict, then run.** A grid of lines one pixel wide, a line every eight
# pixels. We halve its size with nearest neighbour, as it is, and moved by one
# pixel to the right and down. What will the two hole ratios be?

# %%
thin = np.ones((SIZE, SIZE, 1), np.uint8)
thin[4::8] = thin[:, 4::8] = 0
half = (SIZE // 2, SIZE // 2)
names, halved = ["original"], [thin]
for moved in (0, 1):
    there = np.roll(thin, moved, axis=(0, 1))
    nearest = cv2.resize(there, half, interpolation=cv2.INTER_NEAREST)
    names.append(f"halved, moved by {moved}")
    halved.append(nearest[..., None])
crops = [mask[:48, :48] for mask in halved]
show_masks(*crops, names=names)

# %% [markdown]
# Nearest neighbour looks at one pixel in four. The lines are either all hit,
# and become twice as wide, or all missed, and the hole is gone. The photograph
# itself was shrunk with the damage mixed into its pixels, so in the second case
# the damage stays for good.
#
# The right question is not *which pixel is nearest?* but *may I trust this
# pixel?* A small pixel is known only if **all** large pixels under it are. Area
# interpolation averages them, and only an average of 1 is a yes.


# %%
def shrink_mask(mask, size):
    known = mask.astype(np.float32)
    share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    return (share > 0.999).astype(np.uint8)[..., None]


both = [shrink_mask(np.roll(thin, n, axis=(0, 1)), half) for n in (0, 1)]
print("hole ratios", [f"{masks.hole_ratio(mask):.3f}" for mask in both])

# %% [markdown]
# Now the answer no longer depends on where the grid happens to lie.
#
# ## Soft damage
#
# Real damage has no sharp edge. A scratch is worn at its sides; a water stain
# fades out. So `scratches` and `water` come in two forms. The soft one,
# `scratches_alpha` and `water_alpha`, says for each pixel how much of the
# photograph is gone, from 0 to 1. `masks.damage` lets the paper shine through
# by that much:
#
# `damaged = photo + (color - photo) * alpha`
#
# The binary mask of the same seed is a hole wherever `alpha` is not exactly 0.


# %%
def soft(alpha_of, seed):
    return alpha_of(SIZE, SIZE, np.random.default_rng(seed))


for alpha_of in (masks.scratches_alpha, masks.water_alpha):
    alpha = soft(alpha_of, 4)
    damaged = masks.damage(photo, alpha, WORN)
    hole = alpha > 0
    titles = ["damaged", "alpha", f"hole, {hole.mean():.0%}"]
    show(damaged, alpha, hole, titles=titles)

# %% [markdown]
# Where `alpha` is 0.1 the photograph is nearly intact; must it be a hole? It
# would be less work to call a pixel a hole from 0.5 on. **Predict, then run:**
# the last stain filled with masks that begin at 0, 0.2 and 0.5. What will be
# left of it?

# %%
touched = (alpha == 0).astype(np.uint8)
thresholds = [0, 0.2, 0.5]
filled = [
    fmm(damaged, (alpha <= threshold).astype(np.uint8))
    for threshold in thresholds
]
titles = [
    f"alpha > {threshold}: {psnr(picture, photo, touched):.1f} dB"
    for threshold, picture in zip(thresholds, filled, strict=True)
]
show(damaged, *filled, titles=["input", *titles])

# %% [markdown]
# With 0.5 the stain stays, with 0.2 a ghost of it. Only the full mask takes it
# away, and puts a smear in its place. And yet the ghost has the best number! A
# pixel that is only a little paler is nearer to the truth than one that is
# guessed. There is information under soft damage. A hole throws it away; a
# method that could read `alpha` would not. That is the price of a binary mask,
# and we pay it knowingly, since nobody knows the alpha of real damage. Note the
# other lesson too: a number tells which picture is nearer, not which one looks
# repaired.
#
# ## Masks that know objects
#
# So far all holes ignore what the picture shows. Who removes a person from a
# photograph draws a hole in the shape of a person. For that we need a **label
# map**: an integer for each pixel, 0 for the background. Data sets for
# segmentation have them. Where none is at hand, `random_labels` makes one up
# from cells with bent edges.
#
# `object_masks.GENERATORS` has two kinds. Both take `labels` in the place of
# height and width:
#
# * `object_aware` picks one or two connected pieces, makes them a little wider
#   or thinner, and roughens their edge;
# * `boundary` puts a circle, a rectangle or an irregular shape **across** a
#   boundary, and makes sure that two labels are covered. To fill such a hole
#   one must continue an edge.

# %%
labels = object_masks.random_labels(SIZE, SIZE, np.random.default_rng(6))
colours = plt.get_cmap("Set2")(labels)[..., :3] * (labels > 0)[..., None]
covered, titles = [colours], ["labels"]
for kind, generator in object_masks.GENERATORS.items():
    for seed in (2, 3):
        mask = generator(labels, np.random.default_rng(seed))
        covered.append(np.where(mask, colours, 1))
        titles.append(f"{kind}, {masks.hole_ratio(mask):.0%}")
show(*covered, titles=titles, size=2.2)

# %% [markdown]
# The holes are white. `with_hole_ratio` works here too, with `labels` in the
# place of the size.
#
# ## One mask, many masks
#
# Perhaps you have a dozen scans of real scratches and need ten thousand masks.
# `masks.vary` sends a mask through a pipeline of imgaug: flip, turn, scale,
# shear, bend, and make the holes a little thicker or thinner. Each step takes
# nearest neighbours, so the mask stays binary, and each draws from our `rng`.
#
# **Predict, then run:** what happens at the corners when a mask is turned?
# Something has to come in from outside.

# %%
rng = np.random.default_rng(2)
original = draw("lines", 20)
varied = [masks.vary(original, rng) for _ in range(4)]
show_masks(original, *varied, names=["mask"] + 4 * ["varied"], size=2.1)
print("values", np.unique(varied))

# %% [markdown]
# The mask is mirrored at its edges. If known pixels came in instead, lines
# would stop short of the edge, and a network could tell a varied mask by that.
# Lines of one pixel break into dots here and there: nearest neighbours again.
#
# ## A folder of masks
#
# Several groups have published sets of irregular masks; the best known came
# with partial convolution (Liu and others, 2018). `masks.folder_masks` turns
# such a folder into a generator like all others: it picks a file, flips and
# crops it, and brings it to the size we want.
#
# We have to say which colour marks the hole, for copies of one and the same set
# differ in it. Let us add six strokes to our scratches and state the wrong
# colour first. **Predict, then run:** how could the reader find out?

# %%
for seed in range(6):
    images.write_mask(folder / f"{seed}.png", draw("strokes", 70 + seed))
for hole in ("black", "white"):
    try:
        from_folder = masks.folder_masks(folder, hole=hole)
        print(hole, "accepted,", len(from_folder.paths), "files")
    except ValueError as error:
        print(str(error).split(" Received")[0])

# %% [markdown]
# It reads a sample and takes the mean. A single mask may be mostly hole; a
# whole set hardly is. Now it is a generator, and all that works with generators
# works with it. For instance, a mask that is wide and low:

# %%
rng = np.random.default_rng(4)
drawn = [from_folder(SIZE // 2, SIZE, rng) for _ in range(3)]
show_masks(*drawn, names=3 * ["from the folder"])

# %% [markdown]
# ## What width costs
#
# Now the measurement. We want masks that differ in width *and in nothing else*.
# So no random masks: bands from top to bottom, `width` pixels wide, and always
# three times as much known between them. Whatever the width, a quarter of the
# picture is hole.


# %%
def bands(width, size=SIZE):
    x = (np.arange(size) + 2 * width) % (4 * width)
    known = np.where(x < width, 0, 1).astype(np.uint8)
    return np.tile(known[:, None], (size, 1, 1))


shown = WIDTHS[-5::2]
names = [f"width {width}" for width in shown]
show_masks(*[bands(width) for width in shown], names=names)

# %% [markdown]
# We fill them with three methods: our fast marching, OpenCV's version of it
# (`telea`), and OpenCV's `navier_stokes`, which carries on lines of equal
# brightness as if they were a flow. All are called as `method(image, mask)`,
# and PSNR is measured in the hole only. With 6 dB less, errors are twice as
# large.
#
# **Predict, then run.** The hole ratio is 25 % all along. How many decibels lie
# between bands of one pixel and bands of a quarter of the picture? Sketch the
# curve. Which of the three methods wins where?


# %% image="02_width"
def mean_psnr(method, mask, pictures):
    return np.mean([psnr(method(p, mask), p, mask) for p in pictures])


plt.figure(figsize=(5.4, 3.4))
curves = {}
for name in ["fmm", "telea", "navier_stokes"]:
    method = methods.get(name)
    curves[name] = [mean_psnr(method, bands(w), photos) for w in WIDTHS]
    plt.plot(WIDTHS, curves[name], "o-", label=name)
plt.xscale("log", base=2)
plt.xticks(WIDTHS, WIDTHS)
plt.xlabel("width of the hole in pixels, hole ratio .25")
plt.ylabel("PSNR in the hole, dB")
plt.legend()
plt.show()

drop = curves["fmm"][0] - curves["fmm"][-1]
spread = max(np.ptp(scores) for scores in zip(*curves.values(), strict=True))
print(f"from the thinnest to the widest: {drop:.1f} dB")
print(f"between methods, at most:        {spread:.1f} dB")

# %% [markdown]
# From two pixels on, each doubling of the width costs about the same, one and a
# half to two decibels: on a logarithmic axis the curve is nearly a line. The
# choice of mask moves the result far more than the choice of method does.
#
# And who wins? At one pixel `navier_stokes` is level with `fmm`: a hundredth of
# a decibel lies between them. From 2 to 16 pixels `fmm` is best, by a whole
# decibel at 2 and by less than a tenth at 16. At 32 and 64 pixels `telea` is
# best, and ours loses slightly, by 0.1 and 0.2 dB. `navier_stokes` is last from
# 8 pixels on.
#
# Whoever reports "PSNR at 25 % hole ratio" without the width of the holes has
# said very little, and whoever wants a method to look good takes thin masks.
#
# The same in pictures, at both ends. **Predict, then run:** where in the wide
# band is the error largest?

# %% image="02_thin_wide"
pictures, titles = [], []
for width in (WIDTHS[1], WIDTHS[-1]):
    mask = bands(width)
    filled = fmm(photo, mask)
    pictures += [photo * mask, filled]
    titles += [f"width {width}, {masks.hole_ratio(mask):.0%} hole"]
    titles += [f"filled, {psnr(filled, photo, mask):.1f} dB"]
show(*pictures, titles=titles, size=2.6)

# %% [markdown]
# Far from both rims. Close to them the wide band is as good as the thin one; it
# is worse because most of its pixels are far away. (Exercise 2 measures it.)
#
# ### A smoother method?
#
# Perhaps fast marching is just too simple. `biharmonic` solves for the
# smoothest surface through the rim. It is the most careful of the classical
# methods and by far the slowest, so we take small pictures. **Predict, then
# run:** does it hold out longer?

# %%
small = data.photos("test", size=SMALL)[: PHOTOS // 2]
for width in (1, 2, 4, 8, 16):
    mask = bands(width, SMALL)
    scores = [
        f"{name} {mean_psnr(methods.get(name), mask, small):.1f} dB"
        for name in ("fmm", "biharmonic")
    ]
    print(f"width {width:2}:", ", ".join(scores))

# %% [markdown]
# It is better where the hole is thin. Its lead melts away as the hole grows,
# and then turns over: a surface that swings on for many pixels overshoots. No
# method that knows nothing but the rim can know what is far from the rim. That
# is the reason to train a network: it brings what it has learned from other
# pictures.
#
# ## Real kinds of masks
#
# Bands are a laboratory. Do the random kinds obey the same law? Their width
# varies, so we measure **depth**: the distance of a hole pixel to the nearest
# known one, on average. **Predict, then run:** all have a hole ratio of about
# 20 %. Order the eight kinds from easy to hard before you look.


# %%
def depth(mask):
    away = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return away[mask[..., 0] == 0].mean()


def measure(kind):
    drawn = [draw_ratio(kind, n, (0.18, 0.22)) for n in range(PHOTOS)]
    pairs = list(zip(photos, drawn, strict=True))
    scores = [psnr(fmm(p, mask), p, mask) for p, mask in pairs]
    return np.mean([depth(mask) for mask in drawn]), np.mean(scores)


plt.figure(figsize=(5.4, 3.4))
for kind in masks.GENERATORS:
    x, y = measure(kind)
    plt.plot(x, y, "o")
    beside = (-40, -5) if kind == "border" else (5, 4)
    plt.annotate(kind, (x, y), xytext=beside, textcoords="offset points")
plt.xscale("log", base=2)
plt.margins(y=0.1)
plt.xlim(right=48)
plt.xticks([2, 4, 8, 16, 32], [2, 4, 8, 16, 32])
plt.xlabel("mean depth in pixels, hole ratio .18 to .22")
plt.ylabel("PSNR in the hole, dB")
plt.show()

# %% [markdown]
# The same law: the deeper, the worse. What is left is place and chance. The
# middle of a photograph shows its subject, the border often sky; and eight
# photographs are few. That is why the benchmark of this project uses the same
# fixed masks for all methods, sorts them into bins of hole ratio, and keeps
# those with holes at the border apart.
#
# ## Summary
#
# * A mask is 1 where known and 0 in holes; on disk the hole is white. Store it
#   without loss, never interpolate it, and when in doubt make the hole larger.
# * Every generator is called alike, is repeatable by its seed, and meets a
#   wanted hole ratio by drawing more or less.
# * At equal hole ratio, width decides: each doubling costs about two decibels.
#   Compare methods only on the same masks.
#
# ## References
#
# * G. Liu and others, [Image inpainting for irregular holes using partial
#   convolutions](https://arxiv.org/abs/1804.07723), ECCV 2018: irregular masks,
#   tables by hole ratio and border.
# * J. Yu and others, [Free-form image inpainting with gated
#   convolution](https://arxiv.org/abs/1806.03589), ICCV 2019: strokes.
# * R. Suvorov and others, [Resolution-robust large mask inpainting with Fourier
#   convolutions](https://arxiv.org/abs/2109.07161), 2021: LaMa and wide masks.
# * A. Telea, [An image inpainting technique based on the fast marching
#   method](https://doi.org/10.1080/10867651.2004.10487596), Journal of
#   Graphics Tools, 2004.
#
# ## Exercises
#
# 1. A band at the border of the picture has a rim on one side only. To a band
#    of which width *inside* the picture does a border band of 16 pixels
#    compare? Predict, then measure it with `fmm`.
# 2. Measure the root mean squared error at distances of 1, 2, 4 ... pixels from
#    the rim, for each width of `bands`. Does the width itself still matter?
# 3. Write a generator `dots(height, width, rng, amount=1.0)` of discs that
#    keeps those of a smaller amount, and let `with_hole_ratio` bring it to 10
#    to 20 % for fifty seeds.
#
# Solutions are in `solutions/02_masks.py`.
#
# **Next:** [3. Partial convolution](03_partial_convolution.ipynb) builds the
# first layer that knows what a mask is.
