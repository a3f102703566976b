"""Who is moved by which term, and what training against a critic needs."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasinpaint import losses, metrics, models, networks
from kerasinpaint.adversarial import (
    AdversarialInpainter,
    _mean,
    _patches_with_holes,
)
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.two_rates import TwoRateAdam

SHAPE = (32, 32, 3)


def batch(size=32):
    rng = np.random.default_rng(0)
    targets = rng.random((2, size, size, 3), np.float32)
    masks = np.ones((2, size, size, 1), np.float32)
    masks[:, 4:12, 4:12] = 0
    return {"images": targets * masks, "masks": masks}, targets


def painter():
    """Two convolutions and a state, which see the mask."""
    pictures = keras.Input(SHAPE, name="images")
    masks = keras.Input((*SHAPE[:2], 1), name="masks")
    x = keras.layers.Concatenate()([pictures, masks])
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Conv2D(3, 3, padding="same", activation="sigmoid")(x)
    return keras.Model({"images": pictures, "masks": masks}, x)


def critic():
    """With all that has a state: dropout, batch and spectral norm."""
    x = images = keras.Input(SHAPE, name="discriminator_images")
    x = models.build_patch_gan(SHAPE, width=2).layers[1](x)
    x = keras.layers.BatchNormalization(name="discriminator_bn")(x)
    x = keras.layers.LeakyReLU(0.2, name="discriminator_relu")(x)
    x = keras.layers.Dropout(0.5, seed=1, name="discriminator_dropout")(x)
    x = keras.layers.Conv2D(1, 1, name="discriminator_score")(x)
    return keras.Model(images, x, name="discriminator")


def make(discriminator=None, optimizer=None, **options):
    keras.utils.set_random_seed(0)
    generator = painter()
    if discriminator is None:
        discriminator = critic()
    model = AdversarialInpainter(generator, discriminator)
    options = {"loss": losses.MAE()} | options
    model.compile(optimizer or TwoRateAdam(1e-3, scale=2.0), **options)
    return model


def nothing(targets, painted, masks):
    return 0.0 * ops.mean(painted)


def gradients(loss, model):
    """Gradients of `loss()` for the generator and for the discriminator."""
    players = model.network, model.discriminator
    variables = [v for p in players for v in p.trainable_variables]
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value = loss()
        found = tape.gradient(value, [v.value for v in variables])
    elif backend == "jax":
        import jax

        def of(values):
            mapping = list(zip(variables, values, strict=True))
            with keras.StatelessScope(state_mapping=mapping):
                return loss()

        found = jax.jit(jax.grad(of))([v.value for v in variables])
    else:
        model.zero_grad()
        loss().backward()
        found = [v.value.grad for v in variables]
    found = [
        np.zeros(v.shape) if g is None else ops.convert_to_numpy(g)
        for g, v in zip(found, variables, strict=True)
    ]
    count = len(model.network.trainable_variables)
    return found[:count], found[count:]


def reset(model, state):
    """As at the start: the same dropout, the same norms."""
    for variable, value in zip(model.variables, state, strict=True):
        variable.assign(value)


def painted_in_training(model, inputs, targets):
    """What the generator paints, and what the discriminator is given."""
    painted = model.network(inputs, training=True)
    masks = inputs["masks"]
    return painted, masks * targets + (1 - masks) * painted


@pytest.mark.parametrize("term", ["weight", "matching"])
def test_the_generators_terms_move_the_generator_alone(term):
    inputs, targets = batch()
    found = {}
    for weight in (0.0, 3.0):
        terms = {"weight": 0.0, "matching": 0.0, term: weight}
        model = make(loss=nothing, **terms)

        def loss(model=model):
            painted, _ = painted_in_training(model, inputs, targets)
            return model.compute_loss(inputs, targets, painted)

        found[weight] = gradients(loss, model)
    for without, with_it in zip(found[0.0][1], found[3.0][1], strict=True):
        np.testing.assert_array_equal(with_it, without)
    assert any(np.abs(g).max() > 0 for g in found[0.0][1])
    assert all(np.abs(g).max() == 0 for g in found[0.0][0])
    assert any(np.abs(g).max() > 1e-4 for g in found[3.0][0])


def test_the_generator_gets_the_gradient_of_minus_the_frozen_score():
    inputs, targets = batch()
    model = make(loss=nothing, weight=3.0, penalty=0.0)
    state = [ops.convert_to_numpy(v) for v in model.variables]

    def loss():
        painted, _ = painted_in_training(model, inputs, targets)
        return model.compute_loss(inputs, targets, painted)

    found, _ = gradients(loss, model)
    reset(model, state)

    def minus_score():
        _, filled = painted_in_training(model, inputs, targets)
        # As in `compute_loss`, it is the third call of the discriminator.
        for pictures in (targets, ops.stop_gradient(filled)):
            model.discriminator(pictures, training=True)
        scores = model.discriminator(filled, training=True)
        holes = _patches_with_holes(inputs["masks"], scores)
        return -3.0 * _mean(scores, holes)

    wanted, moved = gradients(minus_score, model)
    assert any(np.abs(g).max() > 1e-4 for g in wanted)
    assert any(np.abs(g).max() > 1e-4 for g in moved)  # unless it is frozen
    for one, same in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, same, rtol=1e-4, atol=1e-6)


def test_the_penalty_is_the_squared_slope_at_real_pictures():
    model = make(models.build_patch_gan(SHAPE, width=4))
    inputs, targets = batch()
    state = [ops.convert_to_numpy(v) for v in model.variables]
    losses_of = {}
    for penalty in (0.0, 300.0):
        reset(model, state)  # the same noise
        model.penalty = penalty
        loss = model.compute_loss(inputs, targets, targets, training=False)
        losses_of[penalty] = float(loss)
    reset(model, state)
    noise = keras.random.normal(targets.shape, stddev=0.05, seed=model.noise)
    slope = model.discriminator(targets) - model.discriminator(targets + noise)
    wanted = 300 * float(ops.mean(ops.square(slope)))
    assert wanted > 1e-3
    assert losses_of[300.0] - losses_of[0.0] == pytest.approx(wanted, rel=1e-3)


def test_matching_is_the_squared_difference_of_features():
    discriminator = models.build_patch_gan(SHAPE, width=4)
    model = make(discriminator, loss=nothing, weight=0.0, penalty=0.0)
    inputs, targets = batch()
    painted = 1 - targets
    losses_of = {}
    for matching in (0.0, 50.0):
        model.matching = matching
        loss = model.compute_loss(inputs, targets, painted, training=False)
        losses_of[matching] = float(loss)
    filled = inputs["masks"] * targets + (1 - inputs["masks"]) * painted
    off = []
    real, fake = targets, filled
    for layer in discriminator.layers[1:-1]:
        real, fake = layer(real), layer(fake)
        if "relu" in layer.name:
            off.append(float(ops.mean(ops.square(real - fake))))
    assert len(off) == 4 and min(off) > 0
    wanted = 50 * np.mean(off)
    assert wanted > 1e-3
    assert losses_of[50.0] - losses_of[0.0] == pytest.approx(wanted, rel=1e-3)


def test_matching_needs_features():
    images = keras.Input(SHAPE)
    flat = keras.layers.Conv2D(1, 3, name="discriminator_score")(images)
    with pytest.raises(ValueError, match="without LeakyReLU.* Received: 2.0"):
        make(keras.Model(images, flat), matching=2.0)


def test_what_the_frozen_call_would_keep_is_thrown_away():
    model = make()
    _, targets = batch()
    before = [ops.convert_to_numpy(v) for v in model.variables]
    model._frozen_looks(targets, training=True)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(variable), value)


@pytest.mark.parametrize(
    "build, policy, options",
    [
        (models.build_patch_gan, "mixed_float16", {}),
        (
            models.build_discriminator,
            "float32",
            {"adversarial": losses.CrossEntropy(0.1), "penalty": 0.0},
        ),
    ],
)
def test_both_discriminators_learn_to_tell(build, policy, options):
    with networks.policy(policy):
        model = make(
            build(SHAPE, width=4),
            TwoRateAdam(3e-4),
            metrics=[metrics.PSNR(), metrics.SSIM()],
            **options,
        )
    before = [ops.convert_to_numpy(v) for v in model.trainable_variables]
    history = model.fit(*batch(), epochs=20, verbose=0).history
    assert set(history) == {
        "loss",
        "generator_loss",
        "painting_loss",
        "discriminator_loss",
        "d_real",
        "d_fake",
        "psnr",
        "ssim",
    }
    assert np.isfinite(list(history.values())).all()
    ahead = np.subtract(history["d_real"], history["d_fake"])
    assert ahead[-5:].mean() > ahead[:5].mean() + 0.02
    after = [ops.convert_to_numpy(v) for v in model.trainable_variables]
    assert all((a != b).any() for a, b in zip(before, after, strict=True))


def test_what_is_known_everywhere_in_a_patch_is_not_called_painted():
    model = make(models.build_patch_gan(SHAPE, width=2), penalty=0.0)
    inputs, targets = batch()
    inputs["masks"][:] = 1
    painted = np.zeros_like(targets)
    loss = model.compute_loss(inputs, targets, painted, training=False)
    wanted = losses.MAE()(targets, painted) + ops.mean(
        losses.Hinge().real(model.discriminator(targets))
    )
    np.testing.assert_allclose(float(loss), float(wanted), rtol=1e-5)


def test_of_patches_those_count_that_have_enough_of_a_hole():
    masks = np.ones((1, 64, 64, 1), np.float32)
    masks[:, 8:56, 8:56] = 0
    scores = np.zeros((1, 8, 8, 1), np.float32)
    for least, edge in {0.0: 0, 0.4: 1, 0.9: 2}.items():
        found = ops.convert_to_numpy(_patches_with_holes(masks, scores, least))
        assert found[0, edge : 8 - edge, edge : 8 - edge].all()
        assert found.sum() == (8 - 2 * edge) ** 2


def test_it_is_saved_and_goes_on(tmp_path):
    options = {"weight": 0.3, "penalty": 0.0, "matching": 2.0, "share": 0.5}
    model = make(adversarial=losses.CrossEntropy(0.1), **options)
    model.fit(*batch(), epochs=2, verbose=0)
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    assert (again.adversarial.smoothing, again.weight) == (0.1, 0.3)
    assert (again.matching, again.share) == (2.0, 0.5)
    wanted = model.evaluate(*batch(), verbose=0, return_dict=True)
    found = again.evaluate(*batch(), verbose=0, return_dict=True)
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-4)


def test_without_a_critic_it_is_the_inpainter():
    """The generator learns as ever if the other's word has no weight."""
    model = make(weight=0.0, optimizer=TwoRateAdam(1e-3, scale=0.0))
    keras.utils.set_random_seed(0)
    alone = Inpainter(painter())
    alone.compile(keras.optimizers.Adam(1e-3), losses.MAE())
    alone.network.set_weights(model.network.get_weights())
    for each in (model, alone):
        each.fit(*batch(), epochs=3, verbose=0)
    for one, same in zip(
        model.network.get_weights(), alone.network.get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, same, atol=1e-5)
