"""Segment Anything: points and boxes in, masks out."""

import cv2
import numpy as np

from kerasinpaint import segmenters
from kerasinpaint.scene_truth import iou

# What Segment Anything saw beside pictures when it was trained.
MEAN = (0.485, 0.456, 0.406)
GRID = 16  # points in a row, and rows
SEGMENTS = 32
# Of a mask: how good Segment Anything must expect it to be, and which share
# of it must stay when the bar for its pixels rises.
QUALITY, STABILITY = 0.88, 0.9
SAME = 0.7  # intersection over union of masks that show the same


def letterbox(image, side, color=(0, 0, 0)):
    """Puts a picture into a square, in the top left, and distorts nothing.

    Args:
        image: float32 array of shape `(height, width, 3)`.
        side: int, in pixels: of the square, and then of the picture's
            longer side.
        color: three floats, what the rest of the square is filled with.

    Returns:
        A pair: float32 array of shape `(side, side, 3)`, and a pair of
        ints, height and width of the picture in it.

    Example:

    >>> square, inner = letterbox(np.ones((10, 20, 3), np.float32), 8)
    >>> square.shape, inner, float(square.mean())
    ((8, 8, 3), (4, 8), 0.5)
    """
    scale = side / max(image.shape[:2])
    rows, columns = (max(1, round(scale * n)) for n in image.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    square = np.full((side, side, 3), color, np.float32)
    square[:rows, :columns] = cv2.resize(
        image, (columns, rows), interpolation=method
    )
    return square, (rows, columns)


class SegmentAnything(segmenters.Segmenter):
    """A segmenter of what is at the points of a grid, whatever it is.

    Pictures are not continued by reflection: what is beside them would be
    segmented, too. The last picture is remembered, for it takes much longer
    to look at one than to answer what is in a box of it.

    Args:
        backbone: a `keras_hub.models.SAMBackbone`.
        scaled: callable from float32 pictures of shape `(batch, side, side,
            3)` in [0, 1] to what the backbone takes.

    Attributes:
        classes: "background", "segment 1", the largest, to "segment 32".
        numbers: True, which says so.

    Reference:

    - [Kirillov et al., 2023](https://arxiv.org/abs/2304.02643)
    """

    numbers = True

    def __init__(self, backbone, scaled):
        self._backbone, self._scaled, self._image = backbone, scaled, None
        names = [f"segment {number + 1}" for number in range(SEGMENTS)]
        side = backbone.image_encoder.input_shape[1]
        super().__init__(None, ["background", *names], side)

    def in_box(self, image, box):
        """The object that a box is drawn around.

        Args:
            image: float32 array of shape `(height, width, 3)` in [0, 1].
            box: four floats, in pixels: top, left, bottom and right.

        Returns:
            bool array of shape `(height, width)`.
        """
        self._encode(image)
        (height, width), (rows, columns) = image.shape[:2], self._inner
        top, left, bottom, right = box
        corners = np.float32([[left, top], [right, bottom]])
        corners *= np.float32([columns / width, rows / height])
        logits = self._ask(boxes=corners[None, None])[0][0, 0]
        logits = cv2.resize(logits, (self._side, self._side))
        return cv2.resize(logits[:rows, :columns], (width, height)) > 0

    def _predicted(self, images):
        one_hot = np.eye(len(self.classes), dtype=np.float32)
        return np.stack([one_hot[self._segments(image)] for image in images])

    def _segments(self, image):
        """Labels at the scale of the masks."""
        self._encode(image)
        middles = (np.arange(GRID) + 0.5) / GRID
        # A second point of label -1, which is none, stands for no box.
        points = np.zeros((GRID, 2, 2), np.float32)
        labels = np.tile(np.float32([1, -1]), (GRID, 1))
        points[:, 0, 0] = middles * self._inner[1]
        found = []
        for y in middles * self._inner[0]:
            points[:, 0, 1] = y
            masks, scores = self._ask(points=points, labels=labels)
            scale = masks.shape[-1] / self._side
            rows, columns = (max(1, round(scale * n)) for n in self._inner)
            # The first is for prompts that are less ambiguous than a point.
            found += _good(masks[:, 1:, :rows, :columns], scores[:, 1:])
        return _painted(_distinct(found), (rows, columns))

    def _encode(self, image):
        """Looks at a picture, if it is not the last one."""
        if self._image is None or not np.array_equal(image, self._image):
            square, inner = letterbox(image, self._side, MEAN)
            self._code = self._backbone.image_encoder.predict_on_batch(
                self._scaled(square[None])
            )
            self._image, self._inner = image.copy(), inner

    def _ask(self, **prompts):
        """Masks, and how good they are expected to be."""
        import keras

        found = self._backbone.mask_decoder(
            image_embeddings=self._code,
            **self._backbone.prompt_encoder(**prompts),
        )
        return [
            np.float32(keras.ops.convert_to_numpy(found[name]))
            for name in ("masks", "iou_pred")
        ]


def _good(logits, scores):
    """Pairs of a score and a mask, of the masks that are good."""
    wide = np.count_nonzero(logits > -1, axis=(-2, -1))
    narrow = np.count_nonzero(logits > 1, axis=(-2, -1))
    good = (scores >= QUALITY) & (narrow >= STABILITY * np.maximum(wide, 1))
    return list(zip(scores[good], logits[good] > 0, strict=True))


def _distinct(found):
    """The best masks, each of something else."""
    kept = []
    for _, mask in sorted(found, key=lambda pair: -pair[0]):
        if len(kept) < SEGMENTS and all(iou(mask, k) <= SAME for k in kept):
            kept.append(mask)
    return kept


def _painted(masks, shape):
    """Labels, from 1: of the largest mask first, which lies lowest."""
    labels = np.zeros(shape, np.int32)
    masks = sorted(masks, key=np.count_nonzero, reverse=True)
    for label, mask in enumerate(masks, 1):
        labels[mask] = label
    return labels
