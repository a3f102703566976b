"""How fast we are: fast marching beside OpenCV's, masks, layers."""

import os
import platform
import subprocess
import sys
import tempfile
import time
from functools import partial
from importlib import metadata
from pathlib import Path

import cv2
import numpy as np

from kerasinpaint import data, masks, methods, object_masks
from kerasinpaint.benchmark_layers import (
    input_rate,
    kernel_costs,
    layer_overhead,
    need_tensorflow,
)
from kerasinpaint.benchmark_scores import (
    BINS,
    bin_name,
    hole_mask,
    hole_psnr,
    speed_mask,
)
from kerasinpaint.fmm import fast_marching_inpaint

# Calls of each kind at each size: short ones want more of them.
REPEATS = {256: 15, 512: 9, 1024: 5, 2048: 3}
GROWTH = (1024, 4096)
MASK_SECONDS = 0.5
WANTED = {
    "lines": 2000,
    "strokes": 2000,
    "boxes": 2000,
    "scratches": 500,
    "water": 150,
    "object_aware": 150,
}
FIRST_CALL = """
import time
import numpy as np
start = time.perf_counter()
from kerasinpaint.fmm import fast_marching_inpaint
mask = np.ones((64, 64)); mask[20:40, 20:40] = 0
fast_marching_inpaint(np.zeros((64, 64, 3), np.uint8), mask)
print(time.perf_counter() - start)
"""


def speed(output="output/benchmark"):
    """Times fast marching beside OpenCV, and all mask generators.

    All but layers on one thread; what is compared takes turns. Prints tables,
    and writes them to `output`: `speed.csv`, `speed_masks.csv` and
    `speed.md`, which also has what is wanted and mean hole PSNR.

    Args:
        output: path of the folder, created if there is none.

    Raises:
        ValueError: if Keras's backend is not TensorFlow.
    """
    need_tensorflow("Layers are timed on TensorFlow")
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        compared = _compare()
        sections = {
            "Fast marching and OpenCV's Telea, radius 5, uint8": compared,
            "What is wanted of fast marching": _wanted(compared),
            "Training steps, times as long as Conv2D's": layer_overhead(),
            "A kernel that depends on content, times as long as Conv2D's": (
                kernel_costs()
            ),
            "Pictures that the input pipeline feeds": input_rate(),
            "PSNR of the holes (dB), test photographs at 256 px": _psnr(),
            "Masks of 256 x 256 a second": _mask_rates(),
        }
    finally:
        cv2.setNumThreads(threads)
    compared.to_csv(output / "speed.csv", index=False)
    rates = sections["Masks of 256 x 256 a second"]
    rates.to_csv(output / "speed_masks.csv", index=False)
    text = f"# Speed\n\n{_machine()}\n"
    for title, table in sections.items():
        table = table.to_markdown(index=False, floatfmt=_formats(table))
        text += f"\n## {title}\n\n{table}\n"
    (output / "speed.md").write_text(text, encoding="utf-8")
    print(f"{text}\nTables: {output}")


def _machine():
    """What the times were taken on, in one line."""
    versions = [
        f"{name} {metadata.version(name)}"
        for name in ("numpy", "numba", "opencv-python")
    ]
    return (
        f"Fast marching and masks on one thread of {os.cpu_count()} "
        f"({platform.machine()}), layers and training on all of them, "
        f"Python {platform.python_version()}, {', '.join(versions)}."
    )


def _formats(table):
    """Digits that mean something, by column."""
    digits = {
        "seconds": ".4f",
        "OpenCV seconds": ".4f",
        "masks/s": ".0f",
        "Conv2D ms": ".1f",
    }
    return [digits.get(column, ".2f") for column in table.columns]


def _photo(size):
    """A photograph of a wanted size, in 8 bits."""
    photo = data.photos("test")[0]
    side = min(photo.shape[:2])
    photo = cv2.resize(photo[:side, :side], (size, size))
    return np.rint(photo * 255).astype(np.uint8)


def _ours(photo, mask):
    return fast_marching_inpaint(photo, mask, radius=5)


def _opencvs(photo, mask):
    return cv2.inpaint(photo, 1 - mask, 5, cv2.INPAINT_TELEA)


def _seconds(calls, repeats):
    """Median seconds of each call; they take turns."""
    taken = np.empty((repeats, len(calls)))
    for turn in taken:
        for place, call in enumerate(calls):
            start = time.perf_counter()
            call()
            turn[place] = time.perf_counter() - start
    return np.median(taken, axis=0)


def _compare():
    import pandas

    rows = []
    both = (_ours, _opencvs)
    _ours(_photo(64), speed_mask("box", 64))  # compiles
    for size, repeats in REPEATS.items():
        photo = _photo(size)
        for kind in ("thin", "thick", "box"):
            mask = speed_mask(kind, size)
            hidden = photo * mask
            calls = [partial(fill, hidden, mask) for fill in both]
            ours, opencvs = _seconds(calls, repeats)
            our_psnr, opencvs_psnr = (
                hole_psnr(photo / 255, fill(hidden, mask) / 255, mask)
                for fill in both
            )
            rows.append(
                {
                    "size": size,
                    "mask": kind,
                    "hole %": 100 * masks.hole_ratio(mask),
                    "seconds": ours,
                    "OpenCV seconds": opencvs,
                    "times as fast": opencvs / ours,
                    "hole PSNR": our_psnr,
                    "OpenCV hole PSNR": opencvs_psnr,
                }
            )
    return pandas.DataFrame(rows)


def _wanted(compared):
    import pandas

    ratios = compared["times as fast"]
    first, second = _first_calls()
    small, large = GROWTH
    rows = [
        ("times as fast as OpenCV, median", ">= 4", ratios.median()),
        ("times as fast as OpenCV, slowest case", ">= 2.5", ratios.min()),
        *(
            (f"{large} px / {small} px, {kind}", "<= 20", _growth(kind))
            for kind in ("thick", "box")
        ),
        ("import and first call, compiling (s)", "< 8", first),
        ("import and first call, later process (s)", "< 1", second),
    ]
    return pandas.DataFrame(rows, columns=["", "wanted", "measured"])


def _growth(kind):
    """Seconds at the larger size over those at the smaller."""
    calls = [
        partial(_ours, _photo(size), speed_mask(kind, size)) for size in GROWTH
    ]
    small, large = _seconds(calls, 5)
    return large / small


def _first_calls():
    """Seconds in two new processes: nothing compiled yet, and all."""
    root = str(Path(__file__).resolve().parent.parent)
    with tempfile.TemporaryDirectory() as cache:
        environment = {"NUMBA_CACHE_DIR": cache, "PYTHONPATH": root}
        command = [sys.executable, "-c", FIRST_CALL]
        environment = {**os.environ, **environment}
        return [
            float(subprocess.check_output(command, env=environment))
            for _ in range(2)
        ]


def _psnr():
    """Mean hole PSNR of both with the masks of the quality benchmark."""
    import pandas

    pictures = data.photos("test", 256)
    rows = []
    for ratio in BINS:
        row = {"hole": bin_name(ratio)}
        for name in ("fmm", "telea"):
            row[name] = np.mean(
                [
                    hole_psnr(
                        truth, methods.get(name)(truth * mask, mask), mask
                    )
                    for border in (True, False)
                    for index, truth in enumerate(pictures)
                    for mask in [hole_mask(256, ratio, border, index)]
                ]
            )
        rows.append(row)
    table = pandas.DataFrame(rows)
    table.loc[len(table)] = ["mean", table.fmm.mean(), table.telea.mean()]
    table["difference"] = table.fmm - table.telea
    return table


def _mask_rates():
    import pandas

    rng = np.random.default_rng(0)
    labels = object_masks.random_labels(256, 256, rng)
    kinds = {
        **{name: (g, (256, 256)) for name, g in masks.GENERATORS.items()},
        **{name: (g, (labels,)) for name, g in object_masks.GENERATORS.items()},
    }
    rows = []
    for name, (generator, arguments) in kinds.items():
        generator(*arguments, rng)  # the first call imports
        count, start = 0, time.perf_counter()
        while (taken := time.perf_counter() - start) < MASK_SECONDS:
            generator(*arguments, rng)
            count += 1
        wanted = WANTED.get(name, "")
        rows.append({"kind": name, "masks/s": count / taken, "wanted": wanted})
    return pandas.DataFrame(rows)
