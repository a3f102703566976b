"""What kind of place a fill fails at."""

import numpy as np

from kerasinpaint import structure
from kerasinpaint.analysis import boxes_map

# What a hole must have to be of a group; the first group that fits counts.
BORDER = 0.02  # of its pixels at the border of the picture
OBJECT = 0.3  # the mean score of an object in the truth
LINE = 15  # pixels of straight lines in the truth
# Of coarse edges, without gaps: at all scales foliage has lines by chance.
LINES = {"least": 20, "gap": 2}
GROUPS = {
    "border": "train with more holes that touch the border: nothing is known "
    "on one side of them",
    "object": "tell the builder what was found, not only where: a map for "
    "each class, or the amodal mask of the segmentation loop",
    "line": "continue the lines themselves: join what Hough finds on both "
    "sides of a hole, and give it to the builder as an edge",
    "texture": "a larger critic, and as exemplar the part of the picture whose "
    "features are most like the rim of the hole",
}


def group(truth, mask, detector):
    """The kind of place that a hole hides.

    Args:
        truth: float32 array of shape `(height, width, 3)` in [0, 1].
        mask: array of shape `(height, width, 1)`, 1 = known.
        detector: see `detectors`.

    Returns:
        One of `GROUPS`.
    """
    holes = mask[..., 0] == 0
    inner = np.zeros_like(holes)
    inner[1:-1, 1:-1] = True
    if (holes & ~inner).sum() > BORDER * holes.sum():
        return "border"
    objects = boxes_map(detector(truth), holes.shape)[..., 0]
    if objects[holes].mean() > OBJECT:
        return "object"
    straight = structure.lines(structure.edges(truth, sigmas=[2.0]), **LINES)
    if structure.drawn(straight, holes.shape)[holes].sum() > LINE:
        return "line"
    return "texture"


def table(groups, distances, worst):
    """Markdown: how often fills fail at places of each group.

    Args:
        groups: list of strings, the group of each fill.
        distances: float array, the perceptual distance of each.
        worst: bool array, which of them count as failed.

    Returns:
        A string.
    """
    import pandas

    groups = np.array(groups)
    lines = [
        {
            "group": name,
            "fills": int((groups == name).sum()),
            "failed": int((worst & (groups == name)).sum()),
            "mean ST-LPIPS": f"{distances[groups == name].mean():.3f}"
            if (groups == name).any()
            else "",
            "what could help": proposal,
        }
        for name, proposal in GROUPS.items()
    ]
    return pandas.DataFrame(lines).to_markdown(index=False)
