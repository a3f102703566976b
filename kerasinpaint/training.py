"""Recipes: how each shipped weight was made, so that it can be made again.

A recipe is a function `(pictures, output, epochs, **options)`. `pictures`
gives the pictures of a split, `output` is the folder of the run, `options`
are those of `runs.fit`. It returns the trained network. `RECIPES` lists
them all; its docstring tells the command, hardware, time and score.
"""

import contextlib
import functools
from pathlib import Path

import keras

from kerasinpaint import losses, metrics, networks, runs, sources, weights
from kerasinpaint.batches import Batches
from kerasinpaint.inpainter import Inpainter


def pconv(pictures, output, epochs=28, **options):
    """Photographs of any size, at the scale of 256 px.

    kerasinpaint train pconv
    """
    steps, half = 400, (epochs + 1) // 2
    with policy("mixed_bfloat16"):
        model = Inpainter(networks.build("pconv"))
    validation = Batches(
        pictures("validation"), 256, 8, 9, scale=(1, 1), seed=2
    )
    # Many small pictures first, then the size and the holes of the tests.
    for size, batch_size, rate, start, end in (
        (128, 16, 2e-3, 0, half),
        (256, 4, 1e-3, half, epochs),
    ):
        model.compile(
            adam(rate, steps * (end - start)),
            losses.Fidelity(),
            metrics=[metrics.HolePSNR()],
        )
        runs.fit(
            model,
            Batches(pictures("train"), size, batch_size, steps, seed=1),
            end,
            output,
            start=start,
            validation=validation,
            **options,
        )
    return model.network


RECIPES = {"pconv": pconv}


def train(recipe, data="photos", output=None, epochs=None, **options):
    """Trains a network by a recipe.

    Args:
        recipe: string, one of `RECIPES`.
        data: what `sources.pictures` takes: "photos", a folder, the name of
            a TFDS set.
        output: path of the folder of the run, `output/RECIPE` by default.
        epochs: int, or `None` for as many as the recipe says.
        **options: of `runs.fit`, such as `resume` and `wandb`.

    Returns:
        The trained network. Its weights are in `output/weights.npz`.

    Raises:
        ValueError: if there is no such recipe or data.
    """
    if recipe not in RECIPES:
        raise ValueError(
            f"`recipe` must be one of {', '.join(RECIPES)}. "
            f"Received: {recipe!r}."
        )
    output = Path(output or Path("output") / recipe)
    pictures = functools.partial(sources.pictures, data)
    if epochs is not None:
        options["epochs"] = epochs
    keras.utils.set_random_seed(0)
    network = RECIPES[recipe](pictures, output, **options)
    weights.save(network, output / "weights.npz", recipe)
    return network


def adam(learning_rate, steps):
    """Adam with a short warm-up, cosine decay, clipping and averaging.

    Args:
        learning_rate: float, the highest.
        steps: int, in the whole run.

    Returns:
        A `keras.optimizers.Adam`.
    """
    warmup = max(1, min(200, steps // 10))
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate / warmup,
        steps - warmup,
        alpha=0.01,
        warmup_target=learning_rate,
        warmup_steps=warmup,
    )
    return keras.optimizers.Adam(
        schedule, beta_2=0.99, global_clipnorm=1.0, use_ema=True
    )


@contextlib.contextmanager
def policy(name):
    """Networks built inside compute by a dtype policy of Keras."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
