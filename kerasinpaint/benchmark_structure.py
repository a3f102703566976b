"""What passes, doubts and exemplars are worth to a trained system."""

import time
from itertools import product
from pathlib import Path

import numpy as np

from kerasinpaint import (
    calibration,
    data,
    detectors,
    failures,
    masks,
    networks,
    plots,
)
from kerasinpaint.benchmark_scores import perceptual_distances, scores
from kerasinpaint.significance import chances, paired_interval
from kerasinpaint.structure_texture import compiled, copied_share, fill

NETWORK = "structure_texture"
SIZE = 128  # of the pictures, in pixels
EASY, RANDOM = "3 passes, easy first", "3 passes, in random order"
OTHER = "another picture as exemplar"
DOUBT = 0.16  # of an absolute error; of .06 to .16 the best in validation
WAYS = {
    "one pass": {},
    EASY: {"passes": 3},
    RANDOM: {"passes": 3, "order": "random"},
    "3 passes, hard first": {"passes": 3, "order": "hard"},
    "one pass, what it doubts again": {"doubt": DOUBT},
    OTHER: {},
}
# Each picture is filled with each kind at each hole ratio.
CELLS = (
    *product(
        (masks.wide_strokes, masks.boxes),
        ((0.1, 0.2), (0.2, 0.3), (0.3, 0.4)),
    ),
    (masks.strokes, (0.2, 0.3)),
)
SHOWN = CELLS[5]
FAILED = 0.25  # of all fills, those of the largest perceptual distance
# Scores that are compared, how they are written, and what they are called.
COMPARED = {
    "hole_psnr": ("{:+.3f} dB", "hole PSNR, less one pass's"),
    "lpips": ("{:+.4f}", "ST-LPIPS, less one pass's (lower is better)"),
}


def structure(weights=NETWORK, output="output/structure"):
    """Fills the test pictures in several ways, and tells what each gains.

    Prints the tables, and writes to `output`: `fills.csv` with a row for
    each fill, `table.md`, `risk_coverage.jpg`, `pictures.jpg`:
    structure, texture and confidence, and `failures.jpg`.

    Args:
        weights: path of a `.npz` file, or the name of shipped weights.
        output: path of the folder, created if there is none.

    Returns:
        A pandas `DataFrame`, what is in `fills.csv`.

    Raises:
        ValueError: if the weights are of another network.
    """
    import pandas
    from tqdm import tqdm

    name, network = networks.load(weights)
    if name != NETWORK:
        raise ValueError(
            f"`weights` must be of {NETWORK}. Received: {weights}, which are "
            f"of {name}."
        )
    network = compiled(network)
    pictures = data.photos("test", SIZE)
    _fill(network, pictures, 0, *SHOWN)  # compiles
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    rows, curves, shown = [], [], []
    for index, cell in tqdm(list(product(range(len(pictures)), CELLS))):
        found, curve, pictured = _fill(network, pictures, index, *cell)
        rows += found
        curves.append(curve)
        shown.append(pictured)
    fills = pandas.DataFrame(rows)
    fills.to_csv(output / "fills.csv", index=False, float_format="%.6f")
    first = fills[fills.way == next(iter(WAYS))]
    failed = (first.lpips >= first.lpips.quantile(1 - FAILED)).to_numpy()
    parts = {
        "Ways to fill": _ways(fills),
        "What it expects to be wrong": _doubts(first),
        "Where it fails": failures.table(first.group, first.lpips, failed),
        "Detectors": _detectors(pictures),
    }
    text = f"# Structure and texture, {len(first)} fills\n" + "".join(
        f"\n## {title}\n\n{part}\n" for title, part in parts.items()
    )
    (output / "table.md").write_text(text, encoding="utf-8")
    _draw_risk(output / "risk_coverage.jpg", curves)
    some = range(CELLS.index(SHOWN), len(shown), 6 * len(CELLS))
    chosen = {f"photograph {n // len(CELLS)}": shown[n] for n in some}
    plots.picture_grid(output / "pictures.jpg", chosen)
    _draw_failures(output / "failures.jpg", first[failed], shown)
    print(text)
    return fills


def _fill(network, pictures, index, kind, ratio):
    """Rows for every way, the curves of risk, and a row of pictures."""
    truth = pictures[index]
    rng = np.random.default_rng([index, CELLS.index((kind, ratio))])
    mask = masks.with_hole_ratio(kind, SIZE, SIZE, rng, ratio=ratio)
    other = pictures[(index + len(pictures) // 2) % len(pictures)]
    rows, filled = [], []
    for way, options in WAYS.items():
        exemplar = other if way == OTHER else None
        start = time.perf_counter()
        found = fill(network, truth * mask, mask, exemplar, **options)
        seconds = time.perf_counter() - start
        filled.append(found)
        row = {"picture": index, "mask": f"{kind.__name__} {ratio}"}
        row |= {"way": way, **scores(truth, found["picture"], mask)}
        model = truth * mask if exemplar is None else exemplar
        row["copied"] = copied_share(found["picture"], mask, model)
        rows.append(row | {"seconds": seconds})
    pictured = [found["picture"] for found in filled]
    distances = perceptual_distances(truth, pictured, mask)
    for row, distance in zip(rows, distances, strict=True):
        row["lpips"] = distance
    return rows, *_judge(truth, mask, filled[0], rows[0])


def _judge(truth, mask, found, row):
    """How good one pass's expectations are; its curves and its pictures."""
    errors = np.abs(found["picture"] - truth).mean(-1, keepdims=True)
    expected = found["error"]
    distance = calibration.rim_distance(mask)
    row["group"] = failures.group(truth, mask, detectors.get("sample"))
    rank = calibration.rank_correlation
    row["spearman"] = rank(expected, errors, mask)
    row["rim_spearman"] = rank(distance, errors, mask)
    row["expected"] = float(expected[mask == 0].mean())
    row["error"] = float(errors[mask == 0].mean())
    row["doubted"] = float((expected > DOUBT)[mask == 0].mean())
    curves = [
        calibration.risk_coverage(by, errors, mask)
        for by in (expected, distance, errors)
    ]
    confidence = calibration.confidence(expected)
    pictures = {
        "with holes": np.where(mask, truth, 1),
        "structure": found["structure"],
        "texture": found["picture"],
        "confidence": np.repeat(confidence, 3, -1),
        "truth": truth,
    }
    return curves, pictures


def _ways(fills):
    """Markdown: what each way gains over one pass, mean over a picture's."""
    import pandas

    by_way = {way: part for way, part in fills.groupby("way", sort=False)}
    first, *others = by_way
    lines = [_line(part) for part in by_way.values()]
    pairs = [(way, first) for way in others]
    if EASY in by_way:
        lines.append({"": "easy first, less random order's"})
        pairs.append((EASY, RANDOM))
    for score, (form, title) in COMPARED.items():
        means = fills.groupby(["way", "picture"])[score].mean()
        gains = [means[way] - means[before] for way, before in pairs]
        for line, gain, chance in zip(
            lines[1:], gains, chances(gains), strict=True
        ):
            low, high = paired_interval(gain)
            line[title] = (
                f"{form.format(gain.mean())} ({low:+.4f} to {high:+.4f}), "
                f"p = {chance:.1g}"
            )
    table = pandas.DataFrame(lines).fillna("")
    return table.to_markdown(index=False, disable_numparse=True)


def _line(part):
    return {
        "": part.way.iloc[0],
        "hole PSNR": f"{part.hole_psnr.mean():.2f}",
        "SSIM": f"{part.ssim.mean():.4f}",
        "ST-LPIPS": f"{part.lpips.mean():.4f}",
        "copied": f"{part.copied.mean():.2%}",
        "ms": f"{1000 * part.seconds.median():.0f}",
    }


def _doubts(first):
    """Markdown: how expected errors and true ones go together."""
    import pandas

    ranks = {
        "network": first.spearman,
        "rim": first.rim_spearman,
        "network, less the rim's": first.spearman - first.rim_spearman,
    }
    lines = []
    for name, rank in ranks.items():
        low, high = paired_interval(rank.groupby(first.picture).mean())
        told = f"{rank.mean():.3f} ({low:.3f} to {high:.3f})"
        lines.append({"error expected by": name, "Spearman": told})
    return (
        f"Mean absolute error of holes {first.error.mean():.4f}, expected "
        f"{first.expected.mean():.4f}; above {DOUBT:g}, of "
        f"{first.doubted.mean():.0%} of their pixels.\n\n"
        + pandas.DataFrame(lines).to_markdown(index=False)
    )


def _detectors(pictures):
    """Markdown: how many pictures a second each looks at, one by one."""
    import pandas

    lines = []
    for name in detectors.names():
        try:
            detector = detectors.get(name)
        except ImportError as error:
            why = str(error).split(". ")[0]
            lines.append({"detector": name, "frames/s": f"not here: {why}"})
            continue
        except OSError:  # it could not be downloaded
            detector = detectors.untrained()
            name += ", untrained"
        detector(pictures[0])
        seconds = []
        for picture in pictures:
            start = time.perf_counter()
            detector(picture)
            seconds.append(time.perf_counter() - start)
        rate = f"{1 / np.median(seconds):.1f}"
        lines.append({"detector": name, "frames/s": rate})
    return pandas.DataFrame(lines).to_markdown(index=False)


def _draw_risk(path, curves):
    means = 255 * np.mean(curves, axis=0)
    coverage = 100 * calibration.COVERAGES
    names = "network", "distance to the rim", "truth (the best there is)"
    lines = {
        name: (coverage, line) for name, line in zip(names, means, strict=True)
    }
    panels = {"mean error (grey levels)": lines}
    plots.curves(path, panels, "share of the hole, surest first (%)")


def _draw_failures(path, failed, shown):
    """The two worst of the fills that failed, of each group."""
    rows = {}
    for name in failures.GROUPS:
        worst = failed[failed.group == name].nlargest(2, "lpips")
        for number, place in enumerate(worst.index // len(WAYS), 1):
            rows[f"{name} {number}"] = shown[place]
    plots.picture_grid(path, rows)
