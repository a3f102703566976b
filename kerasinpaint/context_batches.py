"""Batches for structure and texture: holed crops that were analysed once."""

import cv2
import numpy as np
from tqdm import tqdm

from kerasinpaint.analysis import PARTS, context_of
from kerasinpaint.batches import Drawn, random_mask, random_square
from kerasinpaint.images import resized_to_square

# Pictures that are drawn and analysed together.
TOGETHER = 64
OTHERS = 4  # crops of which one becomes an exemplar
WHOLLY = 0.999  # of a pixel that is known
# Together they turn and mirror batches of squares in all eight ways.
CHANGES = (
    lambda rows: rows[:, ::-1],
    lambda rows: rows[:, :, ::-1],
    lambda rows: rows.swapaxes(1, 2),
)


def draw_pool(
    pictures,
    size,
    count,
    parts=PARTS,
    seed=0,
    mask=random_mask,
    scale=(0.5, 1.0),
):
    """Draws crops with holes, and what is known of each.

    Analysis takes longer than a training step, so that crops are drawn
    once, and used again.

    Args:
        pictures: as in `batches.Batches`.
        size: int, height and width of the crops, in pixels.
        count: int, how many to draw.
        parts: container of what is analysed, as in `analysis.context_of`.
        seed: int.
        mask: as in `batches.Batches`.
        scale: as in `batches.Batches`.

    Returns:
        Dict of float16 arrays of `count` rows: what `analysis.context_of`
        returns; `targets`, the whole crops; and `exemplars`, `(count, size,
        size, 4)`, pictures and their masks: in turn the crop itself, and
        another crop of the same photograph. What the hole hides, an exemplar
        does not show: it is 0 there. Besides, ints: `photographs`, the
        places of their pictures in `pictures`.
    """
    drawn = []
    told = f"{count} crops of {size} px"
    for start in tqdm(range(0, count, TOGETHER), told):
        rng = np.random.default_rng([seed, start])
        chosen = rng.integers(len(pictures), size=TOGETHER)
        rows = [_crops(pictures[i], size, rng, mask, scale) for i in chosen]
        targets, exemplars, others = map(np.stack, zip(*rows, strict=True))
        known = exemplars[..., 3:]
        pool = context_of(exemplars[..., :3], known, parts=parts)
        exemplars[1::2] = others[1::2]
        pool |= {"targets": targets, "exemplars": exemplars}
        pool = {n: a.astype(np.float16) for n, a in pool.items()}
        drawn.append(pool | {"photographs": chosen})
    return {
        name: np.concatenate([part[name] for part in drawn])[:count]
        for name in drawn[0]
    }


def _crops(picture, size, rng, mask, scale):
    """A crop; the same with a hole; and another, without what that hides.

    The latter two with their masks. Of a few others that which shows most.
    """
    whole = np.concatenate([picture, np.ones_like(picture[..., :1])], -1)
    square = random_square(whole, rng, scale, least=size)
    target = resized_to_square(square[..., :3], size)
    known = mask(size, size, rng).astype(np.float32)
    large = cv2.resize(known, square.shape[:2], interpolation=cv2.INTER_NEAREST)
    # Through the view into `whole`, before it is resized: nothing of what is
    # hidden gets into its neighbours.
    square[large == 0] = 0
    others = [
        resized_to_square(random_square(whole, rng, scale, size), size)
        for _ in range(OTHERS)
    ]
    other = max(others, key=lambda one: one[..., 3].mean())
    return target, _shown(target, known), _shown(other, other[..., 3:] > WHOLLY)


def _shown(picture, known):
    """A picture, 0 where it is not known, with its mask."""
    return np.concatenate([picture[..., :3] * known, known], -1)


class PoolBatches(Drawn):
    """Batches of rows of a pool, each varied at random.

    A pool is small: networks would know it by heart. Rows are turned and
    mirrored in all eight ways, and their colours are brought nearer to one
    that is drawn.

    Args:
        pool: dict of arrays of as many rows, as `draw_pool` returns it.
        inputs: sequence of strings, the arrays that a network looks at.
        batch_size: int.
        steps: int, batches in an epoch.
        target: string, the array that it is to return.
        seed: int.
        vary: bool, whether rows are varied; those to validate with are not.

    Example:

    >>> pool = dict.fromkeys(["images", "targets"], np.zeros((9, 4, 4, 3)))
    >>> inputs, targets = PoolBatches(pool, ["images"], 2, steps=5)[0]
    >>> inputs["images"].shape, targets.shape
    ((2, 4, 4, 3), (2, 4, 4, 3))
    """

    def __init__(
        self,
        pool,
        inputs,
        batch_size,
        steps,
        target="targets",
        seed=0,
        vary=True,
    ):
        super().__init__(steps, seed)
        self.pool = pool
        self.inputs = inputs
        self.target = target
        self.batch_size = batch_size
        self.vary = vary

    def draw(self, rng):
        """A batch: a dict of what is seen, and what is wanted."""
        count = self.batch_size
        rows = rng.integers(len(self.pool[self.target]), size=count)
        names = {*self.inputs, self.target}
        batch = {n: self.pool[n][rows].astype(np.float32) for n in names}
        if self.vary:
            turns = rng.integers(2, size=(3, count)).astype(bool)
            contrast = rng.uniform(0.6, 1, count)
            colors = rng.random((count, 3))
            batch = {
                name: _varied(name, array, turns, contrast, colors)
                for name, array in batch.items()
            }
        return {n: batch[n] for n in self.inputs}, batch[self.target]


def _varied(name, array, turns, contrast, colors):
    """Rows turned and mirrored, and their colours between these."""
    if array.ndim < 4:
        return array
    if name in ("images", "targets", "exemplars"):
        known = array[..., 3:] if name == "exemplars" else 1
        contrast = contrast[:, None, None, None].astype(np.float32)
        colors = colors[:, None, None].astype(np.float32)
        picture = contrast * array[..., :3] + (1 - contrast) * colors * known
        array = np.concatenate([picture, array[..., 3:]], -1)
    elif name in ("details", "errors"):  # differences of colours
        array = array * contrast[:, None, None, None].astype(np.float32)
    for turned, change in zip(turns, CHANGES, strict=True):
        array = array.copy()
        array[turned] = change(array[turned])
    return array
