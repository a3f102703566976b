"""Layers of StyleGAN2 against sums written out."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import (
    EqualizedConv2D,
    EqualizedDense,
    ModulatedConv2D,
)
from kerasinpaint.layers.equalized import convolve, smooth

BINOMIAL = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64


def correlate(image, kernel, pad):
    """One channel, one kernel, zeros beyond the edge, pixel by pixel."""
    image = np.pad(image, pad)
    height, width = kernel.shape
    rows, columns = (
        a - b + 1 for a, b in zip(image.shape, kernel.shape, strict=True)
    )
    return np.array(
        [
            [
                (image[y : y + height, x : x + width] * kernel).sum()
                for x in range(columns)
            ]
            for y in range(rows)
        ]
    )


@pytest.mark.parametrize(
    "make, shapes",
    [
        (lambda **kw: EqualizedDense(3, "leaky_relu", 0.1, 1, **kw), [(2, 4)]),
        (lambda **kw: EqualizedConv2D(3, 3, "half", **kw), [(2, 6, 8, 4)]),
        (lambda **kw: EqualizedConv2D(3, 3, "double", **kw), [(2, 6, 8, 4)]),
        (
            lambda **kw: ModulatedConv2D(3, 3, "double", noise=True, **kw),
            [(2, 6, 8, 4), (2, 5)],
        ),
    ],
    ids=["dense", "half", "double", "modulated"],
)
def test_contract(assert_layer_contract, make, shapes):
    assert_layer_contract(make, *(pictures(*shape) for shape in shapes))


def test_smoothing_is_a_binomial_filter():
    image = pictures(6, 7)
    found = numpy(smooth(image[None, ..., None], 2))[0, ..., 0]
    np.testing.assert_allclose(found, correlate(image, BINOMIAL, 2), atol=1e-6)


def test_half_is_smoothed_and_every_second_kept():
    image, kernel = pictures(6, 8), pictures(3, 3, seed=1)
    smoothed = correlate(image, BINOMIAL, 2)
    wanted = correlate(smoothed, kernel, 0)[::2, ::2]
    found = convolve(image[None, ..., None], kernel[..., None, None], "half")
    np.testing.assert_allclose(numpy(found)[0, ..., 0], wanted, atol=1e-5)


def test_double_is_spread_convolved_and_smoothed():
    image, kernel = pictures(4, 5), pictures(3, 3, seed=1)
    spread = np.zeros((8, 10))
    spread[::2, ::2] = image
    wide = correlate(spread, kernel, ((2, 1), (2, 1)))
    wanted = 4 * correlate(wide, BINOMIAL, 1)
    found = convolve(image[None, ..., None], kernel[..., None, None], "double")
    np.testing.assert_allclose(numpy(found)[0, ..., 0], wanted, atol=1e-5)


def test_the_variance_is_kept_at_any_width():
    keras.utils.set_random_seed(0)
    x = pictures(4000, 50)
    for layer in (EqualizedDense(200), EqualizedDense(200, "leaky_relu", 0.01)):
        found = numpy(layer(x))
        assert 0.85 < np.square(found).mean() < 1.15


@pytest.mark.parametrize("demodulate", [False, True])
def test_modulation_is_a_kernel_for_each_picture(demodulate):
    images, styles = pictures(3, 5, 6, 4), pictures(3, 7, seed=1)
    layer = ModulatedConv2D(
        2, 3, demodulate=demodulate, noise=True, activation="linear"
    )
    layer(images, styles)
    noise = pictures(5, 6, seed=2)
    layer.noise_const.assign(noise)
    layer.noise_strength.assign(0.3)
    layer.bias.assign([0.1, -0.2])
    found = numpy(layer(images, styles))
    factors = numpy(layer.affine(styles))
    for image, factor, given in zip(images, factors, found, strict=True):
        kernel = numpy(layer.kernel) / 6 * factor[:, None]
        if demodulate:
            kernel /= np.sqrt(np.square(kernel).sum((0, 1, 2)) + 1e-8)
        wanted = numpy(ops.conv(image[None], kernel, padding="same"))[0]
        wanted = wanted + 0.3 * noise[..., None] + [0.1, -0.2]
        np.testing.assert_allclose(given, wanted, atol=1e-5)


def test_an_unknown_activation_is_told():
    with pytest.raises(ValueError, match="leaky_relu. Received: 'relu'"):
        EqualizedDense(3, "relu")
