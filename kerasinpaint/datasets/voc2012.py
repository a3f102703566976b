"""Pascal VOC 2012, segmentation: photographs and their label maps."""

from kerasinpaint.datasets import import_tfds, labelled_features
from kerasinpaint.datasets.archives import Archive, encode_labels
from kerasinpaint.segmenters import VOC_CLASSES as CLASSES

tfds = import_tfds()

VOID = 255
ROOT = "VOCdevkit/VOC2012"


class VOC2012(tfds.core.GeneratorBasedBuilder):
    """The 2,913 pictures of VOC 2012 that have a label map.

    Features: `image`, uint8 `(height, width, 3)`; `labels`, uint8 `(height,
    width, 1)`, indices into `CLASSES` and `VOID` at the rims of objects,
    which counts for nothing; and `file_name`. Splits are VOC's train and
    val, as `validation`. TFDS's own `voc` has boxes only.
    """

    name = "voc2012"
    VERSION = tfds.core.Version("1.0.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = """
    Download VOCtrainval_11-May-2012.tar (2 GB) from
    http://host.robots.ox.ac.uk/pascal/VOC/voc2012/ and put it, or the
    folder VOCdevkit that it unpacks to, into the manual folder.
    """

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description="Photographs and label maps of 20 classes.",
            homepage="http://host.robots.ox.ac.uk/pascal/VOC/voc2012/",
            features=labelled_features(),
        )

    def _split_generators(self, dl_manager):
        archive = Archive(
            dl_manager.manual_dir,
            ("VOCtrainval_11-May-2012.tar", "VOCdevkit"),
        )
        return {
            "train": self._generate_examples(archive, "train"),
            "validation": self._generate_examples(archive, "val"),
        }

    def _generate_examples(self, archive, part):
        lists = f"{ROOT}/ImageSets/Segmentation"
        for stem in archive.lines(f"{lists}/{part}.txt"):
            labels = archive.labels(f"{ROOT}/SegmentationClass/{stem}.png")
            _check(labels, stem)
            features = {
                "image": archive.picture(f"{ROOT}/JPEGImages/{stem}.jpg"),
                "labels": encode_labels(labels),
                "file_name": f"{stem}.jpg",
            }
            yield stem, features


def _check(labels, stem):
    unknown = labels[(labels >= len(CLASSES)) & (labels != VOID)]
    if unknown.size:
        raise ValueError(
            f"The label map of {stem} must have indices 0 to "
            f"{len(CLASSES) - 1}, or {VOID}. Received: {unknown[0]}."
        )
