"""Figures of the README and the notebooks: masks, and networks."""

import re

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


def unet_figure(networks):
    """Draws U-Nets of partial convolutions, as their layers are.

    A blue box is the wider the more channels the features have, and the
    higher the more pixels, both by their logarithm. The dark bar beside it
    is their mask. A yellow box is the picture filled by `PyramidFill`.

    Args:
        networks: dict from titles to what `models.build_pconv_unet` returns
            for a `shape` of fixed height and width.

    Returns:
        A matplotlib figure.
    """
    rows = 1 + max(len(_levels(n, "encoder")) for n in networks.values())
    return _side_by_side(networks, rows, _draw_unet)


def autoencoder_figure(networks):
    """Draws autoencoders, as their layers are.

    A box is the wider the more channels the features have, and the higher
    the more pixels, both by their logarithm: green boxes are convolutions,
    orange ones transposed convolutions, and grey is the bottleneck.

    Args:
        networks: dict from titles to what `models.build_autoencoder`
            returns for a `shape` of fixed height and width.

    Returns:
        A matplotlib figure.
    """
    return _side_by_side(networks, 5, _draw_autoencoder)


def _side_by_side(networks, rows, draw):
    from matplotlib.figure import Figure

    size = (5.9 * len(networks), 0.6 * rows + 0.3)
    figure = Figure(figsize=size, layout="tight")
    axes = figure.subplots(1, len(networks), squeeze=False)[0]
    for axis, (title, network) in zip(axes, networks.items(), strict=True):
        axis.set_title(f"{title}: {network.count_params():,} parameters")
        axis.set(xlim=(0, 10), ylim=(0.5 - rows, 0.5))
        axis.axis("off")
        draw(axis, network)
    return figure


def _levels(network, kind):
    """Partial convolutions of the encoder or the decoder, in their order."""
    named = re.compile(rf"{kind}_\d+$")
    return [layer for layer in network.layers if named.match(layer.name)]


def _draw_unet(axis, network):
    """A row for each size of features, the picture's first."""
    encoder = _levels(network, "encoder")
    decoder = _levels(network, "decoder")[::-1]
    fills = [layer for layer in network.layers if layer.name == "fill"]
    left = np.linspace(2.9, 4.5, len(encoder) + 1)
    right = np.linspace(7.2, 5.7, len(encoder))
    _draw_box(axis, left[0], 0, network.input["images"].shape)
    axis.text(0, 0, "picture", va="center")
    for row, layer in enumerate(encoder, 1):
        _draw_box(axis, left[row], row, layer.output[0].shape)
        _arrow(axis, (left[row - 1], -row + 0.75), (left[row], -row + 0.25))
        axis.text(0, -row, _label(layer), va="center")
    for row, layer in enumerate(decoder):
        below = [*right, left[-1]][row + 1]
        _draw_box(axis, right[row], row, layer.output[0].shape)
        _arrow(axis, (below, -row - 0.75), (right[row], -row - 0.25))
        _arrow(axis, (left[row] + 0.45, -row), (right[row] - 0.4, -row))
        axis.text(10, -row, _label(layer), va="center", ha="right")
    for layer in fills:
        _draw_box(axis, left[0] + 0.3, 0, layer.output.shape, "#f2c879")


def _draw_autoencoder(axis, network):
    """A row for each size of features, the bottleneck's last."""
    found = {layer.name: layer.output.shape for layer in network.layers}
    levels = sum(name.endswith("_pool") for name in found)
    for row in range(levels):
        _draw_encoder(axis, found, row)
        _draw_decoder(axis, found, row, f"decoder_{levels - row}")
    _, height, width, channels = shape = found[f"encoder_{levels}_pool"]
    _draw_box(axis, 5, levels, shape, "#aaaaaa")
    numbers = f"{height} × {width} × {channels}\n{height * width * channels:,}"
    axis.text(4.6, -levels, f"{numbers} numbers", va="center", ha="right")
    _draw_box(axis, 8.1, 0, found["sigmoid"], "#f2c879")


def _draw_encoder(axis, found, row):
    convolution = re.compile(rf"encoder_{row + 1}_\d+$")
    shapes = [found[name] for name in found if convolution.match(name)]
    left = 2.1 + 0.55 * row
    for number, shape in enumerate(shapes):
        place = left + 0.8 * number / len(shapes)
        _draw_box(axis, place, row, shape, "#a8c686")
    _arrow(axis, (left + 0.6, -row - 0.3), (left + 0.75, -row - 0.7))
    _, height, width, channels = shapes[-1]
    text = f"{len(shapes)} × conv, {channels}\n{height} × {width}"
    axis.text(0, -row, text, va="center")


def _draw_decoder(axis, found, row, name):
    left, text = 7.2 - 0.55 * row, f"doubled, {found[name][-1]}"
    _arrow(axis, (left - 0.55, -row - 0.7), (left - 0.2, -row - 0.3))
    if f"{name}_skip" in found:
        wide = found[f"{name}_wide"]
        _draw_box(axis, left - 0.2, row + 1, wide, "#a8c686")
        _arrow(axis, (2.9 + 0.55 * row, -row), (left - 0.5, -row))
        text += f" + {found[f'{name}_skip'][-1] - found[name][-1]}"
    _draw_box(axis, left, row, found[name], "#e0a96d")
    axis.text(8.4, -row, text, va="center")


def _label(layer):
    height, _, channels = layer.output[0].shape[1:]
    kernel = "×".join(str(side) for side in layer.kernel_size)
    return f"{layer.name}, {kernel}\n{height} px, {channels} channels"


def _draw_box(axis, x, row, shape, color="#8fb8de"):
    """Features in their colour and, if they are blue, their mask."""
    from matplotlib.patches import Rectangle

    height = 0.16 + 0.07 * np.log2(shape[1])
    width = 0.08 * np.log2(1 + shape[3])
    corner = np.array([x - width / 2, -row - height / 2])
    axis.add_patch(Rectangle(corner, width, height, fc=color, ec="black"))
    if color == "#8fb8de":
        corner[0] += width
        axis.add_patch(Rectangle(corner, 0.09, height, fc="#555555"))


def _arrow(axis, start, end):
    axis.annotate("", end, start, arrowprops={"arrowstyle": "->"})
