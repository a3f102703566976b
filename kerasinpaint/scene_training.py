"""The recipe of the scene classifier, and how right it is."""

import csv
from pathlib import Path

import keras
import numpy as np

from kerasinpaint import data as embedded
from kerasinpaint import datasets, networks, picture_files, runs
from kerasinpaint.analysis import shown
from kerasinpaint.batches import Drawn, random_square
from kerasinpaint.datasets.prepared import open_prepared
from kerasinpaint.models.scene_classifier import build_scene_classifier
from kerasinpaint.optimizers import adam
from kerasinpaint.scene_groups import GROUP_OF, KIND_OF, SCENES
from kerasinpaint.significance import paired_interval

TINY = Path(__file__).with_name("tiny_imagenet_scenes.csv")
STEPS = 40  # in an epoch
VIEWS = 4096  # crops of which features are kept
BATCH = 32


def photographs(split):
    """The embedded photographs that show a place.

    Args:
        split: "train", "validation" or "test".

    Returns:
        A list of pairs: float32 array of shape `(height, width, 3)`, and
        int, its place in `scene_groups.SCENES`.
    """
    return [
        (
            picture_files.read_array(embedded.ROOT / row["file"])
            / np.float32(255),
            SCENES.index(row["scene"]),
        )
        for row in _rows(embedded.ROOT / "scenes.csv")
        if row["file"].split("/")[1] == split
    ]


def tiny_imagenet(split):
    """Pictures of those classes of Tiny ImageNet that are places.

    Args:
        split: "train" or "validation", of which every tenth published
            training picture is, or "test", the published validation set.

    Returns:
        A list, as that of `photographs`.
    """
    published = "validation" if split == "test" else "train"
    count, read = open_prepared("tiny_imagenet", published)
    builder = datasets.import_tfds().builder("tiny_imagenet")
    names = builder.info.features["label"].names
    scene_of = {r["wnid"]: SCENES.index(r["scene"]) for r in _rows(TINY)}
    pairs = [
        (record["image"] / np.float32(255), scene_of[names[record["label"]]])
        for record in map(read, range(count))
        if names[record["label"]] in scene_of
    ]
    if split == "test":
        return pairs
    held_out = split == "validation"
    return [p for i, p in enumerate(pairs) if (i % 10 == 0) == held_out]


SOURCES = {"photos": photographs, "tiny_imagenet": tiny_imagenet}


class ScenePhotos(Drawn):
    """Crops of photographs, and which scene they show.

    Each group of scenes is as likely as any other.

    Args:
        pairs: list of pairs, as `photographs` returns it.
        batch_size: int.
        steps: int, batches in an epoch.
        scale: pair of floats, the crop's side as a share of the photograph's
            shorter side.
        seed: int.
    """

    def __init__(self, pairs, batch_size, steps, scale=(0.6, 1.0), seed=0):
        super().__init__(steps, seed)
        self.batch_size = batch_size
        self.scale = scale
        self.by_group = {}
        for picture, scene in pairs:
            group = self.by_group.setdefault(GROUP_OF[scene], [])
            group.append((picture, scene))

    def draw(self, rng):
        """A batch: pictures `(batch, side, side, 3)`, scenes `(batch,)`."""
        groups = sorted(self.by_group)
        pictures, scenes = [], []
        for _ in range(self.batch_size):
            some = self.by_group[groups[rng.integers(len(groups))]]
            picture, scene = some[rng.integers(len(some))]
            square = random_square(picture, rng, self.scale)
            pictures.append(shown(square))
            scenes.append(scene)
        return np.stack(pictures), np.array(scenes, np.int32)


class SceneFeatures(Drawn):
    """Random ones of features that a trunk has found once.

    Args:
        trunk: `keras.Model` from pictures to features. It is frozen.
        photos: `ScenePhotos`, all of whose batches are looked at.
        steps: int, batches in an epoch.
        seed: int.
    """

    def __init__(self, trunk, photos, steps, seed=0):
        super().__init__(steps, seed)
        looked = [
            (trunk.predict_on_batch(pictures), scenes)
            for pictures, scenes in photos
        ]
        self.features, self.scenes = map(
            np.concatenate, zip(*looked, strict=True)
        )

    def draw(self, rng):
        """A batch: features `(batch, rows, columns, 320)`, and scenes."""
        rows = rng.integers(len(self.scenes), size=BATCH)
        return self.features[rows], self.scenes[rows]


def scene(data, output, epochs=10, **options):
    """Kinds of places: the head of the scene classifier.

    kerasinpaint train scene

    Two shared x86-64 cores, 3 minutes. Expected: of the 14 test photographs
    of places 6 in the right one of 50 groups, and 14 of the right kind. With
    `--data tiny_imagenet`, .67 of 1,000 pictures in the right group, and .84
    of the right kind.
    """
    data = data or "photos"
    if data not in SOURCES:
        raise ValueError(
            f"`data` must be one of {', '.join(SOURCES)}, of which scenes are "
            f"known. Received: {data!r}."
        )
    with networks.policy("float32"):
        network = build_scene_classifier(GROUP_OF)
    trunk, head = (network.get_layer(n) for n in ("trunk", "scene_head"))
    crops = ScenePhotos(SOURCES[data]("train"), BATCH, VIEWS // BATCH, seed=1)
    whole = ScenePhotos(
        SOURCES[data]("validation"), BATCH, 4, scale=(1, 1), seed=2
    )
    head.compile(
        adam(1e-3, STEPS * epochs), keras.losses.SparseCategoricalCrossentropy()
    )
    runs.fit(
        head,
        SceneFeatures(trunk, crops, STEPS, seed=1),
        epochs,
        output,
        validation=SceneFeatures(trunk, whole, 4, seed=2),
        **options,
    )
    pairs = SOURCES[data]("test")
    print(f"Right of {len(pairs)} test pictures:")
    for name, found in right(network, pairs).items():
        low, high = paired_interval(found)
        print(f"{name:>6} {found.mean():.2f} ({low:.2f} to {high:.2f})")
    return head


def right(network, pairs):
    """Of which pictures a scene classifier is right.

    Args:
        network: `keras.Model`, as `build_scene_classifier` returns it.
        pairs: list of pairs, as `photographs` returns it.

    Returns:
        Dict of bool arrays, one value a picture: whether the likeliest
        `scene`, `group` and `kind` is right, looked at as a whole.
    """
    pictures = np.stack([shown(picture) for picture, _ in pairs])
    likely = network.predict(pictures, BATCH, verbose=0)
    true = np.array([scene for _, scene in pairs])
    found = {"scene": likely.argmax(1) == true}
    names = sorted(set(KIND_OF))
    group_of = np.array(GROUP_OF)
    kind_of = np.array([names.index(KIND_OF[group]) for group in GROUP_OF])
    for name, of in (("group", group_of), ("kind", kind_of)):
        summed = likely @ np.eye(of.max() + 1)[of]
        found[name] = summed.argmax(1) == of[true]
    return found


def _rows(path):
    with open(path) as file:
        return list(csv.DictReader(file))
