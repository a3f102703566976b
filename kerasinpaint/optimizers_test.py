"""The schedule, against the definition and against Keras's own."""

import keras
import numpy as np
import pytest

from kerasinpaint.optimizers import WarmRestarts


def values(schedule, steps):
    return keras.ops.convert_to_numpy(schedule(np.array(steps, "f")))


def test_it_rises_in_a_line():
    schedule = WarmRestarts(0.02, warmup=10, first=20)
    wanted = 0.002 * np.arange(1, 11)
    np.testing.assert_allclose(values(schedule, range(10)), wanted, rtol=1e-5)


def test_then_it_is_keras_cosine_with_restarts():
    schedule = WarmRestarts(0.02, warmup=10, first=20)
    restarts = keras.optimizers.schedules.CosineDecayRestarts(
        0.02, 20, t_mul=2.0, m_mul=0.8, alpha=0.01
    )
    np.testing.assert_allclose(
        values(schedule, range(10, 200)),
        values(restarts, range(190)),
        rtol=1e-5,
    )


@pytest.mark.parametrize(
    ("number", "start", "length"), [(0, 10, 20), (1, 30, 40), (2, 70, 80)]
)
def test_each_decay_takes_twice_as_long_from_a_lower_rate(
    number, start, length
):
    schedule = WarmRestarts(1.0, warmup=10, first=20)
    quarters = [start + length * part // 4 for part in range(4)]
    cosine = (1 + np.cos(np.pi * np.arange(4) / 4)) / 2
    wanted = 0.01 + 0.99 * 0.8**number * cosine
    np.testing.assert_allclose(values(schedule, quarters), wanted, rtol=1e-4)


def test_an_optimizer_with_it_is_saved_and_steps_by_it():
    schedule = WarmRestarts(0.5, warmup=4, first=8)
    saved = keras.saving.serialize_keras_object(keras.optimizers.SGD(schedule))
    optimizer = keras.saving.deserialize_keras_object(saved)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    rates = []
    for _ in range(6):
        rates.append(float(optimizer.learning_rate))
        model.train_on_batch(np.ones((1, 1)), np.ones((1, 1)))
    np.testing.assert_allclose(rates, values(schedule, range(6)), rtol=1e-5)
