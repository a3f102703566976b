import numpy as np

from kerasinpaint import models
from kerasinpaint.structure_figure import (
    ARROWS,
    DETOURS,
    PLACES,
    structure_figure,
)


def test_every_part_is_drawn_and_joined():
    network = models.build_structure_texture(4, 4, 4)
    image = np.random.default_rng(0).random((64, 64, 3), np.float32)
    mask = np.ones((64, 64, 1), np.uint8)
    mask[20:40, 20:40] = 0
    figure = structure_figure(network, image, mask)
    assert {axis.get_title() for axis in figure.axes} == set(PLACES)
    assert len(figure.patches) == len(ARROWS) + len(DETOURS)
    assert {text.get_text() for text in figure.texts} == set(DETOURS)
    assert {end for pair in ARROWS for end in pair} == set(PLACES)
