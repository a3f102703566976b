"""The figures of the README and the notebooks that are about masks."""

import numpy as np

from kerasinpaint import data, masks, object_masks

SIZE = 256
# Both lay the paper bare; water leaves what it carried too.
SCRATCH_COLOR = (0.93, 0.91, 0.86)
WATER_COLOR = (0.84, 0.76, 0.6)


def mask_figure(path, seed=11):
    """Draws every kind of mask, and scratches and water on photographs.

    Args:
        path: where the picture is written; its folder must exist.
        seed: int, for all that is drawn.
    """
    from matplotlib.figure import Figure

    rng = np.random.default_rng(seed)
    rows = [
        _drawn(name, lambda g=generator: g(SIZE, SIZE, rng))
        for name, generator in masks.GENERATORS.items()
    ]
    labels = object_masks.random_labels(SIZE, SIZE, rng)
    aware, boundary = object_masks.GENERATORS.values()
    rows += [
        [("label map", labels / labels.max())]
        + _drawn("object_aware", lambda: aware(labels, rng), examples=2),
        _drawn("boundary", lambda: boundary(labels, rng)),
    ]
    rows += _damaged(rng)
    # Two rows side by side.
    rows = [one + two for one, two in zip(rows[::2], rows[1::2], strict=True)]
    figure = Figure(figsize=(12, 2.15 * len(rows)), layout="constrained")
    for axes, row in zip(figure.subplots(len(rows), 6), rows, strict=True):
        for axis, (title, picture) in zip(axes, row, strict=True):
            axis.imshow(picture, cmap="gray", vmin=0, vmax=1)
            axis.set_title(title, fontsize=9)
            axis.set_xticks([])
            axis.set_yticks([])
    figure.savefig(path, dpi=72, pil_kwargs={"quality": 88})


def _drawn(name, draw, examples=3):
    """Masks as in an editor, white where the hole is, with their titles."""
    drawn = [draw()[..., 0] for _ in range(examples)]
    return [
        (f"{name}, {masks.hole_ratio(mask):.0%} hole", 1 - mask)
        for mask in drawn
    ]


def _damaged(rng):
    photos = data.photos("test", size=SIZE)
    rows = []
    for name, alpha_of, color in (
        ("scratches", masks.scratches_alpha, SCRATCH_COLOR),
        ("water", masks.water_alpha, WATER_COLOR),
    ):
        chosen = rng.choice(len(photos), 3, replace=False)
        rows.append(
            [
                (
                    f"{name}, soft alpha",
                    masks.damage(
                        photos[place], alpha_of(SIZE, SIZE, rng), color
                    ),
                )
                for place in chosen
            ]
        )
    return rows
