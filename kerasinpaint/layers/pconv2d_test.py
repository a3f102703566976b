import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasinpaint.conftest import pictures
from kerasinpaint.layers import PConv2D


def holes(*shape, seed=0):
    """Masks with single pixels, and a box that a window fits into."""
    masks = np.random.default_rng(seed).random(shape) > 0.3
    masks[:, 1:6, 2:7] = 0
    return masks.astype("float32")


def numpy(tensors):
    return [keras.ops.convert_to_numpy(tensor) for tensor in tensors]


def pconv(filters=4, kernel_size=3, **options):
    options = {"bias_initializer": "normal", **options}
    return PConv2D(filters, kernel_size, **options)


@pytest.mark.parametrize(
    "options, channels",
    [
        ({"padding": "same", "activation": "relu"}, 1),
        ({"kernel_size": (2, 5), "strides": 2, "use_bias": False}, 3),
    ],
    ids=["one channel", "all channels"],
)
def test_contract(assert_layer_contract, options, channels):
    assert_layer_contract(
        lambda **kwargs: pconv(**options, **kwargs),
        pictures(2, 8, 9, 3),
        holes(2, 8, 9, channels),
    )


def test_contract_of_lists(assert_layer_contract):
    assert_layer_contract(
        lambda **kwargs: pconv(padding="same", **kwargs),
        [pictures(2, 8, 9, 2), pictures(2, 8, 9, 3)],
        [holes(2, 8, 9, 1), holes(2, 8, 9, 3)],
    )


def test_without_holes_it_is_a_convolution():
    images = pictures(2, 9, 8, 3)
    layer = pconv(strides=2, activation="elu")
    features, updated = numpy(layer(images, np.ones((2, 9, 8, 1), "float32")))
    conv = keras.layers.Conv2D(4, 3, strides=2, activation="elu")
    conv.build(images.shape)
    conv.set_weights(layer.get_weights())
    np.testing.assert_allclose(features, *numpy([conv(images)]), atol=1e-5)
    assert (updated == 1).all()


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 1000),
    anything=st.floats(-100, 100, width=32),
    channels=st.sampled_from([1, 3]),
)
def test_what_lies_in_a_hole_does_not_matter(seed, anything, channels):
    images = pictures(1, 9, 8, 3, seed=seed)
    masks = holes(1, 9, 8, channels, seed=seed)
    layer = pconv(padding="same", strides=2)
    wanted = numpy(layer(images * masks, masks))
    for value in (7.0, anything):
        spoilt = np.where(masks, images, np.float32(value))
        for ours, same in zip(numpy(layer(spoilt, masks)), wanted, strict=True):
            np.testing.assert_array_equal(ours, same)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), grey=st.floats(-2, 2, width=32))
def test_a_flat_picture_stays_flat_whatever_is_known(seed, grey):
    masks = holes(1, 9, 8, 1, seed=seed)
    layer = pconv(1, kernel_initializer="ones", bias_initializer="zeros")
    features, updated = numpy(layer(np.full((1, 9, 8, 3), grey), masks))
    np.testing.assert_allclose(features, 27 * grey * updated, atol=1e-4)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_knowing_more_never_opens_a_hole(seed):
    images, masks = pictures(1, 9, 8, 3), holes(1, 9, 8, 3, seed=seed)
    more = np.maximum(masks, holes(1, 9, 8, 3, seed=seed + 1))
    layer = pconv(strides=2, padding="same")
    less, more = (numpy(layer(images, m))[1] for m in (masks, more))
    assert (more >= less).all()


@pytest.mark.parametrize("activation", [None, "sigmoid"])
@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_nothing_known_gives_zero(policy, activation):
    # More values under the window than float16 has numbers.
    images = pictures(1, 8, 8, 2048)
    layer = pconv(1, 7, activation=activation, dtype=policy)
    for output in numpy(layer(images, np.zeros((1, 8, 8, 1), "float32"))):
        assert (output == 0).all()


def test_counts_are_exact_where_float16_has_no_such_number():
    masks = np.ones((1, 3, 3, 1000), "float32")
    masks[0, 0, 0, 0] = 0
    layer = PConv2D(1, 3, kernel_initializer="ones", dtype="mixed_float16")
    features, _ = numpy(layer(np.full(masks.shape, 1e-2), masks))
    np.testing.assert_allclose(features, 90, rtol=2e-3)


@pytest.mark.parametrize("channels", [1, 3])
def test_channels_first_is_channels_last_turned(channels, compiled):
    turn, back = (0, 3, 1, 2), (0, 2, 3, 1)
    images, masks = pictures(2, 9, 8, 3), holes(2, 9, 8, channels)
    last = pconv(strides=2, padding="same")
    first = pconv(strides=2, padding="same", data_format="channels_first")
    wanted = numpy(last(images, masks))
    turned = images.transpose(turn), masks.transpose(turn)
    symbols = [keras.Input(array.shape[1:]) for array in turned]
    assert first(*symbols)[1].shape == (None, 1, 5, 4)
    first.set_weights(last.get_weights())
    outputs = numpy(compiled(first)(*turned))
    for ours, same in zip(outputs, wanted, strict=True):
        np.testing.assert_allclose(ours.transpose(back), same, atol=1e-5)


def test_any_height_and_width():
    images, masks = keras.Input((None, None, 3)), keras.Input((None, None, 1))
    layer = pconv(strides=2, padding="same")
    model = keras.Model([images, masks], layer(images, masks))
    assert model.outputs[0].shape == (None, None, None, 4)
    for size in ((9, 8), (5, 12)):
        arrays = pictures(1, *size, 3), holes(1, *size, 1)
        wanted = numpy(layer(*arrays))
        ours = model.predict(arrays, verbose=0)
        np.testing.assert_allclose(ours[0], wanted[0], atol=1e-5)


@pytest.mark.parametrize("kind", ["uint8", "bool"])
def test_masks_of_whole_numbers(kind):
    images, masks = pictures(1, 9, 8, 3), holes(1, 9, 8, 1)
    layer = pconv()
    wanted = numpy(layer(images, masks))
    for ours, same in zip(
        numpy(layer(images, masks.astype(kind))), wanted, strict=True
    ):
        np.testing.assert_array_equal(ours, same)


IMAGES = np.zeros((2, 8, 9, 3), "float32")


@pytest.mark.parametrize(
    "images, masks, told",
    [
        (IMAGES, IMAGES[:, 1:, :, :1], r"same batch, height .*\(2, 7, 9, 1\)"),
        (IMAGES, IMAGES[:1, :, :, :1], r"same batch, height .*\(1, 8, 9, 1\)"),
        (IMAGES, IMAGES[..., :2], r"1 channel, or as many .*\(2, 8, 9, 2\)"),
        (IMAGES, IMAGES[..., 0], r"4 dimensions.* masks \[\(2, 8, 9\)\]"),
        (IMAGES[0], IMAGES, r"4 dimensions.* images \[\(8, 9, 3\)\]"),
        ([IMAGES] * 2, [IMAGES], "lists of the same length"),
        ([IMAGES] * 2, IMAGES, "lists of the same length"),
    ],
)
@pytest.mark.parametrize("symbolic", [False, True])
@pytest.mark.parametrize("built", [False, True])
def test_masks_that_do_not_fit_are_refused(
    images, masks, told, symbolic, built
):
    layer = pconv()
    if built:
        layer.build((None, None, None, 3))
    if symbolic:
        images, masks = keras.tree.map_structure(
            lambda array: keras.KerasTensor(array.shape), (images, masks)
        )
    with pytest.raises(ValueError, match=told):
        layer(images, masks)


def test_another_number_of_channels_than_when_built_is_refused():
    layer = pconv()
    layer(IMAGES, IMAGES)
    twice = np.concatenate([IMAGES, IMAGES], -1)
    with pytest.raises(ValueError, match=r"3 channels.*\(2, 8, 9, 6\)"):
        layer(twice, twice)


def test_groups_are_refused():
    with pytest.raises(ValueError, match="must be 1. Received: groups=2"):
        PConv2D(4, 3, groups=2)


def test_masks_are_not_differentiated():
    class OfMasks(keras.layers.Layer):
        """Makes both images and masks out of one weight."""

        def build(self, shape):
            self.weight = self.add_weight(shape=(), initializer="ones")
            self.pconv = pconv()
            self.pconv.build((None, None, None, 3))

        def call(self, images):
            masks = keras.ops.ones_like(images) * self.weight
            # Zero times the weight: Keras warns of what has no gradient.
            return self.pconv(images, masks)[0] + 0.0 * self.weight

    model = keras.Sequential([OfMasks()])
    model.compile("sgd", "mse")
    images = pictures(2, 8, 9, 3)
    model.train_on_batch(images, np.ones((2, 6, 7, 4), "float32"))
    assert model.layers[0].get_weights()[0] == 1.0
