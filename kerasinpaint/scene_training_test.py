"""Scenes are read, drawn and learned from miniatures."""

import csv

import keras
import numpy as np
import pytest
from tensorflow_datasets.core import constants

from kerasinpaint import data as embedded
from kerasinpaint import methods, scene_training, training, weights
from kerasinpaint.analysis import SIDE
from kerasinpaint.datasets.conftest import encode
from kerasinpaint.datasets.tiny_imagenet_test import IDS, write_archive
from kerasinpaint.models.scene_classifier import build_scene_classifier
from kerasinpaint.scene_groups import GROUP_OF, SCENES
from kerasinpaint.scene_training import SceneFeatures, ScenePhotos, right

# One of each kind, and another of the last one's group.
BARN, COAST, KITCHEN, PANTRY = map(
    SCENES.index, ("barn", "coast", "kitchen", "pantry")
)


def pairs(*scenes):
    """A picture for each scene, in which red tells which."""
    y, x = np.mgrid[:40, :60].astype(np.float32) / 60
    return [
        (np.stack([0 * x + place / len(scenes), x, y], -1), scene)
        for place, scene in enumerate(scenes)
    ]


def rows(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def test_every_photograph_of_a_place_is_there_and_of_a_known_scene():
    listed = rows(embedded.ROOT / "scenes.csv")
    files = [row["file"] for row in listed]
    assert len(set(files)) == len(files) == 78 + 11 + 14
    assert all((embedded.ROOT / file).exists() for file in files)
    assert {row["scene"] for row in listed} <= set(SCENES)
    found = scene_training.photographs("validation")
    assert [SCENES[scene] for _, scene in found] == [
        row["scene"] for row in listed if "/validation/" in row["file"]
    ]
    assert all(0 <= p.min() < 0.5 < p.max() <= 1 for p, _ in found)


def test_every_class_of_tiny_imagenet_has_one_known_scene():
    listed = rows(scene_training.TINY)
    assert len({row["wnid"] for row in listed}) == len(listed) == 20
    assert {row["scene"] for row in listed} <= set(SCENES)


def test_of_tiny_imagenet_places_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "DATA_DIR", str(tmp_path))
    manual = tmp_path / "downloads" / "manual"
    manual.mkdir(parents=True)
    write_archive(manual / "tiny-imagenet-200.zip", encode)
    places = tmp_path / "places.csv"
    places.write_text(f"wnid,scene\n{IDS[0]},barn\n{IDS[2]},coast\nn0,dam\n")
    monkeypatch.setattr(scene_training, "TINY", places)

    def read(split):
        return sorted(
            (round(255 * float(picture.mean())), scene)
            for picture, scene in scene_training.tiny_imagenet(split)
        )

    # The grey levels that `write_archive` gives to classes.
    assert read("test") == [(100, COAST), (102, BARN)]
    train, held_out = read("train"), read("validation")
    assert len(held_out) == 1
    assert sorted(train + held_out) == [
        (0, BARN), (1, BARN), (80, COAST), (81, COAST)
    ]  # fmt: skip


def test_groups_are_as_likely_whatever_is_in_them():
    drawn = ScenePhotos(pairs(BARN, *[COAST] * 9), 20, steps=10)
    scenes = np.concatenate([scenes for _, scenes in drawn])
    assert 0.35 < (scenes == BARN).mean() < 0.65


def test_a_batch_is_of_crops_and_the_same_again():
    drawn = ScenePhotos(pairs(BARN, COAST), 8, steps=3)
    pictures, scenes = drawn[1]
    assert pictures.shape == (8, SIDE, SIDE, 3) and scenes.shape == (8,)
    for picture, scene in zip(pictures, scenes, strict=True):
        np.testing.assert_allclose(
            picture[..., 0], 0 if scene == BARN else 0.5, atol=1e-6
        )
    # From side to side of a crop: .6 to 1 of 40 px, of 60.
    width = np.ptp(pictures[..., 1], axis=(1, 2))
    assert 0.35 < width.min() < 0.5 < width.max() < 0.7
    again = ScenePhotos(pairs(BARN, COAST), 8, steps=3)
    np.testing.assert_array_equal(again[1][0], pictures)
    other = ScenePhotos(pairs(BARN, COAST), 8, steps=3, seed=1)
    assert (other[1][0] != pictures).any()


def test_features_are_those_of_the_crops_with_their_scenes():
    trunk = keras.Sequential(
        [keras.Input((SIDE, SIDE, 3)), keras.layers.AveragePooling2D(SIDE)]
    )
    photos = ScenePhotos(pairs(BARN, COAST), 8, steps=3)
    found = SceneFeatures(trunk, photos, steps=2)
    features, scenes = found[0]
    assert features.shape == (32, 1, 1, 3)
    np.testing.assert_allclose(
        features[:, 0, 0, 0], np.where(scenes == BARN, 0, 0.5), atol=1e-5
    )
    assert len(np.unique(features[..., 1])) > 8  # of more than one batch
    assert (found[1][0] != features).any()


class Sure:
    """A classifier that has made up its mind, picture by picture."""

    def __init__(self, *likely):
        self.likely = likely

    def predict(self, pictures, batch_size, verbose):
        assert pictures.shape == (len(self.likely), SIDE, SIDE, 3)
        found = np.zeros((len(self.likely), len(SCENES)), np.float32)
        for row, likely in zip(found, self.likely, strict=True):
            for scene, share in likely.items():
                row[scene] = share
        return found


def test_one_may_be_right_of_the_group_and_not_of_the_scene():
    assert GROUP_OF[KITCHEN] == GROUP_OF[PANTRY]
    bedroom = SCENES.index("bedroom")
    network = Sure(
        {KITCHEN: 0.9, BARN: 0.1},
        {PANTRY: 1.0},
        {bedroom: 1.0},
        {BARN: 1.0},
        # The likeliest scene is not of the likeliest group, nor kind.
        {BARN: 0.4, KITCHEN: 0.3, PANTRY: 0.3},
        {BARN: 0.4, KITCHEN: 0.3, bedroom: 0.3},
    )
    found = right(network, pairs(*[KITCHEN] * 6))
    assert {name: list(map(int, of)) for name, of in found.items()} == {
        "scene": [1, 0, 0, 0, 0, 0],
        "group": [1, 1, 0, 0, 1, 0],
        "kind": [1, 1, 1, 0, 1, 1],
    }


@pytest.fixture
def miniature(monkeypatch):
    """Two pictures, looked at and learned from for a moment."""
    source = {"tiny_imagenet": lambda split: pairs(BARN, COAST)}
    monkeypatch.setattr(scene_training, "SOURCES", source)
    monkeypatch.setattr(scene_training, "VIEWS", 64)
    monkeypatch.setattr(scene_training, "STEPS", 10)


def test_the_recipe_trains_and_scores_a_head(
    miniature, untraced, tmp_path, capsys
):
    training.train("scene", "tiny_imagenet", tmp_path / "run", epochs=3)
    told = capsys.readouterr().out
    assert "Right of 2 test pictures:" in told
    assert "kind 1.00 (1.00 to 1.00)" in told
    path = tmp_path / "run" / "weights.npz"
    assert f"copy them to {weights.path_of('scene')}" in told
    network = build_scene_classifier(GROUP_OF)
    weights.load(network.get_layer("scene_head"), path)
    assert right(network, pairs(BARN, COAST))["scene"].all()
    with pytest.raises(ValueError, match="that fills. Received: .*'scene'"):
        methods.get(str(path))(np.zeros((8, 8, 3), "f"), np.zeros((8, 8, 1)))


def test_pictures_without_scenes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="photos, tiny_im.*: 'cifar10'"):
        training.train("scene", "cifar10", tmp_path / "run")


def test_the_shipped_head_fits():
    path = weights.path_of("scene")
    assert weights.network_of(path) == "scene"
    network = build_scene_classifier(GROUP_OF)
    weights.load(network.get_layer("scene_head"), path)
