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


def test_all_three_are_trained_the_same_if_it_was_broken_off(small, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    network = training.train("structure_texture", output=whole, epochs=5)
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
            training.train("structure_texture", output=broken, epochs=5)
    finally:
        recipe.runs.fit = fit
    training.train("structure_texture", output=broken, epochs=5)
    wanted, found = (arrays(run / "weights.npz") for run in (whole, broken))
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)
