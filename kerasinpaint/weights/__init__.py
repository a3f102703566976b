"""Shipped weights: float16 arrays by name, each file with a card beside it."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
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


def save(network, path, name):
    """Writes the weights of a network as float16, by the paths of variables.

    Args:
        network: `keras.Model`.
        path: path of the `.npz` file; its folder is created.
        name: string, which network it is: one of `networks.presets()`.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        variable.path: np.asarray(variable.numpy(), np.float16)
        for variable in network.weights
    }
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
    with _open(path) as arrays:
        if NETWORK not in arrays.files:
            raise ValueError(
                f"{path} must be weights that `kerasinpaint train` has "
                f"written. Received: arrays {', '.join(arrays.files[:3])}..."
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
        ValueError: if names or shapes are not those of the network.
    """
    shapes = {v.path: tuple(v.shape) for v in network.weights}
    with _open(path) as arrays:
        wrong = sorted(set(shapes) ^ (set(arrays.files) - {NETWORK}))
        if wrong:
            raise ValueError(
                f"{path} must hold the {len(shapes)} weights of the "
                f"network by name. Received: {len(arrays.files)} arrays; "
                f"only on one side: {', '.join(wrong[:3])}."
            )
        values = [arrays[name] for name in shapes]
    for (name, shape), value in zip(shapes.items(), values, strict=True):
        if value.shape != shape:
            raise ValueError(
                f"{name} in {path} must be of shape {shape}. "
                f"Received: {value.shape}."
            )
    network.set_weights([value.astype(np.float32) for value in values])


def _open(path):
    try:
        return np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(
            f"{path} must be a `.npz` file of weights. Received: a file that "
            f"cannot be read so: {error}"
        ) from error
