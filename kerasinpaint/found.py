"""What the loop of segmenting and inpainting finds in a picture."""

from typing import NamedTuple

import cv2
import numpy as np

# A segment continues an object if this share of it is visible.
SUPPORT = 0.05


class Step(NamedTuple):
    """A picture of the loop.

    Attributes:
        image: float32 array of shape `(height, width, 3)`.
        labels: int32 array of shape `(height, width)`, what is seen in it.
        hole: bool array of the same shape, where it was filled last.
    """

    image: np.ndarray
    labels: np.ndarray
    hole: np.ndarray


class FoundObject:
    """An object of a picture.

    Attributes:
        name: string, its class.
        label: int, its class in `Found.labels`.
        visible: bool array of shape `(height, width)`, where it was seen.
        amodal: bool array of the same shape, where it is, as far as is
            known, seen or not.
        iteration: int, in which it was found; 0 before anything was cut.
        score: float, how sure the segmenter is where it was seen, in
            [0, 1], on the average; 1 if it does not tell.
    """

    def __init__(self, name, label, visible, iteration, sure):
        self.name, self.label, self.iteration = name, label, iteration
        self.visible, self.amodal = visible, visible.copy()
        self.score = float(sure[visible].mean())

    def join(self, segment, seen, sure):
        """Takes over a part, of which what was not filled is visible.

        Args:
            segment: bool array of shape `(height, width)`.
            seen: bool array of the same shape, what was not filled.
            sure: float array of the same shape, how sure the segmenter is.
        """
        new = segment & seen & ~self.visible
        total = self.score * np.count_nonzero(self.visible) + sure[new].sum()
        self.amodal |= segment
        self.visible |= new
        self.score = float(total / np.count_nonzero(self.visible))


class Found:
    """What a loop has found in a picture.

    Attributes:
        labels: int32 array of shape `(height, width)`: merged, the first
            label of each pixel.
        objects: list of `FoundObject`.
        order: list of pairs of ints, places in `objects`: the first stands
            in front of the second.
        hallucinations: list of bool arrays: segments in filled area that
            continue nothing.
        steps: list of `Step`, the first of the picture as it was.
    """

    def __init__(self, image):
        self.labels = np.zeros(image.shape[:2], np.int32)
        self.objects, self.order = [], []
        self.hallucinations, self.steps = [], []


def continuation(labels, one, place):
    """How an object goes on in a place.

    Args:
        labels: int array of shape `(height, width)`.
        one: a `FoundObject`.
        place: bool array of the same shape.

    Returns:
        bool array of the same shape: what is in the place of segments of
        the object's class of which a share, `SUPPORT`, was seen.
    """
    seen = one.visible & ~place
    same = (labels == one.label) & (place | seen)
    count, parts = cv2.connectedComponents(same.astype(np.uint8))
    sizes = np.bincount(parts.ravel(), minlength=count)
    visible = np.bincount(parts[seen], minlength=count)
    right = visible > SUPPORT * sizes
    right[0] = False
    return right[parts] & place


def margin_of(share, shape):
    """A share of the mean of a picture's sides, in pixels, at least 1."""
    return max(1, round(share * (shape[0] + shape[1]) / 2))


def renumbered(labels, former, seen, count):
    """Gives segments the labels that they had in a picture before.

    For segmenters that only number what they find.

    Args:
        labels: int array of shape `(height, width)`.
        former: int array of the same shape, labels of the picture before.
        seen: bool array of the same shape: where both pictures are alike.
        count: int, how many labels there are; others are free for segments
            that are new.

    Returns:
        int32 array of the same shape. A segment is the former one that
        makes up most of it where it is seen.
    """
    result = np.zeros_like(labels)
    free = iter(sorted(set(range(1, count)) - set(np.unique(former))))
    for label in np.unique(labels[labels > 0]):
        segment = labels == label
        votes = np.bincount(former[segment & seen], minlength=count)
        known = int(votes.argmax()) if votes.any() else 0
        if known == 0 or 2 * votes[known] <= votes.sum():
            known = next(free, 0)
        result[segment] = known
    return result


def segments(labels, where, least=0.0):
    """Connected parts of a label map, without background.

    Args:
        labels: int array of shape `(height, width)`.
        where: bool array of the same shape: what is elsewhere is left out.
        least: float, the share of the map that a part must have.

    Yields:
        Pairs of a label and a bool array.
    """
    for label in np.unique(labels[where]):
        if label:
            same = ((labels == label) & where).astype(np.uint8)
            _, parts, stats, _ = cv2.connectedComponentsWithStats(same)
            sizes = stats[:, cv2.CC_STAT_AREA]
            for part in range(1, len(sizes)):
                if sizes[part] >= least * labels.size:
                    yield int(label), parts == part
