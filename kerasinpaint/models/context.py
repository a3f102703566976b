"""What the networks of structure and texture are told besides the picture."""

import keras
from keras import layers

from kerasinpaint.layers import GatedConv2D

# Channels of each map, and length of the vector `scene`.
EDGES, OBJECTS, SCENE = 2, 1, 50


def context_inputs():
    """Symbolic inputs of a network, by name.

    Returns:
        Dict of `images`, `(batch, height, width, 3)`, filled by any method;
        `masks`, `(batch, height, width, 1)`, 1 = known; `edges`, edges and
        straight lines; `objects`, how sure a detector is of what it found
        there; and `scene`, `(batch, 50)`, the probability of each group of
        scenes.
    """
    maps = {"images": 3, "masks": 1, "edges": EDGES, "objects": OBJECTS}
    inputs = {
        name: keras.Input((None, None, channels), name=name)
        for name, channels in maps.items()
    }
    return inputs | {"scene": keras.Input((SCENE,), name="scene")}


def refuse_others(without, parts):
    """Raises a `ValueError` if a part is to be left out that is not there.

    Args:
        without: container of strings.
        parts: tuple of strings, the parts of a network.
    """
    others = set(without) - set(parts)
    if others:
        raise ValueError(
            f"`without` must be some of {', '.join(parts)}. "
            f"Received: {', '.join(sorted(others))}."
        )


def seen(inputs, without):
    """The maps that a network looks at, in one tensor.

    Args:
        inputs: dict of tensors, as `context_inputs` returns it.
        without: container of names of maps to be left out; "lines" are the
            second channel of `edges`.

    Returns:
        Tensor of shape `(batch, height, width, channels)`.
    """
    maps = {n: x for n, x in inputs.items() if n not in ("scene", *without)}
    if "lines" in without and "edges" in maps:
        maps["edges"] = maps["edges"][..., :1]
    return layers.Concatenate()(list(maps.values()))


def with_scene(x, inputs, without, dropout=0.0):
    """Features, to each of which a number for the scene is added.

    Args:
        x: tensor of shape `(batch, height, width, channels)`.
        inputs: dict of tensors, as `context_inputs` returns it.
        without: container of names; with "scene" nothing is added.
        dropout: float, the share of pictures whose scene is not told in
            training: 50 probabilities tell which photograph it is.

    Returns:
        Tensor of the shape of `x`.
    """
    if "scene" in without:
        return x
    scene = inputs["scene"]
    if dropout:
        scene = layers.Dropout(dropout, noise_shape=(None, 1))(scene)
    told = layers.Dense(x.shape[-1], name="scene_features")(scene)
    return layers.Add()([x, layers.Reshape((1, 1, -1))(told)])


def corrected(picture, features, name):
    """A picture, and what features say is wrong with it: at first nearly 0.

    Args:
        picture: tensor of shape `(batch, height, width, 3)`.
        features: tensor of shape `(batch, height / 2, width / 2, channels)`.
        name: string, with which the names of its layers begin.

    Returns:
        float32 tensor of the shape of `picture`.
    """
    correction = layers.Conv2DTranspose(
        3,
        4,
        strides=2,
        padding="same",
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        dtype="float32",
        name=f"{name}_correction",
    )(features)
    return layers.Add(dtype="float32", name=f"{name}_picture")(
        [picture, correction]
    )


class Convolve:
    """Convolutions of one kind, each with an ELU.

    Args:
        gates: bool, whether they are gated.
    """

    def __init__(self, gates=True):
        self.layer = GatedConv2D if gates else layers.Conv2D

    def __call__(self, x, name, filters, size=3, strides=1, rate=1):
        return self.layer(
            filters,
            size,
            strides=strides,
            dilation_rate=rate,
            padding="same",
            activation="elu",
            name=name,
        )(x)

    def down(self, x, name, widths):
        """Features at a half of the scale, at a quarter, and so on."""
        scales = []
        for number, width in enumerate(widths, 1):
            size = 3 if scales else 5
            x = self(x, f"{name}_{number}", width, size, strides=2)
            scales.append(x)
        return scales

    def up(self, x, name, others):
        """Back to a half of the scale, by way of the others."""
        for number, other in enumerate(others[::-1], 1):
            x = layers.UpSampling2D(2)(x)
            x = layers.Concatenate()([x, other])
            x = self(x, f"{name}_{number}", other.shape[-1])
        return x
