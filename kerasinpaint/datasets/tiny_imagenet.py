"""Tiny ImageNet-200: 64 x 64 pictures of 200 classes."""

from kerasinpaint.datasets import import_tfds
from kerasinpaint.datasets.archives import Archive

tfds = import_tfds()


class TinyImagenet(tfds.core.GeneratorBasedBuilder):
    """Tiny ImageNet-200 as published: train, validation, unlabelled test.

    Features: `image`, uint8 `(64, 64, 3)`; `label`, an index into the
    WordNet ids of `wnids.txt`, -1 where it is not published (test); and
    `file_name`. Some copies have other classes, fewer pictures or no test
    pictures: what is there is read.
    """

    VERSION = tfds.core.Version("1.0.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = """
    Download http://cs231n.stanford.edu/tiny-imagenet-200.zip and put it, or
    the folder tiny-imagenet-200 that it unpacks to, into the manual folder.
    """

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description="64 x 64 pictures of 200 classes of ImageNet.",
            homepage="http://cs231n.stanford.edu/",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(64, 64, 3)),
                    "label": tfds.features.ClassLabel(),
                    "file_name": tfds.features.Text(),
                }
            ),
            supervised_keys=("image", "label"),
        )

    def _split_generators(self, dl_manager):
        archive = Archive(
            dl_manager.manual_dir,
            ("tiny-imagenet-200.zip", "tiny-imagenet-200"),
        )
        ids = archive.lines("tiny-imagenet-200/wnids.txt")
        self.info.features["label"].names = ids
        pictures = {"train": {}, "validation": {}, "test": {}}
        validation = _validation_labels(archive)
        for name in archive.names:
            parts = name.split("/")
            if not name.endswith(".JPEG") or parts[-2] != "images":
                continue
            if parts[1] == "train":
                pictures["train"][name] = parts[2]
            elif parts[1] == "val":
                label = validation.get(parts[-1], -1)
                pictures["validation"][name] = label
            elif parts[1] == "test":
                pictures["test"][name] = -1
        return {
            split: self._generate_examples(archive, labels)
            for split, labels in pictures.items()
            if labels
        }

    def _generate_examples(self, archive, labels):
        for name, label in labels.items():
            features = {
                "image": archive.picture(name),
                "label": label,
                "file_name": name.split("/")[-1],
            }
            yield name, features


def _validation_labels(archive):
    """Class of each validation picture, by the name of its file."""
    lines = archive.lines("tiny-imagenet-200/val/val_annotations.txt")
    return dict(line.split("\t")[:2] for line in lines)
