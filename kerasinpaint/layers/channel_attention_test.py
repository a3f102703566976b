import numpy as np

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import ChannelAttention


def test_contract(assert_layer_contract):
    assert_layer_contract(
        lambda **kwargs: ChannelAttention(ratio=2, **kwargs),
        pictures(2, 6, 8, 16),
    )


def test_matches_numpy():
    images = pictures(2, 5, 7, 8)
    layer = ChannelAttention(ratio=2)
    outputs = numpy(layer(images))
    (a, b), (c, d) = (
        [numpy(weight) for weight in dense.weights]
        for dense in (layer.squeeze, layer.excite)
    )
    gates = sum(
        np.maximum(pooled @ a + b, 0) @ c + d
        for pooled in (images.mean((1, 2)), images.max((1, 2)))
    )
    wanted = images / (1 + np.exp(-gates))[:, None, None]
    np.testing.assert_allclose(outputs, wanted, atol=1e-5)


def test_a_channel_is_scaled_as_a_whole():
    images = pictures(1, 5, 7, 8)
    shares = numpy(ChannelAttention(ratio=2)(images)) / images
    np.testing.assert_allclose(
        shares, shares[:, :1, :1] + 0 * shares, rtol=1e-4
    )
    assert (shares > 0).all() and (shares < 1).all() and np.ptp(shares) > 0.01


def test_few_channels_have_one_unit():
    layer = ChannelAttention(ratio=8)
    layer(pictures(1, 4, 4, 3))
    assert layer.squeeze.units == 1
