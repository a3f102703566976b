import numpy as np
import pytest
from PIL import Image, ImageCms

from kerasinpaint import cli, images


def picture(shape, dtype=np.uint8, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(np.iinfo(dtype).max + 1, size=shape, dtype=dtype)


def box_mask(height=20, width=24):
    mask = np.ones((height, width, 1), np.uint8)
    mask[6:11, 7:15] = 0
    return mask


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a.png and its mask.png."""
    monkeypatch.chdir(tmp_path)
    images.write_image("a.png", picture((20, 24, 3)))
    images.write_mask("mask.png", box_mask())
    return tmp_path


def fill(line):
    """By a method that is quick, unless the line names another."""
    return cli.main(["fill", "--method", "fmm", *line.split()])


def names(path):
    return sorted(p.name for p in path.iterdir())


def test_only_the_hole_changes(folder, capsys):
    assert fill("a.png --mask mask.png --output b.png") == 0
    # 5 x 8 of 20 x 24 pixels
    told = "Filled 8.3% of the picture into b.png.\n"
    assert capsys.readouterr().out == told
    before, after = images.read_array("a.png"), images.read_array("b.png")
    known = box_mask()[..., 0] == 1
    assert np.array_equal(before[known], after[known])
    assert not np.array_equal(before[~known], after[~known])
    assert names(folder) == ["a.png", "b.png", "mask.png"]


def test_the_default_is_a_network(folder):
    lines = "a.png --mask mask.png --output b.png".split()
    assert cli.main(["fill", *lines]) == 0
    assert fill("a.png --mask mask.png --output c.png --method lama") == 0
    filled = (folder / "b.png").read_bytes()
    assert filled == (folder / "c.png").read_bytes()


def test_sixteen_bits_and_alpha_survive(folder):
    array = picture((20, 24, 4), np.uint16)
    images.write_image("deep.png", array)
    assert fill("deep.png --mask mask.png --output b.png") == 0
    after = images.read_array("b.png")
    known = box_mask()[..., 0] == 1
    assert after.dtype == np.uint16 and after.shape == array.shape
    assert np.array_equal(after[known], array[known])
    assert np.array_equal(after[..., 3], array[..., 3])
    assert not np.array_equal(after[~known][:, :3], array[~known][:, :3])


def test_black_may_mark_the_hole(folder):
    images.write_mask("black.png", 1 - box_mask())
    assert fill("a.png --mask mask.png --output b.png") == 0
    assert fill("a.png --mask black.png --hole black --output c.png") == 0
    after = images.read_array("b.png")
    assert np.array_equal(after, images.read_array("c.png"))


def test_a_nearly_empty_picture_is_warned_of(folder, capsys):
    images.write_mask("black.png", 1 - box_mask())
    assert fill("a.png --mask black.png --output b.png") == 0
    errors = capsys.readouterr().err
    assert errors.startswith("kerasinpaint: warning: black.png: 9")
    assert "--hole black" in errors and errors.count("\n") == 1


def test_a_colour_may_mark_the_hole(folder):
    array = np.full((20, 24, 3), 200, np.uint8)
    array[4:6, 4:9] = 255, 2, 0
    images.write_image("red.png", array)
    line = "red.png --hole-color #ff0000 --output b.png"
    assert fill(line) == 0
    assert np.array_equal(images.read_array("b.png"), array)
    assert fill(line + " --tolerance 2 --overwrite") == 0
    assert (images.read_array("b.png") == 200).all()


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_picture_without_a_hole_is_copied(folder, capsys, suffix):
    name = f"c.{suffix}"
    Image.fromarray(picture((20, 24, 3))).save(name, dpi=(31, 31))
    images.write_mask("none.png", np.ones((20, 24, 1), np.uint8))
    assert fill(f"{name} --mask none.png --output b.{suffix}") == 0
    assert f"{name} has no hole; it is copied" in capsys.readouterr().out
    before = (folder / name).read_bytes()
    assert (folder / f"b.{suffix}").read_bytes() == before


def test_a_picture_without_a_hole_is_converted(folder, capsys):
    images.write_mask("none.png", np.ones((20, 24, 1), np.uint8))
    assert fill("a.png --mask none.png --output b.tif") == 0
    assert "no hole; it is converted to TIFF" in capsys.readouterr().out
    before = images.read_array("a.png")
    assert np.array_equal(images.read_array("b.tif"), before)
    assert (folder / "b.tif").read_bytes()[:2] == b"II"


@pytest.mark.parametrize("name", ["b.png", "b.jpg"])
def test_the_colour_profile_stays_with_the_picture(folder, name):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    file = Image.fromarray(picture((20, 24, 3)))
    file.save("c.png", icc_profile=profile.tobytes())
    assert fill(f"c.png --mask mask.png --output {name}") == 0
    with Image.open(name) as filled:
        assert filled.info["icc_profile"] == profile.tobytes()


def test_a_colour_profile_lost_with_16_bits_is_warned_of(folder, capsys):
    # Pillow writes no 16-bit colours, but 16-bit grey with a profile.
    grey = bytearray(
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    grey[16:20] = b"GRAY"
    file = Image.fromarray(picture((20, 24), np.uint16))
    file.save("c.png", icc_profile=bytes(grey))
    assert fill("c.png --mask mask.png --output b.png") == 0
    errors = capsys.readouterr().err
    assert errors.startswith("kerasinpaint: warning: b.png: the colour")
    assert errors.count("\n") == 1


def test_a_picture_that_is_all_hole_is_a_mistake(folder, capsys):
    images.write_mask("all.png", np.zeros((20, 24, 1), np.uint8))
    line = "a.png --mask all.png --output b.png --method telea"
    assert fill(line) == 1
    assert "all of them hole" in capsys.readouterr().err
    assert not (folder / "b.png").exists()


def test_an_output_that_exists_is_kept_without_overwrite(folder, capsys):
    images.write_image("b.png", np.zeros((2, 2, 3)))
    before = (folder / "b.png").read_bytes()
    line = "a.png --mask mask.png --output b.png"
    assert fill(line) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert (folder / "b.png").read_bytes() == before
    assert fill(line + " --overwrite") == 0
    assert images.read_array("b.png").shape == (20, 24, 3)


def test_a_missing_folder_of_the_output_is_made(folder):
    assert fill("a.png --mask mask.png --output new/deep/b.png") == 0
    assert names(folder / "new" / "deep") == ["b.png"]


def test_a_write_that_fails_leaves_nothing(folder, monkeypatch, capsys):
    def full(*arguments):
        raise OSError(28, "No space left on device", "b.png")

    monkeypatch.setattr("os.replace", full)
    assert fill("a.png --mask mask.png --output b.png") == 1
    assert "b.png: No space left on device" in capsys.readouterr().err
    assert names(folder) == ["a.png", "mask.png"]


@pytest.mark.parametrize(
    "line, told",
    [
        ("none.png --mask mask.png --output b.png", ["none.png"]),
        ("a.png --mask none.png --output b.png", ["none.png"]),
        ("cut.png --mask mask.png --output b.png", ["cut.png"]),
        ("empty.png --mask mask.png --output b.png", ["empty.png"]),
        ("a.png --mask small.png --output b.png", ["24 x 20", "8 x 9"]),
        ("a.png --mask mask.png --output b.gif", ["b.gif", ".png"]),
        ("a.png --mask mask.png --output .", ["must be a file"]),
        ("a.png --mask mask.png --output a.png/b.png", ["a.png"]),
        ("a.png --hole-color red --output b.png", ["#ff0000", "red"]),
        ("a.png --mask mask.png --method no --output b.png", ["no", "fmm"]),
    ],
)
def test_a_mistake_is_told_in_one_line(folder, capsys, line, told):
    whole = (folder / "a.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").write_bytes(b"")
    images.write_mask("small.png", np.ones((9, 8, 1), np.uint8))
    before = names(folder)
    assert fill(line) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("kerasinpaint: error: ")
    assert errors.count("\n") == 1
    assert all(word in errors for word in told)
    assert names(folder) == before


@pytest.mark.parametrize(
    "options, told",
    [
        ("", "--mask --hole-color"),
        ("--mask mask.png --hole-color #000000", "not allowed with"),
        ("--mask mask.png --tolerance 0", "--tolerance: allowed only with"),
        ("--hole-color #000000 --hole white", "--hole: allowed only with"),
        ("--hole-color #000000 --tolerance 256", "from 0 to 255"),
        ("--hole-color #000000 --tolerance -1", "--tolerance"),
    ],
)
def test_options_that_do_not_go_together_are_usage_errors(
    folder, capsys, options, told
):
    with pytest.raises(SystemExit) as left:
        fill(f"a.png {options} --output b.png")
    assert left.value.code == 2
    errors = capsys.readouterr().err
    assert told in errors and "usage: kerasinpaint fill" in errors
    assert names(folder) == ["a.png", "mask.png"]


@pytest.mark.parametrize(
    "photo, output, told",
    [
        ("a.png", "b.gif", "The suffix of b.gif"),
        ("a.png", "mask.png", "mask.png exists already"),
        ("a.png", "a.png/b.png", "a.png"),
        ("clear.png", "b.jpg", "JPEG cannot hold transparency"),
        ("deep.png", "b.webp", "WEBP cannot hold 16 bits"),
    ],
)
def test_what_cannot_be_written_is_told_before_filling(
    folder, monkeypatch, capsys, photo, output, told
):
    def fill_slowly(image, mask):
        raise AssertionError("it was filled all the same")

    def get(name, refine):
        return fill_slowly

    monkeypatch.setattr("kerasinpaint.methods.get", get)
    images.write_image("clear.png", picture((20, 24, 4)))
    images.write_image("deep.png", picture((20, 24, 3), np.uint16))
    before = names(folder)
    assert fill(f"{photo} --mask mask.png --output {output}") == 1
    assert told in capsys.readouterr().err
    assert names(folder) == before


@pytest.fixture
def folders(folder):
    """Folders `photos` and `masks`, with a good picture and bad ones."""
    for name in ("photos", "masks", "out"):
        (folder / name).mkdir()
    for name in ("a.png", "b.jpg", "small.png", "lone.png", "old.png"):
        images.write_image(f"photos/{name}", picture((20, 24, 3)))
    (folder / "photos" / "broken.png").write_bytes(b"no picture")
    (folder / "photos" / "notes.txt").write_text("not looked at")
    for name in ("a.png", "b.png", "broken.png", "old.png", "unused.png"):
        images.write_mask(f"masks/{name}", box_mask())
    images.write_mask("masks/small.png", np.ones((9, 8, 1), np.uint8))
    (folder / "out" / "old.png").write_bytes(b"precious")
    return folder


def test_a_folder_goes_on_past_bad_files_and_tells_them(folders, capsys):
    assert fill("photos --mask masks --output out") == 1
    assert names(folders / "out") == ["a.png", "b.jpg", "old.png"]
    assert (folders / "out" / "old.png").read_bytes() == b"precious"
    text = capsys.readouterr().out
    assert "Filled 2 of 6 pictures" in text
    failed = text.split("Failed:")[1].strip().splitlines()
    starts = [line.split(":")[0].strip() for line in failed]
    assert starts == ["broken.png", "lone.png", "old.png", "small.png"]
    for line, reason in zip(
        failed,
        ["photos/broken.png", "named lone", "--overwrite", "24 x 20"],
        strict=True,
    ):
        assert reason in line
    assert not {"Traceback", "notes", "unused"} & set(text.split())


def test_a_folder_counts_what_had_no_hole_apart(folders, capsys):
    images.write_mask("masks/a.png", np.ones((20, 24, 1), np.uint8))
    assert fill("photos --mask masks --output new") == 1
    text = capsys.readouterr().out
    assert "Filled 2 of 6 pictures" in text  # b.jpg and old.png
    assert "Without a hole: 1." in text


def test_a_folder_fills_as_single_pictures_are_filled(folders):
    (folders / "clean").mkdir()
    (folders / "photos" / "a.png").rename("clean/a.png")
    assert fill("clean --mask masks --output new") == 0
    assert fill("clean/a.png --mask masks/a.png --output one.png") == 0
    after = images.read_array("new/a.png")
    assert np.array_equal(after, images.read_array("one.png"))
    assert names(folders / "new") == ["a.png"]


def test_a_folder_needs_no_masks_with_a_hole_color(folders, capsys):
    (folders / "clean").mkdir()
    array = np.full((20, 24, 3), 200, np.uint8)
    array[4:6, 4:9] = 0
    for name in ("a.png", "b.png"):
        images.write_image(f"clean/{name}", array)
    assert fill("clean --hole-color #000000 --output new") == 0
    for name in ("a.png", "b.png"):
        assert (images.read_array(f"new/{name}") == 200).all()
    assert "2/2" in capsys.readouterr().err


def test_of_two_masks_of_a_name_the_same_ending_is_taken(folders):
    images.write_mask("masks/b.bmp", box_mask())
    (folders / "masks" / "a.bmp").write_bytes(b"broken")
    assert fill("photos --mask masks --output new") == 1
    # b.jpg could have either b.png or b.bmp, so it is not filled.
    assert names(folders / "new") == ["a.png", "old.png"]


@pytest.mark.parametrize(
    "line, told",
    [
        ("photos --mask mask.png --output new", "`--mask` must be a folder"),
        ("photos --mask no --output new", "`--mask` must be a folder"),
        ("photos --mask masks --output a.png", "`--output` must be a folder"),
        ("out2 --mask masks --output new", "out2 must hold pictures"),
    ],
)
def test_folders_go_with_folders(folders, capsys, line, told):
    (folders / "out2").mkdir()
    assert fill(line) == 1
    assert told in capsys.readouterr().err
    assert not (folders / "new").exists()
