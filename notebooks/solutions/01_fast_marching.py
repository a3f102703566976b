"""Solutions of notebook 1, fast marching. Run it in the folder notebooks."""

import math

import numpy as np

from kerasinpaint import data, fmm

# ## The thirteen bugs

BUGS = [
    "The signs are turned round: the larger root is never below both"
    " neighbours, so the last line is always taken. T becomes the city-block"
    " distance, and its level lines diamonds. Right: s >= a and s >= b.",
    "1 + a instead of 1 + min(a, b). Where only the vertical neighbour has"
    " burned, a is FAR, and the pixel is never reached.",
    "One quadrant out of four: fire from the right and from below is not"
    " seen. Right: the smallest of all four.",
    "The first time a pixel gets is not always its smallest: a neighbour that"
    " burns a little later may bring a better one. It must be pushed again,"
    " and the old entry skipped when it comes out (lazy deletion).",
    "A pixel must enter the heap when it turns from inside to band. Here it"
    " enters only if it was in the band before, so the fire dies after one"
    " ring.",
    "The band starts at T = 0, here at 1: every T in the hole is 1 too late,"
    " and between the rim and the known pixel behind it T jumps by 2, which"
    " the level weight takes for distance.",
    "The level weight: all known pixels seem to lie on the same line. They"
    " carry minus their distance to the rim.",
    "Without its own T a pixel knows neither the direction of the fire nor"
    " its level line: both weights are worthless. Solve T first, then paint.",
    "The absolute value and the floor are missing, and the length is |x| + |y|"
    " instead of the Euclidean one. Negative weights take colours away, and"
    " a sum near zero makes the mean explode; a sum of zero gives NaN.",
    "Between two equal neighbours the slope of T is 0, so every direction is"
    " 0, and so is every weight. Left black. The floor keeps the sum above 0;"
    " if it could be 0, the nearest known colour is right, never black.",
    "Black from the hole is read as if it were a colour: slopes at the rim"
    " are huge. At the picture's border it halves the slope. Only known pixels"
    " may be read, on one side if need be.",
    "Values above 255 or below 0 wrap around: 256 becomes 0. Work in floating"
    " point, round and clip at the end.",
    "It changes known pixels too. The filter may run inside the hole only.",
]
for number, answer in enumerate(BUGS, start=1):
    print(f"Bug {number}. {answer}")

# ## 1. The radius

photos = data.photos("test", size=256)[:8]


def psnr(image, truth, mask):
    error = (image - truth)[mask == 0]
    return -10 * math.log10(max(float(np.mean(error**2)), 1e-10))


def lines(width, spacing=32):
    mask = np.ones((256, 256), np.uint8)
    for at in range(spacing // 2, 256, spacing):
        mask[at : at + width] = 0
    return mask


print("\n1. PSNR by radius")
for width in (2, 12):
    mask = lines(width)
    for radius in (1, 2, 3, 5, 8, 12):
        scores = [
            psnr(fmm.fast_marching_inpaint(p, mask, radius), p, mask)
            for p in photos
        ]
        print(f"{width} px wide, radius {radius}: {np.mean(scores):.1f} dB")

# ## 2. Fire of another speed
#
# (s - a)^2 + (s - b)^2 = 1 / F^2: the 2 under the root becomes 2 / F^2, and a
# step along one axis takes 1 / F.


def solve(a, b, speed):
    inner = 2 / speed**2 - (a - b) ** 2
    if inner >= 0:
        s = (a + b + math.sqrt(inner)) / 2
        if s >= a and s >= b:
            return s
    return 1 / speed + min(a, b)


def burn(mask, speed, sweeps=40):
    """Sweeps over all pixels until nothing changes; slow, but short."""
    T = np.pad(np.where(mask, 0.0, 1e6), 1, constant_values=1e6)
    for _ in range(sweeps):
        for y, x in np.argwhere(mask == 0) + 1:
            a, b = min(T[y, x - 1], T[y, x + 1]), min(T[y - 1, x], T[y + 1, x])
            T[y, x] = min(T[y, x], solve(a, b, speed[y - 1, x - 1]))
    return T[1:-1, 1:-1]


y, x = np.mgrid[:25, :25]
disc = (np.hypot(y - 12, x - 12) > 10).astype(np.uint8)
T = burn(disc, np.where(x < 12, 2.0, 1.0))
row, column = np.unravel_index(T.argmax(), T.shape)
print(f"\n2. The last pixel burns at {T.max():.1f}, in column {column} of 25:")
print("the slow half. With speed 1 it was the middle, column 12.")

# ## 3. Ridges
#
# On a ridge T falls to both sides, so that the central difference is too
# small: |grad T| lies well below 1 there and nowhere else in the hole.

T, _ = fmm.march(disc)
slope = np.hypot(*np.gradient(T))
ridge = (slope < 0.7) & (disc == 0) & (T > 1)
print("\n3. The ridge of a disc is its centre, that of a bar its middle line.")
print("disc:", np.argwhere(ridge).tolist())

bar = np.ones((11, 25), np.uint8)
bar[3:8, 3:22] = 0
T, _ = fmm.march(bar)
ridge = (np.hypot(*np.gradient(T)) < 0.7) & (bar == 0) & (T > 1)
print("bar, rows:", np.unique(np.argwhere(ridge)[:, 0]).tolist())
