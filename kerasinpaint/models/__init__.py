"""Networks: sizes in, `keras.Model` out."""

from kerasinpaint.models.autoencoder import build_autoencoder
from kerasinpaint.models.deeplab import build_deeplab
from kerasinpaint.models.gan import build_discriminator, build_patch_gan
from kerasinpaint.models.lama import build_lama
from kerasinpaint.models.mat import build_mat
from kerasinpaint.models.pconv_unet import (
    build_pconv_unet,
    freeze_batch_normalization,
)

__all__ = [
    "build_autoencoder",
    "build_deeplab",
    "build_discriminator",
    "build_lama",
    "build_mat",
    "build_patch_gan",
    "build_pconv_unet",
    "freeze_batch_normalization",
]
