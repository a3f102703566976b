import keras
import numpy as np
import pytest
from keras import ops

from kerasinpaint.losses import efficientnet_features, features


def picture(height=32, width=48):
    """Colours that run through the picture, in [0, 1]."""
    y, x = np.mgrid[:height, :width] / 48
    return np.stack([x, y, (x + y) ** 2 / 4], -1)[None].astype("float32")


@pytest.fixture(scope="module")
def network():
    return efficientnet_features()


def test_contract(network):
    maps = network(picture(30, 45))
    assert [tuple(one.shape) for one in maps] == [
        (1, 15, 23, 96),
        (1, 8, 12, 144),
        (1, 4, 6, 240),
    ]
    assert not network.trainable_variables


def test_the_weights_are_those_that_named_photographs(network):
    means = [float(ops.mean(one)) for one in network(picture())]
    np.testing.assert_allclose(means, [1.9371, 1.1884, 0.8584], rtol=1e-3)


def test_the_scaling_of_the_input_is_inside(network):
    scaled = network.layers[1](np.array([0, 127 / 255, 1], "float32"))
    np.testing.assert_allclose(
        ops.convert_to_numpy(scaled), [-127 / 128, 0, 1], atol=1e-6
    )


def test_pictures_are_apart(network):
    both = np.concatenate([picture(), picture()[:, ::-1] ** 2])
    for one, two in zip(network(both), network(both[1:]), strict=True):
        np.testing.assert_allclose(
            ops.convert_to_numpy(one[1:]), ops.convert_to_numpy(two), atol=1e-4
        )


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16"])
def test_it_is_float32_under_every_policy(network, policy):
    keras.config.set_dtype_policy(policy)
    try:
        again = efficientnet_features()
        got = again(picture())
    finally:
        keras.config.set_dtype_policy("float32")
    for one, two in zip(got, network(picture()), strict=True):
        assert keras.backend.standardize_dtype(one.dtype) == "float32"
        np.testing.assert_allclose(
            ops.convert_to_numpy(one), ops.convert_to_numpy(two), atol=1e-5
        )


def small_vgg16():
    vgg16 = keras.applications.VGG16(include_top=False, weights=None)
    return features.scaled_vgg16(vgg16), vgg16


def test_vgg16_is_scaled_as_keras_scales_it():
    network, vgg16 = small_vgg16()
    scaled = keras.applications.vgg16.preprocess_input(255 * picture())
    names = [f"block{number}_pool" for number in (1, 2, 3)]
    pools = [vgg16.get_layer(name).output for name in names]
    wanted = keras.Model(vgg16.inputs[0], pools)(scaled)
    for one, two in zip(network(picture()), wanted, strict=True):
        two = ops.convert_to_numpy(two) / features.DEVIATION
        np.testing.assert_allclose(
            ops.convert_to_numpy(one), two, rtol=1e-4, atol=1e-5
        )


def test_without_a_connection_it_says_what_to_do(monkeypatch):
    def fail(**_):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.applications, "VGG16", fail)
    told = "`efficientnet_features.*no download.*URL fetch failure"
    with pytest.raises(OSError, match=told):
        features.vgg16_features()
