"""A convolution whose kernel has the norm 1, for steady discriminators."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerasinpaint")
class SpectralConv2D(keras.layers.Conv2D):
    """`Conv2D` whose kernel is divided by its largest singular value.

    One step of power iteration in each training call keeps an estimate of
    the singular vector. The kernel itself is never assigned, so that it is
    the same under TensorFlow and JAX, and inference divides as well.

    Args:
        filters: int.
        kernel_size: int or pair of ints.
        **kwargs: other arguments of `keras.layers.Conv2D`.

    Call arguments:
        inputs: tensor of shape `(batch, height, width, channels)`.
        training: bool, whether the estimate is improved.

    Returns:
        Tensor of shape `(batch, height', width', filters)`.

    Example:

    >>> layer = SpectralConv2D(4, 3)
    >>> tuple(layer(np.ones((1, 8, 8, 3), "float32")).shape)
    (1, 6, 6, 4)

    Reference:

    - [Miyato et al., 2018](https://arxiv.org/abs/1802.05957)
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.vector = self.add_weight(
            name="vector",
            shape=(self.filters,),
            initializer="random_normal",
            dtype="float32",
            autocast=False,
            trainable=False,
        )

    def call(self, inputs, training=None):
        kernel = ops.cast(self.kernel, "float32")
        matrix = ops.reshape(kernel, (-1, self.filters))
        frozen = ops.stop_gradient(matrix)
        left = _unit(ops.matmul(frozen, self.vector))
        right = _unit(ops.matmul(left, frozen))
        if training:
            self.vector.assign(right)
        norm = ops.sum(left * ops.matmul(matrix, right))
        kernel = ops.cast(kernel / norm, self.compute_dtype)
        outputs = self.convolution_op(inputs, kernel)
        if self.use_bias:
            last = self.data_format == "channels_last"
            outputs += self.bias if last else ops.reshape(self.bias, (-1, 1, 1))
        return outputs if self.activation is None else self.activation(outputs)

    # `Conv2D` keeps kernel and bias only.
    def save_own_variables(self, store):
        super().save_own_variables(store)
        if self.built:
            store["vector"] = self.vector

    def load_own_variables(self, store):
        super().load_own_variables(store)
        if self.built:
            self.vector.assign(store["vector"])


def _unit(vector):
    return vector / (ops.norm(vector) + 1e-12)
