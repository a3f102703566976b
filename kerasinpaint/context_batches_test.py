import numpy as np
import pytest

from kerasinpaint import context_batches, masks
from kerasinpaint.context_batches import PoolBatches, draw_pool

SIZE = 16


def pictures():
    """In which red tells the picture, and the others the place."""
    y, x = np.mgrid[:40, :48].astype(np.float32) / 48
    return [np.stack([0 * x + red, x, y], -1) for red in (0.2, 0.5, 0.8)]


def pool(count=12, **options):
    options = {"mask": masks.GENERATORS["boxes"], "parts": ()} | options
    return draw_pool(pictures(), SIZE, count, **options)


@pytest.fixture(autouse=True)
def few_together(monkeypatch):
    monkeypatch.setattr(context_batches, "TOGETHER", 8)


def test_a_pool_has_what_the_networks_are_shown():
    found = pool(11, parts=("edges",))
    photographs = found.pop("photographs")
    reds = np.array([0.2, 0.5, 0.8])[photographs]
    np.testing.assert_allclose(found["targets"][:, 0, 0, 0], reds, atol=1e-3)
    shapes = {name: array.shape[1:] for name, array in found.items()}
    assert shapes == {
        "images": (SIZE, SIZE, 3),
        "masks": (SIZE, SIZE, 1),
        "edges": (SIZE, SIZE, 2),
        "objects": (SIZE, SIZE, 1),
        "scene": (50,),
        "targets": (SIZE, SIZE, 3),
        "exemplars": (SIZE, SIZE, 4),
    }
    assert {(len(a), a.dtype.name) for a in found.values()} == {(11, "float16")}
    known = found["masks"][..., 0] == 1
    assert (~known).any((1, 2)).all()
    np.testing.assert_array_equal(
        found["images"][known], found["targets"][known]
    )
    # A pyramid of means has no black holes.
    assert found["images"][..., 0].min() > 0.15


def test_a_pool_depends_on_its_seed_alone():
    one, longer, other = pool(12), pool(15), pool(12, seed=1)
    for name in ("images", "masks", "targets", "exemplars"):
        np.testing.assert_array_equal(one[name], longer[name][:12])
        assert (one[name] != other[name]).any()
    # What is drawn together is drawn anew.
    assert (one["targets"][:4] != one["targets"][8:]).any((1, 2, 3)).all()


def test_exemplars_are_in_turn_the_crop_itself_and_another():
    found = pool()
    targets, shown = found["targets"], found["exemplars"]
    own, other = shown[::2], shown[1::2]
    np.testing.assert_array_equal(own[..., 3:], found["masks"][::2])
    np.testing.assert_array_equal(
        own[..., :3], targets[::2] * found["masks"][::2]
    )
    known = other[..., 3] == 1
    assert known.mean() > 0.5 and (other[~known] == 0).all()
    # Of the same photograph, at another place or scale.
    reds = targets[1::2, ..., 0]
    np.testing.assert_allclose(other[known][:, 0], reds[known], atol=1e-3)
    apart = abs(other[..., :3] - targets[1::2]).max((1, 2, 3))
    assert (apart > 0.01).all()


def test_an_exemplar_does_not_show_what_is_hidden():
    # All crops are the whole of a picture, in which colours tell the place.
    (picture,) = pictures()[:1]
    found = draw_pool(
        [picture[:, :40]],
        40,
        4,
        parts=(),
        mask=masks.GENERATORS["boxes"],
        scale=(1, 1),
    )
    for target, hidden, exemplar in zip(
        found["targets"], found["masks"], found["exemplars"], strict=True
    ):
        unseen = target[hidden[..., 0] == 0]
        shown = exemplar[exemplar[..., 3] == 1][:, :3]
        assert len(unseen) and len(shown)
        assert not {*map(tuple, unseen)} & {*map(tuple, shown)}


def numbered(count=9):
    """A pool of which `scene` tells the row, and `edges` the place."""
    rng = np.random.default_rng(0)
    images, targets = rng.random((2, count, 4, 4, 3), np.float32)
    places = np.tile(np.arange(16.0).reshape(4, 4, 1), (count, 1, 1, 1))
    known = (rng.random((count, 4, 4, 1)) < 0.5).astype("f")
    return {
        "images": images,
        "targets": targets,
        "edges": places.astype("f"),
        "scene": np.arange(count, dtype="f")[:, None],
        "exemplars": np.concatenate([images * known, known], -1),
        "details": images - targets,
        "errors": abs(images - targets).mean(-1, keepdims=True),
    }


NAMES = "images", "edges", "scene", "exemplars", "details"


def make(**options):
    options = {"batch_size": 6, "steps": 20} | options
    return PoolBatches(numbered(), NAMES, **options)


def test_batches_to_validate_with_are_rows_as_they_are():
    for inputs, targets in make(vary=False, steps=3):
        rows = inputs["scene"][:, 0].astype(int)
        for name, values in (inputs | {"targets": targets}).items():
            assert values.dtype == np.float32
            np.testing.assert_array_equal(values, numbered()[name][rows])
        assert set(inputs) == set(NAMES)


def ways(array):
    """A square in all eight ways."""
    turned = [np.rot90(array, quarter) for quarter in range(4)]
    return turned + [one[:, ::-1] for one in turned]


@pytest.mark.parametrize("target", ["targets", "errors"])
def test_all_of_a_row_is_turned_and_paled_together(target):
    pool, seen = numbered(), set()
    for inputs, targets in make(target=target):
        batch = inputs | {target: targets}
        for place, row in enumerate(inputs["scene"][:, 0].astype(int)):
            found = {n: batch[n][place] for n in batch if n != "scene"}
            (way,) = (
                number
                for number, places in enumerate(ways(pool["edges"][row]))
                if (places == found["edges"]).all()
            )
            seen.add(way)
            before = {name: ways(pool[name][row])[way] for name in found}
            red, original = found["images"][..., 0], before["images"][..., 0]
            contrast = np.ptp(red) / np.ptp(original)
            assert 0.6 < contrast < 1
            tint = (found["images"] - contrast * before["images"])[0, 0]
            assert (tint > -1e-5).all() and (tint < 1 - contrast + 1e-5).all()
            # Holes of an exemplar stay black, and its mask a mask.
            known = before["exemplars"][..., 3:]
            paled = contrast * before["exemplars"][..., :3] + tint * known
            wanted = {
                "images": contrast * before["images"] + tint,
                "exemplars": np.concatenate([paled, known], -1),
                "details": contrast * before["details"],
                target: contrast * before[target],
            }
            if target == "targets":
                wanted[target] += tint
            for name, values in wanted.items():
                np.testing.assert_allclose(
                    found[name], values, rtol=1e-4, atol=1e-5
                )
    assert seen == set(range(8))


def test_a_batch_depends_on_seed_epoch_and_index_alone():
    def values(batches, index=2):
        inputs, _ = batches[index]
        return inputs["images"].tolist()

    batches, wanted = make(), values(make())
    assert values(batches, 1) != wanted and values(batches) == wanted
    batches.epoch = 1
    assert values(batches) != wanted
    assert values(make(seed=1)) != wanted
