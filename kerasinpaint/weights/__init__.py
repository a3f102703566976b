"""Shipped weights: float16 arrays by name, each file with a card beside it."""

import zipfile
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
LARGEST = 2**29  # bytes, unpacked
NETWORK = "network"  # the entry that says whose weights they are


def path_of(name):
    """The path of shipped weights, or the path that was given.

    Args:
        name: name of shipped weights, or path of a `.npz` file.

    Returns:
        A path.
    """
    path = Path(name)
    return path if path.suffix == ".npz" else FOLDER / f"{name}.npz"


def save(network, path, name, dtype=np.float16):
    """Writes the weights of a network, by the paths of variables.

    Args:
        network: `keras.Model`.
        path: path of the `.npz` file; its folder is created.
        name: string, which network it is: one that `networks.build` knows,
            `sample`, the segmenter, or `scene`, the scene classifier's head.
        dtype: NumPy dtype of floats, what the weights are kept as.

    Raises:
        ValueError: if a weight is not finite, or too large for the dtype.
    """
    import keras

    path = Path(path)
    arrays = {}
    for variable in network.weights:
        value = keras.ops.convert_to_numpy(variable)
        largest = np.abs(value).max(initial=0)
        if not largest <= np.finfo(dtype).max:
            raise ValueError(
                f"{variable.path} must be finite and at most "
                f"{np.finfo(dtype).max:.5g} to be kept as "
                f"{np.dtype(dtype)}. Received: up to {largest:.3g}."
            )
        arrays[variable.path] = value.astype(dtype)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    with aside.open("wb") as file:
        np.savez_compressed(file, **arrays, **{NETWORK: np.str_(name)})
    aside.replace(path)


def network_of(path):
    """Which network a file of weights belongs to.

    Args:
        path: path of a `.npz` file.

    Returns:
        A string, as it was given to `save`.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file does not say.
    """
    arrays = _read(path)
    if NETWORK not in arrays:
        raise ValueError(
            f"{path} must be weights that `kerasinpaint train` has "
            f"written. Received: arrays {', '.join(list(arrays)[:3])}..."
        )
    return str(arrays[NETWORK])


def load(network, path):
    """Reads what `save` has written into a network of the same build.

    Nothing in the file is executed, and the network is left as it was if
    the file does not fit it.

    Args:
        network: `keras.Model`, built.
        path: path of a `.npz` file.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if names or shapes are not those of the network, or a
            weight is not finite.
    """
    shapes = {v.path: tuple(v.shape) for v in network.weights}
    arrays = _read(path)
    wrong = sorted(set(shapes) ^ (set(arrays) - {NETWORK}))
    if wrong:
        raise ValueError(
            f"{path} must hold the {len(shapes)} weights of the "
            f"network by name. Received: {len(arrays)} arrays; "
            f"only on one side: {', '.join(wrong[:3])}."
        )
    for name, shape in shapes.items():
        value = arrays[name]
        if value.shape != shape or value.dtype.kind != "f":
            raise ValueError(
                f"{name} in {path} must be of shape {shape}, of floats. "
                f"Received: {value.shape}, {value.dtype}."
            )
        if not np.isfinite(value).all():
            raise ValueError(
                f"{name} in {path} must be finite. Received: NaN or infinity."
            )
    network.set_weights([arrays[name].astype(np.float32) for name in shapes])


def _read(path):
    """All arrays of a file, by name."""
    try:
        with zipfile.ZipFile(path) as file:
            size = sum(member.file_size for member in file.infolist())
        if size > LARGEST:
            raise ValueError(f"{size:,} bytes, more than {LARGEST:,}")
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(
            f"{path} must be a `.npz` file of weights. Received: a file that "
            f"cannot be read so: {error}"
        ) from error
