import keras
import numpy as np
import pytest

from kerasinpaint import losses, metrics
from kerasinpaint.inpainter import Inpainter


def make(level=0.5):
    """An inpainter that paints everything in one grey, if not trained."""
    images = keras.Input((8, 8, 3), name="images")
    masks = keras.Input((8, 8, 1), name="masks")
    painted = keras.layers.Conv2D(
        3,
        1,
        kernel_initializer="zeros",
        bias_initializer=keras.initializers.Constant(level),
    )(images)
    return Inpainter(keras.Model({"images": images, "masks": masks}, painted))


def batch():
    targets = np.ones((2, 8, 8, 3), np.float32)
    masks = np.ones((2, 8, 8, 1), np.float32)
    masks[:, 2:6, 2:6] = 0
    return {"images": targets * masks, "masks": masks}, targets


def test_losses_see_what_was_painted_and_metrics_the_composite():
    model = make()
    model.compile("sgd", loss=losses.Valid(), metrics=[metrics.L1()])
    inputs, targets = batch()
    found = model.evaluate(inputs, targets, verbose=0, return_dict=True)
    known = inputs["masks"]
    painted = np.full_like(targets, 0.5)
    wanted = losses.Valid()(targets, painted, masks=known)
    assert float(wanted) > 0
    np.testing.assert_allclose(found["loss"], float(wanted), rtol=1e-6)
    # A quarter of the picture is hole, half wrong.
    np.testing.assert_allclose(found["l1"], 12.5, rtol=1e-5)


def test_sample_weights_and_what_layers_add_count():
    images = keras.Input((8, 8, 3), name="images")
    masks = keras.Input((8, 8, 1), name="masks")
    painted = keras.layers.Conv2D(
        3, 1, bias_regularizer=keras.regularizers.L1(0.5)
    )(images)
    network = keras.Model({"images": images, "masks": masks}, painted)
    network.set_weights([np.zeros((1, 1, 3, 3)), np.full(3, 0.25)])
    model = Inpainter(network)
    model.compile("sgd", loss=losses.Hole(), metrics=[metrics.HoleL1()])
    inputs, targets = batch()
    targets[1] = 0.25  # painted right
    found = model.evaluate(
        inputs,
        targets,
        sample_weight=np.array([2.0, 0.0]),
        verbose=0,
        return_dict=True,
    )
    # A quarter of the picture is hole, and off by 0.75.
    np.testing.assert_allclose(found["loss"], 0.1875 + 0.375, rtol=1e-6)
    np.testing.assert_allclose(found["hole_l1"], 75, rtol=1e-6)


def test_it_returns_what_was_painted():
    inputs, targets = batch()
    painted = make().predict(inputs, verbose=0)
    np.testing.assert_array_equal(painted, np.full_like(targets, 0.5))


def test_metrics_are_reset_between_epochs():
    model = make()
    optimizer = keras.optimizers.SGD(0.0)
    model.compile(optimizer, loss=losses.Hole(), metrics=[metrics.HoleL1()])
    history = model.fit(*batch(), epochs=2, verbose=0, validation_data=batch())
    for values in history.history.values():
        assert len(values) == 2 and values[0] == values[1]
    assert set(history.history) == {
        "loss",
        "hole_l1",
        "val_loss",
        "val_hole_l1",
    }


def test_compiling_again_forgets_earlier_metrics():
    model = make()
    model.compile("sgd", loss=losses.Hole(), metrics=[metrics.HoleL1()])
    model.fit(*batch(), verbose=0)
    model.compile("sgd", loss=losses.Hole(), metrics=[metrics.HolePSNR()])
    history = model.fit(*batch(), verbose=0)
    assert set(history.history) == {"loss", "hole_psnr"}


def test_the_loss_falls_and_only_the_network_is_trained():
    model = make(0.0)
    model.compile(keras.optimizers.Adam(0.1), loss=losses.Hole())
    history = model.fit(*batch(), epochs=10, verbose=0)
    assert history.history["loss"][-1] < 0.3 * history.history["loss"][0]
    own = [v.path for v in model.network.trainable_variables]
    assert [v.path for v in model.trainable_variables] == own


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_under_xla(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = make()
        jit = keras.backend.backend() != "torch"
        model.compile(
            "adam",
            loss=losses.Hole(),
            metrics=[metrics.HolePSNR()],
            jit_compile=jit,
        )
        history = model.fit(*batch(), verbose=0)
    finally:
        keras.config.set_dtype_policy(before)
    assert all(np.isfinite(float(v[0])) for v in history.history.values())


def test_it_is_saved_and_loaded_with_what_it_was_compiled_with(tmp_path):
    model = make()
    model.compile("adam", loss=losses.Hole(), metrics=[metrics.HolePSNR()])
    model.fit(*batch(), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    wanted = model.evaluate(*batch(), verbose=0, return_dict=True)
    found = loaded.evaluate(*batch(), verbose=0, return_dict=True)
    assert found == wanted and set(found) == {"loss", "hole_psnr"}
    sizes = [len(m.optimizer.variables) for m in (model, loaded)]
    assert sizes[0] == sizes[1]


def test_a_loss_by_name_is_refused():
    """Keras's own would be called without masks."""
    images = keras.Input((8, 8, 3), name="images")
    model = Inpainter(keras.Model({"images": images}, images))
    with pytest.raises(ValueError, match="callable of .*Received: 'mae'"):
        model.compile("adam", loss="mae")
