"""Gradient noise, for edges that look grown rather than drawn."""

import numpy as np


def perlin_noise(height, width, rng, cells=8):
    """Perlin's gradient noise, first down the rows, then along them.

    On a lattice of random unit gradients g, each pixel mixes the ramps
    g . (pixel - corner) of its four corners with the fade curve
    6t^5 - 15t^4 + 10t^3. The weights of rows and of columns are
    independent, so that most of the work is done on as few columns as the
    lattice has.

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
    y, fade_y, ramp_y = _mixing_weights(height, step)
    x, fade_x, ramp_x = _mixing_weights(width, step)
    shape = y[-1] + 2, x[-1] + 2
    angle = rng.random(shape, dtype=np.float32) * np.float32(2 * np.pi)
    cos, sin = np.cos(angle), np.sin(angle)
    noise = np.zeros((height, width), np.float32)
    # No matrix product: its threads would wait for each other's cores.
    slope = sum(fade_y[k][:, None] * cos[y + k] for k in (0, 1))
    level = sum(ramp_y[k][:, None] * sin[y + k] for k in (0, 1))
    for k in (0, 1):
        noise += ramp_x[k] * np.take(slope, x + k, axis=1)
        noise += fade_x[k] * np.take(level, x + k, axis=1)
    return noise * np.float32(np.sqrt(2))


def _mixing_weights(length, step):
    """Lattice line before each pixel; weights of it and the next, x ramps."""
    place = np.arange(length) * step
    line = place.astype(int)
    offset = place - line
    fade = offset**3 * (offset * (offset * 6 - 15) + 10)
    weights = np.stack([1 - fade, fade]).astype(np.float32)
    ramps = np.stack([offset, offset - 1]).astype(np.float32)
    return line, weights, weights * ramps
