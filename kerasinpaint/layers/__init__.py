"""Layers for pictures with holes."""

from kerasinpaint.layers.gated_conv2d import GatedConv2D
from kerasinpaint.layers.hole_noise import HoleNoise
from kerasinpaint.layers.pconv2d import PConv2D
from kerasinpaint.layers.pyramid_fill import PyramidFill
from kerasinpaint.layers.spectral_conv2d import SpectralConv2D

__all__ = [
    "GatedConv2D",
    "HoleNoise",
    "PConv2D",
    "PyramidFill",
    "SpectralConv2D",
]
