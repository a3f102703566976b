"""Filling by structure and texture, in passes, from easy to hard."""

import keras
import numpy as np

from kerasinpaint.analysis import context_of, edge_maps
from kerasinpaint.methods import check, check_picture, pyramid_fills
from kerasinpaint.tiles import reflected

ORDERS = "easy", "hard", "random"
MULTIPLE = 16  # of heights and widths that the networks take
FURTHER = 2  # times that what is doubted is filled again
LEAST = 8  # height and width of an exemplar
PATCH = 5  # side in pixels of what counts as copied


def fill(
    network,
    image,
    mask,
    exemplar=None,
    passes=1,
    order="easy",
    doubt=None,
    detector=None,
):
    """Fills a picture by structure and texture, in passes.

    Each pass keeps the pixels that it is surest of, as many as leave equally
    many to each pass to come; the others are filled again, by what was kept
    too. In the end, what it doubts is filled again, at most twice.

    Args:
        network: `keras.Model`, as `models.build_structure_texture` returns;
            or `compiled` of it, for many pictures of a size, or large ones.
        image: float32 array of shape `(height, width, 3)` in [0, 1], of any
            height and width. What is in holes is not read.
        mask: array of shape `(height, width, 1)`, 1 = known.
        exemplar: float32 array of shape `(any_height, any_width, 3)`, at
            least 8 pixels high and wide: a picture whose texture is to be
            taken. `None` for the known part of `image`.
        passes: int, at least 1.
        order: "easy" to keep first what is surest, "hard" what is least
            sure, or "random".
        doubt: float, or `None`: pixels of which a larger error than this is
            expected are filled again.
        detector: what looks for objects, see `detectors`; `None` for
            `sample`.

    Returns:
        Dict of float32 arrays of the height and width of `image`: `picture`,
        with known pixels as they are; `structure`, that of the first pass;
        and `error`, the absolute difference to be expected when a pixel was
        kept, `(height, width, 1)`, 0 where it is known.

    Raises:
        ValueError: if one of these is not as it is said here.
    """
    check(image, mask)
    _check_options(exemplar, passes, order, doubt)
    height, width = image.shape[:2]
    image, mask = reflected(image, MULTIPLE), reflected(mask, MULTIPLE)
    context = context_of(image[None], mask[None], detector)
    context["exemplars"] = _exemplar(image, mask, exemplar)
    rng = np.random.default_rng(0)
    known = mask > 0
    errors = np.zeros(mask.shape, np.float32)
    first = None
    for left in range(passes - 1, -1, -1):
        found = _look(network, context)
        first = first or found
        errors = np.where(known, errors, found["error"])
        if left:
            rank = {
                "easy": found["error"],
                "hard": -found["error"],
                "random": rng.random(mask.shape),
            }[order]
            known |= _lowest(rank, ~known, 1 / (left + 1))
            _show(context, found["picture"], known)
    for _ in range(FURTHER):
        if doubt is None or not (errors > doubt).any():
            break
        _show(context, found["picture"], errors <= doubt)
        found = _look(network, context)
        errors = np.where(errors > doubt, found["error"], errors)
    filled = {
        "picture": np.where(mask, image, found["picture"].clip(0, 1)),
        "structure": np.where(mask, image, first["structure"].clip(0, 1)),
        "error": errors,
    }
    return {name: maps[:height, :width] for name, maps in filled.items()}


def _check_options(exemplar, passes, order, doubt):
    if order not in ORDERS:
        raise ValueError(
            f"`order` must be one of {', '.join(ORDERS)}. Received: {order!r}."
        )
    if passes < 1:
        raise ValueError(f"`passes` must be at least 1. Received: {passes}.")
    if doubt is not None and not doubt >= 0:
        raise ValueError(
            f"`doubt` must be an error of at least 0. Received: {doubt}."
        )
    if exemplar is None:
        return
    check_picture(exemplar, "exemplar")
    if min(exemplar.shape[:2]) < LEAST or not np.isfinite(exemplar).all():
        raise ValueError(
            f"`exemplar` must be at least {LEAST} pixels high and wide, and "
            f"finite. Received: shape {exemplar.shape}."
        )


def compiled(network):
    """A network for `fill` that is compiled once for each size of pictures.

    From then on it takes a fraction of the time, and less memory.

    Args:
        network: `keras.Model`, as `models.build_structure_texture` returns.

    Returns:
        A function.
    """

    def look(context, training):
        return network.predict_on_batch(context)

    return look


def copied_share(filled, mask, exemplar, size=PATCH):
    """How much of a fill is copied from an exemplar, to the grey level.

    Args:
        filled: float array of shape `(height, width, 3)` in [0, 1].
        mask: array of shape `(height, width, 1)`, 1 = known.
        exemplar: float array of shape `(any_height, any_width, 3)`.
        size: int, side of patches in pixels.

    Returns:
        The share of patches wholly in holes that are, rounded to 8 bits,
        the same as a patch of the exemplar; NaN if no patch is.

    Example:

    >>> picture = np.random.default_rng(0).random((16, 16, 3))
    >>> mask = np.ones((16, 16, 1)); mask[4:12, 4:12] = 0
    >>> copied_share(picture, mask, picture), copied_share(1 - picture, mask,
    ...     picture)
    (1.0, 0.0)
    """
    holes = _patches((mask == 0).astype(np.uint8), size).all(-1)
    painted = _patches(_levels(filled), size)[holes]
    if not len(painted):
        return float("nan")
    shown = _patches(_levels(exemplar), size)
    known = {patch.tobytes() for row in shown for patch in row}
    return float(np.mean([patch.tobytes() in known for patch in painted]))


def _look(network, context):
    """What the network says of one picture, without the batch."""
    found = network(context, training=False)
    return {
        name: keras.ops.convert_to_numpy(value)[0].astype(np.float32)
        for name, value in found.items()
    }


def _show(context, picture, known):
    """Replaces the picture by what is kept of it, and a smooth fill.

    Objects and the scene stay what they were: they are of known pixels.
    """
    context["images"] = pyramid_fills(picture[None], known[None])
    context["masks"] = known[None].astype(np.float32)
    context["edges"] = edge_maps(context["images"], context["masks"])


def _lowest(rank, among, share):
    """A mask of that share of places where rank is lowest."""
    places = np.flatnonzero(among)
    count = round(share * len(places))
    chosen = np.zeros(among.shape, bool)
    order = np.argsort(rank.ravel()[places], kind="stable")
    chosen.ravel()[places[order[:count]]] = True
    return chosen


def _exemplar(image, mask, other):
    """An exemplar and its mask, of multiples of 4: `(1, any, any, 4)`."""
    if other is None:
        own = np.concatenate([np.where(mask, image, 0), mask], -1)
        return own[None].astype(np.float32)
    height, width = (length - length % 4 for length in other.shape[:2])
    known = np.ones((height, width, 1))
    whole = np.concatenate([other[:height, :width], known], -1)
    return whole[None].astype(np.float32)


def _levels(picture):
    return np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)


def _patches(array, size):
    """All patches, `(rows, columns, values)`."""
    windows = np.lib.stride_tricks.sliding_window_view(
        array, (size, size), (0, 1)
    )
    return windows.reshape(*windows.shape[:2], -1)
