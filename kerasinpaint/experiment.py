"""Recipes and seeds: which parts of structure and texture pay."""

from itertools import product
from pathlib import Path

import keras
import numpy as np

from kerasinpaint import ablations, networks, runs, sources
from kerasinpaint.context_batches import PoolBatches, draw_pool
from kerasinpaint.significance import holm
from kerasinpaint.structure_texture_training import refill

SIZE = 64  # of the crops, in pixels
DRAWN, TESTED = 2048, 240
SCALE = 0.25, 1.0
WIDTH, BATCH, STEPS = 8, 16, 100
LEVEL = 0.05  # of significance


def experiment(
    recipes=None,
    seeds=(0, 1, 2),
    output="output/experiment",
    source="photos",
    epochs=5,
):
    """Trains every recipe with every seed, and tells which parts pay.

    Each network is small, and trained from nothing on the same crops; the
    stages before it are those of the shipped weights. What is done already
    is not done again. Prints the table, and writes to `output`: a folder
    for each run, `scores.csv` with a row for each test crop, and
    `table.md`.

    Args:
        recipes: list of strings, some of `ablations.recipes()`, or `None`
            for all.
        seeds: sequence of ints.
        output: path of the folder.
        source: what `sources.pictures` takes.
        epochs: int, how long each is trained, in hundreds of steps.

    Returns:
        A pandas `DataFrame`, what is in `scores.csv`.

    Raises:
        ValueError: if there is no such recipe.
    """
    import pandas

    recipes = recipes or ablations.recipes()
    for recipe in recipes:
        if recipe not in ablations.recipes():
            raise ValueError(
                f"`recipes` must be some of {', '.join(ablations.recipes())}. "
                f"Received: {recipe!r}."
            )
    output = Path(output)
    pools, found = {}, []
    for seed, recipe in product(seeds, recipes):
        path = output / recipe.replace(" ", "") / str(seed) / "scores.csv"
        if not path.exists():
            if not pools:
                pools = _draw(source)
            _run(recipe, seed, pools, path, epochs)
        rows = pandas.read_csv(path)
        found.append(rows.assign(recipe=recipe, seed=seed))
    scores = pandas.concat(found, ignore_index=True)
    scores.to_csv(output / "scores.csv", index=False, float_format="%.5f")
    tables = table(scores)
    stages = np.array([ablations.stage_of(name)[0] for name in tables.index])
    text = "# What each part is worth\n" + "".join(
        f"\n## {name.capitalize()}\n\n{part.to_markdown()}\n"
        for name, part in tables.groupby(stages, sort=False)
    )
    (output / "table.md").write_text(text, encoding="utf-8")
    print(text)
    return scores


def _draw(source):
    """Pools to train and to test with, for each stage."""
    network = networks.load("structure_texture")[1]
    pools = {name: [] for name in ablations.STAGES}
    for seed, (split, count) in enumerate((("train", DRAWN), ("test", TESTED))):
        pool = draw_pool(
            sources.pictures(source, split), SIZE, count, seed=seed, scale=SCALE
        )
        pools["structure"].append(dict(pool))
        for stage, before in (
            ("texture", "structure_builder"),
            ("uncertainty", "texture_artist"),
        ):
            pool["images"] = pool["images"].copy()
            refill(pool, network.get_layer(before))
            pools[stage].append(dict(pool))
    return pools


def _run(recipe, seed, pools, path, epochs):
    """Trains one recipe with one seed, and scores it."""
    import pandas

    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    stage = ablations.stage_of(recipe)[0]
    pool, test = pools[stage]
    network, model = ablations.compiled(recipe, WIDTH, STEPS * epochs)
    batches = PoolBatches(
        pool,
        list(network.input),
        BATCH,
        STEPS,
        ablations.STAGES[stage].target,
        seed,
    )
    runs.fit(model, batches, epochs, path.parent)
    rows = pandas.DataFrame(ablations.scores_of(recipe, network, test))
    rows.insert(0, "picture", np.arange(len(rows)))
    aside = path.with_name(".scores.csv")
    rows.to_csv(aside, index=False, float_format="%.6f")
    aside.replace(path)


def table(scores):
    """What each part is worth, and whether that is more than chance.

    Wilcoxon's test pairs the test crops, each the mean over seeds; Holm's
    adjustment is over the parts of a stage.

    Args:
        scores: pandas `DataFrame`, as `experiment` returns it.

    Returns:
        A pandas `DataFrame` of strings, a row for each recipe.
    """
    import pandas

    parts = []
    for name, stage in ablations.STAGES.items():
        of_stage = scores[scores.recipe.map(ablations.stage_of).str[0] == name]
        if name not in set(of_stage.recipe):
            continue  # without the whole there is nothing to compare with
        parts.append(_stage_table(of_stage, name, stage))
    return pandas.concat(parts)


def _stage_table(scores, name, stage):
    import pandas
    from scipy.stats import wilcoxon

    means = scores.groupby(["recipe", "seed"], sort=False)[stage.score].mean()
    crops = scores.groupby(["recipe", "picture"], sort=False)[stage.score]
    crops = crops.mean().unstack("picture")
    others = [recipe for recipe in crops.index if recipe != name]
    lost = stage.direction * (crops.loc[name] - crops.loc[others])
    chances = holm(
        [
            wilcoxon(lost.loc[recipe]).pvalue if lost.loc[recipe].any() else 1
            for recipe in others
        ]
    )
    rows = {name: {"verdict": ""}}
    for recipe, chance in zip(others, chances, strict=True):
        gain = lost.loc[recipe].mean()
        rows[recipe] = {
            "its part is worth": f"{gain:+.4f}",
            "p (Holm)": f"{chance:.2g}",
            "verdict": verdict(gain, chance),
        }
    table = pandas.DataFrame.from_dict(rows, orient="index")
    spread = means.groupby("recipe").agg(["mean", "std"])
    table.insert(0, "score", stage.score)
    table.insert(
        1,
        "mean and deviation over seeds",
        [
            f"{s['mean']:.4f} ± {s['std']:.4f}"
            for _, s in spread.loc[table.index].iterrows()
        ],
    )
    return table.fillna("")


def verdict(gain, chance):
    """What a difference means.

    Args:
        gain: float, what a part is worth: above 0 if it helps.
        chance: float, the adjusted probability of such a difference.

    Returns:
        "pays", "harms", or "no difference shown".
    """
    if chance >= LEVEL:
        return "no difference shown"
    return "pays" if gain > 0 else "harms"
