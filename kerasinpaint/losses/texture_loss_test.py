import keras
import numpy as np
import pytest
from keras import ops

from kerasinpaint import losses
from kerasinpaint.conftest import numpy
from kerasinpaint.losses import feature_losses
from kerasinpaint.losses.picture_loss_test import gradient, scene, values


def network(*scales):
    """Features that are pictures, times numbers."""
    images = keras.Input((None, None, 3))
    return keras.Model(images, [scale * images for scale in scales])


def exemplars(seed=1, size=16):
    """Pictures that are known in an L of their own."""
    pictures, _, known = scene(2, size, seed)
    known[:, : size // 2, : size // 2] = 0
    return np.concatenate([pictures, known], -1)


def test_each_map_has_a_weight_of_its_own():
    y_true, y_pred, masks = scene()
    got = losses.layered_perceptual(
        y_true, y_pred, masks, network(1, 2), layers=(10, 0.5)
    )
    filled = np.where(masks, y_true, y_pred)
    square = ((filled - y_true) ** 2).mean((1, 2, 3))
    np.testing.assert_allclose(got, (10 + 0.5 * 4) * square, rtol=1e-5)


def test_the_deepest_of_four_maps_counts_most():
    y_true, y_pred, masks = scene()
    features = losses.efficientnet_features(4)
    filled = np.where(masks, y_true, y_pred)
    wanted = sum(
        weight * ((numpy(one) - numpy(two)) ** 2).mean((1, 2, 3))
        for weight, one, two in zip(
            (1 / 8, 1 / 4, 1 / 2, 1),
            features(filled),
            features(y_true),
            strict=True,
        )
    )
    got = losses.layered_perceptual(y_true, y_pred, masks, features)
    np.testing.assert_allclose(got, wanted, rtol=1e-4)


def test_as_many_weights_as_maps_are_asked_for():
    with pytest.raises(ValueError, match="Received: 4 weights, 3 maps"):
        losses.layered_perceptual(*scene(), network(1, 2, 3))


def test_texture_is_structure_and_features():
    y_true, y_pred, masks = scene()
    loss = losses.Texture(perceptual=3, l1=2, l2=0.25, edges=0.5)
    wanted = losses.structure(y_true, y_pred, masks, 2, 0.25, 0.5)
    wanted += 3 * losses.layered_perceptual(
        y_true, y_pred, masks, loss.features
    )
    got = values(loss, y_true, y_pred, masks)
    np.testing.assert_allclose(got, wanted, rtol=1e-5)


def test_without_features_there_is_no_network(monkeypatch):
    def fail(*_):
        raise AssertionError("this was not asked for")

    monkeypatch.setattr(feature_losses, "efficientnet_features", fail)
    y_true, y_pred, masks = scene()
    got = values(losses.Texture(perceptual=0), y_true, y_pred, masks)
    wanted = losses.structure(y_true, y_pred, masks, edges=0)
    np.testing.assert_allclose(got, wanted, rtol=1e-6)


def gram(pixels):
    """Of pixels that count, `(count, channels)`."""
    return pixels.T @ pixels / pixels.size


def test_style_compares_holes_with_what_is_known_of_the_exemplar():
    _, y_pred, masks = scene()
    shown = exemplars()
    wanted = [
        sum(
            abs(
                gram(scale * painted[mask[..., 0] == 0])
                - gram(scale * one[one[..., 3] == 1, :3])
            ).mean()
            for scale in (1, 2)
        )
        for painted, mask, one in zip(y_pred, masks, shown, strict=True)
    ]
    got = losses.exemplar_style(y_pred, masks, shown, network(1, 2))
    np.testing.assert_allclose(got, wanted, rtol=1e-4)


def test_style_reads_neither_what_is_known_nor_the_exemplars_hole():
    _, y_pred, masks = scene()
    shown = exemplars()
    features = network(1)
    wanted = losses.exemplar_style(y_pred, masks, shown, features)
    other = np.where(masks, 7, y_pred)
    hidden = np.where(shown[..., 3:], shown, 0)
    got = losses.exemplar_style(other, masks, hidden, features)
    np.testing.assert_allclose(got, wanted, rtol=1e-5)
    hidden[:, 0, -1] = 0.5, 0.5, 0.5, 1
    moved = losses.exemplar_style(other, masks, hidden, features)
    assert (abs(numpy(moved) - numpy(wanted)) > 1e-5).all()


def test_where_something_is_does_not_matter_to_style():
    _, y_pred, masks = scene()
    shown = np.zeros((2, 16, 16, 4), "f")
    for one, painted, mask in zip(shown, y_pred, masks, strict=True):
        pixels = painted[mask[..., 0] == 0]
        one.reshape(-1, 4)[: len(pixels), :3] = pixels[::-1]
        one.reshape(-1, 4)[: len(pixels), 3] = 1
    got = losses.exemplar_style(y_pred, masks, shown, network(1))
    np.testing.assert_allclose(got, 0, atol=1e-6)


def test_masks_are_shrunk_to_the_size_of_features():
    """Where texture is the same everywhere, no hole's place matters."""
    flat = np.full((2, 32, 32, 3), 0.5, "f")
    _, _, masks = scene(2, 32)
    shown = np.concatenate([flat, 1 - masks[::-1]], -1)
    images = keras.Input((None, None, 3))
    halved, quarter = (keras.layers.AveragePooling2D(n)(images) for n in (2, 4))
    features = keras.Model(images, [halved, quarter])
    got = losses.exemplar_style(flat, masks, shown, features)
    np.testing.assert_allclose(got, 0, atol=1e-6)
    # Of a lone pixel too: its share of a feature is all there is.
    masks[:], masks[:, 16, 16] = 1, 0
    got = losses.exemplar_style(flat, masks, shown, features)
    np.testing.assert_allclose(got, 0, atol=1e-6)


@pytest.mark.parametrize("empty", ["masks", "exemplars"])
def test_without_a_hole_or_an_exemplar_there_is_no_style(empty):
    _, y_pred, masks = scene()
    shown = exemplars()
    if empty == "masks":
        masks[0] = 1
    else:
        shown[0, ..., 3] = 0
    style = losses.ExemplarStyle(levels=1)
    off = numpy(style(y_pred, masks, shown))
    assert off[0] == 0 and off[1] > 0
    slope = gradient(lambda x: ops.sum(style(x, masks, shown)), y_pred)
    assert np.isfinite(slope).all()
    assert not slope[0].any() and slope[1].any()


def test_style_moves_what_was_painted_and_not_the_exemplar():
    _, y_pred, masks = scene()
    shown = exemplars()
    features = network(1)
    slope = gradient(
        lambda x: ops.sum(losses.exemplar_style(x, masks, shown, features)),
        y_pred,
    )
    holes = masks[..., 0] == 0
    assert (abs(slope[holes]).max(-1) > 0).all() and not slope[~holes].any()
    slope = gradient(
        lambda x: ops.sum(losses.exemplar_style(y_pred, masks, x, features)),
        shown,
    )
    assert not slope[..., :3].any()


def test_the_style_that_is_shipped_is_saved_by_its_levels():
    style = losses.ExemplarStyle(levels=2)
    saved = keras.saving.serialize_keras_object(style)
    again = keras.saving.deserialize_keras_object(saved)
    assert type(again) is losses.ExemplarStyle and again.levels == 2
    _, y_pred, masks = scene()
    np.testing.assert_allclose(
        again(y_pred, masks, exemplars()),
        losses.exemplar_style(
            y_pred, masks, exemplars(), losses.efficientnet_features(2)
        ),
        rtol=1e-5,
    )
