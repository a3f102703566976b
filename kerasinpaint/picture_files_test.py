import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from kerasinpaint import images, picture_files

EXIF_ORIENTATION = 274


def picture(*shape, dtype=np.uint8, seed=0):
    rng = np.random.default_rng(seed)
    array = rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    array.flat[0] = 0  # also the ends of the range
    array.flat[-1] = np.iinfo(dtype).max
    return array


def png_file(path, array, *extra_chunks):
    """Writes a PNG as its standard says, with no library in between."""
    depth = array.dtype.itemsize * 8
    channels = array.shape[2] if array.ndim == 3 else 1
    rows = array.astype(array.dtype.newbyteorder(">"))

    def chunk(name, data):
        crc = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + crc

    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    size = array.shape[1], array.shape[0]
    header = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, 0)
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + b"".join(chunk(*extra) for extra in extra_chunks)
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )
    return path


def huge_file(path, side):
    """Writes a PNG of one pixel whose header says `side` x `side`."""
    data = bytearray(png_file(path, picture(1, 1)).read_bytes())
    data[16:24] = struct.pack(">II", side, side)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(bytes(data))
    return path


def tiff_file(path, array, tags=(), planar=False):
    """Writes an uncompressed TIFF as its standard says."""
    samples = array.shape[2] if array.ndim == 3 else 1
    data = np.moveaxis(array, -1, 0) if planar else array
    data = data.astype(data.dtype.newbyteorder("<")).tobytes()
    bits = array.dtype.itemsize * 8
    planes = samples if planar else 1
    fields = {
        256: [array.shape[1]],
        257: [array.shape[0]],
        258: [bits] * samples,
        259: [1],
        262: [2 if samples > 2 else 1],
        273: [8 + i * len(data) // planes for i in range(planes)],
        277: [samples],
        278: [array.shape[0]],
        279: [len(data) // planes] * planes,
        284: [2 if planar else 1],
        **{tag: [value] for tag, value in dict(tags).items()},
    }
    start = 8 + len(data) + 2 + 12 * len(fields) + 4
    entries, tail = b"", b""
    for tag, values in sorted(fields.items()):
        packed = struct.pack(f"<{len(values)}I", *values)
        if len(values) > 1:
            place = struct.pack("<I", start + len(tail))
            tail += packed
        else:
            place = packed
        entries += struct.pack("<HHI", tag, 4, len(values)) + place
    path.write_bytes(
        struct.pack("<2sHI", b"II", 42, 8 + len(data))
        + data
        + struct.pack("<H", len(fields))
        + entries
        + bytes(4)
        + tail
    )
    return path


def turned(array, orientation):
    """EXIF's orientations, written as its standard words them."""
    row_0_column_0 = {
        1: array,
        2: array[:, ::-1],
        3: array[::-1, ::-1],
        4: array[::-1],
        5: array.swapaxes(0, 1),
        6: np.rot90(array, -1),
        7: np.rot90(array, 2).swapaxes(0, 1),
        8: np.rot90(array, 1),
    }
    return row_0_column_0[orientation]


# Reading


@pytest.mark.parametrize(
    "suffix, mode",
    [
        (suffix, mode)
        for suffix, modes in {
            ".png": ["1", "L", "LA", "RGB", "RGBA", "P"],
            ".tif": ["1", "L", "LA", "RGB", "RGBA", "P", "CMYK"],
            ".bmp": ["1", "L", "RGB", "P"],
            ".webp": ["RGB", "RGBA"],
        }.items()
        for mode in modes
    ],
)
def test_lossless_files_are_read_exactly(tmp_path, suffix, mode):
    channels = 4 if mode in ("LA", "RGBA") else 3
    source = Image.fromarray(picture(9, 7, channels)).convert(mode)
    path = tmp_path / f"a{suffix}"
    options = {"lossless": True, "exact": True} if suffix == ".webp" else {}
    source.save(path, **options)
    grey = mode in ("1", "L", "LA")
    wanted = mode if mode in ("LA", "RGBA") else "L" if grey else "RGB"
    array = picture_files.read_array(path)
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array, np.asarray(source.convert(wanted)))


@pytest.mark.parametrize(
    "suffix, mode",
    [(".jpg", "L"), (".jpg", "RGB"), (".jpg", "CMYK"), (".webp", "RGB")],
)
def test_lossy_files_are_read_nearly(tmp_path, suffix, mode):
    ramp = np.tile(np.linspace(30, 220, 64).astype(np.uint8), (48, 1))
    source = Image.fromarray(np.stack([ramp, ramp[:, ::-1], ramp], -1))
    source = source.convert(mode)
    path = tmp_path / f"a{suffix}"
    source.save(path, quality=95)
    expected = images.to_image(
        np.asarray(source if mode == "L" else source.convert("RGB"))
    )
    image = images.read_image(path)
    assert image.shape == (48, 64, 3)
    assert abs(image - expected).max() < 0.06


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 3), (9, 7, 4)])
@pytest.mark.parametrize("write", [png_file, tiff_file])
def test_16_bits_stay_16_bits(tmp_path, shape, write):
    array = picture(*shape, dtype=np.uint16)
    tags = {338: 2} if write is tiff_file and shape[-1] == 4 else ()
    path = write(tmp_path / "a", array, *([tags] if tags else []))
    result = picture_files.read_array(path)
    assert result.dtype == np.uint16
    np.testing.assert_array_equal(result, array)


def test_16_bit_grey_png_with_alpha_is_read_as_rgba(tmp_path):
    array = picture(9, 7, 2, dtype=np.uint16)
    result = picture_files.read_array(png_file(tmp_path / "a.png", array))
    np.testing.assert_array_equal(result, array[..., [0, 0, 0, 1]])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(2, 2), (2, 2, 3)])
def test_a_transparent_color_becomes_alpha(tmp_path, dtype, shape):
    array = picture(*shape, dtype=dtype)
    key = struct.pack(f">{array[0, 0].size}H", *np.ravel(array[0, 0]))
    path = png_file(tmp_path / "a.png", array, (b"tRNS", key))
    result = picture_files.read_array(path)
    full = np.iinfo(dtype).max
    assert result[..., -1].tolist() == [[0, full], [full, full]]
    colors = result[..., :-1].reshape(array.shape)
    np.testing.assert_array_equal(colors[1], array[1])


def test_a_transparent_palette_becomes_rgba(tmp_path):
    source = Image.new("P", (2, 1))
    source.putpalette([255, 0, 0, 0, 0, 255])
    source.putdata([0, 1])
    source.save(tmp_path / "a.png", transparency=bytes([255, 40]))
    result = picture_files.read_array(tmp_path / "a.png")
    assert result.tolist() == [[[255, 0, 0, 255], [0, 0, 255, 40]]]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_white_is_zero_is_turned_over(tmp_path, dtype):
    array = picture(9, 7, dtype=dtype)
    path = tiff_file(tmp_path / "a.tif", array, {262: 0})
    expected = np.iinfo(dtype).max - array
    np.testing.assert_array_equal(picture_files.read_array(path), expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_multiplied_alpha_is_divided_out(tmp_path, dtype):
    full = np.iinfo(dtype).max
    half = full // 2 + 1
    array = np.array([[[half // 2, 0, half, half], [9, 0, 0, 0]]], dtype)
    path = tiff_file(tmp_path / "a.tif", array, {338: 1})
    result = picture_files.read_array(path)
    np.testing.assert_allclose(result[0, 0, :3], [half, 0, full], atol=1.5)
    np.testing.assert_array_equal(result[..., 3], array[..., 3])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_fourth_channel_that_is_not_alpha_is_left_out(tmp_path, dtype):
    array = picture(9, 7, 4, dtype=dtype)
    path = tiff_file(tmp_path / "a.tif", array, {338: 0})
    np.testing.assert_array_equal(
        picture_files.read_array(path), array[..., :3]
    )


def test_planes_are_read_with_8_bits_and_refused_with_16(tmp_path):
    array = picture(9, 7, 3)
    path = tiff_file(tmp_path / "a.tif", array, planar=True)
    np.testing.assert_array_equal(picture_files.read_array(path), array)
    path = tiff_file(tmp_path / "b.tif", array.astype(np.uint16), planar=True)
    with pytest.raises(ValueError, match="b.tif.*interleaved"):
        picture_files.read_array(path)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["png8", "png16", "tiff8", "tiff16", "grey"])
def test_exif_turns_the_picture(tmp_path, kind, orientation):
    shape = (9, 7) if kind == "grey" else (9, 7, 3)
    dtype = np.uint8 if "8" in kind else np.uint16
    array = picture(*shape, dtype=dtype)
    if "png" in kind:
        exif = Image.Exif()
        exif[EXIF_ORIENTATION] = orientation
        chunk = (b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
        path = png_file(tmp_path / "a.png", array, chunk)
    else:
        tags = {EXIF_ORIENTATION: orientation}
        path = tiff_file(tmp_path / "a.tif", array, tags)
    result = picture_files.read_array(path)
    np.testing.assert_array_equal(result, turned(array, orientation))
    assert result.flags.writeable and result.flags.c_contiguous


def test_exif_turns_a_photograph(tmp_path):
    array = np.zeros((16, 32, 3), np.uint8)
    array[:, :16] = 255
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6  # a quarter turn clockwise
    Image.fromarray(array).save(tmp_path / "a.jpg", exif=exif)
    image = images.read_image(tmp_path / "a.jpg")
    assert image.shape == (32, 16, 3)
    assert image[:16].mean() > 0.95 and image[16:].mean() < 0.05


# Files from strangers


def broken_files(folder):
    noise = Image.fromarray(picture(64, 64, 3))
    for suffix in (".png", ".jpg", ".webp", ".tif", ".bmp"):
        whole = folder / f"whole{suffix}"
        noise.save(whole)
        data = whole.read_bytes()
        for share in (0.05, 0.5, 0.9):
            cut = folder / f"cut_{share}{suffix}"
            cut.write_bytes(data[: int(len(data) * share)])
    deep = png_file(folder / "deep.png", picture(64, 64, 3, dtype=np.uint16))
    deep.write_bytes(deep.read_bytes()[:-2000])
    deep = tiff_file(folder / "deep.tif", picture(64, 64, dtype=np.uint16))
    deep.write_bytes(deep.read_bytes()[:2000])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.jpg").write_text("not a picture")
    (folder / "folder.png").mkdir()
    noise.save(folder / "a.gif")
    (folder / "a.gif").rename(folder / "gif.png")
    np.save(folder / "pickle.npy", np.array([{}]), allow_pickle=True)
    return [p for p in folder.iterdir() if not p.name.startswith("whole")]


def test_broken_files_are_refused_by_name(tmp_path):
    files = broken_files(tmp_path)
    assert len(files) == 22
    for path in files:
        with pytest.raises(ValueError) as caught:
            picture_files.read_array(path)
        assert str(path) in str(caught.value)
        assert len(str(caught.value)) > len(str(path)) + 30
    with pytest.raises(ValueError, match="is empty"):
        picture_files.read_array(tmp_path / "empty.png")
    with pytest.raises(ValueError, match="folder"):
        picture_files.read_array(tmp_path / "folder.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".bmp"])
def test_damaged_bytes_give_a_picture_or_a_value_error(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    Image.fromarray(picture(16, 16, 3)).save(path)
    data = np.frombuffer(path.read_bytes(), np.uint8)
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(100):
        damaged = data.copy()
        where = rng.integers(0, min(len(data), 400), 8)
        damaged[where] = rng.integers(0, 256, 8)
        path.write_bytes(damaged.tobytes())
        try:
            array = picture_files.read_array(path)
            assert array.dtype in (np.uint8, np.uint16)
        except ValueError as error:
            assert str(path) in str(error)
            refused += 1
    assert refused > 0


@pytest.mark.parametrize("side", [20_000, 2**31 - 1])
def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path, side):
    path = huge_file(tmp_path / "bomb.png", side)
    with pytest.raises(ValueError, match="bomb.png.*(pixels|large)"):
        picture_files.read_array(path)


def test_the_limit_is_on_pixels_and_names_the_size(tmp_path, monkeypatch):
    png_file(tmp_path / "a.png", picture(9, 7))
    monkeypatch.setattr(picture_files, "MAX_PIXELS", 62)
    with pytest.raises(ValueError, match="at most 62 pixels.*7 x 9"):
        picture_files.read_array(tmp_path / "a.png")
    monkeypatch.setattr(picture_files, "MAX_PIXELS", 63)
    assert picture_files.read_array(tmp_path / "a.png").shape == (9, 7)


def test_a_file_of_far_too_many_bytes_is_not_opened(tmp_path, monkeypatch):
    path = png_file(tmp_path / "a.png", picture(1, 1))
    path.write_bytes(path.read_bytes() + bytes(1000))
    assert picture_files.read_array(path).shape == (1, 1)
    monkeypatch.setattr(picture_files, "MAX_PIXELS", 50)
    with pytest.raises(ValueError, match="a.png.*over 800 bytes"):
        picture_files.read_array(path)


@pytest.mark.parametrize("dtype", ["<f4", "<i4", "<u4", "<i2", "<i1"])
def test_samples_of_other_kinds_are_refused(tmp_path, dtype):
    kind = {"f": 3, "i": 2, "u": 1}[dtype[1]]
    array = np.zeros((9, 7), dtype)
    path = tiff_file(tmp_path / "a.tif", array, {339: kind})
    with pytest.raises(ValueError, match="a.tif.*unsigned integers"):
        picture_files.read_array(path)


def test_a_missing_file_is_not_found(tmp_path):
    for name in ("no.png", "x" * 5000):
        with pytest.raises(FileNotFoundError, match=name[:3]):
            picture_files.read_array(tmp_path / name)


def test_reading_gives_no_warnings(tmp_path):
    source = Image.new("P", (2, 1))
    source.putpalette([255, 0, 0, 0, 0, 255])
    source.save(tmp_path / "a.png", transparency=bytes([255, 40]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture_files.read_array(tmp_path / "a.png")
