"""Fourier transform of pictures and back, on every backend."""

import math

from keras import ops


def rfft2(images, matrix=False):
    """Fourier transform of each channel, over height and width, in float32.

    It is orthonormal: a transform and its inverse have the same scale.

    Args:
        images: tensor of shape `(batch, height, width, channels)`.
        matrix: bool, whether to multiply by matrices of sines and cosines.
            Nothing else is left in formats that know no Fourier transform.

    Returns:
        Pair of tensors, real and imaginary parts, each of shape
        `(batch, height, width // 2 + 1, channels)`, float32.

    Example:

    >>> real, imaginary = rfft2(np.ones((1, 4, 5, 1)))
    >>> tuple(real.shape), round(float(real[0, 0, 0, 0]) / 20**0.5, 4)
    ((1, 4, 3, 1), 1.0)
    """
    x = _planes(ops.cast(images, "float32"))
    height, width = ops.shape(x)[2:]
    if matrix:
        cosines, sines = _waves(width, width // 2 + 1, width)
        pair = ops.matmul(x, cosines), -ops.matmul(x, sines)
    else:
        pair = ops.rfft(x)
    real, imaginary = _along_height(*pair, height, matrix)
    scale = _root(height * width)
    return _channels_last(real / scale), _channels_last(imaginary / scale)


def irfft2(real, imaginary, width, matrix=False):
    """The inverse of `rfft2`.

    Args:
        real, imaginary: tensors of shape `(batch, height, width // 2 + 1,
            channels)`.
        width: int, of the pictures, for an odd one has as many frequencies
            as the even one before.
        matrix: bool, as in `rfft2`.

    Returns:
        Tensor of shape `(batch, height, width, channels)`, float32.

    Example:

    >>> images = np.arange(15, dtype="float32").reshape(1, 3, 5, 1)
    >>> again = irfft2(*rfft2(images), width=5)
    >>> bool(ops.all(ops.abs(again - images) < 1e-5))
    True
    """
    real = _planes(ops.cast(real, "float32"))
    imaginary = _planes(ops.cast(imaginary, "float32"))
    height, frequencies = ops.shape(real)[2:]
    # The inverse is the transform of the conjugate, conjugated.
    real, conjugate = _along_height(real, -imaginary, height, matrix)
    scale = _root(height * width)
    if matrix:
        cosines, sines = _waves(frequencies, width, width)
        # All but the first frequency, and the last of an even width, stand
        # for themselves and their conjugates.
        order = ops.arange(frequencies)
        alone = ops.logical_or(order == 0, 2 * order == width)
        twice = ops.where(alone, 1.0, 2.0)[:, None]
        x = ops.matmul(real, cosines * twice)
        x = x + ops.matmul(conjugate, sines * twice)
        return _channels_last(x / scale)
    x = ops.irfft((real, -conjugate), fft_length=width)
    return _channels_last(x * (ops.cast(width, "float32") / scale))


def _along_height(real, imaginary, height, matrix):
    """The complex transform of columns, not scaled."""
    if matrix:
        cosines, sines = _waves(height, height, height)
        return (
            ops.matmul(cosines, real) + ops.matmul(sines, imaginary),
            ops.matmul(cosines, imaginary) - ops.matmul(sines, real),
        )
    turned = ops.swapaxes(real, 2, 3), ops.swapaxes(imaginary, 2, 3)
    return tuple(ops.swapaxes(part, 2, 3) for part in ops.fft(turned))


def _waves(rows, columns, length):
    """Cosines and sines of 2 pi row column / length."""
    products = ops.arange(rows)[:, None] * ops.arange(columns)
    # Within one turn, for large angles are inexact in float32.
    turns = ops.cast(ops.mod(products, length), "float32")
    angles = turns * (2 * math.pi / ops.cast(length, "float32"))
    return ops.cos(angles), ops.sin(angles)


def _planes(images):
    return ops.transpose(images, (0, 3, 1, 2))


def _channels_last(planes):
    return ops.transpose(planes, (0, 2, 3, 1))


def _root(number):
    return ops.sqrt(ops.cast(number, "float32"))
