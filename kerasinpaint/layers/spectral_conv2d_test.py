import keras
import numpy as np
import pytest

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import SpectralConv2D


def largest(kernel):
    """The largest singular value of a kernel as a matrix."""
    return np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]))[1][0]


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3, "padding": "same", "activation": "elu"},
        {"kernel_size": 4, "strides": 2, "use_bias": False},
    ],
    ids=["same", "strides"],
)
def test_contract(assert_layer_contract, options):
    assert_layer_contract(
        lambda **kwargs: SpectralConv2D(4, **options, **kwargs),
        pictures(2, 8, 9, 3),
    )


def test_after_some_training_calls_it_divides_by_the_largest_singular_value():
    images = pictures(2, 8, 8, 3)
    layer = SpectralConv2D(6, 3, bias_initializer="normal")
    layer.build(images.shape)
    kernel, bias = numpy(layer.kernel).copy(), numpy(layer.bias)
    for _ in range(200):
        layer(images, training=True)
    np.testing.assert_array_equal(numpy(layer.kernel), kernel)
    wanted = numpy(keras.ops.conv(images, kernel / largest(kernel))) + bias
    for training in (True, False):
        outputs = numpy(layer(images, training=training))
        np.testing.assert_allclose(outputs, wanted, atol=1e-5)


def test_channels_first_is_the_same_turned_round(compiled):
    images = pictures(2, 8, 9, 3)
    last = SpectralConv2D(6, 3, bias_initializer="normal")
    first = SpectralConv2D(6, 3, data_format="channels_first")
    wanted = numpy(last(images))
    turned = images.transpose(0, 3, 1, 2)
    first.build(turned.shape)
    first.set_weights(last.get_weights())
    found = numpy(compiled(first)(turned)).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_inference_does_not_move_the_estimate():
    layer = SpectralConv2D(6, 3)
    images = pictures(2, 8, 8, 3)
    layer(images)
    before = numpy(layer.vector).copy()
    layer(images, training=False)
    np.testing.assert_array_equal(numpy(layer.vector), before)
    layer(images, training=True)
    assert (numpy(layer.vector) != before).any()


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_fit_keeps_the_estimate_on_every_backend(policy):
    images = pictures(400, 8, 8, 3)
    layer = SpectralConv2D(6, 3, dtype=policy)
    model = keras.Sequential([layer])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    targets = np.zeros((400, 6, 6, 6), "float32")
    model.fit(images, targets, batch_size=2, verbose=0)
    kernel, vector = numpy(layer.kernel), numpy(layer.vector)
    matrix = kernel.reshape(-1, 6)
    found = np.linalg.norm(matrix @ vector)
    np.testing.assert_allclose(found, largest(kernel), rtol=1e-3)


def test_a_kernel_twice_as_large_gives_the_same():
    images = pictures(1, 8, 8, 3)
    layer = SpectralConv2D(6, 3)
    first = numpy(layer(images))
    layer.kernel.assign(2 * numpy(layer.kernel))
    np.testing.assert_allclose(numpy(layer(images)), first, atol=1e-6)
