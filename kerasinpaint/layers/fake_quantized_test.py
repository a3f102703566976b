import keras
import numpy as np
import pytest

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import FakeQuantized, GatedConv2D, PConv2D
from kerasinpaint.layers.fake_quantized import rounded_inputs, rounded_kernel


def convolution(filters=4, size=3, kind=keras.layers.Conv2D, **options):
    return kind(
        filters, size, padding="same", bias_initializer="normal", **options
    )


@pytest.mark.parametrize(
    "kind", [keras.layers.Conv2D, keras.layers.Conv2DTranspose, GatedConv2D]
)
def test_contract(assert_layer_contract, kind):
    assert_layer_contract(
        lambda **kwargs: FakeQuantized(
            convolution(kind=kind, strides=2, **kwargs), -3.0, 2.0
        ),
        pictures(2, 8, 9, 3),
    )


def test_golden_kernel():
    kernel = np.zeros((1, 1, 3, 2), "float32")
    kernel[0, 0] = [[1.27, 0], [0.254, 0], [-0.012, 0]]
    rounded = numpy(rounded_kernel(kernel))[0, 0]
    wanted = [[1.27, 0], [0.25, 0], [-0.01, 0]]
    np.testing.assert_allclose(rounded, wanted, atol=1e-6)


def test_golden_inputs():
    inputs = np.array([-9, -1.02, -0.004, 0, 0.013, 1.526, 9], "float32")
    rounded = numpy(rounded_inputs(inputs, -1.02, 1.53))
    wanted = [-1.02, -1.02, 0, 0, 0.01, 1.53, 1.53]
    np.testing.assert_allclose(rounded, wanted, atol=1e-6)


@pytest.mark.parametrize("low, high", [(-0.3, 7.1), (0, 1), (-2.5, 0)])
def test_zero_is_exact_and_an_error_at_most_half_a_step(low, high):
    inputs = np.linspace(low, high, 999, dtype="float32")
    rounded = numpy(rounded_inputs(inputs, low, high))
    step = (high - low) / 255
    # The range is moved by up to half a step, so that 0 is one of them.
    assert abs(rounded - inputs).max() <= step * 1.001
    assert len(np.unique(rounded.round(5))) in (255, 256)
    assert numpy(rounded_inputs(np.zeros(1, "float32"), low, high)) == 0


@pytest.mark.parametrize(
    "kind, axis",
    [
        (keras.layers.Conv2D, 3),
        (keras.layers.Conv2DTranspose, 2),
        (GatedConv2D, 3),
    ],
)
def test_it_is_the_layer_with_rounded_kernel_and_inputs(kind, axis):
    inputs = pictures(2, 6, 7, 3)
    layer = convolution(kind=kind)
    outputs = numpy(FakeQuantized(layer, -2.0, 2.5)(inputs))
    kernel, bias = (numpy(weight) for weight in layer.weights)
    kernel = np.moveaxis(kernel, axis, -1)
    scale = abs(kernel).reshape(-1, kernel.shape[-1]).max(0) / 127
    kernel = np.moveaxis(np.round(kernel / scale) * scale, -1, axis)
    same = convolution(kind=kind)
    same.build(inputs.shape)
    same.set_weights([kernel, bias])
    wanted = numpy(same(rounded_inputs(inputs, -2.0, 2.5)))
    np.testing.assert_allclose(outputs, wanted, atol=1e-5)
    assert abs(outputs - numpy(layer(inputs))).max() > 1e-3


def test_a_frozen_layer_is_rounded_too():
    inputs = pictures(2, 6, 7, 3)
    layer = FakeQuantized(convolution(), -2.0, 2.5)
    wanted = numpy(layer(inputs))
    layer.trainable = False
    np.testing.assert_array_equal(numpy(layer(inputs)), wanted)


def test_masks_are_left_as_they_are():
    images, masks = pictures(1, 6, 6, 3), np.ones((1, 6, 6, 1), "float32")
    masks[:, 2:5, 2:4] = 0
    layer = PConv2D(4, 3, padding="same")
    outputs, known = FakeQuantized(layer, -9.0, 9.0)(images, masks)
    wanted, same = layer(images, masks)
    np.testing.assert_array_equal(numpy(known), numpy(same))
    np.testing.assert_allclose(numpy(outputs), numpy(wanted), atol=0.3)


def test_the_gradient_goes_straight_through_but_not_from_out_of_range():
    inputs = np.array([[[[0.3], [5.0]]]], "float32")
    layer = keras.layers.Conv2D(1, 1, use_bias=False)
    start = keras.layers.Conv2D(1, 1, kernel_initializer="ones")
    model = keras.Sequential(
        [keras.Input((1, 2, 1)), start, FakeQuantized(layer, -1.0, 1.0)]
    )
    layer.set_weights([np.full((1, 1, 1, 1), 2.0)])
    model.compile(keras.optimizers.SGD(1.0), _total)
    model.train_on_batch(inputs, np.zeros((1, 1, 2, 1), "float32"))
    # d/d kernel is the sum of rounded inputs: .3 and, clipped, about 1. The
    # layer before hears of the first input only: .3 times the kernel.
    assert 2 - numpy(layer.kernel).item() == pytest.approx(1.3, abs=0.01)
    assert 1 - numpy(start.kernel).item() == pytest.approx(0.6, abs=0.01)


def _total(targets, outputs):
    return keras.ops.sum(outputs)


@pytest.mark.parametrize(
    "low, high", [(0.1, 1), (-1, -0.5), (0, 0), (0, np.inf)]
)
def test_a_range_without_zero_or_end_is_refused(low, high):
    with pytest.raises(ValueError, match=f"low={low}, high={high}"):
        FakeQuantized(keras.layers.Conv2D(1, 1), low, high)


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.SeparableConv2D(2, 3),
        keras.layers.DepthwiseConv2D(3),
        keras.layers.Dense(2),
        keras.layers.ReLU(),
    ],
)
def test_what_is_no_plain_convolution_is_refused(layer):
    with pytest.raises(ValueError, match="be a convolution .* Received: "):
        FakeQuantized(layer)(pictures(1, 8, 8, 3))
