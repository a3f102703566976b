import numpy as np
import pytest

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import AttentionConv2D


def test_contract(assert_layer_contract):
    assert_layer_contract(
        lambda **kwargs: AttentionConv2D(
            6, 3, values=4, heads=2, grid=3, **kwargs
        ),
        pictures(2, 6, 8, 3),
        # It adds the same to all weights of a pixel, and softmax takes it off.
        still=("keys/bias",),
    )


def test_the_first_filters_are_a_convolution():
    images, layer = pictures(1, 6, 8, 3), AttentionConv2D(6, 3, 4, heads=2)
    outputs = numpy(layer(images))
    wanted = numpy(layer.convolution(images))
    np.testing.assert_array_equal(outputs[..., :2], wanted)


def test_the_others_match_numpy():
    images = pictures(1, 4, 4, 3)
    layer = AttentionConv2D(6, 3, values=4, heads=2, grid=4)
    outputs = numpy(layer(images))[0, ..., 2:].reshape(16, 4)
    q, k, v = (
        numpy(dense(images)).reshape(16, 2, 2)
        for dense in (layer.queries, layer.keys, layer.answers)
    )
    seen = np.empty((16, 2, 2), "f")
    for head in range(2):
        weights = np.exp(q[:, head] @ k[:, head].T / np.sqrt(2))
        weights /= weights.sum(1, keepdims=True)
        seen[:, head] = weights @ v[:, head]
    wanted = numpy(layer.mix(seen.reshape(16, 4)))
    np.testing.assert_allclose(outputs, wanted, atol=1e-5)


def test_attention_sees_the_whole_picture():
    images, layer = pictures(1, 16, 16, 3), AttentionConv2D(6, 3, 4, grid=4)
    before = numpy(layer(images))
    images[0, 0, 0] += 9
    changed = np.abs(numpy(layer(images)) - before)[0] > 1e-7
    assert changed[..., 2:].any(-1).all()
    assert not changed[3:, 3:, :2].any()


def test_mistakes_are_told():
    with pytest.raises(ValueError, match="heads=4, values=6, filters=8"):
        AttentionConv2D(8, 3, values=6)
    with pytest.raises(ValueError, match="values=8, filters=8"):
        AttentionConv2D(8, 3, values=8)
    with pytest.raises(ValueError, match="Received: heads=0"):
        AttentionConv2D(8, 3, values=4, heads=0)
