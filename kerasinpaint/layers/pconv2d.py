"""Partial convolution: a convolution that does not look into holes."""

import math

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
        **kwargs: of `keras.layers.Conv2D`; `groups` must be 1. On a CPU,
            TensorFlow convolves `channels_first` only through oneDNN, which
            is on by default on x86, or XLA.

    Call arguments:
        images: tensor of shape `(batch, height, width, channels)`, or a
            list of such tensors, which are concatenated. Values in holes
            are not looked at, but must be finite.
        masks: tensor of the batch, height and width of `images` with 1
            channel, or as many as they have. 1 is known, 0 is a hole. If
            `images` is a list, a list as long. No gradient flows into it.

    Returns:
        Two tensors of shapes `(batch, new_height, new_width, filters)`
        and `(batch, new_height, new_width, 1)`: features and their mask.

    Raises:
        ValueError: if `groups` is not 1, or `masks` do not fit `images`.

    Example:

    >>> images = np.ones((1, 8, 8, 3), "float32")
    >>> masks = np.ones((1, 8, 8, 1), "float32"); masks[:, :, 4:] = 0
    >>> features, masks = PConv2D(4, 3, padding="same")(images, masks)
    >>> tuple(features.shape)
    (1, 8, 8, 4)
    >>> [int(known) for known in masks[0, 0, :, 0]]
    [1, 1, 1, 1, 1, 0, 0, 0]

    Reference:

    - [Liu et al., 2018](https://arxiv.org/abs/1804.07723)
    """

    def __init__(self, filters, kernel_size, **kwargs):
        super().__init__(filters, kernel_size, **kwargs)
        if self.groups != 1:
            raise ValueError(
                "A partial convolution counts known values over all "
                f"channels: `groups` must be 1. Received: groups={self.groups}."
            )
        self._channel_axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = None  # that of Conv2D knows no lists

    def build(self, images_shape, masks_shape=None):
        if masks_shape is not None:
            self._check(_shapes(images_shape), _shapes(masks_shape))
        super().build(self._joined(images_shape))
        self.input_spec = None

    def call(self, images, masks):
        images, masks = _listed(images), _listed(masks)
        self._check([i.shape for i in images], [m.shape for m in masks])
        known, count = self._known(images, masks)
        count = self.convolution_op(
            count, ops.ones((*self.kernel_size, 1, 1), "float32")
        )
        window = float(math.prod(self.kernel.shape[:3]))
        valid = ops.cast(count > 0.5, "float32")
        scale = valid * window / ops.maximum(count, 1.0)
        valid = ops.cast(valid, self.compute_dtype)

        features = self.convolution_op(known, self.kernel)
        features = features * ops.cast(scale, self.compute_dtype)
        if self.use_bias:
            shape = (-1,) if self._channel_axis == -1 else (-1, 1, 1)
            features = features + ops.reshape(self.bias, shape)
        if self.activation is not None:
            features = self.activation(features)
        # Takes the bias out again, and what an activation makes of 0.
        return features * valid, valid

    def compute_output_shape(self, images_shape, masks_shape=None):
        if masks_shape is None:  # Conv2D asks so, while it is built
            return super().compute_output_shape(images_shape)
        self._check(_shapes(images_shape), _shapes(masks_shape))
        features = super().compute_output_shape(self._joined(images_shape))
        mask = list(features)
        mask[self._channel_axis] = 1
        return features, tuple(mask)

    def _known(self, images, masks):
        """The images joined, 0 in holes, and how much each pixel knows."""
        axis = self._channel_axis
        known, count = [], 0.0
        for image, mask in zip(images, masks, strict=True):
            mask = ops.stop_gradient(mask)
            known.append(image * ops.cast(mask, image.dtype))
            # float16 counts to 2048, bfloat16 to 256: not far enough.
            mask = ops.cast(mask, "float32")
            if mask.shape[axis] == 1:
                count = count + mask * float(image.shape[axis])
            else:
                count = count + ops.sum(mask, axis=axis, keepdims=True)
        return ops.concatenate(known, axis) if known[1:] else known[0], count

    def _joined(self, images_shape):
        """Shape of the images when they are concatenated."""
        shapes = _shapes(images_shape)
        joined = list(shapes[0])
        joined[self._channel_axis] = sum(s[self._channel_axis] for s in shapes)
        return tuple(joined)

    def _check(self, images, masks):
        """Raises if shapes of masks do not fit those of images."""
        channel = self._channel_axis
        wrong = None
        if len(images) != len(masks):
            wrong = "be lists of the same length"
        elif any(len(shape) != 4 for shape in [*images, *masks]):
            wrong = "have 4 dimensions: batch, height, width and channels"
        elif any(
            len({shape[axis] for shape in [*images, *masks]} - {None}) > 1
            for axis in {0, 1, 2, 3} - {channel % 4}
        ):
            wrong = "be of the same batch, height and width"
        elif any(
            mask[channel] not in (1, image[channel])
            for image, mask in zip(images, masks, strict=True)
        ):
            wrong = "fit: a mask has 1 channel, or as many as its image"
        elif self.built and (
            sum(shape[channel] for shape in images) != self.kernel.shape[2]
        ):
            wrong = f"have {self.kernel.shape[2]} channels, as when built"
        if wrong:
            images = [tuple(shape) for shape in images]
            masks = [tuple(shape) for shape in masks]
            raise ValueError(
                f"`images` and `masks` must {wrong}. "
                f"Received shapes: images {images}, masks {masks}."
            )


def _listed(tensors):
    return tensors if isinstance(tensors, (list, tuple)) else [tensors]


def _shapes(shape):
    """A list of shapes, also of the shape of a single tensor."""
    return shape if isinstance(shape[0], (list, tuple)) else [shape]
