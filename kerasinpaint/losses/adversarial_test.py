"""What each player wants, in numbers, and that labels are not swapped."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasinpaint.losses import CrossEntropy, Hinge

SCORES = np.array([-2.0, -0.5, 0.0, 0.5, 2.0], np.float32)


def values(tensor):
    return ops.convert_to_numpy(tensor)


def test_hinge_is_that_of_the_paper():
    hinge = Hinge()
    real = [3.0, 1.5, 1.0, 0.5, 0.0]
    np.testing.assert_allclose(values(hinge.real(SCORES)), real)
    np.testing.assert_allclose(values(hinge.fake(SCORES)), real[::-1])
    np.testing.assert_allclose(values(hinge.generator(SCORES)), -SCORES)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_is_that_of_keras_but_for_one_label(smoothing):
    loss = CrossEntropy(smoothing)

    def wanted(label):
        return keras.losses.binary_crossentropy(
            np.full((5, 1), label, np.float32), SCORES[:, None], True
        )

    for found, label in (
        (loss.real(SCORES), 1 - smoothing),
        (loss.fake(SCORES), 0),
        (loss.generator(SCORES), 1),
    ):
        np.testing.assert_allclose(
            values(found), values(wanted(label)), rtol=1e-5
        )


@pytest.mark.parametrize("loss", [Hinge(), CrossEntropy(), CrossEntropy(0.1)])
def test_the_discriminator_wants_real_above_painted(loss):
    right = values(loss.real(SCORES[-2:]) + loss.fake(SCORES[:2]))
    wrong = values(loss.real(SCORES[:2]) + loss.fake(SCORES[-2:]))
    assert right.sum() < wrong.sum()
    assert (np.diff(values(loss.generator(SCORES))) < 0).all()


def test_a_smoothed_label_holds_a_score_back():
    """Without it a larger score is always better; with it 2.2 is best."""
    far = np.array([2.2, 5.0], np.float32)
    sure = values(CrossEntropy().real(far))
    smooth = values(CrossEntropy(0.1).real(far))
    assert sure[1] < sure[0] and smooth[1] > smooth[0]


@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_labels_beyond_0_and_1_are_refused(smoothing):
    with pytest.raises(ValueError, match=f"less than 1. Received: {smoothing}"):
        CrossEntropy(smoothing)
