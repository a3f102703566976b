"""Where the objects of a scene are placed, and what they look like there."""

import functools

import cv2
import numpy as np

from kerasinpaint import data, images, picture_files

COVERED = (0.15, 0.6)  # of the back object, by all in front of it
TRIES = 50


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


class Stage:
    """Where the objects of one scene are placed."""

    def __init__(self, size, cutouts, rng):
        self.size, self.cutouts, self.rng = size, cutouts, rng
        self.layers, self.names = [], []

    def place_back(self):
        """Places an object that is inside, as a whole; returns whether."""
        name, patch = self._pick(self.size * self.rng.uniform(0.45, 0.8))
        space = [self.size - side for side in patch.shape[:2]]
        if min(space) < 0:
            return False
        corner = self.rng.integers(space, endpoint=True)
        self._add(0, name, Layer(patch, corner, self.size))
        return True

    def place_front(self):
        """Places an object where it covers enough of the first; returns
        whether."""
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


def crop(photos, size, rng):
    """A square of one of the photographs, scaled to a size."""
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
def backgrounds(split, size):
    """Photographs, uint8, none much larger than is needed."""
    return [
        images.at_most(picture_files.read_array(path), 2 * size, min)
        for path in data.background_paths(split)
    ]


@functools.lru_cache(8)
def cutouts(split, size, classes):
    """Cut-outs by class, uint8, colours multiplied by alpha."""
    return {
        name: [
            images.at_most(_premultiplied(path), size, max)
            for path in data.object_paths(split, patterns)
        ]
        for name, patterns in classes
    }


def _premultiplied(path):
    array = picture_files.read_array(path)
    colors = array[..., :3].astype(np.uint16) * array[..., 3:] // 255
    return np.concatenate([colors.astype(np.uint8), array[..., 3:]], -1)
