"""Ways to find objects by their names: `detector(image) -> detections`.

Every detector takes a float32 image of shape `(height, width, 3)` in [0, 1],
of any size, and returns a list of `Detection`, the surest first; `classes`
are the names that it knows. `mask_of_box` tells an object from the ground
in its box.
"""

import functools
from typing import NamedTuple

import cv2
import numpy as np

from kerasinpaint import dfine, hub, segmenters
from kerasinpaint.found import segments
from kerasinpaint.segment_anything import letterbox

COCO_CLASSES = (
    "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,"
    "traffic light,fire hydrant,stop sign,parking meter,bench,bird,cat,dog,"
    "horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,"
    "tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,"
    "baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,"
    "fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,"
    "hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,"
    "toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,"
    "toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,"
    "hair drier,toothbrush"
).split(",")
LEAST = 0.3  # of a score
SMALLEST = 0.002  # of the picture: less is no object
# GrabCut looks at pictures of this longer side; of the box, what it must
# find to be believed, and of pixels, what it needs to learn colours from.
CUT_SIDE = 512
CUT_LEAST = 0.05
CUT_PIXELS = 16


class Detection(NamedTuple):
    """An object that was found.

    Attributes:
        name: string, its class.
        score: float in [0, 1], how sure it is.
        box: four floats, in pixels: top, left, bottom and right.
    """

    name: str
    score: float
    box: tuple


class Detector:
    """A network, and what it takes to show it pictures of any size.

    Args:
        predict: callable from float32 pictures of shape `(1, side, side, 3)`
            in [0, 1] to a dict of `boxes` in pixels, top, left, bottom and
            right, of shape `(1, count, 4)`, and `labels` and `confidence`,
            of shape `(1, count)`. What is less sure than `LEAST` is padding.
        classes: list of strings.
        side: int, in pixels. Pictures are scaled to it and stand on black.

    Attributes:
        classes: as given.
    """

    def __init__(self, predict, classes, side):
        self.classes = list(classes)
        self._predict, self._side = predict, side

    def __call__(self, image):
        """Detections in a picture."""
        square, inner = letterbox(image, self._side)
        found = self._predict(square[None])
        lengths = np.float32(image.shape[:2])
        scale = np.tile(lengths / np.float32(inner), 2)
        boxes = np.clip(found["boxes"][0] * scale, 0, np.tile(lengths, 2))
        detections = [
            Detection(self.classes[label], float(score), tuple(box.tolist()))
            for label, score, box in zip(
                found["labels"][0], found["confidence"][0], boxes, strict=True
            )
            if score >= LEAST and (box[2:] > box[:2]).all()
        ]
        return sorted(detections, key=lambda one: -one.score)


def _dfine():
    """D-FINE-S, of the 80 classes of COCO (43 MB).

    [Peng et al., 2024](https://arxiv.org/abs/2410.13842)
    """
    model = hub.load("DFineObjectDetector", "dfine_small_coco")
    return _from_model(model, COCO_CLASSES, 640)


def untrained():
    """D-FINE-S with random weights, which takes the time of a trained one."""
    return _from_model(dfine.build(640), COCO_CLASSES, 640)


def _from_model(model, classes, side):
    """A detector that shows pictures to a `keras_hub` one."""
    model.preprocessor.image_size = None  # it would crop them
    decoder = model.prediction_decoder
    config = decoder.get_config() | {"confidence_threshold": LEAST}
    model.prediction_decoder = type(decoder).from_config(config)

    def predict(images):
        # D-FINE knows no `predict_on_batch`.
        return model.predict(255 * images, verbose=0)

    return Detector(predict, classes, side)


class SegmentDetector:
    """Boxes around what a segmenter sees: a detector without a download.

    Args:
        segmenter: a `segmenters.Segmenter`.

    Attributes:
        classes: its own, without background.
    """

    def __init__(self, segmenter):
        self.classes = segmenter.classes[1:]
        self._segmenter = segmenter

    def __call__(self, image):
        """Detections in a picture."""
        return self.many(image[None])[0]

    def many(self, images):
        """A list of detections for each of pictures of one size."""
        labels, sure = self._segmenter.look(images)
        return [
            sorted(
                [
                    Detection(
                        self._segmenter.classes[label],
                        float(certain[place].mean()),
                        _box_around(place),
                    )
                    for label, place in segments(found, found > 0, SMALLEST)
                ],
                key=lambda one: -one.score,
            )
            for found, certain in zip(labels, sure, strict=True)
        ]


def _box_around(place):
    rows, columns = (np.flatnonzero(place.any(axis)) for axis in (1, 0))
    ends = rows[0], columns[0], rows[-1] + 1, columns[-1] + 1
    return tuple(float(end) for end in ends)


def _sample():
    """Boxes around what the segmenter `sample` sees, of five classes."""
    return SegmentDetector(segmenters.get("sample"))


DETECTORS = {"dfine": _dfine, "sample": _sample}


def names():
    """Names of all detectors."""
    return list(DETECTORS)


@functools.lru_cache(4)
def get(name):
    """The detector called `name`.

    Args:
        name: string, one of `names()`.

    Returns:
        A `Detector`. It is loaded once.

    Raises:
        ValueError: if there is no such detector.
        ImportError: if what it needs is not installed.
        OSError: if it could not be downloaded.
    """
    if name not in DETECTORS:
        raise ValueError(
            f"`name` must be one of {', '.join(DETECTORS)}. Received: {name!r}."
        )
    return DETECTORS[name]()


def mask_of_box(image, box):
    """Where in its box an object is.

    Segment Anything tells; without it, GrabCut, to which what is outside
    the box is ground. If almost nothing is found, it is the whole box.

    Args:
        image: float32 array of shape `(height, width, 3)` in [0, 1].
        box: four floats, in pixels: top, left, bottom and right.

    Returns:
        bool array of shape `(height, width)`.

    Reference:

    - [Rother et al., 2004](https://doi.org/10.1145/1015706.1015720)
    """
    whole = _inside(image.shape[:2], box)
    if _has_sam():
        cut = hub.sam_box(image, box)
    else:
        cut = _grab_cut(image, box) & whole
    enough = np.count_nonzero(cut) >= CUT_LEAST * np.count_nonzero(whole)
    return cut if enough else whole


@functools.lru_cache(1)
def _has_sam():
    """Whether Segment Anything can be had: asked once, for it may wait."""
    try:
        hub.sam()
    except (ImportError, OSError):
        return False
    return True


def _inside(shape, box):
    """A mask of the pixels that a box touches."""
    top, left = np.floor(np.maximum(box[:2], 0)).astype(int)
    bottom, right = np.ceil(np.maximum(box[2:], 0)).astype(int)
    mask = np.zeros(shape, bool)
    mask[top:bottom, left:right] = True
    return mask


def _grab_cut(image, box):
    """A mask of what GrabCut finds in a box; nothing, if it cannot."""
    height, width = image.shape[:2]
    scale = min(1, CUT_SIDE / max(height, width))
    shape = [max(1, round(scale * length)) for length in (height, width)]
    small = cv2.resize(image, shape[::-1], interpolation=cv2.INTER_AREA)
    guess = _inside(shape, [scale * edge for edge in box])
    if np.count_nonzero(~guess) < CUT_PIXELS:
        guess[[0, -1]] = guess[:, [0, -1]] = False  # a rim of ground
    if min(guess.sum(), (~guess).sum()) < CUT_PIXELS:
        return np.zeros((height, width), bool)
    classes = np.where(guess, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    cv2.setRNGSeed(0)
    cv2.grabCut(
        np.rint(255 * small).astype(np.uint8),
        classes,
        None,
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        5,
        cv2.GC_INIT_WITH_MASK,
    )
    found = np.isin(classes, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    return cv2.resize(found, (width, height)) > 0.5
