"""VOC 2012 is read from a miniature of the published archive."""

import io
import tarfile

import numpy as np
import pytest
import tensorflow_datasets as tfds

from kerasinpaint import benchmark, segmenters
from kerasinpaint.datasets.voc2012 import CLASSES, VOID

SPLITS = {"train": ["2007_000032", "2007_000039"], "val": ["2007_000033"]}


def labels_of(index):
    labels = np.zeros((20, 30), np.uint8)
    labels[5:10, 5:10] = VOID
    labels[6:9, 6:9] = 15 + index
    return labels


def write_archive(path, jpeg, label_map, labels_of=labels_of):
    with tarfile.open(path, "w") as file:

        def add(name, data):
            entry = tarfile.TarInfo(f"VOCdevkit/VOC2012/{name}")
            entry.size = len(data)
            file.addfile(entry, io.BytesIO(data))

        lists = "ImageSets/Segmentation"
        for part, stems in SPLITS.items():
            add(f"{lists}/{part}.txt", "\n".join(stems).encode())
            for index, stem in enumerate(stems):
                add(f"JPEGImages/{stem}.jpg", jpeg(50 + index, (30, 20)))
                png = label_map(labels_of(index))
                add(f"SegmentationClass/{stem}.png", png)
        add("JPEGImages/2008_000001.jpg", b"without labels, so not read")


def prepared():
    builder = tfds.builder("voc2012", file_format="array_record")
    builder.download_and_prepare()
    return builder


def test_label_maps_are_indices_with_a_void_rim(manual, jpeg, label_map):
    write_archive(manual / "VOCtrainval_11-May-2012.tar", jpeg, label_map)
    builder = prepared()
    assert len(CLASSES) == 21 and CLASSES[15] == "person"
    for split, part in (("train", "train"), ("validation", "val")):
        records = list(builder.as_data_source(split))
        names = {record["file_name"].decode() for record in records}
        assert names == {f"{stem}.jpg" for stem in SPLITS[part]}
        for record in records:
            index = int(record["image"][0, 0, 0]) - 50
            expected = labels_of(index)[..., None]
            np.testing.assert_array_equal(record["labels"], expected)
            assert record["labels"].dtype == np.uint8
            assert record["image"].shape == (20, 30, 3)


def test_an_unpacked_copy_is_read(manual, jpeg, label_map, tmp_path):
    write_archive(tmp_path / "voc.tar", jpeg, label_map)
    with tarfile.open(tmp_path / "voc.tar") as file:
        file.extractall(manual, filter="data")
    assert prepared().info.splits["train"].num_examples == 2


def test_an_index_that_is_no_class_is_refused(manual, jpeg, label_map):
    path = manual / "VOCtrainval_11-May-2012.tar"
    write_archive(path, jpeg, label_map, lambda index: np.full((20, 30), 21))
    with pytest.raises(ValueError, match="indices 0 to 20.* Received: 21"):
        prepared()


class Guess:
    """A segmenter that finds the person of the miniature, but for a row."""

    classes = CLASSES

    def __call__(self, image):
        labels = np.zeros(image.shape[:2], np.int32)
        labels[6:8, 6:9] = 15
        return labels


def test_the_benchmark_counts_what_is_not_void(
    tmp_path, manual, jpeg, label_map, monkeypatch
):
    write_archive(manual / "VOCtrainval_11-May-2012.tar", jpeg, label_map)
    monkeypatch.setattr(segmenters, "get", lambda name: Guess())
    scores = benchmark.voc2012(["telea"], tmp_path / "out", "guess")
    assert list(scores) == ["no loop", "S0's loop, telea", "loop, telea"]
    found = scores["no loop"]
    # Person: 6 of 9 pixels; background: the row is too much, the rim void.
    assert found[15] == pytest.approx(6 / 9)
    assert found[0] == pytest.approx(575 / 578)
    assert np.isfinite(found).sum() == 2
    text = (tmp_path / "out" / "table.md").read_text()
    assert "1 pictures (guess)" in text and "no loop" in text


def test_a_benchmark_of_other_classes_is_refused():
    with pytest.raises(ValueError, match="21 classes.* Received: sample, of 6"):
        benchmark.voc2012(segmenter="sample")
