import shlex
from pathlib import Path

import numpy as np
import pytest

from kerasinpaint import cli, images, methods


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """What the demo prints, run in an empty folder."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["demo"]) == 0
    return capsys.readouterr().out


def test_the_demo_scores_every_method_and_draws_a_picture(told):
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in told.splitlines()
        if line.startswith("|")
    ]
    assert rows[0] == ["method", "seconds", "hole PSNR (dB)", "SSIM"]
    assert [row[0] for row in rows[2:]] == methods.names()
    scores = np.array([row[1:] for row in rows[2:]], float)
    assert (scores[:, 1] > 15).all()
    assert ((0.5 < scores[:, 2]) & (scores[:, 2] < 1)).all()
    picture = images.read_image(Path("output/demo.png"))
    assert picture.shape[1] > picture.shape[0] and picture.std() > 0.1


def test_what_the_demo_proposes_works(told):
    proposed = told.split("Try next:")[1].split("\n\n")[0]
    lines = proposed.replace("\\\n", " ").strip().splitlines()
    assert len(lines) == 3
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program.endswith("kerasinpaint")
        assert cli.main(arguments) == 0
    assert Path("output/torn.png").exists()
    assert len(list(Path("output/masks").iterdir())) == 3
