"""Proved with scale 0, where the discriminator must not move at all."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasinpaint.two_rates import TwoRateAdam


def two_layers():
    keras.utils.set_random_seed(0)
    inner = keras.Sequential(
        [keras.layers.Dense(3, name="discriminator_dense")], name="inner"
    )
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), inner])


def moved(model):
    """By how much one step moves each variable."""
    before = [ops.convert_to_numpy(v) for v in model.trainable_variables]
    model.fit(np.ones((2, 4)), np.ones((2, 3)), verbose=0)
    return {
        variable.path.split("/", 1)[-1]
        if "inner" in variable.path
        else "own": np.abs(ops.convert_to_numpy(variable) - value).max()
        for variable, value in zip(
            model.trainable_variables, before, strict=True
        )
    }


@pytest.mark.parametrize("scaled_loss", [False, True])
@pytest.mark.parametrize("scale", [0.0, 1.0, 3.0])
def test_steps_of_the_discriminator_are_scaled(scale, scaled_loss):
    model = two_layers()
    optimizer = TwoRateAdam(1e-3, scale=scale)
    if scaled_loss:
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    model.compile(optimizer, "mse", auto_scale_loss=False)
    steps = moved(model)
    own = steps.pop("own")
    np.testing.assert_allclose(own, 1e-3, rtol=1e-3)
    assert len(steps) == 2
    for step in steps.values():
        np.testing.assert_allclose(step, scale * 1e-3, rtol=1e-3, atol=1e-9)


def test_without_a_discriminator_it_is_refused():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="`prefix` .*'discriminator_'.*kernel"):
        TwoRateAdam(1e-3).build(model.trainable_variables)


def test_its_arguments_come_back():
    optimizer = TwoRateAdam(1e-3, scale=0.5, prefix="critic_", beta_1=0.5)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert again.get_config() == optimizer.get_config()
    assert (again.scale, again.prefix, again.beta_1) == (0.5, "critic_", 0.5)
