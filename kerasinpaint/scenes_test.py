import numpy as np
import pytest

from kerasinpaint import data, scenes
from kerasinpaint.scene_stage import cutouts


def compose(seed=0, **options):
    return scenes.compose(np.random.default_rng(seed), size=64, **options)


@pytest.fixture(scope="module")
def drawn():
    return list(scenes.draw(60, seed=3, size=64))


def test_a_seed_draws_the_same_scene_and_another_another():
    one, two, other = compose(1), compose(1), compose(2)
    np.testing.assert_array_equal(one.image, two.image)
    np.testing.assert_array_equal(one.labels, two.labels)
    assert [o.name for o in one.objects] == [o.name for o in two.objects]
    assert abs(one.image - other.image).max() > 0.1


def test_workers_and_count_change_nothing(drawn):
    fewer = scenes.draw(5, 3, workers=1, size=64)
    for one, two in zip(drawn[:5], fewer, strict=True):
        np.testing.assert_array_equal(one.image, two.image)


def test_shapes_and_ranges(drawn):
    for scene in drawn:
        assert scene.image.shape == (64, 64, 3)
        assert scene.image.dtype == np.float32
        assert 0 <= scene.image.min() and scene.image.max() <= 1 + 1e-6
        assert scene.labels.shape == (64, 64)
        assert scene.labels.dtype == np.int32
        assert scene.labels.max() <= len(scenes.CLASSES)


def test_those_in_front_cover_as_much_as_stated(drawn):
    covered = np.array([scene.objects[0].covered for scene in drawn])
    assert ((covered >= 0.15) & (covered <= 0.6)).all()
    # All of the range: as often little as much.
    assert 0.3 < covered.mean() < 0.45 and covered.std() > 0.1


def test_what_is_seen_is_where_nothing_stands_before_it(drawn):
    for scene in drawn:
        before = np.zeros(scene.labels.shape, bool)
        labels = np.zeros(scene.labels.shape, int)
        for one in scene.objects[::-1]:
            np.testing.assert_array_equal(one.visible, one.amodal & ~before)
            before |= one.amodal
            labels[one.visible] = one.label
        np.testing.assert_array_equal(labels, scene.labels)


def test_without_an_object_only_its_place_changes(drawn):
    for scene in drawn[:10]:
        taken = len(scene.objects) - 1
        changed = abs(scene.without([taken]) - scene.image).max(-1)
        # Alpha below one half is not in the mask, and may lie around it.
        inside = changed[scene.objects[taken].amodal]
        assert inside.mean() > 0.02
        layer = scene._layers[taken]
        empty = np.ones(changed.shape, bool)
        empty[layer.place] = layer.alpha == 0
        assert not changed[empty].any()
        labels = scene.labels_without([taken])
        same = ~scene.objects[taken].amodal
        np.testing.assert_array_equal(labels[same], scene.labels[same])
        behind = scene.without(range(1, len(scene.objects)))
        np.testing.assert_array_equal(scene.behind, behind)
        np.testing.assert_array_equal(
            scene.labels_without(range(1, 9)) > 0, scene.objects[0].amodal
        )


def test_some_scenes_hide_an_object_and_some_repeat_a_class(drawn):
    hidden = [any(o.covered == 1 for o in s.objects) for s in drawn]
    assert 0 < sum(hidden) < 20
    repeated = [s for s in drawn if s.repeated]
    assert 5 < len(repeated) < 50
    for scene in repeated:
        names = [one.name for one in scene.objects]
        assert len(set(names)) < len(names)
    assert {len(s.objects) for s in drawn} >= {2, 3}


def test_edges_are_soft(drawn):
    soft = 0
    for scene in drawn[:10]:
        alphas = [layer.alpha for layer in scene._layers]
        soft += sum(((a > 0.1) & (a < 0.9)).any() for a in alphas)
    assert soft > 10


def test_test_objects_and_backgrounds_never_appear_in_training():
    for find in (data.object_paths, data.background_paths):
        train, test = ({p.name for p in find(s)} for s in ("train", "test"))
        assert len(train) > 50 and len(test) > 10
        assert not train & test
    # What a scene is drawn from is what those lists say.
    classes = tuple(scenes.CLASSES.items())
    for split in ("train", "test"):
        for name, shapes in cutouts(split, 64, classes).items():
            paths = data.object_paths(split, scenes.CLASSES[name])
            assert len(shapes) == len(paths)
            assert all(f"/objects/{split}/" in p.as_posix() for p in paths)


def test_objects_may_be_of_another_split_than_backgrounds():
    one = compose(5, split="test")
    other = compose(5, split="test", objects="train")
    assert abs(one.image - other.image).max() > 0.1


def test_classes_of_voc():
    for seed in range(10):
        scene = compose(
            seed, split="test", objects="all", classes=scenes.VOC_CLASSES
        )
        assert {o.name for o in scene.objects} <= set(scenes.VOC_CLASSES)


def test_backgrounds_are_photographs_of_their_split():
    for split in data.SPLITS:
        paths = data.background_paths(split)
        assert set(paths) <= set(data.photo_paths(split))
    listed = (data.ROOT / "backgrounds.txt").read_text().split()
    assert len(listed) == sum(
        len(data.background_paths(split)) for split in data.SPLITS
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"split": "all"}, "must be one of .*'all'"),
        ({"objects": "most"}, "must be one of .*'most'"),
        ({"objects": "test"}, "'test' for objects of that.*='train', obj"),
    ],
)
def test_an_unknown_split_is_refused(options, told):
    with pytest.raises(ValueError, match=told):
        compose(**options)


def test_too_small_a_scene_is_refused():
    with pytest.raises(ValueError, match="at least 32. Received: 16"):
        scenes.compose(np.random.default_rng(0), size=16)
