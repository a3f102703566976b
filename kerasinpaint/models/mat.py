"""MAT: attention to what is known, then a painter that is told a style."""

import warnings

import keras
from keras import layers, ops

from kerasinpaint.layers import EqualizedDense
from kerasinpaint.models import published
from kerasinpaint.models.inputs import holed_picture
from kerasinpaint.models.mat_stages import first_stage, second_stage

LATENT = 512
LICENCE = (
    "The published weights of MAT are for non-commercial use only: "
    "https://github.com/fenglinglwb/MAT"
)
SIGN = "synthesis.first_stage.conv_first.conv.weight"  # what only a MAT has
# What a checkpoint holds besides weights: constants, and means of training.
CONSTANTS = "resample_filter", "attn_mask", "weight_maskUpdater", "w_avg"


def build_mat(size=256):
    """Builds the generator of MAT, the mask-aware transformer.

    The first stage sees holes as tokens that nobody looks at, and fills
    them window by window. The second is a U-Net of convolutions whose
    styles come from the first one's fill and a latent vector, so that there
    are many fills. Layers are named as in the published checkpoints.

    Args:
        size: int, 256 or 512: height and width of the pictures.

    Returns:
        A `keras.Model` from `{"images": images, "masks": masks, "latents":
        latents}`, the latter of shape `(batch, 512)`, standard normal, to
        float32 pictures, about [0, 1]. What the first stage painted is the
        output of its layer `stage1`.

    Raises:
        ValueError: if `size` is another.

    Example:

    ```python
    build_mat(256).count_params()  # 59,954,170, the noise among them
    ```

    Reference:

    - [Li et al., 2022](https://arxiv.org/abs/2203.15270)
    """
    if size not in (256, 512):
        raise ValueError(f"`size` must be 256 or 512. Received: {size}.")
    images, masks = holed_picture((size, size, 3))
    latents = keras.Input((LATENT,), name="latents")
    known = (2 * images - 1) * masks
    w = _mapping(latents)
    first = first_stage(known, masks, w, size)
    first = layers.Identity(name="stage1")(first * (1 - masks) + known)
    second = second_stage(first, known, masks, w, size)
    outputs = layers.Activation("linear", dtype="float32", name="output")(
        (second * (1 - masks) + known + 1) / 2
    )
    inputs = {"images": images, "masks": masks, "latents": latents}
    return keras.Model(inputs, outputs, name=f"mat_{size}")


def from_checkpoint(path):
    """Builds the published MAT and reads its weights.

    Nothing in the file is executed. A warning tells the weights' licence.

    Args:
        path: path of the published `.pkl`, of which the averaged generator
            is taken, or of a `state_dict`.

    Returns:
        A `keras.Model`, as `build_mat` returns, of 256 or 512 px.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no checkpoint, does more than to hold arrays,
            or the arrays are not those of a MAT.
    """
    return from_arrays(published.read(path))


def from_arrays(arrays):
    """`from_checkpoint`, of arrays by name that have been read already.

    Raises:
        ValueError: if they are not those of a MAT.
    """
    arrays = published.part(arrays, SIGN)
    large = "synthesis.enc.EncConv_Block_512x512.conv0.weight" in arrays
    network = build_mat(512 if large else 256)
    published.load(network, arrays, torch_name, CONSTANTS)
    tell_licence()
    return network


def tell_licence():
    """Warns that the weights of MAT are not free."""
    warnings.warn(LICENCE, stacklevel=2)


def torch_name(path):
    """The published name of a variable; modulated layers are two there."""
    name = published.torch_name(path)
    if (
        ".dec_conv." in name
        or ".dec." in name
        and ".Dec_16x16.conv0" not in name
    ):
        for inner in (".affine.", ".weight"):
            if inner in name:
                return name.replace(inner, f".conv{inner}", 1)
    return name


def _mapping(latents):
    """From a latent vector to a style."""
    scale = ops.rsqrt(ops.mean(ops.square(latents), -1, keepdims=True) + 1e-8)
    x = latents * scale
    for number in range(8):
        x = EqualizedDense(
            LATENT, "leaky_relu", rate=0.01, name=f"mapping.fc{number}"
        )(x)
    return x
