import cv2
import numpy as np
import pandas
import pytest

from kerasinpaint import benchmark, cli, data, masks, methods
from kerasinpaint.benchmark_wide import CELLS, leads, wide_mask
from kerasinpaint.significance import paired_interval


@pytest.fixture
def small(monkeypatch):
    """Small pictures in the place of the embedded photographs."""
    rng = np.random.default_rng(3)
    pictures = list(rng.random((6, 32, 32, 3), np.float32))
    monkeypatch.setattr(data, "squares", lambda *_: pictures)


@pytest.mark.parametrize("cell", range(len(CELLS)))
def test_holes_are_wide_in_their_bin_and_all_different(cell):
    low, high = CELLS[cell][1]
    seen = set()
    for index in range(12):
        mask = wide_mask(256, cell, index)
        assert low < masks.hole_ratio(mask) <= high
        to_rim = cv2.distanceTransform(1 - mask[..., 0], cv2.DIST_L2, 5)
        assert to_rim.max() > 20
        seen.add(mask.tobytes())
        assert np.array_equal(mask, wide_mask(256, cell, index))
    assert len(seen) == 12


def test_all_files_are_written_and_the_same_numbers_twice(
    small, tmp_path, capsys
):
    line = ["benchmark", "wide", "--methods", "telea,fmm,pyramid"]
    assert cli.main([*line, "--output", str(tmp_path / "a")]) == 0
    told = capsys.readouterr().out
    fills = benchmark.wide(["telea", "fmm", "pyramid"], tmp_path / "b")
    assert len(fills) == 6 * 4 * 3
    assert fills.groupby("picture").bin.nunique().eq(2).all()
    written = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert written == ["fills.csv", "pictures.jpg", "table.md"]
    read = pandas.read_csv(tmp_path / "a" / "fills.csv")
    scores = ["hole_psnr", "ssim", "l1", "lpips"]
    assert np.allclose(read[scores], fills[scores], atol=1e-6)
    text = (tmp_path / "a" / "table.md").read_text(encoding="utf-8")
    assert text in told
    (row,) = (line for line in text.splitlines() if line[:7] == "| telea")
    found = [float(cell) for cell in row.split("|")[2:-1]]
    means = fills[fills.method == "telea"][scores].mean()
    assert found == pytest.approx(means.tolist(), abs=0.006)


def test_leads_are_over_the_best_in_each_score_by_picture():
    rows = [
        # method, picture, hole_psnr, lpips: two fills of each picture
        *(("fmm", 0, 10.0, 0.2), ("fmm", 0, 12.0, 0.4)),
        *(("fmm", 1, 20.0, 0.1), ("fmm", 1, 22.0, 0.1)),
        *(("telea", 0, 9.0, 0.1), ("telea", 0, 9.0, 0.1)),
        *(("telea", 1, 9.0, 0.1), ("telea", 1, 9.0, 0.1)),
        *(("new", 0, 11.0, 0.1), ("new", 0, 13.0, 0.2)),
        *(("new", 1, 24.0, 0.2), ("new", 1, 24.0, 0.2)),
    ]
    columns = ["method", "picture", "hole_psnr", "lpips"]
    fills = pandas.DataFrame(rows, columns=columns)
    best, ahead = leads(fills, "hole_psnr")
    assert best == "fmm" and ahead["new"].tolist() == [1.0, 3.0]
    best, ahead = leads(fills, "lpips")
    assert best == "telea" and list(ahead) == ["new"]
    # Lower is better: behind is below 0.
    assert ahead["new"].tolist() == pytest.approx([-0.05, -0.1])


def test_the_table_says_leads_with_their_intervals(small, tmp_path):
    fills = benchmark.wide(["telea", "fmm", "pyramid"], tmp_path)
    text = (tmp_path / "table.md").read_text(encoding="utf-8")
    section = text.split("\n## Ahead")[1]
    best, ahead = leads(fills, "ssim")
    low, high = paired_interval(ahead["pyramid"])
    assert f"| SSIM, over {best} " in section
    mean = ahead["pyramid"].mean()
    assert f"| {mean:+.4f} ({low:+.4f} to {high:+.4f}) " in section
    assert "\n| fmm " not in section


def test_without_one_of_each_kind_nobody_is_ahead(small, tmp_path, monkeypatch):
    monkeypatch.setitem(methods.METHODS, "new", methods.navier_stokes)
    for number, names in enumerate((["telea", "fmm"], ["new"])):
        benchmark.wide(names, tmp_path / str(number))
        text = (tmp_path / str(number) / "table.md").read_text()
        assert "Means" in text and "Ahead" not in text


def test_an_unknown_method_is_told_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="one of fmm, .*Received: 'magic'"):
        benchmark.wide(["fmm", "magic"], tmp_path / "new")
    assert not (tmp_path / "new").exists()
