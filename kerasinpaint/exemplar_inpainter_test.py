"""What an exemplar adds to the game of a generator and its critic."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasinpaint import losses, models
from kerasinpaint.adversarial import AdversarialInpainter
from kerasinpaint.adversarial_test import SHAPE, batch, gradients, nothing
from kerasinpaint.exemplar_inpainter import ExemplarInpainter
from kerasinpaint.two_rates import TwoRateAdam


def shown():
    """Inputs with an exemplar that is half known, and targets."""
    inputs, targets = batch()
    rng = np.random.default_rng(1)
    exemplars = rng.random((*targets.shape[:3], 4), np.float32) ** 3
    exemplars[..., 3] = exemplars[:1, :, :, 0] > 0.1
    return inputs | {"exemplars": exemplars}, targets


def painter():
    """A convolution that sees the picture, its mask and the exemplar."""
    inputs = {
        "images": keras.Input(SHAPE, name="images"),
        "masks": keras.Input((*SHAPE[:2], 1), name="masks"),
        "exemplars": keras.Input((*SHAPE[:2], 4), name="exemplars"),
    }
    x = keras.layers.Concatenate()(list(inputs.values()))
    x = keras.layers.Conv2D(3, 3, padding="same", activation="sigmoid")(x)
    return keras.Model(inputs, x)


def make(kind=ExemplarInpainter, **options):
    keras.utils.set_random_seed(0)
    model = kind(painter(), models.build_patch_gan(SHAPE, width=4))
    options = {"loss": losses.MAE()} | options
    model.compile(TwoRateAdam(1e-3, scale=2.0), **options)
    return model


def test_without_a_style_it_is_the_game():
    inputs, targets = shown()
    one, two = (
        float(make(kind).compute_loss(inputs, targets, 1 - targets))
        for kind in (ExemplarInpainter, AdversarialInpainter)
    )
    assert one == pytest.approx(two, rel=1e-6)


def test_the_style_of_the_filled_picture_is_added():
    inputs, targets = shown()
    style = losses.ExemplarStyle(levels=1)
    model = make(penalty=0.0)
    found = {}
    painted = 1 - targets
    for model.style, model.style_weight in ((None, 1), (style, 1), (style, 5)):
        loss = model.compute_loss(inputs, targets, painted, training=False)
        found[model.style and model.style_weight] = float(loss)
    masks = inputs["masks"]
    filled = masks * targets + (1 - masks) * painted
    wanted = float(ops.mean(style(filled, masks, inputs["exemplars"])))
    assert wanted > 1e-3
    assert found[1] - found[None] == pytest.approx(wanted, rel=1e-3)
    assert found[5] - found[None] == pytest.approx(5 * wanted, rel=1e-3)


def test_style_moves_the_generator_alone():
    inputs, targets = shown()
    style = losses.ExemplarStyle(levels=1)
    found = {}
    for weight in (0.0, 3.0):
        model = make(loss=nothing, weight=0.0, style=style, style_weight=weight)

        def loss(model=model):
            painted = model.network(inputs, training=True)
            return model.compute_loss(inputs, targets, painted)

        found[weight] = gradients(loss, model)
    assert all(np.abs(slope).max() == 0 for slope in found[0.0][0])
    assert all(np.abs(slope).max() > 1e-5 for slope in found[3.0][0])
    for without, with_it in zip(found[0.0][1], found[3.0][1], strict=True):
        np.testing.assert_array_equal(with_it, without)


def test_it_is_saved_and_goes_on(tmp_path):
    inputs, targets = shown()
    options = {"weight": 0.3, "penalty": 0.0, "style_weight": 4.0}
    model = make(style=losses.ExemplarStyle(levels=2), **options)
    model.fit(inputs, targets, verbose=0)
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    assert type(again) is ExemplarInpainter
    assert (again.style.levels, again.style_weight) == (2, 4.0)
    assert again.weight == 0.3
    wanted, found = (
        each.evaluate(inputs, targets, verbose=0, return_dict=True)
        for each in (model, again)
    )
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-4)
