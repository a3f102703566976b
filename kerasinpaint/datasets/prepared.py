"""Pictures of TFDS sets at random access, prepared when first asked for."""

import importlib

from kerasinpaint import datasets


def open_prepared(name, split):
    """Opens a split of a TFDS set, after fetching it where that is needed.

    What is prepared here is in ArrayRecord files, which can be read in any
    order and without TensorFlow; of a set that was prepared in another
    format before, all pictures are read into memory.

    Args:
        name: string, such as "cifar10" or "imagenette/160px-v2".
        split: "train", "validation", "test", or "all". Without a published
            validation split, the last 5 % of train are it.

    Returns:
        How many pictures there are, and a function that takes an index and
        returns a record: a dict with `image`, a uint8 array `(height, width,
        channels)`, and whatever else the set has.

    Raises:
        ValueError: if there is no such set or split, or it has no feature
            `image`.
        OSError: if it could not be fetched or is not prepared well.
        ImportError: if TFDS is not installed.
    """
    tfds = datasets.import_tfds()
    if name in datasets.NAMES:  # importing it registers it
        importlib.import_module(f"kerasinpaint.datasets.{name}")
    builder = _builder(tfds, name)
    if not builder.is_prepared():
        builder = _prepare(tfds, name)
    wanted = _published_split(name, split, builder.info.splits)
    try:
        records = builder.as_data_source(wanted)
        return len(records), records.__getitem__
    except NotImplementedError:  # prepared in a format to be read in order
        records = list(tfds.as_numpy(builder.as_dataset(split=wanted)))
        return len(records), records.__getitem__


def _builder(tfds, name):
    try:
        builder = tfds.builder(name)
    except ValueError as error:
        raise ValueError(
            '`source` must be "photos", a folder that is there, or the name '
            "of a TFDS set, such as cifar10, celeb_a or tiny_imagenet. "
            f"Received: {name!r}."
        ) from error
    features = dict(builder.info.features.items())
    if not isinstance(features.get("image"), tfds.features.Image):
        raise ValueError(
            "`source` must be a TFDS set with a picture as its feature "
            f"`image`. Received: {name} with {', '.join(features)}."
        )
    return builder


def _prepare(tfds, name):
    builder = tfds.builder(name, file_format="array_record")
    try:
        builder.download_and_prepare()
    # An AssertionError is what TFDS raises for an empty manual folder.
    except (OSError, AssertionError, tfds.download.DownloadError) as error:
        parents = builder.data_path.parents
        root = next(p.parent for p in parents if p.name == builder.name)
        raise OSError(
            f"The TFDS set {name} could not be fetched: {error} If there is "
            "no network here, fetch its archive elsewhere and put it, under "
            f"its own name, into {root / 'downloads' / 'manual'}."
        ) from error
    return builder


def _published_split(name, split, splits):
    """The split in TFDS's words, such as "train[95%:]"."""
    if split == "all":
        return "all"
    if "validation" not in splits and "train" in splits:
        part = {"train": "train[:95%]", "validation": "train[95%:]"}
        if split in part:
            return part[split]
    if split not in splits:
        raise ValueError(
            f"`split` must be one that {name} has: {', '.join(splits)}, or "
            f"all. Received: {split!r}."
        )
    return split
