from pathlib import Path

import keras
import numpy as np
import pytest

from kerasinpaint import losses, models, networks
from kerasinpaint.conftest import outputs_of
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.models import build_lama, lama, published
from kerasinpaint.models.autoencoder_test import batch

TINY = {"blocks": 1, "width": 4}


def test_it_is_the_published_one():
    """Weights and output of the PyTorch implementation, 8 channels wide."""
    with np.load(Path(__file__).with_name("lama_small.npz")) as file:
        wanted, masks = file["output"], 1 - file["hole"]
        images = file["image"] * masks
        arrays = {
            name.replace("state_dict/", "generator."): file[name]
            for name in file
            if name.startswith("state_dict/")
        }
    steps = {"generator.model.1.bn_l.num_batches_tracked": np.array(7)}
    network = lama.from_arrays(arrays | steps)
    found = outputs_of(network, {"images": images, "masks": masks})
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_six_blocks_have_the_published_count():
    network = build_lama(blocks=6)
    count = sum(int(np.prod(v.shape)) for v in network.trainable_weights)
    assert count == 19_073_155


@pytest.mark.parametrize("size", [(16, 16), (24, 40)])
def test_contract(size):
    network = build_lama(**TINY)
    inputs, targets = batch(*size)
    found = outputs_of(network, inputs)
    assert found.shape == targets.shape and found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= 1


def test_what_lies_in_a_hole_does_not_matter():
    network = build_lama(**TINY)
    inputs, targets = batch()
    anything = inputs | {"images": targets}
    np.testing.assert_array_equal(
        outputs_of(network, anything), outputs_of(network, inputs)
    )


def test_it_sees_from_one_corner_to_the_other():
    network = build_lama(**TINY)
    inputs, _ = batch(64, 64)
    before = outputs_of(network, inputs)
    inputs["images"][:, :4, :4] = 1 - inputs["images"][:, :4, :4]
    change = np.abs(outputs_of(network, inputs) - before)
    assert (change[:, -8:, -8:].max(axis=-1) > 0).mean() > 0.9


def test_matrices_paint_the_same():
    network, other = (build_lama(**TINY, matrix=m) for m in (False, True))
    other.set_weights(network.get_weights())
    inputs, _ = batch(24, 40)
    np.testing.assert_allclose(
        outputs_of(other, inputs), outputs_of(network, inputs), atol=1e-5
    )


def test_a_step_compiles_under_xla_and_the_loss_falls():
    if keras.backend.backend() == "torch":
        pytest.skip("PyTorch has another compiler")
    keras.utils.set_random_seed(0)
    with networks.policy("mixed_bfloat16"):
        model = Inpainter(build_lama((16, 16, 3), **TINY))
    model.compile(keras.optimizers.Adam(1e-2), losses.MAE(), jit_compile=True)
    history = model.fit(*batch(16, 16), epochs=5, verbose=0).history["loss"]
    assert np.isfinite(history).all() and history[-1] < history[0]


def test_it_is_saved_and_loaded(tmp_path):
    network = build_lama(**TINY)
    network.save(tmp_path / "n.keras")
    again = keras.saving.load_model(tmp_path / "n.keras")
    inputs, _ = batch()
    np.testing.assert_array_equal(
        outputs_of(again, inputs), outputs_of(network, inputs)
    )


def test_a_size_that_it_cannot_halve_is_refused():
    with pytest.raises(ValueError, match=r"of 8 .*Received: \(20, 16, 3\)"):
        build_lama((20, 16, 3))


def test_a_checkpoint_of_something_else_is_refused():
    with pytest.raises(ValueError, match=f"array `{lama.SIGN}`.*2 arrays, a"):
        lama.from_arrays({"a": np.zeros(3), "b": np.zeros(3)})
    with pytest.raises(ValueError, match="1 to 36 blocks. Received: 0"):
        lama.from_arrays({lama.SIGN: np.zeros((4, 4, 7, 7))})
    for shape in ((), (65, 4, 7, 7), (0, 4, 7, 7)):
        with pytest.raises(ValueError, match=r"width of at most 64. Received"):
            lama.from_arrays({lama.SIGN: np.zeros(shape)})


def test_names_are_those_of_pytorch():
    names = {published.torch_name(v.path) for v in build_lama(**TINY).weights}
    assert "model.5.conv2.ffc.convg2g.fu.conv_layer.weight" in names
    assert "model.13.running_var" not in names  # an activation, of no weights


def test_normalization_inside_fourier_convolutions_can_be_frozen():
    network = build_lama(blocks=1, width=4)
    models.freeze_batch_normalization(network, "model.")
    paths = [v.path for v in network.trainable_variables]
    assert not any("gamma" in path or "beta" in path for path in paths)
    assert len(paths) == sum("kernel" in path for path in paths) + 4  # biases
    inputs, _ = batch(32, 32)
    before = [keras.ops.convert_to_numpy(w) for w in network.weights]
    network(inputs, training=True)
    for old, new in zip(before, network.weights, strict=True):
        np.testing.assert_array_equal(old, keras.ops.convert_to_numpy(new))
