"""LPIPS: how far apart two pictures are to the eyes of a network."""

import functools
from importlib import resources

import keras
import numpy as np
from keras import ops

from kerasinpaint.metrics.picture_metric import (
    PictureMetric,
    float32_pictures,
)

# Mean and deviation of the colours that the networks were trained with.
MEAN = np.float32((0.485, 0.456, 0.406))
DEVIATION = np.float32((0.229, 0.224, 0.225))
# Places of AlexNet's convolutions in torchvision's list of its layers.
CONVOLUTIONS = (0, 3, 6, 8, 10)
SMALLEST = 32


def lpips(y_true, y_pred, trunk, heads):
    """Learned perceptual distance of each picture, as published.

    Each of five layers of AlexNet turns a picture into a vector of length 1
    at every place. The squared differences of these vectors, weighted by
    channel, are averaged over places and summed over layers.

    Args:
        y_true: tensor of shape `(batch, height, width, 3)` in [0, 1], at
            least 32 pixels high and wide.
        y_pred: tensor of the same shape.
        trunk: dict of arrays, AlexNet as torchvision publishes it
            (`alexnet-owt-7be5be79.pth`); `checkpoints.read_torch` reads it.
        heads: dict of arrays, the weights of channels that the authors
            publish (`lpips/weights/v0.1/alex.pth`).

    Returns:
        Tensor of shape `(batch,)`. Identical pictures give 0.

    Raises:
        ValueError: if pictures are too small, or an array is missing.

    Reference:

    - [Zhang et al., 2018](https://arxiv.org/abs/1801.03924)
    """
    return _distance(y_true, y_pred, trunk, heads, shift_tolerant=False)


def stlpips(y_true, y_pred):
    """Shift-tolerant LPIPS of each picture. It works with no download.

    The same distance with another AlexNet, which blurs before it skips
    pixels, so that a shift by one of them, which nobody sees, counts
    little. Not to be compared with numbers of `lpips`.

    Args:
        y_true: tensor of shape `(batch, height, width, 3)` in [0, 1], at
            least 32 pixels high and wide.
        y_pred: tensor of the same shape.

    Returns:
        Tensor of shape `(batch,)`. Identical pictures give 0.

    Raises:
        ValueError: if pictures are too small.

    Reference:

    - [Ghildyal and Liu, 2022](https://arxiv.org/abs/2207.13686)
    - [Zhang, 2019](https://arxiv.org/abs/1904.11486), on the blur
    """
    arrays = _shift_tolerant_arrays()
    return _distance(y_true, y_pred, arrays, arrays, shift_tolerant=True)


@functools.cache
def _shift_tolerant_arrays():
    """Shipped weights, of the names and shapes of the published ones."""
    path = resources.files("kerasinpaint") / "weights" / "stlpips_alex.npz"
    with path.open("rb") as file, np.load(file) as arrays:
        return {name: arrays[name].astype("float32") for name in arrays}


def _distance(y_true, y_pred, trunk, heads, shift_tolerant):
    y_true, y_pred = float32_pictures(y_true, y_pred)
    if min(size or SMALLEST for size in y_true.shape[1:3]) < SMALLEST:
        raise ValueError(
            f"LPIPS needs pictures of {SMALLEST} pixels or more in height "
            f"and width. Received: shape {tuple(y_true.shape)}."
        )
    total = 0.0
    both = ops.concatenate([y_true, y_pred])
    features = _features(both, trunk, shift_tolerant)
    for index, vectors in enumerate(features):
        one, two = ops.split(vectors, 2)
        head = _array(heads, f"lin{index}.model.1.weight").reshape(-1)
        difference = ops.mean(ops.square(one - two), axis=(1, 2))
        total = total + ops.sum(ops.multiply(difference, head), axis=-1)
    return total


def _features(x, trunk, shift_tolerant):
    """Unit vectors of channels after each of AlexNet's convolutions.

    Weights are constants here, not variables of a `keras.Model`: a metric
    may be called for the first time while a training step is compiled.
    """
    # Operators would let NumPy take over a tensor of PyTorch's.
    x = ops.divide(ops.subtract(x, MEAN), DEVIATION)
    for index, place in enumerate(CONVOLUTIONS):
        if index in (1, 2):
            step = 1 if shift_tolerant else 2
            x = ops.max_pool(x, 3, step, "valid", "channels_last")
            x = _blur(x) if shift_tolerant else x
        kernel = _array(trunk, f"features.{place}.weight")
        kernel = kernel.transpose(2, 3, 1, 0)
        step = 4 if index == 0 and not shift_tolerant else 1
        around = (2, 2) if index < 2 else (1, 1)
        x = ops.pad(x, ((0, 0), around, around, (0, 0)))
        x = ops.conv(x, kernel, step, "valid", "channels_last")
        x = ops.add(x, _array(trunk, f"features.{place}.bias"))
        x = _blur(x) if index == 0 and shift_tolerant else x
        x = ops.relu(x)
        length = ops.sum(ops.square(x), axis=-1, keepdims=True)
        # Inside the root, where it keeps gradients of black finite.
        yield x / ops.sqrt(length + 1e-20)


def _blur(x):
    """Every second pixel, after a blur by 1-2-1 in height and width."""
    x = ops.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)), "reflect")
    binomial = np.outer((1, 2, 1), (1, 2, 1)).astype("float32") / 16
    kernel = np.tile(binomial[..., None, None], (1, 1, x.shape[-1], 1))
    return ops.depthwise_conv(x, kernel, 2, "valid", "channels_last")


def _array(arrays, name):
    if name not in arrays:
        raise ValueError(
            f"LPIPS needs the array {name!r} of AlexNet or its heads. "
            f"Received: {', '.join(list(arrays)[:6])}..."
        )
    return arrays[name]


@keras.saving.register_keras_serializable(package="kerasinpaint")
class LPIPS(PictureMetric):
    """Mean over pictures of `lpips`. Lower is better.

    A model that was compiled with it is to be loaded with `compile=False`:
    its weights are not saved with the model.

    Args:
        trunk: dict of arrays, see `lpips`.
        heads: dict of arrays, see `lpips`.
        name: string.
        dtype: string, float32 whatever the policy.
    """

    _direction = "down"

    def __init__(self, trunk, heads, name="lpips", dtype="float32"):
        self.function = functools.partial(lpips, trunk=trunk, heads=heads)
        super().__init__(name=name, dtype=dtype)


@keras.saving.register_keras_serializable(package="kerasinpaint")
class STLPIPS(PictureMetric):
    """Mean over pictures of `stlpips`. Lower is better."""

    function = staticmethod(stlpips)
    _direction = "down"
