"""Weights that stand at a public address, fetched once and checked."""

import hashlib
import os
from pathlib import Path

import keras

# What big-lama was trained on, by the name of Keras for such weights: file,
# address, SHA-256. The authors' licence: Apache-2.0.
WEIGHTS = {
    "places": (
        "big-lama.pt",
        "https://github.com/Sanster/models/releases/download/add_big_lama/"
        "big-lama.pt",
        "344c77bbcb158f17dd143070d1e789f38a66c04202311ae3a258ef66667a9ea9",
    ),
}


def path_of(name):
    """The path of published weights, which are downloaded if need be.

    They are kept in `~/.keras/kerasinpaint`, or where `KERAS_HOME` is.

    Args:
        name: string, one of `WEIGHTS`.

    Returns:
        A path. The file has the SHA-256 that is pinned.

    Raises:
        OSError: if they cannot be downloaded.
        ValueError: if there are none of that name, or another file is in
            their place.
    """
    if name not in WEIGHTS:
        raise ValueError(
            f"`weights` must be one of {', '.join(WEIGHTS)}. "
            f"Received: {name!r}."
        )
    file, address, sha256 = WEIGHTS[name]
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    path = home / "kerasinpaint" / file
    if path.exists():
        found = _sha256(path)
        if found != sha256:
            raise ValueError(
                f"{path} must be the file of {address}, with the SHA-256 "
                f"{sha256}: remove it to download it again. "
                f"Received: {found}."
            )
        return path
    home.mkdir(parents=True, exist_ok=True)  # or Keras takes another place
    try:
        keras.utils.get_file(
            file,
            address,
            file_hash=sha256,
            hash_algorithm="sha256",
            cache_subdir="kerasinpaint",
            cache_dir=home,
        )
    except Exception as error:
        path.unlink(missing_ok=True)
        raise OSError(
            f"{file} could not be downloaded. Fetch it from {address} where "
            f"there is a connection, and put it at {path}. Received: {error}"
        ) from error
    return path


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
