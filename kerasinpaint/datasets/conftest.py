"""Miniatures of published archives, and a place to prepare them in."""

import io

import numpy as np
import pytest
from PIL import Image
from tensorflow_datasets.core import constants


@pytest.fixture
def manual(tmp_path, monkeypatch):
    """The folder in which TFDS looks for what was fetched by hand."""
    monkeypatch.setattr(constants, "DATA_DIR", str(tmp_path))
    folder = tmp_path / "downloads" / "manual"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def jpeg():
    """Function of a grey level, a size and a mode: bytes of a JPEG file."""
    return encode


def encode(level, size=(64, 64), mode="RGB", kind="JPEG", **options):
    color = level if mode in ("L", "P") else (level,) * len(mode)
    buffer = io.BytesIO()
    Image.new(mode, size, color).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture
def label_map():
    """Function of an array of indices: bytes of a palette PNG, as in VOC."""

    def encode_palette(indices):
        picture = Image.fromarray(np.asarray(indices, np.uint8), "P")
        picture.putpalette([i * 7 % 256 for i in range(768)])
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        return buffer.getvalue()

    return encode_palette
