"""Benchmarks: `quality`, `wide` holes, `segmentation`, `speed`, data sets."""

from kerasinpaint.benchmark_quality import quality
from kerasinpaint.benchmark_scores import hole_mask, hole_psnr, scores
from kerasinpaint.benchmark_segmentation import segmentation
from kerasinpaint.benchmark_sets import cifar10, tiny_imagenet
from kerasinpaint.benchmark_speed import speed
from kerasinpaint.benchmark_voc import voc2012
from kerasinpaint.benchmark_wide import wide

__all__ = [
    "cifar10",
    "hole_mask",
    "hole_psnr",
    "quality",
    "scores",
    "segmentation",
    "speed",
    "tiny_imagenet",
    "voc2012",
    "wide",
]
