"""Structure, texture, and how wrong both may be: three networks as one."""

import keras
from keras import layers

from kerasinpaint.models.context import context_inputs
from kerasinpaint.models.structure_builder import build_structure_builder
from kerasinpaint.models.texture_artist import build_texture_artist
from kerasinpaint.models.uncertainty import build_uncertainty


def build_structure_texture(width=16, detail=16, doubt=16):
    """Builds the networks of structure, texture and uncertainty, joined.

    The structure builder corrects a fill, the texture artist paints on what
    it made, and the uncertainty network looks at both. Known pixels
    are those of `images` before each looks.

    Args:
        width: int, of `build_structure_builder`.
        detail: int, of `build_texture_artist`.
        doubt: int, of `build_uncertainty`.

    Returns:
        A `keras.Model` from what `context.context_inputs` names, and
        `exemplars` of shape `(batch, any_height, any_width, 4)`, to a dict:
        `structure` and `picture`, `(batch, height, width, 3)`, and `error`,
        `(batch, height, width, 1)`, the absolute difference to be expected.
        Heights and widths are multiples of 16. The three are its layers
        `structure_builder`, `texture_artist` and `uncertainty`.
    """
    # Their layers have names in common; the weights are told apart so.
    with keras.name_scope("structure_builder"):
        build_structure = build_structure_builder(width)
    with keras.name_scope("texture_artist"):
        paint_texture = build_texture_artist(detail)
    with keras.name_scope("uncertainty"):
        tell_error = build_uncertainty(doubt)
    inputs = context_inputs()
    exemplars = keras.Input((None, None, 4), name="exemplars")
    masks = inputs["masks"]

    def composite(painted, name):
        kept = layers.Multiply(name=f"{name}_kept")([inputs["images"], masks])
        new = layers.Multiply(name=f"{name}_new")([painted, 1.0 - masks])
        return layers.Add(name=name)([kept, new])

    structure = composite(build_structure(inputs), "structure")
    picture = paint_texture(
        {"images": structure, "masks": masks, "exemplars": exemplars}
    )
    picture = composite(picture, "picture")
    details = layers.Subtract(name="details")([picture, structure])
    error = tell_error({**inputs, "images": picture, "details": details})
    return keras.Model(
        {**inputs, "exemplars": exemplars},
        {"structure": structure, "picture": picture, "error": error},
        name="structure_texture",
    )
