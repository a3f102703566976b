import cv2
import numpy as np
import pytest
from PIL import Image

from kerasinpaint import images, picture_files
from kerasinpaint.picture_files_test import picture, png_file, tiff_file


@pytest.mark.parametrize(
    "dtype, full", [(np.uint8, 255), (np.uint16, 65535), (np.float32, 1)]
)
@pytest.mark.parametrize("channels", [None, 1, 2, 3, 4])
def test_to_image_scales_and_leaves_alpha_out(dtype, full, channels):
    shape = (2, 3) if channels is None else (2, 3, channels)
    array = np.full(shape, full, dtype)
    if channels in (2, 4):
        array[..., -1] = 0
    image = images.to_image(array)
    assert image.dtype == np.float32 and image.shape == (2, 3, 3)
    assert (image == 1).all()


# Masks


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "LA", "RGBA", "16"])
def test_white_marks_the_hole_in_any_mode(tmp_path, mode):
    holes = np.zeros((8, 6), bool)
    holes[2:5, 1:5] = True
    grey = np.where(holes, 255, 0).astype(np.uint8)
    if mode == "16":
        cv2.imwrite(str(tmp_path / "a.png"), grey.astype(np.uint16) * 257)
    else:
        Image.fromarray(grey).convert(mode).save(tmp_path / "a.png")
    mask = images.read_mask(tmp_path / "a.png", (8, 6, 3))
    assert mask.dtype == np.uint8 and mask.shape == (8, 6, 1)
    np.testing.assert_array_equal(mask[..., 0], ~holes)
    black = images.read_mask(tmp_path / "a.png", hole="black")
    np.testing.assert_array_equal(black[..., 0], holes)


def test_a_palette_mask_is_read_by_color_not_by_index(tmp_path):
    source = Image.new("P", (2, 1))
    source.putpalette([255, 255, 255, 0, 0, 0])
    source.putdata([0, 1])  # index 0 is white
    source.save(tmp_path / "a.png")
    mask = images.read_mask(tmp_path / "a.png")
    assert mask[..., 0].tolist() == [[0, 1]]


@pytest.mark.parametrize(
    "dtype, dark, bright", [(np.uint8, 127, 128), (np.uint16, 32767, 32768)]
)
def test_a_mask_is_cut_at_the_middle(tmp_path, dtype, dark, bright):
    array = np.array([[dark, bright]], dtype)
    mask = images.read_mask(png_file(tmp_path / "a.png", array))
    assert mask[..., 0].tolist() == [[1, 0]]


@pytest.mark.parametrize("hole", ["white", "black"])
def test_what_is_transparent_in_a_mask_is_no_hole(tmp_path, hole):
    array = np.zeros((1, 2, 4), np.uint8)
    array[..., :3] = 255 if hole == "white" else 0
    array[0, :, 3] = 128, 127  # mostly painted, mostly not
    Image.fromarray(array).save(tmp_path / "a.png")
    mask = images.read_mask(tmp_path / "a.png", hole=hole)
    assert mask[..., 0].tolist() == [[0, 1]]


def test_a_mask_of_another_size_names_both(tmp_path):
    images.write_mask(tmp_path / "a.png", np.ones((8, 6, 1)))
    with pytest.raises(ValueError, match="a.png.* 20 x 10 .*eived: 6 x 8"):
        images.read_mask(tmp_path / "a.png", (10, 20))


def test_nearly_all_hole_warns_of_the_other_polarity(tmp_path):
    mask = np.zeros((10, 10, 1), np.uint8)
    mask[0] = 1
    images.write_mask(tmp_path / "a.png", mask)
    assert images.read_mask(tmp_path / "a.png").mean() == 0.1  # no warning
    mask[0, 0] = 0
    images.write_mask(tmp_path / "a.png", mask)
    with pytest.warns(UserWarning, match="91%.*--hole black"):
        images.read_mask(tmp_path / "a.png")
    images.write_mask(tmp_path / "a.png", 1 - mask)
    with pytest.warns(UserWarning, match="--hole white"):
        images.read_mask(tmp_path / "a.png", hole="black")


def test_hole_must_be_white_or_black(tmp_path):
    with pytest.raises(ValueError, match="'red'"):
        images.read_mask(tmp_path / "a.png", hole="red")


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".webp"])
def test_a_mask_comes_back_as_it_was_written(tmp_path, suffix):
    mask = np.random.default_rng(0).integers(0, 2, (9, 7, 1), np.uint8)
    images.write_mask(tmp_path / f"a{suffix}", mask)
    result = images.read_mask(tmp_path / f"a{suffix}", (9, 7))
    np.testing.assert_array_equal(result, mask)
    stored = images.to_image(images.read_array(tmp_path / f"a{suffix}"))
    np.testing.assert_array_equal(stored[..., :1], 1 - mask)


def test_a_mask_is_not_written_as_jpeg(tmp_path):
    with pytest.raises(ValueError, match="lossless.*a.JPG"):
        images.write_mask(tmp_path / "a.JPG", np.ones((8, 8, 1)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float", "rgba"])
def test_a_mask_from_a_color_keeps_the_tolerance(kind):
    levels = [[[250, 10, 0], [251, 9, 1], [249, 13, 0], [10, 250, 0]]]
    array = np.array(levels, np.uint8)
    if kind == "uint16":
        array = array.astype(np.uint16) * 257
    elif kind == "float":
        array = images.to_image(array)
    elif kind == "rgba":
        array = np.concatenate([array, array[..., :1]], axis=-1)
    for tolerance, expected in [(0, [0, 1, 1, 1]), (1, [0, 0, 1, 1])]:
        mask = images.mask_from_color(array, "#FA0a00", tolerance)
        assert mask.dtype == np.uint8 and mask.shape == (1, 4, 1)
        assert mask.ravel().tolist() == expected
    assert images.mask_from_color(array, "#fa0a00", 3).sum() == 1


def test_every_level_is_found_exactly_in_a_grey_picture():
    array = np.arange(256, dtype=np.uint8)[None]
    for level in range(256):
        mask = images.mask_from_color(
            array, f"#{level:02x}{level:02x}{level:02x}"
        )
        assert np.flatnonzero(mask == 0).tolist() == [level]


@pytest.mark.parametrize(
    "color", ["red", "#fff", "ff0000", "#gg0000", "#12345\n"]
)
def test_a_color_must_be_six_hexadecimal_digits(color):
    with pytest.raises(ValueError, match="Received"):
        images.mask_from_color(np.zeros((2, 2)), color)


# Pasting


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [None, 1, 2, 3, 4])
def test_paste_changes_colors_in_holes_only(dtype, channels):
    shape = (9, 7) if channels is None else (9, 7, channels)
    array = picture(*shape, dtype=dtype)
    before = array.copy()
    mask = np.ones((9, 7, 1), np.uint8)
    mask[2:5, 3:6] = 0
    full = np.iinfo(dtype).max
    level = full // 3
    image = np.full((9, 7, 3), np.float32(level / full + 0.3 / full))
    expected = array.copy()
    if channels in (2, 4):
        expected[2:5, 3:6, :-1] = level
    else:
        expected[2:5, 3:6] = level
    result = images.paste(array, image, mask)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(array, before)


def test_paste_clips_and_rounds():
    array = np.full((1, 4), 7, np.uint8)
    image = np.array([-0.5, 1.5, 0.6 / 255, 0.4 / 255])[None, :, None]
    result = images.paste(array, np.repeat(image, 3, -1), np.zeros((1, 4, 1)))
    assert result.tolist() == [[0, 255, 1, 0]]


def test_paste_refuses_nan_float_pictures_and_other_sizes():
    array, mask = np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4, 1))
    with pytest.raises(ValueError, match="NaN"):
        images.paste(array, np.full((4, 4, 3), np.nan), mask)
    with pytest.raises(ValueError, match="float64"):
        images.paste(array.astype(float), np.zeros((4, 4, 3)), mask)
    with pytest.raises(ValueError, match=r"\(4, 5, 3\)"):
        images.paste(array, np.zeros((4, 5, 3)), mask)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 3), (9, 7, 4)])
def test_a_16_bit_file_is_restored_bit_for_bit(tmp_path, suffix, shape):
    array = picture(*shape, dtype=np.uint16)
    source, target = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    if suffix == ".png":
        png_file(source, array)
    else:
        tiff_file(source, array, {338: 2} if shape[-1] == 4 else ())
    mask = np.ones((9, 7, 1), np.uint8)
    mask[4, 2:6] = 0
    stored = images.read_array(source)
    filled = 1 - images.read_image(source)
    images.write_image(target, images.paste(stored, filled, mask))
    result = images.read_array(target)
    assert result.dtype == np.uint16
    known = mask[..., 0] == 1
    np.testing.assert_array_equal(result[known], array[known])
    colors = np.s_[..., :3] if len(shape) == 3 else np.s_[...]
    inverted = 65535 - array[~known][colors]
    np.testing.assert_array_equal(result[~known][colors], inverted)
    if shape[-1] == 4:
        np.testing.assert_array_equal(result[..., 3], array[..., 3])


# Writing


@pytest.mark.parametrize("suffix", [".png", ".tif", ".TIFF", ".webp", ".bmp"])
@pytest.mark.parametrize("channels", [None, 1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_picture_comes_back_or_is_refused(tmp_path, suffix, channels, dtype):
    array = picture(9, 7, *([] if channels is None else [channels]))
    array = array.astype(dtype) * (257 if dtype == np.uint16 else 1)
    path = tmp_path / f"a{suffix}"
    deep = dtype == np.uint16 and suffix in (".webp", ".bmp")
    if deep or (channels in (2, 4) and suffix == ".bmp"):
        reason = "16 bits" if deep else "transparency"
        with pytest.raises(ValueError, match=f"cannot hold {reason}.*.png"):
            images.write_image(path, array)
        assert not list(tmp_path.iterdir())
        return
    images.write_image(path, array)
    result = images.read_array(path)
    assert result.dtype == dtype
    np.testing.assert_array_equal(
        images.to_image(result), images.to_image(array)
    )
    if channels in (2, 4):
        np.testing.assert_array_equal(result[..., -1], array[..., -1])
    assert list(tmp_path.iterdir()) == [path]


def test_jpeg_keeps_fine_colors(tmp_path):
    array = np.zeros((32, 32, 3), np.uint8)
    array[:, ::2] = 255, 0, 0  # columns that 4:2:0 would mix
    images.write_image(tmp_path / "a.jpg", array)
    result = images.read_array(tmp_path / "a.jpg").astype(int)
    assert abs(result - array).max() < 25


@pytest.mark.parametrize("dtype, channels", [(np.uint8, 4), (np.uint16, 3)])
def test_jpeg_refuses_what_it_cannot_hold(tmp_path, dtype, channels):
    with pytest.raises(ValueError, match="JPEG cannot hold.*png or .tiff"):
        images.write_image(
            tmp_path / "a.jpg", np.zeros((8, 8, channels), dtype)
        )
    assert not list(tmp_path.iterdir())


def test_floats_are_rounded_and_clipped(tmp_path):
    image = np.array([[-1, 0, 0.6 / 255, 1, 2]], np.float32)
    images.write_image(tmp_path / "a.png", image)
    result = images.read_array(tmp_path / "a.png")
    assert result.tolist() == [[0, 0, 1, 255, 255]]


def test_an_existing_file_is_replaced_only_if_allowed(tmp_path):
    path = tmp_path / "a.png"
    images.write_image(path, np.zeros((2, 2)))
    with pytest.raises(FileExistsError, match="a.png exists.*--overwrite"):
        images.write_image(path, np.ones((2, 2)), overwrite=False)
    assert images.read_array(path).max() == 0
    images.write_image(path, np.ones((2, 2)))
    assert images.read_array(path).min() == 255


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path, monkeypatch
):
    path = tmp_path / "a.png"
    images.write_image(path, np.zeros((2, 2)))

    def full_disk(source, target):
        assert source.parent == target.parent
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(picture_files.os, "replace", full_disk)
    with pytest.raises(OSError, match="No space left.*a.png"):
        images.write_image(path, np.ones((2, 2)))
    assert list(tmp_path.iterdir()) == [path]
    assert images.read_array(path).max() == 0


@pytest.mark.parametrize("name", ["a", "a.gif", "a.npy", "png"])
def test_an_unknown_suffix_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="must be one of .png"):
        images.write_image(tmp_path / name, np.zeros((2, 2)))
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(ValueError, match="a.png: it is a folder"):
        images.write_image(tmp_path / "a.png", np.zeros((2, 2)))
    with pytest.raises(FileNotFoundError, match="no folder .*nowhere"):
        images.write_image(tmp_path / "nowhere/b.png", np.zeros((2, 2)))
    with pytest.raises(ValueError, match="c.webp"):
        images.write_image(tmp_path / "c.webp", np.zeros((1, 20_000)))


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(4),
        np.zeros((0, 4)),
        np.zeros((2, 2, 5)),
        np.zeros((1, 2, 2, 3)),
        np.zeros((2, 2), bool),
        np.zeros((2, 2), np.int32),
        np.full((2, 2), np.nan),
    ],
)
def test_what_is_no_picture_is_not_written(tmp_path, array):
    with pytest.raises(ValueError, match="Received"):
        images.write_image(tmp_path / "a.png", array)
    assert not list(tmp_path.iterdir())


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    images.write_image(tmp_path / "a.png", np.zeros((2, 2)))
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1
