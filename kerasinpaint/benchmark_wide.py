"""How well methods fill wide holes, and how sure a lead is."""

from itertools import product
from pathlib import Path

import numpy as np

from kerasinpaint import data, masks, methods, plots, sources
from kerasinpaint.benchmark_quality import CLASSICAL, DIGITS, score_fills
from kerasinpaint.benchmark_scores import SCORES, bin_name
from kerasinpaint.benchmark_sets import short_name
from kerasinpaint.significance import paired_interval

SEED = 0
SHOWN = 5
# Each picture is filled with each kind at each hole ratio.
CELLS = tuple(
    product((masks.wide_strokes, masks.boxes), ((0.2, 0.35), (0.35, 0.5)))
)
# Which of the scores, and whether higher (1) or lower (-1) is better.
DIRECTIONS = {"hole_psnr": 1, "ssim": 1, "l1": -1, "lpips": -1}


def wide(
    names=None,
    output="output/wide",
    source="photos",
    split="test",
    size=256,
):
    """Fills four wide holes in every picture of a split, and scores them.

    Prints the tables, and writes to `output`: `fills.csv` with a row for
    each fill, `table.md` with means, and how far each method is ahead of
    the best classical one, and `pictures.jpg`.

    Args:
        names: list of what `methods.get` takes, or `None` for all methods.
        output: path of the folder, created if there is none.
        source: what `sources.pictures` takes: "photos", a folder, the name
            of a data set.
        split: "train", "validation", "test" or "all".
        size: int, side in pixels to which pictures are cut; see
            `data.squares`.

    Returns:
        A pandas `DataFrame`, what is in `fills.csv`.

    Raises:
        ValueError: if there is no such method, source or split.
    """
    names = names or methods.names()
    chosen = {name: methods.get(name) for name in names}
    pictures = data.squares(sources.pictures(source, split), size)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    fills = _fill_all(chosen, pictures)
    fills.to_csv(output / "fills.csv", index=False, float_format="%.6f")
    about = f"{len(pictures)} pictures ({source}, {split}, {size} px)"
    text = f"# Wide holes\n\n{about}.\n\n## Means\n\n{_means(fills)}\n"
    others = [name for name in names if name not in CLASSICAL]
    if others and len(others) < len(names) and len(pictures) > 1:
        text += "\n## Ahead of the best classical method, with 95 % intervals"
        text += f" (above 0 is better)\n\n{_leads(fills)}\n"
    (output / "table.md").write_text(text, encoding="utf-8")
    _draw_pictures(output / "pictures.jpg", chosen, pictures)
    print(f"\n{text}\nTables and pictures: {output}")
    return fills


def wide_mask(size, cell, index):
    """One of the wide holes of a picture, always the same.

    Args:
        size: int, side of the picture in pixels.
        cell: int, which of `CELLS`: strokes or boxes, and how much of the
            picture they take.
        index: int, place of the picture in the split.

    Returns:
        uint8 array of shape `(size, size, 1)`. 1 is known, 0 is a hole.

    Example:

    >>> 0.35 < masks.hole_ratio(wide_mask(64, 1, index=0)) <= 0.5
    True

    Reference:

    - [Suvorov et al., 2022](https://arxiv.org/abs/2109.07161)
    """
    kind, ratio = CELLS[cell]
    rng = np.random.default_rng([SEED, cell, index])
    return masks.with_hole_ratio(kind, size, size, rng, ratio=ratio)


def leads(fills, score):
    """How far methods are ahead of the best classical one, by picture.

    Args:
        fills: a `DataFrame` as `wide` returns it.
        score: string, one of `DIRECTIONS`.

    Returns:
        A pair: the name of the classical method with the best mean, and a
        `DataFrame` with a row for each picture and a column for each other
        method. Fills of one picture are averaged, and above 0 is better.
    """
    by = ["picture", "method"]
    means = fills.groupby(by, sort=False)[score].mean().unstack(sort=False)
    means *= DIRECTIONS[score]
    classical = [name for name in means if name in CLASSICAL]
    best = means[classical].mean().idxmax()
    return best, means.drop(columns=classical).sub(means[best], axis=0)


def _fill_all(chosen, pictures):
    """A DataFrame: a row for every picture, mask and method."""
    import pandas
    from tqdm import tqdm

    rows = []
    for index in tqdm(range(len(pictures)), unit="picture"):
        for cell, (kind, ratio) in enumerate(CELLS):
            mask = wide_mask(len(pictures[index]), cell, index)
            about = {
                "picture": index,
                "kind": kind.__name__,
                "bin": bin_name(ratio),
                "hole_ratio": masks.hole_ratio(mask),
            }
            rows += score_fills(chosen, pictures[index], mask, about)
    return pandas.DataFrame(rows)


def _means(fills):
    """Markdown: a row for each method and a column for each score."""
    means = fills.groupby("method", sort=False)[list(DIRECTIONS)].mean()
    means = means.rename(index=short_name, columns=SCORES)
    formats = ("", *(DIGITS[score] for score in DIRECTIONS))
    return means.to_markdown(floatfmt=formats)


def _leads(fills):
    """Markdown: a row for each method that is not classical."""
    import pandas

    columns = {}
    for score in DIRECTIONS:
        best, ahead = leads(fills, score)
        digits = f"{{:+{DIGITS[score]}}}"
        cell = f"{digits} ({digits} to {digits})"
        of = SCORES[score].removesuffix(" (lower is better)")
        columns[f"{of}, over {best}"] = {
            short_name(name): cell.format(
                ahead[name].mean(), *paired_interval(ahead[name])
            )
            for name in ahead
        }
    table = pandas.DataFrame(columns).rename_axis("method")
    return table.to_markdown()


def _draw_pictures(path, chosen, pictures):
    """Some of the pictures with one of their holes each, by every method."""
    rows = {}
    places = np.linspace(0, len(pictures) - 1, SHOWN).round().astype(int)
    for row, index in enumerate(dict.fromkeys(places.tolist())):
        cell = row % len(CELLS)
        truth = pictures[index]
        mask = wide_mask(len(truth), cell, index)
        kind, ratio = CELLS[cell]
        rows[f"{index}: {kind.__name__}, {bin_name(ratio)}"] = {
            "damaged": np.where(mask, truth, 1),
            **{
                short_name(name): fill(truth * mask, mask)
                for name, fill in chosen.items()
            },
            "original": truth,
        }
    plots.picture_grid(path, rows)
