"""Transforms against NumPy's, and what a global branch sees."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import FastFourierConv2D, FourierUnit
from kerasinpaint.layers.fourier_transform import irfft2, rfft2

SIZES = [(8, 6), (7, 6), (6, 9), (5, 7), (1, 1)]


@pytest.mark.parametrize("matrix", [False, True])
@pytest.mark.parametrize("height, width", SIZES)
def test_the_transform_is_numpys(height, width, matrix):
    images = pictures(2, height, width, 3)
    wanted = np.fft.rfft2(images, axes=(1, 2), norm="ortho")
    found = rfft2(images, matrix)
    np.testing.assert_allclose(numpy(found[0]), wanted.real, atol=2e-6)
    np.testing.assert_allclose(numpy(found[1]), wanted.imag, atol=2e-6)


@pytest.mark.parametrize("matrix", [False, True])
@pytest.mark.parametrize("height, width", SIZES)
def test_the_inverse_is_numpys(height, width, matrix):
    """Of any spectrum, not of those alone that pictures have."""
    shape = 2, height, width // 2 + 1, 3
    real, imaginary = pictures(*shape), pictures(*shape, seed=1)
    wanted = np.fft.irfft2(
        real + 1j * imaginary, (height, width), (1, 2), norm="ortho"
    )
    found = numpy(irfft2(real, imaginary, width, matrix))
    np.testing.assert_allclose(found, wanted, atol=3e-6)


@pytest.mark.parametrize("matrix", [False, True])
def test_large_pictures_lose_nothing(matrix):
    """Angles of 2 pi 511 * 511 would be inexact in float32."""
    images = pictures(1, 511, 512, 1)
    again = irfft2(*rfft2(images, matrix), 512, matrix)
    np.testing.assert_allclose(numpy(again), images, atol=1e-5)


@pytest.mark.parametrize(
    "make, shapes",
    [
        (lambda **kw: FourierUnit(4, matrix=True, **kw), [(2, 8, 7, 3)]),
        (lambda **kw: FastFourierConv2D(4, 6, 5, 2, **kw), [(2, 8, 9, 3)]),
        (
            lambda **kw: FastFourierConv2D(4, 6, **kw),
            [(2, 8, 9, 3), (2, 8, 9, 5)],
        ),
    ],
    ids=["unit", "from one", "from two"],
)
def test_contract(assert_layer_contract, make, shapes):
    assert_layer_contract(make, *(pictures(*shape) for shape in shapes))


@pytest.mark.parametrize("size", [(8, 8), (7, 9)])
def test_matrices_make_the_same_features(size):
    images = pictures(2, *size, 3)
    fast, slow = FourierUnit(4), FourierUnit(4, matrix=True)
    wanted = numpy(fast(images))
    slow(images)
    slow.set_weights(fast.get_weights())
    np.testing.assert_allclose(numpy(slow(images)), wanted, atol=1e-5)


def changed(layer, branch):
    """Where the outputs change if the first pixel of one input does."""
    inputs = [pictures(1, 16, 16, 4), pictures(1, 16, 16, 4, seed=1)]
    before = layer(*inputs)
    inputs[branch][0, 0, 0] += 1
    after = layer(*inputs)
    return [
        np.abs(numpy(a) - numpy(b))[0].max(-1) > 1e-6
        for a, b in zip(before, after, strict=True)
    ]


def test_only_the_global_branch_sees_all():
    keras.utils.set_random_seed(0)
    layer = FastFourierConv2D(4, 32)
    to_local, to_global = changed(layer, 0)
    assert to_local[:2, :2].all() and to_local.sum() == 4
    assert to_global.sum() == 4
    to_local, to_global = changed(layer, 1)
    assert to_local.sum() == 4
    assert to_global.mean() > 0.9


def test_beyond_the_edge_it_is_reflected():
    images = pictures(1, 6, 7, 2)
    layer = FastFourierConv2D(3, 0, 5)
    found = numpy(layer(images))
    around = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), "reflect")
    wanted = numpy(ops.conv(around, layer.weights[0]))
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_strides_with_a_global_branch_are_refused():
    images = pictures(1, 8, 8, 2)
    with pytest.raises(ValueError, match="must be 1. Received: strides=2"):
        FastFourierConv2D(3, 3, strides=2)(images, images)


def test_half_precision_transforms_in_float32():
    """A sum over all pixels, 2 million, would be infinite in float16."""
    unit = FourierUnit(1, dtype="mixed_float16")
    images = np.full((1, 64, 64, 1), 500.0, "float32")
    unit(images)
    unit.convolution.set_weights([np.array([[[[1.0, 0.0], [0.0, 1.0]]]]) * 0.1])
    found = numpy(ops.cast(unit(images), "float32"))
    np.testing.assert_allclose(found, 50, rtol=1e-2)
