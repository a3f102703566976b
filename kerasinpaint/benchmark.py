"""How well methods fill: scores by hole ratio, on the test photographs."""

import time
from pathlib import Path

import numpy as np

from kerasinpaint import data, masks, methods, plots
from kerasinpaint.mask_ratio import all_known

SEED = 0
BINS = ((0.01, 0.1), *((i / 10, (i + 1) / 10) for i in range(1, 6)))
KINDS = (masks.strokes, masks.wide_strokes, masks.lines, masks.boxes)
SCORES = {
    "hole_psnr": "PSNR of the holes (dB)",
    "ssim": "SSIM",
    "psnr": "PSNR (dB)",
    "l1": "L1 (%)",
}
DIGITS = {"hole_psnr": ".2f", "ssim": ".4f", "psnr": ".2f", "l1": ".2f"}


def scores(truth, filled, mask):
    """Scores of a filled picture, of which holes only are compared.

    Known pixels are taken from `truth`, so that a method neither gains nor
    loses by them.

    Args:
        truth: float array of shape `(height, width, 3)` in [0, 1], at least
            11 pixels high and wide.
        filled: array of the same shape, what a method made of it.
        mask: array of shape `(height, width, 1)`. 1 is known, 0 is a hole.

    Returns:
        A dict of floats: `l1`, the mean absolute difference in percent,
        `psnr` in decibels and `ssim`, all three over the whole picture, and
        `hole_psnr`, over holes only. PSNR is at most 100.

    Example:

    >>> truth = np.full((16, 16, 3), 0.5)
    >>> mask = np.ones((16, 16, 1)); mask[:4] = 0
    >>> result = scores(truth, truth + 0.1, mask)
    >>> f"{result['l1']:.2f} % {result['hole_psnr']:.2f} dB"
    '2.50 % 20.00 dB'

    Reference:

    - [Wang et al., 2004](https://doi.org/10.1109/TIP.2003.819861)
    """
    from skimage.metrics import structural_similarity

    # Sums of many small squares want more digits than float32 has.
    truth = truth.astype(np.float64)
    composite = np.where(mask, truth, filled)
    error = composite - truth
    similarity = structural_similarity(
        truth,
        composite,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=1,
        channel_axis=-1,
    )
    return {
        "l1": 100 * float(np.abs(error).mean()),
        "psnr": _decibels(error),
        "ssim": float(similarity),
        "hole_psnr": hole_psnr(truth, filled, mask),
    }


def hole_psnr(truth, filled, mask):
    """PSNR in decibels over hole pixels only; see `scores`."""
    holes = mask[..., 0] == 0
    return _decibels(filled[holes].astype(np.float64) - truth[holes])


def _decibels(error):
    """PSNR of an error; without any pixel there is none to be wrong."""
    mean = np.square(error).sum() / max(error.size, 1)
    return float(-10 * np.log10(max(mean, 1e-10)))


def hole_mask(size, ratio, border, index):
    """The mask with which a picture is tested, always the same.

    Strokes, wide strokes, lines and boxes take turns.

    Args:
        size: int, side of the picture in pixels.
        ratio: pair of floats, one of `BINS`: the hole ratio of the whole
            picture will be above the first and at most the second.
        border: bool, whether holes may touch the border. If not, they keep
            away by 25 pixels in 256, as in the masks of Liu et al.
        index: int, place of the picture in the split.

    Returns:
        uint8 array of shape `(size, size, 1)`. 1 is known, 0 is a hole.

    Example:

    >>> mask = hole_mask(64, (0.2, 0.3), border=False, index=0)
    >>> mask[:6].all() and 0.2 < masks.hole_ratio(mask) <= 0.3
    True

    Reference:

    - [Liu et al., 2018](https://arxiv.org/abs/1804.07723)
    """
    kind = KINDS[index % len(KINDS)]
    margin = 0 if border else size * 25 // 256
    inner = slice(margin, size - margin)

    def framed(height, width, rng, amount):
        mask = all_known(height, width)
        side = size - 2 * margin
        mask[inner, inner] = kind(side, side, rng, amount=amount)
        return mask

    percent = round(100 * ratio[1])
    rng = np.random.default_rng([SEED, percent, border, index])
    return masks.with_hole_ratio(framed, size, size, rng, ratio=ratio)


def quality(names=None, output="output/benchmark", split="test", size=256):
    """Fills every photograph of a split at every hole ratio, and scores it.

    Prints the table, and writes to `output`: `fills.csv` with a row for
    each fill, `quality.csv` and `quality.md` with their means, and the
    figures `curves.jpg` and `pictures.jpg`.

    Args:
        names: list of names of methods, or `None` for all.
        output: path of the folder, created if there is none.
        split: "train", "validation" or "test".
        size: int, side in pixels to which photographs are cut.

    Returns:
        A pandas `DataFrame`, what is in `fills.csv`. Its column `picture`
        counts the pictures of `data.photos(split, size)` from 0.

    Raises:
        ValueError: if there is no such method or split.
    """
    import pandas

    names = names or methods.names()
    chosen = {name: methods.get(name) for name in names}
    pictures = data.photos(split, size)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    fills = pandas.DataFrame(_fill_all(chosen, pictures))
    fills.to_csv(output / "fills.csv", index=False, float_format="%.6f")
    means = fills.groupby(["bin", "border", "method"], sort=False)
    means = means.mean().drop(columns="picture")
    means.to_csv(output / "quality.csv", float_format="%.6f")
    _write_tables(output / "quality.md", fills, f"{split}, {size} px")
    _draw_curves(output / "curves.jpg", fills)
    _draw_pictures(output / "pictures.jpg", chosen, pictures)
    for score in ("hole_psnr", "ssim"):
        print(f"\n{SCORES[score]}\n\n{_table(fills, score)}")
    print(f"\nTables and figures: {output}")
    return fills


def _fill_all(chosen, pictures):
    """A row for every picture, mask and method."""
    from tqdm import tqdm

    cells = [(ratio, border) for ratio in BINS for border in (True, False)]
    size = len(pictures[0])
    rows = []
    for method in chosen.values():  # the first call imports and compiles
        method(pictures[0], hole_mask(size, BINS[0], True, 0))
    with tqdm(total=len(cells) * len(pictures), unit="mask") as progress:
        for ratio, border in cells:
            for index, truth in enumerate(pictures):
                mask = hole_mask(size, ratio, border, index)
                for name, method in chosen.items():
                    start = time.perf_counter()
                    filled = method(truth * mask, mask)
                    seconds = time.perf_counter() - start
                    rows.append(
                        {
                            "method": name,
                            "picture": index,
                            "bin": _percent(ratio),
                            "border": border,
                            "hole_ratio": masks.hole_ratio(mask),
                            **scores(truth, filled, mask),
                            "seconds": seconds,
                        }
                    )
                progress.update()
    return rows


def _percent(ratio):
    return f"{100 * ratio[0]:.0f}-{100 * ratio[1]:.0f} %"


def _table(fills, score):
    """Markdown: a row for each bin and a column for each method."""
    by = ["bin", "method"]
    table = fills.groupby(by, sort=False)[score].mean().unstack(sort=False)
    table.loc["mean"] = table.mean()
    table.index.name = "hole"
    return table.to_markdown(floatfmt=DIGITS[score])


def _write_tables(path, fills, pictures):
    parts = {
        "Holes at the border and away from it": fills,
        "Holes may touch the border": fills[fills.border],
        "Holes keep away from the border": fills[~fills.border],
    }
    count = fills.picture.nunique()
    text = f"# Quality\n\n{count} photographs ({pictures}).\n"
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
    for ratio, share in zip(BINS[1::2], (0.1, 0.4, 0.8), strict=True):
        index = int(share * len(pictures))
        truth = pictures[index]
        mask = hole_mask(len(truth), ratio, True, index)
        rows[f"hole {_percent(ratio)}"] = {
            "damaged": np.where(mask, truth, 1),
            **{name: fill(truth * mask, mask) for name, fill in chosen.items()},
            "original": truth,
        }
    plots.picture_grid(path, rows)
