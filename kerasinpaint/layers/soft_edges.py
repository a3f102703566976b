"""An edge detector with a slope everywhere, for use in a network."""

import keras
import numpy as np
from keras import layers, ops

SMOOTH = np.outer([1, 2, 1], [1, 2, 1]) / 16
ACROSS = np.outer([1, 2, 1], [1, 0, -1]) / 4
WEIGHTS = 0.299, 0.587, 0.114  # of red, green and blue in grey


@keras.saving.register_keras_serializable(package="kerasinpaint")
class SoftEdges(layers.Layer):
    """Canny's first steps, softly: smooth, Sobel, threshold.

        edges = sigmoid((|gradient| - threshold) / softness)

    of the picture in grey. Borders are continued by their last pixels, or
    they would be edges.

    Args:
        threshold: float, by how much the neighbours of an edge on both
            sides differ, of 1 from black to white.
        softness: float, by how much more an edge is 0.73 in place of 0.5.

    Call arguments:
        images: tensor of shape `(batch, height, width, 3)` in [0, 1].

    Returns:
        Tensor of shape `(batch, height, width, 1)` in [0, 1].

    Example:

    >>> images = np.ones((1, 8, 8, 3), "float32")
    >>> images[:, :, :4] = 0
    >>> edges = SoftEdges()(images)[0, 4, :, 0]
    >>> [round(float(edge), 1) for edge in edges]
    [0.0, 0.0, 0.9, 1.0, 1.0, 0.9, 0.0, 0.0]

    Reference:

    - [Canny, 1986](https://doi.org/10.1109/TPAMI.1986.4767851)
    """

    def __init__(self, threshold=0.15, softness=0.05, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.threshold = threshold
        self.softness = softness

    def call(self, images):
        images = ops.cast(images, "float32")
        grey = ops.sum(images * np.array(WEIGHTS, "float32"), -1, keepdims=True)
        grey = _filtered(grey, SMOOTH[..., None])
        slopes = _filtered(grey, np.stack([ACROSS, ACROSS.T], -1))
        # The root has no slope at 0.
        square = ops.sum(ops.square(slopes), -1, keepdims=True)
        slope = ops.sqrt(square + 1e-6)
        edges = ops.sigmoid((slope - self.threshold) / self.softness)
        return ops.cast(edges, self.compute_dtype)

    def compute_output_shape(self, shape):
        return (*shape[:-1], 1)

    def get_config(self):
        return super().get_config() | {
            "threshold": self.threshold,
            "softness": self.softness,
        }


def _filtered(images, kernels):
    """Each of the kernels over pictures of one channel."""
    images = ops.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)], "symmetric")
    kernels = ops.convert_to_tensor(kernels[:, :, None].astype("float32"))
    return ops.conv(images, kernels, data_format="channels_last")
