import cv2
import numpy as np
import pytest

from kerasinpaint import damage, masks

KINDS = {
    "scratches": (damage.scratches, damage.scratches_alpha),
    "water": (damage.water, damage.water_alpha),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_mask_is_where_alpha_is_above_zero(name):
    mask_of, alpha_of = KINDS[name]
    for seed in range(5):
        alpha = alpha_of(90, 120, np.random.default_rng(seed))
        mask = mask_of(90, 120, np.random.default_rng(seed))
        assert alpha.dtype == np.float32
        assert alpha.shape == (90, 120, 1)
        assert 0 <= alpha.min() and alpha.max() <= 1
        np.testing.assert_array_equal(mask == 0, alpha > 0)
        # Soft: there is more than all and nothing.
        assert len(np.unique(alpha)) > 10


@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_damaged_where_the_mask_says_known(name):
    mask_of, alpha_of = KINDS[name]
    image = np.random.default_rng(0).random((64, 64, 3), np.float32)
    alpha = alpha_of(64, 64, np.random.default_rng(3))
    known = mask_of(64, 64, np.random.default_rng(3))[..., 0] == 1
    damaged = masks.damage(image, alpha, (0.9, 0.8, 0.7))
    np.testing.assert_array_equal(damaged[known], image[known])
    assert abs(damaged - image)[~known].mean() > 0.1


def test_scratches_begin_at_an_edge_and_are_thin():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        hole = 1 - masks.scratches(256, 256, rng, count=(1, 1))[..., 0]
        edge = np.concatenate([hole[0], hole[-1], hole[:, 0], hole[:, -1]])
        assert edge.any()
        assert cv2.distanceTransform(hole, cv2.DIST_L2, 5).max() < 6
        # One path: it is not interrupted.
        assert cv2.connectedComponents(hole)[0] == 2


def test_a_scratch_has_inertia_and_varying_width():
    widths, bends = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        hole = 1 - masks.scratches(
            256, 256, rng, count=(1, 1), thickness=(0.02, 0.03)
        )
        y, x, _ = np.nonzero(hole)
        points = np.stack([x, y], 1) - [x.mean(), y.mean()]
        spread = np.linalg.svd(points, compute_uv=False)
        bends.append(spread[1] / spread[0])
        depth = cv2.distanceTransform(hole, cv2.DIST_L2, 5)
        ridge = depth[depth == cv2.dilate(depth, np.ones((5, 5)))]
        ridge = ridge[ridge > 1]
        widths.append(ridge.std() / ridge.mean())
    # A random walk without inertia fills a cloud, at about .5.
    assert np.median(bends) < 0.2
    assert max(bends) > 0.02
    assert np.median(widths) > 0.1


def test_drips_run_straight_down_from_what_was_wet(monkeypatch):
    for seed in range(20):
        wet = masks.water(200, 200, np.random.default_rng(seed))[..., 0] == 0
        with monkeypatch.context() as patch:
            patch.setattr(damage, "_drip", lambda *_: None)
            dry = masks.water(200, 200, np.random.default_rng(seed))[..., 0]
        blob = dry == 0
        assert (wet >= blob).all()
        added = wet & ~blob
        # Whatever a drip adds lies beneath the top of the blob there, give
        # or take a sway and the soft edge.
        near = cv2.dilate(blob.astype(np.uint8), np.ones((1, 31))) > 0
        below = np.maximum.accumulate(near, axis=0)
        assert (added <= below).all()


def test_drips_are_drawn_at_all():
    ratios = [
        [
            masks.hole_ratio(
                masks.water(200, 200, np.random.default_rng(seed), drips=drips)
            )
            for seed in range(20)
        ]
        for drips in ((0, 9), (9, 9))
    ]
    assert np.mean(ratios[1]) > np.mean(ratios[0])


def test_the_gaussian_edge_of_water_ends():
    """It reaches two and a half deviations beyond the hard edge."""
    for seed in range(5):
        hard, soft = (
            damage.water(256, 256, np.random.default_rng(seed), softness=wide)
            for wide in (1e-6, 0.02)
        )
        away = cv2.distanceTransform(hard, cv2.DIST_C, 3)
        reach = away[soft[..., 0] == 0].max()
        assert 0.02 * 256 < reach <= np.ceil(2.5 * 0.02 * 256)
