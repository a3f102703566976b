import numpy as np
import pandas

from kerasinpaint import cli, images


def test_a_method_is_scored_on_a_folder(tmp_path, capsys):
    rng = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    for number in range(2):
        picture = rng.random((70, 80, 3), dtype=np.float32)
        images.write_image(tmp_path / "in" / f"{number}.png", picture)
    line = ["evaluate", "fmm", "--data", str(tmp_path / "in"), "--size", "64"]
    output = ["--output", str(tmp_path / "out")]
    assert cli.main([*line, *output]) == 1  # none of two is in test
    assert "pictures for `test`" in capsys.readouterr().err
    assert cli.main([*line, "--split", "all", *output]) == 0
    fills = pandas.read_csv(tmp_path / "out" / "fills.csv")
    assert len(fills) == 2 * 12 and set(fills.method) == {"fmm"}
    assert fills.bin.nunique() == 6
    assert {"hole_psnr", "ssim", "l1", "lpips"} < set(fills.columns)


def test_mistakes_are_told(tmp_path, capsys):
    output = ["--output", str(tmp_path / "out")]
    assert cli.main(["evaluate", "magic", *output]) == 1
    assert "Received: 'magic'" in capsys.readouterr().err
    assert cli.main(["evaluate", "w.npz", *output]) == 1
    assert "w.npz" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
