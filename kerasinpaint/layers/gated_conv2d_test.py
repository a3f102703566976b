import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import GatedConv2D


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3, "padding": "same", "activation": "elu"},
        {"kernel_size": (2, 3), "strides": 2, "use_bias": False},
    ],
    ids=["same", "strides"],
)
def test_contract(assert_layer_contract, options):
    assert_layer_contract(
        lambda **kwargs: GatedConv2D(4, **options, **kwargs),
        pictures(2, 8, 9, 3),
    )


def test_matches_two_convolutions():
    images = pictures(2, 7, 8, 3)
    layer = GatedConv2D(4, 3, activation="elu", bias_initializer="normal")
    outputs = numpy(layer(images))
    kernel, bias = (numpy(weight) for weight in layer.weights)
    features, gates = (
        numpy(keras.ops.conv(images, kernel[..., half])) + bias[half]
        for half in (slice(None, 4), slice(4, None))
    )
    wanted = numpy(keras.ops.elu(features)) / (1 + np.exp(-gates))
    np.testing.assert_allclose(outputs, wanted, atol=1e-5)


def test_matches_a_loop_over_pixels():
    images = pictures(1, 5, 6, 2)
    layer = GatedConv2D(3, 2, bias_initializer="normal")
    outputs = numpy(layer(images))
    kernel, bias = (numpy(weight) for weight in layer.weights)
    for y in range(4):
        for x in range(5):
            window = images[0, y : y + 2, x : x + 2]
            both = np.tensordot(window, kernel, 3) + bias
            wanted = both[:3] / (1 + np.exp(-both[3:]))
            np.testing.assert_allclose(outputs[0, y, x], wanted, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(bias=st.floats(-50, 50))
def test_a_gate_only_lessens(bias):
    images = pictures(1, 4, 4, 2)
    layer = GatedConv2D(2, 3, padding="same")
    layer.build(images.shape)
    kernel = numpy(layer.kernel)
    layer.set_weights([kernel, np.array([0, 0, bias, bias], "float32")])
    features = numpy(keras.ops.conv(images, kernel[..., :2], padding="same"))
    outputs = numpy(layer(images))
    assert (np.abs(outputs) <= np.abs(features) + 1e-5).all()


def test_shut_gates_give_zero_and_open_ones_a_convolution():
    images = pictures(1, 4, 4, 2)
    layer = GatedConv2D(2, 3)
    layer.build(images.shape)
    kernel = numpy(layer.kernel)
    wanted = numpy(keras.ops.conv(images, kernel[..., :2])) + 1
    for gate, share in ((-100, 0), (100, 1)):
        layer.set_weights([kernel, np.array([1, 1, gate, gate], "float32")])
        np.testing.assert_allclose(
            numpy(layer(images)), share * wanted, atol=1e-5
        )


def test_channels_first_is_channels_last_turned(compiled):
    images = pictures(2, 7, 8, 3)
    last = GatedConv2D(4, 3, strides=2, bias_initializer="normal")
    wanted = numpy(last(images))
    first = GatedConv2D(4, 3, strides=2, data_format="channels_first")
    turned = images.transpose(0, 3, 1, 2)
    first.build(turned.shape)
    first.set_weights(last.get_weights())
    outputs = numpy(compiled(first)(turned)).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(outputs, wanted, atol=1e-5)


def test_groups_are_refused():
    with pytest.raises(ValueError, match="must be 1. Received: groups=2"):
        GatedConv2D(4, 3, groups=2)
