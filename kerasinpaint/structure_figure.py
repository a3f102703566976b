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
# Drawn in an arc, with what else goes that way.
ARCS = {
    ("confidence", "with holes"): "again, with what is surest as known",
    ("edges and lines", "confidence"): "edges, objects and scene, too",
}
WIDTH, HEIGHT = 0.2, 1 / 3  # of a cell, as a share of the figure


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
        axis = figure.add_axes((left, bottom, 0.14, 0.26))
        axis.set_title(title, fontsize=10)
        axis.set(xticks=[], yticks=[])
        if title == "scene":
            _draw_scene(axis, context["scene"][0])
        else:
            axis.imshow(np.clip(pictures[title], 0, 1))
    for start, end in ARROWS:
        _arrow(figure, PLACES[start], PLACES[end])
    for (start, end), label in ARCS.items():
        _arrow(figure, PLACES[start], PLACES[end], label)
    return figure


def _draw_scene(axis, likely):
    from kerasinpaint.scene_groups import GROUPS

    best = np.argsort(-likely)[:4]
    axis.barh(range(len(best)), likely[best])
    axis.invert_yaxis()
    for place, group in enumerate(best):
        axis.text(0.02, place, GROUPS[group], va="center", fontsize=8)
    axis.set_xlim(0, 1)


def _arrow(figure, start, end, label=None):
    """An arrow to the right; with a label, in an arc from top to top."""
    from matplotlib.patches import FancyArrowPatch

    (x, y), (to_x, to_y) = (
        (column * WIDTH, row * HEIGHT + 0.15) for column, row in (start, end)
    )
    ends = (x + 0.17, y), (to_x + 0.03, to_y)
    style = "arc3"
    if label:
        ends = (x + 0.1, y + 0.17), (to_x + 0.1, to_y + 0.17)
        bend = 0.35 if to_x < x else -0.2
        style = f"arc3,rad={bend}"
        middle = (x + to_x) / 2 + 0.1, max(y, to_y) + 0.17 + 0.1 * (to_x < x)
        figure.text(*middle, label, ha="center", fontsize=10)
    figure.patches.append(
        FancyArrowPatch(
            *ends,
            transform=figure.transFigure,
            arrowstyle="-|>",
            mutation_scale=14,
            connectionstyle=style,
            color="black",
        )
    )
