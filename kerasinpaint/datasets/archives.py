"""Published archives: zip, tar or unpacked, read without unpacking them.

They come from strangers. A name in an archive is a key here and never a
path, sizes are bounded, and every picture is decoded before it is taken.
"""

import io
import os
import tarfile
import tempfile
import weakref
import zipfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from kerasinpaint import images
from kerasinpaint.picture_files import ORIENTATION, read_array

MAX_BYTES = 2**26


class Archive:
    """The files of an archive, by their names in it.

    Args:
        folder: path of the folder that holds the archive.
        names: names it may have there, the first that is there is read: a
            .zip or .tar file, or the folder that unpacking it makes.

    Attributes:
        names: sorted list of the names of all files, with "/", such as
            "VOCdevkit/VOC2012/JPEGImages/2007_000027.jpg".

    Raises:
        FileNotFoundError: if none of the names is in the folder.
        ValueError: if it is neither a whole .zip nor a whole .tar file.
    """

    def __init__(self, folder, names):
        there = [Path(folder) / n for n in names if (Path(folder) / n).exists()]
        if not there:
            raise FileNotFoundError(
                f"There must be one of {', '.join(names)} in {folder}. "
                "Received: none of them."
            )
        self.path = there[0]
        self._opened = None
        if self.path.is_dir():
            files = (path for path in self.path.rglob("*") if path.is_file())
            self._entries = {
                path.relative_to(folder).as_posix(): path for path in files
            }
        else:
            self._entries = self._open()
        self.names = sorted(self._entries)

    def _open(self):
        packed = zipfile.is_zipfile(self.path)
        try:
            # A tar not compressed, as VOC is: any file in it is a seek away.
            self._opened = (
                zipfile.ZipFile(self.path)
                if packed
                else tarfile.open(self.path, "r:")
            )
            # TFDS does not say when it has read enough.
            weakref.finalize(self, self._opened.close)
            if packed:
                entries = self._opened.infolist()
                return {e.filename: e for e in entries if not e.is_dir()}
            return {e.name: e for e in self._opened if e.isfile()}
        except (zipfile.BadZipFile, tarfile.TarError) as error:
            raise ValueError(
                f"{self.path} must be a whole .zip or .tar file. "
                f"Received: {error}."
            ) from error

    def read(self, name):
        """Reads a file as bytes, at most `MAX_BYTES`."""
        if name not in self._entries:
            raise ValueError(
                f"{self.path} must have a file {name}. Received: an archive "
                f"without it, of {len(self.names)} files."
            )
        try:
            with self._stream(self._entries[name]) as file:
                data = file.read(MAX_BYTES + 1)
        except Exception as error:  # wrong checksum, unknown compression ...
            raise ValueError(
                f"Cannot read {name} in {self.path}: {error}."
            ) from error
        if len(data) > MAX_BYTES:
            raise ValueError(
                f"{name} in {self.path} must have at most {MAX_BYTES} bytes. "
                "Received: more."
            )
        return data

    def _stream(self, entry):
        if self._opened is None:
            return open(entry, "rb")
        if isinstance(self._opened, zipfile.ZipFile):
            return self._opened.open(entry)
        return self._opened.extractfile(entry)

    def lines(self, name):
        """Reads a text file as a list of its lines that are not empty."""
        text = self.read(name).decode("utf-8", errors="replace")
        return [line.strip() for line in text.splitlines() if line.strip()]

    def picture(self, name):
        """Reads a picture in colour, encoded so that all decode it alike.

        Args:
            name: string, one of `names`.

        Returns:
            Bytes of a JPEG file as it is, or else of a PNG file: what is
            neither grey nor RGB, or turned by its EXIF data, TFDS would
            decode in other ways than `images.read_image`.

        Raises:
            ValueError: if it cannot be read; it names the picture.
        """
        data = self.read(name)
        array = self._decode(name, data)
        with Image.open(io.BytesIO(data)) as file:
            plain = file.format == "JPEG" and file.mode in ("L", "RGB")
            if plain and file.getexif().get(ORIENTATION, 1) == 1:
                return data
        colors = np.rint(images.to_image(array) * 255).astype(np.uint8)
        return _png(colors[..., ::-1])

    def labels(self, name):
        """Reads a label map, a palette or grey picture of at most 8 bits.

        Returns:
            uint8 array of shape `(height, width)`: of a palette, indices.
        """
        data = self.read(name)
        self._decode(name, data)
        with Image.open(io.BytesIO(data)) as file:
            if file.mode not in ("P", "L"):
                raise ValueError(
                    "A label map must be a grey or palette picture of 8 "
                    f"bits. Received: {name} of mode {file.mode}."
                )
            return np.array(file)

    def _decode(self, name, data):
        # The bounded reader takes a path: a file of our name, not of theirs.
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(data)
        try:
            return read_array(file.name)
        except ValueError as error:
            told = str(error).replace(file.name, f"{name} in {self.path}")
            raise ValueError(told) from error
        finally:
            os.unlink(file.name)


def encode_labels(labels):
    """Encodes a label map, a uint8 array `(height, width)`, as grey PNG."""
    return _png(labels)


def _png(array):
    return cv2.imencode(".png", array)[1].tobytes()
