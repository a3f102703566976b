import keras
import numpy as np
import pytest

from kerasinpaint import data
from kerasinpaint.models.efficientnet_lite import (
    efficientnet_trunk,
    load_imagenet,
)


def build(blocks=16):
    images, deepest, maps = efficientnet_trunk(blocks)
    return keras.Model(images, [deepest, *maps])


def test_contract():
    deepest, *maps = build()(np.zeros((2, 64, 96, 3), np.float32))
    assert tuple(deepest.shape) == (2, 2, 3, 320)
    shapes = [tuple(one.shape) for one in maps]
    assert [shape[1:3] for shape in shapes] == [
        (32, 48),
        (16, 24),
        (8, 12),
        (4, 6),
    ]


def test_fewer_blocks_are_its_beginning():
    image = np.random.default_rng(0).random((1, 64, 64, 3), np.float32)
    models = build(), build(6)
    for model in models:
        load_imagenet(model)
    whole, part = (model(image) for model in models)
    np.testing.assert_allclose(
        *(keras.ops.convert_to_numpy(maps[2]) for maps in (whole, part)),
        rtol=1e-5,
        atol=1e-5,
    )
    assert models[1].count_params() < models[0].count_params() / 4


def test_what_it_learned_tells_photographs_from_noise():
    """Blocks that know ImageNet tell two photographs apart, not two crops."""
    model = build()
    load_imagenet(model)
    photos = [photo[:256, :256] for photo in data.photos("test", 256)[:4]]
    pictures = np.stack([p[:224, :224] for p in photos])
    shifted = np.stack([p[16:240, 16:240] for p in photos])
    means = [
        keras.ops.convert_to_numpy(model(x)[0]).mean((1, 2))
        for x in (pictures, shifted)
    ]
    means = [m / np.linalg.norm(m, axis=1, keepdims=True) for m in means]
    alike = means[0] @ means[1].T
    assert (alike.argmax(1) == np.arange(len(photos))).all()
    assert alike.diagonal().min() > alike[~np.eye(4, dtype=bool)].max()


def test_layers_called_otherwise_are_refused():
    images = keras.Input((32, 32, 3))
    other = keras.layers.Conv2D(4, 3, name="block99_expand")(images)
    with pytest.raises(ValueError, match="Received: block99_expand/"):
        load_imagenet(keras.Model(images, other))
