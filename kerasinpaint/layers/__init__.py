"""Layers for pictures with holes."""

from kerasinpaint.layers.equalized import EqualizedConv2D, EqualizedDense
from kerasinpaint.layers.fourier import (
    FastFourierConv2D,
    FourierUnit,
    SpectralTransform,
)
from kerasinpaint.layers.gated_conv2d import GatedConv2D
from kerasinpaint.layers.hole_noise import HoleNoise
from kerasinpaint.layers.modulated_conv2d import ModulatedConv2D
from kerasinpaint.layers.pconv2d import PConv2D
from kerasinpaint.layers.pyramid_fill import PyramidFill
from kerasinpaint.layers.spectral_conv2d import SpectralConv2D
from kerasinpaint.layers.window_attention import WindowAttention

__all__ = [
    "EqualizedConv2D",
    "EqualizedDense",
    "FastFourierConv2D",
    "FourierUnit",
    "GatedConv2D",
    "HoleNoise",
    "ModulatedConv2D",
    "PConv2D",
    "PyramidFill",
    "SpectralConv2D",
    "SpectralTransform",
    "WindowAttention",
]
