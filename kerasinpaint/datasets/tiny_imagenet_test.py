"""Tiny ImageNet is read from a miniature of the published archive."""

import zipfile

import numpy as np
import pytest
import tensorflow_datasets as tfds

from kerasinpaint.datasets import tiny_imagenet

IDS = ("n01443537", "n01629819", "n01641577")


def write_archive(path, jpeg, test=True):
    """Three classes, with what else lies in the archive."""
    with zipfile.ZipFile(path, "w") as file:
        root = "tiny-imagenet-200"
        file.writestr(f"{root}/", "")
        file.writestr(f"{root}/wnids.txt", "\n".join(IDS))
        file.writestr(f"{root}/words.txt", "n01443537\tgoldfish\n")
        for label, wnid in enumerate(IDS):
            folder = f"{root}/train/{wnid}"
            file.writestr(f"{folder}/{wnid}_boxes.txt", "x\t0\t0\t63\t63\n")
            for index in range(2):
                name = f"{folder}/images/{wnid}_{index}.JPEG"
                mode = "L" if index else "RGB"  # some are grey there too
                file.writestr(name, jpeg(40 * label + index, mode=mode))
        lines = [f"val_{i}.JPEG\t{IDS[2 - i]}\t0\t0\t9\t9" for i in range(3)]
        file.writestr(f"{root}/val/val_annotations.txt", "\n".join(lines))
        for index in range(3):
            name = f"{root}/val/images/val_{index}.JPEG"
            file.writestr(name, jpeg(100 + index))
        for index in range(2 * test):
            name = f"{root}/test/images/test_{index}.JPEG"
            file.writestr(name, jpeg(200 + index))


def prepared():
    builder = tfds.builder("tiny_imagenet", file_format="array_record")
    builder.download_and_prepare()
    return builder


def test_every_split_has_its_pictures_and_labels(manual, jpeg):
    write_archive(manual / "tiny-imagenet-200.zip", jpeg)
    builder = prepared()
    assert builder.info.features["label"].names == list(IDS)
    for split, expected in (
        ("train", {(40 * k + i, k) for k in range(3) for i in range(2)}),
        ("validation", {(100 + i, 2 - i) for i in range(3)}),
        ("test", {(200, -1), (201, -1)}),
    ):
        records = builder.as_data_source(split)
        assert len(records) == len(expected)
        found = set()
        for record in records:
            assert record["image"].shape == (64, 64, 3)
            assert record["image"].dtype == np.uint8
            found.add((int(record["image"][9, 9, 2]), int(record["label"])))
        assert found == expected


def test_class_names_are_still_there_when_it_is_opened_again(manual, jpeg):
    write_archive(manual / "tiny-imagenet-200.zip", jpeg)
    prepared()
    builder = tfds.builder("tiny_imagenet")
    assert builder.info.features["label"].names == list(IDS)
    assert builder.as_data_source("train")[0]["image"].shape == (64, 64, 3)


def test_an_unpacked_copy_without_test_pictures_is_read(manual, jpeg):
    write_archive(manual / "copy.zip", jpeg, test=False)
    with zipfile.ZipFile(manual / "copy.zip") as file:
        file.extractall(manual)
    assert set(prepared().info.splits) == {"train", "validation"}


def test_without_the_archive_the_error_says_which_one(manual):
    (manual / "other.zip").touch()
    with pytest.raises(FileNotFoundError, match="tiny-imagenet-200.zip"):
        prepared()
    assert tiny_imagenet.TinyImagenet.MANUAL_DOWNLOAD_INSTRUCTIONS
