import keras
import numpy as np
import pytest

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import SpatialPyramidPooling


@pytest.mark.filterwarnings("ignore:The model does not have any trainable")
def test_contract(assert_layer_contract):
    assert_layer_contract(
        lambda **kwargs: SpatialPyramidPooling(**kwargs), pictures(2, 6, 8, 3)
    )


@pytest.mark.parametrize("size", [(8, 8), (5, 7), (4, 13), (2, 3), (1, 1)])
def test_matches_a_loop_over_bins(size):
    images = pictures(2, *size, 3)
    wanted = [
        images[
            :,
            y * size[0] // n : -(-(y + 1) * size[0] // n),
            x * size[1] // n : -(-(x + 1) * size[1] // n),
        ].mean((1, 2))
        for n in (1, 2, 4)
        for y in range(n)
        for x in range(n)
    ]
    pooled = numpy(SpatialPyramidPooling()(images))
    assert pooled.shape == (2, 63)
    np.testing.assert_allclose(pooled, np.concatenate(wanted, -1), atol=1e-5)


def test_a_picture_of_any_size_has_as_many_features():
    images = keras.Input((None, None, 3))
    model = keras.Model(images, SpatialPyramidPooling((1, 3))(images))
    for size in ((6, 8), (17, 5)):
        assert model.predict(pictures(1, *size, 3), verbose=0).shape == (1, 30)


def test_half_precision_sums_in_full():
    images = np.full((1, 300, 300, 1), 1.0, "float16")
    pooled = numpy(SpatialPyramidPooling((1,), dtype="float16")(images))
    np.testing.assert_array_equal(pooled, [[1.0]])
