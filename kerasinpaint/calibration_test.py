import numpy as np
import pytest

from kerasinpaint import calibration


@pytest.fixture
def errors():
    return np.random.default_rng(0).random((16, 20, 1))


@pytest.fixture
def mask():
    mask = np.ones((16, 20, 1), np.uint8)
    mask[3:13, 4:16] = 0
    return mask


def test_ranks_of_holes_only_are_compared(errors, mask):
    expected = np.where(mask, -errors, errors**3)
    rank = calibration.rank_correlation
    assert rank(expected, errors, mask) == 1
    assert rank(-expected, errors, mask) == -1
    assert abs(rank(errors[::-1], errors, mask)) < 0.3


def test_ranks_are_scipys(errors, mask):
    from scipy.stats import spearmanr

    other = np.round(4 * errors[:, ::-1])  # has ties
    holes = mask == 0
    wanted = spearmanr(other[holes], errors[holes]).statistic
    found = calibration.rank_correlation(other, errors, mask)
    assert found == pytest.approx(wanted)


def test_what_is_the_same_everywhere_tells_nothing(errors, mask):
    flat = np.ones_like(errors)
    assert calibration.rank_correlation(flat, errors, mask) == 0


def test_the_rim_is_near_and_the_middle_far(mask):
    distance = calibration.rim_distance(mask)
    assert distance.shape == mask.shape and not distance[mask == 1].any()
    assert distance[3, 4, 0] == pytest.approx(1, abs=0.1)
    assert distance.max() == distance[7, 9, 0] == pytest.approx(5, abs=0.1)


def test_risk_rises_to_the_mean_error(errors, mask):
    risk = calibration.risk_coverage(errors, errors, mask)
    holes = np.sort(errors[mask == 0])
    assert (np.diff(risk) > 0).all()
    assert risk[-1] == pytest.approx(holes.mean())
    assert risk[0] == pytest.approx(holes[: len(holes) // 20].mean())


def test_without_knowing_anything_risk_is_the_same_everywhere(errors, mask):
    rng = np.random.default_rng(1)
    flat = np.mean(
        [
            calibration.risk_coverage(rng.random(errors.shape), errors, mask)
            for _ in range(200)
        ],
        axis=0,
    )
    np.testing.assert_allclose(flat, errors[mask == 0].mean(), atol=0.03)
