"""The figure of the loop: its flow, drawn with the pictures of a real one."""

import numpy as np

from kerasinpaint import plots


def loop_figure(found):
    """Draws how a picture goes through the loop once.

    Args:
        found: a `found.Found` of a loop that peeled something.

    Returns:
        A matplotlib figure.

    Raises:
        ValueError: if nothing was peeled.
    """
    from matplotlib.figure import Figure

    if len(found.steps) < 2:
        raise ValueError(
            "`found` must be of a loop that cut something out. Received: one "
            "of a single picture."
        )
    before, after = found.steps[:2]
    cut = np.where(after.hole[..., None], 1, before.image)
    pictures = {
        "the picture": before.image,
        "1. segment": plots.overlay(before.image, before.labels),
        "2. peel what stands in front": cut,
        "3. fill": after.image,
        "4. segment again": plots.overlay(after.image, after.labels),
        "5. what continues an object\nis of it": _whole(before.image, found),
    }
    figure = Figure(figsize=(13, 3.1))
    width, gap = 0.145, 0.023
    for place, (title, picture) in enumerate(pictures.items()):
        left = 0.006 + place * (width + gap)
        axis = figure.add_axes((left, 0.27, width, 0.58))
        axis.imshow(np.clip(picture, 0, 1))
        axis.set(xticks=[], yticks=[])
        axis.set_title(title, fontsize=10)
        if place:
            _arrow(figure, (left - gap, 0.56), (left, 0.56))
    start, end = (0.006 + n * (width + gap) + width / 2 for n in (4, 2))
    _arrow(figure, (start, 0.24), (end, 0.24), bend=-0.25)
    figure.text(
        (start + end) / 2,
        0.03,
        "again, until nothing stands in front or nothing new comes to light",
        ha="center",
        fontsize=10,
    )
    return figure


def _whole(image, found):
    """The picture, and the whole of those objects that are behind all."""
    peeled = {first for first, _ in found.order}
    whole = np.zeros(image.shape[:2], int)
    for place, one in enumerate(found.objects):
        if place not in peeled:
            whole[one.amodal] = one.label
    return plots.overlay(image, whole)


def _arrow(figure, start, end, bend=0.0):
    from matplotlib.patches import FancyArrowPatch

    figure.patches.append(
        FancyArrowPatch(
            start,
            end,
            transform=figure.transFigure,
            arrowstyle="-|>",
            mutation_scale=14,
            connectionstyle=f"arc3,rad={bend}",
            color="black",
        )
    )
