"""The loop that peels: what stands in front goes, what is behind stays."""

import numpy as np

from kerasinpaint.found import Step, continuation, segments
from kerasinpaint.loops import NEWS, SMALLEST, Loop, known

# A neighbour has grown if it has by this share of the smaller of both.
GROWN = 0.05


class Peeling(Loop):
    """Cuts out what stands in front, and leaves what is behind.

    Args:
        image, classes, iterations: as in `Loop`.
        in_front: callable that tells of two objects' masks whether the
            first stands in front of the second. `None` tries it.
    """

    def __init__(self, image, classes, iterations, in_front=None):
        super().__init__(image, classes, iterations)
        self.in_front = in_front
        # Pixels by which the second of a pair grows when the first is cut.
        self.growth = {}

    def run(self):
        """The loop."""
        picture, objects = self.image, self.found.objects
        labels, sure = yield from self.look(picture, self.filled)
        self.add(labels, sure, labels > 0, 0)
        self.merge(labels, labels > 0)
        standing = list(range(len(objects)))
        for iteration in range(1, self.iterations + 1):
            trials = yield from self.compare(picture, standing)
            front = self.front(standing)
            hole = self.hole(front) if front else self.filled
            if not front or hole.all():
                break
            if len(front) == 1 and front[0] in trials:
                picture, labels, sure = trials[front[0]]
                self.found.steps.append(Step(picture, labels, hole))
            else:
                picture = yield "fill", picture, known(hole)
                labels, sure = yield from self.look(picture, hole)
            self.filled = self.filled | hole
            standing = [place for place in standing if place not in front]
            news = self.grow(labels, hole, standing)
            unseen = (self.found.labels == 0) & ~self.filled
            before = len(objects)
            news += self.add(labels, sure, unseen, iteration)
            standing += range(before, len(objects))
            self.merge(labels, ~self.filled)
            if news < NEWS * hole.size:
                break

    def hole(self, places):
        """Where objects are, and a margin around them."""
        cut = [self.found.objects[place].amodal for place in places]
        return self.wider(np.any(cut, axis=0))

    def compare(self, picture, standing):
        """Tries which of two neighbours stands in front.

        Returns:
            Dict from places of objects to the picture without them, and
            what is seen then.
        """
        objects, trials = self.found.objects, {}
        for first in standing:
            others = {b for b in standing if (first, b) not in self.growth}
            others.discard(first)
            if not others:
                continue
            hole = self.hole([first])
            others = [
                b for b in sorted(others) if (hole & objects[b].amodal).any()
            ]
            if others and self.in_front is None and not hole.all():
                shown = yield "fill", picture, known(hole)
                labels, sure = yield "look", shown
                trials[first] = shown, labels, sure
            for second in others:
                self.growth[first, second] = self.grown(
                    objects[first], objects[second], hole, trials.get(first)
                )
        self.found.order = [
            pair
            for pair, pixels in self.growth.items()
            if pixels > self.growth.get(pair[::-1], 0)
        ]
        return trials

    def grown(self, first, second, hole, trial):
        """Pixels of the first's place that the second takes without it."""
        if self.in_front is not None:
            return int(self.in_front(first.visible, second.visible))
        if trial is None:
            return 0
        more = continuation(trial[1], second, hole & ~second.amodal)
        more = np.count_nonzero(more & first.amodal)
        sizes = [np.count_nonzero(one.amodal) for one in (first, second)]
        return more if more > GROWN * min(sizes) else 0

    def front(self, standing):
        """Places of objects in front of others, and behind none."""
        order = [
            (a, b)
            for a, b in self.found.order
            if a in standing and b in standing
        ]
        behind = {b for _, b in order}
        return list(dict.fromkeys(a for a, _ in order if a not in behind))

    def grow(self, labels, hole, standing):
        """Takes over how objects go on in filled area; returns pixels."""
        news, rest = 0, self.filled & (labels > 0)
        for place in standing:
            one = self.found.objects[place]
            more = continuation(labels, one, self.filled)
            news += np.count_nonzero(more & ~one.amodal)
            one.amodal |= more
            rest &= ~(more | one.visible)
            self.merge(labels, more)
        self.found.hallucinations += [
            segment
            for _, segment in segments(labels, rest, SMALLEST)
            if (segment & hole).any()  # and not of an iteration before
        ]
        return news
