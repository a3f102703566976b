import warnings

import cv2
import imgaug
import numpy as np
import pytest

from kerasinpaint import masks


def write_masks(folder, hole, number=6, shape=(60, 90)):
    """Files with a single box each, its holes of the given colour."""
    for place in range(number):
        picture = np.zeros(shape, np.uint8)
        picture[10 : 20 + place, 10 : 30 + place] = 255
        picture = picture if hole == "white" else 255 - picture
        cv2.imwrite(str(folder / f"{place}.png"), picture)


@pytest.mark.parametrize("hole", ["white", "black"])
def test_masks_are_drawn_from_a_folder(tmp_path, hole):
    write_masks(tmp_path, hole)
    generator = masks.folder_masks(tmp_path, hole)
    assert len(generator.paths) == 6
    seen = set()
    for seed in range(20):
        mask = generator(64, 48, np.random.default_rng(seed))
        assert mask.shape == (64, 48, 1)
        assert mask.dtype == np.uint8
        assert mask.max() == 1
        assert masks.hole_ratio(mask) < 0.5
        seen.add(mask.tobytes())
        again = generator(64, 48, np.random.default_rng(seed))
        np.testing.assert_array_equal(mask, again)
    assert len(seen) > 10


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (500, 400)])
def test_a_folder_mask_is_never_interpolated(tmp_path, shape):
    """A checkerboard of 4 px squares keeps squares with straight edges."""
    board = np.kron(np.indices((20, 20)).sum(0) % 2, np.ones((4, 4)))
    cv2.imwrite(str(tmp_path / "board.png"), (board * 255).astype(np.uint8))
    generator = masks.folder_masks(tmp_path, "white")
    mask = generator(*shape, np.random.default_rng(0))
    assert mask.shape == (*shape, 1)
    assert set(np.unique(mask)) <= {0, 1}
    first = mask[:1]
    assert ((mask == first) | (mask == 1 - first)).all()
    same = (mask == first).all(axis=(1, 2))
    assert (same | (mask != first).all(axis=(1, 2))).all()


def test_the_wrong_polarity_is_refused(tmp_path):
    write_masks(tmp_path, "white")
    with pytest.raises(ValueError, match="hole='white' is probably meant"):
        masks.folder_masks(tmp_path, "black")


def test_the_polarity_must_be_stated(tmp_path):
    write_masks(tmp_path, "white")
    with pytest.raises(ValueError, match="Received: 'grey'"):
        masks.folder_masks(tmp_path, "grey")
    with pytest.raises(TypeError, match="hole"):
        masks.folder_masks(tmp_path)


def test_a_folder_without_pictures_is_refused(tmp_path):
    (tmp_path / "readme.txt").write_text("none")
    with pytest.raises(ValueError, match=str(tmp_path)):
        masks.folder_masks(tmp_path, "white")


def test_a_folder_reaches_a_hole_ratio_by_laying_masks_over_each_other(
    tmp_path,
):
    write_masks(tmp_path, "white")
    generator = masks.folder_masks(tmp_path, "white")
    for ratio in ((0.01, 0.1), (0.2, 0.3), (0.4, 0.5)):
        mask = masks.with_hole_ratio(
            generator, 64, 64, np.random.default_rng(0), ratio=ratio
        )
        assert ratio[0] < masks.hole_ratio(mask) <= ratio[1]


@pytest.mark.parametrize("name", ["lines", "boxes", "water"])
def test_a_varied_mask_is_binary_and_another(name):
    mask = masks.GENERATORS[name](96, 128, np.random.default_rng(0))
    seen = set()
    for seed in range(10):
        varied = masks.vary(mask, np.random.default_rng(seed))
        assert varied.shape == mask.shape
        assert varied.dtype == np.uint8
        assert set(np.unique(varied)) == {0, 1}
        np.testing.assert_array_equal(
            varied, masks.vary(mask, np.random.default_rng(seed))
        )
        seen.add(varied.tobytes())
    assert len(seen) == 10
    assert mask.tobytes() not in seen


def test_varying_leaves_its_argument_and_global_states_alone(monkeypatch):
    mask = masks.boxes(64, 64, np.random.default_rng(0))
    before = mask.copy()
    # imgaug draws its global generator from NumPy's when first needed.
    monkeypatch.setattr(imgaug.random, "GLOBAL_RNG", None)
    np.random.seed(5)
    expected = np.random.random(4)
    np.random.seed(5)
    masks.vary(mask, np.random.default_rng(0))
    np.testing.assert_array_equal(np.random.random(4), expected)
    assert imgaug.random.GLOBAL_RNG is None
    np.testing.assert_array_equal(mask, before)


def test_the_global_states_do_not_matter():
    mask = masks.boxes(64, 64, np.random.default_rng(0))
    drawn = []
    for seed in (1, 2):
        np.random.seed(seed)
        imgaug.seed(seed)
        drawn.append(masks.vary(mask, np.random.default_rng(0)))
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 3), (3, 200)])
def test_tiny_masks_are_varied_without_a_warning(shape):
    mask = masks.strokes(*shape, np.random.default_rng(0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in range(5):
            varied = masks.vary(mask, np.random.default_rng(seed))
            assert varied.shape == mask.shape
