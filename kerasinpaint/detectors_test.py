from types import SimpleNamespace

import numpy as np
import pytest

from kerasinpaint import detectors, hub, scenes
from kerasinpaint.detectors import Detector, mask_of_box


@pytest.fixture
def without_sam(monkeypatch):
    monkeypatch.setattr(detectors, "_has_sam", lambda: False)


def found(*rows, padding=2):
    """What a model answers: boxes, labels and scores, and padding."""
    rows = list(rows) + [((-1, -1, -1, -1), -1, -1.0)] * padding
    boxes, labels, scores = zip(*rows, strict=True)
    return {
        "boxes": np.float32([boxes]),
        "labels": np.int32([labels]),
        "confidence": np.float32([scores]),
        "num_detections": np.int32([len(rows) - padding]),
    }


def stub(*rows):
    return Detector(lambda images: found(*rows), ["cat", "dog"], 64)


@pytest.mark.parametrize(
    "shape, shown, box",
    [
        ((100, 200), (8, 16, 16, 32), (25, 50, 50, 100)),
        ((200, 100), (8, 16, 16, 32), (25, 50, 50, 100)),
        ((32, 16), (8, 16, 16, 32), (4, 8, 8, 16)),
    ],
)
def test_boxes_are_mapped_back_to_the_picture(shape, shown, box):
    (one,) = stub((shown, 1, 0.5))(np.zeros((*shape, 3), np.float32))
    assert one == ("dog", 0.5, box)
    assert (one.name, one.score) == ("dog", 0.5)


def test_what_is_shown_is_not_distorted_and_stands_on_black():
    shown = []

    def predict(images):
        shown.append(images)
        return found()

    image = np.ones((100, 200, 3), np.float32)
    image[25:50, 50:150] = 0.5
    assert Detector(predict, ["cat"], 64)(image) == []
    assert shown[0].shape == (1, 64, 64, 3)
    np.testing.assert_allclose(shown[0][0, 8:16, 16:48], 0.5, rtol=1e-5)
    assert shown[0][0, :32].mean() > 0.8 and not shown[0][0, 32:].any()


def test_the_surest_come_first_and_the_least_sure_not_at_all():
    box = (0, 0, 20, 20)
    rows = (box, 0, 0.4), (box, 1, 0.9), (box, 0, 0.29), (box, 0, 0.31)
    image = np.zeros((64, 64, 3), np.float32)
    scores = [round(one.score, 2) for one in stub(*rows)(image)]
    assert scores == [0.9, 0.4, 0.31]


def test_boxes_end_where_the_picture_does():
    rows = ((-5, 10, 40, 70), 0, 0.8), ((40, 10, 60, 20), 0, 0.9)
    image = np.zeros((32, 64, 3), np.float32)
    (one,) = stub(*rows)(image)  # the other stands beside the picture
    assert one.box == (0, 10, 32, 64)


def tiny_dfine(keras_hub):
    features = keras_hub.models.HGNetV2Backbone(
        stem_channels=[3, 8, 8],
        stackwise_stage_filters=[[8, 8, 16, 1, 1, 3]]
        + [[16, 8, 16, 1, 1, 3]] * 3,
        apply_downsample=[False, True, True, True],
        use_lightweight_conv_block=[False, False, True, True],
        depths=[1, 1, 1, 1],
        hidden_sizes=[16, 16, 16, 16],
        embedding_size=8,
        use_learnable_affine_block=True,
        hidden_act="relu",
        image_shape=(None, None, 3),
        out_features=["stage3", "stage4"],
    )
    backbone = keras_hub.models.DFineBackbone(
        backbone=features,
        decoder_in_channels=[16, 16],
        encoder_hidden_dim=16,
        num_denoising=0,
        num_labels=80,
        hidden_dim=16,
        learn_initial_query=False,
        num_queries=10,
        anchor_image_size=(64, 64),
        feat_strides=[16, 32],
        num_feature_levels=2,
        encoder_in_channels=[16, 16],
        encode_proj_layers=[1],
        num_attention_heads=2,
        encoder_ffn_dim=16,
        num_encoder_layers=1,
        hidden_expansion=0.34,
        depth_multiplier=0.5,
        eval_idx=-1,
        num_decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=16,
        decoder_n_points=[2, 2],
        lqe_hidden_dim=8,
        num_lqe_layers=2,
        out_features=["stage3", "stage4"],
        seed=0,
    )
    # It would crop pictures, and to another side.
    converter = keras_hub.layers.DFineImageConverter(
        image_size=(32, 32), scale=1 / 255
    )
    return keras_hub.models.DFineObjectDetector(
        backbone=backbone,
        num_classes=80,
        preprocessor=keras_hub.models.DFineObjectDetectorPreprocessor(
            converter
        ),
    )


def test_dfine_sees_colours_as_its_preset_says_and_its_answer_is_read(
    untraced, monkeypatch
):
    keras_hub = pytest.importorskip("keras_hub", reason="it is missing")
    import keras

    keras.utils.set_random_seed(0)
    model = tiny_dfine(keras_hub)
    decode, seen = model.decode_predictions, []
    model.decode_predictions = lambda found, images: (
        decode(found, images) | found | {"seen": images}
    )
    # An untrained one is sure of nothing.
    monkeypatch.setattr(detectors, "LEAST", 0.01)
    detector = detectors._from_model(model, detectors.COCO_CLASSES, 64)
    predict = model.predict
    model.predict = lambda *a, **k: seen.append(predict(*a, **k)) or seen[-1]
    image = np.random.default_rng(0).random((64, 64, 3), np.float32)
    first, *_ = detector(image)
    (answer,) = seen
    np.testing.assert_allclose(answer["seen"][0], image, atol=1e-6)
    scores = 1 / (1 + np.exp(-answer["logits"][0]))
    query, label = np.unravel_index(scores.argmax(), scores.shape)
    assert first.score == pytest.approx(scores.max(), rel=1e-5)
    assert first.name == detector.classes[label]
    x, y, width, height = 64 * answer["pred_boxes"][0, query]
    box = y - height / 2, x - width / 2, y + height / 2, x + width / 2
    np.testing.assert_allclose(first.box, box, atol=1e-3)


def test_classes_of_coco_are_in_their_order():
    assert len(detectors.COCO_CLASSES) == len(set(detectors.COCO_CLASSES)) == 80
    places = {"person": 0, "bird": 14, "dog": 16, "chair": 56, "toothbrush": 79}
    for name, place in places.items():
        assert detectors.COCO_CLASSES[place] == name


def test_an_unknown_detector_is_refused():
    assert detectors.names() == ["dfine", "sample"]
    with pytest.raises(ValueError, match="of dfine, sample. Received: 'yolo'"):
        detectors.get("yolo")


def test_what_cannot_be_downloaded_is_told(monkeypatch):
    kagglehub = pytest.importorskip("kagglehub", reason="it is missing")

    def fail(handle):
        raise ConnectionError(handle)

    monkeypatch.setattr(kagglehub, "model_download", fail)
    with pytest.raises(OSError, match="dfine_small_coco could not be downl"):
        detectors.get("dfine")


def scene(height, width, y, x, radius):
    """A bright disc on dark, noisy ground, and where it is."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:height, :width] + 0.5
    place = (rows - y) ** 2 + (columns - x) ** 2 < radius**2
    ground = rng.normal(0.2, 0.05, (height, width, 3))
    image = np.where(place[..., None], [0.9, 0.7, 0.3], ground)
    return np.clip(image, 0, 1).astype(np.float32), place


@pytest.mark.parametrize(
    "shape, y, x, radius",
    [
        ((120, 160), 60, 90, 30),
        ((900, 1200), 500, 700, 200),
        ((120, 160), 30, 25, 40),  # over the edges
    ],
)
def test_grabcut_tells_a_disc_from_its_box(without_sam, shape, y, x, radius):
    image, place = scene(*shape, y, x, radius)
    box = (y - radius, x - radius, y + radius, x + radius)
    mask = mask_of_box(image, box)
    assert mask.shape == shape and mask.dtype == bool
    assert (mask & place).sum() > 0.9 * (mask | place).sum()
    np.testing.assert_array_equal(mask_of_box(image, box), mask)


def test_a_box_of_all_is_not_too_much_for_grabcut(without_sam):
    image, place = scene(60, 60, 30, 30, 20)
    mask = mask_of_box(image, (0, 0, 60, 60))
    assert (mask & place).sum() > 0.9 * (mask | place).sum()


@pytest.mark.parametrize(
    "shape, box",
    [
        ((40, 40), (10.5, 5.2, 30.1, 20)),
        ((3, 3), (0, 0, 3, 3)),
        ((40, 40), (7, 7, 9, 9)),
        ((40, 40), (-4, -4, 50, 50)),
        ((2, 900), (0, 10, 2, 20)),
    ],
)
def test_where_nothing_can_be_told_the_box_is_taken(without_sam, shape, box):
    mask = mask_of_box(np.full((*shape, 3), 0.5, np.float32), box)
    expected = np.zeros(shape, bool)
    top, left, bottom, right = box
    rows = slice(max(0, int(top)), int(np.ceil(bottom)))
    expected[rows, max(0, int(left)) : int(np.ceil(right))] = True
    np.testing.assert_array_equal(mask, expected)


def test_segment_anything_is_asked_if_it_is_there(monkeypatch):
    asked = []
    stub = SimpleNamespace(in_box=lambda image, box: asked.append(box))
    monkeypatch.setattr(hub, "sam", lambda: stub)
    detectors._has_sam.cache_clear()
    mask_of_box(np.zeros((8, 8, 3), np.float32), (1, 2, 3, 4))
    detectors._has_sam.cache_clear()
    assert asked == [(1, 2, 3, 4)]


@pytest.mark.parametrize("error", [OSError, ImportError])
def test_what_cannot_be_had_is_tried_once(monkeypatch, error):
    tries = []

    def fail():
        tries.append(1)
        raise error("no")

    monkeypatch.setattr(hub, "sam", fail)
    detectors._has_sam.cache_clear()
    image, place = scene(60, 60, 30, 30, 20)
    for _ in range(2):
        assert (mask_of_box(image, (8, 8, 52, 52)) == place).mean() > 0.95
    detectors._has_sam.cache_clear()
    assert len(tries) == 1


def test_the_packaged_detector_draws_boxes_around_segments():
    class Bright:
        classes = ["background", "lamp"]

        def look(self, images):
            labels = (images.mean(-1) > 0.9).astype(np.int32)
            return labels, np.full(labels.shape, 0.7, "f")

    look = detectors.SegmentDetector(Bright())
    assert look.classes == ["lamp"]
    image = np.zeros((64, 64, 3), "f")
    image[10:30, 20:50] = 1
    ((one,), none) = look.many(np.stack([image, 0 * image]))
    assert one.name == "lamp" and one.score == pytest.approx(0.7)
    assert one.box == (10, 20, 30, 50) and none == []
    assert look(image) == [one]


def test_the_packaged_detector_finds_what_is_in_a_scene():
    scene = scenes.compose(np.random.default_rng(3), "test", objects="train")
    look = detectors.get("sample")
    assert look.classes == list(scenes.CLASSES)
    found = look(scene.image)
    assert {one.name for one in found} & {o.name for o in scene.objects}
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True) and min(scores) > 0.2
