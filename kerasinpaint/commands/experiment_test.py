from kerasinpaint import ablations, cli, experiment


def test_recipes_are_listed(capsys):
    assert cli.main(["experiment", "--list"]) == 0
    assert capsys.readouterr().out.splitlines() == ablations.recipes()


def test_arguments_reach_the_experiment(monkeypatch):
    asked = []
    monkeypatch.setattr(
        experiment, "experiment", lambda *given: asked.append(given)
    )
    names = "structure,structure - gates"
    options = ["--seeds", "2", "--epochs", "1", "--data", "mine"]
    arguments = ["experiment", "--recipes", names, *options, "--output", "out"]
    assert cli.main(arguments) == 0
    assert asked == [
        (["structure", "structure - gates"], range(2), "out", "mine", 1)
    ]


def test_a_recipe_that_is_none_is_told(capsys, tmp_path):
    arguments = ["--recipes", "wings", "--output", str(tmp_path / "new")]
    assert cli.main(["experiment", *arguments]) == 1
    assert "wings" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
