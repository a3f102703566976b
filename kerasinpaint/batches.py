"""Batches to train with: random crops of pictures, with random holes.

What a batch holds is a pure function of seed, epoch and index, so that a
run that was broken off goes on with what it would have seen.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import keras
import numpy as np

from kerasinpaint import masks
from kerasinpaint.benchmark_scores import KINDS
from kerasinpaint.images import resized_to_square

# The whole range of hole ratios that methods are tested at.
RATIO = (0.01, 0.6)
NEAR = 0.03  # how near to the hole ratio that is drawn a mask is
TRIES = 50  # small pictures: not every kind has every ratio
AHEAD = 8  # batches drawn before they are asked for


def random_mask(height, width, rng, kinds=KINDS, ratio=RATIO):
    """A mask of any kind that methods are tested with, of any hole ratio.

    Args:
        height: int, in pixels.
        width: int, in pixels.
        rng: a `np.random.Generator`.
        kinds: sequence of generators such as those in `masks.GENERATORS`.
        ratio: pair of floats, the least and the largest hole ratio, at
            least .06 apart.

    Returns:
        uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a hole.

    Raises:
        ValueError: if `ratio` is too narrow, or no kind has it.
    """
    least, largest = ratio[0] + NEAR, ratio[1] - NEAR
    if least > largest:
        raise ValueError(
            f"`ratio` must be two numbers at least {2 * NEAR:g} apart. "
            f"Received: {ratio}."
        )
    for _ in range(TRIES):
        kind = kinds[rng.integers(len(kinds))]
        middle = rng.uniform(least, largest)
        near = (middle - NEAR, middle + NEAR)
        try:
            return masks.with_hole_ratio(kind, height, width, rng, ratio=near)
        except ValueError as error:
            missed = error
    raise ValueError(
        f"`kinds` must have a mask of {height} x {width} with a hole ratio "
        f"in {ratio}. Received: {[kind.__name__ for kind in kinds]}."
    ) from missed


class Drawn(keras.utils.PyDataset):
    """Batches that are drawn in threads, ahead of who asks for them.

    What is in one is a pure function of seed, epoch and index, and of the
    process in a `keras.distribution`: `draw(rng)`, which those that derive
    from this class define. `runs.fit` sets `epoch`, for training and for
    validation. Keras's own `fit` counts it up, in validation too.

    Args:
        steps: int, batches in an epoch.
        seed: int.
        epoch: int, the epoch to begin with.
        workers: int, threads that draw.
    """

    def __init__(self, steps, seed=0, epoch=0, workers=1):
        # Keras's own workers mix up batches of two epochs if a model is
        # built in `fit`: what they drew before is used after.
        super().__init__()
        # Asked here, for it is known in the main thread only.
        distribution = keras.distribution.distribution()
        self._shard = distribution.data_shard_id if distribution else 0
        self._threads = ThreadPoolExecutor(workers)
        self._drawn = {}
        self._lock = Lock()
        self.steps = steps
        self.seed = seed
        self.epoch = epoch

    def __len__(self):
        return self.steps

    def __getitem__(self, index):
        if not 0 <= index < self.steps:
            raise IndexError(
                f"`index` must be from 0 to {self.steps - 1}. "
                f"Received: {index}."
            )
        epoch = self.epoch
        with self._lock:
            for old in [key for key in self._drawn if key[0] != epoch]:
                self._drawn.pop(old).cancel()
            # Only for who asks in turn: Keras's `fit` shuffles by default.
            in_turn = index == 0 or (epoch, index) in self._drawn
            last = min(index + AHEAD, self.steps) if in_turn else index + 1
            for ahead in range(index, last):
                if (epoch, ahead) not in self._drawn:
                    place = [self.seed, epoch, ahead, self._shard]
                    future = self._threads.submit(self._draw, place)
                    self._drawn[epoch, ahead] = future
            drawn = self._drawn.pop((epoch, index))
        return drawn.result()

    def _draw(self, place):
        return self.draw(np.random.default_rng(place))

    def on_epoch_end(self):
        self.epoch += 1


class Batches(Drawn):
    """Training batches, drawn in parallel while a network trains.

    A batch is `({"images": holed, "masks": masks}, targets)`, all float32.
    Each picture is cut at a random place and scale and flipped at random,
    then holes are cut into a copy of it: input and target always agree.

    Args:
        pictures: sequence of float32 arrays of shape `(height, width, 3)`
            in [0, 1]. What is shorter than `size` is enlarged.
        size: int, height and width of the crops, in pixels.
        batch_size: int.
        steps: int, batches in an epoch.
        mask: callable `(height, width, rng)` that draws a mask: any of
            `masks.GENERATORS`, or `random_mask`.
        scale: pair of floats: the crop's side as a share of the picture's
            shorter side, before it is scaled down to `size`.
        seed: int.
        epoch: int, the epoch to begin with.
        workers: int, threads that draw.
        augment: callable `(picture, rng)` that varies a crop before holes
            are cut, and returns one of its shape, in [0, 1]: such as those
            of `augmentation`. All threads call it.

    Example:

    >>> pictures = [np.full((48, 64, 3), 0.5, "float32")]
    >>> batches = Batches(pictures, size=32, batch_size=2, steps=10)
    >>> inputs, targets = batches[0]
    >>> inputs["images"].shape, inputs["masks"].shape, targets.shape
    ((2, 32, 32, 3), (2, 32, 32, 1), (2, 32, 32, 3))
    """

    def __init__(
        self,
        pictures,
        size,
        batch_size,
        steps,
        mask=random_mask,
        scale=(0.5, 1.0),
        seed=0,
        epoch=0,
        workers=1,
        augment=None,
    ):
        super().__init__(steps, seed, epoch, workers)
        self.pictures = pictures
        self.size = size
        self.batch_size = batch_size
        self.mask = mask
        self.scale = scale
        self.augment = augment

    def draw(self, rng):
        """A batch."""
        chosen = rng.integers(len(self.pictures), size=self.batch_size)
        targets = np.stack([self._crop(self.pictures[i], rng) for i in chosen])
        if self.augment:
            targets = np.stack([self.augment(crop, rng) for crop in targets])
            targets = targets.astype(np.float32, copy=False)
        known = np.stack(
            [self.mask(self.size, self.size, rng) for _ in chosen]
        ).astype(np.float32)
        return {"images": targets * known, "masks": known}, targets

    def _crop(self, picture, rng):
        """A square of a picture, at a random place, scale and side."""
        square = random_square(picture, rng, self.scale, least=self.size)
        return resized_to_square(square, self.size)


def random_square(picture, rng, scale, least=1):
    """Cuts a square out of a picture, at a random place; half are mirrored.

    Args:
        picture: array of shape `(height, width, channels)`.
        rng: a `np.random.Generator`.
        scale: pair of floats, the side as a share of the shorter side.
        least: int, the side in pixels, if the picture is so large.

    Returns:
        An array of shape `(side, side, channels)`, a view.
    """
    height, width = picture.shape[:2]
    shorter = min(height, width)
    side = round(shorter * rng.uniform(*scale))
    side = min(max(side, least), shorter)
    top = rng.integers(height - side, endpoint=True)
    left = rng.integers(width - side, endpoint=True)
    square = picture[top : top + side, left : left + side]
    return square[:, ::-1] if rng.random() < 0.5 else square
