"""Picture files of many formats to arrays and back, bit for bit.

Files come from strangers: whatever is wrong with one, a `ValueError` names
it, and a picture that would fill the memory is not decoded.
"""

import io
import os
import uuid
import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

MAX_PIXELS = 10**8
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


def check_target(path, array, overwrite=True):
    """Raises, before work is put into it, if a picture could not be written.

    Args:
        path: path of the file to be written.
        array: uint8 or uint16 array, as `read_array` returns it.
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
    if path.is_dir():
        raise ValueError(f"Cannot write {path}: it is a folder.")
    if path.exists() and not overwrite:
        raise FileExistsError(
            f"{path} exists already. Pass `overwrite=True` (`--overwrite`) "
            "to replace it."
        )
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


def write_array(path, array, overwrite=True, metadata=None):
    """Writes a picture as it is, whole or not at all; see `check_target`.

    `metadata` is a dict from `picture_metadata.read_metadata`; with 16 bits
    it is not written.
    """
    path = Path(path)
    check_target(path, array, overwrite)
    write_bytes(path, _encode(path, array, metadata or {}))


def write_bytes(path, data):
    """Writes bytes to a file, whole or not at all."""
    path = Path(path)
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


def _encode(path, array, metadata):
    kind = FORMATS[path.suffix.lower()]
    if array.dtype == np.uint16:
        # OpenCV knows no grey with alpha, so that becomes RGBA.
        order = {2: [0, 0, 0, 1], 3: [2, 1, 0], 4: [2, 1, 0, 3]}
        if array.ndim == 3:
            array = array[..., order[array.shape[-1]]]
        return cv2.imencode(path.suffix.lower(), array)[1].tobytes()
    buffer = io.BytesIO()
    options = SAVE_OPTIONS.get(kind, {}) | metadata
    try:
        Image.fromarray(array).save(buffer, kind, **options)
    except (OSError, ValueError) as error:  # such as: too wide for WebP
        raise ValueError(f"Cannot write {path}: {error}.") from error
    return buffer.getvalue()
