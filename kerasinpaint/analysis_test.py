import numpy as np
import pytest

from kerasinpaint import analysis
from kerasinpaint.detectors import Detection


class Found:
    """A detector that finds a box where a picture is bright."""

    classes = ["any"]

    def __call__(self, image):
        rows, columns = np.nonzero(image.mean(-1) > 0.9)
        if not len(rows):
            return []
        box = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
        return [Detection("any", 0.8, tuple(float(end) for end in box))]


def picture(size=64):
    image = np.full((size, size, 3), 0.3, "f")
    image[10:30, 20:50] = 1
    return image


def analyse(images, masks, parts):
    return analysis.context_of(images, masks, Found(), parts)


@pytest.fixture
def batch():
    images = np.stack([picture(), np.full((64, 64, 3), 0.3, "f")])
    return images, np.ones((2, 64, 64, 1), "f")


def test_edges_and_boxes_are_where_they_are(batch):
    found = analyse(*batch, ("edges", "objects"))
    edges, objects = found["edges"], found["objects"]
    assert edges.shape == (2, 64, 64, 2) and objects.shape == (2, 64, 64, 1)
    assert edges.dtype == objects.dtype == np.float32
    assert edges[0, 8:32, 18:52].any() and not edges[1].any()
    assert objects[0, 10:30, 20:50].min() == np.float32(0.8)
    assert objects.sum() == pytest.approx(0.8 * 20 * 30, rel=1e-5)
    assert found["scene"].shape == (2, 50) and not found["scene"].any()


def test_what_is_in_a_hole_is_not_read(batch):
    images, masks = batch
    masks[:, 5:35, 15:55] = 0
    wanted = analyse(images * masks, masks, ("edges", "objects"))
    assert not wanted["objects"].any()
    for content in (1.0, np.nan):
        holed = np.where(masks, images, np.float32(content))
        found = analyse(holed, masks, ("edges", "objects"))
        for name in wanted:
            np.testing.assert_array_equal(found[name], wanted[name])


def test_boxes_on_each_other_have_the_higher_score():
    boxes = [
        Detection("any", 0.5, (0.0, 0.0, 4.0, 4.0)),
        Detection("any", 0.9, (2.0, 2.0, 6.0, 6.0)),
    ]
    found = analysis.boxes_map(boxes, (8, 8))[..., 0]
    assert found[1, 1] == np.float32(0.5) and found[3, 3] == np.float32(0.9)
    assert found[7, 7] == 0
