"""How good a filled picture is: a function per picture, and a Keras class.

Functions take batches, `(batch, height, width, channels)` in [0, 1], and
return one number a picture, `(batch,)`. Classes are their mean over all
pictures seen, whatever the batch size, for `compile(metrics=[...])`.
Everything is computed in float32 under any policy.
"""

from kerasinpaint.metrics.overlap import (
    CosineSimilarity,
    Dice,
    Jaccard,
    cosine_similarity,
    dice,
    jaccard,
)
from kerasinpaint.metrics.perceptual import LPIPS, STLPIPS, lpips, stlpips
from kerasinpaint.metrics.picture_metric import PictureMetric
from kerasinpaint.metrics.pixel_error import (
    L1,
    PSNR,
    HoleL1,
    HolePSNR,
    hole_l1,
    hole_psnr,
    l1,
    psnr,
)
from kerasinpaint.metrics.structure import (
    SSIM,
    HoleSSIM,
    hole_ssim,
    ssim,
)

__all__ = [
    "L1",
    "LPIPS",
    "PSNR",
    "SSIM",
    "STLPIPS",
    "CosineSimilarity",
    "Dice",
    "HoleL1",
    "HolePSNR",
    "HoleSSIM",
    "Jaccard",
    "PictureMetric",
    "cosine_similarity",
    "dice",
    "hole_l1",
    "hole_psnr",
    "hole_ssim",
    "jaccard",
    "l1",
    "lpips",
    "psnr",
    "ssim",
    "stlpips",
]
