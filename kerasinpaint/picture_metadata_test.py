import numpy as np
import pytest
from PIL import Image, ImageCms

from kerasinpaint import picture_files, picture_metadata


def profile(colors=b"RGB "):
    """A profile whose header says it is for `colors`."""
    data = bytearray(
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    data[16:20] = colors
    return bytes(data)


def rewritten(path, target):
    array = picture_files.read_array(path)
    metadata = picture_metadata.read_metadata(path, array, target)
    picture_files.write_array(target, array, metadata=metadata)
    with Image.open(target) as file:
        file.load()
        return file.info


@pytest.mark.parametrize(
    "suffix, mode, colors",
    [
        (".png", "RGB", b"RGB "),
        (".jpg", "RGB", b"RGB "),
        (".webp", "RGB", b"RGB "),
        (".tiff", "RGB", b"RGB "),
        (".png", "L", b"GRAY"),
        (".jpg", "L", b"GRAY"),
        (".tiff", "L", b"GRAY"),
    ],
)
def test_a_profile_and_a_resolution_are_kept(tmp_path, suffix, mode, colors):
    path = tmp_path / "a.tif"
    picture = Image.new(mode, (9, 7))
    picture.save(path, icc_profile=profile(colors), dpi=(300, 150))
    info = rewritten(path, tmp_path / f"b{suffix}")
    assert info["icc_profile"] == profile(colors)
    if suffix != ".webp":  # which has no place for a resolution
        assert info["dpi"] == pytest.approx((300, 150), abs=0.1)


@pytest.mark.parametrize(
    "mode, colors",
    [("CMYK", b"CMYK"), ("L", b"RGB "), ("RGB", b"GRAY"), ("RGB", None)],
)
def test_a_profile_for_other_colours_is_left_behind(tmp_path, mode, colors):
    options = {"icc_profile": profile(colors)} if colors else {}
    Image.new(mode, (9, 7)).save(tmp_path / "a.jpg", **options)
    info = rewritten(tmp_path / "a.jpg", tmp_path / "b.png")
    assert "icc_profile" not in info


@pytest.mark.parametrize(
    "name, mode, dtype, told",
    [
        ("b.png", "RGB", np.uint16, "16 bits"),
        ("b.bmp", "RGB", np.uint8, "BMP"),
        ("b.webp", "L", np.uint8, "WEBP"),  # it would be grey's, on RGB
    ],
)
def test_a_profile_that_has_no_place_is_warned_of(
    tmp_path, name, mode, dtype, told
):
    path = tmp_path / "a.png"
    colors = b"RGB " if mode == "RGB" else b"GRAY"
    Image.new(mode, (9, 7)).save(path, icc_profile=profile(colors))
    array = picture_files.read_array(path).astype(dtype)
    with pytest.warns(UserWarning, match=f"{name}: .*{told}"):
        metadata = picture_metadata.read_metadata(path, array, name)
    assert "icc_profile" not in metadata
