"""Scenes of cut-outs over photographs, where all that is hidden is known.

A back object, one or two objects in front that cover 15 to 60 % of it, and
sometimes a small one that nobody can see. What no photograph tells is exact
here: the shape of an object behind another, and the picture without it.
"""

import functools
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from kerasinpaint.scene_stage import Stage, backgrounds, crop, cutouts

# Which cut-outs show what: patterns below `data/objects/SPLIT`.
CLASSES = {
    "bird": ("bird/*",),
    "flower": ("flower/*",),
    "fruit": ("fruit_veg/*",),
    "mammal": ("mammal/*",),
    "vehicle": ("vehicle/*",),
}
# Those of which Pascal VOC has classes, by its names.
VOC_CLASSES = {
    "aeroplane": ("vehicle/747", "vehicle/f22_raptor"),
    "bird": ("bird/*",),
    "boat": ("vehicle/chinesejunk", "vehicle/walnutboat"),
    "bus": ("vehicle/green_korean_bus",),
    "car": ("vehicle/sedan*", "vehicle/sportscar2", "vehicle/beetle"),
    "cow": ("mammal/cow*", "mammal/bull", "mammal/zebu"),
    "dog": ("mammal/dog", "mammal/dingo"),
    "horse": ("mammal/horse",),
    "sheep": ("mammal/sheep*", "mammal/ram"),
}
AHEAD = 64  # scenes drawn before they are asked for


class SceneObject:
    """One object of a scene.

    Attributes:
        name: string, its class.
        label: int, its class in `Scene.labels`.
        visible: bool array of shape `(height, width)`, where it is seen.
        amodal: bool array of the same shape, where it is, seen or not.
        covered: float, the share of it that is hidden.
    """

    def __init__(self, name, label, visible, amodal):
        self.name, self.label = name, label
        self.visible, self.amodal = visible, amodal
        hidden = np.count_nonzero(amodal & ~visible)
        self.covered = hidden / np.count_nonzero(amodal)


class Scene:
    """A picture of objects, and the truth about it.

    Args:
        background: float32 array of shape `(height, width, 3)` in [0, 1].
        layers: list of `Layer`, from the rear to the front.
        names: list of strings, the class of each layer.
        classes: list of strings, all classes that there are.

    Attributes:
        image: the picture, float32 of shape `(height, width, 3)`.
        labels: int32 array of shape `(height, width)`: of each pixel the
            class that is seen there, from 1, or 0.
        objects: list of `SceneObject`, from the rear to the front.
        repeated: bool, whether two objects are of the same class.
    """

    def __init__(self, background, layers, names, classes):
        self._background, self._layers = background, layers
        self.repeated = len(set(names)) < len(names)
        self.objects = []
        free = np.ones(background.shape[:2], bool)
        for layer, name in zip(layers[::-1], names[::-1], strict=True):
            label = classes.index(name) + 1
            visible = layer.solid & free
            free &= ~layer.solid
            self.objects.append(SceneObject(name, label, visible, layer.solid))
        self.objects.reverse()
        self.image, self.labels = self.without(()), self.labels_without(())

    @property
    def behind(self):
        """The picture without what stands before the rearmost object."""
        return self.without(range(1, len(self.objects)))

    def without(self, taken):
        """The picture without some of its objects: what is behind them.

        Args:
            taken: container of ints, places in `objects`.

        Returns:
            float32 array of shape `(height, width, 3)`.
        """
        image = self._background.copy()
        for place, layer in enumerate(self._layers):
            if place not in taken:
                part = image[layer.place]
                # Thrice as fast as to broadcast over a last axis of 3.
                part *= cv2.merge([1 - layer.alpha] * 3)
                part += layer.colors
        return image

    def labels_without(self, taken):
        """The labels of `without`."""
        labels = np.zeros(self._background.shape[:2], np.int32)
        for place, one in enumerate(self.objects):
            if place not in taken:
                labels[one.amodal] = one.label
        return labels


def compose(rng, split="train", size=128, objects=None, classes=CLASSES):
    """Draws a scene.

    Args:
        rng: a `np.random.Generator`: the same one draws the same scene.
        split: "train", "validation" or "test", of the photographs that are
            backgrounds, and show nothing of the classes.
        size: int, height and width in pixels.
        objects: string, the split of the cut-outs, or "all". `None` is
            that of the photographs.
        classes: dict from names to patterns for `data.object_paths`:
            `CLASSES`, or `VOC_CLASSES` with all objects.

    Returns:
        A `Scene`. Test objects and test backgrounds are in scenes of the
        test split only.

    Raises:
        ValueError: if there is no such split, test objects are asked for
            another split, or `size` is below 32.
        FileNotFoundError: if a class has no cut-outs in the split, as some
            of `VOC_CLASSES` have, or the package was installed without
            pictures.

    Example:

    >>> scene = compose(np.random.default_rng(0), "train", size=64)
    >>> scene.image.shape, scene.labels.shape, len(scene.objects)
    ((64, 64, 3), (64, 64), 2)
    >>> 0.15 <= scene.objects[0].covered <= 0.6
    True
    """
    if size < 32:
        raise ValueError(f"`size` must be at least 32. Received: {size}.")
    objects = objects or split
    if split in ("train", "validation") and objects in ("test", "all"):
        raise ValueError(
            "`split` must be 'test' for objects of that split. "
            f"Received: split={split!r}, objects={objects!r}."
        )
    patterns = tuple((name, tuple(some)) for name, some in classes.items())
    shapes = cutouts(objects, size, patterns)
    names = list(shapes)
    background = crop(backgrounds(split, size), size, rng)
    while True:
        stage = Stage(size, shapes, rng)
        if stage.place_back() and stage.place_front():
            break
    if rng.random() < 0.3:
        stage.place_front()
    if rng.random() < 0.1:
        stage.place_hidden()
    return Scene(background, stage.layers, stage.names, names)


def draw(count, seed=0, workers=2, **options):
    """Draws scenes, each of which depends on the seed and its place only.

    Args:
        count: int.
        seed: int.
        workers: int, threads.
        **options: of `compose`.

    Yields:
        `Scene`, one after the other.

    Raises:
        ValueError, FileNotFoundError: as `compose`.

    Example:

    >>> [len(scene.objects) for scene in draw(3, size=64)]
    [2, 2, 3]
    """
    with ThreadPoolExecutor(workers) as threads:
        for start in range(0, count, AHEAD):
            rngs = (
                np.random.default_rng([seed, place])
                for place in range(start, min(start + AHEAD, count))
            )
            drawn = functools.partial(compose, **options)
            yield from threads.map(drawn, rngs)
