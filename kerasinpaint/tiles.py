"""Methods made to fit: padded, in tiles, or on a crop around the hole.

Each function takes a method and returns a method: any height and width,
known pixels bit for bit, and a picture without holes as it is.
"""

import cv2
import numpy as np

# A tile that knows less than this share of its pixels looks further around.
KNOWN_SHARE = 1 / 8


def reflected(array, multiple):
    """Reflects pictures at the bottom and at the right, to a whole multiple.

    Args:
        array: array of shape `(..., height, width, channels)`.
        multiple: int, what height and width are rounded up to.

    Returns:
        An array of as many dimensions; `array` stands at its top and left.

    Example:

    >>> reflected(np.zeros((2, 5, 9, 3)), 8).shape
    (2, 8, 16, 3)
    """
    height, width = array.shape[-3:-1]
    more = (0, -height % multiple), (0, -width % multiple), (0, 0)
    others = [(0, 0)] * (array.ndim - 3)
    return np.pad(array, [*others, *more], "reflect")


def with_padding(method, multiple):
    """Makes a method whose sizes must be multiples of a number take any.

    Picture and mask are reflected at the bottom and at the right, and what
    was added is cut off again.

    Args:
        method: callable, `method(image, mask) -> image`.
        multiple: int, what height and width are rounded up to.

    Returns:
        A method.

    Example:

    >>> def method(image, mask): print(image.shape); return image
    >>> image, mask = np.zeros((5, 9, 3), "float32"), np.ones((5, 9, 1))
    >>> mask[2, 2] = 0
    >>> with_padding(method, 8)(image, mask).shape
    (8, 16, 3)
    (5, 9, 3)
    """

    def padded(image, mask):
        height, width = image.shape[:2]
        filled = method(reflected(image, multiple), reflected(mask, multiple))
        return filled[:height, :width]

    return _keep_known(padded)


def with_tiles(method, size, overlap):
    """Makes a method fill a large picture tile by tile, without seams.

    Tiles overlap, and where they do they are blended with weights that sum
    to 1. A tile without holes is skipped, and one that lies almost wholly
    in a hole is filled in a wider window, for it needs something to
    continue.

    Args:
        method: callable, `method(image, mask) -> image`.
        size: int, height and width of a tile in pixels.
        overlap: int, less than `size`: how far tiles reach into each other.

    Returns:
        A method.
    """
    if not 0 <= overlap < size:
        raise ValueError(
            "`overlap` must be at least 0 and less than `size`. "
            f"Received: overlap={overlap}, size={size}."
        )

    def tiled(image, mask):
        height, width = image.shape[:2]
        total = np.zeros(image.shape, np.float32)
        weights = np.zeros((height, width, 1), np.float32)
        for top, down in _intervals(height, size, overlap):
            for left, right in _intervals(width, size, overlap):
                tile = np.s_[top:down, left:right]
                if mask[tile].all():
                    continue
                window = _window(down - top, right - left, overlap)
                total[tile] += window * _fill_tile(method, image, mask, tile)
                weights[tile] += window
        # No hole lies where no tile was filled, so any divisor will do.
        return total / np.where(weights > 0, weights, 1)

    return _keep_known(tiled)


def with_context(method, size, margin):
    """Makes a method look at large pictures around their holes only.

    Holes that are near each other are filled together, in a window that
    shows what is around: the margin, or half the shorter side of the holes
    if that is more. If the windows were no less than the picture, or it is
    not larger than `size`, the method gets all of it.

    Args:
        method: callable, `method(image, mask) -> image`.
        size: int, in pixels: pictures up to it are filled as a whole.
        margin: int, pixels around holes; those nearer to each other than
            this share a window.

    Returns:
        A method.

    Example:

    >>> def method(image, mask): print(image.shape); return image
    >>> mask = np.ones((400, 600, 1)); mask[100:120, 300:310] = 0
    >>> image = np.zeros((400, 600, 3), "float32")
    >>> with_context(method, 256, margin=32)(image, mask).shape
    (84, 74, 3)
    (400, 600, 3)
    """

    def around(image, mask):
        if max(image.shape[:2]) <= size:
            return method(image, mask)
        holes = (mask[..., 0] == 0).astype(np.uint8)
        near = cv2.dilate(holes, np.ones((margin, margin), np.uint8))
        _, groups, boxes, _ = cv2.connectedComponentsWithStats(near)
        groups = groups * holes
        windows = [
            _window_of(groups, group, box, margin)
            for group, box in enumerate(boxes[1:, :4], 1)
        ]
        if sum(mask[window].size for window in windows) >= mask.size:
            return method(image, mask)
        result = image.copy()
        for group, window in enumerate(windows, 1):
            filled = method(image[window], mask[window])
            own = (groups[window] == group)[..., None]
            result[window] = np.where(own, filled, result[window])
        return result

    return _keep_known(around)


def with_crop(method, size, margin):
    """Makes a method that works at one size fill a hole in any picture.

    A square around all holes is cut out, resized to `size` if it is larger
    than that, filled, resized back and pasted. The square has at least the
    margin around the holes; it is reflected where the picture is narrower.
    A picture smaller than `size` is enlarged.

    Args:
        method: callable, `method(image, mask) -> image`, called with
            pictures of `(size, size, 3)` only.
        size: int, the working size in pixels.
        margin: int, pixels of the picture to see around the holes.

    Returns:
        A method.
    """

    def cropped(image, mask):
        rows, columns = (
            np.flatnonzero((mask[..., 0] == 0).any(axis)) for axis in (1, 0)
        )
        hole = max(np.ptp(rows), np.ptp(columns)) + 1
        side = min(max(hole + 2 * margin, size), max(image.shape[:2]))
        top, down = _around(rows, side, image.shape[0])
        left, right = _around(columns, side, image.shape[1])
        crop = np.s_[top:down, left:right]
        pad = ((0, side - (down - top)), (0, side - (right - left)), (0, 0))
        small, known = _resize_known(
            np.pad(image[crop], pad, "reflect"),
            np.pad(mask[crop], pad, "reflect"),
            size,
        )
        filled = _resize(method(small, known), side)
        result = image.copy()
        result[crop] = filled[: down - top, : right - left]
        return result

    return _keep_known(cropped)


def _keep_known(method):
    """Holds a wrapper to the contract of methods."""

    def kept(image, mask):
        if image.ndim != 3 or mask.shape != (*image.shape[:2], 1):
            raise ValueError(
                "`image` must be of shape (height, width, channels), and "
                "`mask` of shape (height, width, 1), of the same size. "
                f"Received: {image.shape} and {mask.shape}."
            )
        if np.all(mask):
            return image.copy()
        filled = method(image, mask).astype(image.dtype)
        return np.where(mask == 0, filled, image)

    return kept


def _intervals(length, size, overlap):
    """Starts and ends of tiles, evenly spread, that cover a length."""
    if length <= size:
        return [(0, length)]
    count = -(-(length - overlap) // (size - overlap))
    starts = np.linspace(0, length - size, count).round().astype(int)
    return [(start, start + size) for start in starts]


def _window(height, width, overlap):
    """Weights that fall linearly towards the edge, nowhere to zero."""
    rows, columns = (
        np.minimum(np.arange(length), np.arange(length)[::-1]).clip(0, overlap)
        for length in (height, width)
    )
    window = (rows[:, None, None] + 1) * (columns[:, None] + 1)
    return window.astype(np.float32) / (overlap + 1) ** 2


def _fill_tile(method, image, mask, tile):
    """Fills a tile, in a window that knows enough to fill it from."""
    (top, down), (left, right) = ((s.start, s.stop) for s in tile)
    reach = 0
    while True:
        up, start = max(top - reach, 0), max(left - reach, 0)
        view = np.s_[up : down + reach, start : right + reach]
        whole = mask[view].shape == mask.shape
        if mask[view].mean() >= KNOWN_SHARE or whole:
            break
        reach = 2 * reach + 16
    filled = method(image[view], mask[view])
    return filled[top - up : down - up, left - start : right - start]


def _window_of(groups, group, box, margin):
    """The part of a picture that shows what is around a group of holes."""
    left, top, width, height = box
    holes = groups[top : top + height, left : left + width] == group
    rows = top + np.flatnonzero(holes.any(axis=1))
    columns = left + np.flatnonzero(holes.any(axis=0))
    shorter = min(np.ptp(rows), np.ptp(columns)) + 1
    margin = max(margin, shorter // 2)
    return tuple(
        slice(max(places[0] - margin, 0), places[-1] + 1 + margin)
        for places in (rows, columns)
    )


def _around(indices, side, length):
    """An interval of `side` around the indices, shifted into the picture."""
    start = (indices[0] + indices[-1] + 1 - side) // 2
    start = max(min(start, length - side), 0)
    return start, min(start + side, length)


def _resize(image, size):
    """Resizes a square; each value is a mean of its neighbours' values."""
    if image.shape[0] == size:
        return image
    smaller = size < image.shape[0]
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    resized = cv2.resize(np.float32(image), (size, size), interpolation=way)
    return resized.reshape(size, size, -1)


def _resize_known(image, mask, size):
    """Resizes picture and mask; what lies in holes reaches nothing known.

    A pixel is a hole as soon as it touches one. The colours of the others
    are means of known pixels only.
    """
    if image.shape[0] == size:
        return image, mask
    known = (mask != 0).astype(np.float32)
    share = _resize(known, size)
    # Not by product: what stands in a hole may be NaN.
    colors = _resize(np.where(known == 0, 0, image), size)
    colors = colors / np.maximum(share, 1e-6)
    kept = ~_touched(mask == 0, size)
    if not kept.any():  # holes everywhere: take what is partly known
        kept = share > 1e-6
    return np.where(kept, colors, 0).astype(image.dtype), kept.astype(
        mask.dtype
    )


def _touched(holes, size):
    """Which pixels of the resized square overlap a hole, exactly."""
    side = holes.shape[0]
    counts = np.zeros((side + 1, side + 1), np.int64)
    counts[1:, 1:] = holes[..., 0].cumsum(0).cumsum(1)
    low = np.arange(size) * side // size
    high = -(-np.arange(1, size + 1) * side // size)
    rows = counts[high] - counts[low]
    return (rows[:, high] - rows[:, low])[..., None] > 0
