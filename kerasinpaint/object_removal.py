"""Objects found by name, cut out and filled, and looked for again."""

from typing import NamedTuple

import numpy as np

from kerasinpaint import detectors
from kerasinpaint.detectors import SMALLEST
from kerasinpaint.found import margin_of, segments
from kerasinpaint.object_masks import hide

# How far around an object is cut, as a share of the mean of the sides.
MARGIN = 0.02
ROUNDS = 3


class Instance(NamedTuple):
    """One object of a picture.

    Attributes:
        name: string, its class.
        place: bool array of shape `(height, width)`, where it is.
    """

    name: str
    place: np.ndarray


def finder(look):
    """Makes what finds objects in a picture.

    Args:
        look: a segmenter, or a detector; see `segmenters` and `detectors`.

    Returns:
        A function from an image to a list of `Instance`, the largest first.
        Connected pixels of one class are one object to a segmenter.
    """

    def find(image):
        found = look(image)
        if isinstance(found, list):
            instances = [
                Instance(one.name, detectors.mask_of_box(image, one.box))
                for one in found
            ]
            instances = [
                one
                for one in instances
                if np.count_nonzero(one.place) >= SMALLEST * one.place.size
            ]
        else:
            instances = [
                Instance(look.classes[label], place)
                for label, place in segments(found, found > 0, SMALLEST)
            ]
        return sorted(instances, key=lambda one: -np.count_nonzero(one.place))

    return find


def remove(image, chosen, find, method, others=()):
    """Cuts objects out of a picture, fills it, and looks again.

    What is found again in their place is cut out wider, three times at
    most.

    Args:
        image: float32 array of shape `(height, width, 3)` in [0, 1].
        chosen: list of `Instance`.
        find: what `finder` returned.
        method: callable, `method(image, mask) -> image`.
        others: sequence of `Instance` that stay as they are.

    Returns:
        A triple: the filled picture, the mask of all that was filled, and a
        bool, whether anything of the classes is still found in it.

    Raises:
        ValueError: if nothing is chosen, or nothing of the picture would be
            left.
    """
    if not chosen:
        raise ValueError("`chosen` must have an object. Received: none.")
    names = {one.name for one in chosen}
    hole = np.any([one.place for one in chosen], axis=0)
    stays = np.any([hole & False, *[one.place for one in others]], axis=0)
    stays &= ~hole
    margin = margin_of(MARGIN, image.shape)
    for _ in range(ROUNDS):
        mask = np.where(stays[..., None], 1, hide(hole, margin))
        hole = mask[..., 0] == 0
        if hole.all():
            raise ValueError(
                "An object must leave something of the picture to fill from. "
                f"Received: {', '.join(sorted(names))} all over."
            )
        filled = method(image, mask)
        again = [one.place & hole for one in find(filled) if one.name in names]
        again = np.any([hole & False, *again], axis=0)
        if np.count_nonzero(again) < SMALLEST * hole.size:
            return filled, mask, False
    return filled, mask, True
