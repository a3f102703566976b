"""Segmenters."""
from kerasinpaint import models, scenes
SIZE = 192
def build_sample():
    return models.build_deeplab(len(scenes.CLASSES))
