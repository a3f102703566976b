"""Scores of what was filled, and the masks with which methods are tested."""

import numpy as np

from kerasinpaint import masks
from kerasinpaint.mask_ratio import all_known

SEED = 0
BINS = ((0.01, 0.1), *((i / 10, (i + 1) / 10) for i in range(1, 6)))
KINDS = (masks.strokes, masks.wide_strokes, masks.lines, masks.boxes)
# What tables and figures call each.
SCORES = {
    "hole_psnr": "PSNR of the holes (dB)",
    "ssim": "SSIM",
    "psnr": "PSNR (dB)",
    "l1": "L1 (%)",
    "lpips": "ST-LPIPS (lower is better)",
}


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


def perceptual_distances(truth, fills, mask):
    """ST-LPIPS of several fills of one hole; known pixels are the truth's.

    Args:
        truth: float array of shape `(height, width, 3)` in [0, 1], at least
            32 pixels high and wide.
        fills: list of arrays of the same shape, what methods made of it.
        mask: array of shape `(height, width, 1)`. 1 is known, 0 is a hole.

    Returns:
        A list of floats; see `metrics.stlpips`. Lower is better.
    """
    from kerasinpaint import metrics

    truth = truth.astype(np.float32)
    composites = np.stack([np.where(mask, truth, fill) for fill in fills])
    truths = np.repeat(truth[None], len(fills), axis=0)
    return [float(value) for value in metrics.stlpips(truths, composites)]


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


def speed_mask(kind, size):
    """A mask whose hole ratio is about the same at every size.

    Args:
        kind: "thin", lines of 1 to 3 pixels; "thick", strokes; "box", a
            quarter of the picture, in the middle.
        size: int, side in pixels.

    Returns:
        uint8 array of shape `(size, size, 1)`. 1 is known, 0 is a hole.

    Example:

    >>> masks.hole_ratio(speed_mask("box", 64))
    0.25
    """
    rng = np.random.default_rng(0)
    place = (size, size, rng)
    if kind == "thin":
        return masks.with_hole_ratio(
            masks.lines, *place, ratio=(0.045, 0.055), thickness=(1, 3)
        )
    if kind == "thick":
        return masks.with_hole_ratio(masks.strokes, *place, ratio=(0.23, 0.27))
    return masks.center_box(*place, side=(0.5, 0.5))


def bin_name(ratio):
    """What a bin of hole ratios is called in tables.

    >>> bin_name((0.1, 0.2))
    '10-20 %'
    """
    return f"{100 * ratio[0]:.0f}-{100 * ratio[1]:.0f} %"
