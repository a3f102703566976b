import keras
import numpy as np
import pytest

from kerasinpaint import masks
from kerasinpaint.layers import WindowAttention
from kerasinpaint.models import build_mat
from kerasinpaint.models.published_test import on_one_backend


def inputs_of(size, seed=0):
    rng = np.random.default_rng(seed)
    known = masks.wide_strokes(size, size, rng)[None].astype("float32")
    images = rng.random((1, size, size, 3), np.float32)
    return {
        "images": images * known,
        "masks": known,
        "latents": rng.standard_normal((1, 512), np.float32),
    }


@pytest.fixture(scope="module")
def large():
    return build_mat(512)


@on_one_backend
def test_at_512_px_it_has_the_published_count(large):
    count = sum(int(np.prod(v.shape)) for v in large.trainable_weights)
    assert count == 61_562_518


@on_one_backend
def test_at_512_px_it_fills_and_keeps_what_is_known(large):
    inputs = inputs_of(512)
    found = keras.ops.convert_to_numpy(large(inputs))
    known = np.broadcast_to(inputs["masks"], found.shape) == 1
    assert np.isfinite(found).all() and found.dtype == np.float32
    np.testing.assert_allclose(found[known], inputs["images"][known], atol=1e-6)
    assert found[~known].std() > 0.01


@pytest.mark.parametrize("size", [256, 512])
def test_windows_learn_from_real_masks_and_holes_close(size):
    """Of the first stages: at 64 px windows of 8, then at 32 px of 16."""
    known = inputs_of(size)["masks"]
    step = size // 64
    known = known.reshape(1, 64, step, 64, step, 1).max((2, 4))
    assert 0 < known.mean() < 1
    features = np.random.default_rng(0).random((1, 64, 64, 6), np.float32)
    for shift in (0, 4):
        before = known
        seen, known = WindowAttention(2, 8, shift)(features, known)
        known = keras.ops.convert_to_numpy(known)
        assert np.isfinite(keras.ops.convert_to_numpy(seen)).all()
        assert (known >= before).all()
        windows = np.roll(known, (-shift, -shift), (1, 2))
        windows = windows.reshape(1, 8, 8, 8, 8)
        assert (windows.max((2, 4)) == windows.min((2, 4))).all()


def test_other_sizes_are_refused():
    with pytest.raises(ValueError, match="256 or 512. Received: 128"):
        build_mat(128)
