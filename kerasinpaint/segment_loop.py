"""Segment, inpaint, segment again: objects, and how they go on behind others.

What stands in front is cut out and filled, and the picture is segmented
again; whatever continues an object that was seen before belongs to it. A
loop is written for one picture, as a generator that asks for segmentations
and fills; `segment_all` answers those of many pictures together.
"""

import numpy as np

from kerasinpaint import methods
from kerasinpaint.found import renumbered
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
        ValueError: if `iterations` is negative, `peel` unknown, or `image`
            not of that shape, or not of floats.

    Example:

    >>> def segmenter(image):  # the upper half is a bird
    ...     return np.int32(np.indices(image.shape[:2])[0] < 4)
    >>> segmenter.classes = ["background", "bird"]
    >>> image = np.zeros((8, 8, 3), np.float32)
    >>> found = segment_with_inpainting(image, segmenter, methods.get("fmm"))
    >>> [(one.name, int(one.amodal.sum())) for one in found.objects]
    [('bird', 32)]

    Reference:

    - [Zhan et al., 2020](https://arxiv.org/abs/2004.02788) find out who
      stands in front by completing masks. Here pictures are completed.
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

    Raises:
        ValueError: if `iterations` is negative, `peel` unknown, a picture
            not of that shape, or not of floats, or not of the size of the
            first, or a list not as long as `images`.
    """
    if iterations < 0:
        raise ValueError(
            f"`iterations` must be 0 or more. Received: {iterations}."
        )
    if peel not in PEELS:
        raise ValueError(
            f"`peel` must be one of {', '.join(PEELS)}. Received: {peel!r}."
        )
    _check(images, method, in_front)
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
        answers = _look(asked, segmenter, loops) | _fill(asked, method)
        asked = {}
        for place, answer in answers.items():
            try:
                asked[place] = runs[place].send(answer)
            except StopIteration:
                continue
    return [loop.found for loop in loops]


def _check(images, method, in_front):
    for image in images:
        right = image.ndim == 3 and image.shape[2] == 3 and image.size
        if not right or image.dtype.kind != "f":
            raise ValueError(
                "`image` must be a float array of shape (height, width, 3). "
                f"Received: {image.dtype} of shape {image.shape}."
            )
    sizes = {image.shape for image in images}
    if len(sizes) > 1:
        raise ValueError(
            "`images` must be of one size. "
            f"Received: {', '.join(map(str, sorted(sizes)))}."
        )
    for name, many in (("method", method), ("in_front", in_front)):
        if isinstance(many, list) and len(many) != len(images):
            raise ValueError(
                f"`{name}` must have one for each of {len(images)} pictures. "
                f"Received: {len(many)}."
            )


def _look(asked, segmenter, loops):
    """Labels of the pictures for which they are asked, and how sure."""
    places = [p for p, wanted in asked.items() if wanted[0] == "look"]
    pictures = [asked[place][1] for place in places]
    if not places:
        return {}
    if hasattr(segmenter, "look"):
        labels, sure = segmenter.look(np.stack(pictures))
    else:
        labels = [segmenter(picture) for picture in pictures]
        sure = [np.ones(one.shape, np.float32) for one in labels]
    if getattr(segmenter, "numbers", False):
        labels = [
            renumbered(
                one,
                loops[place].found.labels,
                (picture == loops[place].image).all(-1),
                len(segmenter.classes),
            )
            for place, picture, one in zip(
                places, pictures, labels, strict=True
            )
        ]
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
