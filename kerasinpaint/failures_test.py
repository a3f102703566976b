import numpy as np
import pytest

from kerasinpaint import failures
from kerasinpaint.detectors import Detection


def nothing(image):
    return []


def something(image):
    return [Detection("any", 0.9, (10.0, 10.0, 50.0, 50.0))]


@pytest.fixture
def noise():
    rng = np.random.default_rng(0)
    return 0.5 + 0.02 * rng.random((64, 64, 3), np.float32)


@pytest.fixture
def mask():
    mask = np.ones((64, 64, 1), np.uint8)
    mask[16:48, 16:48] = 0
    return mask


def test_what_is_left_is_texture(noise, mask):
    assert failures.group(noise, mask, nothing) == "texture"


def test_foliage_has_no_lines_by_chance(mask):
    leaves = np.random.default_rng(0).random((64, 64, 3), np.float32)
    assert failures.group(leaves, mask, nothing) == "texture"


def test_a_line_through_the_hole_is_told(noise, mask):
    noise[:, 30:] += 0.4
    assert failures.group(noise, mask, nothing) == "line"


def test_a_line_beside_the_hole_is_not(noise, mask):
    noise[:, 58:] += 0.4
    assert failures.group(noise, mask, nothing) == "texture"


def test_an_object_goes_before_a_line(noise, mask):
    noise[:, 30:] += 0.4
    assert failures.group(noise, mask, something) == "object"


def test_a_hole_at_the_border_goes_before_all(noise, mask):
    mask[:, :20] = 0
    assert failures.group(noise, mask, something) == "border"


def test_the_table_counts_what_failed():
    groups = ["line", "texture", "line", "border"]
    worst = np.array([True, False, False, True])
    text = failures.table(groups, np.array([0.4, 0.1, 0.2, 0.5]), worst)
    rows = {
        cells[1].strip(): [cell.strip() for cell in cells[2:5]]
        for cells in (line.split("|") for line in text.splitlines()[2:])
    }
    assert rows["line"] == ["2", "1", "0.3"]
    assert rows["border"] == ["1", "1", "0.5"]
    assert rows["object"] == ["0", "0", ""]
    assert rows["texture"] == ["1", "0", "0.1"]
