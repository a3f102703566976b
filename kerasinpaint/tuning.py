"""Sweeps: which settings train an autoencoder best, chosen by keras-tuner."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from kerasinpaint import plots, sources, tuning_trials
from kerasinpaint.tuning_trials import (
    KINDS,
    LOSSES,
    OPTIMIZERS,
    S1,
    name_of,
    settings_of,
)

EPOCHS = 9
# Choices; of the learning rate the lowest and the highest. In a space
# without it each optimizer has the one that Keras gives it.
SPACES = {
    "s1": {"dropout": (0.1, 0.2, 0.3, 0.4), "optimizer": tuple(OPTIMIZERS)},
    "large": {
        "dropout": (0.0, 0.1, 0.2, 0.3, 0.4),
        "optimizer": tuple(OPTIMIZERS),
        "loss": tuple(LOSSES),
        "learning_rate": (1e-4, 1e-2),
        "width": (8, 16, 32),
    },
}
CHIEF = "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT"
ROLES = {
    "alone": "This process runs all trials.",
    "chief": "This process is the chief: it hands out trials, and runs none.",
    "worker": "This process is a worker: it runs what the chief hands out.",
}


def tune(
    space="s1",
    data="photos",
    trials=None,
    epochs=EPOCHS,
    output=None,
    resume=True,
):
    """Trains autoencoders with skips at many settings, and compares them.

    The score is PSNR of the holes in the same crops of the validation
    split, after the best epoch. "s1" is the grid of 12 that was searched
    where these networks come from, "large" is searched by Hyperband. The
    first trial of either is what was chosen there, `S1`, trained as long as
    the longest.

    Start it again to go on with what was stopped or killed. In several
    processes it is one sweep, by the environment variables of keras-tuner,
    KERASTUNER_TUNER_ID, KERASTUNER_ORACLE_IP and KERASTUNER_ORACLE_PORT.
    The process whose id is "chief" hands out trials, and ends when all are
    done; the others, each with another id, train. All need the same
    arguments, and see the same `output`. A worker that was killed is waited
    for, until it is started again.

    Args:
        space: string, one of `SPACES`.
        data: what `sources.pictures` takes.
        trials: int, how many there are at most, or `None` for all. One that
            Hyperband prolongs counts again.
        epochs: int, how long the longest trial is.
        output: path of the folder of the sweep, `output/tune_SPACE` by
            default. `logs` is for TensorBoard; `trials.csv` and `sweep.jpg`
            are written last.
        resume: bool. If False, what was trained is forgotten.

    Returns:
        pandas `DataFrame`, a row for each network, those trained longest
        first, the best of them first; `None` for a worker.

    Raises:
        ValueError: if a trial failed, or its score was not finite; if there
            is no such space or data; if another sweep is in the folder; if
            some of keras-tuner's environment variables are missing.
    """
    if space not in SPACES:
        raise ValueError(
            f"`space` must be one of {', '.join(SPACES)}. Received: {space!r}."
        )
    role = _role()
    output = Path(output or f"output/tune_{space}")
    pictures, held_out = (
        sources.pictures(data, split) for split in ("train", "validation")
    )
    if role != "worker":
        _open(output, {"space": space, "data": str(data)}, resume)
    print(f"{ROLES[role]} Watch: tensorboard --logdir {output / 'logs'}")
    if role == "worker":
        place = ":".join(os.environ[name] for name in CHIEF)
        print(f"It waits for the chief at {place}.", flush=True)
    oracle = _oracle(space, trials, epochs)
    _search(oracle, output, pictures, held_out)
    table = None if role == "worker" else _report(oracle, output)
    _raise_if_failed(output)
    return table


def _role():
    """Which of `ROLES` the environment gives to this process."""
    names = "KERASTUNER_TUNER_ID", *CHIEF
    given = [name for name in names if os.environ.get(name)]
    if not given:
        return "alone"
    if len(given) < len(names):
        raise ValueError(
            f"{', '.join(names)} must all be set to share a sweep, or none. "
            f"Received: only {', '.join(given)}."
        )
    return "chief" if "chief" in os.environ[names[0]] else "worker"


def _open(output, sweep, resume):
    """Begins a sweep, or goes on with the one that is in the folder."""
    path = output / "sweep.json"
    if not resume:
        path.unlink(missing_ok=True)
        for kind in KINDS:
            shutil.rmtree(output / kind, ignore_errors=True)
    if path.exists() and json.loads(path.read_text()) != sweep:
        raise ValueError(
            "`output` must be the folder of the same sweep, or a new one, or "
            f"`resume` no. Received: {output} of {path.read_text()}, now "
            f"{json.dumps(sweep)}."
        )
    tuning_trials.write_json(path, sweep)
    for failed in _failed(output):
        failed.unlink()


def _oracle(space, trials, epochs):
    """What chooses the settings of each trial."""
    import keras_tuner as kt

    from kerasinpaint.tuning_oracles import Grid, Hyperband

    parameters = kt.HyperParameters()
    for name, values in SPACES[space].items():
        if name == "learning_rate":
            parameters.Float(name, *values, sampling="log", default=S1[name])
        else:
            parameters.Choice(name, list(values), default=S1[name])
    oracle = (Grid if space == "s1" else Hyperband)(
        max_epochs=epochs,
        objective=kt.Objective("val_hole_psnr", "max"),
        hyperparameters=parameters,
        seed=1,
        # The others are run all the same, and then all failures are told.
        max_consecutive_failed_trials=None,
    )
    oracle.max_trials = trials
    oracle.verbose = 0
    return oracle


def _search(oracle, output, pictures, held_out):
    from kerasinpaint.tuning_oracles import Sweep

    validation = tuning_trials.held_out(held_out)

    def train(values):
        settings, epochs = settings_of(values)
        scores = tuning_trials.train(
            settings, epochs, output, pictures, validation
        )
        print(
            f"{name_of(settings)}: {max(scores):.2f} dB in {epochs} epochs",
            flush=True,
        )
        return max(scores)

    def fail(values, message):
        settings, _ = settings_of(values)
        folder = output / "trials" / name_of(settings)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "error.txt").write_text(message, encoding="utf-8")

    with tempfile.TemporaryDirectory() as folder:
        Sweep(oracle, train, fail, folder).search()


def _report(oracle, output):
    """Table of all networks that did not fail, printed, written and drawn."""
    import pandas as pd

    rows = {}
    for trial in oracle.trials.values():
        settings, epochs = settings_of(trial.hyperparameters.values)
        name = name_of(settings)
        before = rows.get(name, {"epochs": 0})
        if trial.status == "COMPLETED" and epochs > before["epochs"]:
            folder = output / "trials" / name
            scores = tuning_trials.read_scores(folder, epochs)
            rows[name] = settings | {
                "epochs": epochs,
                "best_epoch": 1 + int(np.argmax(scores)),
                "val_hole_psnr": max(scores),
                "s1": settings == {key: S1[key] for key in settings},
            }
    table = pd.DataFrame(rows.values())
    if rows:
        by = ["epochs", "val_hole_psnr"]
        table = table.sort_values(by, ascending=False, ignore_index=True)
        table.to_csv(output / "trials.csv", index=False)
        plots.sweep(output / "sweep.jpg", table)
        print(table.to_markdown(index=False, floatfmt=".5g"))
        print(_comparison(table))
    return table


def _comparison(table):
    """The best of those that were trained longest, beside S1's choice."""
    table = table[table["epochs"] == table["epochs"].max()]
    rows = {"best": table[:1], "S1's choice": table[table["s1"]]}
    return "; ".join(
        f"{who}: {name_of({key: row[key] for key in S1 if key in row})}, "
        f"{row['val_hole_psnr']:.2f} dB"
        for who, some in rows.items()
        for row in some.to_dict("records")
    )


def _failed(output):
    return sorted(output.glob("trials/*/error.txt"))


def _raise_if_failed(output):
    told = [
        f"{path.parent.name}: "
        f"{path.read_text(encoding='utf-8').strip().splitlines()[-1]} ({path})"
        for path in _failed(output)
    ]
    if told:
        raise ValueError(
            "Every trial must train to its end, with finite scores. "
            f"Received {len(told)} that failed: {'; '.join(told)}."
        )
