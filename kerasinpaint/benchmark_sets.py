"""How well methods fill the small pictures of whole data sets."""

from pathlib import Path

import numpy as np

from kerasinpaint import data, masks, methods, sources
from kerasinpaint.benchmark_scores import (
    BINS,
    SCORES,
    bin_name,
    hole_mask,
    scores,
)

SEED = 0
# About what was cut out of CIFAR-10 in the project that began with it.
THIN_LINES = {"count": (1, 9), "thickness": (1, 3)}


def cifar10(
    source="cifar10",
    names=("telea", "fmm", "pconv_cifar10"),
    output="output/cifar10",
):
    """Fills all test pictures of CIFAR-10, thin lines cut out of them.

    Beside the methods stand the damaged pictures, with black holes, and
    plain white: a score by which that is good is none. Prints the table,
    and writes `fills.csv` with a row for each fill, and `table.md`.

    Args:
        source: what `sources.pictures` takes.
        names: sequence of what `methods.get` takes.
        output: path of the folder, created if there is none.

    Returns:
        A pandas `DataFrame`, what is in `fills.csv`.
    """
    chosen = {name: methods.get(name) for name in names}
    chosen["damaged"] = lambda image, mask: image * mask
    chosen["plain white"] = lambda image, mask: np.ones_like(image)
    chosen["truth"] = None

    def cell(index):
        rng = np.random.default_rng([SEED, index])
        return {}, masks.lines(32, 32, rng, **THIN_LINES)

    fills = _fill_all(chosen, sources.pictures(source, "test"), cell)
    return _write(output, fills, ["method"])


def tiny_imagenet(
    source="tiny_imagenet",
    names=("telea", "fmm"),
    output="output/tiny_imagenet",
):
    """Fills the validation set of Tiny ImageNet, a mask for each picture.

    Bins of hole ratio, and whether holes may touch the border, take turns.
    Prints the table by bin, and writes what `cifar10` writes.

    Args:
        source: what `sources.pictures` takes.
        names: sequence of what `methods.get` takes.
        output: path of the folder, created if there is none.

    Returns:
        A pandas `DataFrame`, what is in `fills.csv`.
    """
    chosen = {name: methods.get(name) for name in names}

    def cell(index):
        ratio = BINS[index % len(BINS)]
        border = index // len(BINS) % 2 == 0
        # The kind of mask turns with the last number, the slowest here.
        kind = index // (2 * len(BINS))
        return {"bin": bin_name(ratio)}, hole_mask(64, ratio, border, kind)

    fills = _fill_all(chosen, sources.pictures(source, "validation"), cell)
    return _write(output, fills, ["bin", "method"])


def _fill_all(chosen, pictures, cell):
    """A DataFrame: a row for every picture and method."""
    import pandas
    from tqdm import tqdm

    from kerasinpaint import metrics

    rows = []
    for index in tqdm(range(len(pictures)), unit="picture"):
        about, mask = cell(index)
        (truth,) = data.squares([pictures[index]], len(mask))
        for name, method in chosen.items():
            filled = method(truth * mask, mask) if method else truth
            # White is white where pixels are known, too.
            known = mask if name != "plain white" else np.zeros_like(mask)
            found = scores(truth, filled, known)
            whole = np.where(known, truth, filled)
            pair = truth[None], whole[None]
            found["jaccard"] = float(metrics.jaccard(*pair)[0])
            rows.append({"method": name, "picture": index, **about, **found})
    return pandas.DataFrame(rows)


def short_name(name):
    """Of weights, the folder that `train` has written them to, or a name."""
    path = Path(name)
    trained = path.name == "weights.npz"
    return f"{path.parent.name}, trained" if trained else path.stem


def check_names(names):
    """Raises a `ValueError` if methods have no names, or the same."""
    if not names or len({short_name(name) for name in names}) < len(names):
        raise ValueError(
            "`names` must differ in the names of files and folders. "
            f"Received: {', '.join(names) or 'none'}."
        )


def _write(output, fills, by):
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    fills.to_csv(output / "fills.csv", index=False, float_format="%.5f")
    means = fills.groupby(by, sort=False).mean(numeric_only=True)
    table = means.drop(columns="picture").reset_index()
    table.method = table.method.map(short_name)
    table = table.rename(columns=SCORES | {"jaccard": "soft Jaccard"})
    text = table.to_markdown(index=False, floatfmt=".3f")
    text = f"## {fills.picture.nunique():,} pictures\n\n{text}\n"
    (output / "table.md").write_text(f"\n{text}", encoding="utf-8")
    print(f"\n{text}\nWritten to {output}")
    return fills
