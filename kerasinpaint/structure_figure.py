"""The figure of structure and texture: the system, drawn with its pictures."""

import numpy as np

from kerasinpaint import calibration, structure
from kerasinpaint.analysis import context_of
from kerasinpaint.structure_texture import fill

# Left and bottom of each picture, and what it goes into.
PLACES = {
    "with holes": (0, 1),
    "edges and lines": (1, 2),
    "objects": (1, 1),
    "scene": (1, 0),
    "structure": (2, 1),
    "exemplar": (2, 0),
    "texture": (3, 1),
    "confidence": (4, 1),
}
ARROWS = (
    ("with holes", "edges and lines"),
    ("with holes", "objects"),
    ("with holes", "scene"),
    ("edges and lines", "structure"),
    ("objects", "structure"),
    ("scene", "structure"),
    ("structure", "texture"),
    ("exemplar", "texture"),
    ("texture", "confidence"),
)
# Those that pass others by: from and to which point of the figure, along which
# path, and how high it is said why.
DETOURS = {
    "edges, objects and scene, too": (
        (0.37, 0.78),
        (0.89, 0.61),
        "arc3,rad=-0.1",
        0.66,
    ),
    "again, with what is surest as known": (
        (0.91, 0.61),
        (0.1, 0.61),
        "bar,fraction=0.22",
        0.94,
    ),
}
WIDTH, HEIGHT = 0.2, 0.31  # of a cell, as a share of the figure


def structure_figure(network, image, mask):
    """Draws how a picture goes through the system.

    Args:
        network: `keras.Model`, as `models.build_structure_texture` returns.
        image: as in `structure_texture.fill`.
        mask: as in `structure_texture.fill`.

    Returns:
        A matplotlib figure.
    """
    from matplotlib.figure import Figure

    found = fill(network, image, mask)
    holed = np.where(mask, image, 1)
    confidence = calibration.confidence(found["error"])
    context = context_of(image[None], mask[None])
    pictures = {
        "with holes": holed,
        "edges and lines": structure.overlay(image, mask),
        "objects": np.repeat(context["objects"][0], 3, -1),
        "structure": found["structure"],
        "exemplar": holed,
        "texture": found["picture"],
        "confidence": np.repeat(confidence, 3, -1),
    }
    figure = Figure(figsize=(12, 6))
    for title, (column, row) in PLACES.items():
        left, bottom = column * WIDTH + 0.03, row * HEIGHT + 0.02
        axis = figure.add_axes((left, bottom, 0.14, 0.24))
        axis.set_title(title, fontsize=10)
        axis.set(xticks=[], yticks=[])
        if title == "scene":
            _draw_scene(axis, context["scene"][0])
        else:
            axis.imshow(np.clip(pictures[title], 0, 1))
    for start, end in ARROWS:
        (x, y), (to_x, to_y) = (
            (column * WIDTH, row * HEIGHT + 0.14)
            for column, row in (PLACES[start], PLACES[end])
        )
        _arrow(figure, (x + 0.17, y), (to_x + 0.03, to_y))
    for label, (start, end, path, height) in DETOURS.items():
        _arrow(figure, start, end, path)
        middle = (start[0] + end[0]) / 2
        figure.text(middle, height, label, ha="center", fontsize=10)
    return figure


def _draw_scene(axis, likely):
    from kerasinpaint.scene_groups import GROUPS

    best = np.argsort(-likely)[:4]
    axis.barh(range(len(best)), likely[best])
    axis.invert_yaxis()
    for place, group in enumerate(best):
        axis.text(0.02, place, GROUPS[group], va="center", fontsize=8)
    axis.set_xlim(0, 1)


def _arrow(figure, start, end, path="arc3"):
    from matplotlib.patches import FancyArrowPatch

    figure.patches.append(
        FancyArrowPatch(
            start,
            end,
            transform=figure.transFigure,
            arrowstyle="-|>",
            mutation_scale=14,
            connectionstyle=path,
            color="black",
        )
    )
