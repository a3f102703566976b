"""A trial of a sweep: one autoencoder, trained at given settings.

Each network has a folder of its own, named by its settings, and goes on
from its last completed epoch. So a sweep may be killed at any moment, and a
trial that Hyperband prolongs is what it would be if trained at one go.
"""

import json
import shutil
import time

import keras
import numpy as np

from kerasinpaint import losses, metrics, models, networks
from kerasinpaint.batches import Batches
from kerasinpaint.callbacks import Checkpoint, EpochLog
from kerasinpaint.checkpoint_folder import checkpoint_epoch, load_checkpoint
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.training import HALF

SIZE, BATCH_SIZE, STEPS = 32, 16, 60
HELD_OUT = 128  # crops to validate with
KINDS = "trials", "logs"  # folders of a sweep, and in each one of a trial
OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "sgd": keras.optimizers.SGD,
    "adagrad": keras.optimizers.Adagrad,
}
LOSSES = {
    "mae": losses.MAE,
    "ssim": losses.SSIM,
    "psnr": losses.PSNR,
    "fidelity": losses.Fidelity,
}
# The choice of S1, the project that these networks come from, is dropout and
# optimizer; the rest is what they have where a sweep does not say.
S1 = {
    "dropout": 0.2,
    "optimizer": "adam",
    "loss": "mae",
    "learning_rate": 1e-3,
    "width": 16,
}


def settings_of(values):
    """Settings and number of epochs of what keras-tuner chose.

    Args:
        values: dict of hyperparameters, keras-tuner's own among them.

    Returns:
        Pair of a dict, with some or all keys of `S1`, and an int.

    Example:

    >>> settings_of({"dropout": 0.10000000149, "tuner/epochs": 9})
    ({'dropout': 0.1}, 9)
    """
    # Between processes they are sent as float32.
    settings = {
        name: float(f"{value:.4g}") if isinstance(value, float) else value
        for name, value in values.items()
        if name in S1
    }
    return settings, values["tuner/epochs"]


def name_of(settings):
    """The name of a trial, and of its folders.

    Example:

    >>> name_of({"dropout": 0.1, "optimizer": "sgd"})
    'dropout=0.1,optimizer=sgd'
    """
    return ",".join(f"{name}={value}" for name, value in settings.items())


def held_out(pictures):
    """The batch that every trial is measured with.

    Args:
        pictures: sequence of pictures, the validation split.

    Returns:
        What `Batches` returns, of `HELD_OUT` crops, all masks different.
    """
    return Batches(pictures, SIZE, HELD_OUT, 1, scale=(1, 1), seed=2)[0]


def train(settings, epochs, output, pictures, validation):
    """Trains the network of a trial, from its last completed epoch.

    Args:
        settings: dict, as `settings_of` returns.
        epochs: int, at which epoch to stop.
        output: path of the folder of the sweep.
        pictures: sequence of pictures, the training split.
        validation: what `held_out` returns.

    Returns:
        List of floats, PSNR of the holes after each of the epochs.

    Raises:
        ValueError: if it is not finite.
    """
    folder, logs = (output / kind / name_of(settings) for kind in KINDS)
    done = checkpoint_epoch(folder)
    scores = read_scores(folder, done)
    if done < epochs:
        if not done:
            shutil.rmtree(logs, ignore_errors=True)
            _log_settings(logs, settings)
        model = _model(settings)
        if done:
            load_checkpoint(folder, model)
        model.fit(
            Batches(pictures, SIZE, BATCH_SIZE, STEPS, seed=1, epoch=done),
            initial_epoch=done,
            epochs=epochs,
            validation_data=validation,
            validation_batch_size=BATCH_SIZE,
            shuffle=False,
            verbose=0,
            # The checkpoint last: the rest is written again if it is old.
            callbacks=[
                _noting(folder, scores),
                EpochLog(logs),
                Checkpoint(folder),
            ],
        )
    scores = scores[:epochs]
    if not np.isfinite(scores).all():
        raise ValueError(f"`val_hole_psnr` must be finite. Received: {scores}.")
    return scores


def read_scores(folder, epochs):
    """Scores that were written, of no more than the first epochs."""
    path = folder / "scores.json"
    return json.loads(path.read_text())[:epochs] if epochs else []


def write_json(path, content):
    """Writes a file, so that a kill leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".writing")
    aside.write_text(json.dumps(content))
    aside.replace(path)


def _noting(folder, scores):
    """A callback that adds each epoch's score to a list and to its file."""

    def note(epoch, logs):
        scores.append(logs["val_hole_psnr"])
        write_json(folder / "scores.json", scores)

    return keras.callbacks.LambdaCallback(on_epoch_end=note)


def _model(settings):
    """Compiled, with the same first weights for all of the same width."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    with networks.policy(HALF):
        network = models.build_autoencoder(
            (SIZE, SIZE, 3),
            skip=True,
            dropout=settings["dropout"],
            sees_masks=True,
            width=settings.get("width", S1["width"]),
        )
    rate = settings.get("learning_rate")
    optimizer = OPTIMIZERS[settings["optimizer"]](
        **({"learning_rate": rate} if rate else {})
    )
    loss = LOSSES[settings.get("loss", S1["loss"])]()
    model = Inpainter(network)
    model.compile(optimizer, loss, [metrics.HolePSNR()])
    return model


def _log_settings(folder, settings):
    """Writes what the page HParams of TensorBoard shows."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.plugins.hparams.summary_v2 import hparams_pb
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder))
    summary = hparams_pb(settings)
    writer.add_event(Event(step=0, wall_time=time.time(), summary=summary))
    writer.close()
