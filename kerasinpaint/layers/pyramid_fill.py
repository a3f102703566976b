"""Holes filled by averages of known pixels, at the finest scale that has any."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerasinpaint")
class PyramidFill(keras.layers.Layer):
    """Fills holes smoothly, without weights to learn: push and pull.

    On the way down each level averages the known pixels of 2 x 2, as a
    partial convolution with a constant kernel does. On the way up each
    level fills its holes with the smoothed level below. A network that
    starts from here needs to learn only what an average does not know.

    Args:
        levels: int, how often the picture is halved. A hole wider than
            about 2 to that power stays black in its middle.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.
        masks: tensor of shape `(batch, height, width, 1)`. 1 is known, 0
            is a hole.

    Returns:
        float32 tensor of the shape of `images`. Known pixels are returned
        as they are.

    Example:

    >>> images = np.full((1, 8, 8, 3), 0.5, "float32")
    >>> masks = np.ones((1, 8, 8, 1), "float32"); masks[:, 2:7, 2:7] = 0
    >>> filled = PyramidFill(levels=3)(images * masks, masks)
    >>> bool(ops.all(ops.abs(filled - 0.5) < 1e-6))
    True

    Reference:

    - [Gortler et al., 1996](https://doi.org/10.1145/237170.237200), section
      3.4: the pull-push algorithm
    - [Knutsson and Westin, 1993](https://doi.org/10.1109/CVPR.1993.341081):
      normalised convolution
    """

    def __init__(self, levels, **kwargs):
        super().__init__(**kwargs)
        self.levels = levels

    def call(self, images, masks):
        masks = ops.cast(masks, "float32")
        return _fill(ops.cast(images, "float32"), masks, self.levels)

    def compute_output_spec(self, images, masks):
        return keras.KerasTensor(images.shape, "float32")

    def get_config(self):
        return {**super().get_config(), "levels": self.levels}


def _fill(images, masks, levels):
    if levels == 0:
        return images * masks
    sums = ops.average_pool(images * masks, 2, 2, "same")
    shares = ops.average_pool(masks, 2, 2, "same")
    known = ops.cast(shares > 0, "float32")
    means = sums / ops.where(shares > 0, shares, 1.0)
    below = _double(_fill(means, known, levels - 1))
    height, width = ops.shape(images)[1:3]
    return ops.where(masks > 0, images, below[:, :height, :width])


def _double(images):
    """Twice as high and wide, each pixel blurred into its neighbours."""
    images = ops.repeat(ops.repeat(images, 2, axis=1), 2, axis=2)
    padded = ops.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), "symmetric")
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    return (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 16
