"""Pictures and masks: read from any file, written back unharmed.

Masks are turned over here and nowhere else: 1 is known and 0 is a hole in
Python, while white marks the hole in a file.
"""

import re
import warnings
from pathlib import Path

import numpy as np

from kerasinpaint import picture_files
from kerasinpaint.picture_files import FORMATS, read_array


def to_image(array):
    """Turns a picture of any kind into what methods work on.

    Args:
        array: uint8, uint16 or float array of shape `(height, width)` or
            `(height, width, channels)`, 1 or 2 (grey) to 3 or 4 channels.
            Alpha is left out.

    Returns:
        float32 array of shape `(height, width, 3)`, integers scaled to
        [0, 1].
    """
    _check_picture(array)
    colors = array[..., None] if array.ndim == 2 else array
    colors = colors[..., : _colors(array)]
    image = np.broadcast_to(colors, (*colors.shape[:2], 3)).astype(np.float32)
    if np.issubdtype(array.dtype, np.integer):
        image /= np.float32(np.iinfo(array.dtype).max)
    return image


def read_image(path):
    """Reads a picture as float32 `(height, width, 3)` in [0, 1]."""
    return to_image(read_array(path))


def read_mask(path, shape=None, hole="white"):
    """Reads a mask from a picture file in which white marks the hole.

    Colours count by their mean, and what is brighter than the middle is
    white. What is mostly transparent was not painted, so it is no hole.

    Args:
        path: path of the file.
        shape: tuple that begins with the height and width it must have.
        hole: "white" or "black", the colour that marks the hole.

    Returns:
        uint8 array of shape `(height, width, 1)`: 1 known, 0 hole.

    Raises:
        ValueError: if the file cannot be read, is of another size, or
            `hole` is no such colour.
    """
    if hole not in ("white", "black"):
        raise ValueError(
            f'`hole` must be "white" or "black". Received: {hole!r}.'
        )
    array = read_array(path)
    if shape is not None and array.shape[:2] != tuple(shape[:2]):
        raise ValueError(
            f"The mask {path} must have the size of the picture, "
            f"{shape[1]} x {shape[0]} (width x height). "
            f"Received: {array.shape[1]} x {array.shape[0]}."
        )
    white = to_image(array).mean(axis=-1) > 0.5
    holes = white if hole == "white" else ~white
    if array.ndim == 3 and array.shape[-1] in (2, 4):
        holes &= array[..., -1] > np.iinfo(array.dtype).max // 2
    if holes.mean() > 0.9:
        other = "black" if hole == "white" else "white"
        warnings.warn(
            f"{path}: {holes.mean():.0%} of the picture would be filled. "
            f'If {other} marks the hole, say `hole="{other}"` '
            f"(`--hole {other}`).",
            stacklevel=2,
        )
    return (~holes).astype(np.uint8)[..., None]


def resized_to_square(picture, size):
    """A picture as a square of another size, its colours in [0, 1].

    Args:
        picture: float array of shape `(height, width, channels)` in [0, 1].
        size: int, in pixels. Reduced, each pixel is a mean; enlarged, it is
            between its neighbours, for by means it would be of blocks.

    Returns:
        An array of shape `(size, size, channels)`: `picture` itself, if it
        is that.

    Example:

    >>> resized_to_square(np.zeros((40, 60, 3), "f"), 30).shape
    (30, 30, 3)
    """
    import cv2

    if picture.shape[:2] == (size, size):
        return picture
    shrinks = min(picture.shape[:2]) > size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    resized = cv2.resize(picture, (size, size), interpolation=method)
    return resized if shrinks else resized.clip(0, 1)


def at_most(array, size, side=max):
    """A picture reduced to a size, or as it is if it is not larger.

    Args:
        array: array of shape `(height, width, channels)`.
        size: int, in pixels.
        side: `max` or `min`, which of its sides is to have that size.

    Returns:
        An array of the same dtype.

    Example:

    >>> at_most(np.zeros((40, 60, 3), np.uint8), 30).shape
    (20, 30, 3)
    """
    import cv2

    scale = size / side(array.shape[:2])
    if scale >= 1:
        return array
    width, height = (max(1, round(scale * s)) for s in array.shape[1::-1])
    return cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA)


def mask_from_color(image, color, tolerance=0):
    """Makes a hole of every pixel of a colour.

    Args:
        image: array of a picture, as for `to_image`. Alpha is not read.
        color: string like "#ff0000", red, green and blue.
        tolerance: how far each channel may be off, in levels of 0 to 255;
            other depths are rounded to such levels first.

    Returns:
        uint8 array of shape `(height, width, 1)`: 1 known, 0 hole.

    Example:

    >>> image = np.zeros((1, 3, 3), np.uint8); image[0, 1] = 255, 2, 0
    >>> mask_from_color(image, "#ff0000", tolerance=2)[..., 0]
    array([[1, 0, 1]], dtype=uint8)
    """
    if not re.fullmatch("#[0-9a-fA-F]{6}", color):
        raise ValueError(
            f'`color` must be like "#ff0000". Received: {color!r}.'
        )
    wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    distance = np.abs(np.rint(to_image(image) * 255) - wanted)
    return (distance > tolerance).any(-1, keepdims=True).astype(np.uint8)


def paste(array, image, mask):
    """Writes what was filled into the holes of a picture as it was read.

    Args:
        array: uint8 or uint16 array from `read_array`.
        image: float array of shape `(height, width, 3)` in [0, 1].
        mask: array of shape `(height, width, 1)`: 1 known, 0 hole.

    Returns:
        A copy of `array`; known pixels, and alpha everywhere, are the
        same bit for bit. Filled values are rounded and clipped.
    """
    _check_picture(array, (np.uint8, np.uint16))
    if not array.shape[:2] == image.shape[:2] == mask.shape[:2]:
        raise ValueError(
            "`array`, `image` and `mask` must have the same height and "
            f"width. Received: {array.shape}, {image.shape}, {mask.shape}."
        )
    holes = mask.reshape(mask.shape[:2]) == 0
    filled = to_image(image)[holes]
    if _colors(array) == 1:
        filled = filled.mean(axis=-1, keepdims=True)
    result = array.copy()
    colors = result[..., None] if array.ndim == 2 else result
    colors[holes, : _colors(array)] = _to_levels(filled, array.dtype)
    return result


def write_image(path, image, overwrite=True):
    """Writes a picture, whole or not at all, in the format of its suffix.

    16 bits and alpha are kept or refused, never lost on the way. PNG, TIFF,
    BMP and WebP are lossless here; JPEG is of quality 95.

    Args:
        path: path of the file: .png, .jpg, .jpeg, .webp, .tif, .tiff, .bmp.
        image: float array in [0, 1], written with 8 bits, or uint8 or
            uint16 array; shapes as `read_array` returns them.
        overwrite: bool, whether a file that exists may be replaced.

    Raises:
        FileExistsError: if the file exists and `overwrite` is False.
        ValueError: if the format is unknown or cannot hold this picture.
    """
    _check_picture(image)
    if not np.issubdtype(image.dtype, np.integer):
        image = _to_levels(image, np.uint8)
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    picture_files.write_array(path, image, overwrite)


def write_mask(path, mask, overwrite=True):
    """Writes a mask so that white marks the hole; see `write_image`."""
    if FORMATS.get(Path(path).suffix.lower()) == "JPEG":
        raise ValueError(
            "A mask must be written to a lossless format, such as PNG. "
            f"Received: {path}."
        )
    holes = np.asarray(mask).reshape(mask.shape[:2]) == 0
    write_image(path, np.where(holes, 255, 0).astype(np.uint8), overwrite)


def _check_picture(array, dtypes=(np.uint8, np.uint16, np.floating)):
    if (
        array.ndim not in (2, 3)
        or (array.ndim == 3 and not 1 <= array.shape[-1] <= 4)
        or array.size == 0
        or not any(np.issubdtype(array.dtype, dtype) for dtype in dtypes)
    ):
        names = ", ".join(dtype.__name__ for dtype in dtypes)
        raise ValueError(
            "A picture must be of shape (height, width) or (height, width, "
            f"1 to 4 channels), and of dtype {names}. "
            f"Received: {array.dtype} of shape {array.shape}."
        )


def _colors(array):
    """Number of channels that are not alpha."""
    return 3 if array.ndim == 3 and array.shape[-1] > 2 else 1


def _to_levels(image, dtype):
    if not np.isfinite(image).all():
        raise ValueError("A picture must be finite. Received: NaN or infinity.")
    maximum = np.iinfo(dtype).max
    levels = np.rint(np.clip(image, 0, 1).astype(np.float64) * maximum)
    return levels.astype(dtype)
