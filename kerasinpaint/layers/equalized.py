"""Layers of StyleGAN2: weights of one size, scaled when they are used."""

import math

import keras
from keras import layers, ops

SLOPE = 0.2
ACTIVATIONS = "linear", "leaky_relu"


@keras.saving.register_keras_serializable(package="kerasinpaint")
class EqualizedDense(layers.Layer):
    """Dense layer with equalized learning rate.

    The kernel begins as standard normal and is divided by the root of the
    number of inputs when it is used. So Adam moves every layer alike.

    Args:
        units: int.
        activation: string, `"linear"`, or `"leaky_relu"` of slope .2 times
            the root of 2, which keeps the variance.
        rate: float, by which kernel and bias are multiplied further.
        bias: float, what the bias begins with.

    Call arguments:
        inputs: tensor of shape `(..., channels)`.

    Returns:
        Tensor of shape `(..., units)`.

    Example:

    >>> tuple(EqualizedDense(3)(np.ones((2, 4), "float32")).shape)
    (2, 3)

    Reference:

    - [Karras et al., 2018](https://arxiv.org/abs/1710.10196)
    """

    def __init__(
        self, units, activation="linear", rate=1.0, bias=0.0, **kwargs
    ):
        super().__init__(**kwargs)
        self.units = units
        self.activation = _checked(activation)
        self.rate = rate
        self.bias_start = bias

    def build(self, shape):
        normal = keras.initializers.RandomNormal(stddev=1 / self.rate)
        start = keras.initializers.Constant(self.bias_start / self.rate)
        self.kernel = self.add_weight(
            (shape[-1], self.units), normal, name="kernel"
        )
        self.bias = self.add_weight((self.units,), start, name="bias")

    def call(self, inputs):
        kernel = scaled(self.kernel) * self.rate
        outputs = ops.matmul(inputs, kernel) + self.bias * self.rate
        return activate(outputs, self.activation)

    def get_config(self):
        return super().get_config() | {
            "units": self.units,
            "activation": self.activation,
            "rate": self.rate,
            "bias": self.bias_start,
        }


@keras.saving.register_keras_serializable(package="kerasinpaint")
class EqualizedConv2D(layers.Layer):
    """Convolution with equalized learning rate, zeros beyond the edge.

    Args:
        filters: int.
        kernel_size: odd int.
        resize: string, `"same"`, or `"half"` or `"double"` for height and
            width of the outputs, smoothed by a binomial filter of 4 x 4.
        activation: string, as in `EqualizedDense`.

    Call arguments:
        inputs: tensor of shape `(batch, height, width, channels)`.

    Returns:
        Tensor of shape `(batch, new_height, new_width, filters)`.

    Example:

    >>> images = np.ones((1, 8, 8, 3), "float32")
    >>> tuple(EqualizedConv2D(4, 3, resize="half")(images).shape)
    (1, 4, 4, 4)

    Reference:

    - [Karras et al., 2020](https://arxiv.org/abs/1912.04958)
    """

    def __init__(
        self, filters, kernel_size, resize="same", activation="linear", **kwargs
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.resize = resize
        self.activation = _checked(activation)

    def build(self, shape):
        self.kernel = self.add_weight(
            (self.kernel_size, self.kernel_size, shape[-1], self.filters),
            keras.initializers.RandomNormal(stddev=1.0),
            name="kernel",
        )
        self.bias = self.add_weight((self.filters,), "zeros", name="bias")

    def call(self, inputs):
        x = convolve(inputs, scaled(self.kernel), self.resize)
        return activate(x + self.bias, self.activation)

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "resize": self.resize,
            "activation": self.activation,
        }


def scaled(kernel):
    """A kernel divided by the root of how many inputs make an output."""
    return kernel / math.sqrt(math.prod(kernel.shape[:-1]))


def activate(x, activation):
    """Nothing, or a leaky ReLU that keeps the variance."""
    if activation == "linear":
        return x
    return math.sqrt(2) * ops.leaky_relu(x, SLOPE)


def convolve(images, kernel, resize):
    """Convolution to the same, half or double height and width.

    Args:
        images: tensor of shape `(batch, height, width, channels)`.
        kernel: tensor of shape `(size, size, channels, filters)`, odd.
        resize: string, `"same"`, `"half"` or `"double"`.
    """
    if resize == "half":
        return ops.conv(smooth(images, 2), kernel, 2, "valid")
    if resize == "double":
        # A transposed convolution turns its kernel round.
        turned = ops.transpose(kernel[::-1, ::-1], (0, 1, 3, 2))
        return 4 * smooth(ops.conv_transpose(images, turned, 2, "valid"), 1)
    return ops.conv(images, kernel, 1, "same")


def smooth(images, margin, times=3):
    """A binomial filter: repeated means of 2 x 2 px, after a margin of zeros.

    Args:
        images: tensor of shape `(batch, height, width, channels)`.
        margin: int, pixels of zeros on each side.
        times: int, means; each takes a pixel off height and width.
    """
    edges = (0, 0), (margin, margin), (margin, margin), (0, 0)
    x = ops.pad(images, edges)
    for _ in range(times):
        x = ops.average_pool(x, 2, 1, "valid")
    return x


def _checked(activation):
    if activation not in ACTIVATIONS:
        raise ValueError(
            f"`activation` must be one of {', '.join(ACTIVATIONS)}. "
            f"Received: {activation!r}."
        )
    return activation
