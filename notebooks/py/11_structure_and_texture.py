# %% [markdown]
# # 11. Structure first, then texture
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/kerasinpaint/kerasinpaint/blob/main/notebooks/11_structure_and_texture.ipynb)
#
# | You will | Needs | Takes |
# |---|---|---|
# | fill in two stages, and know what not to trust | notebooks 7, 8 | 2 min |
#
# A restorer does not begin with brush strokes. First come the large lines: the
# roof goes on, the horizon is straight. Then come bricks and grass, taken from
# where some are left. And some places remain of which an honest restorer says:
# here I guessed. Project S3 planned a system that works so. It had many
# ideas, and no results. Here it is built, and each idea is asked what it is
# worth:
#
# ![The system, drawn with its own pictures](../images/11_system.jpg)
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
import cv2
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display

from kerasinpaint import (
    analysis,
    benchmark_layers,
    calibration,
    data,
    detectors,
    masks,
    methods,
    networks,
    scene_groups,
    structure,
    structure_texture,
)
from kerasinpaint.benchmark_scores import hole_psnr, perceptual_distances
from kerasinpaint.structure_figure import structure_figure

# %% [markdown]
# The constants. `PICTURE` is which of the test photographs we take apart,
# `COUNT` how many we measure with.

# %% tags=["parameters"] tiny={"COUNT": 2}
SIZE = 128
PICTURE = 24
COUNT = 10


def show(pictures, size=2.1):
    shape = (size * len(pictures), size + 0.4)
    figure, axes = plt.subplots(1, len(pictures), figsize=shape)
    for axis, (title, picture) in zip(axes, pictures.items(), strict=True):
        axis.imshow(np.clip(picture, 0, 1), cmap="gray")
        axis.set(xticks=[], yticks=[])
        axis.set_title(title, fontsize=9)
    plt.tight_layout(pad=0.3)
    plt.show()


# %%
photographs = data.photos("test", SIZE)


def holed(number, ratio=(0.2, 0.3)):
    """A photograph, and a mask of wide strokes for it."""
    rng = np.random.default_rng(number)
    truth = photographs[number]
    mask = masks.with_hole_ratio(
        masks.wide_strokes, SIZE, SIZE, rng, ratio=ratio
    )
    return truth, mask


truth, mask = holed(PICTURE)
show({"truth": truth, "with holes": np.where(mask, truth, 1)})

# %% [markdown]
# ## What is structure?
#
# Edges, to begin with. Canny's detector smooths with a Gaussian, takes the
# slope, thins it to its crests and keeps those that are steep, or hang together
# with steep ones. The width of the Gaussian, sigma, chooses the scale.
#
# **Predict, then run.** With sigma .5, 1 and 2: which finds the most edges, and
# which would you rather continue through a hole?

# %%
found = {
    f"sigma {sigma:g}": structure.edges(truth, sigmas=[sigma])
    for sigma in structure.SIGMAS
}
found["all, thinned"] = structure.edges(truth)
show({name: 1.0 - edges for name, edges in found.items()})
for name, edges in found.items():
    print(f"{name:13} {edges.sum():5} pixels")

# %% [markdown]
# Fine scales tell *where* an edge is, coarse ones *whether* it is one. S3 takes
# all three, OR-ed, and thins what comes out to a skeleton one pixel wide.
#
# Edges of straight things can be told from others. Each edge pixel votes for
# all lines through it; a line with many votes is real. That is the **Hough
# transform**. Here: at least 30 px long, with gaps of at most 10.

# %%
straight = structure.lines(structure.edges(truth))
print(len(straight), "lines")
show(
    {
        "edges and lines": structure.overlay(truth),
        "of what is known": structure.overlay(truth, mask),
    },
    size=3,
)

# %% [markdown]
# Leaves are not straight. But where edges are dense, thirty pixels with gaps of
# ten line up by chance. **Predict, then run.** What will be left with coarse
# edges alone, 20 px long, and gaps of at most 2?

# %%
coarse = structure.edges(truth, sigmas=[2.0])
strict = structure.lines(coarse, least=20, gap=2)
print(len(strict), "lines")
drawn = np.repeat(1.0 - coarse[..., None], 3, axis=-1)
drawn[structure.drawn(strict, coarse.shape)] = 0.9, 0.1, 0.1
show({"truth": truth, "strict": drawn}, size=3)

# %% [markdown]
# The networks below are told S3's lines, of all scales, chance lines among
# them. (Where failures are sorted in README, a line is a strict one.)
#
# Holes have no edges, and neither have their rims: the border of a hole is the
# steepest slope of all, and no edge of the world. This is the first trap: who
# runs Canny over a picture with black holes finds the holes.

# %%
naive = structure.edges(truth * mask)
right = structure.edges(truth * mask, mask)
rim = cv2.dilate(1 - mask, np.ones((3, 3), np.uint8)) > 0
print(
    f"edges on the rims: {naive[rim].sum()}, and with the mask "
    f"{right[rim].sum()}"
)

# %% [markdown]
# ## What else is known: objects, and the place
#
# S3 asked YOLOv5 for objects. Its licence and its age kept us from that: here
# D-FINE takes its place, through keras-hub, `detectors.get("dfine")` on Colab.
# Where nothing can be downloaded, boxes around what the segmenter of notebook
# 10 sees have to do: five classes. The holes are filled smoothly first, or they
# would be found, too.

# %%
HENS = 8  # in our picture it finds nothing: an aqueduct is none of its five
filled = methods.get("pyramid")(truth, mask)
boxed = {"our picture": filled.copy(), "hens": photographs[HENS].copy()}
for name, picture in boxed.items():
    for one in detectors.get("sample")(picture):
        top, left, bottom, right = (round(float(end)) for end in one.box)
        print(f"{name}: {one.name}, {one.score:.2f}")
        cv2.rectangle(picture, (left, top), (right, bottom), (1.0, 0.0, 0.0))
show(boxed, size=3)

# %% [markdown]
# The **scene** is asked too: a beach goes on otherwise than a kitchen. Places
# has 365 classes; we put them into 50 groups. A small head on a frozen
# EfficientNet-Lite0 looks at the whole picture, its quarters and its sixteenths
# (spatial pyramid pooling) and says first which group, then which class in it
# (hierarchical softmax). It was trained on the 78 training photographs that
# show a place, which is next to nothing. Of the 14 test photographs that show
# one it names the right group for six; always naming the commonest would be
# right for seven. Take it as a hint.

# %%
likely = analysis.scene_probabilities(filled[None])[0]
for group in np.argsort(-likely)[:3]:
    print(f"{scene_groups.GROUPS[group]}: {likely[group]:.0%}")

# %% [markdown]
# ## Attention, in one page
#
# A convolution sees its neighbours. The bricks that a hole needs may be at the
# other side of the picture. **Attention** lets each place ask all others:
#
# * each place has a *query*, what it looks for, and a *key*, what it offers;
# * the product of a query with all keys, through a softmax, are weights;
# * the answer is the mean of all places' *values* by these weights.
#
# In networks queries, keys and values are learned. Here let all three be
# patches of the picture as they are, and watch one query.


# %%
def attention(queries, keys, values, sharpness):
    """Mean of values, by how much each key is like each query."""
    likeness = sharpness * queries @ keys.T
    weights = np.exp(likeness - likeness.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    return weights @ values, weights


# %% [markdown]
# Patches of 8 px, with mean 0 and length 1, so that their product is their
# correlation.

# %%
SIDE = 8
grid = truth.reshape(SIZE // SIDE, SIDE, SIZE // SIDE, SIDE, 3)
patches = grid.transpose(0, 2, 1, 3, 4).reshape(-1, SIDE * SIDE * 3)
keys = patches - patches.mean(1, keepdims=True)
keys /= np.linalg.norm(keys, axis=1, keepdims=True) + 1e-6

# %% [markdown]
# **Predict, then run.** The query is the patch in the red frame. Where will it
# look, and what changes when the softmax is sharper?

# %%
place = 5 * (SIZE // SIDE) + 4
looks = {}
for sharpness in (2, 10, 40):
    _, weights = attention(keys[[place]], keys, patches, sharpness)
    weights[0, place] = 0  # of course it is like itself
    looks[f"sharpness {sharpness}"] = weights.reshape(16, 16) / weights.max()
framed = truth.copy()
row, column = np.array(divmod(place, SIZE // SIDE)) * SIDE
cv2.rectangle(
    framed, (column, row), (column + SIDE, row + SIDE), (1.0, 0.0, 0.0)
)
show({"query": framed, **looks})

# %% [markdown]
# All places ask all: with n places that are n² products. A picture of 512 px
# has 262,144 pixels, and attention on them 69 billion weights. So networks
# attend at a coarse scale, or to a few means (`AttentionConv2D` has a grid of
# them as keys), or learn *where* to look, a few points for each place:
# `DeformableCrossAttention`, with which our texture artist looks at an
# exemplar.
#
# ## The look of another picture
#
# A plainer way to take over a look: give each channel the mean and the
# deviation that it has in the other picture. This is **adaptive instance
# normalisation**, and it is all that some style transfer does, only on the
# features of a network instead of colours.


# %%
def adain(images, styles):
    """Channels of one picture with the means and deviations of another."""
    mean = images.mean((1, 2), keepdims=True)
    deviation = np.sqrt(images.var((1, 2), keepdims=True) + 1e-5)
    style_mean = styles.mean((1, 2), keepdims=True)
    style_deviation = np.sqrt(styles.var((1, 2), keepdims=True) + 1e-5)
    return (images - mean) / deviation * style_deviation + style_mean


# %%
other = photographs[(PICTURE + 9) % len(photographs)]
show(
    {
        "a picture": truth,
        "another": other,
        "with its look": adain(truth[None], other[None])[0],
    }
)

# %% [markdown]
# ## A kernel that depends on what it sees
#
# A convolution has one kernel for all places: for brick and for sky. S3 asks
# for one that changes with the content. **Involution** does: a small network
# looks at each place and makes its kernel there, which all channels of a group
# share.
#
# **Predict, then run.** A kernel for every place: how many times the operations
# of a plain convolution, and how many times the time?

# %%
if keras.backend.backend() == "tensorflow":
    display(benchmark_layers.kernel_costs(repeats=COUNT).round(2))

# %% [markdown]
# Fewer operations, and more time. A convolution mixes all channels with all
# others, 25 times; an involution mixes none, and that is most of the work. But
# processors were built for convolutions, and 25 small products that differ from
# place to place keep them waiting for memory. Count operations to write a
# paper; take the time to ship. (Numbers in the column *Involution2D* are times
# the time of *Conv2D*.)
#
# ## The system
#
# Four networks, of which three remain after training:
#
# * the **structure builder** corrects a smooth fill, twice: the second time it
#   sees the edges of its own first picture, through a soft Canny that lets
#   gradients pass;
# * the **texture artist** paints on that, after an exemplar: the known part of
#   the picture, or another one;
# * the **critic**, a PatchGAN, told painted from real while the artist learned;
# * the **uncertainty network** sees the picture, what the artist added to it,
#   and the features of a network that knows ImageNet, and says how wrong each
#   pixel may be.

# %%
name, network = networks.load("structure_texture")
for part in ("structure_builder", "texture_artist", "uncertainty"):
    print(f"{part:18} {network.get_layer(part).count_params():9,} parameters")

# %%
result = structure_texture.fill(network, truth, mask)
show(
    {
        "with holes": np.where(mask, truth, 1),
        "smooth": filled,
        "structure": result["structure"],
        "texture": result["picture"],
        "truth": truth,
    }
)

# %% [markdown]
# And all of it, drawn by code:

# %% image="11_system"
display(structure_figure(network, truth, mask))

# %% [markdown]
# **Predict, then run.** Which of the three fills has the highest PSNR, and
# which the lowest perceptual distance (ST-LPIPS, notebook 8)?

# %%
fills = {
    "smooth": filled,
    "structure": result["structure"],
    "texture": result["picture"],
}
distances = perceptual_distances(truth, list(fills.values()), mask)
for (name, fill), distance in zip(fills.items(), distances, strict=True):
    print(f"{name:10} {hole_psnr(truth, fill, mask):.2f} dB  {distance:.4f}")

# %% [markdown]
# ## Does it know where it is wrong?
#
# The uncertainty network was trained on fills, with their true errors. Its loss
# is that of a Laplace distribution: who expects too little pays by the error,
# who expects too much pays by the logarithm. A second term asks that the pixels
# of a picture be in the right order. Beside each other, what it expects and
# what is true:

# %%
errors = np.abs(result["picture"] - truth).mean(-1, keepdims=True)
scale = np.quantile(errors[mask == 0], 0.95)
show(
    {
        "filled": result["picture"],
        "expected error": result["error"][..., 0] / scale,
        "true error": errors[..., 0] / scale,
    }
)

# %% [markdown]
# To expect errors deep in a hole takes no network: the distance to the rim
# tells that. So that is what to beat. Spearman's correlation compares ranks: 1
# if all pixels are in the right order, 0 for chance.
#
# **Predict, then run.** Which correlation does the distance have, and which the
# network?

# %%
look = structure_texture.compiled(network)  # quicker, for many pictures
curves, ranks = [], []
for number in range(COUNT):
    one, holes = holed(number)
    found = structure_texture.fill(look, one, holes)
    off = np.abs(found["picture"] - one).mean(-1, keepdims=True)
    guesses = found["error"], calibration.rim_distance(holes), off
    ranks.append(
        [calibration.rank_correlation(g, off, holes) for g in guesses[:2]]
    )
    curves.append([calibration.risk_coverage(g, off, holes) for g in guesses])
network_rank, rim_rank = np.mean(ranks, axis=0)
print(f"network {network_rank:.2f}, distance to the rim {rim_rank:.2f}")

# %% [markdown]
# The same as a curve: keep only the surest share of a hole, and see how wrong
# it is on average. This is called **risk and coverage**.

# %% image="11_risk"
names = "network", "distance to the rim", "truth, the best there is"
for name, curve in zip(names, 255 * np.mean(curves, axis=0), strict=True):
    plt.plot(100 * calibration.COVERAGES, curve, marker=".", label=name)
plt.xlabel("share of the hole, surest first (%)")
plt.ylabel("mean error (grey levels)")
plt.legend()
plt.grid(alpha=0.3)
plt.show()

# %% [markdown]
# ## From easy to hard
#
# S3's plan for it: fill in passes. Each keeps what it is surest of, and calls
# that known; the rest is filled again. Hard places then have more around them
# to go by. It sounds right.
#
# **Predict, then run.** Three passes, easy first, at random, or hard first,
# against one pass: which is best, and by how much?

# %%
ORDERS = {
    "one pass": {},
    "easy first": {"passes": 3},
    "random": {"passes": 3, "order": "random"},
    "hard first": {"passes": 3, "order": "hard"},
}
for name, options in ORDERS.items():
    scores = []
    for number in range(COUNT):
        one, holes = holed(number)
        found = structure_texture.fill(look, one, holes, **options)
        scores.append(hole_psnr(one, found["picture"], holes))
    print(f"{name:10} {np.mean(scores):.3f} dB")

# %% [markdown]
# Ten pictures cannot tell such small differences apart: over 210 fills the
# order of these four is another. With intervals, and Holm's correction for
# asking several questions at once, README says what to believe. Here is its
# table:

# %%
readme = open("../README.md", encoding="utf-8").read()


def table_of(mark):
    """A table that a benchmark has written into README."""
    _, _, rest = readme.partition(f"<!-- {mark}:")
    return rest.partition("-->")[2].partition(f"<!-- /{mark}")[0]


display(Markdown(table_of("structure")))

# %% [markdown]
# ## Whose texture?
#
# The exemplar may be another picture. If the artist really looks at it, a wrong
# one must do harm. **Predict, then run.** How much of the fill will change?

# %%
others = structure_texture.fill(network, truth, mask, exemplar=other)
show(
    {
        "its own": result["picture"],
        "another exemplar": other,
        "after that": others["picture"],
        "difference x 20": 20 * np.abs(others["picture"] - result["picture"]),
    }
)
change = np.abs(others["picture"] - result["picture"])[mask[..., 0] == 0]
print(f"the fill changes by {255 * change.mean():.1f} grey levels")
share = structure_texture.copied_share(result["picture"], mask, truth * mask)
print(f"{share:.1%} of the painted patches are copies")

# %% [markdown]
# A grey level, next to nothing: README's table shows that it does harm in
# ST-LPIPS, but little, and none in decibels. This artist goes by the structure
# that it paints on far more than by the exemplar. And no patch is a copy to the
# grey level: it paints, it does not paste.
#
# ## What is each idea worth?
#
# That is what an **ablation** asks: train it again without one part, with
# several seeds, and compare. `kerasinpaint experiment` does so for every part,
# on small networks, and tells whether a difference is more than chance.
#
# **Predict, then run.** Gates, attention, edges, objects, scene, the edge loss;
# noise, modulation, style, involution, AdaIN, the exemplar, the critic;
# features, channel attention: write down the three that you would keep.

# %%
display(Markdown(table_of("ablation")))

# %% [markdown]
# What was worth most: features that others have learned, noise, modulation, and
# structure to begin with. A third of the parts pays, some do harm, and of half
# of them no difference is shown that all seeds bear out. To show none is not
# the same as to make none: the networks are small, and training was short. But
# it is what S3 did not know when it planned them all: which to begin with.
#
# ## Summary
#
# * Structure first, then texture: two problems that want other losses, and
#   other networks.
# * A network can be asked how wrong it is, and its answer can be measured:
#   correlation of ranks, risk and coverage, and always beside what needs no
#   network.
# * An idea is worth what an ablation says, with several seeds and a test that
#   knows how many questions were asked.
#
# ## References
#
# * K. Nazeri and others, [EdgeConnect](https://arxiv.org/abs/1901.00212), 2019:
#   edges first.
# * A. Vaswani and others, [Attention is all you
#   need](https://arxiv.org/abs/1706.03762), NeurIPS 2017.
# * X. Huang and S. Belongie, [Arbitrary style transfer in real-time with
#   adaptive instance normalization](https://arxiv.org/abs/1703.06868), ICCV
#   2017.
# * A. Kendall and Y. Gal, [What uncertainties do we need in Bayesian deep
#   learning for computer vision?](https://arxiv.org/abs/1703.04977), NeurIPS
#   2017.
# * S. Holm, [A simple sequentially rejective multiple test
#   procedure](https://www.jstor.org/stable/4615733), 1979.
#
# ## Exercises
#
# 1. Fill what the network doubts again: `fill(..., doubt=0.16)`. What does it
#    gain, and what does it cost?
# 2. Expect errors without a network, better than by the distance to the rim:
#    the contrast of the known pixels nearest to each hole pixel. How close do
#    you come?
# 3. Train `structure` and `structure - edges` with two seeds
#    (`kerasinpaint experiment --recipes "structure,structure - edges" --seeds
#    2 --epochs 1 --output output/exercise_11`). Would you have believed the
#    first seed?
#
# Solutions are in `solutions/11_structure_and_texture.py`.
#
# **Next:** 12. Faster and smaller.
