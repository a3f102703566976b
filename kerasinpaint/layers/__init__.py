"""Layers for pictures with holes."""

from kerasinpaint.layers.pconv2d import PConv2D

__all__ = ["PConv2D"]
