"""Solutions of notebook 3, partial convolution. Run it in notebooks."""

import math

import numpy as np
from keras import layers, ops

from kerasinpaint import data, masks, metrics
from kerasinpaint.layers import PConv2D

# ## 1. Masks of all channels

# The kernel of ones counts over all channels, and so must n.


class PartialConv2D(layers.Conv2D):
    def build(self, images_shape, masks_shape=None):
        super().build(images_shape)

    def call(self, images, masks):
        ones = ops.ones((*self.kernel_size, masks.shape[-1], 1))
        known = self.convolution_op(masks, ones)
        valid = ops.cast(known > 0.5, "float32")
        ratio = math.prod(ones.shape) / ops.maximum(known, 1)
        features = self.convolution_op(images * masks, self.kernel) * ratio
        return (features + self.bias) * valid, valid


rng = np.random.default_rng(0)
pictures = rng.random((2, 16, 16, 3), dtype="float32")
for channels in (1, 3):
    known = (rng.random((2, 16, 16, channels)) < 0.3).astype("float32")
    ours, shipped = PartialConv2D(4, 3), PConv2D(4, 3)
    wanted, _ = shipped(pictures, known)
    ours.build(pictures.shape)
    ours.set_weights(shipped.get_weights())
    away = ops.max(ops.abs(ours(pictures, known)[0] - wanted))
    print(f"masks of {channels}: off by up to {float(away):.1e}")
print(
    "n and k change, and both by the same factor if all channels share their"
    " holes: that is why one channel is enough."
)

# ## 2. Dilation instead of stride

known = np.ones((1, 256, 256, 1), "float32")
known[:, 64:192, 64:192] = 0
number = 0
while float(ops.min(known)) == 0:
    options = {"dilation_rate": 2**number, "padding": "same"}
    known = PConv2D(1, 3, **options)(known, known)[1]
    number += 1
print(
    f"\nclosed after {number} layers, with dilations up to {2 ** (number - 1)}"
)
strided = sum(1 / 4**level for level in range(1, 7))
print(
    "A dilation of d eats d pixels at each side: 2 + 4 + ... + 64 is 126, just"
    " too little, so a seventh is needed. All of them work at full size:"
    f" {number} places of features for each pixel, where six halvings have"
    f" {strided:.2f}, so {number / strided:.0f} times as many."
)

# ## 3. A smoother kernel

# n / k counts pixels, whatever they weigh. That is right for a box only: a
# lone corner weighs 1 of 64, is multiplied by 16, and comes out at a quarter
# of its brightness. So divide by the *weights* that are known: normalised
# convolution.


def average(pictures, known, line, weigh):
    kernel = (np.outer(line, line) / np.sum(line) ** 2).astype("float32")
    each = np.repeat(kernel[..., None, None], 3, axis=2)
    sums = ops.depthwise_conv(pictures * known, each, 2, padding="same")
    counted = kernel if weigh else np.full_like(kernel, 1 / kernel.size)
    counted = counted[..., None, None]
    share = ops.conv(known, counted, strides=2, padding="same")
    valid = ops.cast(share > 0, "float32")
    return sums * valid / ops.where(share > 0, share, 1.0), valid


def push_pull(pictures, known, *how):
    if float(ops.min(known)) == 1:
        return pictures
    height, width = pictures.shape[1:3]
    below = push_pull(*average(pictures, known, *how), *how)
    above = ops.repeat(ops.repeat(below, 2, axis=1), 2, axis=2)
    return ops.where(known > 0, pictures, above[:, :height, :width])


print()
photos = data.photos("validation", size=256)[:6]
for name, *how in [
    ("box", [1, 1, 1, 1], False),
    ("1 3 3 1, counted", [1, 3, 3, 1], False),
    ("1 3 3 1, weighed", [1, 3, 3, 1], True),
]:
    scores = []
    for seed, photo in enumerate(photos):
        rng = np.random.default_rng(seed)
        kind, ratio = masks.GENERATORS["wide_strokes"], (0.2, 0.3)
        drawn = masks.with_hole_ratio(kind, 256, 256, rng, ratio=ratio)
        pair = photo[None], drawn[None].astype("float32")
        filled = push_pull(*pair, *how)
        scores.append(float(metrics.hole_psnr(pair[0], filled, pair[1])[0]))
    print(f"{name}: {np.mean(scores):.2f} dB")
print(
    "Counted, it loses decibels: the mean is no longer a mean. Weighed, it"
    " is right again, and gains nothing over the box."
)
