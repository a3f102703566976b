"""Batches of scenes to train a segmenter with, some of them filled."""

import cv2
import numpy as np

from kerasinpaint import methods, scenes
from kerasinpaint.batches import Drawn
from kerasinpaint.object_masks import hide

# What the pictures that are shown were drawn at, in pixels.
SIZE = 128
# How far a hole reaches beyond the object that was cut out, in pixels.
WIDER = (1, 6)


class SceneBatches(Drawn):
    """Pictures of scenes, and which class each pixel is of.

    Half of a batch are scenes as they are. From the other half objects were
    cut out, those in front or any other, and the holes were filled; their
    labels are those of what is truly there: so a segmenter learns what a
    fill hides, and how an object goes on in it.

    Args:
        size: int, height and width of the pictures, in pixels. Those that
            are filled are drawn at 128 px and enlarged, others at either.
        batch_size: int, even.
        steps: int, batches in an epoch.
        split: "train", "validation" or "test", of the backgrounds.
        fills: sequence of names of methods, one of which fills all holes of
            a batch. If empty, nothing is cut out.
        objects: string, the split of the cut-outs, if it is another.
        seed: int.
        workers: int, threads that draw.

    Example:

    >>> batches = SceneBatches(64, 2, 10, "train", fills=["fmm"])
    >>> pictures, labels = batches[0]
    >>> pictures.shape, labels.shape
    ((2, 64, 64, 3), (2, 64, 64))
    """

    def __init__(
        self,
        size,
        batch_size,
        steps,
        split="train",
        fills=("fmm",),
        objects=None,
        seed=0,
        workers=1,
    ):
        super().__init__(steps, seed, workers=workers)
        self.size = size
        self.batch_size = batch_size
        self.split = split
        self.objects = objects
        self.fills = [methods.get(name) for name in fills]

    def draw(self, rng):
        """A batch: pictures `(batch, size, size, 3)`, labels without 3."""
        filled = self.batch_size // 2 if self.fills else 0
        pairs = []
        for _ in range(self.batch_size - filled):
            size = SIZE if rng.random() < 0.5 else self.size
            scene = self._compose(rng, size)
            pairs.append((scene.image, scene.labels))
        pairs += self._filled(rng, filled)
        pictures, labels = zip(*[self._resized(*p) for p in pairs], strict=True)
        return np.stack(pictures), np.stack(labels)

    def _compose(self, rng, size):
        return scenes.compose(rng, self.split, size, self.objects)

    def _filled(self, rng, count):
        """Pictures from which something was cut, filled, and their labels."""
        if not count:
            return []
        pictures, masks, labels = [], [], []
        for _ in range(count):
            scene = self._compose(rng, SIZE)
            taken = _taken(scene, rng)
            cut = np.any([scene.objects[i].visible for i in taken], axis=0)
            masks.append(hide(cut, rng.integers(*WIDER, endpoint=True)))
            pictures.append(scene.image * masks[-1])
            labels.append(scene.labels_without(taken))
        fill = self.fills[rng.integers(len(self.fills))]
        filled = methods.fill_batch(fill, np.stack(pictures), np.stack(masks))
        return list(zip(filled, labels, strict=True))

    def _resized(self, picture, labels):
        sides = self.size, self.size
        return (
            cv2.resize(picture, sides, interpolation=cv2.INTER_LINEAR),
            cv2.resize(labels, sides, interpolation=cv2.INTER_NEAREST),
        )


def _taken(scene, rng):
    """Objects to cut out: all in front, or one, and what nobody can see."""
    if rng.random() < 0.3:
        return range(1, len(scene.objects))
    seen = [i for i, one in enumerate(scene.objects) if one.visible.any()]
    hidden = set(range(len(scene.objects))) - set(seen)
    return [seen[rng.integers(len(seen))], *hidden]
