"""What training makes small: a function per picture, and a Keras class.

Functions take batches, `(batch, height, width, channels)` in [0, 1], and
return one number a picture, `(batch,)`; lower is better. Classes are their
mean, for `compile(loss=...)`; those that need masks get them from
`inpainter.Inpainter`. `Hinge` and `CrossEntropy` are of a critic's scores.
Everything is computed in float32 under any policy.
"""

from kerasinpaint.losses.adversarial import CrossEntropy, Hinge
from kerasinpaint.losses.expected_error import (
    ExpectedError,
    disorder,
    expected_error,
)
from kerasinpaint.losses.feature_losses import (
    Perceptual,
    Style,
    perceptual,
    style,
)
from kerasinpaint.losses.features import vgg16_features
from kerasinpaint.losses.fidelity import Fidelity, fidelity
from kerasinpaint.losses.lama_loss import LamaLoss
from kerasinpaint.losses.pconv_loss import PConvLoss
from kerasinpaint.losses.picture_loss import PictureLoss
from kerasinpaint.losses.pixels import (
    MAE,
    Hole,
    Valid,
    color,
    hole,
    mae,
    valid,
)
from kerasinpaint.losses.similarity import PSNR, SSIM, psnr, ssim
from kerasinpaint.losses.structure_loss import Structure, structure
from kerasinpaint.losses.texture_loss import (
    ExemplarStyle,
    Texture,
    exemplar_style,
    layered_perceptual,
)
from kerasinpaint.losses.total_variation import (
    TotalVariation,
    total_variation,
)
from kerasinpaint.models.efficientnet_lite import efficientnet_features

__all__ = [
    "MAE",
    "PSNR",
    "SSIM",
    "CrossEntropy",
    "ExemplarStyle",
    "ExpectedError",
    "Fidelity",
    "Hinge",
    "Hole",
    "LamaLoss",
    "PConvLoss",
    "Perceptual",
    "PictureLoss",
    "Structure",
    "Style",
    "Texture",
    "TotalVariation",
    "Valid",
    "color",
    "efficientnet_features",
    "exemplar_style",
    "disorder",
    "expected_error",
    "fidelity",
    "hole",
    "layered_perceptual",
    "mae",
    "perceptual",
    "psnr",
    "ssim",
    "structure",
    "style",
    "total_variation",
    "valid",
    "vgg16_features",
]
