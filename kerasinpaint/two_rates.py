"""Adam that gives the discriminator a learning rate of its own."""

import keras


@keras.saving.register_keras_serializable(package="kerasinpaint")
class TwoRateAdam(keras.optimizers.Adam):
    """Adam whose steps are scaled where a variable's path begins in a way.

    Args:
        learning_rate: float or schedule, the generator's.
        scale: float, by which the discriminator's learning rate is larger.
            With 0 it stays as it is.
        prefix: string, how the names of the discriminator's layers begin.
        **kwargs: other arguments of `keras.optimizers.Adam`.

    Raises:
        ValueError: when it is built, if no variable has such a path.

    Example:

    >>> critic = keras.Sequential([keras.layers.Dense(1, name="critic_1")])
    >>> critic.build((None, 4))
    >>> optimizer = TwoRateAdam(2e-4, scale=2.0, prefix="critic_")
    >>> optimizer.build(critic.trainable_variables)

    Reference:

    - [Heusel et al., 2017](https://arxiv.org/abs/1706.08500)
    """

    def __init__(
        self, learning_rate, scale=1.0, prefix="discriminator_", **kwargs
    ):
        super().__init__(learning_rate, **kwargs)
        self.scale = scale
        self.prefix = prefix

    def build(self, variables):
        if not any(self._is_scaled(variable) for variable in variables):
            raise ValueError(
                "`prefix` must begin the path of a trainable variable. "
                f"Received: {self.prefix!r}, and variables "
                f"{[variable.path for variable in variables[:4]]}..."
            )
        super().build(variables)
        self._scales = [
            self.scale if self._is_scaled(variable) else 1.0
            for variable in variables
        ]

    def _is_scaled(self, variable):
        # The name of a model around the layers may come first.
        return f"/{self.prefix}" in f"/{variable.path}"

    def update_step(self, gradient, variable, learning_rate):
        # By index: on TensorFlow `variable` is no longer Keras's own here.
        scale = self._scales[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * scale)

    def get_config(self):
        own = {"scale": self.scale, "prefix": self.prefix}
        return super().get_config() | own
