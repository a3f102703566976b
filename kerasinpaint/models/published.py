"""Weights of published PyTorch checkpoints, put into networks by name."""

import numpy as np

from kerasinpaint import checkpoints

# What PyTorch calls the variables of Keras.
NAMES = {
    "kernel": "weight",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
SHOWN = 3  # names in an error


def read(path):
    """All arrays of a checkpoint, by name.

    Args:
        path: path of what `checkpoints.read_torch` reads.

    Returns:
        Dict of arrays.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no checkpoint.
    """
    return checkpoints.flatten(checkpoints.read_torch(path))


def part(arrays, sign):
    """The arrays of one network, of a checkpoint that may hold several.

    Args:
        arrays: dict of arrays by name, as `read` returns.
        sign: string, the name of an array that the network has, such as
            `"model.1.ffc.convl2l.weight"`. What stands before it in the
            checkpoint is taken off all names. If there are several such
            networks, it is the one whose name has "ema", the average of a
            training.

    Returns:
        Dict of arrays by name.

    Raises:
        ValueError: if there is no such network.

    Example:

    >>> found = part({"g.a": 1, "g_ema.a": 2, "g_ema.b": 3}, sign="a")
    >>> found == {"a": 2, "b": 3}
    True
    """
    before = prefixes(arrays, sign)
    if not before:
        raise ValueError(
            f"The checkpoint must have an array `{sign}`. "
            f"Received: {len(arrays)} arrays, {_some(arrays)}."
        )
    prefix = max(before, key=lambda name: "ema" in name)
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def prefixes(arrays, sign):
    """What stands before a name in a checkpoint, once for each network.

    Example:

    >>> prefixes({"g.a": 1, "g_ema.a": 2, "g.data": 3}, sign="a")
    ['g.', 'g_ema.']
    """
    return [
        name.removesuffix(sign)
        for name in arrays
        if f".{name}".endswith(f".{sign}")
    ]


def load(network, arrays, name_of, ignored=()):
    """Sets all weights of a network, or none.

    Args:
        network: `keras.Model`, built.
        arrays: dict of arrays by published name, as `read` returns.
        name_of: function of a variable's path; its published name.
        ignored: tuple of strings, ends of the names of arrays that are no
            weights.

    Raises:
        ValueError: if an array is missing, superfluous, of another shape, or
            not finite; the first few are named.
    """
    wanted = {name_of(variable.path): variable for variable in network.weights}
    given = {n: a for n, a in arrays.items() if not n.endswith(ignored)}
    turned = {n: _turned(n, given[n]) for n in wanted if n in given}
    wrong = {
        "missing": wanted.keys() - given.keys(),
        "superfluous": given.keys() - wanted.keys(),
        "of another shape": {
            f"{name} {given[name].shape}"
            for name, array in turned.items()
            if array.shape != tuple(wanted[name].shape)
        },
        "not finite": {
            name for name, array in turned.items() if not _is_finite(array)
        },
    }
    told = [f"{_some(names)} {what}" for what, names in wrong.items() if names]
    if told:
        raise ValueError(
            f"The checkpoint must hold the {len(wanted)} arrays of the "
            f"network. Received: {len(given)}; {'; '.join(told)}."
        )
    network.set_weights([turned[name] for name in wanted])


def torch_name(path):
    """The name in PyTorch of a variable whose layers are named as there.

    Example:

    >>> torch_name("model.4.ffc/convl2g/kernel")
    'model.4.ffc.convl2g.weight'
    """
    *layers, last = path.replace("/", ".").split(".")
    return ".".join([*layers, NAMES.get(last, last)])


def _turned(name, array):
    """Kernels as Keras has them: height, width, inputs, outputs."""
    if not name.endswith(".weight") or array.ndim < 2:
        return array
    if array.ndim == 5 and len(array) == 1:  # of StyleGAN2, for all pictures
        array = array[0]
    return array.transpose((2, 3, 1, 0) if array.ndim == 4 else None)


def _is_finite(array):
    return array.dtype.kind == "f" and np.isfinite(array).all()


def _some(names):
    """The first few of some names."""
    names = sorted(names)
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
