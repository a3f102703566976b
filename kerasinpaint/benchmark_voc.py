"""Mean IoU on Pascal VOC 2012, before and after the loop."""

import time
from pathlib import Path

import numpy as np

from kerasinpaint import methods, segment_loop, segmenters
from kerasinpaint.benchmark_sets import check_names, short_name
from kerasinpaint.datasets.prepared import open_prepared
from kerasinpaint.segmenters import VOC_CLASSES

VOID = 255


def voc2012(
    names=("lama",),
    output="output/voc2012",
    segmenter="deeplab_v3_plus",
    count=None,
):
    """Segments the validation split of VOC 2012, without and with the loop.

    Counts pixels over all pictures, as VOC does; those that are void, the
    rims of objects, count for nothing. Prints the table, and writes it to
    `output/table.md`.

    Args:
        names: sequence of what `methods.get` takes.
        output: path of the folder, created if there is none.
        segmenter: what `segmenters.get` takes, with VOC's classes.
        count: int, pictures; `None` for all 1,449.

    Returns:
        Dict from the names of ways to the intersection over union of each
        class, 21 floats, NaN for what is nowhere.

    Raises:
        ValueError: if there is no such method, two are called alike, or
            the segmenter has other classes.
        OSError: if the data set could not be fetched.
        ImportError: if TFDS is not installed.
    """
    from tqdm import tqdm

    told, segmenter = segmenter, segmenters.get(segmenter)
    if segmenter.classes != VOC_CLASSES:
        raise ValueError(
            "`segmenter` must have the 21 classes of Pascal VOC. Received: "
            f"{told}, of {len(segmenter.classes)}."
        )
    check_names(names)
    ways = {"no loop": {"iterations": 0, "method": None}}
    for name in names:
        method, short = methods.get(name), short_name(name)
        ways[f"S0's loop, {short}"] = {"method": method, "peel": "all"}
        ways[f"loop, {short}"] = {"method": method}
    total, read = open_prepared("voc2012", "validation")
    total = min(total, count or total)
    pairs = {way: np.zeros((21, 21), np.int64) for way in ways}
    seconds = dict.fromkeys(ways, 0.0)
    for index in tqdm(range(total), unit="picture"):
        record = read(index)
        image = record["image"].astype(np.float32) / 255
        for way, arguments in ways.items():
            start = time.perf_counter()
            found = segment_loop.segment_with_inpainting(
                image, segmenter, **arguments
            )
            seconds[way] += time.perf_counter() - start
            pairs[way] += confusion(record["labels"][..., 0], found.labels)
    scores = {way: class_iou(counts) for way, counts in pairs.items()}
    rows = [
        {
            "": way,
            "mIoU": f"{np.nanmean(scores[way]):.4f}",
            "ms": f"{1000 * seconds[way] / total:.0f}",
        }
        for way in ways
    ]
    _write(Path(output), f"{total} pictures ({Path(told).name})", rows)
    return scores


def _write(output, title, rows):
    import pandas

    table = pandas.DataFrame(rows).to_markdown(index=False)
    text = f"# VOC 2012\n\n## {title}\n\n{table}\n"
    output.mkdir(parents=True, exist_ok=True)
    (output / "table.md").write_text(text, encoding="utf-8")
    print(f"\n{text}\nTable: {output}")


def confusion(truth, labels):
    """Counts pixels of each true class by the class that was found.

    Args:
        truth: int array; 255 counts for nothing.
        labels: int array of the same shape.

    Returns:
        int array of shape `(21, 21)`.

    Example:

    >>> confusion(np.array([1, 1, 255]), np.array([1, 0, 1]))[1, :2].tolist()
    [1, 1]
    """
    counts = truth != VOID
    places = 21 * truth[counts].astype(np.int64) + labels[counts]
    return np.bincount(places, minlength=21 * 21).reshape(21, 21)


def class_iou(pairs):
    """Intersection over union of each class; NaN for what is nowhere."""
    both = np.diag(pairs)
    either = pairs.sum(0) + pairs.sum(1) - both
    return np.where(either > 0, both / np.maximum(either, 1), np.nan)
