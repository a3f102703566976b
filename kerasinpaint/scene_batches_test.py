import keras
import numpy as np
import pytest

from kerasinpaint import scenes
from kerasinpaint.scene_batches import SceneBatches


def make(**arguments):
    options = {"size": 64, "batch_size": 4, "steps": 3, "fills": ["fmm"]}
    return SceneBatches(**options | arguments)


def test_contract():
    pictures, labels = make()[0]
    assert pictures.shape == (4, 64, 64, 3) and pictures.dtype == np.float32
    assert labels.shape == (4, 64, 64) and labels.dtype == np.int32
    assert 0 <= pictures.min() and pictures.max() <= 1 + 1e-6
    assert labels.max() <= len(scenes.CLASSES) and labels.min() == 0


def test_a_batch_depends_on_seed_epoch_and_index_alone():
    wanted = make()[1]
    batches = make(workers=2)
    for one, two in zip(batches[1], wanted, strict=True):
        np.testing.assert_array_equal(one, two)
    batches.epoch = 1
    assert (batches[1][0] != wanted[0]).any()
    assert (make(seed=1)[1][0] != wanted[0]).any()


def test_half_of_a_batch_is_filled():
    asked = []

    def paint(image, mask):
        asked.append(mask)
        return np.where(mask, image, np.float32([1, 0, 1]))

    batches = make(size=128, batch_size=6)
    batches.fills = [paint]
    pictures, labels = batches[0]
    assert len(asked) == 3
    magenta = (abs(pictures - [1, 0, 1]) < 0.02).all(-1).mean((1, 2))
    assert (magenta[:3] < 0.01).all() and (magenta[3:] > 0.02).all()


def test_what_is_truly_there_is_labelled(monkeypatch):
    batches = make(size=128, batch_size=6)
    drawn, composed = [], batches._compose

    def compose(rng, size):
        drawn.append(composed(rng, size))
        return drawn[-1]

    monkeypatch.setattr(batches, "_compose", compose)
    pictures, labels = batches.draw(np.random.default_rng(3))
    cuts = 0
    for scene, picture, told in zip(drawn, pictures, labels, strict=True):
        cut = (picture != scene.image).any(-1)
        if not cut.any():
            np.testing.assert_array_equal(told, scene.labels)
            continue
        # That of the scene without an object that is in the hole, or of all.
        seen = [one.visible for one in scene.objects]
        taken = [n for n, place in enumerate(seen) if (place <= cut).all()]
        np.testing.assert_array_equal(told, scene.labels_without(taken))
        cuts += 1
    assert cuts == 3


def test_without_fills_nothing_is_cut_out():
    pictures, labels = make(fills=())[0]
    assert len(pictures) == len(labels) == 4


def test_a_network_learns_from_them():
    model = keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            keras.layers.Conv2D(8, 5, padding="same", activation="relu"),
            keras.layers.Conv2D(6, 1),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    history = model.fit(make(), epochs=1, verbose=0, shuffle=False)
    assert np.isfinite(history.history["loss"][0])


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="'nosuch'"):
        make(fills=["nosuch"])
