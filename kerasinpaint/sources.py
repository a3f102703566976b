"""Pictures to train on and to measure with: embedded, a folder, or TFDS.

Every source is a sequence: `len(pictures)`, and `pictures[i]` in any order,
float32 `(height, width, 3)` in [0, 1], each in its own size.
"""

import hashlib
import os
from pathlib import Path

from kerasinpaint import data, images
from kerasinpaint.datasets.prepared import open_prepared
from kerasinpaint.picture_files import FORMATS, read_array

SPLITS = ("train", "validation", "test", "all")
# Names of the folders in which published data sets keep a split.
FOLDERS = {
    "train": ("train",),
    "validation": ("validation", "val", "valid"),
    "test": ("test",),
}
KEPT_BYTES = 2**29


def pictures(source, split="train"):
    """Opens a source of pictures; they are read when they are asked for.

    A folder is read with the folders in it, in the order of names, without
    hidden ones. If it has folders `train`, `validation` (or `val`) or
    `test`, these are the splits; without validation, the 5 % of train whose
    names hash to it are. If it has none of them, the hash of its name puts
    a picture into train (90 %), validation or test (5 % each), where it
    stays when others come or go. In a small folder, the picture whose hash
    comes next is validation if no other is.

    A TFDS set is downloaded and prepared when it is opened first, in the
    folder that the environment variable `TFDS_DATA_DIR` names. Without a
    validation split, the last 5 % of train are it. `tiny_imagenet`,
    `natural_images`, `voc2012` and `coco_stuff10k` are builders of our own.

    Args:
        source: "photos", the embedded photographs; or the path of a
            folder; or the name of a TFDS set with a feature `image`, such
            as "cifar10", "celeb_a" or "imagenette/160px-v2". A folder in
            the working directory goes before a TFDS set of its name.
        split: "train", "validation", "test", or "all".

    Returns:
        A sequence of float32 arrays of shape `(height, width, 3)`. Up to
        half a gigabyte of what was read is kept, so that a small set is
        decoded only once.

    Raises:
        ValueError: if there is no such source or split, or it has no
            pictures; and, by a picture that cannot be read, when it is
            asked for.
        OSError: if a TFDS set could not be fetched.
        ImportError: if TFDS is needed and not installed.

    Example:

    >>> test = pictures("photos", "test")
    >>> len(test), test[0].shape, test[0].dtype
    (30, (512, 910, 3), dtype('float32'))
    """
    if split not in SPLITS:
        raise ValueError(
            f"`split` must be one of {', '.join(SPLITS)}. Received: {split!r}."
        )
    if str(source) == "photos":
        wanted = data.SPLITS if split == "all" else (split,)
        return _of_paths([p for s in wanted for p in data.photo_paths(s)])
    if Path(source).is_dir():
        return _of_paths(_folder_paths(Path(source), split))
    if os.path.isabs(source) or str(source).startswith((".", "~")):
        raise ValueError(
            "`source` must be a folder that is there. "
            f"Received: {os.fspath(source)}."
        )
    count, read = open_prepared(os.fspath(source), split)
    return Pictures(count, lambda index: read(index)["image"])


class Pictures:
    """A sequence of pictures that are decoded when they are asked for.

    Args:
        count: int, how many there are.
        read: function of an index that returns an array `images.to_image`
            takes.
    """

    def __init__(self, count, read):
        self._count, self._read = count, read
        self._kept, self._free = {}, KEPT_BYTES

    def __len__(self):
        return self._count

    def __getitem__(self, index):
        index = range(self._count)[index]
        array = self._kept.get(index)
        if array is None:
            array = self._read(index)
            if array.nbytes <= self._free:
                self._kept[index] = array
                self._free -= array.nbytes
        return images.to_image(array)


def share(name):
    """Where in [0, 1) a name falls, evenly, on any machine, for ever.

    Example:

    >>> round(share("cat/0001.jpg"), 3)
    0.715
    """
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _of_paths(paths):
    return Pictures(len(paths), lambda index: read_array(paths[index]))


def _folder_paths(root, split):
    folders = {
        kind: [root / name for name in names if (root / name).is_dir()]
        for kind, names in FOLDERS.items()
    }
    if split == "all":
        found = _files(root)
    elif not any(folders.values()):
        found = _split_by_hash(_files(root), root)[split]
    elif split == "test" or folders["validation"]:
        found = [p for folder in folders[split] for p in _files(folder)]
    else:
        train = [p for folder in folders["train"] for p in _files(folder)]
        found = _split_by_hash(train, root, test=0)[split]
    if not found:
        raise ValueError(
            f"{root} must have pictures for `{split}`, in a folder {split} or "
            "by the hash of their names. Received: "
            f"{len(_files(root))} pictures in all, none of them in it. "
            "`all` takes them all."
        )
    return found


def _split_by_hash(paths, root, test=0.05):
    """Paths of each split, in their order."""
    found = {"train": [], "validation": [], "test": []}
    shares = {p: share(p.relative_to(root).as_posix()) for p in paths}
    below = [part for part in shares.values() if part < 1 - test]
    start = min(0.95 - test, max(below, default=0))
    for path, part in shares.items():
        if part >= 1 - test:
            found["test"].append(path)
        else:
            found["validation" if part >= start else "train"].append(path)
    return found


def _files(root):
    """Paths of all pictures below a folder, hidden ones left out."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(folder, name)
            for name in names
            if os.path.splitext(name)[1].lower() in FORMATS
            and not name.startswith(".")
        ]
    return sorted(found)
