"""What is known of a picture besides its pixels: edges, objects, the scene."""

import functools

import numpy as np

from kerasinpaint import detectors, networks, scene_groups, structure, weights
from kerasinpaint.images import resized_to_square
from kerasinpaint.methods import pyramid_fills

# What pictures are shown to the scene classifier at, in pixels.
SIDE = 128
PARTS = "edges", "objects", "scene"


def context_of(images, masks, detector=None, parts=PARTS):
    """What `models.context` names, of pictures of one size.

    Args:
        images: float32 array of shape `(batch, height, width, 3)` in [0, 1].
            What is in holes is not read.
        masks: array of shape `(batch, height, width, 1)`, 1 = known.
        detector: see `detectors`; `None` for `sample`.
        parts: container of what is to be found; the others are 0.

    Returns:
        Dict of float32 arrays: `images`, holes filled by a pyramid of means;
        `masks`; `edges`, `(batch, height, width, 2)`, edges and straight
        lines of what is known; `objects`, `(batch, height, width, 1)`, the
        score of the surest box that a pixel is in; and `scene`, `(batch,
        50)`, the probability of each group of `scene_groups`.
    """
    shape = images.shape[:3]
    filled = pyramid_fills(images, masks)
    context = {
        "images": filled,
        "masks": masks.astype(np.float32),
        "edges": np.zeros((*shape, 2), np.float32),
        "objects": np.zeros((*shape, 1), np.float32),
        "scene": np.zeros((shape[0], len(scene_groups.GROUPS)), np.float32),
    }
    if "edges" in parts:
        context["edges"] = edge_maps(images, masks)
    if "objects" in parts:
        look = detector or detectors.get("sample")
        for place, found in enumerate(_detections(look, filled)):
            context["objects"][place] = boxes_map(found, shape[1:])
    if "scene" in parts:
        context["scene"] = scene_probabilities(filled)
    return context


def edge_maps(images, masks):
    """Edges and straight lines of what is known.

    Args:
        images: as in `context_of`.
        masks: as in `context_of`.

    Returns:
        float32 array of shape `(batch, height, width, 2)`, of 0 and 1.
    """
    maps = []
    for image, mask in zip(images, masks, strict=True):
        found = structure.edges(image, mask)
        straight = structure.drawn(structure.lines(found), found.shape)
        maps.append(np.stack([found, straight], -1))
    return np.stack(maps).astype(np.float32)


def boxes_map(detections, shape):
    """Detections as a map: the surest box that each pixel is in.

    Args:
        detections: list of `detectors.Detection`.
        shape: pair of ints, height and width.

    Returns:
        float32 array of shape `(height, width, 1)`, in [0, 1].
    """
    found = np.zeros((*shape, 1), np.float32)
    for one in detections:
        top, left, bottom, right = (round(end) for end in one.box)
        part = found[top:bottom, left:right]
        np.maximum(part, one.score, out=part)
    return found


def scene_probabilities(images):
    """The probability of each group of scenes.

    Args:
        images: float32 array of shape `(batch, height, width, 3)`, whole.

    Returns:
        float32 array of shape `(batch, 50)`.
    """
    small = np.stack([shown(image) for image in images])
    scenes = _classifier().predict_on_batch(small)
    members = np.eye(len(scene_groups.GROUPS))[scene_groups.GROUP_OF]
    return (scenes @ members).astype(np.float32)


def shown(image):
    """A picture as the scene classifier is shown it: a square of `SIDE`."""
    return resized_to_square(image, SIDE)


def _detections(look, images):
    if hasattr(look, "many"):
        return look.many(images)
    return [look(image) for image in images]


@functools.lru_cache(1)
def _classifier():
    from kerasinpaint.models.scene_classifier import build_scene_classifier

    with networks.policy("float32"):
        network = build_scene_classifier(scene_groups.GROUP_OF)
    weights.load(network.get_layer("scene_head"), weights.path_of("scene"))
    return network
