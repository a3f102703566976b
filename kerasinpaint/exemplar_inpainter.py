"""The model that trains a texture artist: a game, and an exemplar's style."""

import keras
from keras import ops

from kerasinpaint.adversarial import AdversarialInpainter
from kerasinpaint.losses.picture_loss import composite


@keras.saving.register_keras_serializable(package="kerasinpaint")
class ExemplarInpainter(AdversarialInpainter):
    """An `AdversarialInpainter` that asks holes for an exemplar's style.

    Inputs have `exemplars` of shape `(batch, height, width, 4)`, pictures
    and their own masks, of the size of `masks`.

    Args:
        network: `keras.Model` from a dict of `masks`, `exemplars` and
            whatever else it looks at to pictures, such as
            `models.build_texture_artist()`.
        discriminator: as in `AdversarialInpainter`.
    """

    def compile(self, *args, style=None, style_weight=1.0, **kwargs):
        """Sets how to train, as `AdversarialInpainter.compile` does.

        Args:
            *args: of `AdversarialInpainter.compile`.
            style: `losses.ExemplarStyle`, or `None` for no such term.
            style_weight: float, its weight.
            **kwargs: of `AdversarialInpainter.compile`.
        """
        super().compile(*args, **kwargs)
        self.style = style
        self.style_weight = style_weight

    def get_compile_config(self):
        own = {"style": self.style, "style_weight": self.style_weight}
        return super().get_compile_config() | (
            keras.saving.serialize_keras_object(own)
        )

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """The losses of both players, and that of style."""
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        if self.style is None:
            return loss
        y, y_pred, masks = (
            ops.cast(one, "float32") for one in (y, y_pred, x["masks"])
        )
        filled = composite(y, y_pred, masks)
        off = ops.mean(self.style(filled, masks, x["exemplars"]))
        return loss + self.style_weight * off
