import numpy as np
import pandas
import pytest

from kerasinpaint import ablations, experiment


@pytest.fixture
def rows():
    """Scores of recipes: each crop is better by .1 with the gates."""
    rng = np.random.default_rng(0)
    crops = rng.normal(20, 2, 60)
    return pandas.concat(
        [
            pandas.DataFrame(
                {
                    "crop": range(60),
                    "photograph": np.arange(60) % 20,
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
    worth = table.loc["structure - gates", "its part is worth"].split()[0]
    assert float(worth) == pytest.approx(0.1, abs=0.03)


def test_what_differs_from_seed_to_seed_is_not_believed(rows):
    lucky = (rows.recipe == "structure - gates") & (rows.seed == 1)
    rows.loc[lucky, "hole_psnr"] += 0.15
    table = experiment.table(rows)
    assert float(table.loc["structure - gates", "p (Holm)"]) < 0.05
    assert table.loc["structure - gates", "verdict"] == "seeds disagree"


def test_what_one_photograph_tells_is_not_believed(rows):
    rows = rows[rows.recipe.isin(["structure", "structure - gates"])].copy()
    rows["photograph"] = np.minimum(rows.crop, 50) // 50  # all but ten of one
    lucky = (rows.recipe == "structure - gates") & (rows.photograph == 1)
    rows.loc[lucky, "hole_psnr"] += 1
    table = experiment.table(rows)
    assert float(table.loc["structure - gates", "p (Holm)"]) < 0.05
    assert table.loc["structure - gates", "verdict"] == "no difference shown"


def test_one_seed_tells_nothing(rows):
    table = experiment.table(rows[rows.seed == 0])
    assert set(table.verdict) == {"", "one seed tells nothing"}


def test_only_seeds_that_both_have_are_compared(rows):
    rows.loc[rows.seed > 0, "hole_psnr"] += 3
    kept = {"structure": (0, 1), "structure - gates": (0,)}
    kept |= {"structure - scene": (1, 2), "structure - guess": (2,)}
    rows = rows[[row.seed in kept[row.recipe] for row in rows.itertuples()]]
    table = experiment.table(rows)
    told = table["its part is worth"].str.split().str[0]
    assert abs(float(told["structure - gates"]) - 0.1) < 0.03
    assert abs(float(told["structure - scene"])) < 0.03
    assert set(table.verdict) == {"", "one seed tells nothing"}
    assert (table.loc["structure - guess"].iloc[2:] == "").all()


def test_lower_is_better_of_distances(rows):
    rows = rows.rename(columns={"hole_psnr": "lpips"})
    rows["recipe"] = rows.recipe.str.replace("structure", "texture")
    table = experiment.table(rows)
    assert table.loc["texture - gates", "verdict"] == "harms"


def test_without_the_whole_there_is_no_verdict(rows):
    table = experiment.table(rows[rows.recipe != "structure"])
    assert set(table.verdict) == {""}
    assert table.iloc[0, 1].startswith("20.")


def test_spread_is_over_seeds(rows):
    rows.loc[rows.seed == 2, "hole_psnr"] += 3
    cell = experiment.table(rows).iloc[0, 1]
    means = rows[rows.recipe == "structure"].groupby("seed").hole_psnr.mean()
    assert cell == f"{means.mean():.4f} ± {means.std():.4f}"
    one = experiment.table(rows[rows.seed == 0]).iloc[0, 1]
    assert one == f"{means[0]:.4f}"


def test_every_part_of_every_network_has_a_recipe():
    names = ablations.recipes()
    assert len(names) == len(set(names))
    for name, stage in ablations.STAGES.items():
        for part in (*stage.parts, *stage.options):
            assert f"{name} - {part}" in names
        whole = stage.build(4, ()).count_params()
        for part in set(stage.parts) - {"noise"}:
            assert stage.build(4, (part,)).count_params() != whole, part


def test_an_unknown_recipe_or_source_is_refused(tmp_path):
    with pytest.raises(ValueError, match="structure - wings"):
        experiment.experiment(["structure - wings"], output=tmp_path / "new")
    with pytest.raises(ValueError, match="nowhere"):
        experiment.experiment(source="nowhere", output=tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.fixture
def small(monkeypatch, untraced):
    """Pools of noise, and runs of two steps."""
    rng = np.random.default_rng(0)

    def pool(count):
        masks = np.ones((count, 64, 64, 1), np.float16)
        masks[:, 20:40, 20:40] = 0
        shapes = {
            "images": (64, 64, 3),
            "targets": (64, 64, 3),
            "details": (64, 64, 3),
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
        return arrays | {"masks": masks, "photographs": np.arange(count)}

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

    more = experiment.experiment(recipes[:1], (1,), tmp_path, epochs=1)
    assert len(more) == 3 * 4  # all that is there is told
    with pytest.raises(ValueError, match=r"'steps': 4\}\. Received: .* 2\}"):
        experiment.experiment(recipes, (0,), tmp_path, epochs=2)

    lost = tmp_path / "structure-gates" / "0" / "scores.csv"
    lost.unlink()
    experiment.experiment(recipes, (0,), tmp_path, epochs=1)
    assert len(small) == 3 and lost.exists()


def test_correlations_are_scored_of_uncertainty(small, tmp_path):
    rows = experiment.experiment(["uncertainty"], (0,), tmp_path, epochs=1)
    assert rows.spearman.between(-1, 1).all()
    assert (rows.spearman != rows.rim_spearman).all()
