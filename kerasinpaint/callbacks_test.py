import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasinpaint import images
from kerasinpaint.callbacks import EpochLog
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.losses import Hole


def make():
    """An inpainter that paints everything grey."""
    pictures = keras.Input((8, 8, 3), name="images")
    masks = keras.Input((8, 8, 1), name="masks")
    grey = keras.layers.Conv2D(
        3, 1, kernel_initializer="zeros", activation="sigmoid"
    )(pictures)
    network = keras.Model({"images": pictures, "masks": masks}, grey)
    model = Inpainter(network)
    model.compile("sgd", loss=Hole())
    return model


def batch(number=6):
    targets = np.ones((number, 8, 8, 3), np.float32)
    masks = np.ones((number, 8, 8, 1), np.float32)
    masks[:, 2:6, 2:6] = 0
    return {"images": targets * masks, "masks": masks}, targets


def log(folder, epochs):
    callback = EpochLog(folder, batch())
    callback.set_model(make())
    callback.on_train_begin()
    for epoch in epochs:
        callback.on_epoch_end(epoch, {"loss": 0.5 - epoch, "val_loss": 0.25})
    callback.on_train_end()


def read(folder):
    from tensorboard.backend.event_processing.event_accumulator import (
        EventAccumulator,
    )

    return EventAccumulator(str(folder)).Reload()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_reads_scalars_and_pictures(tmp_path):
    log(tmp_path, [0, 1])
    train, validation = read(tmp_path / "train"), read(tmp_path / "validation")
    found = [(s.step, s.value) for s in train.Scalars("loss")]
    assert found == [(1, 0.5), (2, -0.5)]
    rates = [s.value for s in train.Scalars("learning_rate")]
    np.testing.assert_allclose(rates, 0.01, rtol=1e-6)
    assert [s.value for s in validation.Scalars("loss")] == [0.25, 0.25]
    grids = validation.Images("filled")
    assert [grid.step for grid in grids] == [1, 2]
    kept = (tmp_path / "pictures" / "0002.jpg").read_bytes()
    assert grids[1].encoded_image_string == kept


def test_the_grid_shows_holes_filled_and_truth(tmp_path):
    log(tmp_path, [0])
    grid = images.read_image(tmp_path / "pictures" / "0001.jpg")
    assert len(grid) > 4 * 256
    # In the middle of the first row: black, grey and white.
    cells = [grid[36 + 128, 52 + place * 264 + 128] for place in range(3)]
    np.testing.assert_allclose(np.mean(cells, -1), [0, 0.5, 1], atol=0.03)


def test_a_run_that_goes_on_adds_to_the_log(tmp_path):
    log(tmp_path, [0])
    log(tmp_path, [1])
    steps = [s.step for s in read(tmp_path / "train").Scalars("loss")]
    assert steps == [1, 2]


def test_it_needs_no_tensorflow(tmp_path):
    """Keras on JAX trains where TensorFlow is not installed."""
    pytest.importorskip("jax")
    code = f"""
import os, sys
os.environ["KERAS_BACKEND"] = "jax"
sys.modules["tensorflow"] = None
from kerasinpaint.callbacks_test import log
log({str(tmp_path)!r}, [0])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert read(tmp_path / "validation").Images("filled")
