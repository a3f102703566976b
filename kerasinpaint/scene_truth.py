"""What is true of a scene, to compare with, and to ask in the loop's place."""

from itertools import chain, combinations

import numpy as np


def iou(one, other):
    """Intersection over union of two masks; of two empty ones 0."""
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 0.0


def mean_iou(truth, labels):
    """Mean over the classes that are in either map, background included."""
    classes = np.union1d(truth, labels)
    return np.mean([iou(truth == c, labels == c) for c in classes])


def match(objects, found, least=0.5):
    """Pairs of true and found objects of one class, the best first.

    Args:
        objects: list of `scenes.SceneObject`.
        found: list of `found.FoundObject`.
        least: float, the intersection over union of their amodal masks from
            which on one is found.

    Returns:
        Dict from places in `objects` to places in `found`.
    """
    overlaps = sorted(
        (
            (iou(true.amodal, one.amodal), place, other)
            for place, true in enumerate(objects)
            for other, one in enumerate(found)
            if true.name == one.name
        ),
        reverse=True,
    )
    pairs = {}
    for overlap, place, other in overlaps:
        free = place not in pairs and other not in pairs.values()
        if overlap >= least and free:
            pairs[place] = other
    return pairs


def score(scene, found, classes):
    """How right what was found in a scene is.

    Args:
        scene: a `scenes.Scene`.
        found: a `found.Found`.
        classes: list of strings, those of `found.labels`.

    Returns:
        Dict of floats: `miou`, of the labels that are seen; `amodal`, the
        intersection over union of the rearmost object, of what was found of
        its class; `recall`, the share of its hidden part that was found;
        `found`, the share of objects that were, of those that are seen;
        `false`, how many were found and are none; `hallucinations`; and
        `hidden`, the share of objects found that nobody can see, NaN
        without any.
    """
    back = scene.objects[0]
    unseen = back.amodal & ~back.visible
    amodal, recall = 0.0, 0.0
    for one in found.objects:
        overlap = iou(back.amodal, one.amodal) * (one.name == back.name)
        if overlap > amodal:
            amodal = overlap
            recall = (one.amodal & unseen).sum() / unseen.sum()
    pairs = match(scene.objects, found.objects)
    seen = [p for p, one in enumerate(scene.objects) if one.visible.any()]
    hidden = set(range(len(scene.objects))) - set(seen)
    labels = np.zeros_like(scene.labels)
    for one in scene.objects:
        labels[one.visible] = classes.index(one.name)
    return {
        "miou": mean_iou(labels, found.labels),
        "amodal": amodal,
        "recall": recall,
        "found": np.mean([place in pairs for place in seen]),
        "false": float(len(found.objects) - len(pairs)),
        "hallucinations": float(len(found.hallucinations)),
        "hidden": np.mean([p in pairs for p in hidden]) if hidden else np.nan,
    }


def true_fill(scene):
    """A method that fills with what is truly behind.

    Args:
        scene: a `scenes.Scene`.

    Returns:
        A method: the objects of which most of what is still seen is in the
        hole are gone.
    """
    places = range(len(scene.objects))
    subsets = list(
        chain(*(combinations(places, n) for n in range(len(places) + 1)))
    )

    def method(image, mask):
        hole = mask[..., 0] == 0
        gone = min(
            subsets,
            key=lambda taken: abs(scene.without(taken) - image)[~hole].mean(),
        )
        free = np.ones(hole.shape, bool)
        taken = list(gone)
        for place in [p for p in places if p not in gone][::-1]:
            amodal = scene.objects[place].amodal
            visible, free = amodal & free, free & ~amodal
            if 2 * (visible & hole).sum() > visible.sum():
                taken.append(place)
        return np.where(mask, image, scene.without(taken))

    return method


def true_order(scene):
    """Tells of two masks whether the object of the first is in front.

    Args:
        scene: a `scenes.Scene`.

    Returns:
        A callable of two bool arrays of what was seen of objects.
    """

    def in_front(one, other):
        first, second = (_nearest(scene, mask) for mask in (one, other))
        touch = scene.objects[first].amodal & scene.objects[second].amodal
        return bool(first > second and touch.any())

    return in_front


def _nearest(scene, mask):
    overlaps = [iou(one.visible, mask) for one in scene.objects]
    return int(np.argmax(overlaps))
