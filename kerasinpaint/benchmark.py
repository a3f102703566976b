"""How well methods fill: scores by hole ratio, on the test photographs."""

import numpy as np


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
    holes = error[mask[..., 0] == 0]
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
        "hole_psnr": _decibels(holes),
    }


def _decibels(error):
    """PSNR of an error; without any pixel there is none to be wrong."""
    mean = np.square(error).sum() / max(error.size, 1)
    return float(-10 * np.log10(max(mean, 1e-10)))
