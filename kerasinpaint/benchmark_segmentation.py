"""How much of what is hidden the loop finds, on scenes where it is known."""

import time
from itertools import islice
from pathlib import Path

import numpy as np

from kerasinpaint import methods, plots, scenes, segment_loop, segmenters
from kerasinpaint.benchmark_sets import short_name
from kerasinpaint.scene_truth import score, true_fill, true_order
from kerasinpaint.significance import paired_interval

SEED = 0
METHODS = "fmm", "pconv", "lama"
AT_ONCE = 50  # scenes whose pictures are in memory
COVERED = (0.15, 0.3), (0.3, 0.45), (0.45, 0.6)
NO_LOOP, CEILING = "no loop", "loop, truth, order known"
# What is timed, of how many scenes.
SIZES, ITERATIONS, TIMED, MANY = (64, 128, 256, 512), (0, 1, 2, 3), 4, 3000


def segmentation(
    names=METHODS,
    output="output/segmentation",
    segmenter="sample",
    count=500,
    size=128,
    objects="test",
):
    """Runs the loop on scenes of the test split, in every way.

    Prints the tables, and writes to `output`: `scenes.csv` with a row for
    each scene and way, `table.md`, and `strips.jpg` with the scenes in which
    the loop with the last method gained most, and lost most.

    Args:
        names: sequence of what `methods.get` takes.
        output: path of the folder, created if there is none.
        segmenter: what `segmenters.get` takes. One that knows Pascal VOC
            is shown scenes of VOC's classes, from cut-outs of all splits.
        count: int, scenes.
        size: int, side of a scene in pixels.
        objects: "test", or "train" for cut-outs on which `sample` was
            trained, over backgrounds on which it was not.

    Returns:
        A pandas `DataFrame`, what is in `scenes.csv`.

    Raises:
        ValueError: if there is no such method or segmenter, or it does not
            know the classes of scenes.
    """
    import pandas

    chosen = {name: methods.get(name) for name in names}
    name, segmenter = segmenter, segmenters.get(segmenter)
    classes = scene_classes(segmenter)
    if classes is scenes.VOC_CLASSES:
        objects = "all"
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    options = {"split": "test", "objects": objects, "classes": classes}
    rows = _run_all(chosen, segmenter, count, {**options, "size": size})
    rows = pandas.DataFrame(rows)
    rows.to_csv(output / "scenes.csv", index=False, float_format="%.6f")
    about = f"{count} scenes of {size} px ({name}, {objects} objects)"
    text = f"# Segmentation\n\n{_table(rows, about)}\n{_by_covered(rows)}\n"
    method = chosen[names[-1]]
    text += f"{_times(segmenter, names[-1], method, options)}\n"
    (output / "table.md").write_text(text, encoding="utf-8")
    best = f"loop, {short_name(names[-1])}"
    _draw_strips(
        output / "strips.jpg",
        rows,
        best,
        lambda scene: segment_loop.segment_with_inpainting(
            scene.image, segmenter, method
        ),
        {**options, "size": size},
    )
    print(f"\n{text}\nTables and pictures: {output}")
    return rows


def scene_classes(segmenter):
    """The classes that scenes are drawn of for a segmenter.

    Args:
        segmenter: callable with `classes`.

    Returns:
        `scenes.CLASSES` or `scenes.VOC_CLASSES`.

    Raises:
        ValueError: if it knows neither.
    """
    for classes in (scenes.CLASSES, scenes.VOC_CLASSES):
        if set(classes) <= set(segmenter.classes):
            return classes
    raise ValueError(
        "`segmenter` must know the classes of scenes: "
        f"{', '.join(scenes.CLASSES)}, or those of Pascal VOC. Received: one "
        f"that knows {', '.join(segmenter.classes[1:6])}..."
    )


def _ways(chosen, drawn):
    """Arguments of `segment_all`, by the name of what is compared."""
    truth = [true_fill(scene) for scene in drawn]
    order = [true_order(scene) for scene in drawn]
    any_method = list(chosen.values())[-1]
    ways = {NO_LOOP: {"method": any_method, "iterations": 0}}
    for name, method in chosen.items():
        ways[f"S0's loop, {short_name(name)}"] = {
            "method": method,
            "peel": "all",
        }
    for name, method in chosen.items():
        ways[f"loop, {short_name(name)}"] = {"method": method}
    known = f"loop, {short_name(list(chosen)[-1])}, order known"
    ways[known] = {"method": any_method, "in_front": order}
    ways["loop, truth"] = {"method": truth}
    ways[CEILING] = {"method": truth, "in_front": order}
    return ways


def _run_all(chosen, segmenter, count, options):
    """A row for every scene and way."""
    from tqdm import tqdm

    rows, drawn = [], scenes.draw(count, SEED, **options)
    with tqdm(total=count, unit="scene") as progress:
        while part := list(islice(drawn, AT_ONCE)):
            pictures = [scene.image for scene in part]
            for way, arguments in _ways(chosen, part).items():
                start = time.perf_counter()
                found = segment_loop.segment_all(
                    pictures, segmenter, **arguments
                )
                seconds = (time.perf_counter() - start) / len(part)
                rows += [
                    {
                        "scene": progress.n + place,
                        "way": way,
                        "covered": scene.objects[0].covered,
                        "repeated": scene.repeated,
                        **score(scene, one, segmenter.classes),
                        "seconds": seconds,
                    }
                    for place, (scene, one) in enumerate(
                        zip(part, found, strict=True)
                    )
                ]
            progress.update(len(part))
    return rows


def _table(rows, about):
    """Markdown: a row for each way, and a column for each score."""
    import pandas
    from scipy.stats import wilcoxon

    by_way = {way: part for way, part in rows.groupby("way", sort=False)}
    none, most = (by_way[way].amodal.to_numpy() for way in (NO_LOOP, CEILING))
    lines = []
    for way, part in by_way.items():
        gain = part.amodal.to_numpy() - none
        same = not gain.any()
        lines.append(
            {
                "": way,
                "visible mIoU": f"{part.miou.mean():.3f}",
                "amodal IoU of the hidden object": _interval(part.amodal),
                "recall in its hidden part": _interval(part.recall),
                "of the gap": f"{gain.mean() / (most - none).mean():.0%}",
                "p": "" if same else f"{wilcoxon(gain).pvalue:.0e}",
                "found": f"{part.found.mean():.3f}",
                "false": f"{part.false.mean():.2f}",
                "hallucinations": f"{part.hallucinations.mean():.2f}",
                "nobody sees": f"{part.hidden.mean():.2f}",
                "ms": f"{1000 * part.seconds.median():.0f}",
            }
        )
    table = pandas.DataFrame(lines).to_markdown(
        index=False, disable_numparse=True
    )
    return f"## {about}\n\n{table}\n"


def _interval(values):
    low, high = paired_interval(values)
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


def _by_covered(rows):
    """Markdown: amodal IoU by how much is covered, and by repetition."""
    parts = {
        f"covered {low:.0%} to {high:.0%}": rows[
            rows.covered.between(low, high, inclusive="left")
        ]
        for low, high in COVERED
    }
    parts["classes all different"] = rows[~rows.repeated]
    parts["two of one class"] = rows[rows.repeated]
    import pandas

    columns = {
        f"{title} ({part.scene.nunique()})": part.groupby(
            "way", sort=False
        ).amodal.mean()
        for title, part in parts.items()
    }
    table = (
        pandas.DataFrame(columns).rename_axis("").to_markdown(floatfmt=".3f")
    )
    return f"## Amodal IoU by how much is covered\n\n{table}\n"


def _times(segmenter, name, method, options):
    """Markdown: milliseconds a picture by size and iterations."""
    import pandas

    columns = {}
    for size in SIZES:
        drawn = list(scenes.draw(TIMED, SEED, size=size, **options))
        for iterations in ITERATIONS:
            spent = []
            for scene in [drawn[0], *drawn]:  # the first time compiles
                start = time.perf_counter()
                segment_loop.segment_with_inpainting(
                    scene.image, segmenter, method, iterations
                )
                spent.append(1000 * (time.perf_counter() - start))
            columns.setdefault(f"{size} px", []).append(np.median(spent[1:]))
    table = pandas.DataFrame(columns, index=pandas.Index(ITERATIONS))
    table = table.rename_axis("iterations, at most").to_markdown(floatfmt=".0f")
    start = time.perf_counter()
    for _ in scenes.draw(MANY, split="train", size=128):
        pass
    drawn = f"{MANY} scenes of 128 px: {time.perf_counter() - start:.1f} s"
    title = f"## Milliseconds for one picture alone ({short_name(name)})"
    return f"{title}\n\n{table}\n\nDrawn, {drawn}."


def _draw_strips(path, rows, way, run, options):
    """Scenes in which the loop gained most, and lost most."""
    scores = rows.pivot(index="scene", columns="way", values="amodal")
    gains = (scores[way] - scores[NO_LOOP]).sort_values()
    middle = gains.index[len(gains) // 2]
    chosen = [*gains.index[:-4:-1], middle, *gains.index[2::-1]]
    strips = {}
    for place in chosen:
        rng = np.random.default_rng([SEED, place])
        scene = scenes.compose(rng, **options)
        strips[f"{place}: {gains[place]:+.2f}"] = strip(run(scene), scene)
    plots.picture_grid(path, strips)


def strip(found, scene):
    """What the loop did with a scene, as pictures by title."""
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
