import numpy as np
import pytest

from kerasinpaint import methods, networks


def scene(height, width, seed=0):
    """A smooth picture and a mask with a box, and holes at all borders."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    image = np.stack([x / width, y / height, (x + y) / (height + width)], -1)
    image += 0.02 * rng.random(image.shape)
    mask = np.ones((height, width, 1), np.uint8)
    mask[height // 3 : height // 2, width // 3 : width // 2] = 0
    mask[0, :3] = mask[-1, -1] = mask[height // 2, 0] = mask[3, -1] = 0
    return np.clip(image, 0, 1).astype(np.float32), mask


@pytest.mark.parametrize("name", methods.names())
@pytest.mark.parametrize("size", [(31, 45), (20, 17), (64, 64)])
def test_contract(name, size):
    image, mask = scene(*size)
    before = image.tobytes(), mask.tobytes()
    filled = methods.get(name)(image, mask)
    assert (image.tobytes(), mask.tobytes()) == before
    assert filled.shape == image.shape and filled.dtype == np.float32
    known = mask[..., 0] == 1
    assert filled[known].tobytes() == image[known].tobytes()
    assert np.isfinite(filled).all()
    assert filled.min() >= 0 and filled.max() <= 1


@pytest.mark.parametrize("name", methods.names())
def test_what_lies_in_a_hole_does_not_matter(name):
    image, mask = scene(31, 45)
    wanted = methods.get(name)(image, mask)
    for anything in (0.0, 1.0, np.nan):
        picture = np.where(mask, image, np.float32(anything))
        filled = methods.get(name)(picture, mask)
        np.testing.assert_allclose(filled, wanted, atol=1e-5)


@pytest.mark.parametrize("name", methods.names())
def test_holes_are_closed_not_painted_black(name):
    image, mask = scene(31, 45)
    filled = methods.get(name)(image * mask, mask)
    hole = mask[..., 0] == 0
    assert np.abs(filled - image)[hole].mean() < 0.06


@pytest.mark.parametrize("name", methods.names())
def test_without_holes_the_picture_comes_back(name):
    image, mask = scene(31, 45)
    filled = methods.get(name)(image, np.ones_like(mask))
    assert filled.dtype == np.float32
    assert filled.tobytes() == image.tobytes()
    assert not np.shares_memory(filled, image)


@pytest.mark.parametrize("name", methods.names())
@pytest.mark.parametrize(
    "image_shape, mask_shape, told",
    [
        ((8, 9, 3), (8, 9, 1), "known pixel .*72 pixels, all of them hole"),
        ((8, 9, 3), (9, 8, 1), r"size of `image`.*\(8, 9, 3\).*\(9, 8, 1\)"),
        ((8, 9, 3), (8, 9), r"\(height, width, 1\).*mask \(8, 9\)"),
        ((8, 9, 3), (8, 9, 3), r"\(height, width, 1\).*mask \(8, 9, 3\)"),
        ((8, 9), (8, 9, 1), r"\(height, width, 3\).*\(8, 9\)"),
        ((8, 9, 4), (8, 9, 1), r"\(height, width, 3\).*\(8, 9, 4\)"),
    ],
)
def test_all_refuse_the_same_in_the_same_words(
    name, image_shape, mask_shape, told
):
    image = np.zeros(image_shape, np.float32)
    with pytest.raises(ValueError, match=told):
        methods.get(name)(image, np.zeros(mask_shape, np.uint8))


def test_a_method_is_told_by_its_own_docstring():
    method = methods.get("telea")
    assert method.__doc__ == methods.telea.__doc__
    assert method.__name__ == "telea"


def test_an_unknown_name_is_refused_with_all_that_are_known():
    known = ", ".join([*methods.names(), "pconv_cifar10"])
    with pytest.raises(ValueError, match=f"{known}. Received: 'magic'"):
        methods.get("magic")


@pytest.mark.parametrize("name", ["telea", "pconv", "lama"])
@pytest.mark.parametrize("size", [(31, 45), (64, 64)])
def test_many_pictures_are_filled_as_one_after_the_other(
    name, size, monkeypatch
):
    # Two at once, three times.
    monkeypatch.setattr(networks, "GRAPH", 2 * size[0] * size[1])
    images, masks = zip(*[scene(*size, seed) for seed in range(5)], strict=True)
    images, masks = np.stack(images), np.stack(masks)
    masks[1, 10:25, 10:40] = 0
    method = methods.get(name)
    filled = methods.fill_batch(method, images * masks, masks)
    np.testing.assert_array_equal(filled * masks, images * masks)
    for image, mask, one in zip(images, masks, filled, strict=True):
        np.testing.assert_allclose(one, method(image, mask), atol=1e-5)


def test_many_pictures_are_checked_as_one_is():
    images, masks = np.zeros((2, 8, 9, 3), "f"), np.ones((2, 8, 9, 1), "u1")
    masks[1] = 0
    for name in ("fmm", "lama"):
        method = methods.get(name)
        with pytest.raises(ValueError, match="known pixel .*all of them hole"):
            methods.fill_batch(method, images, masks)
        with pytest.raises(ValueError, match="size of `image`"):
            methods.fill_batch(method, images, masks[:, :5])
        assert methods.fill_batch(method, images[:0], masks[:0]).shape[0] == 0
