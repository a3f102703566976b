import keras
import numpy as np
import pytest

from kerasinpaint import masks
from kerasinpaint.batches import Batches, random_mask, random_square


def pictures(sizes=((48, 64), (40, 40), (20, 90))):
    """Pictures in which every colour tells its place."""
    found = []
    for height, width in sizes:
        y, x = np.mgrid[:height, :width].astype(np.float32)
        planes = [x / width, y / height, (x + y) / (height + width)]
        found.append(np.stack(planes, -1))
    return found


def make(**arguments):
    options = {"size": 32, "batch_size": 3, "steps": 4} | arguments
    return Batches(pictures(), **options)


def flat(batch):
    return [np.asarray(array) for array in keras.tree.flatten(batch)]


def same(one, two):
    return all(
        np.array_equal(a, b) for a, b in zip(flat(one), flat(two), strict=True)
    )


def test_contract():
    inputs, targets = make()[0]
    images, known = inputs["images"], inputs["masks"]
    assert targets.shape == images.shape == (3, 32, 32, 3)
    assert known.shape == (3, 32, 32, 1)
    assert {a.dtype for a in (images, known, targets)} == {np.dtype("float32")}
    assert targets.min() >= 0 and targets.max() <= 1
    assert set(np.unique(known)) == {0, 1}
    # Target and input are the same crop and flip.
    np.testing.assert_array_equal(images, targets * known)


def test_a_batch_depends_on_seed_epoch_and_index_alone():
    wanted = make()[2]
    batches = make()
    assert not same(batches[1], wanted)
    assert same(batches[2], wanted)
    assert same(batches[2], wanted)
    batches.epoch = 1
    assert not same(batches[2], wanted)
    batches.epoch = 0
    assert same(batches[2], wanted)
    assert not same(make(seed=1)[2], wanted)
    assert same(make(workers=3)[2], wanted)


def test_workers_and_order_change_nothing():
    one, two = make(steps=20), make(steps=20, workers=2)
    assert len(one) == len(two) == 20
    order = np.random.default_rng(0).permutation(20)
    wanted = {i: one[i] for i in range(20)}
    assert all(same(two[int(i)], wanted[i]) for i in order)


def test_who_asks_out_of_turn_waits_for_one_batch_only(monkeypatch):
    batches, drawn = make(steps=20), []
    draw = batches._draw
    monkeypatch.setattr(
        batches, "_draw", lambda *place: drawn.append(place) or draw(*place)
    )
    for index in (19, 3, 12, 7):
        batches[index]
    assert len(drawn) == 4 and not batches._drawn


def test_it_ends():
    assert len(list(make(steps=3))) == 3
    with pytest.raises(IndexError, match="from 0 to 2. Received: 3"):
        make(steps=3)[3]


def test_crops_keep_what_is_seen():
    # The third plane is a sum of the others wherever the crop lies.
    square = Batches(pictures([(64, 64)]), 32, batch_size=4, steps=1)
    _, targets = square[0]
    total = targets[..., 0] + targets[..., 1]
    np.testing.assert_allclose(total, 2 * targets[..., 2], atol=0.01)
    # Flips are drawn, and places differ.
    assert len({target.tobytes() for target in targets}) == 4


def test_a_crop_of_its_own_size_is_exact():
    picture = pictures([(32, 32)])
    for _, targets in Batches(picture, 32, batch_size=2, steps=3):
        for target in targets:
            exact = (target == picture[0]).all()
            assert exact or (target == picture[0][:, ::-1]).all()


def test_a_small_picture_is_enlarged():
    _, targets = Batches(pictures([(20, 24)]), 32, batch_size=2, steps=1)[0]
    assert targets.shape == (2, 32, 32, 3)
    assert targets.min() >= 0 and targets.max() <= 1


def test_any_generator_draws_masks():
    inputs, _ = make(mask=masks.GENERATORS["boxes"])[0]
    assert (inputs["masks"] == 0).any()


@pytest.mark.parametrize("size", [8, 32])
def test_random_masks_never_fail_and_span_the_ratios(size):
    rng = np.random.default_rng(0)
    drawn = [random_mask(size, size, rng) for _ in range(60)]
    ratios = [1 - mask.mean() for mask in drawn]
    assert 0 < min(ratios) < 0.1 and 0.5 < max(ratios) <= 0.61


def test_ratios_that_no_mask_has_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"at least 0.06 apart.*\(0.2, 0.25\)"):
        random_mask(32, 32, rng, ratio=(0.2, 0.25))

    def whole(height, width, rng, amount):
        return np.ones((height, width, 1), np.uint8)

    with pytest.raises(ValueError, match=r"32 x 32.*\(0.1, 0.5\).*whole"):
        random_mask(32, 32, rng, [whole], ratio=(0.1, 0.5))


@pytest.mark.parametrize("workers", [1, 2])
def test_fit_sees_each_batch_of_each_epoch_once(workers):
    """Keras's own workers would serve the building of a model first."""
    seen = []

    class Recorded(Batches):
        def __getitem__(self, index):
            batch = super().__getitem__(index)
            seen.append((self.epoch, index, batch))
            return batch

    inputs = {
        "images": keras.Input((32, 32, 3), name="images"),
        "masks": keras.Input((32, 32, 1), name="masks"),
    }
    both = keras.ops.concatenate([inputs["images"], inputs["masks"]], -1)
    model = keras.Model(inputs, keras.layers.Conv2D(3, 1)(both))
    model.compile("sgd", "mse")
    batches = Recorded(pictures(), 32, 2, steps=4, workers=workers)
    model.fit(batches, epochs=2, shuffle=False, verbose=0)
    order = [(epoch, index) for epoch, index, _ in seen[-8:]]
    first, second = order[0][0], order[-1][0]
    assert order == [(e, i) for e in (first, second) for i in range(4)]
    assert second == first + 1
    fresh = Batches(pictures(), 32, 2, steps=4, epoch=second)
    assert same(seen[-1][2], fresh[3])


def test_random_squares_are_cut_out_as_they_are_or_mirrored():
    picture = pictures()[0]
    rng = np.random.default_rng(0)
    mirrored = 0
    for _ in range(40):
        square = random_square(picture, rng, (0.5, 0.75), least=26)
        side = len(square)
        assert square.shape == (side, side, 3) and 26 <= side <= 36
        mirrored += square[0, 0, 0] > square[0, -1, 0]
        assert np.shares_memory(square, picture)
    assert 10 < mirrored < 30
    assert random_square(picture, rng, (0.1, 0.1), least=99).shape[0] == 48
