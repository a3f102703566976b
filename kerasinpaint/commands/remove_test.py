import numpy as np
import pytest

from kerasinpaint import images, object_removal, segmenters
from kerasinpaint.cli import main
from kerasinpaint.object_removal import Instance, finder, remove

RED, BLUE = np.array([1, 0, 0], "f"), np.array([0, 0, 1], "f")


class ByColor:
    """Finds red birds and blue fruit."""

    classes = ["background", "bird", "fruit"]

    def __call__(self, image):
        labels = np.zeros(image.shape[:2], np.int32)
        labels[abs(image - RED).sum(-1) < 0.5] = 1
        labels[abs(image - BLUE).sum(-1) < 0.5] = 2
        return labels


def picture():
    """Two birds, the right one larger, and a fruit, on grey."""
    image = np.full((60, 100, 3), 0.5, "f")
    image[10:20, 10:20] = RED
    image[30:50, 60:80] = RED
    image[40:52, 20:32] = BLUE
    return image


@pytest.fixture
def photo(tmp_path, monkeypatch):
    monkeypatch.setattr(segmenters, "get", lambda name: ByColor())
    path = tmp_path / "photo.png"
    images.write_image(path, picture())
    return path


def command(photo, *arguments):
    output = photo.with_name("without.png")
    options = ["--output", str(output), "--method", "telea", *arguments]
    return main(["remove", str(photo), *options]), output


def test_all_of_a_name_are_removed_and_nothing_else(photo, capsys):
    code, output = command(photo, "--object", "bird")
    told = capsys.readouterr().out
    assert code == 0
    assert "bird 1: 6.7% of the picture" in told
    assert "bird 2: 1.7% of the picture, around x 14, y 14" in told
    assert "Also found: fruit." in told
    assert "nothing there is found to be a bird" in told
    result = images.read_image(output)
    assert abs(result[10:20, 10:20] - 0.5).max() < 0.1
    assert abs(result[30:50, 60:80] - 0.5).max() < 0.1
    before = images.read_image(photo)
    np.testing.assert_array_equal(result[40:52, 20:32], before[40:52, 20:32])
    np.testing.assert_array_equal(result[:, 90:], before[:, 90:])


def test_one_of_several_is_removed_by_its_index(photo):
    code, output = command(photo, "--object", "bird", "--index", "2")
    result = images.read_image(output)
    assert code == 0
    assert abs(result[10:20, 10:20] - 0.5).max() < 0.1
    np.testing.assert_array_equal(result[30:50, 60:80], picture()[30:50, 60:80])


def test_a_neighbour_of_the_same_name_stays(photo):
    image = np.full((100, 200, 3), 0.5, "f")
    image[20:80, 20:60] = image[20:80, 62:140] = RED
    images.write_image(photo, image)
    image = images.read_image(photo)
    code, output = command(photo, "--object", "bird", "--index", "2")
    result = images.read_image(output)
    stays = np.s_[20:80, 62:140]
    np.testing.assert_array_equal(result[stays], image[stays])
    assert abs(result[20:80, 20:40] - RED).sum(-1).mean() > 0.5
    filled = (result != image).any(-1)
    assert filled.sum() < 2 * 60 * 40


def test_the_folder_of_the_output_is_made(photo):
    output = photo.with_name("new") / "folder" / "without.png"
    arguments = ["--object", "bird", "--method", "telea"]
    arguments += ["--output", str(output)]
    assert main(["remove", str(photo), *arguments]) == 0
    assert output.exists()


def test_numbers_are_no_names(photo, monkeypatch, capsys):
    monkeypatch.setattr(ByColor, "numbers", True, raising=False)
    code, _ = command(photo, "--object", "bird")
    assert code == 1 and "must know names" in capsys.readouterr().err


def test_nothing_cannot_be_removed():
    with pytest.raises(ValueError, match="must have an object"):
        remove(picture(), [], None, None)


def test_what_is_found_again_is_cut_out_wider():
    image, find = picture(), finder(ByColor())
    asked = []

    def stubborn(image, mask):
        """Paints the bird again, until the hole is twice as wide."""
        asked.append((mask == 0).sum())
        color = RED if len(asked) < 3 else 0.5
        return np.where(mask, image, np.float32(color))

    chosen = [one for one in find(image) if one.name == "bird"][:1]
    filled, mask, left = remove(image, chosen, find, stubborn)
    assert not left and len(asked) == 3
    assert asked[0] < asked[1] < asked[2] == (mask == 0).sum()
    np.testing.assert_array_equal(
        filled[mask[..., 0] > 0], image[mask[..., 0] > 0]
    )


def test_what_will_not_go_is_told(photo, monkeypatch, capsys):
    def red(image, mask):
        return np.where(mask, image, RED)

    from kerasinpaint import methods

    monkeypatch.setattr(methods, "get", lambda name: red)
    code, output = command(photo, "--object", "bird", "--index", "2")
    assert code == 1 and output.exists()
    assert "a bird is still found there" in capsys.readouterr().out


def test_a_detector_finds_boxes_that_become_masks(monkeypatch):
    class Box:
        name, score, box = "dog", 0.9, (30, 60, 50, 80)

    def look(image):
        return [Box]

    def mask_of_box(image, box):
        place = np.zeros(image.shape[:2], bool)
        place[box[0] : box[2], box[1] : box[3]] = True
        return place

    monkeypatch.setattr(object_removal.detectors, "mask_of_box", mask_of_box)
    ((name, place),) = finder(look)(picture())
    assert name == "dog" and place.sum() == 400 and place[40, 70]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--object", "dog"], "must be one of bird, fruit. Received: 'dog'"),
        (["--object", "bird", "--index", "3"], "at most 2"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(
    photo, capsys, arguments, told
):
    code, output = command(photo, *arguments)
    error = capsys.readouterr().err
    assert code == 1 and told in error and error.count("\n") == 1
    assert not output.exists()


def test_when_there_is_none_it_says_what_there_is(tmp_path, photo, capsys):
    images.write_image(photo, np.full((40, 40, 3), 0.5, "f"))
    code, output = command(photo, "--object", "bird")
    error = capsys.readouterr().err
    assert code == 1 and not output.exists()
    assert "No bird was found" in error and "bird, fruit" in error
    assert "found: nothing" in error


def test_what_exists_is_not_replaced_unasked(photo, capsys):
    assert command(photo, "--object", "bird")[0] == 0
    assert command(photo, "--object", "bird")[0] == 1
    assert "exists" in capsys.readouterr().err
    assert command(photo, "--object", "bird", "--overwrite")[0] == 0


def test_an_object_all_over_is_refused():
    place = np.ones((20, 20), bool)
    with pytest.raises(ValueError, match="leave something.* Received: bird"):
        remove(
            np.zeros((20, 20, 3), "f"), [Instance("bird", place)], None, None
        )
