"""COCO-Stuff 10K is read from a miniature of the published archive."""

import io
import zipfile

import numpy as np
import pytest
import tensorflow_datasets as tfds
from scipy.io import savemat

from kerasinpaint import object_masks
from kerasinpaint.datasets.coco_stuff10k import (
    CLASSES,
    HIERARCHY,
    at_level,
    cut,
)

STEMS = [f"COCO_train2014_{number:012d}" for number in range(45)]
TRAIN, TEST = STEMS[:40], STEMS[40:]


def labels_of(index):
    """Sky over grass with an animal, and a strip that nobody labelled."""
    labels = np.full((40, 60), CLASSES.index("sky-other"), np.uint16)
    labels[20:] = CLASSES.index("grass")
    labels[15:30, 10 + index % 20 : 30 + index % 20] = CLASSES.index("zebra")
    labels[-1] = 0
    return labels


def matlab(labels):
    buffer = io.BytesIO()
    names = np.array([["any"], ["thing"]], object)
    savemat(buffer, {"S": labels, "names": names}, do_compression=True)
    return buffer.getvalue()


def write_archive(path, jpeg, labels_of=labels_of, root=""):
    with zipfile.ZipFile(path, "w") as file:
        for part, stems in (("train", TRAIN), ("test", TEST)):
            lines = "\n".join(stems) + "\n"
            file.writestr(f"{root}imageLists/{part}.txt", lines)
        for index, stem in enumerate(STEMS):
            picture = jpeg(50 + index, (60, 40))
            file.writestr(f"{root}images/{stem}.jpg", picture)
            data = matlab(labels_of(index))
            file.writestr(f"{root}annotations/{stem}.mat", data)


@pytest.fixture
def archive(manual):
    return manual / "cocostuff-10k-v1.1.zip"


def prepared():
    builder = tfds.builder("coco_stuff10k", file_format="array_record")
    builder.download_and_prepare()
    return builder


@pytest.mark.parametrize("root", ["", "cocostuff-10k-v1.1/"])
def test_label_maps_belong_to_their_pictures(archive, jpeg, root):
    write_archive(archive, jpeg, root=root)
    builder = prepared()
    sizes = {n: s.num_examples for n, s in builder.info.splits.items()}
    assert sizes == {"train": 38, "validation": 2, "test": 5}
    seen = set()
    for split in sizes:
        for record in builder.as_data_source(split):
            index = STEMS.index(record["file_name"].decode()[:-4])
            assert (index in range(40, 45)) == (split == "test")
            assert record["image"][0, 0, 0] == 50 + index
            labels = record["labels"][..., 0]
            np.testing.assert_array_equal(labels, labels_of(index))
            seen.add(index)
    assert len(seen) == 45


def test_validation_is_cut_by_seed_whatever_the_order():
    train, validation = cut(STEMS)
    assert cut(STEMS[::-1]) == (train, validation)
    assert sorted(train + validation) == STEMS and len(validation) == 2


def test_holes_follow_its_objects_and_boundaries(archive, jpeg):
    write_archive(archive, jpeg)
    record = next(iter(prepared().as_data_source("test")))
    labels = record["labels"][..., 0].astype(np.int32)
    rng = np.random.default_rng(0)
    for generator in object_masks.GENERATORS.values():
        mask = generator(labels, rng)
        assert mask.shape == (40, 60, 1) and 0 < mask.mean() < 1
    hole = object_masks.boundary(labels, rng)[..., 0] == 0
    assert len(np.unique(labels[hole])) >= 2


def test_the_hierarchy_has_four_levels():
    assert len(CLASSES) == 183 == len(set(CLASSES))
    assert CLASSES[1] == "person" and CLASSES[182] == "wood"
    # Things in COCO's order, stuff by the alphabet.
    assert CLASSES[92:] == sorted(CLASSES[92:])
    counts = {"kind": 2, "place": 4, "group": 27, "name": 182}
    everything = np.arange(183)
    for level, count in counts.items():
        found, names = at_level(everything, level)
        assert found[0] == 0 and names[0] == "unlabeled"
        assert found.max() == count == len(names) - 1
    groups, names = at_level(everything, "group")
    for index, row in enumerate(HIERARCHY[1:], 1):
        assert names[groups[index]] == row["group"]
    with pytest.raises(ValueError, match="kind, place, .*Received: 'genus'"):
        at_level(everything, "genus")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"no MATLAB file", "must be a MATLAB file with a label map S"),
        (matlab(np.full((40, 60), 183)), "indices 0 to 182"),
        (matlab(np.full((40, 60), 0.5)), "indices 0 to 182"),
        (matlab(np.zeros((4, 6, 2))), r"S of shape \(4, 6, 2\)"),
        (matlab(np.zeros((2**13, 2**12), "u1")), "S of shape"),
    ],
    ids=["garbage", "index", "fraction", "shape", "size"],
)
def test_a_label_map_that_is_none_is_refused(archive, jpeg, data, told):
    write_archive(archive, jpeg)
    with zipfile.ZipFile(archive, "a") as file, pytest.warns(UserWarning):
        file.writestr(f"annotations/{STEMS[0]}.mat", data)
    with pytest.raises(ValueError, match=told):
        prepared()


def test_an_archive_without_lists_is_refused(archive):
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("images/one.jpg", b"")
    with pytest.raises(ValueError, match="have a file imageLists/train.txt"):
        prepared()
