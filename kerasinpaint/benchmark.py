"""Benchmarks: `quality` by hole ratio, `speed` beside OpenCV, and `scores`."""

from kerasinpaint.benchmark_quality import quality
from kerasinpaint.benchmark_scores import hole_mask, hole_psnr, scores
from kerasinpaint.benchmark_speed import speed

__all__ = ["hole_mask", "hole_psnr", "quality", "scores", "speed"]
