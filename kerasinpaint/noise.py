"""Gradient noise, for edges that look grown rather than drawn."""

import numpy as np


def perlin_noise(height, width, rng, cells=8):
    """Perlin's gradient noise, as four small matrix products.

    On a lattice of random unit gradients g, each pixel mixes the ramps
    g . (pixel - corner) of its four corners with the fade curve
    6t^5 - 15t^4 + 10t^3. The mixing weights of rows and of columns are
    independent, so that the whole picture is `S G R^T + R G S^T`, with S
    the weights alone and R the weights times the ramps.

    Args:
        height: int, in pixels.
        width: int, in pixels.
        rng: a `np.random.Generator`.
        cells: float, lattice cells along the shorter side, as far as
            they are at least two pixels wide.

    Returns:
        float32 array of shape `(height, width)` in [-1, 1], mean about 0.

    Example:

    >>> noise = perlin_noise(64, 96, np.random.default_rng(0))
    >>> noise.shape, bool(abs(noise).max() <= 1)
    ((64, 96), True)

    Reference:

    - [Perlin, 2002](https://doi.org/10.1145/566654.566636)
    """
    step = min(cells / min(height, width), 0.5)
    fade_y, ramp_y = _mixing_weights(height, step)
    fade_x, ramp_x = _mixing_weights(width, step)
    shape = fade_y.shape[1], fade_x.shape[1]
    angle = rng.random(shape, dtype=np.float32) * np.float32(2 * np.pi)
    noise = fade_y @ np.cos(angle) @ ramp_x.T
    noise += ramp_y @ np.sin(angle) @ fade_x.T
    return noise * np.float32(np.sqrt(2))


def _mixing_weights(length, step):
    """Fade weights of each pixel's two lattice lines, and those x ramps."""
    place = np.arange(length) * step
    line = place.astype(int)
    offset = place - line
    fade = offset**3 * (offset * (offset * 6 - 15) + 10)
    weights = np.zeros((2, length, line[-1] + 2), np.float32)
    pixel = np.arange(length)
    weights[0, pixel, line] = 1 - fade
    weights[0, pixel, line + 1] = fade
    weights[1, pixel, line] = (1 - fade) * offset
    weights[1, pixel, line + 1] = fade * (offset - 1)
    return weights
