import shutil

import numpy as np
import pandas
import pytest

from kerasinpaint import (
    benchmark,
    scenes,
    segmentation_tables,
    segmenters,
    weights,
)
from kerasinpaint.benchmark_segmentation import scene_classes
from kerasinpaint.cli import main
from kerasinpaint.found import Found, FoundObject
from kerasinpaint.scene_truth import (
    iou,
    match,
    mean_iou,
    score,
    true_fill,
    true_order,
)

CLASSES = ["background", *scenes.CLASSES]


@pytest.fixture(scope="module")
def scene():
    """Two objects of different classes."""
    for seed in range(99):
        rng = np.random.default_rng(seed)
        one = scenes.compose(rng, "test", size=64)
        if len(one.objects) == 2 and not one.repeated:
            return one


def found_in(scene, amodal=True):
    found = Found(scene.image)
    found.labels = scene.labels.copy()
    for true in scene.objects:
        sure = np.ones(scene.labels.shape, "f")
        one = FoundObject(true.name, true.label, true.visible, 0, sure)
        one.amodal = (true.amodal if amodal else true.visible).copy()
        found.objects.append(one)
    return found


def test_the_truth_has_the_best_scores(scene):
    found = score(scene, found_in(scene), CLASSES)
    assert found["miou"] == found["amodal"] == found["recall"] == 1
    assert found["found"] == 1 and found["false"] == 0
    assert np.isnan(found["hidden"])


def test_what_is_seen_alone_lacks_the_hidden_part(scene):
    found = score(scene, found_in(scene, amodal=False), CLASSES)
    covered = scene.objects[0].covered
    assert found["amodal"] == pytest.approx(1 - covered)
    assert found["recall"] == 0 and found["miou"] == 1


def test_what_is_none_is_false(scene):
    found = found_in(scene)
    nowhere = np.zeros(scene.labels.shape, bool)
    nowhere[:5, :5] = True
    sure = np.ones(nowhere.shape, "f")
    found.objects.append(FoundObject("bird", 1, nowhere, 0, sure))
    assert score(scene, found, CLASSES)["false"] == 1
    found.objects.pop(0)
    left = score(scene, found, CLASSES)
    assert left["found"] == 0.5 and left["amodal"] < 1


def test_an_object_is_matched_once_and_by_class(scene):
    found = found_in(scene)
    twice = [*found.objects, *found.objects]
    pairs = match(scene.objects, twice)
    assert sorted(pairs) == [0, 1]
    assert sorted(place % 2 for place in pairs.values()) == [0, 1]
    found.objects[0].name = "other"
    assert match(scene.objects, found.objects) == {1: 1}


def test_intersections_over_unions():
    one, other = np.array([1, 1, 0, 0]) > 0, np.array([0, 1, 1, 0]) > 0
    assert iou(one, other) == pytest.approx(1 / 3)
    assert iou(~one & one, one & ~one) == 0
    # Classes 0 and 1: 2 of 3, and 1 of 2.
    labels = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    assert mean_iou(*labels) == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_the_true_fill_takes_away_what_is_cut(scene):
    fill = true_fill(scene)
    for place in range(2):
        cut = scene.objects[place].visible
        mask = 1 - cut[..., None].astype(np.uint8)
        filled = fill(scene.image, mask)
        np.testing.assert_array_equal(filled[cut], scene.without([place])[cut])
        np.testing.assert_array_equal(filled[~cut], scene.image[~cut])
    # And after the front is gone, what is behind it.
    front, back = scene.objects[1].visible, scene.objects[0].amodal
    first = fill(scene.image, 1 - front[..., None].astype(np.uint8))
    second = fill(first, 1 - back[..., None].astype(np.uint8))
    np.testing.assert_array_equal(second[back], scene.without([0, 1])[back])


def test_the_true_order_is_that_of_the_layers(scene):
    in_front = true_order(scene)
    back, front = (one.visible for one in scene.objects)
    assert in_front(front, back) is True
    assert in_front(back, front) is False
    assert in_front(front, front) is False


def test_the_benchmark_writes_a_row_for_each_scene_and_way(
    tmp_path, monkeypatch
):
    from kerasinpaint import benchmark_segmentation as module

    monkeypatch.setattr(module, "SIZES", (64,))
    monkeypatch.setattr(module, "ITERATIONS", (0, 1))
    monkeypatch.setattr(module, "TIMED", 1)
    monkeypatch.setattr(module, "MANY", 3)
    rows = benchmark.segmentation(["telea"], tmp_path, count=4, size=64)
    ways = list(rows.way.unique())
    assert ways == [
        "no loop",
        "S0's loop, telea",
        "loop, telea",
        "loop, telea, order known",
        "loop, truth",
        "loop, truth, order known",
    ]
    assert len(rows) == 4 * len(ways)
    written = pandas.read_csv(tmp_path / "scenes.csv")
    assert written.amodal.mean() == pytest.approx(rows.amodal.mean(), abs=1e-5)
    text = (tmp_path / "table.md").read_text()
    assert all(f"| {way}" in text for way in ways)
    assert text.count("\n## ") == 3
    assert (tmp_path / "strips.jpg").exists()


def test_methods_called_alike_are_refused(tmp_path):
    for folder in ("one", "other"):
        path = tmp_path / folder / "mine.npz"
        path.parent.mkdir()
        shutil.copy(weights.path_of("pconv"), path)
    names = [str(path) for path in sorted(tmp_path.glob("*/mine.npz"))]
    with pytest.raises(ValueError, match="must differ in the names of files"):
        benchmark.segmentation(names, tmp_path / "output")
    assert not (tmp_path / "output").exists()


def test_a_table_without_a_gap_has_no_share_of_it(scene):
    row = {"covered": 0.2, "repeated": False, "seconds": 1.0}
    row |= score(scene, found_in(scene), CLASSES)
    rows = pandas.DataFrame(
        [
            row | {"way": way, "scene": place}
            for way in ("no loop", "loop, truth")
            for place in range(2)
        ]
    )
    text = segmentation_tables.scores(rows, "two scenes")
    assert "1.000 (1.000 to 1.000)" in text and "nan" not in text


def test_parts_by_how_much_is_covered_are_all_scenes():
    covered = [0.15, 0.2, 0.3, 0.44, 0.6, 0.6]
    rows = pandas.DataFrame(
        {"scene": n, "way": way, "covered": c, "repeated": False, "amodal": 0.5}
        for way in ("no loop", "loop, fmm")
        for n, c in enumerate(covered)
    )
    text = segmentation_tables.by_covered(rows)
    assert "15% to 30% (3)" in text and "30% to 45% (1)" in text
    assert "45% to 60% (2)" in text and "two of one class (0)" in text
    assert text.index("| no loop") < text.index("| loop, fmm")
    assert "nan" not in text


def test_nothing_is_written_for_what_cannot_be_measured(tmp_path):
    for options in ({"names": ()}, {"size": 16}, {"objects": "most"}):
        options = {"names": ["fmm"], "count": 2} | options
        with pytest.raises(ValueError):
            benchmark.segmentation(output=tmp_path / "output", **options)
    assert not (tmp_path / "output").exists()


def test_one_scene_has_no_interval(tmp_path):
    with pytest.raises(ValueError, match="at least 2. Received: 1"):
        benchmark.segmentation(["fmm"], tmp_path / "output", count=1)


def test_scenes_are_of_classes_that_the_segmenter_knows():
    class Known:
        classes = segmenters.VOC_CLASSES

    assert scene_classes(Known) is scenes.VOC_CLASSES
    Known.classes = ["background", *scenes.CLASSES, "more"]
    assert scene_classes(Known) is scenes.CLASSES
    Known.classes = ["background", "wall", "floor"]
    with pytest.raises(ValueError, match="Received: one that knows wall, flo"):
        scene_classes(Known)


def test_a_size_is_of_scenes(capsys):
    arguments = ["--data", "voc2012", "--size", "64"]
    with pytest.raises(SystemExit):
        main(["benchmark", "segmentation", *arguments])
    assert "is of scenes, not of VOC" in capsys.readouterr().err
