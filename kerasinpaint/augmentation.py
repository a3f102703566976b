"""Photographs varied with imgaug, so that a network sees more than there are.

An augmentation is called as `augmentation(picture, rng)`. `Batches` calls it
on each crop before it cuts holes: what is known in the input is then known
to be right, whatever was done to the picture.
"""

import numpy as np


def geometric(picture, rng):
    """Turns, shears and enlarges a picture a little.

    What comes in from outside mirrors the picture.

    Args:
        picture: float32 array of shape `(height, width, 3)` in [0, 1].
        rng: a `np.random.Generator`.

    Returns:
        A new array of the same shape, dtype and range.
    """
    import imgaug.augmenters as iaa

    turned = iaa.Affine(
        scale=(1.0, 1.2),
        rotate=(-10, 10),
        shear=(-8, 8),
        mode="reflect",
        seed=_seed(rng),
    )
    return turned(image=np.ascontiguousarray(picture))


def color(picture, rng):
    """Turns hue, takes away saturation, and varies gamma, all a little.

    Args:
        picture: float32 array of shape `(height, width, 3)` in [0, 1].
        rng: a `np.random.Generator`.

    Returns:
        A new array of the same shape, dtype and range, rounded to 8 bits:
        imgaug knows hue and saturation of uint8 only.

    Raises:
        ValueError: if the picture is not of float32.
    """
    if picture.dtype != np.float32:
        raise ValueError(
            "`picture` must be of float32 in [0, 1]. "
            f"Received: {picture.dtype}."
        )
    import imgaug.augmenters as iaa

    # `AddToSaturation` would make a white sky pink; `MultiplySaturation` has
    # augmenters inside that draw from the global state.
    pipeline = iaa.Sequential(
        [
            iaa.AddToHue((-10, 10), seed=_seed(rng)),
            iaa.Grayscale((0.0, 0.4), seed=_seed(rng)),
            iaa.GammaContrast((0.8, 1.25), seed=_seed(rng)),
        ],
        seed=_seed(rng),
    )
    pixels = (picture * 255).round().astype(np.uint8)
    return pipeline(image=pixels).astype(np.float32) / 255


def both(picture, rng):
    """`geometric`, then `color`.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> picture = rng.random((32, 32, 3), np.float32)
    >>> varied = both(picture, rng)
    >>> varied.shape, varied.dtype, bool((varied == picture).all())
    ((32, 32, 3), dtype('float32'), False)
    """
    return color(geometric(picture, rng), rng)


def _seed(rng):
    """For one augmenter: without a seed it draws from a global state.

    Threads share that, and would share an augmenter too. So each call
    builds its own, which takes a fraction of a millisecond.
    """
    return int(rng.integers(2**31))
