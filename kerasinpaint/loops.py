"""The loop of one picture: what every kind of it does, and that of S0.

A loop is a generator. It yields `("look", picture)` and is sent labels and
how sure they are, or `("fill", picture, mask)` and is sent the picture
filled.
"""

import numpy as np

from kerasinpaint.found import Found, FoundObject, Step, margin_of, segments
from kerasinpaint.object_masks import hide

# Shares of the picture: less is no object, and no news.
SMALLEST = 0.004
NEWS = 0.001
# How far around an object is cut, as a share of the mean of the sides: its
# rim brings it back.
MARGIN = 0.025


class Loop:
    """What both kinds of loop share.

    Args:
        image: float32 array of shape `(height, width, 3)`.
        classes: list of strings, the background first.
        iterations: int, the most that are made.
    """

    def __init__(self, image, classes, iterations):
        self.image, self.classes, self.iterations = image, classes, iterations
        self.found = Found(image)
        self.filled = np.zeros(image.shape[:2], bool)
        self.margin = margin_of(MARGIN, image.shape)

    def wider(self, place):
        """A place, and a margin around it."""
        return hide(place, self.margin)[..., 0] == 0

    def look(self, image, hole):
        """Segments a picture, and keeps it as a step."""
        labels, sure = yield "look", image
        self.found.steps.append(Step(image, labels, hole))
        return labels, sure

    def add(self, labels, sure, where, iteration):
        """Takes over the segments in a place; returns how much is new.

        The largest first: what touches an object of its class is of it,
        anything else of some size is a new one.
        """
        news = 0
        parts = list(segments(labels, where))
        parts.sort(key=lambda part: -np.count_nonzero(part[1]))
        for label, segment in parts:
            same = [one for one in self.found.objects if one.label == label]
            near = self.wider(segment) if same else segment
            touched = [np.count_nonzero(near & one.amodal) for one in same]
            if any(touched):
                one = same[int(np.argmax(touched))]
                news += np.count_nonzero(segment & ~one.amodal)
                one.join(segment, ~self.filled, sure)
            elif np.count_nonzero(segment) >= SMALLEST * segment.size:
                name = self.classes[label]
                one = FoundObject(name, label, segment, iteration, sure)
                self.found.objects.append(one)
                news += np.count_nonzero(segment)
        return news

    def merge(self, labels, where):
        """Writes labels where there were none: the first one wins."""
        merged = self.found.labels
        free = where & (merged == 0)
        merged[free] = labels[free]


class S0Loop(Loop):
    """Cuts out all that is seen, as project S0 did; whatever is then found
    counts."""

    def run(self):
        """The loop."""
        picture, hole = self.image, self.filled
        for iteration in range(self.iterations + 1):
            labels, sure = yield from self.look(picture, hole)
            self.filled = self.filled | hole
            news = self.add(labels, sure, labels > 0, iteration)
            self.merge(labels, labels > 0)
            hole = self.wider(labels > 0)
            if news < NEWS * hole.size or hole.all():
                break
            if iteration < self.iterations:
                picture = yield "fill", picture, known(hole)


def known(hole):
    """The mask of a hole, 1 where it is not."""
    return 1 - hole.astype(np.uint8)[..., None]
