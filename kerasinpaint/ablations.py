"""Recipes of the experiment: each stage, and each with a part left out."""

from functools import partial
from typing import NamedTuple

import keras
import numpy as np

from kerasinpaint import calibration, metrics, models
from kerasinpaint.models import (
    structure_builder,
    texture_artist,
    uncertainty,
)
from kerasinpaint.structure_texture_training import (
    compiled_structure,
    compiled_texture,
    compiled_uncertainty,
)


class Stage(NamedTuple):
    """One of the three networks, and how it is judged.

    Attributes:
        build: function `(width, without)` that returns a network.
        compiled: function `(network, steps, **options)` that returns a model.
        target: string, the array of a pool that it is to return.
        score: string, the column of its scores that counts.
        direction: 1 if higher is better, or -1.
        parts: tuple of strings, what can be left out of the network.
        options: dict from names to options of `compiled` that leave
            something out of the training.
    """

    build: callable
    compiled: callable
    target: str
    score: str
    direction: int
    parts: tuple
    options: dict


STAGES = {
    "structure": Stage(
        models.build_structure_builder,
        compiled_structure,
        "targets",
        "hole_psnr",
        1,
        structure_builder.PARTS,
        {"edge loss": {"edges": 0.0}, "L2": {"l2": 0.0}},
    ),
    "texture": Stage(
        models.build_texture_artist,
        partial(compiled_texture, filters=16),  # as small as the artists
        "targets",
        "lpips",
        -1,
        texture_artist.PARTS,
        {
            "critic": {"critic": 0.0},
            "penalty": {"penalty": 0.0},
            "style": {"style": 0.0},
            "perceptual": {"perceptual": 0.0},
            "structure": {},
            "warm-up": {"warmup": 0.0},
            "restarts": {"falls": 1},
            "critic rate": {"scale": 1.0},
            "clipping": {"clipnorm": None},
            "accumulation": {"gradient_accumulation_steps": None},
        },
    ),
    "uncertainty": Stage(
        models.build_uncertainty,
        compiled_uncertainty,
        "errors",
        "spearman",
        1,
        uncertainty.PARTS,
        {"order": {"order": 0.0}},
    ),
}


def recipes():
    """Names of all recipes: "structure", "structure - gates", and so on."""
    return [
        name if part is None else f"{name} - {part}"
        for name, stage in STAGES.items()
        for part in (None, *stage.parts, *stage.options)
    ]


def stage_of(recipe):
    """The stage that a recipe is of, and what it leaves out.

    Args:
        recipe: string, one of `recipes()`.

    Returns:
        A pair of strings, the second `None` if nothing is left out.
    """
    name, _, part = recipe.partition(" - ")
    return name, part or None


def pool_of(recipe):
    """The stage whose pool a recipe is trained and scored with: its own.

    But "texture - structure" paints on the smooth fill, as a structure
    builder does.

    Args:
        recipe: string, one of `recipes()`.
    """
    return (
        "structure" if recipe == "texture - structure" else stage_of(recipe)[0]
    )


def compiled(recipe, width, steps):
    """The network of a recipe, and the model that trains it.

    Args:
        recipe: string, one of `recipes()`.
        width: int, of the stage's network.
        steps: int, in the whole run.

    Returns:
        A pair: `keras.Model`, and a compiled one.
    """
    name, part = stage_of(recipe)
    stage = STAGES[name]
    without = (part,) if part in stage.parts else ()
    network = stage.build(width, without)
    return network, stage.compiled(
        network, steps, **stage.options.get(part, {})
    )


def scores_of(recipe, network, pool):
    """What a trained network makes of the rows of a pool.

    Args:
        recipe: string, one of `recipes()`.
        network: `keras.Model`.
        pool: dict of arrays, as `context_batches.draw_pool` returns it.

    Returns:
        Dict of float arrays, a number for each row: `hole_psnr`, `ssim` and
        `lpips`; of an uncertainty network, `spearman` and `rim_spearman`.
    """
    inputs = {name: pool[name].astype(np.float32) for name in network.input}
    outputs = network.predict(inputs, batch_size=32, verbose=0)
    masks = inputs["masks"]
    if stage_of(recipe)[0] == "uncertainty":
        return _correlations(outputs, pool["errors"], masks)
    truths = pool["targets"].astype(np.float32)
    fills = masks * truths + (1 - masks) * outputs.clip(0, 1)
    found = {
        "hole_psnr": metrics.hole_psnr(truths, fills, masks),
        "ssim": metrics.ssim(truths, fills),
        "lpips": metrics.stlpips(truths, fills),
    }
    return {n: keras.ops.convert_to_numpy(v) for n, v in found.items()}


def _correlations(expected, errors, masks):
    triples = [
        (one, error.astype(np.float32), mask.astype(np.uint8))
        for one, error, mask in zip(expected, errors, masks, strict=True)
    ]
    rank = calibration.rank_correlation
    return {
        "spearman": np.array([rank(*triple) for triple in triples]),
        "rim_spearman": np.array(
            [
                rank(calibration.rim_distance(mask), error, mask)
                for _, error, mask in triples
            ]
        ),
    }
