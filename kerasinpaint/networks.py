"""Trained networks, as methods: `method(image, mask) -> image`."""

import functools

import numpy as np

from kerasinpaint import tiles, weights

# What is larger is filled in tiles: 1.5 GB of memory are enough.
TILE, OVERLAP = 1024, 192


def presets():
    """Arguments of `models.build_pconv_unet` of each network, by name."""
    from kerasinpaint.models.pconv_unet import CIFAR, PAPER, SMALL

    return {
        "pconv": SMALL,
        "pconv_cifar10": CIFAR | {"last": 32, "residual": True},
        "pconv_cifar10_baseline": CIFAR,
        "pconv_tiny_imagenet": SMALL
        | {"encoder": (32, 64, 128, 256, 256), "kernels": (7, 5, 3, 3, 3)},
        "pconv_paper": PAPER,
    }


def build(name, dtype="float32"):
    """Builds a network, without its weights.

    Args:
        name: string, one of `presets()`.
        dtype: string, the dtype policy that it computes by, whatever the
            global one is.

    Returns:
        A `keras.Model`, as of `models.build_pconv_unet`.

    Raises:
        ValueError: if there is no such network.
    """
    import keras

    from kerasinpaint.models import build_pconv_unet

    known = presets()
    if name not in known:
        raise ValueError(
            f"`name` must be one of {', '.join(known)}. Received: {name!r}."
        )
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        return build_pconv_unet(**known[name])
    finally:
        keras.config.set_dtype_policy(before)


def method(path):
    """Makes a method of a file of weights.

    Args:
        path: path of a `.npz` file that `kerasinpaint train` has written,
            or the name of shipped weights. It is read once, and again
            when it has changed.

    Returns:
        A method: any height and width, known pixels bit for bit.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it does not hold the weights of a network.
    """
    path = weights.path_of(path)
    return _method(path, path.stat().st_mtime_ns)


@functools.lru_cache(8)
def _method(path, changed):
    import keras

    name = weights.network_of(path)
    network = build(name)
    weights.load(network, path)

    def paint(image, mask):
        known = np.where(mask, image, 0).astype(np.float32)
        inputs = {"images": known[None], "masks": mask[None].astype("float32")}
        painted = network(inputs, training=False)[0]
        return keras.ops.convert_to_numpy(painted).astype(image.dtype)

    multiple = 2 ** len(presets()[name]["encoder"])
    fill = tiles.with_tiles(tiles.with_padding(paint, multiple), TILE, OVERLAP)
    fill.__doc__ = f"{name}, with the weights of {path}."
    return fill
