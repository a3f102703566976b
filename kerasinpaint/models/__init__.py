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
from kerasinpaint.models.scene_classifier import (
    build_scene_classifier,
    build_scene_head,
)
from kerasinpaint.models.structure_builder import build_structure_builder
from kerasinpaint.models.structure_texture import build_structure_texture
from kerasinpaint.models.texture_artist import build_texture_artist
from kerasinpaint.models.uncertainty import build_uncertainty

__all__ = [
    "build_autoencoder",
    "build_deeplab",
    "build_discriminator",
    "build_lama",
    "build_mat",
    "build_patch_gan",
    "build_pconv_unet",
    "build_scene_classifier",
    "build_scene_head",
    "build_structure_builder",
    "build_structure_texture",
    "build_texture_artist",
    "build_uncertainty",
    "freeze_batch_normalization",
]
