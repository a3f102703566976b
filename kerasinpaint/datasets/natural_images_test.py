"""Natural Images is read from a miniature of Kaggle's archive."""

import zipfile

import pytest
import tensorflow_datasets as tfds

from kerasinpaint.datasets.natural_images import CLASSES


def write_archive(path, jpeg):
    """Eight classes of five pictures, twice, as Kaggle's archive has them."""
    with zipfile.ZipFile(path, "w") as file:
        for root in ("natural_images", "data/natural_images"):
            for label, name in enumerate(CLASSES):
                for index in range(5):
                    file.writestr(
                        f"{root}/{name}/{name}_{index:04}.jpg",
                        jpeg(20 * label + index, size=(20 + label, 30)),
                    )
        file.writestr("natural_images/unknown/x.jpg", b"not read")
        file.writestr("natural_images/cat/notes.txt", b"not read")


def files_of_splits():
    builder = tfds.builder("natural_images", file_format="array_record")
    builder.download_and_prepare()
    found = {}
    for split in builder.info.splits:
        records = list(builder.as_data_source(split))
        for record in records:
            label = int(record["label"])
            name = record["file_name"].decode()
            index = int(name[-8:-4])
            assert name == f"{CLASSES[label]}_{index:04}.jpg"
            assert record["image"].shape == (30, 20 + label, 3)
            assert record["image"][9, 9, 1] == 20 * label + index
        found[split] = {record["file_name"] for record in records}
    return found


@pytest.mark.parametrize("name", ["natural-images.zip", "archive.zip"])
def test_each_picture_is_in_one_split_with_its_class(manual, jpeg, name):
    write_archive(manual / name, jpeg)
    splits = files_of_splits()
    assert set(splits) == {"train", "validation", "test"}
    assert sum(len(names) for names in splits.values()) == 40
    assert len(set.union(*splits.values())) == 40
    assert len(splits["train"]) > 20


def test_packed_and_unpacked_are_split_alike(manual, jpeg, tmp_path):
    write_archive(manual / "archive.zip", jpeg)
    packed = files_of_splits()
    with zipfile.ZipFile(manual / "archive.zip") as file:
        names = [n for n in file.namelist() if n.startswith("natural")]
        file.extractall(manual, names)
    (manual / "archive.zip").unlink()
    (tmp_path / "natural_images").rename(tmp_path / "before")
    assert files_of_splits() == packed
