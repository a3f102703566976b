"""Whether one method is better than another, or has been lucky."""

import numpy as np

RESAMPLES = 10_000


def paired_interval(differences, confidence=0.95, seed=0):
    """Where the mean of differences lies, by bootstrap over pictures.

    As many differences as there are are drawn from them, with repetition,
    again and again; the interval holds the middle of their means.

    Args:
        differences: sequence of floats, one for each picture: the score of
            one method less that of another. Fills of one picture are not
            independent of each other: average them first.
        confidence: float, share of the means inside the interval.
        seed: int, of the drawing.

    Returns:
        A pair of floats `(low, high)`. If 0 lies outside, the difference is
        more than chance in choosing the pictures explains.

    Raises:
        ValueError: if `differences` are not numbers in one dimension, or
            fewer than two.

    Example:

    >>> low, high = paired_interval([0.1, 0.3, 0.2, 0.4, 0.2, 0.3])
    >>> print(f"{low:.1f} to {high:.1f}")
    0.2 to 0.3

    Reference:

    - [Efron, 1979](https://doi.org/10.1214/aos/1176344552)
    """
    differences = np.asarray(differences, np.float64)
    if differences.ndim != 1 or len(differences) < 2:
        raise ValueError(
            "`differences` must be a number for each of at least two "
            f"pictures. Received: shape {differences.shape}."
        )
    if not np.isfinite(differences).all():
        raise ValueError(
            "`differences` must be finite. Received: "
            f"{differences[~np.isfinite(differences)][0]}."
        )
    rng = np.random.default_rng(seed)
    drawn = rng.choice(differences, (RESAMPLES, len(differences)))
    outside = (1 - confidence) / 2
    low, high = np.quantile(drawn.mean(axis=1), (outside, 1 - outside))
    return float(low), float(high)


def holm(p_values):
    """Adjusts probabilities for how many tests there were.

    Args:
        p_values: sequence of floats, of tests of one family.

    Returns:
        float array: reject what is below the level, and the chance of any
        false rejection stays below it.

    Example:

    >>> [round(float(p), 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]

    Reference:

    - [Holm, 1979](https://www.jstor.org/stable/4615733)
    """
    p_values = np.asarray(p_values, np.float64)
    order = np.argsort(p_values)
    left = len(p_values) - np.arange(len(p_values))
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.maximum.accumulate(p_values[order] * left)
    return np.minimum(adjusted, 1)


def chances(gains):
    """How likely such differences are by chance, of several at once.

    Args:
        gains: list of float arrays, each of paired differences.

    Returns:
        float array: the probabilities of Wilcoxon's signed-rank test,
        adjusted by `holm`; 1 where nothing differs.

    Reference:

    - [Wilcoxon, 1945](https://doi.org/10.2307/3001968)
    """
    from scipy.stats import wilcoxon

    return holm(
        [wilcoxon(gain).pvalue if np.any(gain) else 1.0 for gain in gains]
    )
