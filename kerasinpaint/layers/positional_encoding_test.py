import numpy as np
import pytest

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import PositionalEncoding


def test_contract(assert_layer_contract):
    assert_layer_contract(
        lambda **kwargs: PositionalEncoding(4, **kwargs),
        pictures(2, 6, 8, 3),
    )


def test_at_its_own_size_it_is_the_table():
    layer = PositionalEncoding(5)
    zeros = np.zeros((2, 5, 5, 3), "f")
    wanted = numpy(layer(zeros))
    np.testing.assert_allclose(wanted[:1], numpy(layer.table), atol=1e-6)
    np.testing.assert_array_equal(wanted[0], wanted[1])


@pytest.mark.parametrize("size", [(9, 9), (1, 1), (17, 3)])
def test_it_stretches_from_corner_to_corner(size):
    layer = PositionalEncoding(5)
    where = numpy(layer(np.zeros((1, *size, 3), "f")))[0]
    table = numpy(layer.table)[0]
    assert where.shape == (*size, 3)
    np.testing.assert_allclose(where[0, 0], table[0, 0], atol=1e-6)
    if min(size) > 1:
        np.testing.assert_allclose(where[-1, -1], table[-1, -1], atol=1e-6)
        np.testing.assert_allclose(where[-1, 0], table[-1, 0], atol=1e-6)


def test_between_two_it_is_their_mean():
    layer = PositionalEncoding(2)
    where = numpy(layer(np.zeros((1, 3, 3, 2), "f")))[0]
    wanted = numpy(layer.table)[0].mean((0, 1))
    np.testing.assert_allclose(where[1, 1], wanted, atol=1e-6)
