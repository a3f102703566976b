import keras
import numpy as np
import pytest

from kerasinpaint.conftest import numpy
from kerasinpaint.layers import SoftEdges


@pytest.mark.filterwarnings("ignore:The model does not have any trainable")
def test_contract(assert_layer_contract):
    images = np.random.default_rng(0).random((2, 6, 8, 3), np.float32)
    assert_layer_contract(lambda **kwargs: SoftEdges(**kwargs), images)


def step(height=12, width=10, share=1.0):
    images = np.zeros((1, height, width, 3), "f")
    images[:, :, width // 2 :] = share
    return images


def test_a_flat_picture_has_no_edges_at_its_border_either():
    for level in (0, 0.5, 1):
        edges = numpy(SoftEdges()(np.full((1, 9, 7, 3), level, "f")))
        assert edges.max() < 0.06


def test_an_edge_is_where_it_is_whichever_way_it_runs():
    down = numpy(SoftEdges()(step()))[0, ..., 0]
    assert (down[:, 4:6] > 0.9).all() and (down[:, [0, 1, -2, -1]] < 0.1).all()
    across = numpy(SoftEdges()(step().transpose(0, 2, 1, 3)))[0, ..., 0]
    np.testing.assert_allclose(across, down.T, atol=1e-6)


def test_the_threshold_is_a_slope():
    weak = step(share=0.3)
    found = [
        numpy(SoftEdges(threshold)(weak))[0, 6, 4, 0]
        for threshold in (0.02, 0.5)
    ]
    assert found[0] > 0.8 and found[1] < 0.1


def test_it_has_a_slope_everywhere():
    """A picture can be made more like an edge by following it."""
    if keras.backend.backend() == "torch":
        pytest.skip("asks for gradients in its own way")
    layer, images = SoftEdges(), np.full((1, 8, 8, 3), 0.5, "f")
    images[0, 2:4, 3:5] += 0.05

    def total(x):
        return keras.ops.sum(layer(x))

    if keras.backend.backend() == "jax":
        import jax

        slope = jax.grad(total)(images)
    else:
        import tensorflow

        variable = tensorflow.Variable(images)
        with tensorflow.GradientTape() as tape:
            value = total(variable)
        slope = tape.gradient(value, variable)
    slope = numpy(slope)
    assert np.isfinite(slope).all() and (slope != 0).mean() > 0.2
    more = float(total(images + slope * 0.01 / np.abs(slope).max()))
    assert more > float(total(images))
