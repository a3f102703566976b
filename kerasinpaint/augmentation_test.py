"""Input and target stay one picture, and batches what they were."""

import imgaug
import numpy as np
import pytest

from kerasinpaint import augmentation
from kerasinpaint.batches import Batches
from kerasinpaint.batches_test import flat, pictures, same

each = pytest.mark.parametrize(
    "augment", [augmentation.geometric, augmentation.color, augmentation.both]
)


def draw(augment, **arguments):
    options = {"size": 32, "batch_size": 3, "steps": 4} | arguments
    return Batches(pictures(), augment=augment, **options)


@each
def test_shape_dtype_and_range_stay_and_the_picture_changes(augment):
    picture = np.random.default_rng(0).random((24, 40, 3), np.float32)
    picture[:8], picture[8:16] = 0, 1
    before, seen = picture.copy(), set()
    for seed in range(10):
        varied = augment(picture[:, ::-1], np.random.default_rng(seed))
        assert varied.shape == picture.shape and varied.dtype == np.float32
        assert varied.min() >= 0 and varied.max() <= 1
        again = augment(picture[:, ::-1], np.random.default_rng(seed))
        np.testing.assert_array_equal(varied, again)
        seen.add(varied.tobytes())
    assert len(seen) == 10
    np.testing.assert_array_equal(picture, before)


@each
def test_global_states_do_not_matter_and_are_left_alone(augment, monkeypatch):
    # imgaug draws its global generator from NumPy's when first needed.
    monkeypatch.setattr(imgaug.random, "GLOBAL_RNG", None)
    picture = np.random.default_rng(0).random((24, 24, 3), np.float32)
    drawn = []
    for seed in (1, 2):
        np.random.seed(seed)
        expected = np.random.random(4)
        np.random.seed(seed)
        drawn.append(augment(picture, np.random.default_rng(0)))
        np.testing.assert_array_equal(np.random.random(4), expected)
    assert imgaug.random.GLOBAL_RNG is None
    np.testing.assert_array_equal(*drawn)


def test_color_moves_nothing_and_keeps_black_and_white():
    picture = np.zeros((24, 24, 3), np.float32)
    picture[:, 9:] = 1
    varied = augmentation.color(picture, np.random.default_rng(0))
    np.testing.assert_array_equal(varied, picture)


def test_geometry_makes_no_colors():
    """Mirrored at the border: no black comes in."""
    picture = np.full((24, 40, 3), 0.3, np.float32)
    for seed in range(10):
        varied = augmentation.geometric(picture, np.random.default_rng(seed))
        np.testing.assert_allclose(varied, picture, atol=1e-6)


@each
def test_what_is_known_of_the_input_is_the_target_bit_for_bit(augment):
    for (inputs, targets), (_, truths) in zip(
        draw(augment), draw(None), strict=True
    ):
        assert not np.array_equal(targets, truths)
        known = np.broadcast_to(inputs["masks"] == 1, targets.shape)
        np.testing.assert_array_equal(inputs["images"][known], targets[known])
        assert not inputs["images"][~known].any()
        # Holes are cut after it, and stay sharp.
        assert set(np.unique(inputs["masks"])) == {0, 1}


@each
def test_a_straight_edge_breaks_nowhere_at_the_rim_of_a_hole(augment):
    """In target and input it turns by the same angle."""
    picture = np.full((64, 64, 3), 0.2, np.float32)
    picture[:, 32:] = 0.8
    batches = Batches([picture], 64, 4, 1, scale=(1, 1), augment=augment)
    inputs, targets = batches[0]
    for image, mask, target in zip(*inputs.values(), targets, strict=True):
        bright = target[..., 1] > 0.5
        rows = np.arange(64)[8:-8]
        edge = np.abs(np.diff(bright[rows].astype(int))).argmax(1)
        line = np.polyval(np.polyfit(rows, edge, 1), rows)
        assert np.abs(edge - line).max() < 2
        assert ((image[..., 1] > 0.5) == (bright & (mask[..., 0] == 1))).all()


@each
def test_a_batch_depends_on_seed_epoch_and_index_alone(augment):
    wanted = draw(augment, epoch=1)[2]
    batches = draw(augment)
    assert not same(batches[2], wanted)
    batches.epoch = 1  # as a run that goes on does
    assert same(batches[2], wanted)


@each
def test_threads_change_nothing(augment):
    one, many = (draw(augment, steps=24, workers=n) for n in (1, 4))
    order = np.random.default_rng(0).permutation(24)
    wanted = {i: one[i] for i in range(24)}
    assert all(same(many[int(i)], wanted[i]) for i in order)
    for a, b in zip(many, wanted.values(), strict=True):
        assert same(a, b)


def test_any_function_augments_and_float32_comes_out():
    def darker(picture, rng):
        return picture.astype(float) * rng.uniform(0.2, 0.5)

    batch = draw(darker)[0]
    assert {array.dtype for array in flat(batch)} == {np.dtype("float32")}
    assert batch[1].max() <= 0.5


def test_whole_levels_are_refused():
    """Times 255 they would wrap."""
    picture = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(ValueError, match="float32 .*Received: uint8"):
        augmentation.color(picture, np.random.default_rng(0))
