import functools

import cv2
import numpy as np
import pandas
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from kerasinpaint import benchmark, benchmark_speed, data, masks, methods
from kerasinpaint.benchmark_layers import (
    input_rate,
    kernel_costs,
    layer_overhead,
)
from kerasinpaint.benchmark_scores import (
    BINS,
    hole_mask,
    perceptual_distances,
    speed_mask,
)


def pictures(number=2, size=32):
    rng = np.random.default_rng(3)
    return list(rng.random((number, size, size, 3), np.float32))


def a_quarter_hole(size=32):
    mask = np.ones((size, size, 1), np.uint8)
    mask[: size // 2, : size // 2] = 0
    return mask


def test_scores_are_what_can_be_computed_by_hand():
    truth = np.full((32, 32, 3), 0.5, np.float32)
    filled = np.full((32, 32, 3), 0.6, np.float32)
    found = benchmark.scores(truth, filled, a_quarter_hole())
    assert found["l1"] == pytest.approx(2.5, rel=1e-5)
    assert found["psnr"] == pytest.approx(-10 * np.log10(0.0025), rel=1e-5)
    assert found["hole_psnr"] == pytest.approx(20, rel=1e-5)


def test_scores_agree_with_scikit_image():
    truth, filled = pictures()
    mask = a_quarter_hole()
    composite = filled.copy()
    known = mask[..., 0] == 1
    composite[known] = truth[known]
    found = benchmark.scores(truth, filled, mask)
    assert found["psnr"] == pytest.approx(
        peak_signal_noise_ratio(truth, composite, data_range=1), rel=1e-5
    )
    assert found["hole_psnr"] == pytest.approx(
        peak_signal_noise_ratio(truth[~known], filled[~known], data_range=1),
        rel=1e-5,
    )
    wanted = structural_similarity(
        truth.astype(float),
        composite.astype(float),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=1,
        channel_axis=-1,
    )
    assert found["ssim"] == pytest.approx(wanted, rel=1e-6)
    assert found["ssim"] < 0.95


def test_a_perfect_fill_and_no_hole_have_the_highest_scores():
    truth, other = pictures()
    best = {"l1": 0, "psnr": 100, "ssim": 1, "hole_psnr": 100}
    perfect = benchmark.scores(truth, truth, a_quarter_hole())
    assert perfect == pytest.approx(best)
    nothing = benchmark.scores(truth, other, np.ones((32, 32, 1), np.uint8))
    assert nothing == pytest.approx(best)


def test_perceptual_distances_compare_holes_only():
    truth, other = pictures()
    mask = a_quarter_hole()
    same_hole = np.where(mask, other, truth)
    found = perceptual_distances(truth, [truth, same_hole, other], mask)
    assert found[:2] == [0, 0]
    assert 0.001 < found[2] < 1


@pytest.mark.parametrize("border", [True, False])
def test_masks_are_in_their_bins_and_all_different(border):
    seen = set()
    touching = 0
    for low, high in BINS:
        for index in range(8):
            mask = hole_mask(256, (low, high), border, index)
            assert mask.shape == (256, 256, 1)
            assert low < masks.hole_ratio(mask) <= high
            seen.add(mask.tobytes())
            around = mask.copy()
            around[25:-25, 25:-25] = 1
            touching += not around.all()
    assert len(seen) == 8 * len(BINS)
    assert touching > 30 if border else touching == 0


def test_a_mask_depends_on_its_cell_only():
    one = hole_mask(64, BINS[2], True, 5)
    hole_mask(64, BINS[3], False, 1)
    assert np.array_equal(one, hole_mask(64, BINS[2], True, 5))
    assert not np.array_equal(one, hole_mask(64, BINS[2], True, 9))


@pytest.mark.parametrize("kind", ["thin", "thick", "box"])
def test_masks_of_the_speed_test_keep_their_hole_ratio(kind):
    ratios = [masks.hole_ratio(speed_mask(kind, size)) for size in (128, 512)]
    assert abs(ratios[0] - ratios[1]) < 0.2 * ratios[0]


@pytest.fixture
def small(monkeypatch):
    """Small pictures in the place of the embedded photographs."""
    monkeypatch.setattr(data, "squares", lambda *_: pictures(5))


def test_quality_writes_all_files_and_the_same_numbers_twice(
    small, tmp_path, capsys
):
    names = ["telea", "fmm"]
    first = benchmark.quality(names, tmp_path / "a")
    told = capsys.readouterr().out
    second = benchmark.quality(names, tmp_path / "b")
    assert len(first) == 5 * 12 * 2
    assert first.drop(columns="seconds").equals(second.drop(columns="seconds"))
    written = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert written == [
        "curves.jpg",
        "fills.csv",
        "pictures.jpg",
        "quality.csv",
        "quality.md",
    ]
    read = pandas.read_csv(tmp_path / "a" / "fills.csv")
    assert list(read.columns) == [
        *("method", "picture", "bin", "border", "hole_ratio"),
        *("l1", "psnr", "ssim", "hole_psnr", "seconds", "lpips"),
    ]
    rows = [line.split("|")[1:-1] for line in told.splitlines() if "|" in line]
    assert [cell.strip() for cell in rows[0]] == ["hole", *names]
    some = read[(read.bin == "10-20 %") & (read.method == "telea")]
    row = next(row for row in rows if row[0].strip() == "10-20 %")
    assert float(row[1]) == pytest.approx(some.hole_psnr.mean(), abs=0.006)
    summary = pandas.read_csv(tmp_path / "a" / "quality.csv")
    assert len(summary) == 12 * 2


def test_the_lead_is_that_over_the_best_classical_method(
    small, tmp_path, monkeypatch
):
    monkeypatch.setitem(methods.METHODS, "new", methods.navier_stokes)
    fills = benchmark.quality(["telea", "fmm", "new"], tmp_path)
    text = (tmp_path / "quality.md").read_text(encoding="utf-8")
    section = text.split("## Ahead of the best classical method")[1]
    row = next(line for line in section.splitlines() if "10-20 %" in line)
    some = fills[fills.bin == "10-20 %"].groupby("method").hole_psnr.mean()
    lead = float(row.split("|")[2].split("/")[0])
    wanted = some["new"] - max(some["telea"], some["fmm"])
    assert lead == pytest.approx(wanted, abs=0.006)
    benchmark.quality(["telea", "fmm"], tmp_path)
    assert "Ahead" not in (tmp_path / "quality.md").read_text(encoding="utf-8")


def test_a_method_sees_nothing_of_what_is_in_the_hole(
    small, tmp_path, monkeypatch
):
    def spy(image, mask):
        assert not image[mask[..., 0] == 0].any()
        return image

    monkeypatch.setitem(methods.METHODS, "spy", spy)
    benchmark.quality(["spy"], tmp_path)


def test_mistakes_are_told_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="one of fmm, .*Received: 'magic'"):
        benchmark.quality(["fmm", "magic"], tmp_path / "new")
    with pytest.raises(ValueError, match="32 pixels or more. Received: 31"):
        benchmark.quality(["fmm"], tmp_path / "new", size=31)
    assert not (tmp_path / "new").exists()


def test_speed_writes_its_tables_and_restores_opencvs_threads(
    tmp_path, monkeypatch, capsys
):
    threads = []

    def first_calls():
        threads.append(cv2.getNumThreads())
        return 1, 2

    monkeypatch.setattr(benchmark_speed, "REPEATS", {128: 1, 160: 1})
    monkeypatch.setattr(benchmark_speed, "GROWTH", (128, 192))
    monkeypatch.setattr(benchmark_speed, "MASK_SECONDS", 0.01)
    monkeypatch.setattr(benchmark_speed, "_first_calls", first_calls)
    monkeypatch.setattr(data, "photos", lambda *_: pictures(1, 256))
    small = functools.partial(layer_overhead, [(8, 3, 4, 3, 2)], repeats=1)
    monkeypatch.setattr(benchmark_speed, "layer_overhead", small)
    two = functools.partial(kernel_costs, [(8, 16)], repeats=1)
    monkeypatch.setattr(benchmark_speed, "kernel_costs", two)
    few = functools.partial(input_rate, 64, batch_size=2, repeats=1)
    monkeypatch.setattr(benchmark_speed, "input_rate", few)
    before = cv2.getNumThreads()
    benchmark.speed(tmp_path)
    assert threads == [1] and cv2.getNumThreads() == before
    compared = pandas.read_csv(tmp_path / "speed.csv")
    assert list(compared["size"]) == [128] * 3 + [160] * 3
    ratio = compared["OpenCV seconds"] / compared["seconds"]
    assert np.allclose(ratio, compared["times as fast"])
    rates = pandas.read_csv(tmp_path / "speed_masks.csv")
    assert "object_aware" in set(rates.kind) and (rates["masks/s"] > 0).all()
    text = (tmp_path / "speed.md").read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    (row,) = (line for line in text.splitlines() if "OpenCV, median" in line)
    assert float(row.split("|")[3]) == pytest.approx(ratio.median(), abs=0.006)
