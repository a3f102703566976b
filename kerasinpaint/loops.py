"""The loop of one picture: what every kind of it does, and that of S0.

A loop is a generator. It yields `("look", picture)` and is sent labels and
how sure they are, or `("fill", picture, mask)` and is sent the picture
filled.
"""

import numpy as np

from kerasinpaint.found import (
    Found,
    FoundObject,
    Step,
    continuation,
    segments,
)
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
        self.margin = max(1, round(MARGIN * sum(image.shape[:2]) / 2))

    def wider(self, place):
        """A place, and a margin around it."""
        return hide(place, self.margin)[..., 0] == 0

    def look(self, image, hole, iteration):
        """Segments a picture, and keeps it as a step."""
        labels, sure = yield "look", image
        self.found.steps.append(Step(image, labels, hole))
        return labels, sure

    def add(self, labels, sure, where, iteration):
        """Makes objects of the segments in a place; returns their pixels."""
        news = 0
        for label, segment in segments(labels, where):
            if np.count_nonzero(segment) >= SMALLEST * segment.size:
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
    """Cuts out all that was found, as project S0 did; whatever is then
    found counts."""

    def run(self):
        """The loop."""
        hole = np.zeros(self.image.shape[:2], bool)
        picture = self.image
        labels, sure = yield from self.look(picture, hole, 0)
        self.add(labels, sure, labels > 0, 0)
        self.merge(labels, labels > 0)
        for iteration in range(1, self.iterations + 1):
            hole = self.wider(labels > 0)
            if not hole.any() or hole.all():
                break
            picture = yield "fill", picture, known(hole)
            labels, sure = yield from self.look(picture, hole, iteration)
            rest = labels > 0
            news = 0
            for one in self.found.objects:
                more = continuation(labels, one, rest, support=0)
                news += np.count_nonzero(more & ~one.amodal)
                one.amodal |= more
                rest &= ~more
            news += self.add(labels, sure, rest, iteration)
            self.merge(labels, labels > 0)
            if news < NEWS * hole.size:
                break


def known(hole):
    """The mask of a hole, 1 where it is not."""
    return 1 - hole.astype(np.uint8)[..., None]
