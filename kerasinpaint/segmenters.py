"""Ways to tell what a picture shows where: `segmenter(image) -> labels`.

Every segmenter takes a float32 image of shape `(height, width, 3)` in
[0, 1], of any size, and returns int32 labels of shape `(height, width)`:
places in `segmenter.classes`, of which the first is the background.
"""

import functools
from pathlib import Path

import cv2
import numpy as np

from kerasinpaint import scenes, weights

# The classes of Pascal VOC.
VOC_CLASSES = (
    "background aeroplane bicycle bird boat bottle bus car cat chair cow "
    "diningtable dog horse motorbike person pottedplant sheep sofa train "
    "tvmonitor"
).split()
# Side of the square that has as many pixels as `sample` looks at.
SIDE = 192
BATCH = 16


class Segmenter:
    """A network, and what it takes to show it pictures of any size.

    Args:
        predict: callable from float32 pictures of shape `(batch, height,
            width, 3)` in [0, 1] to the probability of each class, of shape
            `(batch, height', width', classes)`, at any scale.
        classes: list of strings, the background first.
        side: int, in pixels: what pictures are scaled to.
        multiple: int, what height and width must be multiples of: pictures
            have as many pixels as a square of `side`. `None`: they must be
            that square, and their longer side is scaled to it.

    Attributes:
        classes: as given.
        numbers: bool, whether they are numbers of segments, which the next
            picture may have in another order.
    """

    numbers = False

    def __init__(self, predict, classes, side, multiple=None):
        self.classes = list(classes)
        self._predict, self._side, self._multiple = predict, side, multiple

    def __call__(self, image):
        """Labels of a picture."""
        labels, _ = self.look(image[None])
        return labels[0]

    def look(self, images):
        """Labels of pictures of one size, and how sure they are.

        Args:
            images: float32 array of shape `(batch, height, width, 3)`.

        Returns:
            A pair of arrays of shape `(batch, height, width)`: int32 labels,
            and float32, the probability of each.
        """
        labels = np.zeros(images.shape[:3], np.int32)
        sure = np.zeros(images.shape[:3], np.float32)
        for place, likely in enumerate(self._predicted(images)):
            # One class after the other: there may be 150 of them.
            for label in range(likely.shape[-1]):
                one = _scaled(likely[..., label], sure.shape[1:])
                labels[place][one > sure[place]] = label
                np.maximum(sure[place], one, out=sure[place])
        return labels, sure

    def _predicted(self, images):
        """What is predicted for pictures, at its own scale."""
        height, width = images.shape[1:3]
        if self._multiple:
            scale = self._side / (height * width) ** 0.5
        else:
            scale = self._side / max(height, width)
        inner = [max(1, round(scale * length)) for length in (height, width)]
        outer = [
            length + -length % self._multiple if self._multiple else self._side
            for length in inner
        ]
        pad = [(0, o - i) for o, i in zip(outer, inner, strict=True)]
        shown = np.stack(
            [
                # Black would be segmented, too.
                np.pad(_scaled(image, inner), [*pad, (0, 0)], "reflect")
                for image in images
            ]
        )
        likely = np.concatenate(
            [
                self._predict(shown[start : start + BATCH])
                for start in range(0, len(shown), BATCH)
            ]
        )
        rows, columns = (
            max(1, round(length * i / o))
            for length, i, o in zip(
                likely.shape[1:3], inner, outer, strict=True
            )
        )
        return likely[:, :rows, :columns]


def _scaled(array, shape):
    """An array at another height and width."""
    if array.shape[:2] == tuple(shape):
        return array
    shrinks = array.shape[0] > shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    if array.ndim == 2:
        return cv2.resize(array, tuple(shape[::-1]), interpolation=method)
    # OpenCV does not take many classes at once.
    planes = [_scaled(array[..., k], shape) for k in range(array.shape[-1])]
    return np.stack(planes, -1)


def build_sample():
    """Builds the network of `sample`, without its weights.

    Returns:
        A `keras.Model`, as `models.build_deeplab` describes it.
    """
    from kerasinpaint import models

    return models.build_deeplab(len(scenes.CLASSES))


def _sample(path="sample"):
    """Five classes, trained on scenes: DeepLabV3+ on EfficientNet-Lite0."""
    import keras

    from kerasinpaint.models.deeplab import MULTIPLE

    path = weights.path_of(path)
    name = weights.network_of(path)
    if name != "sample":
        raise ValueError(
            f"{path} must be the weights of a segmenter, as `kerasinpaint "
            f"train sample` writes them. Received: those of {name}."
        )
    network = build_sample()
    weights.load(network, path)
    model = keras.Sequential([network, keras.layers.Softmax()])
    classes = ["background", *scenes.CLASSES]
    return Segmenter(model.predict_on_batch, classes, SIDE, MULTIPLE)


def _tflite(path):
    """A DeepLabV3 in a TFLite file, of the classes of Pascal VOC."""
    from kerasinpaint import tflite

    predict, side = tflite.predictor(path, len(VOC_CLASSES))
    return Segmenter(predict, VOC_CLASSES, side)


def _published(name):
    """One of keras-hub, which is imported only now."""
    from kerasinpaint import hub

    return getattr(hub, name)()


SEGMENTERS = {"sample": _sample} | {
    name: functools.partial(_published, name)
    for name in ("deeplab_v3_plus", "segformer", "sam")
}
FILES = {".npz": _sample, ".tflite": _tflite}


def names():
    """Names of all segmenters."""
    return list(SEGMENTERS)


def get(name):
    """The segmenter called `name`.

    Args:
        name: string, one of `names()`, or a path: of weights that
            `kerasinpaint train sample` has written, ending in `.npz`, or
            of a DeepLabV3 of Pascal VOC's classes, ending in `.tflite`.

    Returns:
        A `Segmenter`. It is loaded once, and again when its file has
        changed.

    Raises:
        ValueError: if there is no such segmenter, or what is at the path is
            none.
        FileNotFoundError: if there is nothing at the path.
        ImportError: if what it needs is not installed.
        OSError: if it could not be downloaded.
    """
    if name in SEGMENTERS:
        return _loaded(name, None)
    path = Path(name)
    if path.suffix not in FILES:
        raise ValueError(
            f"`name` must be one of {', '.join(SEGMENTERS)}, or the path of a "
            f".npz or .tflite file. Received: {name!r}."
        )
    return _loaded(name, path.stat().st_mtime_ns)


@functools.lru_cache(4)
def _loaded(name, changed):
    if name in SEGMENTERS:
        return SEGMENTERS[name]()
    return FILES[Path(name).suffix](name)
