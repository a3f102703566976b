import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasinpaint.checkpoint_folder import (
    checkpoint_epoch,
    load_checkpoint,
    remove_checkpoint,
    save_checkpoint,
)


def model(width=4, seed=0, optimizer="adam"):
    keras.utils.set_random_seed(seed)
    layers = [
        keras.Input((3,)),
        keras.layers.Dense(width),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(1, dtype="float32"),
    ]
    made = keras.Sequential(layers)
    made.compile(optimizer, "mse")
    return made


def train(trained, steps=3, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        x = rng.normal(size=(8, 3)).astype("float32")
        trained.train_on_batch(x, x[:, :1])


def state(trained):
    variables = trained.variables + trained.optimizer.variables
    return [keras.ops.convert_to_numpy(v).copy() for v in variables]


def assert_same(one, two):
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_goes_on_from_it_ends_the_same(tmp_path):
    one = model()
    train(one)
    save_checkpoint(tmp_path, one, 7)
    assert checkpoint_epoch(tmp_path) == 7
    saved = state(one)
    two = model(seed=1)
    load_checkpoint(tmp_path, two)
    assert_same(state(two), saved)
    train(one, seed=1)
    train(two, seed=1)
    assert_same(state(two), state(one))


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_everything_that_keras_can_do_goes_on_exactly(tmp_path, policy):
    """Loss scale, average, clipping and gradients gathered in between."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        one, two = (
            model(
                seed=seed,
                optimizer=keras.optimizers.AdamW(
                    global_clipnorm=1.0,
                    use_ema=True,
                    gradient_accumulation_steps=2,
                ),
            )
            for seed in (0, 1)
        )
    finally:
        keras.config.set_dtype_policy(before)
    scaled = isinstance(one.optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled == (policy == "mixed_float16")
    train(one)  # An odd number of steps leaves gradients gathered.
    save_checkpoint(tmp_path, one, 1)
    load_checkpoint(tmp_path, two)
    assert_same(state(two), state(one))
    train(one, seed=1)
    train(two, seed=1)
    assert_same(state(two), state(one))
    assert all(np.isfinite(array).all() for array in state(two))


def test_half_precision_is_kept(tmp_path):
    one = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    half = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2, dtype="bfloat16")]
    )
    for made in (one, half):
        made.compile("sgd", "mse")
    save_checkpoint(tmp_path, half, 1)
    load_checkpoint(tmp_path, one)
    wanted = keras.ops.cast(half.layers[0].kernel, "float32")
    assert_same([np.array(one.layers[0].kernel)], [np.array(wanted)])
    load_checkpoint(tmp_path, half)


def test_only_the_last_is_kept_and_an_epoch_may_come_again(tmp_path):
    made = model()
    for epoch in (1, 2, 2, 1):
        save_checkpoint(tmp_path, made, epoch)
        assert checkpoint_epoch(tmp_path) == epoch
        assert len(list(tmp_path.iterdir())) == 1
    (tmp_path / ".writing").mkdir()
    save_checkpoint(tmp_path, made, 3)
    assert len(list(tmp_path.iterdir())) == 1
    remove_checkpoint(tmp_path)
    assert not list(tmp_path.iterdir())
    assert checkpoint_epoch(tmp_path) == 0
    assert checkpoint_epoch(tmp_path / "nowhere") == 0


def test_files_of_others_stay(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    save_checkpoint(tmp_path, model(), 1)
    remove_checkpoint(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_nothing_is_unpickled(tmp_path):
    save_checkpoint(tmp_path, model(), 1)
    (place,) = tmp_path.iterdir()
    evil = np.array([object()], dtype=object)
    np.savez(place / "variables.npz", model_0=evil)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_checkpoint(tmp_path, model())


@pytest.mark.parametrize(
    "other, told",
    [
        ({"width": 5}, r"'.*kernel' must be .* \(3, 4\).*\(3, 5\)"),
        ({"optimizer": "sgd"}, r"compiled as .*of the optimizer"),
    ],
)
def test_another_model_is_refused_and_left_as_it_was(tmp_path, other, told):
    save_checkpoint(tmp_path, model(), 1)
    two = model(seed=1, **other)
    train(two)
    before = state(two)
    with pytest.raises(ValueError, match=told):
        load_checkpoint(tmp_path, two)
    assert_same(state(two), before)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must hold a checkpoint.*has none"):
        load_checkpoint(tmp_path, model())


KILLED = """
import os, signal, sys, time, types
from types import SimpleNamespace as Namespace
import numpy as np

# Writing needs nothing else of Keras, and a child of it could not live.
sys.modules["keras"] = types.ModuleType("keras")
sys.modules["keras"].ops = Namespace(convert_to_numpy=np.asarray)
from kerasinpaint.checkpoint_folder import checkpoint_epoch, save_checkpoint

folder, rng, parent = sys.argv[1], np.random.default_rng(0), os.getpid()


def newest():
    return max(filter(str.isdecimal, os.listdir(folder)), default="")


def write_until_killed(epoch):
    while os.getppid() == parent:
        epoch += 1
        some = [np.full((300, 300), epoch, np.float32) for _ in range(3)]
        optimizer = Namespace(built=True, variables=some)
        model = Namespace(variables=some, optimizer=optimizer)
        save_checkpoint(folder, model, epoch)


for _ in range(20):
    before, name = checkpoint_epoch(folder), newest()
    child = os.fork()
    if child == 0:
        write_until_killed(before)
    # Its content is read below, when nobody replaces it meanwhile.
    while newest() <= name:
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    epoch = checkpoint_epoch(folder)
    with np.load(os.path.join(folder, newest(), "variables.npz")) as file:
        assert len(file.files) == 6
        assert all((file[name] == epoch).all() for name in file.files)
    print(epoch, len(os.listdir(folder)))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_twenty_kills_while_writing_leave_a_whole_checkpoint(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = np.array([line.split() for line in done.stdout.splitlines()], int)
    assert len(found) == 20 and (np.diff(found[:, 0]) > 0).all()
    # Some were killed in the middle: they left more than a checkpoint.
    assert (found[:, 1] > 1).any()
