"""TFDS builders of data sets that TFDS does not have, one file each.

Importing one registers it, so that `tfds.load` knows its name. They are
fetched by hand, for their owners ask for that or promise no address.
"""

NAMES = ("coco_stuff10k", "natural_images", "tiny_imagenet", "voc2012")


def import_tfds():
    """Imports TFDS, which is an extra, or says how to get it.

    TFDS in turn imports TensorFlow only where something needs it.

    Returns:
        The module `tensorflow_datasets`.

    Raises:
        ImportError: if it is not installed.
    """
    try:
        import importlib_resources  # noqa: F401 (TFDS fails late without it)
        import tensorflow_datasets
    except ImportError as error:
        raise ImportError(
            "Data sets by name need TFDS: `pip install kerasinpaint[tfds]`. "
            f"A folder of pictures does not. Received: {error}."
        ) from error
    return tensorflow_datasets


def labelled_features():
    """Features of photographs with label maps.

    Returns:
        A TFDS `FeaturesDict` of `image`, `labels` and `file_name`.
    """
    features = import_tfds().features
    return features.FeaturesDict(
        {
            "image": features.Image(),
            "labels": features.Image(shape=(None, None, 1), use_colormap=True),
            "file_name": features.Text(),
        }
    )
