import sys

import pytest

from kerasinpaint import cli, training


@pytest.fixture
def trained(monkeypatch):
    """What `train` was called with."""
    calls = []
    monkeypatch.setattr(
        training, "train", lambda *args, **kwargs: calls.append((args, kwargs))
    )
    return calls


def test_arguments_reach_the_recipe(trained):
    line = "train pconv --data d --epochs 3 --output o --resume no --wandb p"
    assert cli.main(line.split()) == 0
    wanted = ("pconv", "d", "o", 3), {"resume": False, "wandb": "p"}
    assert trained == [wanted]


def test_the_recipe_decides_what_is_not_said(trained):
    assert cli.main(["train", "pconv"]) == 0
    wanted = ("pconv", None, None, None), {"resume": True, "wandb": None}
    assert trained == [wanted]


def test_without_a_recipe_all_are_listed(capsys):
    assert cli.main(["train"]) == 0
    text = capsys.readouterr().out
    for name in training.RECIPES:
        assert f"kerasinpaint train {name}" in text


def test_mistakes_are_told(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["train", "magic"]) == 1
    assert "Received: 'magic'" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    assert cli.main(["train", "pconv", "--data", "cifar10"]) == 1
    assert "pip install kerasinpaint[tfds]" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        cli.main(["train", "pconv", "--epochs", "0"])
    assert left.value.code == 2
