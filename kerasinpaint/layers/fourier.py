"""Fast Fourier convolution: features that see the whole picture at once."""

import keras
from keras import layers, ops

from kerasinpaint.layers.fourier_transform import irfft2, rfft2


@keras.saving.register_keras_serializable(package="kerasinpaint")
class FourierUnit(layers.Layer):
    """A convolution of 1 x 1 px of the Fourier transform, normalised.

    A frequency is a wave over all of the picture, so each value of the
    outputs depends on every pixel. Real and imaginary part of a channel are
    two channels beside each other. The transform is in float32 under any
    policy.

    Args:
        filters: int, channels of the outputs.
        matrix: bool, whether the transform is made of matrix products, for
            formats of export that know no other.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.

    Returns:
        Tensor of shape `(batch, height, width, filters)`.

    Example:

    >>> outputs = FourierUnit(6)(np.ones((1, 4, 5, 2), "float32"))
    >>> tuple(outputs.shape)
    (1, 4, 5, 6)

    Reference:

    - [Chi et al., 2020](https://papers.nips.cc/paper/2020/hash/
      2fd5d41ec6cfab47e32164d5624269b1-Abstract.html)
    """

    def __init__(self, filters, matrix=False, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.matrix = matrix
        self.convolution = _convolution(2 * filters, "conv_layer", self)
        self.normalization = normalization("bn", self.dtype_policy)

    def build(self, shape):
        self.convolution.build((*shape[:-1], 2 * shape[-1]))
        self.normalization.build((*shape[:-1], 2 * self.filters))

    def call(self, images, training=None):
        parts = ops.stack(rfft2(images, self.matrix), axis=-1)
        *size, channels, _ = ops.shape(parts)
        x = ops.reshape(parts, (*size, 2 * channels))
        x = self.convolution(ops.cast(x, self.compute_dtype))
        x = ops.relu(self.normalization(x, training=training))
        x = ops.reshape(x, (*size, self.filters, 2))
        width = ops.shape(images)[2]
        x = irfft2(x[..., 0], x[..., 1], width, self.matrix)
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(self, shape):
        return (*shape[:-1], self.filters)

    def get_config(self):
        own = {"filters": self.filters, "matrix": self.matrix}
        return super().get_config() | own


@keras.saving.register_keras_serializable(package="kerasinpaint")
class SpectralTransform(layers.Layer):
    """From global features to global features: a `FourierUnit`, kept thin.

    A convolution of 1 x 1 px to half of the filters, the unit with a way
    around it, and another convolution.

    Args:
        filters: int, channels of the outputs.
        matrix: bool, as in `FourierUnit`.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`.

    Returns:
        Tensor of shape `(batch, height, width, filters)`.
    """

    def __init__(self, filters, matrix=False, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        half = filters // 2
        self.narrow = _convolution(half, "conv1.0", self)
        self.normalization = normalization("conv1.1", self.dtype_policy)
        self.unit = FourierUnit(
            half, matrix, name="fu", dtype=self.dtype_policy
        )
        self.widen = _convolution(filters, "conv2", self)

    def build(self, shape):
        half = (*shape[:-1], self.filters // 2)
        self.narrow.build(shape)
        for layer in (self.normalization, self.unit, self.widen):
            layer.build(half)

    def call(self, images, training=None):
        x = self.normalization(self.narrow(images), training=training)
        x = ops.relu(x)
        return self.widen(x + self.unit(x, training=training))

    def compute_output_shape(self, shape):
        return (*shape[:-1], self.filters)

    def get_config(self):
        own = {"filters": self.filters, "matrix": self.unit.matrix}
        return super().get_config() | own


@keras.saving.register_keras_serializable(package="kerasinpaint")
class FastFourierConv2D(layers.Layer):
    """Convolution of features in two branches, one local and one global.

        local'  = conv(local) + conv(global)
        global' = conv(local) + spectral(global)

    where `conv` sees as many pixels as its kernel has, beyond the edge those
    reflected, and `spectral` is a `SpectralTransform`, which sees all.
    Sublayers have the names that they have in published checkpoints.

    Args:
        filters: int, channels of the local outputs.
        global_filters: int, channels of the global outputs; may be 0.
        kernel_size: odd int.
        strides: int. If there is a global branch already, it must be 1.
        matrix: bool, as in `FourierUnit`.

    Call arguments:
        local_images: tensor of shape `(batch, height, width, channels)`.
        global_images: tensor of the same height and width, or None, if
            there is no global branch yet.

    Returns:
        Pair of tensors, the local and the global features; the local alone
        if `global_filters` is 0.

    Raises:
        ValueError: if `strides` is more than 1 and there are global images.

    Example:

    >>> images = np.ones((1, 8, 8, 3), "float32")
    >>> pair = FastFourierConv2D(4, 12, strides=2)(images)
    >>> [tuple(branch.shape) for branch in FastFourierConv2D(2, 6)(*pair)]
    [(1, 4, 4, 2), (1, 4, 4, 6)]

    Reference:

    - [Chi et al., 2020](https://papers.nips.cc/paper/2020/hash/
      2fd5d41ec6cfab47e32164d5624269b1-Abstract.html)
    """

    def __init__(
        self,
        filters,
        global_filters=0,
        kernel_size=3,
        strides=1,
        matrix=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.global_filters = global_filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.matrix = matrix

    def build(self, local_images_shape, global_images_shape=None):
        if global_images_shape is not None and self.strides > 1:
            raise ValueError(
                "With global images `strides` must be 1. "
                f"Received: strides={self.strides}."
            )
        self.local_to_local = self._convolution(
            self.filters, "convl2l", local_images_shape
        )
        if self.global_filters:
            self.local_to_global = self._convolution(
                self.global_filters, "convl2g", local_images_shape
            )
        if global_images_shape is not None:
            self.global_to_local = self._convolution(
                self.filters, "convg2l", global_images_shape
            )
        if global_images_shape is not None and self.global_filters:
            self.global_to_global = SpectralTransform(
                self.global_filters,
                self.matrix,
                name="convg2g",
                dtype=self.dtype_policy,
            )
            self.global_to_global.build(global_images_shape)

    def _convolution(self, filters, name, shape):
        size, strides = self.kernel_size, self.strides
        layer = _convolution(filters, name, self, size, strides)
        # Of any size: the picture is padded before.
        layer.build((None, None, None, shape[-1]))
        return layer

    def call(self, local_images, global_images=None, training=None):
        reach = self.kernel_size // 2
        edges = (0, 0), (reach, reach), (reach, reach), (0, 0)
        around = ops.pad(local_images, edges, "reflect")
        outputs = self.local_to_local(around)
        if global_images is not None:
            outputs = outputs + self.global_to_local(
                ops.pad(global_images, edges, "reflect")
            )
        if not self.global_filters:
            return outputs
        global_outputs = self.local_to_global(around)
        if global_images is not None:
            global_outputs = global_outputs + self.global_to_global(
                global_images, training=training
            )
        return outputs, global_outputs

    def compute_output_shape(
        self, local_images_shape, global_images_shape=None
    ):
        batch, *size, _ = local_images_shape
        size = [side and -(-side // self.strides) for side in size]
        shapes = [
            (batch, *size, filters)
            for filters in (self.filters, self.global_filters)
        ]
        return tuple(shapes) if self.global_filters else shapes[0]

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "global_filters": self.global_filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "matrix": self.matrix,
        }


def _convolution(filters, name, parent, size=1, strides=1):
    return layers.Conv2D(
        filters,
        size,
        strides,
        use_bias=False,
        name=name,
        dtype=parent.dtype_policy,
    )


def normalization(name, dtype=None):
    """Batch normalisation as PyTorch, where published weights come from."""
    return layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, name=name, dtype=dtype
    )
