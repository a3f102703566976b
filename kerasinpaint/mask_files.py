"""Masks that others drew, from a folder, and masks varied with imgaug."""

import warnings
from pathlib import Path

import cv2
import numpy as np

from kerasinpaint import images
from kerasinpaint.mask_ratio import all_known, hole_ratio
from kerasinpaint.picture_files import FORMATS

SAMPLE = 32  # Files that are read to check the polarity.


def folder_masks(folder, hole):
    """A generator that draws from a folder of irregular masks.

    The polarity has to be given because downloaded sets differ in it: even
    of NVIDIA's irregular masks there are copies with white holes and copies
    with black ones. Look at one file first.

    Each mask is one of the files, picked, flipped and cropped at random and
    brought to the wanted size by nearest neighbour, so that it stays
    binary. With an `amount` of 2 it is two of them laid over each other.

    Args:
        folder: path of a folder; files in its subfolders count too.
        hole: `"white"` or `"black"`, the colour of holes in the files.

    Returns:
        A function `generator(height, width, rng, amount=1.0)`, with the
        sorted `paths` as an attribute.

    Raises:
        ValueError: if `hole` is neither, if the folder has no pictures, or
            if holes cover more than .6 of a sample on average, which means
            that the other polarity is meant.
    """
    paths = sorted(
        path
        for path in Path(folder).rglob("*")
        if path.suffix.lower() in FORMATS
    )
    if not paths:
        raise ValueError(
            "A folder of masks must hold pictures "
            f"({', '.join(FORMATS)}). Received: {folder}."
        )
    _check_polarity(paths, hole)

    def generator(height, width, rng, amount=1.0):
        mask = all_known(height, width)
        for _ in range(max(1, round(amount))):
            path = paths[rng.integers(len(paths))]
            drawn = images.read_mask(path, hole=hole)
            mask &= _random_crop(drawn, height, width, rng)
        return mask

    generator.paths = paths
    return generator


def _check_polarity(paths, hole):
    places = np.linspace(0, len(paths) - 1, min(SAMPLE, len(paths)))
    with warnings.catch_warnings():
        # A single mask may be nearly all hole; here the average decides.
        warnings.simplefilter("ignore", UserWarning)
        ratios = [
            hole_ratio(images.read_mask(paths[int(place)], hole=hole))
            for place in places
        ]
    if np.mean(ratios) > 0.6:
        other = "black" if hole == "white" else "white"
        raise ValueError(
            f"With hole={hole!r}, holes should cover less than .6 of the "
            f"masks on average; hole={other!r} is probably meant. Received: "
            f"{np.mean(ratios):.2f} over {len(ratios)} files of "
            f"{paths[0].parent}."
        )


def _random_crop(mask, height, width, rng):
    """A flipped part of a mask, at the wanted size, not interpolated."""
    mask = mask[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])]
    # The largest part of the wanted proportions, or a smaller one.
    scale = min(mask.shape[0] / height, mask.shape[1] / width)
    scale *= rng.uniform(0.6, 1)
    part = [max(1, int(scale * side)) for side in (height, width)]
    top = rng.integers(mask.shape[0] - part[0] + 1)
    left = rng.integers(mask.shape[1] - part[1] + 1)
    mask = mask[top : top + part[0], left : left + part[1]]
    rows = np.arange(height) * part[0] // height
    columns = np.arange(width) * part[1] // width
    return mask[rows[:, None], columns]


def vary(mask, rng):
    """Flips, turns, scales, shears, bends and thickens a mask's holes.

    An imgaug pipeline that draws from `rng` alone and leaves the global
    states of imgaug and NumPy as they are.

    Args:
        mask: uint8 mask of shape `(height, width, 1)`. 1 is known, 0 is a
            hole.
        rng: a `np.random.Generator`.

    Returns:
        uint8 mask of the same shape, binary.
    """
    import imgaug.augmenters as iaa

    short = min(mask.shape[:2])
    # An augmenter without a seed of its own draws from the global state.
    seeds = rng.integers(2**31, size=5).tolist()
    # What comes in from outside mirrors the mask, so that a line which ran
    # from edge to edge still does.
    mirrored = {"order": 0, "mode": "reflect"}
    pipeline = iaa.Sequential(
        [
            iaa.Fliplr(0.5, seed=seeds[0]),
            iaa.Flipud(0.5, seed=seeds[1]),
            iaa.Affine(
                scale=(0.8, 1.25),
                translate_percent=(-0.1, 0.1),
                rotate=(-30, 30),
                shear=(-10, 10),
                seed=seeds[2],
                **mirrored,
            ),
            iaa.ElasticTransformation(
                alpha=(0, short / 4),
                sigma=max(1, short / 24),
                seed=seeds[3],
                **mirrored,
            ),
        ],
        seed=seeds[4],
    )
    varied = pipeline(image=mask)
    return _thicken(varied, rng)


def _thicken(mask, rng):
    """Holes wider or narrower by up to two hundredths of the short side."""
    pixels = round(rng.uniform(-0.01, 0.02) * min(mask.shape[:2]))
    size = 2 * abs(pixels) + 1
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    # To erode what is known is to widen what is not.
    change = cv2.erode if pixels > 0 else cv2.dilate
    return change(mask, brush).reshape(mask.shape)
