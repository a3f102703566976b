import keras
import numpy as np
import pytest

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import GatedConv2D, Remat


def test_contract(assert_layer_contract):
    assert_layer_contract(
        lambda **kwargs: Remat(GatedConv2D(4, 3, activation="elu", **kwargs)),
        pictures(2, 8, 9, 3),
    )


def block():
    """Layers with every kind of state: means, and seeds."""
    return keras.Sequential(
        [
            keras.layers.Conv2D(4, 3, padding="same"),
            keras.layers.BatchNormalization(),
            keras.layers.Activation("elu"),
            keras.layers.Dropout(0.5, seed=1),
        ]
    )


def trained(wrapped, jit):
    """Losses and weights after some steps, of a block or a wrapped one."""
    keras.utils.set_random_seed(0)
    inner = block()
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), Remat(inner) if wrapped else inner]
    )
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=jit)
    batch = pictures(4, 8, 8, 3), pictures(4, 8, 8, 4)
    history = [model.train_on_batch(*batch) for _ in range(3)]
    return history, [numpy(weight) for weight in inner.variables]


@pytest.mark.parametrize("jit", [False, True])
def test_steps_are_the_same_with_it_and_without(jit):
    history, weights = trained(False, jit)
    checkpointed, same = trained(True, jit)
    np.testing.assert_allclose(checkpointed, history, rtol=1e-5)
    assert len(set(np.round(history, 6))) == 3
    for one, other in zip(weights, same, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
