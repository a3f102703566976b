"""The recipe of `structure_texture`: three networks, one after the other."""

import math
from pathlib import Path

import numpy as np

from kerasinpaint import (
    losses,
    metrics,
    models,
    networks,
    runs,
    sources,
    weights,
)
from kerasinpaint.checkpoint_folder import checkpoint_epoch
from kerasinpaint.context_batches import PoolBatches, draw_pool
from kerasinpaint.exemplar_inpainter import ExemplarInpainter
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.optimizers import WarmRestarts, adam
from kerasinpaint.two_rates import TwoRateAdam

STEPS, VALIDATED = 250, 16  # batches in an epoch
TOGETHER = 64  # pictures that are filled at once
# How many crops of each size, in pixels, are drawn; and to validate.
DRAWN = {64: 6144, 128: 6144}
HELD_OUT = 256
SCALE = 0.25, 1.0
PIXELS = 2**17  # in a batch; half as many where there is a critic
STAGES = "structure_builder", "texture_artist", "uncertainty"
# Of the epochs, when these end: structure of small crops, of large ones, and
# texture. The rest is for uncertainty.
ENDS = 0.31, 0.41, 0.625


def structure_texture(data, output, epochs=32, **options):
    """Structure, then texture on it, then how wrong both may be.

    kerasinpaint train structure_texture

    Two shared x86-64 cores, 60 minutes. Expected: the structure builder comes
    to 20.7 dB of hole PSNR on its validation batches, the texture artist to
    20.2. What errors are expected goes with true ones by a rank correlation
    of .58 on validation crops.
    """
    if epochs < len(STAGES):
        raise ValueError(
            f"`epochs` must be at least {len(STAGES)}, one for each network. "
            f"Received: {epochs}."
        )
    output = Path(output)
    network = networks.build("structure_texture")
    builder, artist, doubter = (network.get_layer(name) for name in STAGES)
    wanted = [("train", size, count) for size, count in DRAWN.items()]
    wanted.append(("validation", max(DRAWN), HELD_OUT))
    small, large, held_out = draw_pools(data or "photos", wanted)
    first, second, third = ends(epochs)

    def train(compiled, stage, pool, start, end, **target):
        if start == end:
            return
        model = compiled(stage, STEPS * (end - start))
        runs.fit(
            model,
            batches_of(pool, stage, STEPS, seed=1, **target),
            end,
            output,
            start,
            validation=batches_of(
                held_out, stage, VALIDATED, seed=2, vary=False, **target
            ),
            **options,
        )
        path = output / f"{stage.name}.npz"
        if checkpoint_epoch(output / "checkpoint") <= end:
            weights.save(stage, path, stage.name)
        weights.load(stage, path)

    train(compiled_structure, builder, small, 0, first)
    train(compiled_structure, builder, large, first, second)
    for pool in (large, held_out):
        refill(pool, builder)
    train(compiled_texture, artist, large, second, third)
    for pool in (large, held_out):
        refill(pool, artist)
    train(compiled_uncertainty, doubter, large, third, epochs, target="errors")
    return network


def ends(epochs):
    """The epochs at which three of the four parts end, by `ENDS`.

    Args:
        epochs: int, at least 3.

    Returns:
        List of three ints. Each network has an epoch at least.
    """
    first, second, third = (round(share * epochs) for share in ENDS)
    return [first, second, max(third, second + 1)]


def draw_pools(source, wanted):
    """Pools of crops of a source's splits, each with a seed of its own.

    Args:
        source: what `sources.pictures` takes.
        wanted: list of split, size in pixels, and count.

    Returns:
        List of what `context_batches.draw_pool` returns.
    """
    return [
        draw_pool(
            sources.pictures(source, split), size, count, seed=seed, scale=SCALE
        )
        for seed, (split, size, count) in enumerate(wanted)
    ]


def batches_of(pool, stage, steps, seed, target="targets", vary=True):
    """Batches of what a stage looks at.

    Args:
        pool: as `context_batches.draw_pool` returns it.
        stage: `keras.Model`, one of the three.
        steps: int, batches in an epoch.
        seed: int.
        target: string, the array of `pool` that it is to return.
        vary: bool, of `PoolBatches`.

    Returns:
        A `PoolBatches`.
    """
    count = PIXELS // pool["masks"].shape[1] ** 2
    if stage.name == "texture_artist":
        count //= 2
    inputs = list(stage.input)
    return PoolBatches(pool, inputs, count, steps, target, seed, vary)


def compiled_structure(builder, steps, **weights_of):
    """A structure builder, ready to be trained.

    Args:
        builder: `keras.Model`.
        steps: int, in the whole run.
        **weights_of: of `losses.Structure`.

    Returns:
        A compiled `Inpainter`.
    """
    model = Inpainter(builder)
    loss = losses.Structure(**weights_of)
    model.compile(adam(2e-3, steps), loss, [metrics.HolePSNR()])
    return model


def compiled_texture(
    artist,
    steps,
    critic=0.1,
    penalty=1.0,
    style=20.0,
    perceptual=1.0,
    filters=32,
    warmup=0.05,
    falls=2,
    **optimizer,
):
    """A texture artist and its critic, ready to be trained.

    The rate of learning warms up and falls by a cosine, twice; that of the
    critic is twice as high. Gradients are clipped by their norm, and two
    steps are taken as one.

    Args:
        artist: `keras.Model`.
        steps: int, in the whole run.
        critic: float, the weight of what the critic says.
        penalty: float, the weight of the critic's slope.
        style: float, the weight of the exemplar's style.
        perceptual: float, of `losses.Texture`.
        filters: int, the width of the critic.
        warmup: float, the share of steps in which the rate of learning rises.
        falls: 1 or 2, how often the rate of learning falls; the second fall
            takes twice as long.
        **optimizer: arguments of `TwoRateAdam`, in place of these.

    Returns:
        A compiled `ExemplarInpainter`.
    """
    model = ExemplarInpainter(artist, models.build_patch_gan(width=filters))
    rising = max(1, round(warmup * steps))
    first = math.ceil((steps - rising) / (2**falls - 1))
    settings = {
        "learning_rate": WarmRestarts(5e-4, rising, first),
        "scale": 2.0,
        "beta_1": 0.5,
        "beta_2": 0.99,
        "clipnorm": 1.0,
        "use_ema": True,
        "gradient_accumulation_steps": 2,
    }
    model.compile(
        TwoRateAdam(**settings | optimizer),
        losses.Texture(perceptual=perceptual),
        [metrics.HolePSNR(), metrics.SSIM()],
        adversarial=losses.Hinge(),
        weight=critic,
        penalty=penalty,
        style=losses.ExemplarStyle() if style else None,
        style_weight=style,
    )
    return model


def compiled_uncertainty(network, steps, order=1.0):
    """An uncertainty network, ready to be trained.

    Args:
        network: `keras.Model`.
        steps: int, in the whole run.
        order: float, of `losses.ExpectedError`.

    Returns:
        A compiled `Inpainter`, whose targets are absolute errors.
    """
    model = Inpainter(network)
    model.compile(adam(2e-3, steps), losses.ExpectedError(order))
    return model


def refill(pool, network):
    """Replaces the fills of a pool by those of a network.

    `details`, of the shape of `images`, become what it changed of them, and
    `errors`, `(count, size, size, 1)`, the absolute errors of what it made,
    means over colours.

    Args:
        pool: as `context_batches.draw_pool` returns it; it is changed.
        network: `keras.Model`, a structure builder or a texture artist.
    """
    before = pool["images"]
    pool["images"] = before.copy()
    for start in range(0, len(pool["masks"]), TOGETHER):
        rows = slice(start, start + TOGETHER)
        inputs = {
            name: pool[name][rows].astype(np.float32) for name in network.input
        }
        painted = network.predict_on_batch(inputs).clip(0, 1)
        known = inputs["masks"] > 0
        pool["images"][rows] = np.where(known, inputs["images"], painted)
    pool["details"] = pool["images"] - before
    off = np.abs(pool["images"] - pool["targets"])
    pool["errors"] = off.mean(-1, keepdims=True)
