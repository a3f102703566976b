import numpy as np
import pytest

from kerasinpaint.conftest import numpy
from kerasinpaint.losses import ExpectedError, disorder, expected_error


@pytest.fixture
def errors():
    rng = np.random.default_rng(0)
    return rng.exponential(0.1, (2, 12, 16, 1)).astype("f")


@pytest.fixture
def masks():
    masks = np.ones((2, 12, 16, 1), "f")
    masks[0, 2:10, 3:13] = 0
    masks[1, :, :8] = 0
    return masks


def test_it_is_the_mean_over_holes(errors, masks):
    expected = np.full_like(errors, 0.2)
    found = numpy(expected_error(errors, expected, masks))
    for number, one in enumerate(found):
        inside = errors[number][masks[number] == 0]
        wanted = inside.mean() / 0.2 + np.log(0.2)
        assert one == pytest.approx(wanted, rel=1e-5)


def test_the_mean_error_is_what_is_best_to_expect(errors, masks):
    tried = np.linspace(0.02, 0.3, 57)
    losses = [
        numpy(
            expected_error(errors[:1], np.full_like(errors[:1], b), masks[:1])
        )
        for b in tried
    ]
    best = tried[int(np.argmin(losses))]
    assert best == pytest.approx(errors[0][masks[0] == 0].mean(), abs=0.005)


def test_known_pixels_do_not_count(errors, masks):
    expected = np.full_like(errors, 0.2)
    wanted = numpy(expected_error(errors, expected, masks))
    expected[masks == 1] = 9
    errors[masks == 1] = 7
    found = numpy(expected_error(errors, expected, masks))
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_nothing_expected_is_finite(errors, masks):
    none = np.zeros_like(errors)
    assert np.isfinite(numpy(expected_error(errors, none, masks))).all()


def test_the_class_is_the_mean_over_pictures(errors, masks):
    expected = np.full_like(errors, 0.2)
    wanted = numpy(expected_error(errors, expected, masks)).mean()
    found = float(ExpectedError()(errors, expected, masks=masks))
    assert found == pytest.approx(wanted, rel=1e-5)


def test_disorder_is_one_less_the_correlation(errors, masks):
    rng = np.random.default_rng(1)
    expected = (errors * rng.uniform(0.3, 3, errors.shape)).astype("f")
    found = numpy(disorder(errors, expected, masks))
    for number, one in enumerate(found):
        holes = masks[number] == 0
        pair = errors[number][holes] + 0.02, expected[number][holes] + 1e-3
        wanted = 1 - np.corrcoef(*np.log(pair))[0, 1]
        assert one == pytest.approx(wanted, abs=1e-4)


def test_the_right_order_is_enough(errors, masks):
    ordered = (errors + 0.02) ** 2 - 1e-3
    assert numpy(disorder(errors, ordered, masks)).max() < 1e-3
    against = 1e-3 / (errors + 0.02)
    assert numpy(disorder(errors, against, masks)).min() > 1.9


def test_what_has_no_order_is_finite(errors, masks):
    flat = np.full_like(errors, 0.2)
    np.testing.assert_allclose(numpy(disorder(errors, flat, masks)), 1)
    whole = np.ones_like(masks)
    np.testing.assert_allclose(numpy(disorder(errors, errors, whole)), 1)


def test_order_is_weighed(errors, masks):
    expected = np.sqrt(errors)
    plain = float(ExpectedError()(errors, expected, masks=masks))
    both = ExpectedError(order=0.5)
    wanted = plain + 0.5 * numpy(disorder(errors, expected, masks)).mean()
    for loss in (both, ExpectedError.from_config(both.get_config())):
        found = float(loss(errors, expected, masks=masks))
        assert found == pytest.approx(wanted, rel=1e-5)
