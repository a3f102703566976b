import csv

import numpy as np
import pytest

from kerasinpaint import images, scenes
from kerasinpaint.cli import main


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """A scene of two objects, wider than it is high."""
    scene = scenes.compose(np.random.default_rng(1), "train", size=96)
    path = tmp_path_factory.mktemp("photos") / "photo.png"
    picture = np.pad(scene.image, [(0, 0), (0, 32), (0, 0)], "reflect")
    images.write_image(path, picture)
    return path


def test_masks_labels_and_steps_are_written(photo, tmp_path, capsys):
    folder = tmp_path / "found"
    arguments = ["--method", "telea", "--output", str(folder)]
    assert main(["segment", str(photo), *arguments]) == 0
    told = capsys.readouterr().out
    labels = images.read_array(folder / "labels.png")
    assert labels.shape == (96, 128) and labels.dtype == np.uint8
    assert set(np.unique(labels)) <= set(range(6)) and labels.any()
    with open(folder / "objects.csv") as file:
        rows = list(csv.DictReader(file))
    assert rows and len(list(folder.glob("[0-9]*_*.png"))) == len(rows)
    for row in rows:
        assert row["class"] in scenes.CLASSES
        assert f"{row['object']}: {row['class']}, " in told
        assert [*scenes.CLASSES][int(row["label"]) - 1] == row["class"]
        mask = images.read_array(folder / f"{row['object']}_{row['class']}.png")
        assert set(np.unique(mask)) == {0, 255}
        assert (mask > 0).mean() == pytest.approx(
            float(row["amodal"]), abs=0.001
        )
        assert float(row["amodal"]) >= float(row["visible"]) > 0
    assert images.read_image(folder / "overlay.png").shape == (96, 128, 3)
    assert images.read_image(folder / "steps.png").ndim == 3


def test_a_large_picture_is_looked_at_small_and_masks_are_its_size(
    photo, tmp_path
):
    arguments = ["--size", "64", "--iterations", "0", "--output", str(tmp_path)]
    assert main(["segment", str(photo), *arguments]) == 0
    labels = images.read_array(tmp_path / "labels.png")
    assert labels.shape == (96, 128)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--segmenter", "nosuch"], "sample, "),
        (["--method", "nosuch"], "fmm, "),
        (["--iterations", "-1"], "0 or more. Received: -1"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(
    photo, tmp_path, capsys, arguments, told
):
    folder = tmp_path / "found"
    options = ["--output", str(folder), *arguments]
    assert main(["segment", str(photo), *options]) == 1
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1
    assert not folder.exists()


def test_what_was_found_before_is_replaced_only_if_that_is_meant(
    photo, tmp_path, capsys
):
    before = "object,class\n77,dog\n../7,dog\n78,\n"
    (tmp_path / "objects.csv").write_text(before)
    stale, other = tmp_path / "77_dog.png", tmp_path / "99_bird.png"
    stale.touch()
    other.touch()
    arguments = ["segment", str(photo), "--output", str(tmp_path)]
    arguments += ["--iterations", "0"]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert f"{tmp_path} is not empty. Pass `--overwrite`" in error
    assert (tmp_path / "objects.csv").read_text() == before and stale.exists()
    assert not (tmp_path / "labels.png").exists()
    assert main([*arguments, "--overwrite"]) == 0
    assert not stale.exists() and other.exists()
    assert (tmp_path / "objects.csv").read_text().startswith("object,class")


def test_the_photo_is_never_replaced(photo, capsys):
    arguments = ["--output", str(photo.parent), "--overwrite"]
    before = photo.read_bytes()
    assert main(["segment", str(photo), *arguments]) == 1
    assert "another folder than that of PHOTO" in capsys.readouterr().err
    assert photo.read_bytes() == before and len([*photo.parent.iterdir()]) == 1


def test_an_output_that_is_a_file_is_refused(photo, capsys):
    assert main(["segment", str(photo), "--output", str(photo)]) == 1
    assert "must be a folder" in capsys.readouterr().err
