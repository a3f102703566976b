"""The loop, on flat scenes in which a colour tells the class."""

import cv2
import numpy as np
import pytest

from kerasinpaint.found import renumbered
from kerasinpaint.scene_stage import Layer
from kerasinpaint.scene_truth import iou, true_fill, true_order
from kerasinpaint.scenes import Scene
from kerasinpaint.segment_loop import segment_all, segment_with_inpainting

SIZE = 96
CLASSES = ["square", "disc", "bar"]
COLORS = np.array([(0.5, 0.5, 0.5), (1, 0, 0), (0, 0, 1), (0, 1, 0)], "f")
SHAPES = {
    "square": lambda y, x: (abs(y - 40) < 25) & (abs(x - 35) < 25),
    "disc": lambda y, x: (y - 45) ** 2 + (x - 60) ** 2 < 18**2,
    "bar": lambda y, x: (abs(y - 45) < 5) & (abs(x - 80) < 14),
}


def scene_of(*names):
    """A scene of flat shapes, the rearmost first."""
    y, x = np.mgrid[:SIZE, :SIZE]
    layers = []
    for name in names:
        alpha = SHAPES[name](y, x).astype("f")[..., None]
        color = COLORS[1 + CLASSES.index(name)]
        patch = np.concatenate([alpha * color, alpha], -1)
        layers.append(Layer(patch, (0, 0), SIZE))
    ground = np.full((SIZE, SIZE, 3), 0.5, "f")
    return Scene(ground, layers, list(names), CLASSES)


class ByColor:
    """A segmenter that makes no mistakes, and counts what it is asked."""

    classes = ["background", *CLASSES]

    def __init__(self):
        self.asked = 0

    def __call__(self, image):
        self.asked += 1
        away = ((image[..., None, :] - COLORS) ** 2).sum(-1)
        return away.argmin(-1).astype(np.int32)


class Counted:
    def __init__(self, method):
        self.method, self.asked = method, 0

    def __call__(self, image, mask):
        self.asked += 1
        return self.method(image, mask)


def run(scene, segmenter=None, **options):
    options = {"method": true_fill(scene)} | options
    segmenter = segmenter or ByColor()
    return segment_with_inpainting(scene.image, segmenter, **options)


def of(found, name):
    (one,) = [one for one in found.objects if one.name == name]
    return one


def test_the_hidden_part_is_found_and_the_order():
    scene = scene_of("square", "disc")
    found = run(scene)
    for true in scene.objects:
        one = of(found, true.name)
        assert iou(one.visible, true.visible) == 1
        assert iou(one.amodal, true.amodal) > 0.99
    ((first, second),) = found.order
    assert found.objects[first].name == "disc"
    assert found.objects[second].name == "square"
    assert not found.hallucinations


def test_the_first_label_wins():
    scene = scene_of("square", "disc")
    np.testing.assert_array_equal(run(scene).labels, scene.labels)


def test_whichever_stands_in_front_is_peeled():
    found = run(scene_of("disc", "square"))
    ((first, second),) = found.order
    assert found.objects[first].name == "square"
    assert iou(of(found, "square").amodal, of(found, "square").visible) == 1


def test_one_layer_goes_in_each_iteration():
    scene = scene_of("square", "disc", "bar")
    for iterations, wanted in ((0, []), (1, ["disc"]), (2, ["disc", "square"])):
        found = run(scene, iterations=iterations)
        assert len(found.steps) == 1 + iterations
        whole = [
            true.name
            for true in scene.objects[::-1][1:]
            if iou(of(found, true.name).amodal, true.amodal) > 0.99
        ]
        assert whole == wanted


def test_it_ends_when_nothing_stands_in_front():
    segmenter, method = ByColor(), Counted(None)
    found = run(scene_of("square"), segmenter, method=method, iterations=9)
    assert segmenter.asked == 1 and method.asked == 0
    assert len(found.steps) == 1


def test_what_was_seen_is_not_segmented_again():
    scene = scene_of("square", "disc")
    segmenter, method = ByColor(), Counted(true_fill(scene))
    run(scene, segmenter, method=method, iterations=9)
    # The picture, and each of both tried; one of them is what was peeled.
    assert segmenter.asked == 3 and method.asked == 2


def test_a_known_order_needs_no_trial():
    scene = scene_of("square", "disc")
    segmenter = ByColor()
    (found,) = segment_all(
        [scene.image],
        segmenter,
        true_fill(scene),
        in_front=[true_order(scene)],
    )
    assert segmenter.asked == 2
    assert iou(of(found, "square").amodal, scene.objects[0].amodal) > 0.99


def test_what_continues_nothing_is_a_hallucination():
    scene = scene_of("square", "disc")
    fill = true_fill(scene)

    def with_ghost(image, mask):
        """Paints a bar into the middle of whatever is filled."""
        filled = fill(image, mask)
        hole = mask[..., 0] == 0
        inner = cv2.erode(hole.astype(np.uint8), np.ones((15, 15))) > 0
        filled[inner] = COLORS[3]
        return filled

    found = run(scene, method=with_ghost)
    assert [one.name for one in found.objects].count("bar") == 0
    assert len(found.hallucinations) >= 1
    assert not (found.labels == 3).any()
    s0 = run(scene, method=with_ghost, peel="all")
    assert [one.name for one in s0.objects].count("bar") >= 1


def test_s0_cuts_out_the_object_whose_hidden_part_is_wanted():
    scene = scene_of("square", "disc")
    found = run(scene, peel="all")
    square = of(found, "square")
    np.testing.assert_array_equal(square.amodal, square.visible)
    assert len(found.steps) == 2  # the second finds nothing, and is the last


def test_s0_joins_what_touches_an_object_of_its_class():
    scene = scene_of("square")

    def brought_back(image, mask):
        """Paints more of the square into its own place, below its middle."""
        hole = mask[..., 0] == 0
        hole[:50] = False
        return np.where(hole[..., None], COLORS[1], image)

    found = run(scene, method=brought_back, peel="all", iterations=2)
    square = of(found, "square")
    assert square.iteration == 0 and len(found.steps) >= 2
    grown = square.amodal & ~square.visible
    assert grown.any() and not (grown & scene.objects[0].amodal).any()
    np.testing.assert_array_equal(square.visible, scene.objects[0].visible)


class Numbered(ByColor):
    """Numbers what it sees, the largest first, as Segment Anything does."""

    classes = ["background", *(f"segment {n + 1}" for n in range(9))]
    numbers = True

    def __call__(self, image):
        labels = super().__call__(image)
        sizes = np.bincount(labels.ravel(), minlength=4)
        sizes[0] = SIZE**2
        ranks = np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")
        return ranks[labels].astype(np.int32)


@pytest.mark.parametrize("names", [("square", "disc"), ("disc", "square")])
def test_numbers_of_segments_stay_when_their_order_changes(names):
    scene = scene_of(*names)
    found = run(scene, Numbered())
    assert len(found.objects) == 2
    for true in scene.objects:
        overlaps = [iou(true.amodal, one.amodal) for one in found.objects]
        assert max(overlaps) > 0.99
    first = run(scene, Numbered(), iterations=0)
    np.testing.assert_array_equal(found.labels, first.labels)


def test_a_segment_is_the_one_that_most_of_it_was():
    former = np.int32([[1, 1, 1, 0, 2, 2, 0]])
    labels = np.int32([[5, 5, 5, 5, 4, 0, 3]])
    seen = np.array([[True, True, True, False, True, True, True]])
    wanted = [[1, 1, 1, 1, 2, 0, 3]]
    assert renumbered(labels, former, seen, 6).tolist() == wanted
    # One of which the former makes up less than half is new.
    many = np.full_like(labels, 5)
    assert renumbered(many, former * (former == 2), seen, 6).max() == 1
    # There are no more labels.
    assert renumbered(labels, former, seen, 3).tolist()[0][-1] == 0


def test_many_pictures_are_as_one_after_the_other():
    drawn = [scene_of("square", "disc"), scene_of("bar", "disc", "square")]
    fills = [true_fill(scene) for scene in drawn]
    together = segment_all([s.image for s in drawn], ByColor(), fills)
    for scene, found in zip(drawn, together, strict=True):
        alone = run(scene)
        assert found.order == alone.order
        np.testing.assert_array_equal(found.labels, alone.labels)
        for one, two in zip(found.objects, alone.objects, strict=True):
            np.testing.assert_array_equal(one.amodal, two.amodal)


def test_probabilities_give_scores():
    class Sure(ByColor):
        def look(self, images):
            labels = np.stack([self(image) for image in images])
            return labels, np.full(labels.shape, 0.7, "f")

    scene = scene_of("square", "disc")
    found = run(scene, Sure())
    assert [one.score for one in found.objects] == pytest.approx([0.7, 0.7])
    assert of(run(scene), "disc").score == 1
    assert iou(of(found, "square").amodal, scene.objects[0].amodal) > 0.99


def test_the_picture_stays_as_it_was():
    scene = scene_of("square", "disc")
    before = scene.image.copy()
    found = run(scene)
    np.testing.assert_array_equal(scene.image, before)
    np.testing.assert_array_equal(found.steps[0].image, before)
    kept = ~found.steps[1].hole
    np.testing.assert_array_equal(found.steps[1].image[kept], before[kept])


def test_an_empty_picture_has_nothing():
    found = run(scene_of("square"), lambda_segmenter())
    assert found.objects == [] and (found.labels == 0).all()


def lambda_segmenter():
    def segmenter(image):
        return np.zeros(image.shape[:2], np.int32)

    segmenter.classes = ["background", "any"]
    return segmenter


def test_an_object_all_over_cannot_be_cut_out():
    def everywhere(image):
        labels = np.ones(image.shape[:2], np.int32)
        labels[:, 48:] = 2
        return labels

    everywhere.classes = ["background", "left", "right"]
    for peel in ("front", "all"):
        found = run(scene_of("square"), everywhere, peel=peel)
        assert [one.name for one in found.objects] == ["left", "right"]


def test_an_order_for_each_picture_is_asked_for():
    images = [scene_of("square").image] * 2
    with pytest.raises(ValueError, match="each of 2 pic.* Received: 1"):
        segment_all(images, ByColor(), None, in_front=[None])
    with pytest.raises(ValueError, match="`method` must have one.*: 3"):
        segment_all(images, ByColor(), [None] * 3)


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (np.zeros((8, 8, 3), np.uint8), "Received: uint8"),
        (np.zeros((8, 8), "f"), r"shape \(8, 8\)"),
        (np.zeros((8, 8, 4), "f"), r"shape \(8, 8, 4\)"),
        (np.zeros((0, 8, 3), "f"), r"shape \(0, 8, 3\)"),
    ],
)
def test_what_is_no_picture_is_refused(image, told):
    with pytest.raises(ValueError, match=told):
        segment_with_inpainting(image, ByColor(), None)


def test_pictures_of_two_sizes_are_refused():
    images = [np.zeros((8, side, 3), "f") for side in (8, 9)]
    with pytest.raises(ValueError, match="of one size"):
        segment_all(images, ByColor(), None)


def test_a_score_is_the_mean_over_all_that_is_seen():
    labels = np.zeros((80, 80), np.int32)
    labels[2:4, 5:15] = labels[5:15, 5:15] = 1
    sure = np.full(labels.shape, 0.5, "f")
    sure[:4] = 0.9

    class TwoParts:
        classes = ["background", "any"]

        def look(self, images):
            return np.stack([labels]), np.stack([sure])

    image = np.zeros((80, 80, 3), "f")
    found = segment_with_inpainting(image, TwoParts(), None)
    (one,) = found.objects
    assert one.visible.sum() == 120
    assert one.score == pytest.approx((20 * 0.9 + 100 * 0.5) / 120)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"iterations": -1}, "0 or more. Received: -1"),
        ({"peel": "some"}, "front, all. Received: 'some'"),
    ],
)
def test_mistakes_are_told(options, told):
    with pytest.raises(ValueError, match=told):
        run(scene_of("square"), **options)
