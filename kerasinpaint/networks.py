"""Trained networks, as methods: `method(image, mask) -> image`."""

import contextlib
import functools
import re

import numpy as np

from kerasinpaint import tiles, weights

# What is larger is filled in tiles: 1.5 GB of memory are enough.
TILE, OVERLAP = 1024, 192


def presets():
    """What builds each network without any argument, by name."""
    from kerasinpaint import models
    from kerasinpaint.models.pconv_unet import CIFAR, PAPER, SMALL

    pconv = functools.partial(models.build_pconv_unet, **SMALL)
    autoencoder = functools.partial(
        models.build_autoencoder,
        (None, None, 3),
        skip=True,
        dropout=0.0,
        sees_masks=True,
        width=16,
        residual=True,
    )
    return {
        "pconv": pconv,
        "pconv_cifar10": functools.partial(
            models.build_pconv_unet, **CIFAR, last=32, residual=True
        ),
        "pconv_cifar10_baseline": functools.partial(
            models.build_pconv_unet, **CIFAR
        ),
        "pconv_tiny_imagenet": functools.partial(
            pconv, encoder=(32, 64, 128, 256, 256), kernels=(7, 5, 3, 3, 3)
        ),
        "pconv_paper": functools.partial(models.build_pconv_unet, **PAPER),
        "pconv_gan": pconv,
        "autoencoder_skip": autoencoder,
        "gan": functools.partial(autoencoder, noise=0.1),
    }


def published():
    """What builds each network that others have published, by name."""
    from kerasinpaint import models

    lamas = {
        f"lama_{blocks}x64": functools.partial(models.build_lama, blocks=blocks)
        for blocks in (6, 9, 18)
    }
    mats = {
        f"mat_{size}": functools.partial(models.build_mat, size)
        for size in (256, 512)
    }
    return lamas | mats


def build(name, dtype="float32"):
    """Builds a network, without its weights.

    Args:
        name: string, one of `presets()` or of `published()`.
        dtype: string, the dtype policy that it computes by, whatever the
            global one is.

    Returns:
        A `keras.Model` from `{"images": images, "masks": masks}` to
        pictures.

    Raises:
        ValueError: if there is no such network.
    """
    known = presets() | published()
    if name not in known:
        raise ValueError(
            f"`name` must be one of {', '.join(known)}. Received: {name!r}."
        )
    with policy(dtype):
        return known[name]()


@contextlib.contextmanager
def policy(dtype):
    """Sets the global dtype policy, and in the end the former one.

    Args:
        dtype: string, a dtype policy.
    """
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        yield
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

    shape = network.input["images"].shape[1:3]
    others = {}
    if "latents" in network.input:
        from kerasinpaint.models import mat

        mat.tell_licence()
        # Of many fills that it could make, the same one each time.
        rng = np.random.default_rng(0)
        others["latents"] = rng.standard_normal((1, mat.LATENT), np.float32)

    def paint(image, mask):
        known = np.where(mask, image, 0).astype(np.float32)
        inputs = {"images": known[None], "masks": mask[None].astype("float32")}
        painted = network(inputs | others, training=False)[0]
        painted = keras.ops.convert_to_numpy(painted).astype(image.dtype)
        return painted.clip(0, 1)

    if shape[0]:
        fill = tiles.with_crop(paint, shape[0], margin=shape[0] // 4)
    else:
        multiple = 2 ** _levels(network)
        padded = tiles.with_padding(paint, multiple)
        fill = tiles.with_tiles(padded, TILE, OVERLAP)
    fill.__doc__ = f"{name}, with the weights of {path}."
    return fill


def _levels(network):
    """How often a network halves the picture."""
    if network.name.startswith("lama"):
        from kerasinpaint.models.lama import LEVELS

        return LEVELS
    # Each level of an encoder is in the names of its layers.
    names = " ".join(layer.name for layer in network.layers)
    levels = re.findall(r"encoder_(\d+)", names)
    return max(int(level) for level in levels)
