"""Segment, inpaint, segment again: objects, and how they go on behind others.

What stands in front is cut out and filled, and the picture is segmented
again; whatever continues an object that was seen before belongs to it. A
loop is written for one picture, as a generator that asks for segmentations
and fills; `segment_all` answers those of many pictures together.
"""

import numpy as np

from kerasinpaint import methods
from kerasinpaint.loops import S0Loop
from kerasinpaint.peeling import Peeling

PEELS = "front", "all"


def segment_with_inpainting(
    image, segmenter, method, iterations=3, peel="front"
):
    """Segments a picture, and what is hidden in it.

    An object stands in front of its neighbour if, when it is cut out and
    filled, the neighbour grows into its place more than it would grow
    itself into that of the neighbour. Each iteration cuts out, with a
    margin, what stands in front and behind nothing, fills, and segments
    again. A segment in filled area counts only where it continues visible
    pixels of an object; others are hallucinations.

    Args:
        image: float32 array of shape `(height, width, 3)` in [0, 1].
        segmenter: callable, `segmenter(image) -> labels`, with `classes`;
            see `segmenters`.
        method: callable, `method(image, mask) -> image`; see `methods`.
        iterations: int, the most that are made. It ends before when
            nothing stands in front any more, or one found less than .1 %
            of the picture.
        peel: "front", or "all": each iteration cuts out all that is seen,
            as project S0 did, and whatever is found then counts.

    Returns:
        A `Found`.

    Raises:
        ValueError: if `iterations` is negative, or `peel` unknown.
    """
    return segment_all([image], segmenter, method, iterations, peel)[0]


def segment_all(
    images, segmenter, method, iterations=3, peel="front", in_front=None
):
    """Segments pictures of one size, as `segment_with_inpainting` does.

    Args:
        images: sequence of float32 arrays of shape `(height, width, 3)`.
        segmenter: as there. One with `look` is asked for many
            pictures together.
        method: as there, or a list with one for each picture.
        iterations: int, as there.
        peel: string, as there.
        in_front: list with a callable for each picture, of the masks of two
            objects, that tells whether the first stands in front: where
            that is known. `None` finds it out.

    Returns:
        A list of `Found`.
    """
    if iterations < 0:
        raise ValueError(
            f"`iterations` must be 0 or more. Received: {iterations}."
        )
    if peel not in PEELS:
        raise ValueError(
            f"`peel` must be one of {', '.join(PEELS)}. Received: {peel!r}."
        )
    about = segmenter.classes, iterations
    if peel == "all":
        loops = [S0Loop(image, *about) for image in images]
    else:
        known = in_front or [None] * len(images)
        pairs = zip(images, known, strict=True)
        loops = [Peeling(image, *about, tells) for image, tells in pairs]
    runs = [loop.run() for loop in loops]
    asked = {place: next(run) for place, run in enumerate(runs)}
    while asked:
        answers = _look(asked, segmenter) | _fill(asked, method)
        asked = {}
        for place, answer in answers.items():
            try:
                asked[place] = runs[place].send(answer)
            except StopIteration:
                continue
    return [loop.found for loop in loops]


def _look(asked, segmenter):
    """Labels of the pictures for which they are asked, and how sure."""
    places = [p for p, wanted in asked.items() if wanted[0] == "look"]
    pictures = [asked[place][1] for place in places]
    if not places:
        return {}
    if not hasattr(segmenter, "look"):
        return {
            place: (segmenter(picture), np.ones(picture.shape[:2], np.float32))
            for place, picture in zip(places, pictures, strict=True)
        }
    labels, sure = segmenter.look(np.stack(pictures))
    pairs = zip(labels, sure, strict=True)
    return dict(zip(places, pairs, strict=True))


def _fill(asked, method):
    """The pictures that are to be filled, filled."""
    places = [p for p, wanted in asked.items() if wanted[0] == "fill"]
    if isinstance(method, list):
        return {place: method[place](*asked[place][1:]) for place in places}
    if not places:
        return {}
    _, pictures, masks = zip(*[asked[p] for p in places], strict=True)
    filled = methods.fill_batch(method, np.stack(pictures), np.stack(masks))
    return dict(zip(places, filled, strict=True))
