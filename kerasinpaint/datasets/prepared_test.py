"""TFDS sets by name: splits, formats, and what is told when it fails."""

import builtins
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds

from kerasinpaint import datasets, sources
from kerasinpaint.datasets.coco_stuff10k_test import (
    write_archive as write_coco,
)
from kerasinpaint.datasets.natural_images_test import (
    write_archive as write_natural,
)
from kerasinpaint.datasets.tiny_imagenet_test import write_archive
from kerasinpaint.datasets.voc2012_test import write_archive as write_voc


class Unsplit(tfds.core.GeneratorBasedBuilder):
    """40 pictures, all of them in train, each of a level of its own."""

    VERSION = tfds.core.Version("1.0.0")
    feature = "image"

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(
                {self.feature: tfds.features.Image(shape=(8, 8, 1))}
            ),
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        from kerasinpaint.datasets.archives import encode_labels

        for level in range(40):
            picture = np.full((8, 8), level, np.uint8)
            yield level, {self.feature: encode_labels(picture)}


class Pictureless(Unsplit):
    feature = "photo"


class Unreachable(Unsplit):
    def _split_generators(self, dl_manager):
        raise ConnectionError("Failed to resolve 'www.example.org'")


def levels(pictures):
    return [round(float(picture[4, 4, 0]) * 255) for picture in pictures]


def test_our_builders_are_sources_by_name(manual, jpeg, label_map):
    write_archive(manual / "tiny-imagenet-200.zip", jpeg)
    write_natural(manual / "natural-images.zip", jpeg)
    write_voc(manual / "VOCtrainval_11-May-2012.tar", jpeg, label_map)
    write_coco(manual / "cocostuff-10k-v1.1.zip", jpeg)
    counts = 45, 40, 11, 3
    for name, count in zip(sorted(datasets.NAMES), counts, strict=True):
        pictures = sources.pictures(name, "all")
        assert len(pictures) == count
        assert pictures[0].dtype == np.float32
        assert pictures[0].ndim == 3
        assert 0 < max(picture.max() for picture in pictures) <= 1
    validation = levels(sources.pictures("tiny_imagenet", "validation"))
    assert sorted(validation) == [100, 101, 102]
    with pytest.raises(ValueError, match="train, validation, or.*'test'"):
        sources.pictures("voc2012", "test")


def test_without_validation_five_percent_of_train_are(manual):
    train = levels(sources.pictures("unsplit", "train"))
    validation = levels(sources.pictures("unsplit", "validation"))
    assert len(train) == 38 and len(validation) == 2
    assert sorted(train + validation) == list(range(40))
    assert levels(sources.pictures("unsplit", "validation")) == validation
    with pytest.raises(ValueError, match="one that unsplit has: train"):
        sources.pictures("unsplit", "test")


def test_grey_pictures_get_three_equal_channels(manual):
    picture = sources.pictures("unsplit")[-1]
    assert picture.shape == (8, 8, 3)
    assert (picture == picture[..., :1]).all()


def test_a_set_prepared_for_reading_in_order_is_read_to_memory(manual):
    pytest.importorskip("tensorflow")
    tfds.builder("unsplit", file_format="tfrecord").download_and_prepare()
    pictures = sources.pictures("unsplit", "train")
    assert len(pictures) == 38
    assert levels([pictures[7], pictures[7]]) == [levels(pictures)[7]] * 2


def test_a_set_without_pictures_is_refused(manual):
    with pytest.raises(ValueError, match="feature.*Received: pictureless"):
        sources.pictures("pictureless")


@pytest.mark.parametrize("name", ["nosuch", "a b", "photos.zip", "cifar10/x"])
def test_an_unknown_name_is_refused_in_a_line(name):
    with pytest.raises(ValueError, match="tiny_imagenet. Received") as told:
        sources.pictures(name)
    assert len(str(told.value)) < 200


def test_offline_the_error_says_where_to_put_the_file(manual):
    with pytest.raises(OSError, match="'www.example.org'.*put it") as told:
        sources.pictures("unreachable")
    assert str(manual) in str(told.value)
    with pytest.raises(OSError, match="tiny-imagenet-200.zip") as told:
        sources.pictures("tiny_imagenet")
    assert str(manual) in str(told.value)


def test_without_tfds_the_error_says_what_to_install(monkeypatch):
    def refuse(name, *arguments, **options):
        if name == "tensorflow_datasets":
            raise ImportError(f"No module named {name!r}")
        return found(name, *arguments, **options)

    found = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"install kerasinpaint\[tfds\]"):
        sources.pictures("cifar10")


def test_importing_loads_neither_tfds_nor_tensorflow():
    code = (
        "import sys, kerasinpaint.sources\n"
        "assert not {'tensorflow_datasets', 'tensorflow'} & set(sys.modules)\n"
        "from kerasinpaint.datasets import natural_images, voc2012\n"
        "import kerasinpaint.datasets.tiny_imagenet\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    here = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=here)
