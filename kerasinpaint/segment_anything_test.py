from types import SimpleNamespace

import numpy as np
import pytest

from kerasinpaint import hub
from kerasinpaint.segment_anything import (
    MEAN,
    SEGMENTS,
    SegmentAnything,
    letterbox,
)

SIDE = 64


class Stub:
    """A backbone that finds rectangles, and tells what it was asked.

    Args:
        things: list of places, tuples of slices in the square, and for each
            a logit inside it, one around it, and a score.
    """

    def __init__(self, *things):
        self.things, self.shown, self.points, self.boxes = things, [], [], []
        self.image_encoder = SimpleNamespace(
            input_shape=(None, SIDE, SIDE, 3), predict_on_batch=self._encode
        )

    def _encode(self, images):
        self.shown.append(images[0])
        return np.zeros((1, 4, 4, 8), np.float32)

    def prompt_encoder(self, points=None, labels=None, boxes=None):
        if points is None:
            self.boxes.append(boxes[0, 0])
            return {"asked": boxes[0]}
        assert (labels == [1, -1]).all() and (points[:, 1] == 0).all()
        self.points += points[:, 0].tolist()
        return {"asked": points[:, 0]}

    def mask_decoder(self, image_embeddings, asked):
        assert image_embeddings.shape == (1, 4, 4, 8)
        if asked.shape[1:] == (2, 2):
            masks = np.full((1, 4, 16, 16), -9.0)
            left, top, right, bottom = np.rint(asked[0] / 4).ravel().astype(int)
            masks[0, 0, top:bottom, left:right] = 9
            return {"masks": masks, "iou_pred": np.ones((1, 4))}
        masks = np.full((len(asked), 4, 16, 16), -9.0)
        scores = np.zeros((len(asked), 4))
        scores[:, 0] = 1  # never to be taken
        for mask, score, (x, y) in zip(masks, scores, asked, strict=True):
            for number, (place, inside, around, good) in enumerate(self.things):
                rows, columns = place
                hit = rows.start <= y < rows.stop
                if hit and columns.start <= x < columns.stop:
                    large = np.full((SIDE, SIDE), around)
                    large[place] = inside
                    mask[1 + number % 3] = large[2::4, 2::4]
                    score[1 + number % 3] = good
        return {"masks": masks, "iou_pred": scores}


def identity(images):
    return images


def disc(height, width, y, x, radius):
    rows, columns = np.mgrid[:height, :width] + 0.5
    inside = (rows - y) ** 2 + (columns - x) ** 2 < radius**2
    return np.repeat(inside[..., None], 3, -1).astype(np.float32)


LOW = np.s_[0:64, 0:64], 9.0, -9.0, 0.9
HIGH = np.s_[16:48, 16:48], 9.0, -9.0, 0.95


def test_small_segments_lie_on_large_ones():
    segmenter = SegmentAnything(Stub(HIGH, LOW), identity)
    labels = segmenter(np.zeros((128, 128, 3), np.float32))
    assert labels[64, 64] == 2 and labels[10, 10] == 1
    assert abs(np.mean(labels == 2) - 0.25) < 0.02
    assert segmenter.classes[:3] == ["background", "segment 1", "segment 2"]
    assert len(segmenter.classes) == 1 + SEGMENTS


def test_pixels_of_no_segment_are_background():
    segmenter = SegmentAnything(Stub(HIGH), identity)
    labels = segmenter(np.zeros((128, 128, 3), np.float32))
    assert labels[10, 10] == 0 and labels[64, 64] == 1


@pytest.mark.parametrize(
    "inside, around, good, kept",
    [
        (9.0, -9.0, 0.88, True),
        (9.0, -9.0, 0.87, False),
        (0.5, -9.0, 0.95, False),  # it is gone when the bar rises
        (9.0, -0.5, 0.95, False),  # it is everywhere when the bar falls
    ],
)
def test_bad_and_unstable_masks_are_dropped(inside, around, good, kept):
    stub = Stub((HIGH[0], inside, around, good))
    labels = SegmentAnything(stub, identity)(np.zeros((64, 64, 3), np.float32))
    assert labels.any() == kept


def test_of_masks_of_the_same_the_best_is_kept():
    better = np.s_[16:48, 16:44], 9.0, -9.0, 0.96
    segmenter = SegmentAnything(Stub(HIGH, better, LOW), identity)
    labels = segmenter(np.zeros((64, 64, 3), np.float32))
    assert labels.max() == 2
    assert labels[32, 46] == 1 and labels[32, 40] == 2


def test_there_are_at_most_32_segments():
    cells = [
        (np.s_[y : y + 8, x : x + 8], 9.0, -9.0, 0.9 + (x + 8 * y) / 1e4)
        for y in range(0, 64, 8)
        for x in range(0, 64, 8)
    ]
    segmenter = SegmentAnything(Stub(*cells), identity)
    labels = segmenter(np.zeros((64, 64, 3), np.float32))
    assert set(np.unique(labels)) == set(range(SEGMENTS + 1))
    assert not labels[:28].any()  # the worse half


@pytest.mark.parametrize("shape", [(50, 100), (100, 50), (1, 40), (64, 64)])
def test_points_lie_in_the_picture_and_the_answer_has_its_shape(shape):
    stub = Stub(LOW)
    segmenter = SegmentAnything(stub, identity)
    images = np.zeros((2, *shape, 3), np.float32)
    images[1] = 1
    labels, sure = segmenter.look(images)
    assert labels.shape == sure.shape == (2, *shape)
    assert labels.max() <= SEGMENTS
    x, y = np.array(stub.points).T
    rows, columns = letterbox(images[0], SIDE)[1]
    assert len(x) == 2 * 16 * 16
    assert x.min() > 0 and y.min() > 0
    assert columns - columns / 16 < x.max() < columns
    assert rows - rows / 16 < y.max() < rows


def test_a_picture_is_encoded_once():
    stub = Stub(LOW)
    segmenter = SegmentAnything(stub, identity)
    image = disc(60, 90, 30, 40, 20)
    segmenter(image)
    assert len(stub.shown) == 1
    segmenter.in_box(image, (0, 0, 30, 30))
    segmenter.in_box(image.copy(), (10, 0, 30, 30))
    assert len(stub.shown) == 1
    image[0] = 0.5
    segmenter.in_box(image, (0, 0, 30, 30))
    segmenter.in_box(image[:50], (0, 0, 30, 30))
    assert len(stub.shown) == 3


def test_what_is_encoded_is_not_distorted_and_scaled_as_told():
    stub = Stub()
    image = disc(60, 120, 30, 50, 24)
    SegmentAnything(stub, lambda images: 5 * images)(image)
    (shown,) = stub.shown
    assert shown.shape == (SIDE, SIDE, 3)
    scale = SIDE / 120
    expected = 5 * disc(32, 64, 30 * scale, 50 * scale, 24 * scale)
    assert np.mean(abs(shown[:32] - expected) > 1) < 0.03
    np.testing.assert_allclose(shown[32:], 5 * np.ones((32, 64, 3)) * MEAN)


@pytest.mark.parametrize(
    "shape, box",
    [
        ((100, 200), (25, 50, 75, 125)),
        ((200, 100), (100, 25, 150, 75)),
        ((32, 16), (8, 4, 24, 12)),
    ],
)
def test_a_box_is_asked_for_where_it_is(shape, box):
    stub = Stub()
    image = np.zeros((*shape, 3), np.float32)
    mask = SegmentAnything(stub, identity).in_box(image, box)
    (corners,) = stub.boxes
    scale = SIDE / max(shape)
    top, left, bottom, right = (scale * edge for edge in box)
    np.testing.assert_allclose(corners, [[left, top], [right, bottom]])
    expected = np.zeros(shape, bool)
    expected[box[0] : box[2], box[1] : box[3]] = True
    assert mask.shape == shape and mask.dtype == bool
    assert (mask & expected).sum() > 0.9 * (mask | expected).sum()


def tiny_sam(keras_hub):
    layers, models = keras_hub.layers, keras_hub.models
    backbone = models.SAMBackbone(
        image_encoder=models.ViTDetBackbone(
            hidden_size=16,
            num_layers=1,
            intermediate_dim=16,
            num_heads=2,
            global_attention_layer_indices=[0],
            patch_size=16,
            num_output_channels=8,
            window_size=2,
            image_shape=(SIDE, SIDE, 3),
        ),
        prompt_encoder=layers.SAMPromptEncoder(
            hidden_size=8,
            image_embedding_size=(SIDE // 16, SIDE // 16),
            input_image_size=(SIDE, SIDE),
            mask_in_channels=4,
        ),
        mask_decoder=layers.SAMMaskDecoder(
            num_layers=1,
            hidden_size=8,
            intermediate_dim=8,
            num_heads=2,
            embedding_dim=8,
            num_multimask_outputs=3,
            iou_head_depth=2,
            iou_head_hidden_dim=8,
        ),
    )
    converter = layers.SAMImageConverter(
        height=1024, width=1024, scale=1 / 255.0
    )
    return models.SAMImageSegmenter(
        backbone=backbone,
        preprocessor=models.SAMImageSegmenterPreprocessor(converter),
    )


def test_it_is_put_together_as_keras_hub_does(untraced, monkeypatch, tmp_path):
    keras_hub = pytest.importorskip("keras_hub", reason="it is missing")
    import kagglehub
    import keras

    keras.utils.set_random_seed(0)
    model = tiny_sam(keras_hub)
    model.save_to_preset(tmp_path)
    monkeypatch.setattr(kagglehub, "model_download", lambda _: str(tmp_path))
    hub.sam.cache_clear()
    image = disc(40, 64, 20, 30, 15)
    mask = hub.sam_box(image, (5, 10, 35, 50))
    segmenter = hub.sam()
    labels = segmenter(image)
    hub.sam.cache_clear()
    square, _ = letterbox(image, SIDE, MEAN)
    asked = {
        "images": 255 * square[None] * np.float32(1 / 255),
        "points": np.zeros((1, 0, 2), np.float32),
        "labels": np.zeros((1, 0), np.float32),
        "boxes": np.float32([[[[10, 5], [50, 35]]]]),
        "masks": np.zeros((1, 0, 16, 16, 1), np.float32),
    }
    own = np.asarray(model(asked)["masks"])
    masks, scores = segmenter._ask(boxes=asked["boxes"])
    np.testing.assert_allclose(masks, own, rtol=1e-3, atol=1e-5)
    assert masks.shape == (1, 4, 16, 16) and scores.shape == (1, 4)
    assert mask.shape == labels.shape == (40, 64) and mask.dtype == bool
