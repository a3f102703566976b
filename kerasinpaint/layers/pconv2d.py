"""Partial convolution: a convolution that does not look into holes."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerasinpaint")
class PConv2D(keras.layers.Conv2D):
    """2D convolution over known pixels only, which also shrinks the hole.

    Where the window of the kernel sees at least one known value,

        features = conv(images * masks, kernel) * window / known + bias

    with `window` the number of values under the kernel and `known` how
    many of them are known; there the new mask is 1. Elsewhere features and
    mask are 0. Padding counts as hole.

    Args:
        filters: int, how many channels the features have.
        kernel_size: int or pair of ints.
        **kwargs: of `keras.layers.Conv2D`, but `groups`, which must be 1.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`, or a
            list of such tensors, which are concatenated. Values in holes
            are not looked at, but must be finite.
        masks: tensor of the height and width of `images` with 1 channel,
            or as many as they have. 1 is known, 0 is a hole. If `images`
            is a list, a list as long.

    Returns:
        Two tensors of shapes `(batch, new_height, new_width, filters)`
        and `(batch, new_height, new_width, 1)`: features and their mask.

    Example:

    >>> images = np.ones((1, 8, 8, 3), "float32")
    >>> masks = np.ones((1, 8, 8, 1), "float32"); masks[:, :, 4:] = 0
    >>> features, masks = PConv2D(4, 3, padding="same")(images, masks)
    >>> features.shape, masks[0, 0, :, 0].numpy().astype(int).tolist()
    (TensorShape([1, 8, 8, 4]), [1, 1, 1, 1, 1, 0, 0, 0])

    Reference:

    - [Liu et al., 2018](https://arxiv.org/abs/1804.07723)
    """

    def __init__(self, filters, kernel_size, **kwargs):
        super().__init__(filters, kernel_size, **kwargs)
        self.input_spec = None
        if self.groups != 1:
            raise ValueError(
                "A partial convolution counts known values over all "
                f"channels: `groups` must be 1. Received: groups={self.groups}."
            )
        self._channel_axis = -1 if self.data_format == "channels_last" else 1

    def build(self, images_shape, masks_shape=None):
        super().build(self._joined(images_shape))
        self.input_spec = None

    def call(self, images, masks):
        if not isinstance(images, (list, tuple)):
            images, masks = [images], [masks]
        axis = self._channel_axis
        masks = [ops.stop_gradient(ops.cast(m, "float32")) for m in masks]
        known = [
            image * ops.cast(m, image.dtype)
            for image, m in zip(images, masks, strict=True)
        ]
        known = known[0] if len(known) == 1 else ops.concatenate(known, axis)
        scale, valid = self._scale(images, masks)
        features = self.convolution_op(known, self.kernel)
        features = features * ops.cast(scale, features.dtype)
        if self.use_bias:
            bias = ops.reshape(self.bias, (1, *(
                (-1, 1, 1) if axis == 1 else (1, 1, -1))))
            features = features + bias * ops.cast(valid, features.dtype)
        if self.activation is not None:
            features = self.activation(features)
        return features, ops.cast(valid, self.compute_dtype)

    def _scale(self, images, masks):
        axis = self._channel_axis
        total = 0.0
        for image, mask in zip(images, masks, strict=True):
            if mask.shape[axis] == 1:
                total = total + mask * float(image.shape[axis])
            else:
                total = total + ops.sum(mask, axis=axis, keepdims=True)
        box = ops.ones((*self.kernel_size, 1, 1), "float32")
        count = ops.conv(
            total, box, strides=list(self.strides), padding=self.padding,
            dilation_rate=self.dilation_rate, data_format=self.data_format)
        window = float(self.kernel.shape[0] * self.kernel.shape[1] * self.kernel.shape[2])
        valid = ops.cast(count > 0.5, "float32")
        return valid * window / ops.maximum(count, 1.0), valid

    def compute_output_shape(self, images_shape, masks_shape=None):
        features = super().compute_output_shape(self._joined(images_shape))
        if masks_shape is None:
            return features
        mask = list(features)
        mask[self._channel_axis] = 1
        return features, tuple(mask)

    def compute_output_spec(self, images, masks):
        shapes = ([i.shape for i in images] if isinstance(images,(list,tuple)) else images.shape)
        f, m = self.compute_output_shape(shapes, True)
        return (keras.KerasTensor(f, self.compute_dtype), keras.KerasTensor(m, self.compute_dtype))

    def _joined(self, shape):
        if not isinstance(shape[0], (list, tuple)):
            return shape
        axis = self._channel_axis
        joined = list(shape[0])
        joined[axis] = sum(one[axis] for one in shape)
        return tuple(joined)
