import keras
import numpy as np
import pytest

from kerasinpaint import losses
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.losses import feature_losses, pconv_loss
from kerasinpaint.losses.picture_loss_test import scene, values

PAPER = {
    "valid": 1,
    "hole": 6,
    "perceptual": 0.05,
    "style": 120,
    "total_variation": 0.1,
}


class Counting(keras.Model):
    """A feature network that counts its calls."""

    calls = 0

    def call(self, images, training=None):
        type(self).calls += 1
        return [images]


def test_it_is_the_weighted_sum_of_the_paper():
    y_true, y_pred, masks = scene()
    network = losses.efficientnet_features()
    wanted = 0
    for name, weight in PAPER.items():
        more = [network] if name in ("perceptual", "style") else []
        term = getattr(losses, name)(y_true, y_pred, masks, *more)
        wanted = wanted + weight * np.array(term)
    got = values(losses.PConvLoss(network), y_true, y_pred, masks)
    np.testing.assert_allclose(got, wanted, rtol=1e-5)


@pytest.mark.parametrize("name", PAPER)
def test_a_single_weight_leaves_a_single_loss(name):
    y_true, y_pred, masks = scene()
    weights = dict.fromkeys(PAPER, 0) | {name: 2}
    loss = losses.PConvLoss(**weights)
    more = [loss.features] if name in ("perceptual", "style") else []
    term = np.array(getattr(losses, name)(y_true, y_pred, masks, *more))
    got = values(loss, y_true, y_pred, masks)
    np.testing.assert_allclose(got, 2 * term, rtol=1e-5)


def test_perceptual_and_style_share_one_pass():
    network = Counting()
    network(np.zeros((1, 16, 16, 3)))
    Counting.calls = 0
    y_true, y_pred, masks = scene()
    losses.PConvLoss(network)(y_true, y_pred, masks=masks)
    assert Counting.calls == 1


def test_what_has_no_weight_is_not_computed(monkeypatch):
    def fail(*_):
        raise AssertionError("this was not asked for")

    y_true, y_pred, masks = scene()
    monkeypatch.setitem(pconv_loss.OF_FEATURES, "style", fail)
    monkeypatch.setitem(pconv_loss.OF_PIXELS, "total_variation", fail)
    loss = losses.PConvLoss(style=0, total_variation=0)
    assert np.isfinite(float(loss(y_true, y_pred, masks=masks)))
    monkeypatch.setattr(feature_losses, "efficientnet_features", fail)
    loss = losses.PConvLoss(perceptual=0, style=0, total_variation=0)
    assert np.isfinite(float(loss(y_true, y_pred, masks=masks)))


def painter():
    """The smallest network that fills a hole."""
    inputs = {
        "images": keras.Input((32, 32, 3), 2, name="images"),
        "masks": keras.Input((32, 32, 1), 2, name="masks"),
    }
    x = keras.layers.Concatenate()(list(inputs.values()))
    x = keras.layers.Conv2D(3, 3, padding="same")(x)
    return keras.Model(inputs, keras.layers.Activation("sigmoid")(x))


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="has another compiler"
)
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_a_compiled_training_step_lowers_it(policy):
    keras.config.set_dtype_policy(policy)
    try:
        network = painter()
    finally:
        keras.config.set_dtype_policy("float32")
    loss = losses.PConvLoss()
    frozen = [np.array(w) for w in loss.features.get_weights()]
    model = Inpainter(network)
    model.compile(keras.optimizers.Adam(0.003), loss, jit_compile=True)
    y_true, _, masks = scene(2, 32)
    inputs = {"images": y_true * masks, "masks": masks}
    steps = [float(model.train_on_batch(inputs, y_true)) for _ in range(6)]
    assert np.isfinite(steps).all() and steps[-1] < steps[0]
    assert len(model.trainable_weights) == 2
    for old, new in zip(frozen, loss.features.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
