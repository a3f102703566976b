"""Whether what is expected to be wrong is what is wrong."""

import cv2
import numpy as np

# Shares of the pixels, those first of which the least error is expected.
COVERAGES = np.linspace(0.05, 1, 20)
WORST = 0.2  # an expected error at which nothing is left of confidence


def confidence(expected):
    """Expected errors as a picture, on one scale for all pictures.

    Args:
        expected: float array, absolute errors.

    Returns:
        Array of the same shape: 1 where no error is expected, 0 where it is
        `WORST` or more.

    Example:

    >>> confidence(np.array([0, 0.05, 1])).tolist()
    [1.0, 0.75, 0.0]
    """
    return 1 - np.clip(expected / WORST, 0, 1)


def rank_correlation(expected, errors, mask):
    """Spearman's correlation of expected and true errors, over hole pixels.

    Args:
        expected: float array of shape `(height, width, 1)`.
        errors: float array of the same shape.
        mask: array of the same shape, 1 = known.

    Returns:
        A float in [-1, 1]; 0 if all of one of them are the same.

    Example:

    >>> errors = np.arange(16.0).reshape(4, 4, 1)
    >>> mask = np.zeros((4, 4, 1)); mask[0] = 1
    >>> rank_correlation(errors**2, errors, mask)
    1.0

    Reference:

    - [Spearman, 1904](https://doi.org/10.2307/1412159)
    """
    from scipy.stats import rankdata

    holes = mask == 0
    ranks = [rankdata(one[holes]) for one in (expected, errors)]
    if min(np.ptp(one) for one in ranks) == 0:
        return 0.0
    return round(float(np.corrcoef(*ranks)[0, 1]), 12)


def rim_distance(mask):
    """How far each hole pixel is from what is known, in pixels.

    What is to be beaten: without a network, what is deep in a hole is
    expected to be wrong.

    Args:
        mask: uint8 array of shape `(height, width, 1)`, 1 = known.

    Returns:
        float32 array of the same shape, 0 where known.
    """
    holes = (mask == 0).astype(np.uint8)
    return cv2.distanceTransform(holes, cv2.DIST_L2, 5)[..., None]


def risk_coverage(expected, errors, mask):
    """The mean error of the surest pixels, for `COVERAGES` of a hole.

    Args:
        expected: float array of shape `(height, width, 1)`.
        errors: float array of the same shape.
        mask: array of the same shape, 1 = known.

    Returns:
        float array of the shape of `COVERAGES`.

    Example:

    >>> errors = np.arange(20.0).reshape(4, 5, 1)
    >>> risk_coverage(errors, errors, np.zeros((4, 5, 1)))[[0, -1]].tolist()
    [0.0, 9.5]

    Reference:

    - [El-Yaniv and Wiener, 2010](https://jmlr.org/papers/v11/el-yaniv10a.html)
    """
    holes = mask == 0
    order = np.argsort(expected[holes], kind="stable")
    sums = np.cumsum(errors[holes][order])
    counts = np.maximum(np.rint(COVERAGES * len(sums)), 1).astype(int)
    return sums[counts - 1] / counts
