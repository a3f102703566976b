import numpy as np
from keras import ops

from kerasinpaint import losses
from kerasinpaint.losses.picture_loss_test import gradient, scene


def test_golden():
    y_true = np.zeros((1, 2, 2, 3))
    y_pred = np.array([0.1, 0.2, -0.3, 0.4]).reshape(1, 2, 2, 1) * np.ones(3)
    masks = np.array([1, 0, 1, 0]).reshape(1, 2, 2, 1)
    np.testing.assert_allclose(losses.mae(y_true, y_pred), [0.25], rtol=1e-6)
    got = losses.valid(y_true, y_pred, masks)
    np.testing.assert_allclose(got, [(0.1 + 0.3) / 4], rtol=1e-6)
    got = losses.hole(y_true, y_pred, masks)
    np.testing.assert_allclose(got, [(0.2 + 0.4) / 4], rtol=1e-6)


def test_only_holes_are_trained_by_hole_and_the_rest_by_valid():
    y_true, y_pred, masks = scene()
    for loss, trained in ((losses.hole, 1 - masks), (losses.valid, masks)):
        slope = gradient(
            lambda x, loss=loss: ops.sum(loss(y_true, x, masks)), y_pred
        )
        assert np.array_equal(slope.any(-1, keepdims=True), trained)


def test_a_picture_without_holes_has_no_hole_loss():
    y_true, y_pred, masks = scene()
    got = losses.hole(y_true, y_pred, np.ones_like(masks))
    np.testing.assert_array_equal(got, [0, 0])


def test_color_is_of_what_differs_from_grey():
    y_true, y_pred, masks = scene()
    grey = y_pred.mean(-1, keepdims=True) - y_true.mean(-1, keepdims=True)
    got = losses.color(y_true, y_true + grey, masks)  # another brightness
    np.testing.assert_allclose(got, [0, 0], atol=1e-7)
    red = y_true + [0.3, 0, 0]  # .1 of it is brightness
    got = losses.color(y_true, red, masks)
    share = (1 - masks).mean((1, 2, 3))
    np.testing.assert_allclose(got, share * (0.2 + 0.1 + 0.1) / 3, rtol=1e-5)
