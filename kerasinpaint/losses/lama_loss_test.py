import keras
import numpy as np

from kerasinpaint import losses
from kerasinpaint.losses.picture_loss_test import scene, values


def test_it_is_the_weighted_sum_of_the_paper():
    y_true, y_pred, masks = scene()
    loss = losses.LamaLoss(known=10, perceptual=30)
    got = values(loss, y_true, y_pred, masks)
    known = (masks * abs(y_pred - y_true)).mean((1, 2, 3))
    seen, truth = (loss.features(y) for y in (y_pred, y_true))
    assert len(truth) == 4
    far = sum(
        np.square(np.array(one) - np.array(two)).mean((1, 2, 3))
        for one, two in zip(seen, truth, strict=True)
    )
    np.testing.assert_allclose(got, 10 * known + 30 * far, rtol=1e-4)


def test_the_hole_is_asked_of_features_alone():
    y_true, _, masks = scene()
    hidden = np.where(masks, y_true, 1 - y_true)
    loss = losses.LamaLoss(perceptual=0)
    assert not np.any(values(loss, y_true, hidden, masks))
    assert (values(losses.LamaLoss(known=0), y_true, hidden, masks) > 0).all()


def test_another_network_may_look():
    images = keras.Input((None, None, 3))
    halves = keras.Model(images, images / 2)
    y_true, y_pred, masks = scene()
    got = values(losses.LamaLoss(halves, known=0), y_true, y_pred, masks)
    wanted = 30 / 4 * np.square(y_pred - y_true).mean((1, 2, 3))
    np.testing.assert_allclose(got, wanted, rtol=1e-5)
