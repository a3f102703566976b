"""Photographs and folders as sequences of pictures, split for ever."""

import os
import shutil

import numpy as np
import pytest

from kerasinpaint import data, images, sources


@pytest.fixture
def write(tmp_path):
    """Function that writes small pictures by name, each of its own level."""

    def write_pictures(*names):
        for level, name in enumerate(names):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            picture = np.full((4, 5, 3), level % 256, np.uint8)
            images.write_image(path, picture)
        return tmp_path

    return write_pictures


def levels(pictures):
    return [round(float(picture[0, 0, 0]) * 255) for picture in pictures]


@pytest.mark.parametrize("split", data.SPLITS)
def test_photos_are_the_embedded_ones(split):
    pictures = sources.pictures("photos", split)
    paths = data.photo_paths(split)
    assert len(pictures) == len(paths)
    expected = images.read_image(paths[-1])
    np.testing.assert_array_equal(pictures[-1], expected)
    assert pictures[len(paths) - 1].dtype == np.float32


def test_all_photos_are_those_of_every_split():
    parts = [sources.pictures("photos", split) for split in data.SPLITS]
    assert len(sources.pictures("photos", "all")) == sum(map(len, parts))


def test_a_folder_is_read_in_the_order_of_names_with_its_folders(write):
    root = write("b/x.png", "a.PNG", "b/a/z.webp", "c.jpg")
    (root / "notes.txt").write_text("not a picture")
    os.makedirs(root / ".hidden")
    shutil.copy(root / "a.PNG", root / ".hidden" / "a.png")
    shutil.copy(root / "a.PNG", root / "._a.png")
    pictures = sources.pictures(str(root), "all")
    assert levels(pictures) == [1, 2, 0, 3]
    assert levels([pictures[-1], pictures[np.int64(1)]]) == [3, 2]
    assert {picture.shape for picture in pictures} == {(4, 5, 3)}
    with pytest.raises(IndexError):
        pictures[4]


def test_folders_that_are_splits_are_the_splits(write):
    root = write("train/cat/1.png", "val/images/2.png", "test/3.png", "4.png")
    for level, split in enumerate(data.SPLITS):
        assert levels(sources.pictures(root, split)) == [level]
    assert len(sources.pictures(root, "all")) == 4


def test_without_validation_some_of_train_are(write):
    names = [f"train/{i:03}.png" for i in range(200)]
    root = write(*names, "test/a.png", "test/b.png")
    parts = [levels(sources.pictures(root, split)) for split in data.SPLITS]
    assert sorted(parts[0] + parts[1]) == list(range(200))
    assert 3 <= len(parts[1]) <= 20
    assert parts[2] == [200, 201]


def test_a_plain_folder_is_divided_by_the_hash_of_names(write):
    root = write(*[f"{i:03}.png" for i in range(250)])
    parts = [levels(sources.pictures(root, split)) for split in data.SPLITS]
    assert sorted(sum(parts, [])) == list(range(250))
    assert [len(part) for part in parts] == pytest.approx(
        [225, 12.5, 12.5], abs=12
    )
    for name in ("000.png", "111.png"):
        (root / name).unlink()
    again = [levels(sources.pictures(root, split)) for split in data.SPLITS]
    assert again == [[i for i in part if i not in (0, 111)] for part in parts]


def test_the_hash_of_a_name_is_the_same_for_ever():
    assert sources.share("cat/0001.jpg") == 0.7145454291498403
    shares = [sources.share(f"{i}.jpg") for i in range(1000)]
    assert np.histogram(shares, 10, (0, 1))[0].min() > 70


def test_what_fits_is_decoded_once(monkeypatch):
    read = []

    def picture(index):
        read.append(index)
        return np.full((2, 2, 3), index, np.uint8)

    monkeypatch.setattr(sources, "KEPT_BYTES", 30)
    pictures = sources.Pictures(3, picture)
    for index in (0, 1, 0, 2, 1, 2, 0):
        assert levels([pictures[index]]) == [index]
    assert read == [0, 1, 2, 2]  # 12 bytes each, so two fit


def test_what_is_given_out_can_be_changed(write):
    pictures = sources.pictures(write("a.png", "b.png"), "all")
    pictures[1][:] = 0.5
    assert levels(pictures) == [0, 1]


def test_a_picture_that_cannot_be_read_is_named_when_asked_for(write):
    root = write("a.png", "b.png")
    (root / "b.png").write_bytes(b"broken")
    pictures = sources.pictures(root, "all")
    assert levels([pictures[0]]) == [0]
    with pytest.raises(ValueError, match="b.png"):
        pictures[1]


def test_what_is_wrong_is_told(write):
    with pytest.raises(ValueError, match="train, validation, test, all.*'val'"):
        sources.pictures("photos", "val")
    with pytest.raises(ValueError, match="folder that is there. .*no/such"):
        sources.pictures("./no/such")
    root = write("train/a.png")
    with pytest.raises(ValueError, match="for `test`.* Received: 1 pictures"):
        sources.pictures(root, "test")
    (root / "empty").mkdir()
    with pytest.raises(ValueError, match="Received: 0 pictures"):
        sources.pictures(root / "empty", "all")


def test_a_small_folder_has_one_picture_to_validate_with(write):
    for number in range(2, 12):
        root = write(*(f"{i}.png" for i in range(number)))
        train, validation = (
            levels(sources.pictures(root, split))
            for split in ("train", "validation")
        )
        assert len(validation) >= 1 and len(train) >= 1
        assert not set(train) & set(validation)
