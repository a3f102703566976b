"""Scenes of cut-outs over photographs, where all that is hidden is known.

A back object, one or two objects in front that cover 15 to 60 % of it, and
sometimes a small one that nobody can see. What no photograph tells is exact
here: the shape of an object behind another, and the picture without it.
"""

import functools
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from kerasinpaint import data, picture_files

# Which cut-outs show what: patterns below `data/objects/SPLIT`.
CLASSES = {
    "bird": ("bird/*",),
    "flower": ("flower/*",),
    "fruit": ("fruit_veg/*",),
    "mammal": ("mammal/*",),
    "vehicle": ("vehicle/*",),
}
# Those of which Pascal VOC has classes, by its names.
VOC_CLASSES = {
    "aeroplane": ("vehicle/747", "vehicle/f22_raptor"),
    "bird": ("bird/*",),
    "boat": ("vehicle/chinesejunk", "vehicle/walnutboat"),
    "bus": ("vehicle/green_korean_bus",),
    "car": ("vehicle/sedan*", "vehicle/sportscar2", "vehicle/beetle"),
    "cow": ("mammal/cow*", "mammal/bull", "mammal/zebu"),
    "dog": ("mammal/dog", "mammal/dingo"),
    "horse": ("mammal/horse",),
    "sheep": ("mammal/sheep*", "mammal/ram"),
}
COVERED = (0.15, 0.6)  # of the back object, by all in front of it
TRIES = 50
AHEAD = 64  # scenes drawn before they are asked for


class SceneObject:
    """One object of a scene.

    Attributes:
        name: string, its class.
        label: int, its class in `Scene.labels`.
        visible: bool array of shape `(height, width)`, where it is seen.
        amodal: bool array of the same shape, where it is, seen or not.
        covered: float, the share of it that is hidden.
    """

    def __init__(self, name, label, visible, amodal):
        self.name, self.label = name, label
        self.visible, self.amodal = visible, amodal
        hidden = np.count_nonzero(amodal & ~visible)
        self.covered = hidden / np.count_nonzero(amodal)


class Scene:
    """A picture of objects, and the truth about it.

    Args:
        background: float32 array of shape `(height, width, 3)` in [0, 1].
        layers: list of `Layer`, from the rear to the front.
        names: list of strings, the class of each layer.
        classes: list of strings, all classes that there are.

    Attributes:
        image: the picture, float32 of shape `(height, width, 3)`.
        labels: int32 array of shape `(height, width)`: of each pixel the
            class that is seen there, from 1, or 0.
        objects: list of `SceneObject`, from the rear to the front.
        repeated: bool, whether two objects are of the same class.
    """

    def __init__(self, background, layers, names, classes):
        self._background, self._layers = background, layers
        self.repeated = len(set(names)) < len(names)
        self.objects = []
        free = np.ones(background.shape[:2], bool)
        for layer, name in zip(layers[::-1], names[::-1], strict=True):
            label = classes.index(name) + 1
            visible = layer.solid & free
            free &= ~layer.solid
            self.objects.append(
                SceneObject(name, label, visible, layer.solid)
            )
        self.objects.reverse()
        self.image, self.labels = self.without(()), self.labels_without(())

    @property
    def behind(self):
        """The picture without what stands before the rearmost object."""
        return self.without(range(1, len(self.objects)))

    def without(self, taken):
        """The picture without some of its objects: what is behind them.

        Args:
            taken: container of ints, places in `objects`.

        Returns:
            float32 array of shape `(height, width, 3)`.
        """
        image = self._background.copy()
        for place, layer in enumerate(self._layers):
            if place not in taken:
                part = image[layer.place]
                # Thrice as fast as to broadcast over a last axis of 3.
                part *= cv2.merge([1 - layer.alpha] * 3)
                part += layer.colors
        return image

    def labels_without(self, taken):
        """The labels of `without`."""
        labels = np.zeros(self._background.shape[:2], np.int32)
        for place, one in enumerate(self.objects):
            if place not in taken:
                labels[one.amodal] = one.label
        return labels


class Layer:
    """A patch of colours and alpha somewhere in a square.

    Args:
        patch: float32 array of shape `(height, width, 4)`: colours
            multiplied by alpha, and alpha.
        corner: pair of ints, its top and left, maybe outside.
        size: int, side of the square.

    Attributes:
        colors: colours of what of it is inside, multiplied by alpha.
        alpha: alpha of that.
        place: two slices, where that is.
        solid: bool array of shape `(size, size)`, where its alpha is above
            one half.
    """

    def __init__(self, patch, corner, size):
        self.place, part = _overlap(corner, patch.shape, size)
        self.colors, self.alpha = patch[part][..., :3], patch[part][..., 3]
        self.solid = np.zeros((size, size), bool)
        self.solid[self.place] = self.alpha > 0.5


def compose(rng, split="train", size=128, objects=None, classes=CLASSES):
    """Draws a scene.

    Args:
        rng: a `np.random.Generator`: the same one draws the same scene.
        split: "train", "validation" or "test", of the photographs that are
            backgrounds, and show nothing of the classes.
        size: int, height and width in pixels.
        objects: string, the split of the cut-outs, or "all". `None` is
            that of the photographs.
        classes: dict, `CLASSES` or `VOC_CLASSES`, or one like them.

    Returns:
        A `Scene`. Test objects and test backgrounds are in scenes of the
        test split only.

    Raises:
        ValueError: if there is no such split, or `size` is below 32.
        FileNotFoundError: if the package was installed without pictures.

    Example:

    >>> scene = compose(np.random.default_rng(0), "train", size=64)
    >>> scene.image.shape, scene.labels.shape, len(scene.objects)
    ((64, 64, 3), (64, 64), 2)
    >>> 0.15 <= scene.objects[0].covered <= 0.6
    True
    """
    if size < 32:
        raise ValueError(f"`size` must be at least 32. Received: {size}.")
    cutouts = _cutouts(objects or split, size, tuple(classes.items()))
    names = list(cutouts)
    background = _crop(_backgrounds(split, size), size, rng)
    while True:
        stage = _Stage(size, cutouts, rng)
        if stage.place_back() and stage.place_front():
            break
    if rng.random() < 0.3:
        stage.place_front()
    if rng.random() < 0.1:
        stage.place_hidden()
    return Scene(background, stage.layers, stage.names, names)


def draw(count, seed=0, workers=2, **options):
    """Draws scenes, each of which depends on the seed and its place only.

    Args:
        count: int.
        seed: int.
        workers: int, threads.
        **options: of `compose`.

    Yields:
        `Scene`, one after the other.
    """
    with ThreadPoolExecutor(workers) as threads:
        for start in range(0, count, AHEAD):
            rngs = (
                np.random.default_rng([seed, place])
                for place in range(start, min(start + AHEAD, count))
            )
            drawn = functools.partial(compose, **options)
            yield from threads.map(drawn, rngs)


class _Stage:
    """Where the objects of one scene are placed."""

    def __init__(self, size, cutouts, rng):
        self.size, self.cutouts, self.rng = size, cutouts, rng
        self.layers, self.names = [], []

    def place_back(self):
        """Places an object that is inside, as a whole."""
        name, patch = self._pick(self.size * self.rng.uniform(0.45, 0.8))
        space = [self.size - side for side in patch.shape[:2]]
        if min(space) < 0:
            return False
        corner = self.rng.integers(space, endpoint=True)
        self._add(0, name, Layer(patch, corner, self.size))
        return True

    def place_front(self):
        """Places an object before the first, where it covers enough of it."""
        back, *others = (layer.solid for layer in self.layers)
        seen = back & ~functools.reduce(np.logical_or, others, ~back)
        area = np.count_nonzero(back)
        hidden = area - np.count_nonzero(seen)
        least = max(COVERED[0], hidden / area + 0.05)
        if least >= COVERED[1]:
            return False
        for _ in range(TRIES):
            name, patch = self._pick(self.size * self.rng.uniform(0.35, 0.7))
            wanted = self.rng.uniform(least, COVERED[1]) * area - hidden
            layer = Layer(patch, self._corner(patch, seen, wanted), self.size)
            covered = hidden + np.count_nonzero(seen & layer.solid)
            enough = least <= covered / area <= COVERED[1]
            # Another that stands here must be seen, too.
            if enough and all(
                2 * np.count_nonzero(other & layer.solid)
                < np.count_nonzero(other)
                for other in others
            ):
                self._add(len(self.layers), name, layer)
                return True
        return False

    def place_hidden(self):
        """Places a small object behind those in front, where none is seen."""
        cover = np.any([layer.solid for layer in self.layers[1:]], axis=0)
        inside = np.pad(cover, 1).astype(np.uint8)
        inside = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[1:-1, 1:-1]
        name, patch = self._pick(1.3 * inside.max())
        middle = np.unravel_index(inside.argmax(), inside.shape)
        layer = Layer(patch, _corner(patch, middle), self.size)
        outside = layer.alpha[~cover[layer.place]]
        if layer.solid.sum() > (self.size / 16) ** 2 and not outside.any():
            self._add(1, name, layer)

    def _add(self, place, name, layer):
        self.layers.insert(place, layer)
        self.names.insert(place, name)

    def _pick(self, side):
        """A cut-out, turned, mirrored, and in a light of its own."""
        rng = self.rng
        name = list(self.cutouts)[rng.integers(len(self.cutouts))]
        patch = self.cutouts[name][rng.integers(len(self.cutouts[name]))]
        scale = side / max(patch.shape[:2])
        shape = [max(2, round(scale * length)) for length in patch.shape[1::-1]]
        patch = cv2.resize(patch, shape, interpolation=cv2.INTER_AREA)
        patch = _turned(patch, rng.uniform(-20, 20))
        if rng.random() < 0.5:
            patch = patch[:, ::-1]
        light = rng.uniform(0.75, 1.2) * rng.uniform(0.93, 1.07, 3)
        patch = cv2.multiply(patch.astype(np.float32), (*light / 255, 1 / 255))
        return name, np.minimum(patch, cv2.merge([patch[..., 3]] * 4))

    def _corner(self, patch, seen, wanted):
        """Top and left at which a patch covers as many pixels as wanted."""
        solid = patch[..., 3] > 0.5
        sums = cv2.moments(seen.view(np.uint8), binaryImage=True)
        start = np.array([sums["m01"], sums["m10"]]) / sums["m00"]
        angle = self.rng.uniform(0, 2 * np.pi)
        way = np.array([np.sin(angle), np.cos(angle)])
        near, far = 0.0, float(self.size)
        while far - near > 1:
            middle = (near + far) / 2
            corner = _corner(patch, start + middle * way)
            on, of = _overlap(corner, solid.shape, self.size)
            if np.count_nonzero(seen[on] & solid[of]) > wanted:
                near = middle
            else:
                far = middle
        return _corner(patch, start + near * way)


def _corner(patch, middle):
    """Top and left of a patch around a middle."""
    return [
        round(m - side / 2)
        for m, side in zip(middle, patch.shape[:2], strict=True)
    ]


def _overlap(corner, shape, size):
    """Slices of a square and of a patch, where they lie on each other."""
    on, of = [], []
    for start, length in zip(corner, shape[:2], strict=True):
        low = min(max(0, start), size)
        high = max(low, min(size, start + length))
        on.append(slice(low, high))
        of.append(slice(low - start, high - start))
    return tuple(on), tuple(of)


def _turned(patch, degrees):
    height, width = patch.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    cosine, sine = abs(matrix[0, :2])
    across = int(np.ceil(width * cosine + height * sine))
    down = int(np.ceil(width * sine + height * cosine))
    matrix[:, 2] += (across - width) / 2, (down - height) / 2
    return cv2.warpAffine(patch, matrix, (across, down))


def _crop(photos, size, rng):
    photo = photos[rng.integers(len(photos))]
    height, width = photo.shape[:2]
    side = rng.integers(min(size, height, width), min(height, width) + 1)
    top = rng.integers(height - side, endpoint=True)
    left = rng.integers(width - side, endpoint=True)
    crop = photo[top : top + side, left : left + side]
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    # Of at most twice the size: no pixel is skipped.
    crop = cv2.resize(crop, (size, size), interpolation=cv2.INTER_LINEAR)
    return crop.astype(np.float32) / 255


@functools.lru_cache(8)
def _backgrounds(split, size):
    """Photographs, uint8, none much larger than is needed."""
    return [
        _at_most(picture_files.read_array(path), 2 * size, min)
        for path in data.background_paths(split)
    ]


@functools.lru_cache(8)
def _cutouts(split, size, classes):
    """Cut-outs by class, uint8, colours multiplied by alpha."""
    return {
        name: [
            _at_most(_premultiplied(path), size, max)
            for path in data.object_paths(split, patterns)
        ]
        for name, patterns in classes
    }


def _at_most(array, size, side):
    scale = size / side(array.shape[:2])
    if scale >= 1:
        return array
    width, height = (max(1, round(s * scale)) for s in array.shape[1::-1])
    return cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA)


def _premultiplied(path):
    array = picture_files.read_array(path)
    colors = array[..., :3].astype(np.uint16) * array[..., 3:] // 255
    return np.concatenate([colors.astype(np.uint8), array[..., 3:]], -1)
