import numpy as np
import pytest

from kerasinpaint import tiles

SMOOTH = {
    "with_padding": lambda method: tiles.with_padding(method, 32),
    "with_tiles": lambda method: tiles.with_tiles(method, 32, 8),
    "with_context": lambda method: tiles.with_context(method, 32, 6),
    "with_crop": lambda method: tiles.with_crop(method, 32, 6),
}
SIZES = [(1, 1), (1, 50), (33, 2), (20, 20), (32, 32), (70, 45), (61, 130)]


def scene(height, width, ratio=0.2, seed=0):
    rng = np.random.default_rng(seed)
    image = rng.random((height, width, 3), np.float32)
    mask = (rng.random((height, width, 1)) > ratio).astype(np.uint8)
    mask[height // 2, width // 2] = 0
    return image, mask


def box_mask(height, width, rows, columns):
    mask = np.ones((height, width, 1), np.uint8)
    mask[slice(*rows), slice(*columns)] = 0
    return mask


def ramp(height, width):
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return np.stack([y / 300, x / 300, (x + y) / 600], axis=-1)


def fill_plane(image, mask):
    """Fits a plane to the known pixels: a ramp is filled without error."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    terms = np.stack([y, x, np.ones_like(x)], axis=-1).astype(np.float64)
    known = mask[..., 0] == 1
    plane = np.linalg.lstsq(terms[known], image[known], rcond=None)[0]
    return (terms @ plane).astype(np.float32)


def fill_mean(image, mask):
    known = image[mask[..., 0] == 1]
    return np.full_like(image, known.mean(axis=0) if len(known) else 0.5)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_wrapped_method_keeps_the_contract(name, size, dtype):
    image, mask = scene(*size)
    mask = mask.astype(dtype)
    before = image.copy(), mask.copy()
    result = SMOOTH[name](fill_mean)(image, mask)
    assert result.shape == image.shape and result.dtype == image.dtype
    known = np.broadcast_to(mask == 1, image.shape)
    np.testing.assert_array_equal(result[known], image[known])
    assert np.isfinite(result).all()
    assert (result[~known] != image[~known]).all()
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(mask, before[1])


@pytest.mark.parametrize("name", SMOOTH)
def test_without_holes_the_method_is_not_asked(name):
    def method(image, mask):
        raise AssertionError("called")

    image = scene(40, 50)[0]
    result = SMOOTH[name](method)(image, np.ones((40, 50, 1), np.uint8))
    np.testing.assert_array_equal(result, image)


@pytest.mark.parametrize("name", SMOOTH)
def test_a_method_that_spoils_known_pixels_is_put_right(name):
    image, mask = scene(70, 45)
    result = SMOOTH[name](lambda image, mask: 1 - image)(image, mask)
    np.testing.assert_array_equal(
        result[mask[..., 0] == 1], image[mask[..., 0] == 1]
    )


@pytest.mark.parametrize("name", SMOOTH)
def test_what_stands_in_a_hole_does_not_matter(name):
    def method(image, mask):  # reads, as a network does, image * mask
        return np.where(mask == 0, (image * mask).mean(), image)

    image, mask = scene(70, 45, ratio=0.05)
    other = np.where(mask == 0, np.float32(7), image)
    wrapped = SMOOTH[name](method)
    np.testing.assert_array_equal(wrapped(image, mask), wrapped(other, mask))


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("size", [(40, 40), (90, 70)])
def test_a_ramp_is_continued_without_seams(name, size):
    image = ramp(*size)
    mask = box_mask(*size, (12, 30), (8, 36))
    damaged = np.where(mask == 0, 0, image).astype(np.float32)
    if name == "with_padding":
        # Reflected, a ramp is no plane: none is added where none is needed.
        wrapped = tiles.with_padding(fill_plane, 10)
    else:
        wrapped = SMOOTH[name](fill_plane)
    # Resizing a crop repeats its edge: that bends the ramp a little.
    tolerance = 2e-3 if name == "with_crop" else 1e-5
    assert abs(wrapped(damaged, mask) - image).max() < tolerance


@pytest.mark.parametrize("name", SMOOTH)
def test_shapes_that_do_not_fit_are_refused(name):
    wrapped = SMOOTH[name](fill_mean)
    for shape in [(4, 5), (4, 6, 1), (4, 5, 3)]:
        with pytest.raises(ValueError, match=r"Received: \(4, 5, 3\) and"):
            wrapped(np.zeros((4, 5, 3)), np.zeros(shape))


# Padding


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("multiple", [1, 8, 64])
def test_padding_reflects_to_the_next_multiple(size, multiple):
    image, mask = scene(*size)
    seen = []

    def method(image, mask):
        seen.append((image, mask))
        return 1 - image

    result = tiles.with_padding(method, multiple)(image, mask)
    padded, padded_mask = seen[0]
    for given, length in zip(padded.shape, size, strict=False):
        assert given % multiple == 0 and 0 <= given - length < multiple
    assert padded_mask.shape == (*padded.shape[:2], 1)
    height, width = size
    np.testing.assert_array_equal(padded[:height, :width], image)
    np.testing.assert_array_equal(padded_mask[:height, :width], mask)
    if 2 <= height < padded.shape[0]:
        np.testing.assert_array_equal(padded[height, :width], image[-2])
        np.testing.assert_array_equal(padded_mask[height, :width], mask[-2])
    np.testing.assert_array_equal(result, np.where(mask == 0, 1 - image, image))


# Tiles


@pytest.mark.parametrize("length", [1, 31, 32, 33, 56, 57, 200, 333])
@pytest.mark.parametrize("size, overlap", [(32, 8), (32, 0), (32, 31), (5, 2)])
def test_tiles_cover_a_length_and_overlap(length, size, overlap):
    intervals = tiles._intervals(length, size, overlap)
    assert intervals[0][0] == 0 and intervals[-1][1] == length
    for start, end in intervals:
        assert end - start == min(size, length)
    for (start, end), (following, _) in zip(
        intervals, intervals[1:], strict=False
    ):
        assert start < following <= end - overlap


def test_tiles_do_not_change_a_method_that_looks_at_pixels_alone():
    image, mask = scene(150, 110)
    result = tiles.with_tiles(lambda image, mask: 1 - image, 32, 8)(image, mask)
    expected = np.where(mask == 0, 1 - image, image)
    np.testing.assert_allclose(result, expected, atol=1e-6)


def test_only_tiles_with_holes_are_filled():
    image, _ = scene(96, 96)
    mask = box_mask(96, 96, (2, 5), (2, 5))
    seen = []

    def method(image, mask):
        seen.append(image)
        return image

    tiles.with_tiles(method, 32, 8)(image, mask)
    assert len(seen) == 1
    np.testing.assert_array_equal(seen[0], image[:32, :32])


@pytest.mark.parametrize("down", [False, True])
def test_tiles_that_disagree_are_blended_without_a_step(down):
    # Each tile is filled with a level of its own, of 0, 1, 0, 1...
    levels = iter(np.arange(100) % 2)

    def method(image, mask):
        return np.full_like(image, next(levels))

    mask = np.zeros((32, 200, 1), np.uint8)
    mask[::2] = 1
    if down:
        mask = mask.swapaxes(0, 1)
    image = np.zeros((*mask.shape[:2], 3), np.float32)
    result = tiles.with_tiles(method, 32, 15)(image, mask)[..., 0]
    line = result[:, 1] if down else result[1]
    assert line.min() == 0 and line.max() == 1
    # A hard seam would be a step of 1; this is a straight ramp of 15 pixels.
    np.testing.assert_allclose(
        abs(np.diff(line))[abs(np.diff(line)) > 0], 1 / 16, atol=0.01
    )


def test_a_tile_inside_a_hole_looks_further_around():
    image = ramp(200, 200)
    mask = box_mask(200, 200, (20, 180), (20, 180))

    def method(image, mask):
        assert mask.mean() >= tiles.KNOWN_SHARE
        return fill_plane(image, mask)

    result = tiles.with_tiles(method, 32, 8)(image * mask, mask)
    assert abs(result - image).max() < 1e-4


def test_a_picture_that_is_all_hole_reaches_the_method():
    def method(image, mask):
        raise ValueError("nothing is known")

    with pytest.raises(ValueError, match="nothing is known"):
        tiles.with_tiles(method, 16, 4)(
            np.zeros((50, 50, 3)), np.zeros((50, 50, 1))
        )


@pytest.mark.parametrize("overlap", [-1, 32, 40])
def test_an_overlap_that_does_not_fit_is_refused(overlap):
    with pytest.raises(ValueError, match=f"overlap={overlap}, size=32"):
        tiles.with_tiles(fill_mean, 32, overlap)


# Crops


@pytest.mark.parametrize("size", SIZES)
def test_a_crop_has_the_working_size_whatever_the_picture(size):
    def method(image, mask):
        assert image.shape == (32, 32, 3) and mask.shape == (32, 32, 1)
        assert image.dtype == np.float32 and mask.dtype == np.uint8
        assert set(np.unique(mask)) <= {0, 1} and (mask == 0).any()
        return image

    tiles.with_crop(method, 32, 4)(*scene(*size))


def test_a_small_hole_is_seen_at_full_resolution():
    image, _ = scene(100, 120)
    mask = box_mask(100, 120, (50, 54), (60, 70))
    seen = []

    def method(image, mask):
        seen.append((image, mask))
        return 1 - image

    result = tiles.with_crop(method, 32, 4)(image, mask)
    np.testing.assert_array_equal(seen[0][0], image[36:68, 49:81])
    np.testing.assert_array_equal(seen[0][1], mask[36:68, 49:81])
    np.testing.assert_array_equal(result, np.where(mask == 0, 1 - image, image))


def test_a_large_hole_is_seen_with_its_margin():
    mask = box_mask(200, 200, (60, 140), (80, 120))
    seen = []

    def method(image, mask):
        seen.append(mask[..., 0])
        return image

    tiles.with_crop(method, 32, 40)(np.zeros((200, 200, 3)), mask)
    rows, columns = np.nonzero(seen[0] == 0)
    # 160 pixels in 32: a fifth; 40 of margin are 8 at top and bottom.
    assert (rows.min(), rows.max()) == (8, 23)
    assert (columns.min(), columns.max()) == (12, 19)


@pytest.mark.parametrize("side", [20, 33, 50, 90, 101])
@pytest.mark.parametrize("size", [16, 31, 64])
def test_whatever_touches_a_hole_is_a_hole(side, size):
    holes = np.random.default_rng(0).random((side, side, 1)) < 0.02
    expected = np.zeros((size, size, 1), bool)
    for y, x, _ in np.argwhere(holes):
        # Target pixel i covers [i, i + 1) * side / size, without rounding.
        reach = [
            [
                i
                for i in range(size)
                if i * side < (at + 1) * size and (i + 1) * side > at * size
            ]
            for at in (y, x)
        ]
        expected[np.ix_(*reach)] = True
    np.testing.assert_array_equal(tiles._touched(holes, size), expected)


@pytest.mark.parametrize("side", [20, 50, 101])
def test_no_color_leaks_out_of_a_hole_when_resized(side):
    mask = np.ones((side, side, 1), np.uint8)
    mask[side // 2, 3:10] = 0
    image = np.where(mask == 0, np.float32(np.nan), np.float32(0.25))
    image = np.repeat(image, 3, axis=-1)
    small, known = tiles._resize_known(image, mask, 32)
    assert (known == 0).any()
    np.testing.assert_allclose(small[known[..., 0] == 1], 0.25, atol=1e-5)
    assert (small[known[..., 0] == 0] == 0).all()


def test_a_crop_full_of_small_holes_still_knows_something():
    image, mask = scene(128, 128, ratio=0.5)
    image = image * 0 + np.float32(0.25)

    def method(image, mask):
        assert mask.any()
        return fill_mean(image, mask)

    result = tiles.with_crop(method, 16, 4)(image * mask, mask)
    np.testing.assert_allclose(result, image, atol=1e-5)


def test_a_smooth_picture_survives_a_crop_much_larger_than_the_network():
    y, x = np.mgrid[:300, :400] / 100
    image = np.stack([np.sin(x), np.cos(y), np.sin(x + y)], -1) / 4 + 0.5
    image = image.astype(np.float32)
    mask = box_mask(300, 400, (60, 240), (80, 330))

    def oracle(small, known):  # knows the truth at its own size
        return tiles._resize(image[:, 55:355], 100)

    result = tiles.with_crop(oracle, 100, 25)(image * mask, mask)
    assert abs(result - image).max() < 5e-3


def test_a_crop_is_made_smaller_by_means_not_by_samples():
    stripes = np.repeat(np.arange(128) % 4 < 1, 128).reshape(128, 128, 1)
    means = tiles._resize(stripes.astype(np.float32), 32)
    np.testing.assert_allclose(means, 0.25, atol=1e-6)


# Context


def test_only_windows_around_holes_are_looked_at():
    seen = []

    def method(image, mask):
        seen.append(mask.shape[:2])
        return fill_plane(image, mask)

    image, mask = ramp(200, 300), np.ones((200, 300, 1), np.uint8)
    mask[20:30, 50:54] = mask[34:40, 50:54] = 0  # near each other
    mask[150:190, 200:260] = 0  # with half of its shorter side around
    mask[:3, -2:] = 0  # in a corner
    damaged = np.where(mask == 0, 0, image).astype(np.float32)
    filled = tiles.with_context(method, 128, 10)(damaged, mask)
    assert sorted(seen) == [(13, 12), (40, 24), (70, 100)]
    assert abs(filled - image).max() < 1e-5


@pytest.mark.parametrize("size", [(90, 128), (300, 300)])
def test_all_of_a_small_or_battered_picture_is_looked_at(size):
    seen = []

    def method(image, mask):
        seen.append(mask.shape[:2])
        return image

    mask = np.ones((*size, 1), np.uint8)
    mask[::12, ::12] = 0
    tiles.with_context(method, 128, 8)(ramp(*size), mask)
    assert seen == [size]


def test_a_window_shows_holes_of_others_as_holes():
    def method(image, mask):
        assert not image[mask[..., 0] == 1].any()
        return np.ones_like(image)

    image, mask = np.zeros((200, 200, 3), np.float32), np.ones((200, 200, 1))
    mask[50:150, 50:60] = mask[60:70, 85:90] = 0
    image = np.where(mask == 0, np.float32(0.5), image)
    filled = tiles.with_context(method, 100, 20)(image, mask)
    np.testing.assert_array_equal(filled, np.repeat(1 - mask, 3, -1))
