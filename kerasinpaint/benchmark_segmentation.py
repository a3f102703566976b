"""How much of what is hidden the loop finds, on scenes where it is known."""

import time
from itertools import islice
from pathlib import Path

import numpy as np

from kerasinpaint import (
    methods,
    scenes,
    segment_loop,
    segmentation_tables,
    segmenters,
)
from kerasinpaint.benchmark_sets import check_names, short_name
from kerasinpaint.scene_truth import score, true_fill, true_order
from kerasinpaint.segmentation_tables import CEILING, NO_LOOP

SEED = 0
METHODS = "fmm", "pconv", "lama"
AT_ONCE = 50  # scenes whose pictures are in memory
# What is timed, of how many scenes.
SIZES, ITERATIONS, TIMED, MANY = (64, 128, 256, 512), (0, 1, 2, 3), 10, 3000


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
        ValueError: if `count` is less than 2, there is no such method or
            segmenter, it does not know the classes of scenes, two methods
            are called alike, or there is none.
    """
    import pandas

    if count < 2:
        raise ValueError(f"`count` must be at least 2. Received: {count}.")
    check_names(names)
    chosen = {name: methods.get(name) for name in names}
    name, segmenter = segmenter, segmenters.get(segmenter)
    classes = scene_classes(segmenter)
    if classes is scenes.VOC_CLASSES:
        if objects != "test":
            raise ValueError(
                "`objects` must be 'test' for a segmenter of Pascal VOC, which "
                f"was trained on none of them. Received: {objects!r}."
            )
        objects = "all"
    options = {"split": "test", "objects": objects, "classes": classes}
    rows = _run_all(chosen, segmenter, count, {**options, "size": size})
    rows = pandas.DataFrame(rows)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    rows.to_csv(output / "scenes.csv", index=False, float_format="%.6f")
    told = f"{Path(name).name}, {objects} objects"
    about = f"{count} scenes of {size} px ({told})"
    best, method = list(chosen.items())[-1]
    parts = [
        "# Segmentation",
        segmentation_tables.scores(rows, about),
        segmentation_tables.by_covered(rows),
        _times(segmenter, best, method, options),
    ]
    text = "\n\n".join(parts) + "\n"
    (output / "table.md").write_text(text, encoding="utf-8")
    segmentation_tables.draw_strips(
        output / "strips.jpg",
        rows,
        f"loop, {short_name(best)}",
        lambda scene: segment_loop.segment_with_inpainting(
            scene.image, segmenter, method
        ),
        lambda place: scenes.compose(
            np.random.default_rng([SEED, place]), size=size, **options
        ),
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
    """Arguments of `segment_all`, by the name of what is compared.

    The last method is the one that is taken to be the best.
    """
    truth = [true_fill(scene) for scene in drawn]
    order = [true_order(scene) for scene in drawn]
    best = list(chosen)[-1]
    ways = {NO_LOOP: {"method": chosen[best], "iterations": 0}}
    for name, method in chosen.items():
        ways[f"S0's loop, {short_name(name)}"] = {
            "method": method,
            "peel": "all",
        }
    for name, method in chosen.items():
        ways[f"loop, {short_name(name)}"] = {"method": method}
    known = f"loop, {short_name(best)}, order known"
    ways[known] = {"method": chosen[best], "in_front": order}
    ways[CEILING] = {"method": truth}
    ways[f"{CEILING}, order known"] = {"method": truth, "in_front": order}
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
