"""A file of weights is a method like any other."""

import keras
import numpy as np
import pytest

from kerasinpaint import data, methods, networks, tiles, weights


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Weights of a network that has learnt nothing."""
    path = tmp_path_factory.mktemp("weights") / "w.npz"
    keras.utils.set_random_seed(0)
    weights.save(networks.build("pconv_cifar10"), path, "pconv_cifar10")
    return path


def scene(height, width):
    rng = np.random.default_rng(0)
    image = rng.random((height, width, 3), dtype=np.float32)
    mask = np.ones((height, width, 1), np.uint8)
    mask[3:9, 4:20] = 0
    return image, mask


@pytest.mark.parametrize("size", [(31, 45), (32, 64), (12, 21)])
def test_any_size_is_filled_and_known_pixels_stay(file, size):
    image, mask = scene(*size)
    filled = methods.get(str(file))(image, mask)
    known = mask[..., 0] == 1
    assert filled.shape == image.shape and filled.dtype == image.dtype
    assert filled[known].tobytes() == image[known].tobytes()
    assert (filled[~known] != image[~known]).any()
    anything = np.where(mask, image, np.float32(np.nan))
    again = methods.get(str(file))(anything, mask)
    np.testing.assert_array_equal(again, filled)


@pytest.mark.parametrize("size", [(1, 7), (5, 5), (3, 50)])
@pytest.mark.parametrize("name", ["lama", "pconv"])
def test_the_smallest_pictures_are_filled(name, size):
    image = np.full((*size, 3), 0.5, np.float32)
    mask = np.ones((*size, 1), np.uint8)
    mask[0, 2:4] = 0
    filled = networks.method(name)(image, mask)
    assert np.isfinite(filled).all() and (filled != image).any()


@pytest.mark.parametrize("name", ["pconv", "autoencoder_skip", "gan", "lama"])
def test_the_largest_hole_begins_with_a_smooth_fill(name):
    """In what is filled as a whole; with seven levels its middle is black."""
    masks = np.zeros((1, networks.TILE, networks.TILE, 1), np.float32)
    masks[:, :8] = masks[:, :, :8] = 1
    images = np.full((*masks.shape[:3], 3), 0.5, np.float32) * masks
    fill = networks.build(name).get_layer("fill")
    assert np.min(fill(images, masks)) > 0.49


def test_large_pictures_are_filled_in_tiles(file, monkeypatch):
    image, mask = scene(96, 80)
    whole = networks.method(file)(image, mask)
    monkeypatch.setattr(networks, "TILE", 64)
    monkeypatch.setattr(networks, "OVERLAP", 32)
    networks._method.cache_clear()
    tiled = networks.method(file)(image, mask)
    networks._method.cache_clear()
    np.testing.assert_allclose(tiled, whole, atol=0.1)


def test_it_computes_in_float32_under_every_policy(file):
    networks._method.cache_clear()
    image, mask = scene(32, 32)
    wanted = networks.method(file)(image, mask)
    networks._method.cache_clear()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        np.testing.assert_array_equal(
            networks.method(file)(image, mask), wanted
        )
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")


def test_a_file_is_read_once_and_again_when_it_has_changed(tmp_path):
    image, mask = scene(32, 32)
    filled = []
    for level in (-2, 2):
        network = networks.build("pconv_cifar10")
        network.get_layer("output").bias.assign([level] * 3)
        weights.save(network, tmp_path / "w.npz", "pconv_cifar10")
        method = networks.method(tmp_path / "w.npz")
        assert networks.method(tmp_path / "w.npz") is method
        filled.append(method(image, mask).mean())
    assert filled[1] > filled[0] + 0.01


def test_what_is_wrong_is_told(tmp_path):
    with pytest.raises(ValueError, match="pconv_cifar10.*Received: 'magic'"):
        networks.build("magic")
    with pytest.raises(FileNotFoundError):
        methods.get(str(tmp_path / "nothing.npz"))
    np.savez(tmp_path / "w.npz", network="magic")
    with pytest.raises(ValueError, match="a network that fills.*'magic'"):
        methods.get(str(tmp_path / "w.npz"))


@pytest.mark.parametrize("name", ["pconv", "lama"])
def test_no_seam_is_steeper_than_the_picture(name, monkeypatch):
    monkeypatch.setattr(networks, "TILE", 128)
    monkeypatch.setattr(networks, "OVERLAP", 48)
    networks._method.cache_clear()
    image = data.photos("test", 256)[7]
    mask = np.ones((256, 256, 1), np.uint8)
    mask[60:200, 50:210] = 0
    filled = networks.method(name)(image, mask)
    networks._method.cache_clear()
    # Where tiles of 128 px begin and end, evenly spread over 256.
    edges = {64, 128, 192}
    assert {e for pair in tiles._intervals(256, 128, 48) for e in pair} == {
        0,
        256,
        *edges,
    }
    for axis in (0, 1):
        steep = np.quantile(abs(np.diff(image, axis=axis)), 0.99)
        across = abs(np.diff(filled, axis=axis))
        across = np.where(mask[1:, 1:] == 0, across[:255, :255], 0)
        for edge in edges:
            assert np.take(across, edge - 1, axis=axis).max() <= steep
