"""The structure of a picture: its edges, and the straight lines in them."""

import cv2
import numpy as np

SIGMAS = 0.5, 1.0, 2.0  # of the Gaussians before Canny, in pixels
# What a line must have, in pixels: at least so long, in pieces so far apart.
LENGTH, GAP = 30, 10


def edges(image, mask=None, sigmas=SIGMAS):
    """Edges at several scales together, one pixel wide.

    Canny's edges of each scale are OR-ed, and thinned to a skeleton: fine
    scales tell where exactly an edge is, coarse ones which are noise.

    Args:
        image: float array of shape `(height, width, 3)` in [0, 1].
        mask: array of shape `(height, width, 1)`, 1 = known. Holes, and
            their rims, have no edges. `None` if all is known.
        sigmas: sequence of floats, in pixels.

    Returns:
        bool array of shape `(height, width)`.

    Example:

    >>> image = np.zeros((20, 20, 3)); image[:, 10:] = 1
    >>> np.flatnonzero(edges(image)[10]).tolist()
    [9]

    Reference:

    - [Canny, 1986](https://doi.org/10.1109/TPAMI.1986.4767851)
    - [Zhang and Suen, 1984](https://doi.org/10.1145/357994.358023)
    """
    from skimage.feature import canny
    from skimage.morphology import skeletonize

    known = None if mask is None else mask[..., 0] > 0
    if known is not None:
        image = np.where(known[..., None], image, 0)
    grey = cv2.cvtColor(image.astype(np.float32), cv2.COLOR_RGB2GRAY)
    found = [canny(grey, sigma, mask=known) for sigma in sigmas]
    return skeletonize(np.any(found, axis=0))


def lines(found, least=LENGTH, gap=GAP):
    """Straight lines in edges, by the probabilistic Hough transform.

    Lines are told apart by a degree and a pixel.

    Args:
        found: bool array of shape `(height, width)`, as `edges` returns it.
        least: int, the length in pixels that a line must have.
        gap: int, how far apart pieces of one line may be, in pixels.

    Returns:
        int array of shape `(count, 4)`: x and y of both ends.

    Example:

    >>> found = np.zeros((50, 50), bool); found[20, 5:45] = True
    >>> lines(found).tolist()
    [[5, 20, 44, 20]]

    Reference:

    - [Matas et al., 2000](https://doi.org/10.1006/cviu.1999.0831)
    """
    segments = cv2.HoughLinesP(
        found.astype(np.uint8),
        rho=1,
        theta=np.pi / 180,
        threshold=least,
        minLineLength=least,
        maxLineGap=gap,
    )
    if segments is None:
        return np.zeros((0, 4), np.int32)
    return segments.reshape(-1, 4)


def drawn(segments, shape):
    """Lines, drawn one pixel wide.

    Args:
        segments: int array of shape `(count, 4)`, as `lines` returns it.
        shape: pair of ints, height and width.

    Returns:
        bool array of that shape.
    """
    canvas = np.zeros(shape, np.uint8)
    for left, top, right, bottom in segments:
        cv2.line(canvas, (left, top), (right, bottom), 1)
    return canvas > 0


def overlay(image, mask=None):
    """A picture in grey with its edges in blue and its lines in red.

    Args:
        image: float32 array of shape `(height, width, 3)` in [0, 1].
        mask: as in `edges`. Holes are white.

    Returns:
        float32 array of the same shape.
    """
    found = edges(image, mask)
    straight = drawn(lines(found), found.shape)
    grey = cv2.cvtColor(image.astype(np.float32), cv2.COLOR_RGB2GRAY)
    shown = np.repeat(0.5 + 0.5 * grey[..., None], 3, axis=-1)
    if mask is not None:
        shown[mask[..., 0] == 0] = 1
    shown[found] = 0.1, 0.3, 0.9
    shown[straight] = 0.9, 0.1, 0.1
    return shown
