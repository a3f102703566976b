import functools

import numpy as np
import pytest

from kerasinpaint import models, networks, training, weights
from kerasinpaint import structure_texture_training as recipe


@pytest.fixture
def small(monkeypatch):
    """Tiny networks, few crops that are not analysed, and one step."""

    def build(name, dtype="float32"):
        with networks.policy(dtype):
            return models.build_structure_texture(4, 4, 4)

    draw = recipe.draw_pool

    def draw_pool(pictures, size, count, **options):
        two = [pictures[0], pictures[1]]
        return draw(two, size, count, parts=(), **options)

    monkeypatch.setattr(networks, "build", build)
    monkeypatch.setattr(recipe, "draw_pool", draw_pool)
    # Features take long to compile, and have tests of their own.
    plain = functools.partial(recipe.compiled_texture, style=0, perceptual=0)
    monkeypatch.setattr(recipe, "compiled_texture", plain)
    monkeypatch.setattr(recipe, "STEPS", 2)
    monkeypatch.setattr(recipe, "VALIDATED", 1)
    monkeypatch.setattr(recipe, "DRAWN", {32: 4, 48: 4})
    monkeypatch.setattr(recipe, "HELD_OUT", 4)
    monkeypatch.setattr(recipe, "PIXELS", 2 * 48**2)


def arrays(path):
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def test_all_three_are_trained_the_same_if_it_was_broken_off(
    small, untraced, tmp_path
):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    network = training.train("structure_texture", output=whole, epochs=4)
    start = models.build_structure_texture(4, 4, 4)
    for name in recipe.STAGES:
        assert weights.network_of(whole / f"{name}.npz") == name
        trained = network.get_layer(name).get_weights()
        begun = start.get_layer(name).get_weights()
        assert any((a != b).any() for a, b in zip(trained, begun, strict=True))
    fit, ends = recipe.runs.fit, []

    def stopping(model, batches, end, *others, **options):
        ends.append(end)
        if len(ends) == 3:
            raise KeyboardInterrupt
        return fit(model, batches, end, *others, **options)

    recipe.runs.fit = stopping
    try:
        with pytest.raises(KeyboardInterrupt):
            training.train("structure_texture", output=broken, epochs=4)
    finally:
        recipe.runs.fit = fit
    training.train("structure_texture", output=broken, epochs=4)
    wanted, found = (arrays(run / "weights.npz") for run in (whole, broken))
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_fewer_epochs_than_networks_are_refused(tmp_path):
    with pytest.raises(ValueError, match="at least 3, one for each"):
        recipe.structure_texture(None, tmp_path / "new", epochs=2)
    assert not (tmp_path / "new").exists()


def rates_of(optimizer, steps):
    schedule = recipe.WarmRestarts.from_config(
        optimizer.get_config()["learning_rate"]["config"]
    )
    return np.array([float(schedule(step)) for step in range(steps)])


def test_each_network_has_an_epoch_at_least():
    for epochs in range(3, 60):
        first, second, third = recipe.ends(epochs)
        assert 0 < first <= second < third < epochs


def test_the_artist_learns_in_waves_and_its_critic_faster():
    artist = models.build_texture_artist(4)
    model = recipe.compiled_texture(artist, 400, style=0, perceptual=0)
    optimizer = model.optimizer
    assert optimizer.scale == 2 and optimizer.clipnorm == 1
    assert optimizer.gradient_accumulation_steps == 2
    rates = rates_of(optimizer, 400)
    assert rates[0] < 0.1 * rates[20] and rates[20] == rates.max()
    (restarts,) = np.nonzero(np.diff(rates[20:]) > 0.3 * rates.max())
    assert len(restarts) == 1 and rates[-1] < 0.02 * rates.max()
    once = recipe.compiled_texture(
        artist, 400, style=0, perceptual=0, falls=1, clipnorm=None
    ).optimizer
    assert once.clipnorm is None and once.scale == 2
    falling = rates_of(once, 400)[20:]
    assert (np.diff(falling) < 0).all() and falling[-1] < 0.02 * falling[0]


class Grey:
    """A network that paints grey."""

    input = ("images", "masks")

    def predict_on_batch(self, inputs):
        return np.full_like(inputs["images"], 0.5)


def test_a_pool_is_filled_again_with_what_was_changed_and_is_wrong():
    images, targets = np.random.default_rng(0).random((2, 3, 8, 8, 3))
    masks = np.ones((3, 8, 8, 1))
    masks[:, 2:6, 2:6] = 0
    images = np.where(masks, targets, images)
    pool = {"images": images, "targets": targets, "masks": masks}
    recipe.refill(pool, Grey())
    filled = np.where(masks, targets, 0.5)
    for name, wanted in (
        ("images", filled),
        ("details", filled - images),
        ("errors", np.abs(filled - targets).mean(-1, keepdims=True)),
    ):
        np.testing.assert_allclose(pool[name], wanted, atol=1e-6)
