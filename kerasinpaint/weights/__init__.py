"""Shipped weights: float16 arrays by name, each file with a card beside it."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent


def save(network, path):
    """Writes the weights of a network as float16, by the paths of variables.

    Args:
        network: `keras.Model`.
        path: path of the `.npz` file; its folder is created.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        variable.path: np.asarray(variable.numpy(), np.float16)
        for variable in network.weights
    }
    aside = path.with_name(f".{path.name}")
    with aside.open("wb") as file:
        np.savez_compressed(file, **arrays)
    aside.replace(path)


def load(network, path):
    """Reads what `save` has written into a network of the same build.

    Nothing in the file is executed, and the network is left as it was if
    the file does not fit it.

    Args:
        network: `keras.Model`, built.
        path: path of a `.npz` file, or the name of shipped weights.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if names or shapes are not those of the network.
    """
    path = Path(path)
    if not path.suffix:
        path = FOLDER / f"{path}.npz"
    with np.load(path, allow_pickle=False) as arrays:
        shapes = {v.path: tuple(v.shape) for v in network.weights}
        wrong = sorted(set(shapes) ^ set(arrays.files))
        if wrong:
            raise ValueError(
                f"{path.name} must hold the {len(shapes)} weights of the "
                f"network by name. Received: {len(arrays.files)} arrays; "
                f"only on one side: {', '.join(wrong[:3])}."
            )
        values = [arrays[name] for name in shapes]
    for (name, shape), value in zip(shapes.items(), values, strict=True):
        if value.shape != shape:
            raise ValueError(
                f"{name} in {path.name} must be of shape {shape}. "
                f"Received: {value.shape}."
            )
    network.set_weights([value.astype(np.float32) for value in values])
