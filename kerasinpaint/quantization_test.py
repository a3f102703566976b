import keras
import numpy as np
import pytest

from kerasinpaint import models, quantization
from kerasinpaint.layers import PyramidFill
from kerasinpaint.quantization import mean_psnr, ranges, rounded

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="LiteRT needs TensorFlow"
)


@pytest.fixture(scope="module")
def network():
    """A network whose layers all do something."""
    keras.utils.set_random_seed(0)
    network = models.build_autoencoder(
        (None, None, 3), skip=True, sees_masks=True, width=2, residual=True
    )
    for variable in network.trainable_variables:
        noise = keras.random.normal(variable.shape, stddev=0.1)
        variable.assign(variable + noise)
    return network


@pytest.fixture(scope="module")
def pictures():
    return quantization.holed("train", 3, 32)


def test_pictures_are_the_same_each_time_and_holed(pictures):
    inputs, truths = pictures
    again, _ = quantization.holed("train", 3, 32)
    np.testing.assert_array_equal(inputs["masks"], again["masks"])
    assert inputs["images"].shape == truths.shape == (3, 32, 32, 3)
    holes = inputs["masks"] == 0
    assert holes.mean((1, 2, 3)).min() > 0.01
    np.testing.assert_array_equal(inputs["images"], np.where(holes, 0, truths))


def filled_first():
    """A network of divisions, which stay in floats, and convolutions."""
    keras.utils.set_random_seed(0)
    taken = {
        name: keras.Input((None, None, channels), name=name)
        for name, channels in (("images", 3), ("masks", 1))
    }
    x = PyramidFill(levels=3)(taken["images"], taken["masks"])
    for filters in (32, 32, 3):
        x = keras.layers.Conv2D(filters, 3, padding="same")(x)
        x = keras.layers.LeakyReLU()(x)
    return keras.Model(taken, x)


def test_a_file_of_integers_is_smaller_and_nearly_the_same(pictures, tmp_path):
    inputs, _ = pictures
    network = filled_first()
    wanted = np.asarray(network(inputs, training=False))
    sizes = {}
    for kind, calibration, most in (("f", None, 1e-4), ("i", inputs, 0.05)):
        path = tmp_path / f"{kind}.tflite"
        quantization.convert(network, path, 32, calibration)
        filled = quantization.runner(path)(inputs)
        assert abs(filled - wanted).mean() < most
        assert (filled != wanted).any()
        sizes[kind] = path.stat().st_size
    assert sizes["i"] < 0.75 * sizes["f"]  # of which much is names


def test_ranges_are_those_of_what_layers_take(network, pictures):
    inputs, _ = pictures
    limits = ranges(network, inputs)
    assert list(limits) == quantization.convolutions(network)
    assert len(limits) == 25
    low, high = limits["encoder_1_1"]
    assert low == 0 and high == pytest.approx(1)  # masks
    model = keras.Model(network.input, network.get_layer("output").input)
    taken = np.asarray(model(inputs))
    assert limits["output"] == (taken.min(), taken.max())


def test_a_copy_is_rounded_where_it_is_told_to_be(network, pictures):
    inputs, _ = pictures
    limits = ranges(network, inputs)
    wanted = np.asarray(network(inputs))
    np.testing.assert_array_equal(rounded(network, {})(inputs), wanted)
    one = rounded(network, {"output": limits["output"]})
    few = abs(np.asarray(one(inputs)) - wanted).mean()
    every = abs(np.asarray(rounded(network, limits)(inputs)) - wanted).mean()
    assert 0 < few < every < 0.05


def test_the_sweep_finds_the_layer_that_is_spoilt(
    network, pictures, monkeypatch
):
    names = ["decoder_2", "encoder_1_2", "encoder_3_1"]
    monkeypatch.setattr(quantization, "convolutions", lambda _: names)
    inputs, _ = pictures
    limits = ranges(network, inputs)
    limits["encoder_1_2"] = -1e4, 1e4  # so that all its inputs become 0
    monkeypatch.setattr(quantization, "ranges", lambda *_: limits)
    held_out = inputs, np.asarray(network(inputs))
    lost = quantization.sweep(network, inputs, held_out)
    assert set(lost) == set(names)
    assert next(iter(lost)) == "encoder_1_2"
    assert list(lost.values()) == sorted(lost.values(), reverse=True)


def test_only_the_named_layer_is_trained(network, monkeypatch, untraced):
    monkeypatch.setattr(quantization, "CROP", 32)
    limits = {"decoder_4": (-1.0, 1.0)}
    copy = quantization.trained(network, "decoder_4", limits, 1)
    assert [layer.name for layer in copy.layers] == [
        layer.name for layer in network.layers
    ]
    changed = {
        new.path.split("/")[0]
        for old, new in zip(network.weights, copy.weights, strict=True)
        if (np.asarray(old) != np.asarray(new)).any()
    }
    assert changed == {"decoder_4"}


def test_psnr_is_that_of_holes(pictures):
    inputs, truths = pictures
    noisy = truths + 0.1 * (1 - inputs["masks"]) + 0.5 * inputs["masks"]
    assert mean_psnr(lambda _: noisy, pictures) == pytest.approx(20, abs=1e-3)
