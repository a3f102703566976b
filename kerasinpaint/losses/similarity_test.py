import numpy as np

from kerasinpaint import losses


def test_golden():
    y_true = np.full((1, 16, 16, 3), 0.5)
    got = losses.psnr(y_true, y_true + 0.1)
    np.testing.assert_allclose(got, [-20], rtol=1e-5)
    # Flat pictures differ in brightness only.
    wanted = 1 - (2 * 0.5 * 0.6 + 1e-4) / (0.5**2 + 0.6**2 + 1e-4)
    got = losses.ssim(y_true, y_true + 0.1)
    np.testing.assert_allclose(got, [wanted], atol=1e-3)


def test_lower_is_better():
    y_true = np.random.default_rng(0).random((1, 16, 16, 3))
    for loss in (losses.psnr, losses.ssim):
        far, near = loss(y_true, y_true / 2), loss(y_true, y_true * 0.9)
        assert float(near[0]) < float(far[0])
    np.testing.assert_allclose(losses.psnr(y_true, y_true), [-100], rtol=1e-5)
