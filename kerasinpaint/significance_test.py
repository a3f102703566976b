import numpy as np
import pytest

from kerasinpaint.significance import chances, holm, paired_interval


def test_it_is_that_of_students_t_where_that_is_right():
    from scipy import stats

    differences = np.random.default_rng(0).normal(0.3, 1, 200)
    wanted = stats.t.interval(
        0.95, 199, differences.mean(), stats.sem(differences)
    )
    assert paired_interval(differences) == pytest.approx(wanted, abs=0.01)


def test_it_covers_the_true_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(200):
        low, high = paired_interval(rng.normal(1, 2, 30))
        inside += low < 1 < high
    # 95 % of 200, give or take; percentiles of 30 are a little narrow.
    assert 178 <= inside <= 199


def test_it_turns_over_with_the_sign_and_is_the_same_twice():
    differences = np.random.default_rng(2).normal(0.5, 1, 24)
    low, high = paired_interval(differences)
    assert low < differences.mean() < high
    turned = paired_interval(-differences)
    assert turned == pytest.approx((-high, -low), abs=1e-12)
    assert paired_interval(differences.tolist()) == (low, high)
    assert paired_interval(differences, seed=1) != (low, high)


def test_more_confidence_is_wider():
    differences = np.random.default_rng(3).normal(0, 1, 24)
    some, more = (paired_interval(differences, c) for c in (0.5, 0.99))
    assert more[0] < some[0] < some[1] < more[1]


def test_equal_differences_leave_no_doubt():
    assert paired_interval([0.25] * 5) == (0.25, 0.25)


@pytest.mark.parametrize("wrong", [[], [0.1], [[0.1, 0.2], [0.3, 0.4]], 0.1])
def test_other_than_one_number_a_picture_is_refused(wrong):
    with pytest.raises(ValueError, match="at least two pictures.*Received"):
        paired_interval(wrong)


def test_what_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="finite.*nan"):
        paired_interval([0.1, np.nan, 0.3])


def test_chances_are_those_of_wilcoxon_adjusted_by_holm():
    from scipy.stats import wilcoxon

    rng = np.random.default_rng(4)
    gains = [rng.normal(mean, 1, 40) for mean in (0, 0.2, 1)]
    wanted = holm([wilcoxon(gain).pvalue for gain in gains])
    assert chances(gains) == pytest.approx(wanted)
    assert chances([np.zeros(40), gains[2]])[0] == 1  # nothing differs
