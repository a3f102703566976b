"""Tables and pictures of what the loop finds in scenes."""

from itertools import pairwise

import numpy as np

from kerasinpaint import plots
from kerasinpaint.significance import paired_interval

COVERED = 0.15, 0.3, 0.45, 0.6
NO_LOOP, CEILING = "no loop", "loop, truth"


def scores(rows, about):
    """The table of all scores.

    Args:
        rows: `DataFrame`, as `benchmark.segmentation` returns it.
        about: string, its title.

    Returns:
        Markdown: a row for each way, and a column for each score. Of the
        amodal IoU the gap is what filling with the truth gains.
    """
    import pandas
    from scipy.stats import wilcoxon

    by_way = {way: part for way, part in rows.groupby("way", sort=False)}
    none, most = (by_way[way].amodal.to_numpy() for way in (NO_LOOP, CEILING))
    gap = (most - none).mean()
    hidden = by_way[NO_LOOP].hidden.count()
    lines = []
    for way, part in by_way.items():
        gain = part.amodal.to_numpy() - none
        same = not gain.any()
        lines.append(
            {
                "": way,
                "visible mIoU": _interval(part.miou),
                "amodal IoU of the hidden object": _interval(part.amodal),
                "recall in its hidden part": _interval(part.recall),
                "of the gap": f"{gain.mean() / gap:.0%}" if gap else "",
                "p": "" if same else f"{wilcoxon(gain).pvalue:.0e}",
                "found": _interval(part.found),
                "false": _interval(part.false),
                "hallucinations": _interval(part.hallucinations),
                f"fully hidden ({hidden})": _mean(part.hidden.dropna()),
                "ms": f"{1000 * part.seconds.median():.0f}",
            }
        )
    table = pandas.DataFrame(lines).to_markdown(
        index=False, disable_numparse=True
    )
    return f"## {about}\n\n{table}"


def by_covered(rows):
    """The table of amodal IoU by how much is covered, and by repetition.

    Args:
        rows: as `scores` takes it.

    Returns:
        Markdown: a row for each way.
    """
    import pandas

    bins = pandas.cut(rows.covered, COVERED, include_lowest=True)
    parts = {
        f"covered {low:.0%} to {high:.0%}": rows[bins.cat.codes == place]
        for place, (low, high) in enumerate(pairwise(COVERED))
    }
    parts["classes all different"] = rows[~rows.repeated]
    parts["two of one class"] = rows[rows.repeated]
    columns = {
        f"{title} ({part.scene.nunique()})": part.groupby(
            "way", sort=False
        ).amodal.mean()
        for title, part in parts.items()
    }
    table = pandas.DataFrame(columns, index=rows.way.unique())
    table = table.map(lambda mean: "" if np.isnan(mean) else f"{mean:.3f}")
    table = table.rename_axis("").to_markdown(disable_numparse=True)
    return f"## Amodal IoU by how much is covered\n\n{table}"


def _mean(values):
    return f"{values.mean():.2f}" if len(values) else ""


def _interval(values):
    low, high = paired_interval(values)
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


def draw_strips(path, rows, way, run, scene_at):
    """Draws scenes in which the loop gained most, and lost most.

    Args:
        path: path of the picture to write.
        rows: as `scores` takes it.
        way: string, the loop that is meant.
        run: callable from a `scenes.Scene` to a `found.Found`, by that loop.
        scene_at: callable from the number of a scene to the scene.
    """
    scores = rows.pivot(index="scene", columns="way", values="amodal")
    gains = (scores[way] - scores[NO_LOOP]).sort_values()
    middle = gains.index[len(gains) // 2]
    chosen = [*gains.index[:-4:-1], middle, *gains.index[2::-1]]
    strips = {}
    for place in chosen:
        scene = scene_at(place)
        strips[f"{place}: {gains[place]:+.2f}"] = strip(run(scene), scene)
    plots.picture_grid(path, strips)


def strip(found, scene):
    """What the loop did with a scene.

    Args:
        found: a `found.Found`.
        scene: a `scenes.Scene`.

    Returns:
        Dict from titles to pictures.
    """
    first, last = found.steps[0], found.steps[-1]
    back = scene.objects[0]
    amodal = np.zeros(back.amodal.shape, int)
    for one in found.objects:
        if one.name == back.name and (one.amodal & back.amodal).any():
            amodal[one.amodal] = one.label
    return {
        "picture": scene.image,
        "segmented": plots.overlay(scene.image, first.labels),
        "filled": last.image,
        "segmented again": plots.overlay(last.image, last.labels),
        "found of the object": plots.overlay(scene.image, amodal),
        "its truth": plots.overlay(scene.image, back.amodal * back.label),
        "truth behind": scene.behind,
    }
