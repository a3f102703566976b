import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasinpaint import losses, runs
from kerasinpaint.adversarial import AdversarialInpainter
from kerasinpaint.batches import Batches
from kerasinpaint.checkpoint_folder import checkpoint_epoch
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.layers import SpectralConv2D
from kerasinpaint.runs import fit
from kerasinpaint.two_rates import TwoRateAdam

ROOT = Path(__file__).parents[1]


def make(seed=0, optimizer=None, dropout=0.5):
    """An inpainter of dropout and one convolution."""
    keras.utils.set_random_seed(seed)
    images = keras.Input((16, 16, 3), name="images")
    masks = keras.Input((16, 16, 1), name="masks")
    x = keras.layers.Dropout(dropout)(
        keras.ops.concatenate([images, masks], -1)
    )
    x = keras.layers.Conv2D(3, 3, padding="same", activation="sigmoid")(x)
    model = Inpainter(keras.Model({"images": images, "masks": masks}, x))
    average = keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9)
    model.compile(optimizer or average, loss=losses.Hole())
    return model


def make_adversarial(seed=0):
    """The same against a critic with all that has a state."""
    generator = make(seed).network
    x = images = keras.Input((16, 16, 3))
    x = SpectralConv2D(4, 3, strides=2, name="discriminator_1")(x)
    x = keras.layers.BatchNormalization(name="discriminator_bn")(x)
    x = keras.layers.Dropout(0.5, name="discriminator_dropout")(x)
    x = keras.layers.Conv2D(1, 3, name="discriminator_score")(x)
    model = AdversarialInpainter(generator, keras.Model(images, x))
    average = TwoRateAdam(0.01, scale=2.0, use_ema=True, ema_momentum=0.9)
    model.compile(average, loss=losses.Hole())
    return model


def draw(seed=0):
    rng = np.random.default_rng(seed)
    pictures = [rng.random((20, 24, 3)).astype("float32") for _ in range(3)]
    return Batches(pictures, 16, batch_size=2, steps=2, seed=seed)


def arrays(variables):
    return [keras.ops.convert_to_numpy(v).copy() for v in variables]


def assert_same(one, two):
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def two_phases(model, output):
    first = fit(model, draw(), 2, output, validation=draw(1))
    model.compile(keras.optimizers.SGD(0.01), loss=losses.Hole())
    return first, fit(model, draw(), 3, output, start=2)


def test_phases_go_on_where_they_were(tmp_path):
    one = make()
    first, second = two_phases(one, tmp_path / "one")
    assert len(first["loss"]) == len(first["val_loss"]) == 2
    assert len(second["loss"]) == 1
    # Broken off between the phases: the average is what is gone on with.
    fit(make(), draw(), 2, tmp_path / "two", validation=draw(1))
    two = make(seed=1)
    first, second = two_phases(two, tmp_path / "two")
    assert first == {} and len(second["loss"]) == 1
    assert_same(arrays(two.variables), arrays(one.variables))
    # And once more: nothing is left to do but to load.
    three = make(seed=2)
    assert two_phases(three, tmp_path / "two") == ({}, {})
    assert_same(arrays(three.variables), arrays(one.variables))


def test_the_average_is_shown_and_kept_and_the_checkpoint_goes_on(tmp_path):
    model, validation = make(), draw(1)
    history = fit(model, draw(), 2, tmp_path, validation=validation)
    average = model.optimizer._model_variables_moving_average
    assert_same(arrays(model.trainable_variables), arrays(average))
    (place,) = (tmp_path / "checkpoint").iterdir()
    with np.load(place / "variables.npz") as file:
        saved = [file[f"model_{i}"] for i in range(len(model.variables))]
    differences = [
        np.abs(a - b).max()
        for a, b in zip(saved, arrays(model.variables), strict=True)
    ]
    assert max(differences) > 1e-4
    validation.epoch = 0
    wanted = [
        losses.Hole()(targets, model(inputs), masks=inputs["masks"])
        for inputs, targets in (validation[0], validation[1])
    ]
    found = history["val_loss"][-1]
    np.testing.assert_allclose(found, np.mean(arrays(wanted)), rtol=1e-5)
    assert (tmp_path / "logs" / "pictures" / "0002.jpg").exists()


def test_training_changes_with_the_epoch_and_validation_does_not(tmp_path):
    model = make(optimizer=keras.optimizers.SGD(0.0))
    history = fit(model, draw(), 3, tmp_path, validation=draw(1))
    assert len(set(np.float32(history["val_loss"]))) == 1
    assert len(set(np.float32(history["loss"]))) == 3


def test_all_phases_show_the_same_pictures(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(
        runs, "EpochLog", lambda folder, batch: shown.append(batch) or Silent()
    )
    model, validation = make(), draw(1)
    for end in (1, 2):
        fit(model, draw(), end, tmp_path, end - 1, validation=validation)
    validation.epoch = 0
    for batch in shown:
        np.testing.assert_array_equal(batch[1], validation[0][1])
    assert len(shown) == 2


class Silent(keras.callbacks.Callback):
    """Logs nothing."""


def test_starting_afresh_is_said(tmp_path, capsys):
    model = make(optimizer=keras.optimizers.SGD(0.01))
    fit(model, draw(), 2, tmp_path)
    capsys.readouterr()
    assert fit(model, draw(), 2, tmp_path) == {}
    assert "Going on after epoch 2" in capsys.readouterr().out
    assert len(fit(model, draw(), 1, tmp_path, resume=False)["loss"]) == 1
    assert "Starting afresh" in capsys.readouterr().out
    assert checkpoint_epoch(tmp_path / "checkpoint") == 1


def test_weights_and_biases_is_logged_to_without_a_network(
    tmp_path, monkeypatch
):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    seen = []

    class Look(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            run = sys.modules["wandb"].run
            seen.append((run.id, run.project, run.step))

    model = make(optimizer=keras.optimizers.SGD(0.01))
    for epochs in (1, 2):
        fit(
            model,
            draw(),
            epochs,
            tmp_path,
            validation=draw(1),
            wandb="holes",
            callbacks=[Look()],
        )
    # Both calls went to one run.
    name = seen[0][0]
    assert seen == [(name, "holes", 1), (name, "holes", 2)]
    logged = b"val_loss", b"learning_rate", b"media/images/filled"
    for _ in range(100):  # The file is written a moment after the end.
        files = list(tmp_path.glob("wandb/offline-run-*/*.wandb"))
        written = b"".join(file.read_bytes() for file in files)
        if all(name in written for name in logged):
            break
        time.sleep(0.1)
    assert all(name in written for name in logged)


def test_weights_and_biases_is_asked_for_if_it_is_missing(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(ImportError, match=r"pip install kerasinpaint\[wandb\]"):
        fit(make(), draw(), 1, tmp_path, wandb="holes")


def test_weights_and_biases_that_refuses_us_is_told_in_a_line(
    tmp_path, monkeypatch
):
    wandb = pytest.importorskip("wandb")

    def refuse(**_):
        raise wandb.Error("No API key configured")

    monkeypatch.setattr(wandb, "init", refuse)
    with pytest.raises(ValueError, match="WANDB_MODE=offline.*No API key"):
        fit(make(), draw(), 1, tmp_path, wandb="holes")


PROGRAM = """
import json, os, signal, sys
from pathlib import Path

import keras
import numpy as np

from kerasinpaint.runs import fit
from kerasinpaint.runs_test import arrays, draw, make, make_adversarial

output, task = Path(sys.argv[1]), sys.argv[2]
tensorflow = keras.backend.backend() == "tensorflow"
if tensorflow:
    import tensorflow as tf

    # Else threads add in any order, and Adam makes much of little.
    tf.config.experimental.enable_op_determinism()
    cpu = tf.config.list_physical_devices("CPU")[0]
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, two)


class Kill(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (2, 0):
            os.kill(os.getpid(), signal.SIGKILL)


def run(model, folder, callbacks=()):
    fit(
        model, draw(), 4, output / folder, validation=draw(1),
        callbacks=callbacks,
    )
    return arrays(model.variables + model.optimizer.variables)


def difference(one, two):
    pairs = zip(one, two, strict=True)
    return float(np.max([np.abs(1.0 * a - b).max() for a, b in pairs]))


def split(folder, strategy, make):
    "Two epochs, each by a model of its own that goes on."
    for epochs in (1, 2):
        with strategy.scope():
            model = make()
        told["replicas"] = model.distribute_strategy.num_replicas_in_sync
        fit(model, draw(), epochs, output / folder, validation=draw(1))
    return arrays(model.variables + model.optimizer.variables)


if task == "kill":
    run(make_adversarial(), "killed", [Kill()])
whole = run(make_adversarial(), "whole")
resumed = run(make_adversarial(seed=1), "killed")
told = {"resumed": difference(whole, resumed)}
before = arrays(make_adversarial().variables)
floats = [i for i, array in enumerate(before) if array.dtype.kind == "f"]
told["trained"] = difference(
    [before[i] for i in floats], [whole[i] for i in floats]
)
if tensorflow:
    mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    no_dropout = lambda: make(dropout=0.0)
    one = split("one", tf.distribute.get_strategy(), no_dropout)
    two = split("two", mirrored, no_dropout)
    told["mirrored"] = difference(one, two)
    # Each device draws noise of its own: there is nothing to compare with.
    game = split("game", mirrored, make_adversarial)
    told["game"] = difference(game[:len(before)], before)
print(json.dumps(told))
"""


def start(program, backend, *arguments):
    """A process on CPU that runs a program."""
    environment = os.environ | {
        "KERAS_BACKEND": backend,
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
    }
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def last_line(process):
    """What a process printed last, read as JSON."""
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return json.loads(out.splitlines()[-1])


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_killed_run_ends_as_one_that_was_not(tmp_path, backend):
    pytest.importorskip(backend)
    killed = start(PROGRAM, backend, tmp_path, "kill")
    _, errors = killed.communicate(timeout=300)
    assert killed.returncode == -signal.SIGKILL, errors
    assert checkpoint_epoch(tmp_path / "killed" / "checkpoint") == 2
    told = last_line(start(PROGRAM, backend, tmp_path, "compare"))
    assert told["resumed"] <= 1e-5
    assert told["trained"] > 1e-2
    if backend == "tensorflow":  # two devices that share batches
        assert told["replicas"] == 2 and told["mirrored"] <= 1e-5
        assert 1e-2 < told["game"] < np.inf


DISTRIBUTED = """
import json, sys

import jax
import keras

output, address, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
jax.config.update("jax_cpu_collectives_implementation", "gloo")
keras.distribution.initialize(address, 2, number)
keras.distribution.set_distribution(
    keras.distribution.DataParallel(auto_shard_dataset=False)
)

from kerasinpaint.runs import fit
from kerasinpaint.runs_test import arrays, draw, make

model, batches = make(), draw()
history = fit(model, batches, 2, output, validation=draw(1))
print(json.dumps({
    "seen": float(batches[0][1].sum()),
    "loss": float(history["loss"][-1]),
    "weights": [array.tolist() for array in arrays(model.variables)],
}))
"""


def test_two_processes_train_the_same_weights_with_their_own_batches(tmp_path):
    pytest.importorskip("jax")
    with socket.socket() as free:
        free.bind(("localhost", 0))
        address = f"localhost:{free.getsockname()[1]}"
    both = [
        start(DISTRIBUTED, "jax", tmp_path, address, number)
        for number in range(2)
    ]
    try:
        one, two = map(last_line, both)
    finally:
        for process in both:
            process.kill()
            process.communicate()
    assert one["weights"] == two["weights"]
    assert one["loss"] == two["loss"]
    assert one["seen"] != two["seen"]
    assert checkpoint_epoch(tmp_path / "checkpoint") == 2
