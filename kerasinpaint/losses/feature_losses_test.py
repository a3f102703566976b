import keras
import numpy as np
import pytest

from kerasinpaint import losses
from kerasinpaint.losses.picture_loss_test import gradient, scene


@pytest.fixture(scope="module")
def pixels():
    """A feature network whose only map is the picture."""
    images = keras.Input((None, None, None))
    return keras.Model(images, [keras.layers.Identity()(images)])


def two_channels():
    y_pred = np.broadcast_to([1.0, 2.0], (1, 2, 2, 2))
    return np.zeros_like(y_pred), y_pred, np.zeros((1, 2, 2, 1))


def test_perceptual_golden(pixels):
    y_true, y_pred, masks = two_channels()
    got = losses.perceptual(y_true, y_pred, masks, pixels)
    np.testing.assert_allclose(got, [1.5 + 1.5], rtol=1e-6)
    got = losses.perceptual(y_true, y_pred, masks + 1, pixels)
    np.testing.assert_allclose(got, [1.5 + 0], rtol=1e-6)


def test_style_golden(pixels):
    y_true, y_pred, masks = two_channels()
    # Four places with products 1, 2, 2, 4, over 2 * 2 * 2 values.
    gram = 4 * np.array([1, 2, 2, 4]) / 8
    got = losses.style(y_true, y_pred, masks, pixels)
    np.testing.assert_allclose(got, [2 * gram.mean()], rtol=1e-6)
    got = losses.style(y_true, y_pred, masks + 1, pixels)
    np.testing.assert_allclose(got, [gram.mean()], rtol=1e-6)


def test_style_does_not_ask_where_something_is(pixels):
    y_true, _, masks = scene()
    moved = np.roll(y_true, (5, 3), (1, 2))[:, ::-1]
    nothing = np.zeros_like(masks)
    got = losses.style(y_true, moved, nothing, pixels)
    np.testing.assert_allclose(got, [0, 0], atol=1e-6)
    assert (
        np.array(losses.perceptual(y_true, moved, nothing, pixels)) > 0.1
    ).all()


@pytest.mark.parametrize("loss", [losses.perceptual, losses.style])
def test_maps_are_summed_and_their_size_does_not_matter(loss, pixels):
    y_true, y_pred, masks = scene()
    # Sixteenths, so that no order of summing rounds their products.
    y_true, y_pred = (np.round(16 * x) / 16 for x in (y_true, y_pred))
    one = np.array(loss(y_true, y_pred, masks, pixels))
    images = keras.Input((None, None, 3))
    larger = keras.layers.UpSampling2D(2)(images)
    network = keras.Model(images, [images, larger])
    got = loss(y_true, y_pred, masks, network)
    np.testing.assert_allclose(got, 2 * one, rtol=1e-5)


@pytest.mark.parametrize("loss", [losses.perceptual, losses.style])
def test_no_gradient_flows_into_the_truth(loss, pixels):
    y_true, y_pred, masks = scene()

    def total(x):
        return keras.ops.sum(loss(x, y_pred, masks, pixels))

    assert not gradient(total, y_true).any()


def test_a_network_is_called_as_in_inference():
    images = keras.Input((None, None, 3))
    noisy = keras.layers.Dropout(0.9)(images)
    noisy = keras.layers.BatchNormalization()(noisy)
    network = keras.Model(images, noisy)  # one map, not a list
    y_true, y_pred, masks = scene()
    before = [np.array(w) for w in network.get_weights()]
    one, two = (
        keras.ops.convert_to_numpy(
            losses.perceptual(y_true, y_pred, masks, network)
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(one, two)
    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_network_of_ones_own_is_saved_without_weights(pixels):
    loss = losses.Style(pixels)
    with pytest.warns(UserWarning, match="Style was restored .*compile again"):
        again = losses.Style.from_config(loss.get_config())
    assert len(again.features.layers) == len(pixels.layers)


def test_what_is_no_network_is_refused():
    with pytest.raises(ValueError, match="`keras.Model`.*Received: 'vgg16'"):
        losses.Perceptual("vgg16")
