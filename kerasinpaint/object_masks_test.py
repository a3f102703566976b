import cv2
import numpy as np
import pytest

from kerasinpaint import masks, object_masks


@pytest.fixture(scope="module")
def labels():
    return object_masks.random_labels(128, 128, np.random.default_rng(2))


def two_halves(dtype=np.int32):
    labels = np.zeros((64, 64), dtype)
    labels[:, 32:] = 7
    return labels


@pytest.mark.parametrize("shape", object_masks.SHAPES)
@pytest.mark.parametrize("amount", [1e-6, 0.3, 1, 4])
def test_a_boundary_mask_covers_two_labels(labels, shape, amount):
    for seed in range(50):
        mask = object_masks.boundary(
            labels, np.random.default_rng(seed), amount, shapes=[shape]
        )
        assert len(np.unique(labels[mask[..., 0] == 0])) >= 2


def test_boundary_shapes_look_like_their_names():
    def hole(shape, seed):
        mask = object_masks.boundary(
            two_halves(),
            np.random.default_rng(seed),
            size=(0.25, 0.25),
            shapes=[shape],
        )
        y, x, _ = np.nonzero(mask == 0)
        inside = y.min() > 0 and y.max() < 63
        box = (np.ptp(y) + 1) * (np.ptp(x) + 1)
        return inside, len(y), len(y) / box

    for seed in range(40):
        inside, area, _ = hole("circle", seed)
        if inside:
            assert abs(area / (np.pi * 16**2) - 1) < 0.1
        assert hole("rectangle", seed)[2] == 1
    filled = [hole("irregular", seed)[2] for seed in range(40)]
    assert np.std(filled) > 0.04


def test_a_boundary_mask_is_centred_on_the_boundary():
    for seed in range(20):
        mask = object_masks.boundary(
            two_halves(), np.random.default_rng(seed), shapes=["circle"]
        )
        x = np.nonzero(mask == 0)[1]
        assert abs((x.min() + x.max()) / 2 - 32) <= 1


@pytest.mark.parametrize("name", object_masks.GENERATORS)
@pytest.mark.parametrize("label", [0, 3])
def test_a_map_with_a_single_label_is_refused(name, label):
    labels = np.full((16, 16), label)
    with pytest.raises(ValueError, match=f"Received: {label} everywhere"):
        object_masks.GENERATORS[name](labels, np.random.default_rng(0))


@pytest.mark.parametrize("name", object_masks.GENERATORS)
@pytest.mark.parametrize(
    "labels", [np.zeros((4, 4)), np.zeros((4, 4, 1), int), np.zeros(4, int)]
)
def test_what_is_no_label_map_is_refused(name, labels):
    with pytest.raises(ValueError, match="int array of shape"):
        object_masks.GENERATORS[name](labels, np.random.default_rng(0))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, np.uint32])
@pytest.mark.parametrize("name", object_masks.GENERATORS)
def test_the_integer_type_of_labels_does_not_matter(name, dtype):
    expected = object_masks.GENERATORS[name](
        two_halves(), np.random.default_rng(0)
    )
    mask = object_masks.GENERATORS[name](
        two_halves(dtype), np.random.default_rng(0)
    )
    np.testing.assert_array_equal(mask, expected)


@pytest.mark.parametrize("values", [(0, 10**9), (-1, 0)])
def test_labels_may_be_large_or_negative(values):
    labels = np.array(values)[(two_halves() > 0).astype(int)]
    for seed in range(5):
        mask = object_masks.object_aware(labels, np.random.default_rng(seed))
        assert 0 < masks.hole_ratio(mask) < 1


def test_an_object_aware_mask_is_one_component_and_its_surroundings():
    labels = np.zeros((128, 128), np.int32)
    cv2.circle(labels, (30, 30), 18, 1, -1)
    cv2.circle(labels, (95, 95), 18, 1, -1)
    cv2.rectangle(labels, (80, 10), (120, 40), 2, -1)
    objects = cv2.connectedComponents((labels > 0).astype(np.uint8))[1]
    picked = set()
    for seed in range(40):
        mask = object_masks.object_aware(
            labels, np.random.default_rng(seed), count=(1, 1)
        )
        hole = mask[..., 0] == 0
        touched = set(np.unique(objects[hole])) - {0}
        assert len(touched) == 1
        (one,) = touched
        picked.add(int(one))
        joint = (hole & (objects == one)).sum() / (objects == one).sum()
        assert joint > 0.3
        assert hole.sum() < 2.5 * (objects == one).sum()
    assert picked == {1, 2, 3}


def test_noise_roughens_the_edge():
    labels = np.zeros((128, 128), np.int32)
    cv2.circle(labels, (64, 64), 30, 1, -1)

    def roughness(amount, seed):
        mask = object_masks.object_aware(
            labels, np.random.default_rng(seed), roughness=amount
        )
        outlines, _ = cv2.findContours(
            1 - mask[..., 0], cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        far = np.linalg.norm(np.concatenate(outlines)[:, 0] - (64, 64), axis=1)
        return far.std()

    smooth = [roughness(0, seed) for seed in range(10)]
    rough = [roughness(0.04, seed) for seed in range(10)]
    assert max(smooth) < min(rough)


def test_objects_are_widened_and_narrowed():
    labels = np.zeros((128, 128), np.int32)
    cv2.circle(labels, (64, 64), 30, 1, -1)
    area = (labels > 0).sum()
    ratios = [
        (
            object_masks.object_aware(
                labels, np.random.default_rng(seed), count=(1, 1), roughness=0
            )
            == 0
        ).sum()
        / area
        for seed in range(30)
    ]
    assert min(ratios) < 0.95
    assert max(ratios) > 1.05


def test_a_speck_is_not_lost():
    labels = np.zeros((64, 64), np.int32)
    labels[20, 30] = 1
    for seed in range(40):
        mask = object_masks.object_aware(
            labels, np.random.default_rng(seed), count=(1, 1)
        )
        assert mask[20, 30] == 0


@pytest.mark.parametrize("shape", [(1, 2), (2, 2), (2, 3), (64, 48), (300, 9)])
def test_random_labels_have_background_and_more(shape):
    for seed in range(20):
        labels = object_masks.random_labels(*shape, np.random.default_rng(seed))
        assert labels.shape == shape
        assert labels.dtype == np.int32
        assert labels.min() == 0
        assert 1 <= labels.max() <= 5
        again = object_masks.random_labels(*shape, np.random.default_rng(seed))
        np.testing.assert_array_equal(labels, again)


def test_random_labels_have_several_segments():
    for seed in range(20):
        labels = object_masks.random_labels(
            128, 128, np.random.default_rng(seed)
        )
        assert len(np.unique(labels)) >= 4


def test_random_labels_of_no_size_are_refused():
    with pytest.raises(ValueError, match="height=0"):
        object_masks.random_labels(0, 4, np.random.default_rng(0))


def test_the_hole_reaches_around_what_is_cut():
    cut = np.zeros((9, 9), bool)
    cut[4, 4] = True
    mask = object_masks.hide(cut, 2)
    assert mask.shape == (9, 9, 1) and mask.dtype == np.uint8
    assert mask[4, 2] == 0 and mask[4, 1] == 1 and mask[2, 2] == 1
    assert object_masks.hide(cut, 0).sum() == 80
