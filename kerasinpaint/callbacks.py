"""What happens after each epoch: a checkpoint, and a line in the log."""

import sys
import time
from pathlib import Path

import keras

from kerasinpaint import images, plots
from kerasinpaint.checkpoint_folder import save_checkpoint

PICTURES = 4  # in a grid


class Checkpoint(keras.callbacks.Callback):
    """Writes all that training needs to go on, after each epoch.

    Those are weights, optimizer and random state. A kill at any moment
    leaves a whole checkpoint: the new one is written aside and renamed, and
    only then the old one removed. Put it last of the callbacks, so that it
    keeps what they did.

    Args:
        folder: path, created if there is none.
    """

    def __init__(self, folder):
        super().__init__()
        self.folder = Path(folder)

    def on_epoch_end(self, epoch, logs=None):
        save_checkpoint(self.folder, self.model, epoch + 1)


class EpochLog(keras.callbacks.Callback):
    """Logs each epoch to TensorBoard, and to Weights & Biases.

    TensorBoard gets losses, metrics and learning rate, and a grid of the
    same few pictures, filled. It needs no TensorFlow. Weights & Biases gets
    the same if a run of it is active.

    Args:
        folder: path, for `tensorboard --logdir`. The grids also lie there,
            in `pictures/`.
        batch: pair `(inputs, targets)` such as `validation[0]`. Its first
            four pictures are shown. `None` for none.
    """

    def __init__(self, folder, batch=None):
        super().__init__()
        self.folder = Path(folder)
        self.batch = batch
        self._writers = {}

    def on_train_begin(self, logs=None):
        # TensorBoard's own writer: Keras's callback needs TensorFlow.
        from tensorboard.summary.writer.event_file_writer import (
            EventFileWriter,
        )

        self._writers = {
            run: EventFileWriter(str(self.folder / run))
            for run in ("train", "validation")
        }

    def on_train_end(self, logs=None):
        for writer in self._writers.values():
            writer.close()

    def on_epoch_end(self, epoch, logs=None):
        scalars = {name: float(value) for name, value in (logs or {}).items()}
        scalars["learning_rate"] = float(
            keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        )
        picture = None
        if self.batch is not None:
            picture = self.folder / "pictures" / f"{epoch + 1:04}.jpg"
            plots.picture_grid(picture, _fill(self.model, self.batch))
        _log_to_tensorboard(self._writers, epoch + 1, scalars, picture)
        _log_to_wandb(epoch + 1, scalars, picture)


def _fill(model, batch):
    """Rows of `plots.picture_grid`, filled with averaged weights if any."""
    inputs, targets = keras.tree.map_structure(lambda a: a[:PICTURES], batch)
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    swap = keras.callbacks.SwapEMAWeights() if optimizer.use_ema else None
    if swap:
        # As for a test: after `predict` Keras 3.15 does not swap back.
        swap.set_model(model)
        swap.on_test_begin()
    painted = model.predict(inputs, verbose=0)
    if swap:
        swap.on_test_end()
    known = inputs["masks"]
    filled = known * targets + (1 - known) * painted
    rows = zip(inputs["images"], filled, targets, strict=True)
    titles = "with holes", "filled", "truth"
    return {
        str(number): dict(zip(titles, row, strict=True))
        for number, row in enumerate(rows, 1)
    }


def _log_to_tensorboard(writers, epoch, scalars, picture):
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    values = {"train": [], "validation": []}
    for name, value in scalars.items():
        run = "validation" if name.startswith("val_") else "train"
        tag = name.removeprefix("val_")
        values[run].append(Summary.Value(tag=tag, simple_value=value))
    if picture is not None:
        height, width = images.read_image(picture).shape[:2]
        grid = Summary.Image(
            height=height,
            width=width,
            colorspace=3,
            encoded_image_string=picture.read_bytes(),
        )
        values["validation"].append(Summary.Value(tag="filled", image=grid))
    for run, some in values.items():
        summary = Summary(value=some)
        event = Event(step=epoch, wall_time=time.time(), summary=summary)
        writers[run].add_event(event)
        writers[run].flush()


def _log_to_wandb(epoch, scalars, picture):
    # Its own callbacks for Keras import TensorFlow.
    wandb = sys.modules.get("wandb")
    if wandb is not None and wandb.run is not None:
        if picture is not None:
            scalars = scalars | {"filled": wandb.Image(str(picture))}
        wandb.log(scalars, step=epoch)
