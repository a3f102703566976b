import numpy as np
import pandas
import pytest

from kerasinpaint import cli, images


@pytest.fixture
def pictures(tmp_path):
    """A folder with pictures in two splits."""
    rng = np.random.default_rng(0)
    for split in ("train", "validation", "test"):
        (tmp_path / "set" / split).mkdir(parents=True)
        for number in range(12):
            picture = rng.random((64, 64, 3), dtype=np.float32)
            path = tmp_path / "set" / split / f"{number:02}.png"
            images.write_image(path, picture)
    return str(tmp_path / "set")


def run(name, pictures, tmp_path):
    line = ["benchmark", name, "--data", pictures, "--methods", "telea,fmm"]
    assert cli.main([*line, "--output", str(tmp_path / "out")]) == 0
    return pandas.read_csv(tmp_path / "out" / "fills.csv")


def test_cifar10_has_a_row_for_what_no_method_should_be_below(
    pictures, tmp_path, capsys
):
    fills = run("cifar10", pictures, tmp_path)
    rows = {"telea", "fmm", "damaged", "plain white", "truth"}
    assert set(fills.method) == rows and len(fills) == 12 * len(rows)
    means = fills.groupby("method").mean()
    assert means.l1.idxmin() == means.ssim.idxmax() == "truth"
    # Why soft Jaccard is never reported alone.
    assert means.jaccard["plain white"] > means.jaccard["truth"]
    assert means.l1["plain white"] > means.l1["damaged"] > means.l1["fmm"]
    told = capsys.readouterr().out
    assert "12 pictures" in told and "plain white" in told


def test_tiny_imagenet_has_every_bin(pictures, tmp_path):
    fills = run("tiny_imagenet", pictures, tmp_path)
    assert len(fills) == 12 * 2 and fills.bin.nunique() == 6
    assert fills.groupby("bin").picture.nunique().eq(2).all()
