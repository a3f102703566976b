import numpy as np

from kerasinpaint.noise import perlin_noise


def test_it_is_perlins_sum_over_corners():
    """Against the textbook's form, pixel by pixel."""
    height, width, cells = 12, 20, 3
    noise = perlin_noise(height, width, np.random.default_rng(5), cells)
    angle = np.random.default_rng(5).random((4, 6), dtype=np.float32)
    angle = angle * 2 * np.pi

    def fade(t):
        return 6 * t**5 - 15 * t**4 + 10 * t**3

    for row in range(height):
        for column in range(width):
            y, x = row / 4, column / 4
            total = 0
            for i in (int(y), int(y) + 1):
                for j in (int(x), int(x) + 1):
                    ramp = np.sin(angle[i, j]) * (y - i)
                    ramp += np.cos(angle[i, j]) * (x - j)
                    total += ramp * fade(1 - abs(y - i)) * fade(1 - abs(x - j))
            assert abs(noise[row, column] - total * 2**0.5) < 1e-5


def test_it_is_zero_on_the_lattice_and_smooth_between():
    noise = perlin_noise(64, 128, np.random.default_rng(0), cells=4)
    np.testing.assert_allclose(noise[::16, ::16], 0, atol=1e-6)
    assert noise.std() > 0.1
    assert abs(noise).max() <= 1
    assert abs(np.diff(noise, axis=0)).max() < 0.2


def test_one_pixel_has_noise():
    assert perlin_noise(1, 1, np.random.default_rng(0)).shape == (1, 1)
