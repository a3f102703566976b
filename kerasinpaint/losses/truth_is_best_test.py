"""On photographs no answer is better than the truth, least of all white."""

import numpy as np
import pytest

from kerasinpaint import data, losses
from kerasinpaint.losses.picture_loss_test import OF_HOLES, OF_PAIRS, values

SIZE = 64
SMOOTH = losses.TotalVariation  # asks for no truth at all
ANSWERS = {
    "white": np.ones_like,
    "black": np.zeros_like,
    "grey": lambda truth: np.full_like(truth, 0.5),
    "its mean colour": lambda truth: (
        0 * truth + truth.mean((1, 2))[:, None, None]
    ),
    "half as bright": lambda truth: truth / 2,
    "another photograph": lambda truth: np.roll(truth, 1, 0),
    "upside down": lambda truth: truth[:, ::-1],
}


@pytest.fixture(scope="module")
def batch():
    """Photographs, and masks with a box."""
    masks = np.ones((4, SIZE, SIZE, 1), np.float32)
    masks[:, 12:44, 20:52] = 0
    return np.stack(data.photos("test", SIZE)[:4]), masks


def test_all_losses_of_pictures_are_tested():
    public = [getattr(losses, name) for name in losses.__all__]
    found = {
        one
        for one in public
        if isinstance(one, type) and issubclass(one, losses.PictureLoss)
    }
    # What is expected to be wrong is no picture.
    assert found - {losses.PictureLoss, losses.ExpectedError} == {
        *OF_PAIRS.values(),
        *OF_HOLES.values(),
    }


@pytest.mark.parametrize(
    "make", [m for m in (OF_PAIRS | OF_HOLES).values() if m is not SMOOTH]
)
def test_the_truth_is_best(make, batch):
    truth, masks = batch
    loss = make()
    best = values(loss, truth, truth, masks)
    for name, answer in ANSWERS.items():
        worse = values(loss, truth, answer(truth), masks)
        assert (best < worse).all(), name


def test_total_variation_prefers_white_and_the_sum_of_the_paper_does_not(
    batch,
):
    truth, masks = batch
    white = np.where(masks, truth, 1).astype("float32")
    smooth = SMOOTH()
    # White meets its rim in a seam, and still varies less than a photograph.
    assert values(smooth, truth, white, masks).sum() < (
        values(smooth, truth, truth, masks).sum()
    )
    paper = losses.PConvLoss()
    best = values(paper, truth, truth, masks)
    assert (best < values(paper, truth, white, masks)).all()
