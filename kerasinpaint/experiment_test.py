import numpy as np
import pandas
import pytest

from kerasinpaint import ablations, experiment


@pytest.fixture
def rows():
    """Scores of two recipes: each crop is better by .1 with the part."""
    rng = np.random.default_rng(0)
    crops = rng.normal(20, 2, 60)
    return pandas.concat(
        [
            pandas.DataFrame(
                {
                    "picture": range(60),
                    "hole_psnr": crops - lost + rng.normal(0, 0.05, 60),
                    "recipe": recipe,
                    "seed": seed,
                }
            )
            for recipe, lost in (
                ("structure", 0),
                ("structure - gates", 0.1),
                ("structure - scene", 0),
                ("structure - guess", -0.1),
            )
            for seed in (0, 1, 2)
        ]
    )


def test_a_table_tells_what_pays_harms_and_does_neither(rows):
    table = experiment.table(rows)
    assert table.verdict.to_dict() == {
        "structure": "",
        "structure - gates": "pays",
        "structure - scene": "no difference shown",
        "structure - guess": "harms",
    }
    worth = float(table.loc["structure - gates", "its part is worth"])
    assert worth == pytest.approx(0.1, abs=0.03)


def test_lower_is_better_of_distances(rows):
    rows = rows.rename(columns={"hole_psnr": "lpips"})
    rows["recipe"] = rows.recipe.str.replace("structure", "texture")
    table = experiment.table(rows)
    assert table.loc["texture - gates", "verdict"] == "harms"


def test_spread_is_over_seeds(rows):
    rows.loc[rows.seed == 2, "hole_psnr"] += 3
    cell = experiment.table(rows).iloc[0, 1]
    means = rows[rows.recipe == "structure"].groupby("seed").hole_psnr.mean()
    assert cell == f"{means.mean():.4f} ± {means.std():.4f}"


def test_every_part_of_every_network_has_a_recipe():
    names = ablations.recipes()
    assert len(names) == len(set(names))
    for name, stage in ablations.STAGES.items():
        for part in (*stage.parts, *stage.options):
            assert f"{name} - {part}" in names
        whole = stage.build(4, ()).count_params()
        for part in set(stage.parts) - {"noise"}:
            assert stage.build(4, (part,)).count_params() != whole, part


def test_an_unknown_recipe_is_refused(tmp_path):
    with pytest.raises(ValueError, match="structure - wings"):
        experiment.experiment(["structure - wings"], output=tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.fixture
def small(monkeypatch):
    """Pools of noise, and runs of two steps."""
    rng = np.random.default_rng(0)

    def pool(count):
        masks = np.ones((count, 64, 64, 1), np.float16)
        masks[:, 20:40, 20:40] = 0
        shapes = {
            "images": (64, 64, 3),
            "targets": (64, 64, 3),
            "edges": (64, 64, 2),
            "objects": (64, 64, 1),
            "scene": (50,),
            "exemplars": (64, 64, 4),
            "errors": (64, 64, 1),
        }
        arrays = {
            name: rng.random((count, *shape)).astype(np.float16)
            for name, shape in shapes.items()
        }
        return arrays | {"masks": masks}

    pools = pool(8), pool(4)
    drawn = []

    def draw(source):
        drawn.append(source)
        return {name: pools for name in ablations.STAGES}

    monkeypatch.setattr(experiment, "_draw", draw)
    monkeypatch.setattr(experiment, "WIDTH", 4)
    monkeypatch.setattr(experiment, "BATCH", 2)
    monkeypatch.setattr(experiment, "STEPS", 2)
    return drawn


def test_runs_are_done_once(small, tmp_path):
    recipes = ["structure", "structure - gates"]
    one = experiment.experiment(recipes, (0,), tmp_path, epochs=1)
    assert len(small) == 1 and len(one) == 2 * 4
    assert one.lpips.between(0, 1).all() and one.hole_psnr.between(0, 50).all()
    assert one.groupby("recipe").hole_psnr.mean().nunique() == 2
    text = (tmp_path / "table.md").read_text()
    assert "## Structure" in text and "structure - gates" in text

    again = experiment.experiment(recipes, (0,), tmp_path, epochs=1)
    assert len(small) == 1  # nothing was drawn, or trained
    pandas.testing.assert_frame_equal(one, again)

    lost = tmp_path / "structure-gates" / "0" / "scores.csv"
    lost.unlink()
    experiment.experiment(recipes, (0,), tmp_path, epochs=1)
    assert len(small) == 2 and lost.exists()


def test_correlations_are_scored_of_uncertainty(small, tmp_path):
    rows = experiment.experiment(["uncertainty"], (0,), tmp_path, epochs=1)
    assert rows.spearman.between(-1, 1).all()
    assert (rows.spearman != rows.rim_spearman).all()
