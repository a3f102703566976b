"""Ways to fill a hole, by name: `method(image, mask) -> image`.

Every method takes a float32 image of shape `(height, width, 3)` in [0, 1]
and a mask of shape `(height, width, 1)`, 1 = known, of any height and width,
and returns known pixels bit for bit. To add one, add an entry to `METHODS`;
`get` hands it out with what is wrong with a picture or a mask told alike.
"""

import functools

import cv2
import numpy as np

from kerasinpaint import networks
from kerasinpaint.fmm import fast_marching_inpaint


def fmm(image, mask):
    """Fast marching (Telea 2004), from the rim inwards, without its bugs."""
    return fast_marching_inpaint(image, mask)


def telea(image, mask):
    """OpenCV's fast marching, radius 5; it works in 8 bits."""
    return _opencv(image, mask, cv2.INPAINT_TELEA)


def navier_stokes(image, mask):
    """OpenCV's fluid dynamics (Bertalmio 2001), radius 5, in 8 bits."""
    return _opencv(image, mask, cv2.INPAINT_NS)


def biharmonic(image, mask):
    """scikit-image's smoothest surface through the rim; slow when large."""
    from skimage.restoration import inpaint_biharmonic

    hole = mask[..., 0] == 0
    # Regions apart from each other are solved apart: less memory, same sums.
    filled = inpaint_biharmonic(
        np.where(mask, image, 0),
        hole,
        split_into_regions=True,
        channel_axis=-1,
    )
    return np.where(mask, image, np.clip(filled, 0, 1)).astype(image.dtype)


def pyramid(image, mask):
    """Averages of what is known, the coarser the deeper inside; smooth."""
    return pyramid_fills(image[None], mask[None])[0]


def pyramid_fills(images, masks):
    """`pyramid` of pictures of one size, all at once.

    Args:
        images: float array of shape `(batch, height, width, 3)` in [0, 1].
        masks: array of shape `(batch, height, width, 1)`, 1 = known.

    Returns:
        An array like `images`, known pixels bit for bit.
    """
    import keras

    from kerasinpaint.layers import PyramidFill

    fill = PyramidFill(levels=max(masks.shape[1:]).bit_length())
    known = np.where(masks, images, 0).astype(np.float32)
    filled = fill(known, masks.astype(np.float32))
    filled = keras.ops.convert_to_numpy(filled)
    return np.where(masks, images, np.clip(filled, 0, 1)).astype(images.dtype)


def _opencv(image, mask, flag):
    known = np.where(mask, image, 0)  # OpenCV reads a little of the hole
    levels = np.rint(np.clip(known, 0, 1) * 255).astype(np.uint8)
    hole = (mask[..., 0] == 0).astype(np.uint8)
    filled = cv2.inpaint(levels, hole, 5, flag) / np.float32(255)
    return np.where(mask, image, filled)


def _network(name, told):
    """The method of shipped weights, which are loaded when it is called."""

    def method(image, mask):
        return networks.method(name)(image, mask)

    def batch(images, masks):
        return networks.method(name).batch(images, masks)

    method.__name__, method.__doc__, method.batch = name, told, batch
    return method


METHODS = {
    "fmm": fmm,
    "telea": telea,
    "navier_stokes": navier_stokes,
    "biharmonic": biharmonic,
    "pyramid": pyramid,
    "pconv": _network(
        "pconv", "A U-Net of partial convolutions, trained on photographs."
    ),
    "autoencoder_skip": _network(
        "autoencoder_skip",
        "An autoencoder with skip connections, trained on photographs.",
    ),
    "gan": _network(
        "gan", "The same, trained on against a critic: texture, not fog."
    ),
    "lama": _network(
        "lama", "A small LaMa: Fourier convolutions, trained against a critic."
    ),
    "structure_texture": _network(
        "structure_texture",
        "Structure, then texture on it, told of edges, objects and scene.",
    ),
}
# Not for photographs: they know small pictures only.
SMALL = {
    "pconv_cifar10": _network(
        "pconv_cifar10",
        "A U-Net for pictures of 32 px and thin lines, trained on CIFAR-10.",
    )
}


def names():
    """Names of all methods for photographs."""
    return list(METHODS)


def get(name, refine=False):
    """The method called `name`.

    Args:
        name: string, one of `names()` or of `SMALL`, or the path of weights
            that `kerasinpaint train` has written, ending in `.npz`.
        refine: bool, whether a LaMa fills large pictures at several sizes,
            each guided by the one before.

    Returns:
        A function of an image and a mask. It raises a `ValueError` if they
        are not of the shapes above and of one size, or nothing is known;
        of a picture without a hole it returns a copy.

    Raises:
        ValueError: if there is no such method, what is at the path is no
            weights, or it is to be refined and no LaMa.
        FileNotFoundError: if there is nothing at the path.

    Example:

    >>> image = np.full((8, 8, 3), 0.5, np.float32)
    >>> mask = np.ones((8, 8, 1), np.uint8); mask[3:5, 3:5] = 0
    >>> get("fmm")(image, mask)[3, 3].tolist()
    [0.5, 0.5, 0.5]
    """
    if name.endswith(".npz") or (refine and name in networks.presets()):
        return _checked(networks.method(name, refine))
    known = METHODS | SMALL
    if name not in known:
        raise ValueError(
            f"`name` must be one of {', '.join(known)}. Received: {name!r}."
        )
    if refine:
        raise ValueError(
            "What is refined must be `lama`, or weights of such a network. "
            f"Received: {name!r}."
        )
    return _checked(known[name])


def fill_batch(method, images, masks):
    """Fills pictures of one size, by networks all at once.

    Args:
        method: a method that `get` has returned, or any other.
        images: float32 array of shape `(batch, height, width, 3)`.
        masks: array of shape `(batch, height, width, 1)`, 1 = known.

    Returns:
        An array like `images`, known pixels bit for bit.

    Raises:
        ValueError: if they do not fit, or nothing is known of a picture.

    Example:

    >>> images = np.full((2, 8, 8, 3), 0.5, np.float32)
    >>> masks = np.ones((2, 8, 8, 1), np.uint8); masks[:, 3:5, 3:5] = 0
    >>> fill_batch(get("fmm"), images * masks, masks)[:, 3, 3, 0].tolist()
    [0.5, 0.5]
    """
    for image, mask in zip(images, masks, strict=True):
        check(image, mask)
    if hasattr(method, "batch") and len(images):
        return method.batch(images, masks)
    filled = [method(*pair) for pair in zip(images, masks, strict=True)]
    return np.stack(filled) if filled else images.copy()


def _checked(method):
    @functools.wraps(method)
    def checked(image, mask):
        check(image, mask)
        return method(image, mask) if (mask == 0).any() else image.copy()

    return checked


def check_picture(picture, name):
    """Raises a `ValueError` if it is not a picture.

    Args:
        picture: array.
        name: string, the argument that it is.
    """
    if picture.ndim != 3 or picture.shape[-1] != 3:
        raise ValueError(
            f"`{name}` must be of shape (height, width, 3). "
            f"Received: {picture.shape}."
        )
    if not np.issubdtype(picture.dtype, np.floating):
        raise ValueError(
            f"`{name}` must be of floats in [0, 1]. Received: {picture.dtype}."
        )


def check(image, mask):
    """Raises a `ValueError` if they are not a picture and a mask for it.

    Args:
        image: array, a picture.
        mask: array, 1 = known.
    """
    check_picture(image, "image")
    if mask.shape != (*image.shape[:2], 1):
        raise ValueError(
            "`mask` must be of shape (height, width, 1) and of the size of "
            f"`image`. Received: image {image.shape}, mask {mask.shape}."
        )
    if mask.max() > 1:
        raise ValueError(
            "`mask` must be 1 where the picture is known and 0 in holes. "
            f"Received: values up to {mask.max()}."
        )
    if not mask.any():
        raise ValueError(
            "`mask` must have a known pixel (1) to fill from. "
            f"Received: {mask.size} pixels, all of them hole (0)."
        )
