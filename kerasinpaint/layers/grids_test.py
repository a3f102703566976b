import numpy as np
import pytest

from kerasinpaint.conftest import numpy
from kerasinpaint.layers.grids import averages, interpolation, resized


@pytest.mark.parametrize("length, bins", [(8, 4), (7, 3), (2, 4), (1, 1)])
def test_every_bin_is_a_mean_and_every_row_is_in_one(length, bins):
    matrix = numpy(averages(length, bins))
    assert matrix.shape == (bins, length)
    np.testing.assert_allclose(matrix.sum(1), 1, rtol=1e-6)
    assert (matrix.sum(0) > 0).all()


@pytest.mark.parametrize("length, points", [(8, 4), (3, 5), (1, 4), (6, 1)])
def test_interpolation_is_of_two_neighbours(length, points):
    matrix = numpy(interpolation(length, points))
    assert matrix.shape == (length, points)
    np.testing.assert_allclose(matrix.sum(1), 1, atol=1e-6)
    assert ((matrix > 1e-6).sum(1) <= 2).all()
    assert matrix[0, 0] == 1


def test_rows_and_columns_are_each_mixed():
    images = np.random.default_rng(0).random((2, 6, 8, 3), np.float32)
    halved = resized(images, averages(6, 3), averages(8, 4))
    wanted = images.reshape(2, 3, 2, 4, 2, 3).mean((2, 4))
    np.testing.assert_allclose(halved, wanted, atol=1e-6)
