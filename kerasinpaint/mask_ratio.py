"""How much of a mask is hole, and masks of a wanted share of holes."""

import numpy as np


def all_known(height, width):
    """A mask without holes, to draw on.

    Args:
        height: int, in pixels.
        width: int, in pixels.

    Returns:
        uint8 array of ones of shape `(height, width, 1)`.

    Raises:
        ValueError: if a side is not positive.
    """
    if height < 1 or width < 1:
        raise ValueError(
            "A mask must be at least 1 pixel high and wide. "
            f"Received: height={height}, width={width}."
        )
    return np.ones((height, width, 1), np.uint8)


def hole_ratio(mask):
    """Share of pixels that are holes.

    Args:
        mask: array of shape `(height, width, 1)`. 1 is known, 0 is a hole.

    Returns:
        A float between 0 and 1.

    Example:

    >>> mask = np.ones((4, 4, 1), np.uint8)
    >>> mask[:2, :2] = 0
    >>> hole_ratio(mask)
    0.25
    """
    return 1.0 - np.count_nonzero(mask) / mask.size


def with_hole_ratio(generator, *arguments, ratio, **options):
    """Draws more or less until the share of holes is the wanted one.

    For a drawn seed the generator's `amount` is searched; if that seed does
    not lead there, the next is taken. Nothing is cut off or added
    afterwards, so the mask looks like any other of its kind.

    Args:
        generator: a generator of `masks.GENERATORS`, of
            `object_masks.GENERATORS`, or one like them.
        *arguments: what the generator takes, `rng` last: `height, width,
            rng` or `labels, rng`.
        ratio: pair of floats `(low, high)`. The mask's hole ratio will be
            above `low` and at most `high`.
        **options: further options of the generator.

    Returns:
        uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a hole.

    Raises:
        ValueError: if `ratio` is no range within 0 and 1, or if no mask in
            it was found in 128 tries.

    Example:

    >>> from kerasinpaint import masks
    >>> rng = np.random.default_rng(0)
    >>> mask = with_hole_ratio(masks.lines, 64, 64, rng, ratio=(0.1, 0.2))
    >>> 0.1 < hole_ratio(mask) <= 0.2
    True
    """
    low, high = ratio
    if not 0 <= low < high <= 1:
        raise ValueError(
            "`ratio` must be `(low, high)` with 0 <= low < high <= 1. "
            f"Received: ratio={ratio}."
        )
    *place, rng = arguments
    found = []
    for seed in rng.integers(2**63, size=16):

        def draw(amount, seed=seed):
            return generator(
                *place, np.random.default_rng(seed), amount=amount, **options
            )

        mask, ratios = _search_amount(draw, low, high)
        if mask is not None:
            return mask
        found += ratios
    raise ValueError(
        f"No mask with a hole ratio above {low} and at most {high} was found "
        f"in {len(found)} tries. Received: hole ratios from {min(found):.3f} "
        f"to {max(found):.3f}."
    )


def _search_amount(draw, low, high, tries=8):
    """Searches the amount at which `draw` meets the range, or gives up."""
    amount, less, more, ratios = 1.0, 0.0, np.inf, []
    for _ in range(tries):
        mask = draw(amount)
        ratios.append(hole_ratio(mask))
        if low < ratios[-1] <= high:
            return mask, ratios
        if ratios[-1] > high:
            more = amount
        else:
            less = amount
        if ratios[-1:] == ratios[-2:-1]:
            break  # This seed has no more, or no less, to give.
        step = (low + high) / 2 / max(ratios[-1], 1e-9)
        amount *= min(max(step, 1 / 8), 8)
        if not less < amount < more:
            amount = np.sqrt(less * more)
    return None, ratios
