"""COCO-Stuff 10K: photographs in which every pixel has a class."""

import csv
import io
from pathlib import Path

import numpy as np

from kerasinpaint.datasets import import_tfds, labelled_features
from kerasinpaint.datasets.archives import Archive, encode_labels

tfds = import_tfds()

# Index, name, and the levels above it: group, place (indoor or outdoor), and
# kind (things or stuff). From CocoStuffClasses.m, under CC BY 4.0.
with open(Path(__file__).with_name("coco_stuff_classes.csv")) as file:
    HIERARCHY = tuple(csv.DictReader(file))
CLASSES = [row["name"] for row in HIERARCHY]
ALL = np.arange(len(CLASSES))
LEVELS = "kind", "place", "group", "name"
SEED, SHARE = 0, 0.05  # of train that becomes validation
MAX_PIXELS = 2**24


def at_level(labels, level):
    """Labels of a coarser level of the hierarchy.

    Args:
        labels: int array of indices into `CLASSES`.
        level: string, one of `LEVELS`.

    Returns:
        A pair: an int array of the same shape, and a list of the names of
        its values, the first for what is unlabeled.

    Raises:
        ValueError: if there is no such level.

    Example:

    >>> found, names = at_level(np.array([0, 1, 182]), "kind")
    >>> [names[one] for one in found]
    ['unlabeled', 'things', 'stuff']
    """
    if level not in LEVELS:
        raise ValueError(
            f"`level` must be one of {', '.join(LEVELS)}. Received: {level!r}."
        )
    above = LEVELS[: LEVELS.index(level) + 1]
    paths = ["/".join(row[one] for one in above) for row in HIERARCHY[1:]]
    distinct = list(dict.fromkeys(paths))
    to = np.array([0] + [distinct.index(path) + 1 for path in paths])
    return to[labels], ["unlabeled", *(p.split("/")[-1] for p in distinct)]


class CocoStuff10k(tfds.core.GeneratorBasedBuilder):
    """The 10,000 photographs of COCO-Stuff 10K, with their label maps.

    Features: `image`, uint8 `(height, width, 3)`; `labels`, uint8 `(height,
    width, 1)`, indices into `CLASSES`, 0 being unlabeled; and `file_name`.
    Splits are the published train and test; a twentieth of train, drawn by
    seed, is `validation`. `HIERARCHY` and `at_level` have the levels above
    classes.
    """

    name = "coco_stuff10k"
    VERSION = tfds.core.Version("1.1.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = """
    Download cocostuff-10k-v1.1.zip (2 GB) from
    https://github.com/nightrome/cocostuff10k and put it into the manual
    folder, or the folder cocostuff-10k-v1.1 with what is in it.
    """

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description="Photographs, each pixel of 182 things and stuff.",
            homepage="https://github.com/nightrome/cocostuff10k",
            features=labelled_features(),
        )

    def _split_generators(self, dl_manager):
        names = "cocostuff-10k-v1.1.zip", "cocostuff-10k-v1.1"
        archive = Archive(dl_manager.manual_dir, names)
        root = _root(archive)
        train, validation = cut(archive.lines(f"{root}imageLists/train.txt"))
        test = archive.lines(f"{root}imageLists/test.txt")
        splits = {"train": train, "validation": validation, "test": test}
        return {
            split: self._generate_examples(archive, root, stems)
            for split, stems in splits.items()
        }

    def _generate_examples(self, archive, root, stems):
        for stem in stems:
            labels = _labels(archive, f"{root}annotations/{stem}.mat")
            features = {
                "image": archive.picture(f"{root}images/{stem}.jpg"),
                "labels": encode_labels(labels),
                "file_name": f"{stem}.jpg",
            }
            yield stem, features


def cut(stems):
    """Cuts validation from train: the same, whatever their order.

    Args:
        stems: list of strings.

    Returns:
        A pair of sorted lists.
    """
    stems = sorted(stems)
    drawn = np.random.default_rng(SEED).permutation(len(stems))
    count = round(SHARE * len(stems))
    held = {stems[place] for place in drawn[:count]}
    return [stem for stem in stems if stem not in held], sorted(held)


def _root(archive):
    """What stands before `imageLists` in names, if anything."""
    for name in archive.names:
        if name.endswith("imageLists/train.txt"):
            return name.removesuffix("imageLists/train.txt")
    raise ValueError(
        f"{archive.path} must have a file imageLists/train.txt. "
        f"Received: {len(archive.names)} files without it."
    )


def _labels(archive, name):
    """The label map `S` of a MATLAB file; nothing else in it is read."""
    from scipy.io import loadmat, whosmat

    data = archive.read(name)
    try:
        # Its size is looked at before it is unpacked.
        shapes = {n: shape for n, shape, _ in whosmat(io.BytesIO(data))}
        shape = shapes.get("S", ())
        if len(shape) != 2 or not 0 < np.prod(shape) <= MAX_PIXELS:
            raise ValueError(f"S of shape {shape}")
        labels = loadmat(io.BytesIO(data), variable_names=["S"])["S"]
    except Exception as error:
        raise ValueError(
            f"{name} in {archive.path} must be a MATLAB file with a label "
            f"map S. Received: {error}."
        ) from error
    if labels.dtype.kind not in "uif" or not np.isin(labels, ALL).all():
        raise ValueError(
            f"The label map of {name} must have indices 0 to {ALL[-1]}. "
            f"Received: {labels.dtype} up to {labels.max()}."
        )
    return labels.astype(np.uint8)
