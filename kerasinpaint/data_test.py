"""The embedded pictures are whole, attributed, and split by subject."""

import csv
from collections import defaultdict

import numpy as np
import pytest
from PIL import Image

from kerasinpaint import data, images

SUFFIXES = (".jpg", ".png")
EXAMPLES = ["torn"] + "border grid object scratches strokes text water".split()


@pytest.fixture(scope="module")
def attribution():
    with open(data.ROOT / "ATTRIBUTION.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def triples():
    return data.examples()


def test_every_picture_has_one_line_of_attribution(attribution):
    pictures = {
        path.relative_to(data.ROOT).as_posix()
        for path in data.ROOT.rglob("*")
        if path.suffix.lower() in SUFFIXES
    }
    listed = [line["file"] for line in attribution]
    assert len(pictures) > 400
    assert len(listed) == len(set(listed))
    assert set(listed) == pictures


def test_every_line_of_attribution_is_filled_in(attribution):
    for line in attribution:
        assert all(value.strip() for value in line.values()), line["file"]


def test_photographs_have_a_free_licence(attribution):
    free = ("public-domain", "CC0-", "CC-BY-", "BSD-", "Apache-2.0")
    for line in attribution:
        if line["file"].startswith("objects/"):
            assert line["licence"] == "GPL-2.0-or-later"
        else:
            assert line["licence"].startswith(free), line
            assert "-NC" not in line["licence"] and "-ND" not in line["licence"]


def test_licences_that_ask_for_it_are_here_in_full():
    notice = (data.ROOT / "objects" / "LICENSE.md").read_text()
    assert "GPL-2.0-or-later" in notice and "tuxpaint-stamps-default" in notice
    text = (data.ROOT / "objects" / "COPYING").read_text()
    assert "Version 2, June 1991" in text
    text = (data.ROOT / "photos" / "LICENSE-PyVision.txt").read_text()
    assert "must retain the above copyright" in text and "Bolme" in text


def test_everything_is_at_most_25_megabytes():
    files = [path for path in data.ROOT.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 25e6


@pytest.mark.parametrize("kind", ["photos", "objects"])
def test_no_subject_is_in_two_splits(attribution, kind):
    splits, pictures = defaultdict(set), 0
    for line in attribution:
        folder, split = line["file"].split("/")[:2]
        if folder == kind:
            splits[line["subject"]].add(split)
            pictures += 1
    assert 100 < len(splits) < pictures
    assert not {s: found for s, found in splits.items() if len(found) > 1}


def test_no_two_files_are_the_same_picture():
    seen = {}
    for path in sorted(data.ROOT.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            content = path.read_bytes()
            assert content not in seen, f"{path} is {seen[content]}"
            seen[content] = path


@pytest.mark.parametrize(
    ("split", "count", "shortest"),
    [("train", 156, 180), ("validation", 24, 432), ("test", 30, 480)],
)
def test_every_photograph_is_read_and_large_enough(split, count, shortest):
    photos = data.photos(split)
    assert len(photos) == count == len(data.photo_paths(split))
    assert min(min(photo.shape[:2]) for photo in photos) >= shortest
    for photo in photos:
        assert photo.dtype == np.float32 and photo.shape[-1] == 3
        assert 0 <= photo.min() < 0.5 < photo.max() <= 1


@pytest.mark.parametrize("split", data.SPLITS)
def test_every_cut_out_has_a_soft_alpha(split):
    paths = sorted((data.ROOT / "objects" / split).glob("*/*.png"))
    assert len(paths) >= 41
    assert len({path.parent.name for path in paths}) == 11
    for path in paths:
        with Image.open(path) as picture:
            alpha = np.asarray(picture.convert("RGBA"))[..., 3]
        assert min(alpha.shape) >= 24, path
        assert alpha.min() < 128 < alpha.max(), path


def test_squares_are_cut_from_the_middle():
    photo = images.read_image(data.photo_paths("test")[0])
    height, width = photo.shape[:2]
    assert height < width
    square = data.photos("test", size=height)[0]
    left = (width - height) // 2
    np.testing.assert_array_equal(square, photo[:, left : left + height])


def test_squares_are_scaled_down_by_area():
    photo = images.read_image(data.photo_paths("test")[0])
    height, width = photo.shape[:2]
    assert height % 2 == width % 2 == 0
    halved = photo.reshape(height // 2, 2, width // 2, 2, 3).mean((1, 3))
    left = (width // 2 - height // 2) // 2
    expected = halved[:, left : left + height // 2]
    square = data.photos("test", size=height // 2)[0]
    np.testing.assert_allclose(square, expected, atol=1e-6)


def test_small_photographs_are_left_out_rather_than_enlarged():
    photos = data.photos("train", size=256)
    small = [p for p in data.photos("train") if min(p.shape[:2]) < 256]
    assert len(small) > 50
    assert len(photos) == 156 - len(small)
    assert {photo.shape for photo in photos} == {(256, 256, 3)}


def test_a_size_that_nothing_has_is_refused():
    with pytest.raises(ValueError, match="at most .* Received: 5000"):
        data.photos("validation", size=5000)
    with pytest.raises(ValueError, match="positive. Received: 0"):
        data.photos("validation", size=0)


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="train, validation, test.*'val'"):
        data.photo_paths("val")


def test_without_the_repository_the_error_says_to_clone_it(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(data, "ROOT", tmp_path)
    for read in (lambda: data.photos("test"), data.examples):
        with pytest.raises(FileNotFoundError, match="clone the repository"):
            read()


def test_there_are_eight_examples_and_the_torn_one_is_first(triples):
    assert [example["name"] for example in triples] == EXAMPLES


@pytest.mark.parametrize("index", range(8), ids=EXAMPLES)
def test_an_example_is_damaged_in_its_holes_only(triples, index):
    example = triples[index]
    original, damaged = example["original"], example["damaged"]
    known = example["mask"][..., 0] == 1
    assert original.shape == damaged.shape == (256, 256, 3)
    assert 0.05 < 1 - known.mean() < 0.4
    np.testing.assert_array_equal(damaged[known], original[known])
    changed = (damaged != original).any(-1)
    assert changed[~known].mean() > 0.9


def test_masks_of_examples_are_black_and_white():
    for name in EXAMPLES:
        mask = images.read_array(data.ROOT / "examples" / f"{name}_mask.png")
        assert mask.shape == (256, 256)
        assert set(np.unique(mask)) == {0, 255}


def test_examples_come_from_eight_photographs_of_the_test_split(attribution):
    test, origins = set(), {}
    for line in attribution:
        if line["file"].startswith("photos/test/"):
            test.add(line["source"])
        if line["file"].endswith("_original.png"):
            origins[line["file"]] = line["source"]
    assert len(set(origins.values())) == len(origins) == 8
    assert set(origins.values()) <= test


def test_black_alone_finds_the_text_that_was_written(triples):
    text = triples[EXAMPLES.index("text")]
    found = images.mask_from_color(text["damaged"], "#000000")
    np.testing.assert_array_equal(found, text["mask"])
