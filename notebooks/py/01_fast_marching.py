# %% [markdown]
# # 1. Fast marching
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/kerasinpaint/kerasinpaint/blob/main/notebooks/01_fast_marching.ipynb)
#
# | You will | Needs | Takes |
# |---|---|---|
# | write the method in plain Python, find thirteen bugs | Python | 10 s |
#
# A photograph has a scratch. What colour belongs there? The nearest answer is
# at the rim of the scratch, so we start at the rim and walk inwards. Each
# pixel we reach is painted from what is already known around it, and from
# then on it counts as known itself. Alexandru Telea published this method in
# 2004. It needs no training and no data. It is also the opponent that every
# network in this course has to beat.
#
# ![The narrow band moves into the hole](../images/01_narrow_band.jpg)
#
# The colours come later; first we need the order in which pixels are reached.
# That order is a distance, and the distance is half of this notebook.
#
# ## Set up
#
# The constants stand in the second cell below. Plain Python is slow, so what we
# write ourselves runs on small pictures of `SIZE` pixels. The fast version in
# `kerasinpaint.fmm` takes over for pictures of `LARGE` pixels. The helper
# `show` draws pictures in a row: three channels in their colours, a single one
# from dark (low) to bright (high).

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

# %% tags=["parameters"] tiny={"SIZE": 40, "LARGE": 64, "WIDTHS": [1, 4]}
import heapq
import math
import time

import cv2
import matplotlib.pyplot as plt
import numpy as np

from kerasinpaint import data, fmm

SIZE = 80
LARGE = 256
RADIUS = 5
WIDTHS = [1, 2, 3, 4, 6, 8, 12, 16]


def show(*images, titles=(), size=2.6):
    figure, axes = plt.subplots(
        1, len(images), figsize=(size * len(images), size + 0.3), squeeze=False
    )
    for axis, image, title in zip(axes[0], images, titles, strict=True):
        axis.imshow(image, interpolation="nearest")
        axis.set_title(title, fontsize=10)
        axis.axis("off")
    plt.tight_layout()
    plt.show()


# %% [markdown]
# ## Look at the data
#
# A picture is an array of shape `(height, width, 3)` with values from 0 to 1.
# A mask has the same height and width: **1 is known, 0 is a hole**. So
# `picture * mask` hides what is missing, and the hole shows up black.
#
# The hole below is a disc with a bar. The disc is thick, the bar is thin and
# leaves the picture at the right: a hole may touch the border.
#
# We call a known pixel that touches the hole with one of its four sides a
# **rim** pixel. The walk starts there. Below, `look` reads a value, or gives a
# stand-in beyond the border, so that no later function has to think about
# borders.

# %%
photos = data.photos("test", size=LARGE)[:8]
photo = cv2.resize(photos[0], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
mask = np.ones((SIZE, SIZE), np.uint8)
cv2.circle(mask, (SIZE * 2 // 5, SIZE // 2), SIZE // 5, 0, -1)
mask[SIZE // 2 - 2 : SIZE // 2 + 2, SIZE // 2 :] = 0
holed = photo * mask[..., None]
show(photo, mask, holed, titles=["picture", "mask", "picture * mask"])


# %%
def look(values, y, x, beyond):
    height, width = values.shape[:2]
    return values[y, x] if 0 <= y < height and 0 <= x < width else beyond


def neighbours(y, x):
    return [(y - 1, x), (y, x - 1), (y, x + 1), (y + 1, x)]


def rim(mask):
    return [
        (y, x)
        for y, x in np.argwhere(mask).tolist()
        if any(look(mask, v, u, 1) == 0 for v, u in neighbours(y, x))
    ]


picture = mask.copy()
for y, x in rim(mask):
    picture[y, x] = 2
print(f"{(mask == 0).sum()} hole pixels, {len(rim(mask))} rim pixels")
show(picture, titles=["hole, known, rim"])

# %% [markdown]
# ## How far is a pixel from the rim?
#
# Light a fire along the whole rim at time 0 and let it burn inwards at speed
# 1. Let $T$ be the time at which a pixel catches fire. Fire of speed 1 needs
# one unit of time for one unit of length, so $T$ grows by 1 per pixel in the
# direction of travel:
#
# $$|\nabla T| = 1, \qquad T = 0 \text{ on the rim.}$$
#
# This is the **eikonal equation**. On a grid we replace the slope in each
# direction by a difference. The fire comes from the side that burned first, so
# the difference must look that way, *upwind*. Let $a$ be the time of a
# horizontal neighbour, $b$ that of a vertical one, and $s$ the time we look
# for. Then
#
# $$(s - a)^2 + (s - b)^2 = 1 .$$
#
# That is a quadratic equation in $s$ with two roots:
#
# $$s = \tfrac12 \left( a + b \pm \sqrt{2 - (a - b)^2} \right).$$
#
# Which root? Fire cannot reach us before it reached the neighbours it came
# from, so a root only counts if $s \ge a$ and $s \ge b$. The smaller root
# would lie before one of them, and never passes (only where the two roots
# fall together do they agree). The larger passes when $|a - b| \le 1$. If the
# two neighbours are further apart than that, the fire came along one axis
# only: $s = 1 + \min(a, b)$.
#
# **Predict, then run.** Both neighbours burned at time 0: did the fire need
# less or more than 1 to get to us? And what if the second burned at 0.5, at
# 1, at 7?


# %%
def solve(a, b):
    inner = 2 - (a - b) ** 2
    if inner >= 0:
        root = math.sqrt(inner)
        for s in ((a + b - root) / 2, (a + b + root) / 2):
            if s >= a and s >= b:
                return s
    return 1 + min(a, b)


for a, b in [(0, 0), (0, 0.5), (0, 1), (0, 7)]:
    print(f"a = {a}, b = {b}:  s = {solve(a, b):.3f}")

# %% [markdown]
# Two fires that meet at a right angle push the front along the diagonal, and
# the diagonal of half a square is $\sqrt{1/2} = 0.707$. The neighbour that
# burned at 1 or later adds nothing.
#
# A pixel has a left and a right neighbour, an upper and a lower one. That
# makes four **quadrants**; the fire takes the quickest. Pixels it has not yet
# reached carry `FAR`, a time so late that they never win.

# %%
FAR = 1e6


def arrival(T, y, x):
    up, left, right, down = (look(T, *p, FAR) for p in neighbours(y, x))
    return min(solve(a, b) for a in (left, right) for b in (up, down))


T = np.array([[0, 0, 0], [0, FAR, FAR], [0, FAR, FAR]])
print("middle:", round(arrival(T, 1, 1), 3))
print("right of the middle:", round(arrival(T, 1, 2), 3))

# %% [markdown]
# ## March
#
# In which order do we compute the arrival times? The one that burns next is
# always final: nothing that burns later can make it earlier. So we keep the
# front, the **narrow band**, in a heap, and take the earliest pixel out again
# and again. That is Dijkstra's algorithm with `solve` in the place of the
# edge lengths, and Sethian called it fast marching. For $n$ pixels it takes
# $n \log n$ steps.
#
# Each pixel is in one of three states. **Known** pixels are done. **Band**
# pixels have a time and wait in the heap. **Inside** pixels were not reached
# yet: their time is `FAR`. Two details matter, and each returns as a bug below:
#
# * a pixel enters the heap when it turns from inside to band;
# * if a better time is found for a band pixel, it is pushed again, and its old
#   entry is thrown away when it comes out (*lazy deletion*).
#
# `reach` tries to bring the fire to one pixel; `march` is the loop around it.
#
# **Predict, then run.** The next cell but one draws $T$ with its level lines,
# the places the fire reaches at the same time. What shape do they have in the
# disc? Where do they have corners?


# %%
def reach(T, heap, y, x):
    better = arrival(T, y, x)
    if better < T[y, x]:
        T[y, x] = better
        heapq.heappush(heap, (better, y, x))


def march(mask, T):
    heap = [(T[y, x], y, x) for y, x in rim(mask)]
    heapq.heapify(heap)
    while heap:
        t, y, x = heapq.heappop(heap)
        if t > T[y, x]:  # an old entry
            continue
        for v, u in neighbours(y, x):
            if look(mask, v, u, 1) == 0:
                reach(T, heap, v, u)
    return T


# %%
def start(mask):
    return np.where(mask, 0.0, FAR)


def show_levels(T, title):
    plt.figure(figsize=(4.2, 3.6))
    plt.imshow(T, cmap="magma")
    plt.colorbar(label="T in pixels")
    plt.contour(T, levels=np.arange(0.5, 30, 2), colors="w", linewidths=0.7)
    plt.title(title, fontsize=10)
    plt.axis("off")
    plt.show()


T = march(mask, start(mask))
show_levels(T, f"arrival time T, the largest is {T.max():.1f}")

# %% [markdown]
# The level lines are circles. That sounds obvious, and it is the point of the
# whole derivation: steps go along the axes only, yet the front does not move
# in diamonds. The corners lie where two fronts meet.
#
# How exact is it? OpenCV's distance transform with `DIST_MASK_PRECISE` gives
# the true Euclidean distance to the nearest rim pixel. The update is a
# first-order scheme: it draws straight fronts, so it errs where fronts are
# curved or meet. **Predict, then run:** in the disc, is the error a hundredth
# of a pixel, half a pixel, or three pixels?

# %%
not_rim = np.ones((SIZE, SIZE), np.uint8)
for y, x in rim(mask):
    not_rim[y, x] = 0
exact = cv2.distanceTransform(not_rim, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
error = np.abs(T - exact) * (mask == 0)
print(f"largest error {error.max():.2f} px, mean {error[mask == 0].mean():.2f}")

# %% [markdown]
# ## Watch the band move
#
# Stop the fire at some time $t$: what burned so far is $T \le t$, and the band
# is the edge of it that touches the unburned. These are the frames of a film.


# %% image="01_narrow_band"
def frame(T, t):
    reached = (T <= t).astype(np.uint8)
    picture = holed * 0.6 + 0.4 * mask[..., None]
    picture[(reached == 1) & (mask == 0)] = (0.35, 0.6, 0.9)
    for y, x in rim(reached):
        picture[y, x] = (1.0, 0.45, 0.1)
    return picture


times = np.array([0, 0.12, 0.3, 0.6, 0.9]) * T.max()
frames = [frame(T, t) for t in times]
show(*frames, titles=[f"t = {t:.1f}" for t in times], size=2.2)

# %% [markdown]
# Orange is the band, blue what it has passed, black what it has not reached.
# The thin bar is done first: its middle is nearer to a rim.
#
# ## Distances outside
#
# Soon we shall compare a hole pixel with the known pixels around it: do they
# lie on the same level line? For that, known pixels need a distance too. It is
# negative: the rim is 0, one step further out is about -1. A march outwards
# would find it, but only pixels within `RADIUS` of the hole will ever be asked,
# and they are few: we simply measure how far the nearest rim pixel is.


# %%
def start_signed(mask):
    T = np.full(mask.shape, FAR)
    ys, xs = np.array(rim(mask)).T
    for y, x in np.argwhere(mask):
        T[y, x] = -np.hypot(ys - y, xs - x).min()
    return T


T = march(mask, start_signed(mask))
show_levels(np.clip(T, -RADIUS, None), f"T with signs, to {-RADIUS} outside")

# %% [markdown]
# ## Slopes, from known pixels only
#
# To carry a shade into the hole we need the slope of the picture at known
# pixels. Half of their neighbours may be missing. A difference that reads a
# hole would see black, and a false edge. So each direction takes the
# difference towards each *known* neighbour, and their mean: central where both
# are known, one-sided where one is, zero where none is. The same function
# gives the slope of $T$, from pixels the fire has reached.


# %%
def slope(values, known, y, x):
    parts = []
    for dy, dx in ((1, 0), (0, 1)):
        steps = []
        for sign in (-1, 1):
            v, u = y + sign * dy, x + sign * dx
            if look(known, v, u, False):
                steps.append(sign * (values[v, u] - values[y, x]))
        parts.append(sum(steps) / len(steps) if steps else 0 * values[y, x])
    return parts


ramp = np.tile([3.0, 5.0, 7.0, 0.0], (3, 1))
seen = np.tile([True, True, True, False], (3, 1))
for x in range(3):
    print(f"slope along x at column {x}: {slope(ramp, seen, 1, x)[1]}")

# %% [markdown]
# The ramp climbs by 2 per pixel, and all three columns say so. The hole in the
# last column holds a 0, but nobody asked it.
#
# ## Three weights
#
# A hole pixel $p$ becomes the weighted mean of the known pixels $q$ within
# `RADIUS`. Each known pixel does not offer its colour, but what its colour
# would be if its slope went on towards $p$. With $r = p - q$, Telea's formula
# is $I(q) + \nabla I(q) \cdot r$: the slope holds all the way. Slopes of real
# pictures do not hold for five pixels, and grain does not hold for two. So we
# go **one pixel** up the slope and no further:
#
# $$I(q) + \nabla I(q) \cdot \frac{r}{|r|} .$$
#
# For these photographs at 256 pixels, one pixel up the slope gave 0.6 dB more
# than the whole way (decibels: see below) where holes were lines of 4 pixels,
# 0.4 dB more at 16, and no less at 1.
#
# Three weights are multiplied:
#
# * **direction** $|r \cdot N| / |r|$ with $N = \nabla T / |\nabla T|$: pixels
#   that lie along the way of the fire count most;
# * **distance** $1 / |r|^2$: near pixels count most;
# * **level** $1 / (1 + |T(p) - T(q)|)$: pixels near the same level line count
#   most.
#
# The direction weight gets a floor. Without it every weight can be zero at
# once, and then there is no mean.
#
# **Predict, then run.** The fire comes from the left, straight towards the
# pixel in the middle of the right edge. Which known pixels get the largest
# weight, and what does the direction weight do to those nearly above it?

# %%
FLOOR = 1e-3


def weight(T, normal, y, x, v, u):
    r = (y - v, x - u)
    length = math.hypot(*r)
    along = abs(r[0] * normal[0] + r[1] * normal[1]) / length
    direction = max(along, FLOOR)
    level = 1 / (1 + abs(T[y, x] - T[v, u]))
    return direction / length**2 * level


def normal_of(T, y, x):
    ty, tx = slope(T, T < FAR, y, x)
    length = math.hypot(ty, tx)
    return (ty / length, tx / length) if length > 0 else (0.0, 0.0)


plane = np.arange(-5, 6) * np.ones((11, 1))
near = np.hypot(plane, plane.T)
near[5, 5] = 1
parts = [np.abs(plane) / near, 1 / near**2, 1 / (1 + np.abs(plane))]
parts = [np.where(plane < 0, part, 0)[:, :6] for part in parts]
titles = ["direction", "distance", "level", "product"]
show(*parts, np.sqrt(math.prod(parts)), titles=titles, size=2)

# %% [markdown]
# The column of the pixel itself is dark, for it was not reached yet. (The
# product is shown as its square root; else the nearest pixel would leave all
# others black.) The nearest pixel in the direction of travel wins.
#
# ## In which order?
#
# We could paint in the order in which the fire arrives. But many pixels burn at
# the same time, and their order would be left to chance, or to rounding. So we
# cut $T$ into layers of 0.7 pixels, paint layer by layer, and within a layer
# row by row, as one reads. Why 0.7? A pixel burns at least $\sqrt{1/2} = 0.707$
# later than the earliest of its neighbours. So that neighbour lies in an
# earlier layer, and each pixel has a painted or known one beside it when its
# turn comes. (Reading in rows also suits the computer's memory: it made the
# fast version faster.)
#
# **Predict, then run.** Neighbouring layers get different shades below. The bar
# is four pixels wide: how many layers has it? How many has the disc?

# %%
LAYER = 0.7


def filling_order(T, mask):
    layers = (T / LAYER).astype(int)
    rows = np.argwhere(mask == 0).tolist()  # row by row
    return sorted(rows, key=lambda place: layers[tuple(place)])  # keeps ties


layers = np.where(mask, 0, T / LAYER).astype(int)
print(f"{layers[:, -1].max()} layers in the bar, {layers.max()} in the disc")
show(np.where(mask, -1, layers % 4), titles=["layers"], size=3)

# %% [markdown]
# The middle rows of the bar burn together, so they make one layer. In the disc
# the layers are rings, hardly a pixel wide.
#
# ## Paint
#
# Now the pieces fall into place: solve $T$, sort, fill. $T$ is complete before
# the first pixel is painted, so a pixel knows from where the fire came and on
# which level line it lies. Only pixels that were known from the start get a
# slope: the slope of a painted pixel would be guessed from guesses, and its
# errors grow from layer to layer. We work in floating point. Slopes can lead
# beyond the darkest and the brightest known value beside the hole, so we clip
# to these once, at the end. Known pixels are never written.
#
# How good is the result? **PSNR**, the peak signal-to-noise ratio, is
# $-10 \log_{10}$ of the mean squared error, in decibels. We look at hole
# pixels only, for the known ones are always right. Ten decibels more mean a
# tenth of the squared error; above 30 the eye sees little, below 20 it sees
# much. **Predict, then run:** will the disc or the bar look better?


# %%
def disc(known, y, x):
    span = range(-RADIUS, RADIUS + 1)
    for v, u in [(y + dy, x + dx) for dy in span for dx in span]:
        close = (v - y) ** 2 + (u - x) ** 2 <= RADIUS**2
        if close and look(known, v, u, False):
            yield v, u


def paint(image, slopes, T, known, y, x):
    normal = normal_of(T, y, x)
    total, value = 0.0, 0.0
    for v, u in disc(known, y, x):
        w = weight(T, normal, y, x, v, u)
        dy, dx = slopes[:, v, u]
        ahead = (dy * (y - v) + dx * (x - u)) / math.hypot(y - v, x - u)
        value += w * (image[v, u] + ahead)
        total += w
    return value / total


# %%
def beside(mask):
    square = np.ones((2 * RADIUS + 3, 2 * RADIUS + 3))
    return (mask == 1) & (cv2.dilate(1 - mask, square) == 1)


def inpaint(image, mask):
    image = image * mask[..., None]  # a copy; what lay in the hole is gone
    slopes = np.zeros((2, *image.shape))
    for y, x in np.argwhere(beside(mask)):
        slopes[:, y, x] = slope(image, mask, y, x)
    colours = image[beside(mask)]
    known = mask.astype(bool)
    T = march(mask, start_signed(mask))
    for y, x in filling_order(T, mask):
        image[y, x] = paint(image, slopes, T, known, y, x)
        known[y, x] = True
    image[mask == 0] = image[mask == 0].clip(colours.min(), colours.max())
    return image


# %%
def psnr(image, truth, mask):
    error = (image - truth)[mask.reshape(truth.shape[:2]) == 0]
    return -10 * math.log10(max(float(np.mean(error**2)), 1e-10))


began = time.perf_counter()
ours = inpaint(photo, mask)
seconds = time.perf_counter() - began
print(f"{seconds:.1f} s for {(mask == 0).sum()} pixels")
titles = [
    f"{name} {psnr(image, photo, mask):.1f} dB"
    for name, image in [("input", holed), ("ours", ours)]
]
show(holed, ours, photo, titles=[*titles, "truth"])

# %% [markdown]
# The bar is nearly gone. The disc is filled smoothly, with streaks that run
# inwards and no texture at all.
#
# ## The same, fast
#
# Plain Python took its time. `kerasinpaint.fmm` holds the same method compiled
# by Numba, and a test of this course runs both and compares them. The first
# call compiles; later calls, in later processes too, do not. Both solve the
# same equations and fill in the same order, but the package counts with 32
# bits. (So a $T$ on the border of two layers, such as 7, may be rounded to
# either, and a few pixels change places.) `fmm.march(mask)` returns $T$ and the
# order of filling. It even does without the heap: within a layer of 0.7 pixels
# nobody need be first, so it marches in layers too, to the same $T$.

# %%
fmm.fast_marching_inpaint(photo, mask, RADIUS)
began = time.perf_counter()
shipped = fmm.fast_marching_inpaint(photo, mask, RADIUS)
faster = seconds / (time.perf_counter() - began)
print(f"mean difference {np.abs(shipped - ours)[mask == 0].mean():.1e}")
print(f"about {faster:.0f} times as fast")

# %% [markdown]
# ## Thin damage: nearly as good as new
#
# From here on the pictures have full size. First a grid of lines one pixel
# wide: a quarter of the picture is missing. **Predict, then run:** what does
# a quarter of a picture cost when no hole is wider than a pixel?


# %% image="01_thin"
def grid(width, spacing=8):
    mask = np.ones((LARGE, LARGE), np.uint8)
    for at in range(spacing // 2, LARGE, spacing):
        mask[at : at + width] = mask[:, at : at + width] = 0
    return mask


def zoom(image):
    return image[LARGE // 4 : LARGE * 3 // 4, LARGE // 4 : LARGE * 3 // 4]


large, thin = photos[0], grid(1)
filled = fmm.fast_marching_inpaint(large, thin, RADIUS)
title = f"filled, {psnr(filled, large, thin):.1f} dB"
views = [large * thin[..., None], filled, large]
show(*map(zoom, views), titles=["input", title, "truth"], size=3.4)

# %% [markdown]
# ## Thick damage: it fails
#
# One had to look closely above: here and there a hair or an edge is jagged.
#
# **Predict, then run.** Now half as many pixels, in a single square. What
# will it look like in the middle?

# %% image="01_thick"
thick = np.ones((LARGE, LARGE), np.uint8)
thick[LARGE // 3 : LARGE * 2 // 3, LARGE // 3 : LARGE * 2 // 3] = 0
filled = fmm.fast_marching_inpaint(large, thick, RADIUS)
title = f"filled, {psnr(filled, large, thick):.1f} dB"
views = [large * thick[..., None], filled, large]
show(*map(zoom, views), titles=["input", title, "truth"], size=3.4)

# %% [markdown]
# Colours run inwards from the rim and meet in seams. The method knows nothing
# of what a picture shows; it can only carry on what it sees at the rim, and
# over many pixels that is not much. Let us measure it: lines of growing width,
# the mean over our eight photographs, and as a yardstick the mean colour of the
# known pixels. **Predict, then run:** where will the curve fall fastest?


# %% image="01_width"
def mean_psnr(method, mask):
    scores = [psnr(method(p, mask), p, mask) for p in photos]
    return np.mean(scores)


def march_in(image, mask):
    return fmm.fast_marching_inpaint(image, mask, RADIUS)


def flat(image, mask):
    colour = image[mask == 1].mean(axis=0)
    return np.where(mask[..., None], image, colour)


plt.figure(figsize=(5, 3.2))
for method, name in [(march_in, "fast marching"), (flat, "mean colour")]:
    scores = [mean_psnr(method, grid(w, spacing=32)) for w in WIDTHS]
    plt.plot(WIDTHS, scores, "o-", label=name)
plt.xlabel("width of the lines in pixels")
plt.ylabel("PSNR in the hole, dB")
plt.legend()
plt.show()

# %% [markdown]
# It falls fastest at the thin end: about a decibel for the second pixel, a
# quarter of one for the sixteenth. Even the widest line is well above the mean
# colour: no pixel in it is further than 8 from a rim. In the middle of the
# square above it was more than 40.
#
# ## After-treatment
#
# The filling can be streaky. A median filter removes single streaks; a
# bilateral filter smooths but respects edges. Both run inside the hole only.
# **Predict, then run:** will PSNR rise or fall?

# %%
strokes = grid(6, spacing=32)
for finish in (None, "median", "bilateral"):
    images = [
        fmm.fast_marching_inpaint(p, strokes, RADIUS, finish) for p in photos
    ]
    scores = [psnr(i, p, strokes) for i, p in zip(images, photos, strict=True)]
    print(f"{finish}: {np.mean(scores):.2f} dB")

# %% [markdown]
# Filters cannot bring back what is lost, but they take away errors that are
# our own. The gain is small; use them when streaks disturb the eye.
#
# ## Beside OpenCV
#
# OpenCV has Telea's method as `cv2.inpaint`. There white marks the hole and
# pictures are 8 bit. Here the damage is red and lies at the border. **Predict,
# then run:** do both fill it?

# %%
border = np.ones((LARGE, LARGE), np.uint8)
border[:, -LARGE // 10 :] = border[: LARGE // 20] = 0
bytes_in = (large * 255).round().astype(np.uint8)
bytes_in[border == 0] = (255, 0, 0)
cv_out = cv2.inpaint(bytes_in, 1 - border, RADIUS, cv2.INPAINT_TELEA) / 255
ours_out = march_in(large, border)
left = (cv_out == bytes_in / 255).all(axis=-1) & (border == 0)
print(f"OpenCV left {left.sum()} of {(border == 0).sum()} pixels red")
scores = [psnr(image, large, border) for image in (cv_out, ours_out)]
titles = [f"OpenCV {scores[0]:.1f} dB", f"ours {scores[1]:.1f} dB"]
show(bytes_in, cv_out, ours_out, titles=["input", *titles], size=3.2)

# %% [markdown]
# Some versions of OpenCV leave the outermost pixels of such a hole as they
# were; the count above says what yours does.
#
# ## Spot the bug
#
# This notebook grew out of a student project with the same method, and with
# bugs. Some of the bugs are easy to see, some hide in a number. Each of the
# cells below holds one bug: a function that takes the place of the right one.
# **Predict, then run:** read the code, say what is wrong and what you will see,
# then look. The answers are in `solutions/01_fast_marching.py`.
#
# `spot` runs the march and the filling with the wrong functions and puts the
# right ones back. It shows the filled picture, first right, then with the bug,
# and $T$ in steps of two pixels where that is wrong too. Where the pictures
# look alike, the printed lines tell how much differs.

# %%
patch = cv2.resize(photo, (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_AREA)
round_hole = np.ones(patch.shape[:2], np.uint8)
cv2.circle(round_hole, (SIZE // 4, SIZE // 4), SIZE // 10 + 1, 0, -1)
slot = np.ones_like(round_hole)
slot[SIZE // 4 - 4 : SIZE // 4 + 4] = 0
right_paint, right_inpaint, right_start = paint, inpaint, start_signed


def exchanged(bug, picture, mask):
    """T and the filled picture with the globals in `bug` put in."""
    kept = {name: globals()[name] for name in bug}
    globals().update(bug)
    try:
        T = march(mask, start_signed(mask))
        return np.where(mask, 0, T), inpaint(picture, mask)
    finally:
        globals().update(kept)


def spot(number, picture=patch, mask=round_hole, **bug):
    right_T, right = exchanged({}, picture, mask)
    wrong_T, wrong = exchanged(bug, picture, mask)
    images, titles = [right, wrong], ["right", f"bug {number}"]
    scores = [psnr(image, picture, mask) for image in images]
    titles = [f"{t} {s:.1f} dB" for t, s in zip(titles, scores, strict=True)]
    off = np.abs(wrong_T - right_T).max()
    if off > 0:
        images += [np.ceil(T.clip(0, 14) / 2) for T in (right_T, wrong_T)]
        titles += ["right T", f"bug {number}: T off by {off:.2g}"]
    changed = (wrong != picture).any(axis=-1) & (mask == 1)
    show(*images, titles=titles, size=2)
    differ = np.abs(wrong - right)[mask == 0]
    print(f"bug {number}: T off by up to {off:.2g}")
    print(f"bug {number}: colours in the hole off by up to {differ.max():.2g}")
    print(f"bug {number}: known pixels changed: {changed.sum()}")


# %% [markdown]
# ### In the distance
#
# **Bug 1.** The root is tested, but something is odd about the test. To show it
# best, everything is a hole but one pixel in the middle. What shape have the
# level lines now? Look at $T$: the picture does not differ, for a single known
# pixel gives its colour to all.
#
# **Bug 2.** The hole is a slot from border to border. Think of a pixel whose
# horizontal neighbours were not reached yet, and remember what `FAR` is. Look
# at the whole slot, in the picture and in $T$.
#
# **Bug 3.** Each pixel has two neighbours per axis. Which fires does this one
# not see? Look for the brightest spot of $T$: where should it be?


# %%
def solve_1(a, b):
    inner = 2 - (a - b) ** 2
    if inner >= 0:
        s = (a + b + math.sqrt(inner)) / 2
        if s <= a and s <= b:
            return s
    return 1 + min(a, b)


dot = np.zeros_like(round_hole)
dot[SIZE // 4, SIZE // 4] = 1
spot(1, mask=dot, solve=solve_1)


# %%
def solve_2(a, b):
    if abs(a - b) <= 1:
        return (a + b + math.sqrt(2 - (a - b) ** 2)) / 2
    return 1 + a


spot(2, mask=slot, solve=solve_2)


# %%
def arrival_3(T, y, x):
    up, left = look(T, y - 1, x, FAR), look(T, y, x - 1, FAR)
    return solve(float(left), float(up))


spot(3, arrival=arrival_3)

# %% [markdown]
# ### In the march
#
# **Bug 4.** Each pixel is computed once, which saves time. Whose time is then
# too late? The pictures look alike; look at the printed numbers.
#
# **Bug 5.** What enters the heap, and when? Look how far the fire comes.
#
# **Bug 6.** At what time does the fire start? Look at the middle of $T$; the
# filled pictures look alike.
#
# **Bug 7.** All known pixels start at 0. $T$ in the hole is right. Which weight
# has nothing left to weigh? The pictures look alike; look at the decibels.
#
# **Bug 8.** Someone paints while the fire burns, and solves $T$ of a pixel
# after it was painted; here `paint` sees what it would see then. Which two
# weights suffer? The pictures look nearly alike; look at the decibels.
#
# Four of these five hardly show in the picture, and on this one bugs 7 and 8
# even score better, by luck. Such bugs live for years; only a test of the
# numbers finds them.


# %%
def reach_4(T, heap, y, x):
    if T[y, x] == FAR:
        T[y, x] = arrival(T, y, x)
        heapq.heappush(heap, (T[y, x], y, x))


spot(4, reach=reach_4)


# %%
def reach_5(T, heap, y, x):
    better = arrival(T, y, x)
    if better < T[y, x]:
        if T[y, x] < FAR:
            heapq.heappush(heap, (better, y, x))
        T[y, x] = better


spot(5, reach=reach_5)


# %%
def start_6(mask):
    T = right_start(mask)
    for y, x in rim(mask):
        T[y, x] = 1
    return T


spot(6, start_signed=start_6)


# %%
def start_7(mask):
    return np.where(mask, 0.0, FAR)


spot(7, start_signed=start_7)


# %%
def paint_8(image, slopes, T, known, y, x):
    unsolved = np.where(known, T, FAR)
    return right_paint(image, slopes, unsolved, known, y, x)


spot(8, paint=paint_8)

# %% [markdown]
# ### In the weights, the slopes, the output
#
# **Bug 9.** Two things are missing in the direction, and the length is a
# strange one. What does a negative weight do to a mean, and what if the weights
# sum to nothing? Look to the right of the neck, and at the decibels.
#
# **Bug 10.** The floor is gone, and someone noticed the division by zero and
# "mended" it. The hole is a grid of lines one pixel wide, the easiest there
# is. What is the slope of $T$ in the middle between two equal neighbours? Look
# at the lines, then at their crossings.
#
# **Bug 11.** A shorter `slope`, with the usual central difference. What is the
# colour of a pixel that was not filled yet? And what does it divide by at the
# border of the picture? Look at the rim of the hole.
#
# **Bug 12.** Each painted pixel is stored as a byte at once. The picture is a
# bright one. What becomes of 256? (Look for a spot of a wrong colour.)
#
# **Bug 13.** The after-treatment is a plain median filter over the filled
# picture. What does it do to the known pixels? Look far from the hole, and at
# the last printed line.


# %%
def weight_9(T, normal, y, x, v, u):
    r = (y - v, x - u)
    length = abs(r[0]) + abs(r[1])
    direction = (r[0] * normal[0] + r[1] * normal[1]) / length
    level = 1 / (1 + abs(T[y, x] - T[v, u]))
    return direction / length**2 * level


spot(9, weight=weight_9)


# %%
def paint_10(image, slopes, T, known, y, x):
    normal = normal_of(T, y, x)
    near = disc(known, y, x)
    total = sum(weight(T, normal, y, x, v, u) for v, u in near)
    return right_paint(image, slopes, T, known, y, x) if total > 0 else 0.0


thin_hole = np.ones_like(round_hole)
thin_hole[4::8] = thin_hole[:, 4::8] = 0
spot(10, mask=thin_hole, paint=paint_10, FLOOR=0.0)


# %%
def slope_11(values, known, y, x):
    here = values[y, x]
    dy = look(values, y + 1, x, here) - look(values, y - 1, x, here)
    dx = look(values, y, x + 1, here) - look(values, y, x - 1, here)
    return [dy / 2, dx / 2]


spot(11, slope=slope_11)


# %%
def paint_12(image, slopes, T, known, y, x):
    levels = 255 * right_paint(image, slopes, T, known, y, x)
    return levels.astype(int).astype(np.uint8) / 255


spot(12, picture=np.clip(patch * 2, 0, 1), paint=paint_12)


# %%
def inpaint_13(image, mask):
    return cv2.medianBlur(right_inpaint(image, mask).astype(np.float32), 5)


spot(13, inpaint=inpaint_13)

# %% [markdown]
# ## Summary
#
# * The eikonal equation $|\nabla T| = 1$ orders the pixels of a hole by their
#   distance to the rim. A heap solves it in $n \log n$ steps.
# * Each pixel is the mean of the known pixels around it, carried one pixel
#   along their slopes and weighted by direction, distance and level.
# * A scratch of one or two pixels is repaired almost without trace. The
#   thicker the hole, the worse: what is not at the rim cannot be known.
#
# ## References
#
# * A. Telea, [An image inpainting technique based on the fast marching
#   method](https://doi.org/10.1080/10867651.2004.10487596), Journal of
#   Graphics Tools, 2004.
# * J. Sethian, [A fast marching level set method for monotonically advancing
#   fronts](https://doi.org/10.1073/pnas.93.4.1591), PNAS, 1996.
#
# ## Exercises
#
# 1. How does PSNR depend on `radius`, for lines of 2 and of 12 pixels?
# 2. Let the fire burn at speed $F(y, x)$: $|\nabla T| = 1 / F$. Change `solve`
#    for it, let one half of the disc burn twice as fast, and draw $T$.
# 3. Where two fronts meet, $T$ has a ridge, and the filled picture a seam.
#    Find the ridge from `fmm.march` alone.
#
# Solutions, and the answers to the thirteen bugs, are in
# `solutions/01_fast_marching.py`.
#
# **Next:** [2. Masks](02_masks.ipynb) draws the damage that all later
# notebooks repair.
