import numpy as np

from kerasinpaint import losses


def one_pixel_hole():
    """5x5, black but for a white pixel painted into a hole in the middle."""
    y_true = np.zeros((1, 5, 5, 1))
    masks = np.ones((1, 5, 5, 1))
    masks[:, 2, 2] = 0
    return y_true, np.ones_like(y_true), masks


def test_golden():
    # Four neighbours, four seams; what is painted elsewhere is not seen.
    got = losses.total_variation(*one_pixel_hole())
    np.testing.assert_allclose(got, [4 / 25], rtol=1e-6)


def test_the_region_is_the_hole_and_one_pixel_around_it():
    y_true, y_pred, masks = one_pixel_hole()
    y_true[:, 0] = 7  # its seam runs between the rim and the rest
    got = losses.total_variation(y_true, y_pred, masks)
    np.testing.assert_allclose(got, [4 / 25], rtol=1e-6)
    y_true[:, 1, 1] = 0.5  # a corner of the rim, with two seams in it
    got = losses.total_variation(y_true, y_pred, masks)
    np.testing.assert_allclose(got, [5 / 25], rtol=1e-6)


def test_channels_count_as_values():
    y_true, y_pred, masks = one_pixel_hole()
    colours = [np.repeat(one, 3, -1) for one in (y_true, y_pred)]
    got = losses.total_variation(*colours, masks)
    np.testing.assert_allclose(got, [4 / 25], rtol=1e-6)


def test_nothing_to_smooth_without_a_hole():
    y_true, y_pred, masks = one_pixel_hole()
    y_true[:, :, 3] = 1
    got = losses.total_variation(y_true, y_pred, np.ones_like(masks))
    np.testing.assert_array_equal(got, [0])
