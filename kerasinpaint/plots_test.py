import numpy as np
import pandas as pd
import pytest

from kerasinpaint import images, plots


def photo(seed, shape=(256, 256, 3)):
    return np.random.default_rng(seed).random(shape).astype(np.float32)


def find(drawn, picture):
    """Left edge of a picture in a figure, in which it is once, unscaled."""
    height, width = picture.shape[:2]
    drawn = drawn[..., :3] / 255
    close = (abs(drawn - picture[0, 0]) < 1.01 / 255).all(-1)
    (left,) = (
        left
        for top, left in np.argwhere(close[: 1 - height, : 1 - width])
        if np.allclose(
            drawn[top : top + height, left : left + width],
            picture,
            rtol=0,
            atol=1.01 / 255,
        )
    )
    return left


def test_pictures_stand_side_by_side_pixel_for_pixel(tmp_path):
    one, two = photo(0), photo(1)
    path = tmp_path / "new" / "folder" / "figure.png"
    plots.side_by_side(path, {"one": one, "two": two})
    drawn = images.read_array(path)
    assert find(drawn, one) + 256 < find(drawn, two)


def test_rows_of_a_grid_keep_their_order_and_are_labelled(tmp_path):
    pictures = [photo(seed) for seed in range(4)]
    rows = {
        "first": dict(zip("ab", pictures[:2], strict=True)),
        "second": dict(zip("ab", pictures[2:], strict=True)),
    }
    plots.picture_grid(tmp_path / "figure.png", rows)
    drawn = images.read_array(tmp_path / "figure.png")
    lefts = [find(drawn, picture) for picture in pictures]
    assert lefts[0] == lefts[2] < lefts[1] == lefts[3]
    # The labels are written to the left of all pictures.
    assert drawn[:, : lefts[0], :3].min() < 100


def test_masks_and_values_out_of_range_can_be_drawn(tmp_path):
    mask = np.ones((20, 30, 1), np.uint8)
    mask[5:15, 5:25] = 0
    bright = np.full((20, 30, 3), 7.0)
    path = tmp_path / "figure.jpg"
    plots.side_by_side(path, {"mask": mask, "bright": bright})
    drawn = images.read_image(path)
    # As high as it should be for 30 x 20 pixels, with a white frame.
    assert drawn.shape[0] < 256
    assert drawn.min() < 0.02 and (drawn > 0.98).mean() > 0.6


def test_a_broken_run_leaves_the_former_figure(tmp_path, monkeypatch):
    path = tmp_path / "figure.png"
    path.write_bytes(b"former")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OSError, match="figure.png"):
        plots.side_by_side(path, {"a": photo(0)})
    assert path.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [1, 15])
def test_every_curve_is_drawn(tmp_path, number):
    x = [0, 1, 2]
    lines = {f"method {i}": (x, [i, i + 1, i]) for i in range(number)}
    panels = {"PSNR (dB)": lines, "SSIM": lines}
    plots.curves(tmp_path / "one.png", panels, "hole ratio (%)")
    drawn = images.read_array(tmp_path / "one.png")[..., :3].astype(int)
    colored = np.ptp(drawn, axis=-1) > 60
    middle = drawn.shape[1] // 2
    assert colored[:, :middle].sum() > 100 * number**0.5
    assert colored[:, middle:].sum() > 100 * number**0.5


def test_backend_and_current_figure_stay_as_they_are(tmp_path):
    import matplotlib.pyplot

    backend = matplotlib.get_backend()
    matplotlib.pyplot.close("all")
    plots.side_by_side(tmp_path / "a.png", {"a": photo(0, (8, 8, 3))})
    assert matplotlib.pyplot.get_fignums() == []
    assert matplotlib.get_backend() == backend


@pytest.mark.parametrize("space", ["s1", "large"])
def test_the_figure_of_a_sweep_shows_every_trial(space, tmp_path):
    trials = pd.DataFrame(
        {
            "dropout": [0.2, 0.1, 0.2, 0.4],
            "optimizer": ["adam", "sgd", "sgd", "adam"],
            "epochs": [9, 9, 3, 9],
            "val_hole_psnr": [15.0, 14.0, 11.0, 12.0],
            "s1": [True, False, False, False],
        }
    )
    if space == "large":
        trials["loss"] = ["mae", "ssim", "psnr", "mae"]
        trials["learning_rate"] = [1e-3, 1e-4, 1e-2, 3e-3]

    def count(color, trials):
        plots.sweep(tmp_path / "sweep.jpg", trials)
        picture = images.read_image(tmp_path / "sweep.jpg") * 255
        assert picture.shape == (500, 800, 3)
        return (np.abs(picture - color).max(-1) < 30).sum()

    # Colours of its marks: blue and orange, and green for a third loss.
    assert count((31, 119, 180), trials) > count((31, 119, 180), trials[:3])
    assert count((255, 127, 14), trials) > 50
    assert (count((44, 160, 44), trials) > 50) == (space == "large")
