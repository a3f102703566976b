"""What a picture file says of its pixels: colour profile and resolution."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from kerasinpaint.picture_files import FORMATS


def read_metadata(path, array, target):
    """Reads what has to be written along, lest a picture change its look.

    A profile goes along only if it is for the colours of `array`: that of
    a CMYK file is left behind, as the file was read as RGB. If `target` has
    no place for a profile, a warning tells that it is lost.

    Args:
        path: path of a file that `picture_files.read_array` could read.
        array: what it returned, or an array of the same channels.
        target: path of the file to be written.

    Returns:
        A dict for `picture_files.write_array`: bytes `icc_profile` and a
        pair of floats `dpi`, each only if the file has it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as when the pixels were read
        with Image.open(path) as file:
            profile = file.info.get("icc_profile") or b""
            dpi = file.info.get("dpi", (0, 0))
    metadata = {}
    # Bytes 16 to 19 of a profile's header name the colours it is for.
    if profile[16:20] == (b"GRAY" if _is_grey(array) else b"RGB "):
        placeless = _placeless(array, target)
        if placeless is None:
            metadata["icc_profile"] = profile
        else:
            warnings.warn(
                f"{target}: the colour profile is not kept in {placeless}; "
                "colours may look different.",
                stacklevel=2,
            )
    if all(0 < value < 65536 for value in dpi):  # what JPEG can hold
        metadata["dpi"] = tuple(float(value) for value in dpi)
    return metadata


def _placeless(array, target):
    """Where `write_array` has no place for a profile, or None."""
    if array.dtype == np.uint16:
        return "16 bits"
    kind = FORMATS[Path(target).suffix.lower()]
    if kind == "WEBP" and _is_grey(array):
        return "WEBP"  # it turns grey into colours, which do not fit
    return "BMP" if kind == "BMP" else None


def _is_grey(array):
    return array.ndim == 2 or array.shape[-1] == 2
