"""LaMa in large pictures: first small, then finer as the small one says."""

import keras
import numpy as np
from keras import ops

from kerasinpaint.models.lama import LEVELS

# Of a picture that is filled as it is. LaMa is trained on crops of 256 px:
# of a hole in a picture twice as large it makes repeats.
LEAST = 256
STEPS, RATE = 15, 2e-3
SCALES = 3  # at most
MULTIPLE = 2 ** (LEVELS + SCALES - 1)  # what sides must be multiples of


def refined(network, image, mask, least=LEAST):
    """Fills a picture at sizes that double, each guided by the one before.

    The smallest picture is filled as ever. In the others the features
    behind the encoder are changed by gradient descent until the fill, made
    half as large, is that of the smaller picture: structure comes from
    where the network sees it, detail from where there is any.

    Unlike the paper, pictures are halved by averages of what is known.

    Args:
        network: `keras.Model`, as `build_lama` returns.
        image: float32 array of shape `(height, width, 3)` in [0, 1].
        mask: array of shape `(height, width, 1)`. 1 is known, 0 is a hole.
        least: int, in pixels: a picture whose shorter side has not twice as
            many is not made smaller.

    Returns:
        float32 array of the shape of `image`; known pixels as they were.

    Raises:
        ValueError: if height or width is no multiple of 32.

    Reference:

    - [Kulshreshtha et al., 2022](https://arxiv.org/abs/2206.13644)
    """
    if any(side % MULTIPLE for side in image.shape[:2]):
        raise ValueError(
            f"`image` must be of multiples of {MULTIPLE} in height and "
            f"width. Received: {image.shape}."
        )
    doublings = int(min(image.shape[:2]) // least).bit_length() - 1
    known = np.asarray(mask, np.float32)[None]
    levels = [(np.where(known, np.asarray(image)[None], 0.0), known)]
    for _ in range(min(doublings, SCALES - 1)):
        levels.append(_halved(*levels[-1]))
    images, masks = levels.pop()
    painted = network({"images": images, "masks": masks}, training=False)
    filled = _composite(images, painted, masks)
    for images, masks in reversed(levels):
        filled = _guided(network, images, masks, filled)
    return ops.convert_to_numpy(filled)[0]


class _Guided(keras.Model):
    """The second half of a LaMa, with its features as what is trained."""

    def __init__(self, second, features):
        super().__init__(name="guided")
        # In a function, for the network's own weights stay as they are.
        self.paint = lambda inputs: second(inputs, training=False)
        self.features = [
            self.add_weight(shape=value.shape, name=f"features_{number}")
            for number, value in enumerate(features)
        ]
        for variable, value in zip(self.features, features, strict=True):
            variable.assign(value)

    def call(self, inputs):
        images, masks = inputs["images"], inputs["masks"]
        features = [ops.convert_to_tensor(value) for value in self.features]
        return _composite(images, self.paint([images, masks, *features]), masks)

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        off = ops.abs(_pooled(y_pred) - y)
        holes = 1 - ops.floor(_pooled(x["masks"]))
        return ops.sum(holes * off) / ops.maximum(ops.sum(holes), 1.0)


def _guided(network, images, masks, wanted):
    """A fill whose half is as near to `wanted` as its features allow."""
    inputs = {"images": images, "masks": masks}
    name = f"model.{LEVELS + 1}.relu_"
    features = [network.get_layer(name + branch).output for branch in "lg"]
    first = keras.Model(network.input, features)
    second = keras.Model([*network.input.values(), *features], network.output)
    model = _Guided(second, first(inputs, training=False))
    model.compile(keras.optimizers.Adam(RATE))
    for _ in range(STEPS):
        model.train_on_batch(inputs, wanted)
    return model(inputs)


def _halved(images, masks):
    """Means of what is known; what touches a hole is one."""
    share = _pooled(masks)
    means = _pooled(images) / ops.maximum(share, 0.25)
    whole = ops.floor(share)
    return tuple(ops.convert_to_numpy(x) for x in (means * whole, whole))


def _pooled(pictures):
    return ops.average_pool(pictures, 2, 2, data_format="channels_last")


def _composite(images, painted, masks):
    return masks * images + (1 - masks) * painted
