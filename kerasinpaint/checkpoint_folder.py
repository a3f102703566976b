"""A folder that always holds a whole checkpoint, whenever a run is killed.

A checkpoint is a folder of its own, numbered, with arrays in `variables.npz`
and the number of epochs in `state.json`. Whatever has a number is whole:
it is written under another name, and renamed; it is renamed, then removed.
"""

import json
import os
import shutil
from contextlib import nullcontext
from pathlib import Path

import keras
import numpy as np


def save_checkpoint(folder, model, epoch):
    """Writes a checkpoint, then removes the one before.

    Args:
        folder: path, created if there is none.
        model: compiled `keras.Model`.
        epoch: int, how many epochs are done.
    """
    folder = Path(folder)
    aside = folder / ".writing"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    arrays = {name: _array(v) for name, v in _variables(model).items()}
    with open(aside / "variables.npz", "wb") as file:
        np.savez(file, **arrays)
        _sync(file)
    with open(aside / "state.json", "w", encoding="utf-8") as file:
        json.dump({"epoch": epoch}, file)
        _sync(file)
    before = _numbered(folder)
    number = int(before[-1].name) + 1 if before else 1
    aside.rename(folder / f"{number:06}")
    _sync_folder(folder)
    for path in before:
        _remove(path)


def load_checkpoint(folder, model):
    """Sets a model, its optimizer and its random state to a checkpoint.

    Args:
        folder: path that `save_checkpoint` wrote to.
        model: `keras.Model`, built and compiled as the saved one was.

    Raises:
        ValueError: if there is no checkpoint, or it is of another model or
            another optimizer. The model is then as it was.
    """
    found = _numbered(folder)
    if not found:
        raise ValueError(
            f"`folder` must hold a checkpoint. Received: {str(folder)!r}, "
            "which has none."
        )
    variables = _variables(model)
    with np.load(found[-1] / "variables.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    if set(arrays) != set(variables):
        raise ValueError(
            "`model` must be built and compiled as the one that was saved. A "
            "recipe goes on for as many epochs as it began with; with `resume` "
            "off it begins anew. "
            f"Received: {_count(variables)}; {str(found[-1])!r} has "
            f"{_count(arrays)}."
        )
    for name, variable in variables.items():
        if arrays[name].shape != tuple(variable.shape):
            raise ValueError(
                f"Variable {variable.path!r} must be of the shape it was "
                f"saved with, {arrays[name].shape}. "
                f"Received: {tuple(variable.shape)}."
            )
    for name, variable in variables.items():
        variable.assign(arrays[name])


def checkpoint_epoch(folder):
    """How many epochs the checkpoint of a folder has seen.

    Args:
        folder: path, which need not exist.

    Returns:
        int, 0 if there is no checkpoint.
    """
    found = _numbered(folder)
    if not found:
        return 0
    state = (found[-1] / "state.json").read_text(encoding="utf-8")
    return int(json.loads(state)["epoch"])


def remove_checkpoint(folder):
    """Removes the checkpoint of a folder, and an older one that was left.

    Args:
        folder: path, which need not exist.
    """
    for path in _numbered(folder):
        _remove(path)


def _numbered(folder):
    """Paths of all whole checkpoints, the newest last."""
    return sorted(Path(folder).glob("[0-9]" * 6))


def _remove(path):
    gone = path.with_name(".removing")
    shutil.rmtree(gone, ignore_errors=True)
    path.rename(gone)
    shutil.rmtree(gone)


def _variables(model):
    """All state of a model by name: weights, random state, optimizer."""
    if not model.optimizer.built:
        strategy = getattr(model, "distribute_strategy", None)
        with strategy.scope() if strategy else nullcontext():
            model.optimizer.build(model.trainable_variables)
    groups = {"model": model.variables, "optimizer": model.optimizer.variables}
    return {
        f"{group}_{number}": variable
        for group, some in groups.items()
        for number, variable in enumerate(some)
    }


def _array(variable):
    array = keras.ops.convert_to_numpy(variable)
    # Files of NumPy know no bfloat16.
    return array.astype("float32") if variable.dtype == "bfloat16" else array


def _count(names):
    groups = [name.split("_")[0] for name in names]
    return " and ".join(
        f"{groups.count(group)} variables of the {group}"
        for group in ("model", "optimizer")
    )


def _sync(file):
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder):
    # So that the new name is on the disk before the old one is gone.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
