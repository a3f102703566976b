"""Archives are read in every form, and hostile ones do no harm."""

import io
import tarfile
import zipfile

import numpy as np
import pytest

from kerasinpaint import images
from kerasinpaint.datasets import archives
from kerasinpaint.datasets.archives import Archive, encode_labels
from kerasinpaint.datasets.conftest import encode

FILES = {"set/a.jpg": encode(90), "set/b/list.txt": b"one\r\n\n two \n"}


def write_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)


def write_tar(path, files):
    with tarfile.open(path, "w") as file:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            file.addfile(entry, io.BytesIO(data))


def archive_of(tmp_path, files):
    write_zip(tmp_path / "set.zip", files)
    return Archive(tmp_path, ["set.zip"])


@pytest.mark.parametrize("kind", ["zip", "tar", "folder"])
def test_packed_and_unpacked_are_read_alike(tmp_path, kind):
    if kind == "tar":
        write_tar(tmp_path / "set.tar", FILES)
    else:
        write_zip(tmp_path / "set.zip", FILES)
    if kind == "folder":
        with zipfile.ZipFile(tmp_path / "set.zip") as file:
            file.extractall(tmp_path)
        (tmp_path / "set.zip").unlink()
    archive = Archive(tmp_path, ["set.zip", "set.tar", "set"])
    assert archive.names == sorted(FILES)
    assert archive.read("set/a.jpg") == FILES["set/a.jpg"]
    assert archive.lines("set/b/list.txt") == ["one", "two"]


def test_names_and_links_that_point_outside_write_nothing(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    write_zip(inside / "set.zip", {"../evil.jpg": encode(1)})
    Archive(inside, ["set.zip"]).picture("../evil.jpg")
    with tarfile.open(inside / "set.tar", "w") as file:
        link = tarfile.TarInfo("set/link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
        file.addfile(link)
    assert Archive(inside, ["set.tar"]).names == []
    assert {p.name for p in tmp_path.iterdir()} == {"inside", "secret"}


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    archive = archive_of(tmp_path, {"bomb.jpg": bytes(10**6)})
    with pytest.raises(ValueError, match="bomb.jpg .* at most 1000 bytes"):
        archive.read("bomb.jpg")


def test_a_picture_of_too_many_pixels_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("kerasinpaint.picture_files.MAX_PIXELS", 1000)
    archive = archive_of(tmp_path, {"huge.png": encode(1, kind="PNG")})
    with pytest.raises(ValueError, match="huge.png in .*at most 1000 pixels"):
        archive.picture("huge.png")


def test_a_broken_picture_is_named(tmp_path):
    archive = archive_of(tmp_path, {"cut.jpg": encode(1)[:300]})
    with pytest.raises(ValueError, match=r"Cannot read cut.jpg in .*set.zip"):
        archive.picture("cut.jpg")


def test_a_damaged_archive_is_refused(tmp_path):
    (tmp_path / "set.tar").write_bytes(b"x" * 999)
    with pytest.raises(ValueError, match="whole .zip or .tar"):
        Archive(tmp_path, ["set.tar"])
    write_tar(tmp_path / "cut.tar", FILES | {"b": bytes(9000)})
    data = (tmp_path / "cut.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(data[:-12000])
    with pytest.raises(ValueError, match="Received: unexpected end of data"):
        Archive(tmp_path, ["cut.tar"])
    write_zip(tmp_path / "set.zip", FILES)
    data = bytearray((tmp_path / "set.zip").read_bytes())
    data[60] ^= 255  # within the first picture: its checksum is wrong now
    (tmp_path / "set.zip").write_bytes(data)
    with pytest.raises(ValueError, match="Cannot read set/a.jpg"):
        Archive(tmp_path, ["set.zip"]).read("set/a.jpg")


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="one of a.zip, a in"):
        Archive(tmp_path, ["a.zip", "a"])
    with pytest.raises(ValueError, match="must have a file c.jpg"):
        archive_of(tmp_path, FILES).picture("c.jpg")


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (encode(90), True),
        (encode(90, mode="L"), True),
        (encode(90, mode="CMYK"), False),
        (encode(90, kind="PNG"), False),
        (encode(90, mode="RGBA", kind="PNG"), False),
        (encode(90, (30, 20), exif=b"Exif\0\0" + b"MM\0*\0\0\0\x08\0\1"
                b"\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"), False),
    ],
    ids="rgb grey cmyk png alpha turned".split(),
)  # fmt: skip
def test_pictures_come_out_as_read_image_reads_them(tmp_path, data, kept):
    encoded = archive_of(tmp_path, {"a": data}).picture("a")
    assert (encoded == data) == kept
    for name, content in (("ours", encoded), ("theirs", data)):
        (tmp_path / name).write_bytes(content)
    ours = images.read_image(tmp_path / "ours")
    np.testing.assert_array_equal(ours, images.read_image(tmp_path / "theirs"))


def test_labels_are_indices_of_a_palette_and_come_back(tmp_path, label_map):
    labels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    files = {"palette": label_map(labels), "grey": encode_labels(labels)}
    archive = archive_of(tmp_path, files)
    for name in files:
        np.testing.assert_array_equal(archive.labels(name), labels)


def test_labels_in_colour_are_refused(tmp_path):
    archive = archive_of(tmp_path, {"rgb.png": encode(3, kind="PNG")})
    with pytest.raises(ValueError, match="Received: rgb.png of mode RGB"):
        archive.labels("rgb.png")
