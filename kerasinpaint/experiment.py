"""Recipes and seeds: which parts of structure and texture pay."""

import hashlib
import json
from itertools import product
from pathlib import Path

import keras
import numpy as np

from kerasinpaint import ablations, networks, runs, sources, weights
from kerasinpaint.context_batches import PoolBatches
from kerasinpaint.significance import chances, paired_interval
from kerasinpaint.structure_texture_training import draw_pools, refill

SIZE = 64  # of the crops, in pixels
DRAWN, TESTED = 2048, 240
WIDTH, BATCH, STEPS = 8, 8, 100
LEVEL = 0.05  # of significance


def experiment(
    recipes=None,
    seeds=(0, 1, 2),
    output="output/experiment",
    source="photos",
    epochs=3,
):
    """Trains every recipe with every seed, and tells which parts pay.

    Each network is small, and trained from nothing on the same crops; the
    stages before it are those of the shipped weights. What is done already
    is not done again. Prints the table, and writes to `output`: a folder
    for each run; of all runs that are there, `scores.csv` with a row for
    each test crop, and `table.md`; and `settings.json`.

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
        ValueError: if there is no such recipe or source, or `output` has runs
            of another source, length or shipped weights.
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
    settings = {"size": SIZE, "drawn": DRAWN, "tested": TESTED}
    settings |= {"width": WIDTH, "batch": BATCH, "steps": STEPS * epochs}
    sources.pictures(source, "test")  # before anything is written
    _claim(output, {"source": source, "before": _digest()} | settings)
    pools = {}
    for seed, recipe in product(seeds, recipes):
        path = output / recipe.replace(" ", "") / str(seed) / "scores.csv"
        if not path.exists():
            if not pools:
                pools = _draw(source)
            _run(recipe, seed, pools, path, epochs)
    found = [pandas.read_csv(path) for path in output.glob("*/*/scores.csv")]
    scores = pandas.concat(found, ignore_index=True)
    scores = scores.sort_values(["recipe", "seed", "crop"], ignore_index=True)
    scores.to_csv(output / "scores.csv", index=False, float_format="%.5f")
    tables = table(scores)
    stages = np.array([ablations.stage_of(name)[0] for name in tables.index])
    parts = {
        name: part.to_markdown(disable_numparse=True)
        for name, part in tables.groupby(stages, sort=False)
    }
    text = "# What each part is worth\n" + "".join(
        f"\n## {name.capitalize()}\n\n{part}\n" for name, part in parts.items()
    )
    (output / "table.md").write_text(text, encoding="utf-8")
    print(text)
    return scores


def _digest():
    """What tells the shipped stages before others from any other ones."""
    digest = hashlib.sha256()
    with np.load(weights.path_of("structure_texture")) as arrays:
        for name in arrays.files:
            if name.startswith(("structure_builder", "texture_artist")):
                digest.update(arrays[name].tobytes())
    return digest.hexdigest()[:16]


def _claim(output, settings):
    """Keeps runs that cannot be compared out of each other's folder."""
    path = output / "settings.json"
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept != settings:
            raise ValueError(
                f"`output` must be a new folder, or have runs of {settings}. "
                f"Received: {output}, with runs of {kept}."
            )
        return
    output.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings), encoding="utf-8")


def _draw(source):
    """Pools to train and to test with, for each stage."""
    network = networks.load("structure_texture")[1]
    pools = {name: [] for name in ablations.STAGES}
    wanted = ("train", SIZE, DRAWN), ("test", SIZE, TESTED)
    for pool in draw_pools(source, wanted):
        pools["structure"].append(dict(pool))
        for stage, before in (
            ("texture", "structure_builder"),
            ("uncertainty", "texture_artist"),
        ):
            refill(pool, network.get_layer(before))
            pools[stage].append(dict(pool))
    return pools


def _run(recipe, seed, pools, path, epochs):
    """Trains one recipe with one seed, and scores it."""
    import pandas

    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    stage = ablations.stage_of(recipe)[0]
    pool, test = pools[ablations.pool_of(recipe)]
    network, model = ablations.compiled(recipe, WIDTH, STEPS * epochs)
    batches = PoolBatches(
        pool,
        list(network.input),
        BATCH // 2 if stage == "texture" else BATCH,  # as in the recipe
        STEPS,
        ablations.STAGES[stage].target,
        seed,
    )
    runs.fit(model, batches, epochs, path.parent)
    rows = pandas.DataFrame(ablations.scores_of(recipe, network, test))
    told = {"recipe": recipe, "seed": seed, "crop": np.arange(len(rows))}
    told["photograph"] = test["photographs"]
    rows = pandas.DataFrame(told).join(rows)
    aside = path.with_name(".scores.csv")
    rows.to_csv(aside, index=False, float_format="%.6f")
    aside.replace(path)


def table(scores):
    """What each part is worth, and whether that is more than chance.

    Wilcoxon's test pairs the test crops, each the mean over seeds; Holm's
    adjustment is over the parts of a stage. Crops of one photograph are not
    independent of each other, so that the interval is of photographs. A part
    is believed to pay, or to harm, if both say so, and every seed.

    Args:
        scores: pandas `DataFrame`, as `experiment` returns it.

    Returns:
        A pandas `DataFrame` of strings, a row for each recipe.
    """
    import pandas

    of = scores.recipe.map(ablations.stage_of).str[0]
    parts = [
        _stage_table(scores[of == name], name, stage)
        for name, stage in ablations.STAGES.items()
        if name in set(of)
    ]
    return pandas.concat(parts)


def _stage_table(scores, name, stage):
    import pandas

    rows = ["seed", "photograph", "crop", "recipe"]
    of = scores.set_index(rows)[stage.score].unstack()
    columns = "its part is worth", "p (Holm)", "verdict"
    table = pandas.DataFrame("", of.columns, columns)
    if name in of:  # else there is nothing to compare with
        # Only seeds that both have can be compared.
        lost = -stage.direction * of.drop(columns=name).sub(of[name], axis=0)
        lost = lost.dropna(axis=1, how="all")
        crops, photographs, seeds = (
            lost.groupby(by).mean() for by in ("crop", "photograph", "seed")
        )
        adjusted = chances([crops[recipe] for recipe in lost])
        for recipe, chance in zip(lost, adjusted, strict=True):
            gains = photographs[recipe]
            low, high = paired_interval(gains)
            table.loc[recipe] = [
                f"{gains.mean():+.4f} ({low:+.4f} to {high:+.4f})",
                f"{chance:.2g}",
                verdict(seeds[recipe].dropna(), (low, high), chance),
            ]
    table.insert(0, "score", stage.score)
    means = of.groupby("seed").mean()
    spread = [_spread(means[recipe].dropna()) for recipe in of]
    table.insert(1, "mean and deviation over seeds", spread)
    return table


def _spread(means):
    more = f" ± {means.std():.4f}" if len(means) > 1 else ""
    return f"{means.mean():.4f}{more}"


def verdict(gains, interval, chance):
    """What a difference means.

    Args:
        gains: sequence of floats, what a part is worth with each seed: above
            0 if it helps.
        interval: pair of floats, of its mean over photographs.
        chance: float, the adjusted probability of such a difference.

    Returns:
        "pays", "harms", "seeds disagree", "no difference shown" or "one seed
        tells nothing".
    """
    if len(gains) < 2:
        return "one seed tells nothing"
    if chance >= LEVEL or interval[0] <= 0 <= interval[1]:
        return "no difference shown"
    if min(gains) < 0 < max(gains):
        return "seeds disagree"
    return "pays" if max(gains) > 0 else "harms"
