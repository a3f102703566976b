"""Natural Images: about 6,900 photographs of eight classes, from Kaggle."""

import re

from kerasinpaint.datasets import import_tfds
from kerasinpaint.datasets.archives import Archive
from kerasinpaint.sources import share

tfds = import_tfds()

CLASSES = "airplane car cat dog flower fruit motorbike person".split()


class NaturalImages(tfds.core.GeneratorBasedBuilder):
    """Natural Images (Roy et al. 2018), split 80 / 10 / 10 by name.

    Features: `image`, uint8 `(height, width, 3)` of any size; `label`, an
    index into `CLASSES`; and `file_name`. It is published unsplit: a hash
    of class and name says for ever which split a picture is in.
    """

    VERSION = tfds.core.Version("1.0.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = """
    Download https://www.kaggle.com/datasets/prasunroy/natural-images (it
    asks you to sign in) and put natural-images.zip, or archive.zip as some
    browsers call it, or the folder natural_images, into the manual folder.
    """

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description="Photographs of eight classes.",
            homepage="https://www.kaggle.com/datasets/prasunroy/natural-images",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(),
                    "label": tfds.features.ClassLabel(names=CLASSES),
                    "file_name": tfds.features.Text(),
                }
            ),
            supervised_keys=("image", "label"),
        )

    def _split_generators(self, dl_manager):
        archive = Archive(
            dl_manager.manual_dir,
            ("natural-images.zip", "archive.zip", "natural_images"),
        )
        pictures = {"train": [], "validation": [], "test": []}
        # From the first folder on: the archive has a second copy in `data`.
        pattern = f"natural_images/({'|'.join(CLASSES)})/[^/]+\\.jpg"
        for name in archive.names:
            if re.fullmatch(pattern, name):
                part = share(name)
                split = "train" if part < 0.8 else "validation"
                pictures["test" if part >= 0.9 else split].append(name)
        return {
            split: self._generate_examples(archive, names)
            for split, names in pictures.items()
        }

    def _generate_examples(self, archive, names):
        for name in names:
            _, label, file_name = name.split("/")
            features = {
                "image": archive.picture(name),
                "label": label,
                "file_name": file_name,
            }
            yield name, features
