import pytest

from kerasinpaint import cli, tuning, tuning_trials


@pytest.fixture
def tuned(monkeypatch):
    """What `tune` was called with."""
    calls = []
    monkeypatch.setattr(tuning, "tune", lambda *given: calls.append(given))
    return calls


def test_arguments_reach_the_sweep(tuned):
    line = (
        "tune --space large --data d --trials 3 --epochs 4 --output o "
        "--resume no"
    )
    assert cli.main(line.split()) == 0
    assert tuned == [("large", "d", 3, 4, "o", False)]


def test_without_arguments_it_is_the_grid_of_s1(tuned):
    assert cli.main(["tune"]) == 0
    assert tuned == [("s1", "photos", None, tuning.EPOCHS, None, True)]


@pytest.mark.parametrize("space", tuning.SPACES)
def test_every_space_can_be_chosen(space, tuned):
    assert cli.main(["tune", "--space", space]) == 0
    assert tuned[0][0] == space


def test_the_help_says_how_long_an_epoch_is(capsys):
    with pytest.raises(SystemExit):
        cli.main(["tune", "--help"])
    pictures = tuning_trials.STEPS * tuning_trials.BATCH_SIZE
    assert f"{pictures} pictures" in " ".join(capsys.readouterr().out.split())


def test_mistakes_are_told(capsys, tuned):
    for line in ("tune --space huge", "tune --trials 0", "tune --epochs 0"):
        with pytest.raises(SystemExit) as left:
            cli.main(line.split())
        assert left.value.code == 2
    assert "must be positive, not 0" in capsys.readouterr().err
    assert not tuned
