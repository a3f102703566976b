"""Trained networks, as methods: `method(image, mask) -> image`."""

import contextlib
import functools
import re

import numpy as np

from kerasinpaint import tiles, weights

# What is larger is filled around its holes, and if that does not fit in
# tiles: 2.6 GB of memory are enough for the largest network, unless a tile
# lies in a hole that is larger still, and must look further.
TILE, OVERLAP = 1024, 192
MARGIN = 64  # the least that is seen around a hole
# From this many pixels on a graph, which takes seconds to make, pays: it
# forgets what it no longer needs. So many are filled together, too.
GRAPH = 512**2


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
        "lama": functools.partial(
            models.build_lama, blocks=6, width=16, residual=True, noise=0.1
        ),
        "lama_paper": models.build_lama,
        "structure_texture": models.build_structure_texture,
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


def build(name, dtype="float32", **options):
    """Builds a network, without its weights.

    Args:
        name: string, one of `presets()` or of `published()`.
        dtype: string, the dtype policy that it computes by, whatever the
            global one is.
        **options: further arguments of what builds it.

    Returns:
        A `keras.Model` from `{"images": images, "masks": masks}` to
        pictures; for "structure_texture" see `models.build_structure_texture`.

    Raises:
        ValueError: if there is no such network.
    """
    known = presets() | published()
    if name not in known:
        raise ValueError(
            f"`name` must be one of {', '.join(known)}. Received: {name!r}."
        )
    with policy(dtype):
        return known[name](**options)


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


def method(path, refine=False):
    """Makes a method of a file of weights.

    Args:
        path: path of a `.npz` file that `kerasinpaint train` has written,
            or the name of shipped weights. It is read once, and again
            when it has changed.
        refine: bool, whether a LaMa fills large holes at several sizes, by
            `lama_refinement.refined`: twenty to forty times as slow.

    Returns:
        A method: any height and width, known pixels bit for bit. It has
        `batch(images, masks)`, which fills pictures of one size together.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it does not hold the weights of a network, or those
            of another than LaMa are to be refined.
    """
    path = weights.path_of(path)
    return _method(path, path.stat().st_mtime_ns, refine)


@functools.lru_cache(8)
def _method(path, changed, refine):
    import keras

    from kerasinpaint import structure_texture
    from kerasinpaint.models import lama_refinement

    name, network = load(path)
    if refine and not name.startswith("lama"):
        raise ValueError(
            "What is refined must be the weights of a LaMa. "
            f"Received: {path}, of {name}."
        )
    shape = network.input["images"].shape[1:3]
    others = {}
    if "latents" in network.input:
        from kerasinpaint.models import mat

        mat.tell_licence()
        # Of many fills that it could make, the same one each time.
        rng = np.random.default_rng(0)
        others["latents"] = rng.standard_normal((1, mat.LATENT), np.float32)

    def paint_batch(images, masks, graph=True):
        known = np.where(masks, images, 0).astype(np.float32)
        inputs = {"images": known, "masks": masks.astype("float32")} | others
        if graph:
            painted = network.predict_on_batch(inputs)
        else:
            painted = network(inputs, training=False)
        painted = keras.ops.convert_to_numpy(painted).astype(images.dtype)
        return painted.clip(0, 1)

    analysed = name == "structure_texture"

    def paint(image, mask):
        graph = mask.size >= GRAPH
        if analysed:
            look = structure_texture.compiled(network) if graph else network
            return structure_texture.fill(look, image, mask)["picture"]
        if refine:
            known = np.where(mask, image, 0).astype(np.float32)
            return lama_refinement.refined(network, known, mask).clip(0, 1)
        return paint_batch(image[None], mask[None], graph)[0]

    if shape[0]:
        fill = tiles.with_crop(paint, shape[0], margin=shape[0] // 4)
        fill = tiles.with_context(fill, shape[0], MARGIN)
    else:
        most = lama_refinement.MULTIPLE if refine else multiple(network)
        padded = tiles.with_padding(paint, most)
        fill = tiles.with_tiles(padded, TILE, OVERLAP)
        fill = tiles.with_context(fill, TILE, MARGIN)
    fill.__doc__ = f"{name}, with the weights of {path}."
    whole = not (shape[0] or refine or analysed)

    def batch(images, masks):
        if not whole or max(images.shape[1:3]) > TILE:
            pairs = zip(images, masks, strict=True)
            return np.stack([fill(image, mask) for image, mask in pairs])
        return _fill_together(paint_batch, images, masks, multiple(network))

    fill.batch = batch
    return fill


def _fill_together(paint, images, masks, multiple):
    """Fills pictures of one size, padded by reflection as a single one is."""
    height, width = images.shape[1:3]
    filled = images.copy()
    together = max(1, GRAPH // (height * width))
    for start in range(0, len(images), together):
        part = slice(start, start + together)
        painted = paint(
            tiles.reflected(images[part], multiple),
            tiles.reflected(masks[part], multiple),
        )
        painted = painted[:, :height, :width]
        filled[part] = np.where(masks[part], images[part], painted)
    return filled


def load(path, for_export=False):
    """Builds the network of a file of weights, and loads them.

    Args:
        path: as in `method`.
        for_export: bool, whether it is made of what exported formats know:
            Fourier transforms by matrix products.

    Returns:
        A pair: string, which network it is, and a `keras.Model`.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it does not hold the weights of a network.
    """
    path = weights.path_of(path)
    name = weights.network_of(path)
    if name not in presets() | published():
        raise ValueError(
            f"{path} must be the weights of a network that fills. Received: "
            f"those of {name!r}."
        )
    options = {"matrix": True} if name.startswith("lama") else {}
    network = build(name, **options if for_export else {})
    weights.load(network, path)
    return name, network


def multiple(network):
    """What height and width must be multiples of: 2 for each halving."""
    if network.name == "structure_texture":
        from kerasinpaint.structure_texture import MULTIPLE

        return MULTIPLE
    if network.name.startswith("lama"):
        from kerasinpaint.models.lama import LEVELS

        return 2 ** (LEVELS + 1)  # Of one pixel nothing can be reflected.
    # Each level of an encoder is in the names of its layers.
    names = " ".join(layer.name for layer in network.layers)
    levels = re.findall(r"encoder_(\d+)", names)
    return 2 ** max(int(level) for level in levels)
