"""The embedded pictures: photographs in three splits, and examples.

Splits are by subject: what an animal or a monument looks like is not
learned from one split and asked in another. `data/README.md` says more.
"""

from pathlib import Path

import cv2
import numpy as np

from kerasinpaint import images

ROOT = Path(__file__).resolve().parent.parent / "data"
SPLITS = ("train", "validation", "test")


def photo_paths(split):
    """Lists the photographs of a split, in the order of their names.

    Args:
        split: "train", "validation" or "test".

    Returns:
        A list of paths.

    Raises:
        ValueError: if there is no such split.
        FileNotFoundError: if the package was installed without pictures.

    Example:

    >>> [path.name for path in photo_paths("test")[:2]]
    ['alpaca.jpg', 'alpine.jpg']
    """
    if split not in SPLITS:
        raise ValueError(
            f"`split` must be one of {', '.join(SPLITS)}. Received: {split!r}."
        )
    return _files(f"photos/{split}/*.jpg")


def background_paths(split):
    """Lists the photographs that show no animal, plant part or vehicle.

    Args:
        split: "train", "validation" or "test".

    Returns:
        A list of paths: what `data/backgrounds.txt` names of the split, by
        which cut-outs can be placed before them without a second of a kind.

    Raises:
        ValueError: if there is no such split.
        FileNotFoundError: if the package was installed without pictures.
    """
    paths = photo_paths(split)
    names = set((ROOT / "backgrounds.txt").read_text().split())
    return [
        path for path in paths if path.relative_to(ROOT).as_posix() in names
    ]


def object_paths(split, patterns=("*/*",)):
    """Lists cut-outs of objects.

    Args:
        split: "train", "validation", "test", or "all".
        patterns: sequence of strings such as "bird/*".

    Returns:
        A list of paths, in the order of the patterns and of their names.

    Raises:
        ValueError: if there is no such split.
        FileNotFoundError: if there is none, or the package was installed
            without pictures.

    Example:

    >>> [path.name for path in object_paths("test", ["bird/d*"])]
    ['drake.png', 'duck.png']
    """
    if split not in (*SPLITS, "all"):
        raise ValueError(
            f"`split` must be one of {', '.join(SPLITS)}, all. "
            f"Received: {split!r}."
        )
    folder = "*" if split == "all" else split
    return _files(*(f"objects/{folder}/{name}.png" for name in patterns))


def photos(split, size=None):
    """Reads the photographs of a split.

    Args:
        split: "train", "validation" or "test".
        size: int, side in pixels of the square that is cut from the middle
            after the shorter side was scaled down to it; see `squares`.
            Smaller ones are left out: at 256, none in validation and test.
            None reads them all, each in its own size.

    Returns:
        A list of float32 arrays of shape `(height, width, 3)` in [0, 1], in
        the order of `photo_paths`.

    Raises:
        ValueError: if there is no such split, or nothing in it is of `size`.
        FileNotFoundError: if the package was installed without pictures.

    Example:

    >>> test = photos("test", size=64)
    >>> len(test), test[0].shape
    (30, (64, 64, 3))
    """
    pictures = [images.read_image(path) for path in photo_paths(split)]
    return pictures if size is None else squares(pictures, size)


def squares(pictures, size):
    """Cuts squares of one size from the middle of pictures.

    Args:
        pictures: sequence of float32 arrays of shape `(height, width, 3)`.
        size: int, side in pixels of the squares. A picture is scaled down
            so that its shorter side is that; one that is smaller is left
            out, for enlarged ones would teach blur.

    Returns:
        A list of float32 arrays of shape `(size, size, 3)`.

    Raises:
        ValueError: if `size` is not positive, or no picture is of it.

    Example:

    >>> wide, small = np.zeros((40, 60, 3), "f"), np.zeros((30, 60, 3), "f")
    >>> [square.shape for square in squares([wide, small], size=32)]
    [(32, 32, 3)]
    """
    if size < 1:
        raise ValueError(f"`size` must be positive. Received: {size}.")
    sides = [min(picture.shape[:2]) for picture in pictures]
    if max(sides) < size:
        raise ValueError(
            f"`size` must be at most {max(sides)}, the longest of all "
            f"shorter sides of the pictures. Received: {size}."
        )
    return [
        _square(picture, size)
        for picture, side in zip(pictures, sides, strict=True)
        if side >= size
    ]


def examples():
    """Reads the eight damaged photographs that come with the project.

    Each is 256 x 256 and was made from a photograph of the test split.

    Returns:
        A list of dicts with the keys `name`, a string, `original` and
        `damaged`, float32 arrays of shape `(256, 256, 3)` in [0, 1], and
        `mask`, a uint8 array of shape `(256, 256, 1)` where 1 is known.
        Where it is, both pictures are the same. The torn one comes first.

    Raises:
        FileNotFoundError: if the package was installed without pictures.

    Example:

    >>> for example in examples()[:3]:
    ...     print(example["name"], example["mask"].shape)
    torn (256, 256, 1)
    border (256, 256, 1)
    grid (256, 256, 1)
    """
    paths = _files("examples/*_original.png")
    names = [path.name.removesuffix("_original.png") for path in paths]
    names.sort(key=lambda name: name != "torn")
    return [_example(name) for name in names]


def _example(name):
    stem = str(ROOT / "examples" / name)
    return {
        "name": name,
        "original": images.read_image(f"{stem}_original.png"),
        "damaged": images.read_image(f"{stem}_damaged.png"),
        "mask": images.read_mask(f"{stem}_mask.png"),
    }


def _files(*patterns):
    paths = [p for pattern in patterns for p in sorted(ROOT.glob(pattern))]
    if not paths:
        raise FileNotFoundError(
            f"No picture is at {ROOT / patterns[0]}. The embedded ones are "
            "in the repository, not in the wheel: clone the repository and "
            "install it from there with `pip install -e .`."
        )
    return paths


def _square(picture, size):
    height, width = picture.shape[:2]
    scale = size / min(height, width)
    # The shorter side comes out as `size` whatever rounding does.
    scaled = (round(width * scale), round(height * scale))
    picture = cv2.resize(picture, scaled, interpolation=cv2.INTER_AREA)
    top, left = (scaled[1] - size) // 2, (scaled[0] - size) // 2
    square = picture[top : top + size, left : left + size]
    return np.ascontiguousarray(square)
