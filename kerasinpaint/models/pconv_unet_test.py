import keras
import numpy as np
import pytest

from kerasinpaint import losses
from kerasinpaint.conftest import outputs_of
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.models.pconv_unet import (
    CIFAR,
    SMALL,
    build_pconv_unet,
    freeze_batch_normalization,
)

TINY = {"encoder": (8, 16, 16), "kernels": (5, 3, 3)}


def batch(height=32, width=32, number=4):
    """Smooth pictures with a hole in the middle."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width] / max(height, width)
    colours = rng.random((number, 2, 1, 1, 3))
    targets = colours[:, 0] * x[..., None] + colours[:, 1] * y[..., None]
    targets = (targets / 2).astype(np.float32)
    masks = np.ones((number, height, width, 1), np.float32)
    masks[:, height // 4 : -height // 4, width // 4 : -width // 4] = 0
    return {"images": targets * masks, "masks": masks}, targets


def test_the_paper_s_network_has_its_parameters():
    network = build_pconv_unet((512, 512, 3))
    assert network.count_params() == 32_876_128
    assert network.output_shape == (None, 512, 512, 3)


@pytest.mark.parametrize(
    "arguments, height, width",
    [(TINY, 8, 24), (TINY, 32, 16), (SMALL, 64, 128), (CIFAR, 32, 32)],
)
def test_contract(arguments, height, width):
    network = build_pconv_unet(**arguments)
    inputs, targets = batch(height, width, number=1)
    found = outputs_of(network, inputs)
    assert found.shape == targets.shape and found.dtype == np.float32
    assert np.isfinite(found).all() and 0 <= found.min() <= found.max() <= 1


def test_what_lies_in_a_hole_does_not_matter():
    network = build_pconv_unet(**TINY)
    inputs, _ = batch()
    anything = inputs["images"] + 7.0 * (1 - inputs["masks"])
    np.testing.assert_allclose(
        outputs_of(network, inputs | {"images": anything}),
        outputs_of(network, inputs),
        atol=1e-6,
    )


def test_a_wide_hole_is_filled_from_the_levels_below():
    """Decoders fed with the encoder's tensors see nothing in there."""
    network = build_pconv_unet(encoder=(8,) * 4, kernels=(3,) * 4)
    inputs, _ = batch(64, 64, number=1)
    middle = slice(30, 34)
    brighter = inputs | {"images": inputs["images"] + 0.5 * inputs["masks"]}
    change = outputs_of(network, brighter) - outputs_of(network, inputs)
    # The first level sees 2 pixels into a hole that is 32 wide.
    assert np.abs(change[0, middle, middle]).max() > 1e-5


def test_each_level_sees_the_one_below():
    """Every kernel of encoder and decoder has a part in the middle."""
    network = build_pconv_unet(**TINY, batch_normalization=False)
    inputs, _ = batch(number=1)
    before = outputs_of(network, inputs)
    for layer in network.layers:
        if not layer.weights:
            continue
        weights = layer.get_weights()
        layer.set_weights([1.5 * weights[0], *weights[1:]])
        after = outputs_of(network, inputs)
        assert (after[0, 14:18, 14:18] != before[0, 14:18, 14:18]).any(), (
            layer.name
        )
        layer.set_weights(weights)


def test_both_phases_train_and_the_second_keeps_the_encoder_s_statistics():
    keras.utils.set_random_seed(0)
    model = Inpainter(build_pconv_unet(encoder=(8, 16), kernels=(3, 3)))
    histories, statistics = [], []
    for rate in (1e-2, 1e-3):
        optimizer = keras.optimizers.Adam(rate)
        model.compile(optimizer, loss=losses.Hole())
        statistics.append(moving(model.network))
        history = model.fit(*batch(), epochs=10, verbose=0, shuffle=False)
        histories.append(history.history["loss"])
        statistics.append(moving(model.network))
        freeze_batch_normalization(model.network)
    for losses_of_phase in histories:
        assert losses_of_phase[-1] < losses_of_phase[0]
    start, middle, again, end = statistics
    assert len(start) == 4
    for name in start:
        assert (middle[name] != start[name]).any()
        frozen = (end[name] == again[name]).all()
        assert frozen == name.startswith("encoder")


@pytest.mark.parametrize(
    "residual, policy", [(False, "float32"), (True, "mixed_bfloat16")]
)
def test_a_step_compiles_under_xla(residual, policy):
    if keras.backend.backend() == "torch":
        pytest.skip("PyTorch has another compiler")
    keras.config.set_dtype_policy(policy)
    try:
        network = build_pconv_unet(
            (16, 16, 3), encoder=(4, 8), kernels=(3, 3), residual=residual
        )
    finally:
        keras.config.set_dtype_policy("float32")
    model = Inpainter(network)
    model.compile("adam", loss=losses.Fidelity(), jit_compile=True)
    assert np.isfinite(model.train_on_batch(*batch(16, 16)))


def moving(network):
    """Means and variances of all batch normalisation, by name."""
    return {
        f"{layer.name}/{variable.name}": np.array(
            keras.ops.convert_to_numpy(variable)
        )
        for layer in network.layers
        if isinstance(layer, keras.layers.BatchNormalization)
        for variable in layer.variables
        if variable.name.startswith("moving")
    }


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_finite(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        network = build_pconv_unet(**TINY)
    finally:
        keras.config.set_dtype_policy(before)
    found = outputs_of(network, batch(number=1)[0])
    assert found.dtype == np.float32 and np.isfinite(found).all()


def test_it_is_saved_and_loaded(tmp_path):
    network = build_pconv_unet(**TINY)
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    inputs, _ = batch(number=1)
    np.testing.assert_array_equal(
        outputs_of(loaded, inputs), outputs_of(network, inputs)
    )


def test_a_kernel_for_each_level_is_asked_for():
    with pytest.raises(ValueError, match=r"kernel size for each.*\(3,\)"):
        build_pconv_unet(encoder=(4, 8), kernels=(3,))


def test_nothing_to_freeze_is_told():
    network = build_pconv_unet(**TINY, batch_normalization=False)
    with pytest.raises(ValueError, match="named 'encoder' and more"):
        freeze_batch_normalization(network)
