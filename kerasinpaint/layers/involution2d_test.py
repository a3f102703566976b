import keras
import numpy as np
import pytest

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import Involution2D


def test_contract(assert_layer_contract):
    assert_layer_contract(
        lambda **kwargs: Involution2D(3, groups=2, **kwargs),
        pictures(2, 6, 8, 8),
    )


@pytest.mark.parametrize("size, groups", [(3, 1), (5, 2), (1, 4)])
def test_matches_a_loop_over_pixels(size, groups):
    images = pictures(1, 5, 6, 4)
    layer = Involution2D(size, groups, ratio=2)
    outputs = numpy(layer(images))
    kernels = numpy(layer.span(layer.reduce(images)))
    kernels = kernels.reshape(5, 6, groups, size, size)
    side = size // 2
    padded = np.pad(images[0], [(side, side), (side, side), (0, 0)])
    for y in range(5):
        for x in range(6):
            window = padded[y : y + size, x : x + size]
            window = window.reshape(size, size, groups, 4 // groups)
            wanted = np.einsum("gyx,yxgc->gc", kernels[y, x], window).ravel()
            np.testing.assert_allclose(outputs[0, y, x], wanted, atol=1e-5)


def test_its_kernel_depends_on_what_it_looks_at():
    """Twice the picture gives more than twice the outputs: not linear."""
    images, layer = pictures(1, 5, 6, 4), Involution2D(3)
    once, twice = numpy(layer(images)), numpy(layer(2 * images))
    assert np.abs(twice - 2 * once).max() > 0.1


def test_it_has_fewer_weights_than_a_convolution():
    layer, plain = Involution2D(3), keras.layers.Conv2D(64, 3)
    for one in (layer, plain):
        one.build((None, 8, 8, 64))
    assert layer.count_params() < plain.count_params() / 20


def test_mistakes_are_told():
    for mistake in ({"kernel_size": 4}, {"kernel_size": -1}, {"ratio": 0}):
        with pytest.raises(ValueError, match="must be odd and .* at least 1"):
            Involution2D(**mistake)
    for groups in (3, 0):
        with pytest.raises(ValueError, match=f"groups={groups}, 8 channels"):
            Involution2D(3, groups=groups).build((None, 8, 8, 8))
