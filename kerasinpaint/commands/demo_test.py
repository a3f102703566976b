import shlex
from pathlib import Path

import numpy as np
import pytest

from kerasinpaint import cli, images, methods
from kerasinpaint.commands import demo


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


@pytest.fixture
def fails_if_it_starts(tmp_path, monkeypatch):
    """An empty folder in which nothing is restored."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "_restore", lambda example: pytest.fail())


@pytest.mark.usefixtures("fails_if_it_starts")
@pytest.mark.parametrize(
    "output, told", [("mine.png", "--overwrite"), ("mine.txt", "'.txt'")]
)
def test_what_cannot_be_written_is_told_at_once(output, told, capsys):
    Path(output).write_bytes(b"precious")
    assert cli.main(["demo", "--output", output]) == 1
    streams = capsys.readouterr()
    assert told in streams.err and streams.out == ""
    assert Path(output).read_bytes() == b"precious"


@pytest.mark.parametrize(
    "arguments, output",
    [
        ([], "output/demo.png"),
        (["--output", "mine.png", "--overwrite"], "mine.png"),
    ],
)
def test_what_may_be_replaced_is(arguments, output, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(methods, "names", lambda: ["telea"])
    Path(output).parent.mkdir(exist_ok=True)
    Path(output).write_bytes(b"former")
    assert cli.main(["demo", *arguments]) == 0
    assert images.read_image(output).std() > 0.1
