"""A convolution that computes as if it were of 8-bit integers."""

import math

import keras
from keras import ops

# LiteRT's: -128 is left out of weights, so that they are symmetric.
WEIGHT_STEPS, INPUT_STEPS = 127, 255


@keras.saving.register_keras_serializable(package="kerasinpaint")
class FakeQuantized(keras.layers.Wrapper):
    """A convolution with inputs and kernel rounded to what INT8 can hold.

    The kernel has a scale for each filter, from -127 to 127 times it; the
    inputs share one, 256 steps from `low` to `high`, of which one is exactly
    0. The sums stay in floats, as INT8 keeps them in 32 bits. What is
    rounded passes its gradient on as if it had not been, and inputs beyond
    the range pass none: so a network learns to live with INT8.

    Weights are those of the wrapped layer and can go back into it.

    Args:
        layer: a convolution, not depthwise: `keras.layers.Conv2D` or
            `Conv2DTranspose`, or one of ours that is made of them.
        low: float, at most 0: the smallest input when it was calibrated.
        high: float, above `low` and at least 0: the largest one.
        **kwargs: of `keras.layers.Layer`.

    Call arguments:
        *inputs: what `layer` takes. Those after the first, such as masks,
            are left as they are.

    Returns:
        What `layer` returns.

    Raises:
        ValueError: if the range does not hold 0, is empty or has no end; when
            it is called, if `layer` is no such convolution.

    Example:

    >>> inputs = np.full((1, 4, 4, 3), 0.5002, "float32")
    >>> layer = keras.layers.Conv2D(1, 1, kernel_initializer="ones")
    >>> outputs = FakeQuantized(layer, low=0.0, high=2.55)(inputs)
    >>> f"{float(outputs[0, 0, 0, 0]):.4f}"
    '1.5000'

    Reference:

    - [Jacob et al., 2018](https://arxiv.org/abs/1712.05877)
    """

    def __init__(self, layer, low=-1.0, high=1.0, **kwargs):
        super().__init__(layer, **{"dtype": layer.dtype_policy} | kwargs)
        if not -math.inf < low <= 0 <= high < math.inf or low == high:
            raise ValueError(
                "`low` and `high` must be a finite range that 0 is in. "
                f"Received: low={low}, high={high}."
            )
        self.low = low
        self.high = high

    def call(self, inputs, *others):
        kernels = [v for v in self.layer.variables if v.name == "kernel"]
        depthwise = isinstance(self.layer, keras.layers.DepthwiseConv2D)
        if not kernels or depthwise or any(k.ndim != 4 for k in kernels):
            raise ValueError(
                "`layer` must be a convolution of pictures, not depthwise. "
                f"Received: {type(self.layer).__name__}."
            )
        # A frozen layer has its kernel among the others.
        weights, frozen = (
            [self._with_rounded_kernel(variable) for variable in variables]
            for variables in (
                self.layer.trainable_variables,
                self.layer.non_trainable_variables,
            )
        )
        inputs = keras.tree.map_structure(self._rounded, inputs)
        # What its state would become is not kept: convolutions have none.
        outputs, _ = self.layer.stateless_call(weights, frozen, inputs, *others)
        return outputs

    def compute_output_spec(self, inputs, *others):
        return self.layer.compute_output_spec(inputs, *others)

    def get_config(self):
        own = {"low": self.low, "high": self.high}
        return super().get_config() | own

    @classmethod
    def from_config(cls, config):
        return super().from_config(dict(config))  # which takes parts out

    def _with_rounded_kernel(self, variable):
        if variable.name != "kernel":
            return variable
        return rounded_kernel(variable, _filters_axis(self.layer))

    def _rounded(self, inputs):
        return rounded_inputs(inputs, self.low, self.high)


def rounded_kernel(kernel, axis=-1):
    """A kernel in steps of a 127th of its largest weight, for each filter.

    Args:
        kernel: tensor.
        axis: int, that of the filters.

    Returns:
        float32 tensor of the same shape. Its gradient is that of `kernel`.
    """
    kernel = ops.cast(kernel, "float32")
    others = [a for a in range(4) if a != axis % 4]
    largest = ops.max(ops.abs(kernel), axis=others, keepdims=True)
    scale = ops.stop_gradient(largest) / WEIGHT_STEPS
    scale = ops.where(scale > 0, scale, 1.0)
    return _straight_through(kernel, ops.round(kernel / scale) * scale)


def rounded_inputs(inputs, low, high):
    """Inputs in 256 steps from `low` to `high`, one of them exactly 0.

    Args:
        inputs: tensor of floats.
        low: float, at most 0.
        high: float, at least 0.

    Returns:
        Tensor of the shape and type of `inputs`. Its gradient is theirs, and
        0 where they are out of the range.
    """
    exact = ops.cast(inputs, "float32")
    scale = (high - low) / INPUT_STEPS
    zero = round(-low / scale)
    steps = ops.clip(exact / scale, -zero, INPUT_STEPS - zero)
    steps = _straight_through(steps, ops.round(steps))
    return ops.cast(steps * scale, inputs.dtype)


def _straight_through(x, rounded):
    """The value of the second, the gradient of the first."""
    return x + ops.stop_gradient(rounded - x)


def _filters_axis(layer):
    """A transposed convolution has its filters before its channels."""
    transposed = isinstance(layer, keras.layers.Conv2DTranspose)
    return -2 if transposed else -1
