import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

from kerasinpaint import scenes, segmenters, weights
from kerasinpaint.scene_truth import mean_iou
from kerasinpaint.segmenters import Segmenter

TFLITE = (
    Path(__file__).parents[2]
    / "shared/models/deeplabv3_mnv2_pascal_quant.tflite"
)


def bright(images):
    """Class 1 where a picture is bright, at a quarter of its scale."""
    level = images.mean(-1)[:, 2::4, 2::4]
    return np.stack([1 - level, level], -1)


def square(height, width):
    image = np.zeros((height, width, 3), "f")
    image[height // 4 : height // 2, width // 2 : width // 4 * 3] = 1
    return image


@pytest.mark.parametrize("multiple", [None, 32])
@pytest.mark.parametrize(
    "shape", [(128, 128), (90, 200), (300, 41), (64, 65), (7, 9), (1, 1)]
)
def test_labels_lie_where_the_picture_is(shape, multiple):
    segmenter = Segmenter(bright, ["background", "bright"], 128, multiple)
    image = square(*shape)
    labels = segmenter(image)
    assert labels.shape == shape and labels.dtype == np.int32
    if min(shape) > 60:
        truth = image[..., 0] > 0.5
        both, either = (labels > 0) & truth, (labels > 0) | truth
        assert both.sum() > 0.8 * either.sum()


def test_a_picture_is_shown_whole_undistorted_and_reflected():
    seen = []

    def predict(images):
        seen.append(images)
        return bright(images)

    image = np.random.default_rng(0).random((60, 120, 3)).astype("f")
    Segmenter(predict, ["background", "bright"], 120)(image)
    (shown,) = seen[0]
    assert shown.shape == (120, 120, 3)
    np.testing.assert_array_equal(shown[:60], image)
    np.testing.assert_array_equal(shown[60:119], image[-2::-1])
    seen.clear()
    Segmenter(predict, ["background", "bright"], 96, 32)(image)
    # As many pixels as a square of 96: 68 x 136, up to multiples of 32.
    assert seen[0].shape == (1, 96, 160, 3)


def test_pictures_are_looked_at_together():
    segmenter = Segmenter(bright, ["background", "bright"], 64, 32)
    images = np.stack([square(50, 70), square(50, 70)[::-1]])
    labels, sure = segmenter.look(images)
    assert labels.shape == sure.shape == (2, 50, 70)
    for image, one in zip(images, labels, strict=True):
        np.testing.assert_array_equal(segmenter(image), one)
    assert ((sure >= 0.5) & (sure <= 1)).all() and sure.max() > 0.9


def test_many_pictures_are_shown_a_few_at_a_time():
    sizes = []

    def predict(images):
        sizes.append(len(images))
        return bright(images)

    segmenter = Segmenter(predict, ["background", "bright"], 32, 32)
    segmenter.look(np.zeros((40, 32, 32, 3), "f"))
    assert sizes == [16, 16, 8]


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    """Weights of `sample` as it is before training."""
    path = tmp_path_factory.mktemp("weights") / "mine.npz"
    weights.save(segmenters.build_sample(), path, "sample")
    return path


def test_trained_weights_are_a_segmenter(untrained):
    segmenter = segmenters.get(str(untrained))
    assert segmenter.classes == ["background", *scenes.CLASSES]
    images = np.random.default_rng(0).random((2, 40, 56, 3)).astype("f")
    labels, sure = segmenter.look(images)
    assert labels.shape == (2, 40, 56) and labels.max() < 6
    assert ((sure >= 1 / 6 - 1e-3) & (sure <= 1)).all()
    assert segmenters.get(str(untrained)) is segmenter


def test_weights_that_changed_are_read_again(untrained, tmp_path):
    path = tmp_path / "weights.npz"
    path.write_bytes(untrained.read_bytes())
    before = segmenters.get(str(path))
    os.utime(path, ns=(1, 1))
    assert segmenters.get(str(path)) is not before


def test_what_is_shipped_knows_its_classes():
    segmenter, right = segmenters.get("sample"), []
    for scene in scenes.draw(24, 5, split="validation", objects="train"):
        right.append(mean_iou(scene.labels, segmenter(scene.image)))
    # It was .81 of 150 scenes.
    assert np.mean(right) > 0.7


def test_weights_of_another_network_are_refused():
    with pytest.raises(ValueError, match="of a segmenter.* Received.*pconv"):
        segmenters.get(str(weights.path_of("pconv")))


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="sample, .*Received: 'nosuch'"):
        segmenters.get("nosuch")


def test_a_file_that_is_not_there_is_told(tmp_path):
    for name in ("no.npz", "no.tflite"):
        with pytest.raises(FileNotFoundError):
            segmenters.get(str(tmp_path / name))


def needs_litert():
    if not importlib.util.find_spec("ai_edge_litert"):
        pytest.skip("ai-edge-litert is not installed")


def test_a_file_that_is_no_network_is_refused(tmp_path):
    needs_litert()
    path = tmp_path / "bad.tflite"
    path.write_bytes(b"no flatbuffer at all")
    with pytest.raises(ValueError, match="must be a TFLite file"):
        segmenters.get(str(path))


def test_the_deeplab_of_voc_names_what_photographs_show():
    needs_litert()
    if not TFLITE.exists():
        pytest.skip(f"{TFLITE.name} is not at hand")
    segmenter = segmenters.get(str(TFLITE))
    assert segmenter.classes == segmenters.VOC_CLASSES
    right = {"bird": 0, "sheep": 0, "cow": 0}
    for name in right:
        rng = np.random.default_rng(0)
        shapes = {name: scenes.VOC_CLASSES[name]}
        for _ in range(3):
            scene = scenes.compose(rng, "test", 256, "all", shapes)
            labels = segmenter(scene.image)
            place = scene.labels > 0
            right[name] += (labels[place] == 0).mean() < 0.5
    assert sum(right.values()) >= 6
