import numpy as np
import pytest
from PIL import Image

from kerasinpaint import cli, images, masks, object_masks
from kerasinpaint.picture_files_test import huge_file

KINDS = [*masks.GENERATORS, *object_masks.GENERATORS]


def mask(line):
    return cli.main(["mask", *line.split()])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(path):
    return sorted(p.name for p in path.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_masks_have_the_size_and_the_ratio_wanted(kind, folder, capsys):
    line = f"--kind {kind} --size 96x64 --ratio 0.1-0.3 --count 3"
    assert mask(line + " --output out") == 0
    assert names(folder / "out") == [f"{kind}_{i:04}.png" for i in range(3)]
    for path in (folder / "out").iterdir():
        with Image.open(path) as file:
            white = np.asarray(file)
        assert white.shape == (64, 96) and white.dtype == np.uint8
        assert set(np.unique(white)) == {0, 255}
        assert 0.1 < (white == 255).mean() <= 0.3
    assert "Wrote 3 masks" in capsys.readouterr().out


def test_a_seed_gives_the_same_masks_whatever_the_count(folder):
    line = "--kind lines --size 64x64"
    assert mask(line + " --count 2 --output two") == 0
    assert mask(line + " --count 3 --output three") == 0
    assert mask(line + " --count 2 --seed 1 --output other") == 0
    for name in names(folder / "two"):
        first = (folder / "two" / name).read_bytes()
        assert (folder / "three" / name).read_bytes() == first
        assert (folder / "other" / name).read_bytes() != first
    first, second = sorted((folder / "two").iterdir())
    assert first.read_bytes() != second.read_bytes()


def test_without_a_size_masks_are_of_512_pixels(folder):
    assert mask("--kind boxes --output out") == 0
    assert images.read_mask("out/boxes_0000.png").shape == (512, 512, 1)


@pytest.mark.parametrize("mode", ["L", "P"])
def test_object_masks_follow_a_label_map(folder, mode):
    labels = np.zeros((40, 64), np.uint8)
    labels[10:30, 12:40] = 5
    picture = Image.fromarray(labels)
    if mode == "P":
        # Both labels have one colour: only their indices tell them apart.
        picture.putpalette([7, 7, 7] * 256)
    picture.save("labels.png")
    line = "--kind boundary --labels labels.png --count 4 --output out"
    assert mask(line) == 0
    for path in (folder / "out").iterdir():
        hole = images.read_mask(path)[..., 0] == 0
        assert hole.shape == labels.shape
        assert set(labels[hole]) == {0, 5}


def test_what_exists_is_kept_without_overwrite(folder, capsys):
    (folder / "out").mkdir()
    (folder / "out" / "lines_0001.png").write_bytes(b"precious")
    line = "--kind lines --size 32x32 --count 3 --output out"
    assert mask(line) == 1
    assert "lines_0001.png exists already" in capsys.readouterr().err
    assert names(folder / "out") == ["lines_0001.png"]
    assert (folder / "out" / "lines_0001.png").read_bytes() == b"precious"
    assert mask(line + " --overwrite") == 0
    assert len(names(folder / "out")) == 3


@pytest.mark.parametrize("line", ["--help", "--kind clouds --output out"])
def test_the_help_and_an_unknown_kind_list_all_kinds(line, capsys):
    with pytest.raises(SystemExit):
        mask(line)
    told = "".join(capsys.readouterr())
    assert all(kind in told for kind in KINDS)


@pytest.mark.parametrize(
    "line, told",
    [
        ("--kind lines --labels labels.png", "Received: --kind lines"),
        ("--kind boundary --labels colour.png", "mode RGB"),
        ("--kind boundary --labels no.png", "no file no.png"),
        ("--kind boundary --labels text.png", "text.png"),
        ("--kind boundary --labels huge.png", "400000000 pixels"),
        ("--kind boundary --labels labels.png --size 9x9", "(9, 9)"),
    ],
)
def test_a_wrong_label_map_is_told(folder, capsys, line, told):
    Image.fromarray(np.zeros((8, 6), np.uint8)).save("labels.png")
    Image.fromarray(np.zeros((8, 6, 3), np.uint8)).save("colour.png")
    (folder / "text.png").write_text("no picture")
    huge_file(folder / "huge.png", 20_000)
    assert mask(line + " --output out") == 1
    errors = capsys.readouterr().err
    assert told in errors and errors.count("\n") == 1
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    "option",
    ["--size 512", "--size 0x5", "--size axb", "--ratio 0.2", "--ratio .3-.2"]
    + ["--size 1000000x1000000", "--size 12000x12000", "--seed -1", "--seed x"]
    + ["--ratio .5-1.5", "--ratio a-b", "--count 0", "--count x"]
    + ["--count 100001", "--count 99999999999", "--seed 4294967296"],
)
def test_a_malformed_option_is_a_usage_error(option, folder, capsys):
    with pytest.raises(SystemExit) as left:
        mask(f"--kind lines --output out {option}")
    assert left.value.code == 2
    assert f"received '{option.split()[1]}'" in capsys.readouterr().err
    assert names(folder) == []


def test_a_run_that_draws_nothing_leaves_no_folder(folder, capsys):
    # A single pixel is all hole or none.
    assert mask("--kind boxes --size 1x1 --ratio .2-.3 --output out") == 1
    assert "ratio" in capsys.readouterr().err
    assert names(folder) == []
