"""Which pixels of which pass are kept, told by networks that say it."""

import functools

import keras
import numpy as np
import pytest

from kerasinpaint import structure_texture
from kerasinpaint.analysis import context_of
from kerasinpaint.detectors import Detection
from kerasinpaint.models import build_structure_texture
from kerasinpaint.structure_texture import copied_share, fill

# Errors that are expected from left to right of a picture of 16 x 32.
ERRORS = np.tile(np.linspace(0.1, 0.4, 32, dtype="f")[:, None], (16, 1, 1))


class Numbered:
    """A network that paints the number of its call, in tenths.

    Args:
        errors: sequence of arrays of shape `(height, width, 1)`, what it
            expects at each call; the last is that of all further ones.
    """

    def __init__(self, *errors):
        self.errors = errors
        self.seen = []

    def __call__(self, context, training):
        assert not training
        self.seen.append(dict(context))
        number = len(self.seen)
        masks = context["masks"]
        picture = context["images"] * masks + 0.1 * number * (1 - masks)
        error = self.errors[min(number, len(self.errors)) - 1][None]
        return {"structure": picture, "picture": picture, "error": error}


@pytest.fixture
def quick(monkeypatch):
    """Neither objects nor scenes are looked for."""
    quickly = functools.partial(context_of, parts=("edges",))
    monkeypatch.setattr(structure_texture, "context_of", quickly)


@pytest.fixture
def holed():
    image = np.full((16, 32, 3), 0.9, np.float32)
    image[:8] = 0.8
    mask = np.ones((16, 32, 1), np.uint8)
    mask[4:12, 4:28] = 0
    return image, mask


def of_hole(maps, mask):
    """Values in the hole `(8, 24)`."""
    assert (mask[4:12, 4:28] == 0).all()
    return maps[4:12, 4:28, 0]


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return build_structure_texture(width=4, detail=4, doubt=4)


def test_any_height_and_width_is_padded_by_reflection(network):
    image = np.random.default_rng(0).random((30, 45, 3), np.float32)
    mask = np.ones((30, 45, 1), np.uint8)
    mask[8:24, 30:45] = 0
    found = fill(network, image, mask)
    pad = (0, 2), (0, 3), (0, 0)
    wanted = fill(
        network, np.pad(image, pad, "reflect"), np.pad(mask, pad, "reflect")
    )
    for name, maps in found.items():
        np.testing.assert_array_equal(maps, wanted[name][:30, :45])


def test_compiled_fills_the_same(network, holed):
    wanted, found = (
        fill(one, *holed)
        for one in (network, structure_texture.compiled(network))
    )
    for name, maps in wanted.items():
        np.testing.assert_allclose(found[name], maps, atol=1e-5)


def test_what_is_in_the_hole_is_not_read(network):
    image = np.random.default_rng(0).random((32, 48, 3), np.float32)
    mask = np.ones((32, 48, 1), np.uint8)
    mask[8:24, 10:30] = 0
    options = {"passes": 2, "doubt": 0.0}
    wanted = fill(network, np.where(mask, image, 0), mask, **options)
    found = fill(network, np.where(mask, image, np.nan), mask, **options)
    known = mask[..., 0] == 1
    for name in ("picture", "structure"):
        np.testing.assert_array_equal(found[name][known], image[known])
        assert found[name].shape == image.shape
        assert found[name].min() >= 0 and found[name].max() <= 1
    assert (found["picture"] != found["structure"])[~known].any()
    assert not found["error"][known].any() and found["error"][~known].all()
    for name, values in wanted.items():
        assert values.dtype == np.float32
        np.testing.assert_array_equal(found[name], values)


def test_one_pass_is_what_the_network_says(quick, holed):
    image, mask = holed
    found = fill(Numbered(ERRORS), image, mask)
    for name in ("picture", "structure"):
        np.testing.assert_allclose(of_hole(found[name], mask), 0.1)
    np.testing.assert_array_equal(found["error"], np.where(mask, 0, ERRORS))


@pytest.mark.parametrize(
    ("order", "left", "right"), [("easy", 0.1, 0.3), ("hard", 0.3, 0.1)]
)
def test_easy_keeps_what_is_sure_first_and_hard_last(
    order, left, right, quick, holed
):
    found = fill(Numbered(ERRORS), *holed, passes=3, order=order)
    painted = of_hole(found["picture"], holed[1])
    wanted = np.repeat([left, 0.2, right], 8)
    np.testing.assert_allclose(painted, np.tile(wanted, (8, 1)), rtol=1e-5)
    first = of_hole(found["structure"], holed[1])
    np.testing.assert_allclose(first, 0.1)


def test_random_keeps_as_many_anywhere(quick, holed):
    found = fill(Numbered(ERRORS), *holed, passes=3, order="random")
    painted = of_hole(found["picture"], holed[1]).round(1)
    values, counts = np.unique(painted, return_counts=True)
    np.testing.assert_allclose(values, [0.1, 0.2, 0.3])
    assert (counts == 64).all()
    assert all(len(np.unique(third)) == 3 for third in np.split(painted, 3, 1))


def test_each_pass_sees_what_was_kept(quick, holed):
    image, mask = holed
    network = Numbered(ERRORS)
    fill(network, image, mask, passes=2)
    one, two = network.seen
    np.testing.assert_array_equal(one["masks"][0], mask)
    kept = two["masks"][0] - mask
    assert (of_hole(kept, mask)[:, :12] == 1).all() and kept.sum() == 8 * 12
    np.testing.assert_allclose(two["images"][0][kept[..., 0] == 1], 0.1)
    # An edge between what was painted and what was there.
    edges = two["edges"][0, ..., 0] - one["edges"][0, ..., 0]
    assert edges[2:14, 3:16].sum() > 8


def test_an_error_is_that_of_the_pass_that_was_kept(quick, holed):
    image, mask = holed
    network = Numbered(ERRORS, 0 * ERRORS + 0.7)
    error = of_hole(fill(network, image, mask, passes=2)["error"], mask)
    np.testing.assert_array_equal(error[:, :12], ERRORS[4:12, 4:16, 0])
    np.testing.assert_allclose(error[:, 12:], 0.7)


@pytest.mark.parametrize(("then", "times"), [(0.2, 1), (0.7, 2)])
def test_what_is_doubted_is_filled_again(then, times, quick, holed):
    image, mask = holed
    network = Numbered(ERRORS, 0 * ERRORS + then)
    doubt = ERRORS[0, 16, 0] - 0.001
    found = fill(network, image, mask, doubt=doubt)
    assert len(network.seen) == 1 + times
    painted = of_hole(found["picture"], mask)
    np.testing.assert_allclose(painted[:, :12], 0.1)
    np.testing.assert_allclose(painted[:, 12:], 0.1 + 0.1 * times, rtol=1e-5)
    error = of_hole(found["error"], mask)
    np.testing.assert_array_equal(error[:, :12], ERRORS[4:12, 4:16, 0])
    np.testing.assert_allclose(error[:, 12:], then)
    sure = Numbered(ERRORS)
    fill(sure, image, mask, doubt=0.5)
    assert len(sure.seen) == 1


def test_any_detector_can_look(holed):
    looked = []

    def find(image):
        looked.append(image)
        return [Detection("hen", 0.9, (0, 0, 8, 16))]

    network = Numbered(ERRORS)
    fill(network, *holed, detector=find)
    (objects,) = network.seen[0]["objects"]
    assert len(looked) == 1
    np.testing.assert_allclose(objects[:8, :16], 0.9)
    assert not objects[8:].any()


def test_the_exemplar_is_the_picture_itself_or_another(quick, holed):
    image, mask = holed
    network = Numbered(ERRORS)
    fill(network, np.where(mask, image, np.nan), mask)
    (own,) = network.seen[0]["exemplars"]
    np.testing.assert_array_equal(own[..., :3], np.where(mask, image, 0))
    np.testing.assert_array_equal(own[..., 3:], mask)
    other = np.random.default_rng(0).random((23, 18, 3), np.float32)
    fill(network, image, mask, other)
    (shown,) = network.seen[1]["exemplars"]
    np.testing.assert_array_equal(shown[..., :3], other[:20, :16])
    assert (shown[..., 3] == 1).all()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"order": "any"}, "easy, hard, random. Received: 'any'"),
        ({"passes": 0}, "`passes` must be at least 1. Received: 0"),
        ({"doubt": -0.1}, "`doubt` must be .* at least 0. Received: -0.1"),
        ({"doubt": np.nan}, "`doubt` must be .* at least 0. Received: nan"),
        ({"exemplar": np.zeros((4, 9, 3))}, r"8 pixels .*\(4, 9, 3\)"),
        ({"exemplar": np.full((9, 9, 3), np.nan)}, "and finite"),
        ({"exemplar": np.zeros((9, 9, 3), int)}, "floats .*Received: int64"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, told, holed):
    with pytest.raises(ValueError, match=told):
        fill(Numbered(ERRORS), *holed, **options)


def test_pictures_of_levels_and_masks_of_255_are_refused(holed):
    image, mask = holed
    with pytest.raises(ValueError, match="floats in .*Received: uint8"):
        fill(Numbered(ERRORS), (255 * image).astype(np.uint8), mask)
    with pytest.raises(ValueError, match="1 where .*Received: values up to 2"):
        fill(Numbered(ERRORS), image, 255 * mask)


def test_the_share_of_patches_that_are_copied():
    rng = np.random.default_rng(0)
    exemplar, filled = rng.random((2, 24, 24, 3))
    mask = np.ones((24, 24, 1))
    mask[4:11, 4:16] = 0  # 3 x 8 patches
    assert copied_share(filled, mask, exemplar) == 0
    # From elsewhere, less than a half grey level off: 3 x 2 patches.
    filled[4:11, 4:10] = np.rint(255 * exemplar[10:17, 1:7]) / 255 + 0.001
    assert copied_share(filled, mask, exemplar) == 6 / 24
    assert copied_share(filled, mask, exemplar, size=7) == 0
    filled[4:11, 4:10] += 0.004
    assert copied_share(filled, mask, exemplar) == 0


def test_a_hole_narrower_than_a_patch_has_no_share():
    picture, mask = np.zeros((9, 9, 3)), np.ones((9, 9, 1))
    mask[:, 4:8] = 0
    assert np.isnan(copied_share(picture, mask, picture))
