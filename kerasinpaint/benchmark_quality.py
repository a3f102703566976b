"""How well methods fill: scores by hole ratio, on the test photographs."""

import time
from pathlib import Path

import numpy as np

from kerasinpaint import data, masks, methods, plots, sources
from kerasinpaint.benchmark_scores import (
    BINS,
    SCORES,
    bin_name,
    hole_mask,
    perceptual_distances,
    scores,
)

# What is to be beaten: without learning, and older than this project.
CLASSICAL = ("fmm", "telea", "navier_stokes", "biharmonic")
DIGITS = {
    "hole_psnr": ".2f",
    "ssim": ".4f",
    "psnr": ".2f",
    "l1": ".2f",
    "lpips": ".4f",
}


def quality(
    names=None,
    output="output/benchmark",
    source="photos",
    split="test",
    size=256,
):
    """Fills every picture of a split at every hole ratio, and scores it.

    Prints the table, and writes to `output`: `fills.csv` with a row for
    each fill, `quality.csv` and `quality.md` with their means, and the
    figures `curves.jpg` and `pictures.jpg`.

    Args:
        names: list of what `methods.get` takes, or `None` for all methods.
        output: path of the folder, created if there is none.
        source: what `sources.pictures` takes: "photos", a folder, the name
            of a data set.
        split: "train", "validation", "test" or "all".
        size: int, side in pixels to which pictures are cut; see
            `data.squares`.

    Returns:
        A pandas `DataFrame`, what is in `fills.csv`. Its column `picture`
        counts the squares that were cut from 0.

    Raises:
        ValueError: if there is no such method, source or split, or `size` is
            below 32.
    """
    import pandas

    from kerasinpaint.metrics.perceptual import SMALLEST

    if size < SMALLEST:
        raise ValueError(
            f"`size` must be {SMALLEST} pixels or more. Received: {size}."
        )
    names = names or methods.names()
    chosen = {name: methods.get(name) for name in names}
    pictures = data.squares(sources.pictures(source, split), size)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    fills = pandas.DataFrame(_fill_all(chosen, pictures))
    fills.to_csv(output / "fills.csv", index=False, float_format="%.6f")
    means = fills.groupby(["bin", "border", "method"], sort=False)
    means = means.mean().drop(columns="picture")
    means.to_csv(output / "quality.csv", float_format="%.6f")
    _write_tables(output / "quality.md", fills, f"{source}, {split}, {size} px")
    _draw_curves(output / "curves.jpg", fills)
    _draw_pictures(output / "pictures.jpg", chosen, pictures)
    for score in ("hole_psnr", "ssim", "lpips"):
        print(f"\n{SCORES[score]}\n\n{_table(fills, score)}")
    print(f"\nTables and figures: {output}")
    return fills


def _fill_all(chosen, pictures):
    """A row for every picture, mask and method."""
    from tqdm import tqdm

    cells = [(ratio, border) for ratio in BINS for border in (True, False)]
    size = len(pictures[0])
    rows = []
    mask = hole_mask(size, BINS[0], True, 0)
    for method in chosen.values():  # the first call imports and compiles
        method(pictures[0] * mask, mask)
    with tqdm(total=len(cells) * len(pictures), unit="mask") as progress:
        for ratio, border in cells:
            for index, truth in enumerate(pictures):
                mask = hole_mask(size, ratio, border, index)
                cell = {
                    "picture": index,
                    "bin": bin_name(ratio),
                    "border": border,
                    "hole_ratio": masks.hole_ratio(mask),
                }
                rows += score_fills(chosen, truth, mask, cell)
                progress.update()
    return rows


def score_fills(chosen, truth, mask, cell):
    """A row for every method, with what is in `cell`."""
    fills, rows = [], []
    for name, method in chosen.items():
        start = time.perf_counter()
        fills.append(method(truth * mask, mask))
        seconds = time.perf_counter() - start
        found = scores(truth, fills[-1], mask)
        rows.append({"method": name, **cell, **found, "seconds": seconds})
    distances = perceptual_distances(truth, fills, mask)
    for row, distance in zip(rows, distances, strict=True):
        row["lpips"] = distance
    return rows


def _table(fills, score):
    """Markdown: a row for each bin and a column for each method."""
    by = ["bin", "method"]
    table = fills.groupby(by, sort=False)[score].mean().unstack(sort=False)
    table.loc["mean"] = table.mean()
    table.index.name = "hole"
    return table.to_markdown(floatfmt=DIGITS[score])


def _both(fills):
    """One table for a hasty reader: two scores, border and none apart."""
    rows = fills.assign(
        holes=fills.border.map({True: "may touch", False: "keep away"})
    )
    means = rows.groupby(["bin", "holes", "method"], sort=False).mean()
    cells = means.hole_psnr.map("{:.2f}".format) + " / "
    cells += means.ssim.map("{:.3f}".format)
    table = cells.unstack("method")[list(fills.method.unique())]
    table.index.names = ["hole", "the border"]
    return table.reset_index().to_markdown(index=False)


def _leads(fills):
    """One table: how far others are ahead of the best classical method."""
    cells = []
    for score, digits in (("hole_psnr", 2), ("ssim", 3)):
        by = ["bin", "method"]
        means = fills.groupby(by, sort=False)[score].mean().unstack(sort=False)
        classical = [name for name in CLASSICAL if name in means]
        leads = means.drop(columns=classical).sub(
            means[classical].max(axis=1), axis=0
        )
        cells.append(leads.map(f"{{:+.{digits}f}}".format))
    table = cells[0] + " / " + cells[1]
    table.index.name = "hole"
    return table.to_markdown()


def _write_tables(path, fills, pictures):
    parts = {
        "Holes at the border and away from it": fills,
        "Holes may touch the border": fills[fills.border],
        "Holes keep away from the border": fills[~fills.border],
    }
    count = fills.picture.nunique()
    text = f"# Quality\n\n{count} pictures ({pictures}).\n"
    text += f"\n## PSNR of the holes (dB) / SSIM\n\n{_both(fills)}\n"
    if 0 < len(set(fills.method) - set(CLASSICAL)) < fills.method.nunique():
        text += "\n## Ahead of the best classical method, mean of both rows"
        text += f" (dB / SSIM)\n\n{_leads(fills)}\n"
    text += f"\n## {SCORES['lpips']}\n\n{_table(fills, 'lpips')}\n"
    for title, part in parts.items():
        text += f"\n## {title}\n"
        for score, name in SCORES.items():
            text += f"\n{name}\n\n{_table(part, score)}\n"
    path.write_text(text, encoding="utf-8")


def _draw_curves(path, fills):
    by = ["method", "bin"]
    means = fills.drop(columns="border").groupby(by, sort=False).mean()
    panels = {
        SCORES[score]: {
            name: (
                100 * means.loc[name].hole_ratio,
                means.loc[name][score],
            )
            for name in fills.method.unique()
        }
        for score in ("hole_psnr", "ssim")
    }
    plots.curves(path, panels, "hole (% of the picture)")


def _draw_pictures(path, chosen, pictures):
    """Three pictures at three hole ratios, by every method."""
    rows = {}
    for ratio, share in zip(BINS[1::2], (0.2, 0.4, 0.84), strict=True):
        index = int(share * len(pictures))
        truth = pictures[index]
        mask = hole_mask(len(truth), ratio, True, index)
        rows[f"hole {bin_name(ratio)}"] = {
            "damaged": np.where(mask, truth, 1),
            **{name: fill(truth * mask, mask) for name, fill in chosen.items()},
            "original": truth,
        }
    plots.picture_grid(path, rows)
