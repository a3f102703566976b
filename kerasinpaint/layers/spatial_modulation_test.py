import numpy as np

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import SpatialModulation


def test_contract(assert_layer_contract):
    assert_layer_contract(
        lambda **kwargs: SpatialModulation(4, **kwargs),
        pictures(2, 6, 8, 3),
        pictures(2, 6, 8, 2),
        # What is behind zeros moves in the second step only.
        still=("shared/kernel", "shared/bias"),
    )


def test_at_first_it_normalises():
    images = 3 * pictures(2, 6, 8, 4) + 5
    outputs = numpy(SpatialModulation()(images, pictures(2, 6, 8, 2)))
    np.testing.assert_allclose(outputs.mean((1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(outputs.std((1, 2)), 1, atol=1e-3)


def test_matches_its_formula():
    images, maps = pictures(1, 6, 8, 2), pictures(1, 6, 8, 3, seed=1)
    layer = SpatialModulation(4)
    normal = numpy(layer(images, maps))
    rng = np.random.default_rng(0)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    both = numpy(layer.both(layer.shared(maps)))
    wanted = normal * (1 + both[..., :2]) + both[..., 2:]
    np.testing.assert_allclose(
        layer(images, maps), wanted, rtol=1e-3, atol=1e-3
    )


def test_a_map_acts_where_it_is():
    images, maps = pictures(1, 9, 9, 2), np.zeros((1, 9, 9, 1), "f")
    layer = SpatialModulation(4)
    layer(images, maps)
    rng = np.random.default_rng(0)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    before = numpy(layer(images, maps))
    maps[0, 0, 0] = 1
    changed = (numpy(layer(images, maps)) != before).any(-1)[0]
    assert changed[0, 0] and not changed[3:].any() and not changed[:, 3:].any()
