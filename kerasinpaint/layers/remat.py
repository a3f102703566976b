"""Gradient checkpointing: less memory, for computing some things twice."""

import inspect

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerasinpaint")
class Remat(keras.layers.Wrapper):
    """A layer or block that forgets all but its inputs until the way back.

    What it computes in between is not kept for the gradient, but computed a
    second time. Outputs, gradients and state, as of dropout or batch
    normalization, are those of the layer itself. It pays for what makes much
    of little: a gated convolution, or a `keras.Sequential` of several
    layers.

    Args:
        layer: a layer, or a `keras.Model` that is one of a larger model.
        **kwargs: of `keras.layers.Layer`.

    Call arguments:
        inputs: tensor, what `layer` takes.
        training: bool, whether `layer` is trained.

    Returns:
        What `layer` returns.

    Example:

    >>> inputs = np.ones((1, 8, 8, 3), "float32")
    >>> block = Remat(keras.layers.Conv2D(4, 3, activation="elu"))
    >>> tuple(block(inputs).shape)
    (1, 6, 6, 4)

    Reference:

    - [Chen et al., 2016](https://arxiv.org/abs/1604.06174)
    """

    def __init__(self, layer, **kwargs):
        # Each layer inside casts as its own policy says.
        super().__init__(layer, autocast=False, **kwargs)

    def call(self, inputs, training=False):
        layer = self.layer
        weights = [ops.copy(v) for v in layer.trainable_variables]
        state = [ops.copy(v) for v in layer.non_trainable_variables]
        # On the way back nobody else tells it whether it is trained.
        asks = "training" in inspect.signature(layer.call).parameters
        told = {"training": training} if asks else {}

        # A function of tensors alone: a second run must change no variable.
        def compute(inputs, *weights):
            held = zip(layer.trainable_variables, weights, strict=True)
            kept = zip(layer.non_trainable_variables, state, strict=True)
            with keras.StatelessScope([*held, *kept]) as scope:
                outputs = layer(inputs, **told)
            new = map(scope.get_current_value, layer.non_trainable_variables)
            return outputs, list(new)

        outputs, new = keras.remat(compute)(inputs, *weights)
        if training:
            for variable, value in zip(
                layer.non_trainable_variables, new, strict=True
            ):
                variable.assign(value)
        return outputs

    def compute_output_spec(self, inputs, training=False):
        return self.layer.compute_output_spec(inputs)

    @classmethod
    def from_config(cls, config):
        return super().from_config(dict(config))  # which takes parts out
