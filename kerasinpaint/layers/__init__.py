"""Layers for pictures with holes."""

from kerasinpaint.layers.adain import AdaIN
from kerasinpaint.layers.attention_conv2d import AttentionConv2D
from kerasinpaint.layers.channel_attention import ChannelAttention
from kerasinpaint.layers.deformable_attention import DeformableCrossAttention
from kerasinpaint.layers.equalized import EqualizedConv2D, EqualizedDense
from kerasinpaint.layers.fake_quantized import FakeQuantized
from kerasinpaint.layers.fourier import (
    FastFourierConv2D,
    FourierUnit,
    SpectralTransform,
)
from kerasinpaint.layers.gated_conv2d import GatedConv2D
from kerasinpaint.layers.hierarchical_softmax import HierarchicalSoftmax
from kerasinpaint.layers.hole_noise import HoleNoise
from kerasinpaint.layers.involution2d import Involution2D
from kerasinpaint.layers.modulated_conv2d import ModulatedConv2D
from kerasinpaint.layers.pconv2d import PConv2D
from kerasinpaint.layers.positional_encoding import PositionalEncoding
from kerasinpaint.layers.pyramid_fill import PyramidFill
from kerasinpaint.layers.remat import Remat
from kerasinpaint.layers.soft_edges import SoftEdges
from kerasinpaint.layers.spatial_modulation import SpatialModulation
from kerasinpaint.layers.spatial_pyramid_pooling import SpatialPyramidPooling
from kerasinpaint.layers.spectral_conv2d import SpectralConv2D
from kerasinpaint.layers.window_attention import WindowAttention

__all__ = [
    "AdaIN",
    "AttentionConv2D",
    "ChannelAttention",
    "DeformableCrossAttention",
    "EqualizedConv2D",
    "EqualizedDense",
    "FakeQuantized",
    "FastFourierConv2D",
    "FourierUnit",
    "GatedConv2D",
    "HierarchicalSoftmax",
    "HoleNoise",
    "Involution2D",
    "ModulatedConv2D",
    "PConv2D",
    "PositionalEncoding",
    "PyramidFill",
    "Remat",
    "SoftEdges",
    "SpatialModulation",
    "SpatialPyramidPooling",
    "SpectralConv2D",
    "SpectralTransform",
    "WindowAttention",
]
