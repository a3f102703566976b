"""Figures for people: pictures beside each other, curves, and sweeps.

Figures are objects of their own: neither matplotlib's backend nor its
current figure changes.
"""

from pathlib import Path

import numpy as np

from kerasinpaint import images, object_masks

DPI = 100
CELL = 256  # pixels a picture is wide in a figure
GAP = 8
TITLE = 36
LABEL = 44
MARKERS = "osD^v<>pP*Xhd"
# Of labels, from 0, after which they begin anew: told apart by all eyes.
PALETTE = (
    (0.8, 0.8, 0.8),
    (0.90, 0.62, 0.00),
    (0.80, 0.47, 0.65),
    (0.00, 0.45, 0.70),
    (0.94, 0.89, 0.26),
    (0.84, 0.37, 0.00),
    (0.34, 0.71, 0.91),
    (0.00, 0.62, 0.45),
)


def side_by_side(path, pictures):
    """Draws pictures in one row, each with its title.

    Args:
        path: path of the file, of a format of `images.write_image`. Its
            folder is created if there is none, and a file replaced.
        pictures: dict from titles to float arrays in [0, 1] of shape
            `(height, width, 3)`, or masks of shape `(height, width, 1)`.
    """
    picture_grid(path, {"": pictures})


def picture_grid(path, rows):
    """Draws rows of pictures, with titles above and labels to the left.

    Args:
        path: as in `side_by_side`.
        rows: dict from the labels of rows to dicts as in `side_by_side`.
            The titles are those of the first row.
    """
    from matplotlib.figure import Figure

    first = next(iter(rows.values()))
    shapes = [p.shape for row in rows.values() for p in row.values()]
    height = round(CELL * max(shape[0] / shape[1] for shape in shapes))
    left = GAP + LABEL * any(rows)
    size = np.array(
        [
            left + len(first) * (CELL + GAP),
            TITLE + len(rows) * (height + GAP),
        ]
    )
    figure = Figure(figsize=size / DPI, dpi=DPI)
    for down, (label, row) in enumerate(rows.items()):
        # Whole pixels, so that a picture as wide as its cell stays crisp.
        bottom = size[1] - TITLE - down * (height + GAP) - height
        for along, (title, picture) in enumerate(row.items()):
            corner = left + along * (CELL + GAP), bottom
            axis = figure.add_axes((*(corner / size), *((CELL, height) / size)))
            _show(axis, picture)
            if down == 0:
                axis.set_title(title, fontsize=14)
            if along == 0 and label:
                axis.set_ylabel(label, fontsize=14)
    _save(figure, path)


def overlay(image, labels):
    """Lays the colours of labels over a picture, with their outlines.

    Args:
        image: float array of shape `(height, width, 3)` in [0, 1].
        labels: int or bool array of shape `(height, width)`. 0 is not
            coloured, and each label has the same colour everywhere.

    Returns:
        An array like `image`.

    Example:

    >>> overlay(np.zeros((1, 3, 3)), np.array([[0, 1, 1]]))[0, :, 1].round(2)
    array([0.  , 0.56, 0.31])
    """
    labels = np.asarray(labels).astype(np.int64)
    colors = np.array(PALETTE, image.dtype)[labels % len(PALETTE)]
    rim = object_masks.edges(labels)
    rim |= object_masks.edges(labels[::-1, ::-1])[::-1, ::-1]
    strong = np.where(rim, 0.9, 0.5)
    share = np.where(labels > 0, strong, 0)[..., None].astype(image.dtype)
    return (1 - share) * image + share * colors


def curves(path, panels, xlabel):
    """Draws panels of curves beside each other, with one legend.

    Args:
        path: as in `side_by_side`.
        panels: dict from what is measured to a dict from names to pairs
            `(x, y)` of equally long sequences. All panels have the same
            names.
        xlabel: string, what `x` is, with its unit.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5 * len(panels), 4), dpi=DPI, layout="tight")
    for axis, (ylabel, lines) in zip(
        figure.subplots(1, len(panels), squeeze=False)[0],
        panels.items(),
        strict=True,
    ):
        # Curves may lie on each other: marks of their own tell them apart.
        for place, (name, (x, y)) in enumerate(lines.items()):
            marker = MARKERS[place % len(MARKERS)]
            axis.plot(x, y, marker=marker, label=name)
        axis.set_xlabel(xlabel, fontsize=12)
        axis.set_ylabel(ylabel, fontsize=12)
        axis.grid(alpha=0.3)
    axis.legend()
    _save(figure, path)


def sweep(path, trials):
    """Draws the scores of a sweep, that of S1's choice in a circle.

    Networks that Hyperband stopped before the last epoch are pale.

    Args:
        path: as in `side_by_side`.
        trials: pandas `DataFrame`, as `tuning.tune` returns.
    """
    from matplotlib.figure import Figure

    large = "learning_rate" in trials
    x, hue = ("learning_rate", "loss") if large else ("dropout", "optimizer")
    colors = {name: f"C{i}" for i, name in enumerate(sorted(set(trials[hue])))}
    optimizers = sorted(set(trials["optimizer"]))
    markers = dict(zip(optimizers, MARKERS, strict=False))
    longest = trials["epochs"] == trials["epochs"].max()
    figure = Figure(figsize=(8, 5), dpi=DPI, layout="tight")
    axis = figure.subplots()
    for row, whole in zip(trials.to_dict("records"), longest, strict=True):
        axis.scatter(
            row[x],
            row["val_hole_psnr"],
            s=80,
            color=colors[row[hue]],
            marker=markers[row["optimizer"]],
            alpha=1 if whole else 0.3,
            zorder=3,
        )
    s1 = trials[trials["s1"] & longest]
    ring = {"ms": 17, "mfc": "none", "mec": "black", "label": "S1's choice"}
    axis.plot(s1[x], s1["val_hole_psnr"], "o", **ring)
    for name, color in colors.items():
        mark = {"lw": 8} if large else {"marker": markers[name], "lw": 0}
        axis.plot([], [], color=color, label=name, **mark)
    if large:
        for name, marker in markers.items():
            axis.plot([], [], marker, color="grey", label=name)
        axis.plot([], [], "o", color="grey", alpha=0.3, label="stopped early")
        axis.set_xscale("log")
        rates = [m * 10.0**e for e in range(-6, 1) for m in (1, 3)]
        near = trials[x].min() / 2, 2 * trials[x].max()
        ticks = [rate for rate in rates if near[0] < rate < near[1]]
        axis.set_xticks(ticks, [f"{rate:g}" for rate in ticks])
        axis.minorticks_off()
    else:
        axis.set_xticks(sorted(set(trials[x])))
    axis.set_xlabel(x.replace("_", " "), fontsize=12)
    axis.set_ylabel("PSNR of the holes, validation (dB)", fontsize=12)
    axis.grid(alpha=0.3)
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5), labelspacing=1)
    _save(figure, path)


def _show(axis, picture):
    small = picture.shape[1] < CELL
    axis.imshow(
        np.clip(picture, 0, 1),
        cmap="gray",
        vmin=0,
        vmax=1,
        interpolation="nearest" if small else "antialiased",
    )
    axis.set_xticks([])
    axis.set_yticks([])
    axis.spines[:].set_visible(False)


def _save(figure, path):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())[..., :3]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    images.write_image(path, drawn)
