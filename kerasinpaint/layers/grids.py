"""Matrices that turn rows of any number into rows of a given one."""

from keras import ops


def averages(length, bins):
    """Means of as equal bins as there can be, as adaptive pooling takes them.

    Args:
        length: int or tensor, how many rows there are.
        bins: int, how many there will be.

    Returns:
        float32 tensor of shape `(bins, length)`.

    Example:

    >>> np.array(averages(4, 2)).tolist()
    [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    """
    place = ops.arange(bins)
    first = place * length // bins
    last = ((place + 1) * length + bins - 1) // bins
    row = ops.arange(length)[None]
    inside = (row >= first[:, None]) & (row < last[:, None])
    inside = ops.cast(inside, "float32")
    return inside / ops.sum(inside, axis=1, keepdims=True)


def interpolation(length, points):
    """Weights of points that lie evenly from the first row to the last.

    Args:
        length: int or tensor, how many rows there will be.
        points: int, how many there are.

    Returns:
        float32 tensor of shape `(length, points)`.

    Example:

    >>> np.array(interpolation(3, 2)).tolist()
    [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    """
    row = ops.cast(ops.arange(length), "float32")
    last = ops.maximum(ops.cast(length, "float32") - 1, 1)
    place = (row * (points - 1) / last)[:, None]
    away = ops.abs(place - ops.arange(points, dtype="float32"))
    return ops.maximum(1 - away, 0)


def resized(images, rows, columns):
    """Pictures whose rows and columns are mixed by such matrices.

    Args:
        images: float32 tensor of shape `(batch, height, width, channels)`.
        rows: tensor of shape `(new_height, height)`.
        columns: tensor of shape `(new_width, width)`.

    Returns:
        Tensor of shape `(batch, new_height, new_width, channels)`.
    """
    x = ops.einsum("rh,bhwc->brwc", rows, images)
    return ops.einsum("sw,brwc->brsc", columns, x)
