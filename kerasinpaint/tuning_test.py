"""Sweeps: all trials, once, whatever is killed and whoever runs them."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from kerasinpaint import images, models, sources, tuning, tuning_trials
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.tuning_oracles import Sweep

ROOT = Path(__file__).parents[1]


def tiny_network(shape, skip, dropout, sees_masks, width):
    """Takes no time to build: one convolution in place of 36."""
    pictures = keras.Input(shape, name="images")
    masks = keras.Input((*shape[:2], 1), name="masks")
    x = keras.layers.Dropout(dropout)(pictures)
    x = keras.layers.Conv2D(3, 3, padding="same", activation="sigmoid")(x)
    return keras.Model({"images": pictures, "masks": masks}, x)


class Eager(Inpainter):
    """Two steps are done before a graph of them is."""

    def compile(self, *arguments):
        super().compile(*arguments, run_eagerly=True)


def shrink(setattr=setattr):
    """Makes a sweep a matter of seconds, in a test or in its own process."""
    setattr(models, "build_autoencoder", tiny_network)
    setattr(tuning_trials, "Inpainter", Eager)
    small = {"SIZE": 16, "BATCH_SIZE": 2, "STEPS": 2, "HELD_OUT": 4}
    for name, value in small.items():
        setattr(tuning_trials, name, value)


@pytest.fixture
def small(monkeypatch):
    shrink(monkeypatch.setattr)


@pytest.fixture
def photos(tmp_path):
    """A folder of two pictures in each split."""
    rng = np.random.default_rng(0)
    for split in ("train", "validation"):
        (tmp_path / "photos" / split).mkdir(parents=True)
        for number in range(2):
            path = tmp_path / "photos" / split / f"{number}.png"
            images.write_image(path, rng.random((20, 24, 3), np.float32))
    return tmp_path / "photos"


def read(folder):
    from tensorboard.backend.event_processing.event_accumulator import (
        EventAccumulator,
    )

    return EventAccumulator(str(folder)).Reload()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_sweep_leaves_logs_a_table_and_a_figure(
    small, photos, tmp_path, capsys
):
    output = tmp_path / "sweep"
    table = tuning.tune("s1", photos, 3, 2, output)
    assert list(table["val_hole_psnr"]) == sorted(
        table["val_hole_psnr"], reverse=True
    )
    assert list(table["s1"]).count(True) == 1
    pd.testing.assert_frame_equal(pd.read_csv(output / "trials.csv"), table)
    assert images.read_image(output / "sweep.jpg").shape[2] == 3
    printed = capsys.readouterr().out
    assert "This process runs all trials" in printed
    assert "best: dropout=" in printed
    assert "S1's choice: dropout=0.2,optimizer=adam, " in printed
    for row in table.to_dict("records"):
        name = f"dropout={row['dropout']},optimizer={row['optimizer']}"
        logs = output / "logs" / name
        assert read(logs).PluginTagToContent("hparams")
        train, validation = read(logs / "train"), read(logs / "validation")
        assert [s.step for s in train.Scalars("loss")] == [1, 2]
        scores = [s.value for s in validation.Scalars("hole_psnr")]
        assert max(scores) == pytest.approx(row["val_hole_psnr"], rel=1e-5)
    events = [path for path in (output / "logs").rglob("*") if path.is_file()]
    assert len(events) == 9 and sum(p.stat().st_size for p in events) < 10_000


def test_what_is_done_is_not_done_again(small, photos, tmp_path):
    table = tuning.tune("s1", photos, 2, 1, tmp_path / "sweep")
    with pytest.MonkeyPatch.context() as forbidden:
        forbidden.setattr(tuning_trials, "_model", None)
        again = tuning.tune("s1", photos, 2, 1, tmp_path / "sweep")
    pd.testing.assert_frame_equal(again, table)
    (tmp_path / "sweep" / "kept.txt").touch()
    fresh = tuning.tune("s1", photos, 2, 1, tmp_path / "sweep", resume=False)
    pd.testing.assert_frame_equal(fresh, table)
    assert (tmp_path / "sweep" / "kept.txt").exists()
    with pytest.raises(ValueError, match="same sweep.*Received"):
        tuning.tune("large", photos, 2, 1, tmp_path / "sweep")


def test_hyperband_goes_on_and_s1_is_trained_as_long(small, photos, tmp_path):
    table = tuning.tune("large", photos, epochs=3, output=tmp_path / "sweep")
    # S1's, 3 short ones of which the best is prolonged, and 2 long ones.
    assert list(table["epochs"]) == [3, 3, 3, 3, 1, 1]
    [s1] = table[table["s1"]].to_dict("records")
    assert s1["epochs"] == 3 and s1["learning_rate"] == 0.001
    splits = [sources.pictures(photos, s) for s in ("train", "validation")]
    for row in table[:4].to_dict("records"):
        # As if trained at one go.
        settings = {name: row[name] for name in tuning_trials.S1}
        scores = tuning_trials.train(
            settings,
            3,
            tmp_path / "at_one_go",
            splits[0],
            tuning_trials.held_out(splits[1]),
        )
        assert max(scores) == row["val_hole_psnr"]


def test_the_grid_is_whole_and_begins_with_s1(tmp_path):
    oracle = tuning._oracle("s1", None, 9)
    Sweep(oracle, None, None, tmp_path)
    trials = [oracle.create_trial(f"worker{i}") for i in range(13)]
    values = [trial.hyperparameters.values for trial in trials[:12]]
    assert {v.pop("tuner/epochs") for v in values} == {9}
    assert values[0] == {"dropout": 0.2, "optimizer": "adam"}
    assert len({tuple(v.values()) for v in values}) == 12
    # Who comes too late waits, for a trial might be left by another.
    assert trials[12].status == "IDLE"
    for trial in trials[:12]:
        trial.status = "FAILED"
        oracle.end_trial(trial)
    assert oracle.create_trial("worker0").status == "STOPPED"


def test_hyperband_begins_with_s1(tmp_path):
    oracle = tuning._oracle("large", None, 9)
    Sweep(oracle, None, None, tmp_path)
    first, second = (oracle.create_trial(f"worker{i}") for i in range(2))
    values = first.hyperparameters.values
    assert tuning_trials.settings_of(values) == (tuning_trials.S1, 9)
    assert second.hyperparameters.values["tuner/epochs"] == 1


def test_settings_reach_the_network_and_weights_begin_alike():
    before = keras.config.dtype_policy()
    settings = tuning_trials.S1 | {
        "dropout": 0.4,
        "optimizer": "sgd",
        "loss": "ssim",
        "learning_rate": 0.004,
        "width": 2,
    }
    one, two = (tuning_trials._model(settings) for _ in range(2))
    layers = {layer.name: layer for layer in one.network.layers}
    assert layers["encoder_1_dropout"].rate == 0.4
    assert layers["encoder_1_1"].filters == 2
    assert layers["encoder_1_1"].compute_dtype == "bfloat16"
    assert type(one.optimizer) is keras.optimizers.SGD
    assert float(one.optimizer.learning_rate) == pytest.approx(0.004)
    assert type(one.loss) is tuning_trials.losses.SSIM
    for first, second in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert keras.config.dtype_policy() == before


def test_a_failed_trial_is_an_error(
    small, photos, tmp_path, monkeypatch, capsys
):
    def fail(shape, dropout, **options):
        if dropout == 0.1:
            raise OSError("the disk is full")
        return tiny_network(shape, dropout=dropout, **options)

    monkeypatch.setattr(models, "build_autoencoder", fail)
    output = tmp_path / "sweep"
    failed = r"1 that failed: dropout=0.1,optimizer=adam: OSError: the disk"
    with pytest.raises(ValueError, match=failed):
        tuning.tune("s1", photos, 2, 1, output)
    assert "| adam" in capsys.readouterr().out  # the other one's row
    # Mended, it is tried again.
    monkeypatch.setattr(models, "build_autoencoder", tiny_network)
    assert len(tuning.tune("s1", photos, 2, 1, output)) == 2


def test_a_score_that_is_no_number_is_an_error(
    small, photos, tmp_path, monkeypatch
):
    class Diverges(tuning_trials.losses.MAE):
        def __call__(self, *arguments, **options):
            return super().__call__(*arguments, **options) * float("nan")

    monkeypatch.setitem(tuning_trials.LOSSES, "mae", Diverges)
    for _ in range(2):  # and again, when it goes on
        with pytest.raises(ValueError, match="must be finite.*nan"):
            tuning.tune("s1", photos, 1, 2, tmp_path / "sweep")


def test_mistakes_are_told(photos, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="s1, large. Received: 'huge'"):
        tuning.tune("huge", photos)
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    with pytest.raises(ValueError, match="only KERASTUNER_ORACLE_IP"):
        tuning.tune("s1", photos, output=tmp_path / "sweep")


PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from kerasinpaint import models, tuning, tuning_test, tuning_trials

tuning_test.shrink()
photos, output, trials, epochs, what = sys.argv[1:]
save, seen = tuning_trials.Checkpoint.on_epoch_end, []

def save_or_die(self, epoch, logs=None):
    seen.append(epoch)
    if len(seen) == 8 and what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    save(self, epoch, logs)

def fail(shape, **options):
    if options["dropout"] == 0.1:
        raise OSError("the disk is full")
    return tuning_test.tiny_network(shape, **options)

tuning_trials.Checkpoint.on_epoch_end = save_or_die
if what == "fail":
    models.build_autoencoder = fail
me = os.environ.get("KERASTUNER_TUNER_ID", "")
if "worker" in me:
    # All begin at the same time, however long they took to get here.
    Path(output + me).touch()
    while not all(Path(output + f"worker{i}").exists() for i in (1, 2)):
        time.sleep(0.05)
tuning.tune("s1", photos, int(trials), int(epochs), output)
"""


def start(photos, output, trials, epochs, what, **environment):
    """A sweep in a process of its own."""
    arguments = [photos, output, trials, epochs, what]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        env=os.environ | environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_killed_sweep_goes_on(small, photos, tmp_path, monkeypatch):
    """Killed in the third trial, its second epoch trained but not kept."""
    output = tmp_path / "sweep"
    killed = start(photos, output, 4, 3, "die")
    out, err = killed.communicate()
    assert killed.returncode == -signal.SIGKILL, err
    assert out.count(" dB in 3 epochs") == 2
    trained = {}
    save = tuning_trials.Checkpoint.on_epoch_end

    def note(self, epoch, logs=None):
        trained.setdefault(self.folder.name, []).append(epoch)
        save(self, epoch, logs)

    monkeypatch.setattr(tuning_trials.Checkpoint, "on_epoch_end", note)
    table = tuning.tune("s1", photos, 4, 3, output)
    assert list(trained.values()) == [[1, 2], [0, 1, 2]]
    assert len(table) == 4
    whole = tuning.tune("s1", photos, 4, 3, tmp_path / "whole")
    pd.testing.assert_frame_equal(table, whole)


@pytest.mark.parametrize("what", ["succeed", "fail"])
def test_a_chief_and_two_workers_share_a_sweep(what, photos, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    output = tmp_path / "sweep"
    who = {"KERASTUNER_ORACLE_IP": "127.0.0.1", "KERASTUNER_ORACLE_PORT": port}
    processes = [
        start(photos, output, 12, 1, what, **who, KERASTUNER_TUNER_ID=name)
        for name in ("chief", "worker1", "worker2")
    ]
    try:
        told = [process.communicate(timeout=900) for process in processes]
    finally:
        for process in processes:
            process.kill()
    (chief, error), *workers = told
    assert "This process is the chief" in chief and chief.count("epochs: ") == 0
    done = [
        [line for line in out.splitlines() if " dB in 1 epochs" in line]
        for out, _ in workers
    ]
    assert all("This process is a worker" in out for out, _ in workers)
    waits = f"It waits for the chief at 127.0.0.1:{port}."
    assert all(waits in out for out, _ in workers)
    names = [line.split(":")[0] for some in done for line in some]
    table = pd.read_csv(output / "trials.csv")
    codes = [process.returncode for process in processes]
    if what == "succeed":
        assert codes == [0, 0, 0], told
        assert len(names) == len(set(names)) == len(table) == 12
        assert all(done)
    else:
        assert codes[0] == 1 and 1 in codes[1:], told
        assert "3 that failed: dropout=0.1,optimizer=adagrad: OSError" in error
        assert len(names) == len(set(names)) == len(table) == 9
