"""Pictures and masks: read from any file, written back unharmed.

Masks are turned over here and nowhere else: 1 is known and 0 is a hole in
Python, while white marks the hole in a file.
"""

import io
import os
import re
import uuid
import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

MAX_PIXELS = 2**27
FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}
SAVE_OPTIONS = {
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "WEBP": {"lossless": True, "exact": True},
    "TIFF": {"compression": "tiff_deflate"},
}
# Tags of TIFF, and the EXIF tag that says how to turn a picture.
BITS, PHOTOMETRIC, PLANES, EXTRA, SAMPLES = 258, 262, 284, 338, 339
ORIENTATION = 274


def read_array(path):
    """Reads a picture as it is stored, turned as its EXIF data say.

    PNG, JPEG, WebP, TIFF and BMP are read; of several pages or frames the
    first. Palettes become colours, and CMYK becomes RGB.

    Args:
        path: path of the file.

    Returns:
        uint8 or uint16 array of shape `(height, width)`, with alpha
        `(height, width, 2)`; in colour `(height, width, 3)`, with alpha
        `(height, width, 4)`, as which 16-bit grey with alpha comes too.
        Alpha is not multiplied into the colours.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is not a whole picture of a known format, has
            samples other than 8 or 16 bit, or over `MAX_PIXELS` pixels.
    """
    path = Path(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        # Pillow warns of odd metadata, which do not matter here, and of
        # large pictures, for which we have our own limit.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decode(path)
    except UnidentifiedImageError:
        reason = (
            "the file is empty"
            if path.stat().st_size == 0
            else "it is broken, or not PNG, JPEG, WebP, TIFF or BMP of 8 or "
            "16 bits"
        )
    except Exception as error:  # hostile files raise all kinds in Pillow
        reason = str(error).rstrip(".") or type(error).__name__
    raise ValueError(f"Cannot read {path} as a picture: {reason}.")


def _decode(path):
    if not path.is_file():
        raise ValueError("it is a folder or a device, not a file")
    if path.stat().st_size > 16 * MAX_PIXELS:
        raise ValueError(f"it has over {16 * MAX_PIXELS} bytes")
    with Image.open(path, formats=sorted(set(FORMATS.values()))) as file:
        width, height = file.size
        if width * height > MAX_PIXELS:
            raise ValueError(
                f"it is too large. Expected: at most {MAX_PIXELS} pixels. "
                f"Received: {width} x {height}"
            )
        bits = _bits(file, path)
        tags = dict(file.tag_v2) if file.format == "TIFF" else {}
        file.load()  # raises for a truncated file, where OpenCV may not
        if bits == 16:
            array = _decode_16_bit(path, tags, file.info.get("transparency"))
        else:
            array = np.asarray(_plain_mode(file))
        # A TIFF is turned already, by both, and now says nothing of it.
        return _turn(array, file.getexif().get(ORIENTATION))


def _bits(file, path):
    """Bits of a sample; refuses those that would be squeezed to 8."""
    if file.format == "PNG":
        with open(path, "rb") as raw:
            return raw.read(25)[24]
    if file.format != "TIFF":
        return 8
    bits = set(file.tag_v2.get(BITS, (1,)))
    kinds = set(file.tag_v2.get(SAMPLES, (1,)))
    if kinds != {1} or len(bits) != 1 or not bits < {1, 2, 4, 8, 16}:
        raise ValueError(
            "its samples must be unsigned integers of at most 8, or of 16 "
            f"bits. Received: bits {sorted(bits)}, TIFF sample formats "
            f"{sorted(kinds)} (1 unsigned, 2 signed, 3 float)"
        )
    return max(bits)


def _plain_mode(file):
    """Converts any 8-bit mode of Pillow to L, LA, RGB or RGBA."""
    grey = file.mode in ("1", "L", "LA", "La")
    alpha = file.has_transparency_data or file.mode in ("La", "RGBa")
    return file.convert(("L" if grey else "RGB") + ("A" if alpha else ""))


def _decode_16_bit(path, tags, transparent):
    """16-bit samples by OpenCV, for Pillow cuts colours to 8 bits."""
    kind = tags.get(PHOTOMETRIC, 1)
    planes = tags.get(PLANES, 1) if len(tags.get(BITS, ())) > 1 else 1
    if kind > 2 or planes != 1:
        raise ValueError(
            "of 16-bit TIFF, grey and RGB with interleaved channels can be "
            f"read. Received: photometric {kind}, planar configuration "
            f"{planes}"
        )
    array = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if array is None or array.dtype != np.uint16:
        raise ValueError("OpenCV cannot decode its 16-bit samples")
    if array.ndim == 2:
        array = 65535 - array if kind == 0 else array  # 0: white is zero
        if isinstance(transparent, int):
            alpha = np.where(array == transparent, 0, 65535)
            array = np.stack([array, alpha.astype(np.uint16)], axis=-1)
        return array
    array = array[..., [2, 1, 0, 3][: array.shape[-1]]]
    extra = tags.get(EXTRA)
    if extra == (0,):  # a fourth channel that is not said to be alpha
        return array[..., :3]
    return _divide_by_alpha(array) if extra == (1,) else array


def _divide_by_alpha(array):
    alpha = np.maximum(array[..., 3:].astype(np.float64), 1)
    colors = np.minimum(np.rint(array[..., :3] / alpha * 65535), 65535)
    return np.concatenate([colors.astype(array.dtype), array[..., 3:]], -1)


def _turn(array, orientation):
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    return np.array(array, order="C")  # a writable copy of its own


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
    image = np.repeat(colors, 3 // colors.shape[-1], -1).astype(np.float32)
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
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise ValueError(
            f"The suffix of {path} must be one of {', '.join(FORMATS)}. "
            f"Received: {path.suffix!r}."
        )
    _check_picture(image)
    if path.is_dir():
        raise ValueError(f"Cannot write {path}: it is a folder.")
    if path.exists() and not overwrite:
        raise FileExistsError(
            f"{path} exists already. Pass `overwrite=True` (`--overwrite`) "
            "to replace it."
        )
    if not np.issubdtype(image.dtype, np.integer):
        image = _to_levels(image, np.uint8)
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    _write_whole(path, _encode(path, image))


def write_mask(path, mask, overwrite=True):
    """Writes a mask so that white marks the hole; see `write_image`."""
    if FORMATS.get(Path(path).suffix.lower()) == "JPEG":
        raise ValueError(
            "A mask must be written to a lossless format, such as PNG. "
            f"Received: {path}."
        )
    holes = np.asarray(mask).reshape(mask.shape[:2]) == 0
    write_image(path, np.where(holes, 255, 0).astype(np.uint8), overwrite)


def _encode(path, array):
    kind = FORMATS[path.suffix.lower()]
    alpha = array.ndim == 3 and array.shape[-1] in (2, 4)
    deep = array.dtype == np.uint16
    if (alpha and kind in ("JPEG", "BMP")) or (
        deep and kind in ("JPEG", "BMP", "WEBP")
    ):
        raise ValueError(
            f"{kind} cannot hold {'16 bits' if deep else 'transparency'}: "
            "write to .png or .tiff, or convert the picture first. "
            f"Received: {path}."
        )
    if deep:
        # OpenCV knows no grey with alpha, so that becomes RGBA.
        order = {2: [0, 0, 0, 1], 3: [2, 1, 0], 4: [2, 1, 0, 3]}
        if array.ndim == 3:
            array = array[..., order[array.shape[-1]]]
        return cv2.imencode(path.suffix.lower(), array)[1].tobytes()
    buffer = io.BytesIO()
    try:
        Image.fromarray(array).save(buffer, kind, **SAVE_OPTIONS.get(kind, {}))
    except (OSError, ValueError) as error:  # such as: too wide for WebP
        raise ValueError(f"Cannot write {path}: {error}.") from error
    return buffer.getvalue()


def _write_whole(path, data):
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"Cannot write {path}: there is no folder {path.parent}."
        )
    # Written aside, then renamed: there is no time at which it is half.
    aside = path.with_name(f".{uuid.uuid4().hex}{path.suffix}")
    try:
        aside.write_bytes(data)
        os.replace(aside, path)
    except OSError as error:  # name the file, not the one beside it
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        aside.unlink(missing_ok=True)


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
