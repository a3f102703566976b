"""Recipes: how each shipped weight was made, so that it can be made again.

A recipe is a function `(data, output, epochs, **options)`: `data` is what
`sources.pictures` takes, or `None` for what the recipe was made for;
`output` is the folder of the run; `options` are those of `runs.fit`. It
returns the trained network. Its docstring tells the command, hardware, time
and score. `RECIPES` lists them all.
"""

import contextlib
import functools
import inspect
from pathlib import Path

import keras

from kerasinpaint import (
    losses,
    masks,
    metrics,
    models,
    networks,
    runs,
    segmenters,
    sources,
    weights,
)
from kerasinpaint.adversarial import AdversarialInpainter
from kerasinpaint.batches import Batches, random_mask
from kerasinpaint.benchmark_sets import THIN_LINES
from kerasinpaint.checkpoint_folder import checkpoint_epoch
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.optimizers import adam
from kerasinpaint.scene_training import scene
from kerasinpaint.segmenter_training import sample
from kerasinpaint.structure_texture_training import structure_texture
from kerasinpaint.two_rates import TwoRateAdam

HALF = "mixed_bfloat16"
thin_lines = functools.partial(masks.lines, **THIN_LINES)
wide_holes = functools.partial(
    random_mask, kinds=(masks.wide_strokes, masks.boxes), ratio=(0.1, 0.5)
)


def pconv(data, output, epochs=42, **options):
    """Photographs of any size, at the scale of 256 px.

    kerasinpaint train pconv

    Two shared x86-64 cores, 2 hours. Expected: 19.6 dB of hole PSNR on its
    validation batches, where the fill that it begins with has 19.0.
    """
    # In small pictures all of a hole is near its rim, where there is
    # something to learn: started at 256 px, 800 steps taught it nothing.
    # SSIM comes last: it costs decibels.
    phases = (
        (15, 64, 64, 2e-3, 1.5),
        (24, 128, 16, 1e-3, 1.5),
        (30, 256, 4, 5e-4, 1.5),
        (36, 128, 16, 1e-3, 8),
        (42, 256, 4, 5e-4, 8),
    )
    return _in_phases("pconv", phases, data, output, epochs, options)


def autoencoder_skip(data, output, epochs=11, **options):
    """Photographs at the scale of 256 px, by the autoencoder with skips.

    kerasinpaint train autoencoder_skip

    Two shared x86-64 cores, 50 minutes. Expected: 19.5 dB of hole PSNR on
    its validation batches.
    """
    phases = (6, 64, 64, 2e-3, 1.5), (11, 128, 16, 1e-3, 8)
    return _in_phases("autoencoder_skip", phases, data, output, epochs, options)


def _in_phases(name, phases, data, output, epochs, options):
    """Trains at sizes that grow.

    Args:
        name: string, one of `networks.presets()`.
        phases: tuple of tuples: the epoch at which the phase ends, side of
            the crops, batch size, learning rate, and weight of SSIM.
        data, output, epochs, options: of the recipe.
    """
    model = Inpainter(networks.build(name, HALF))
    held_out = _drawing(data or "photos", 256, 8, 9, "validation")
    start = 0
    for last, size, batch_size, rate, ssim_weight in phases:
        end = round(last * epochs / phases[-1][0])
        if end > start:
            draw = _drawing(
                data or "photos",
                size,
                batch_size,
                400,
                scale=(min(size / 256, 0.5), 1),
            )
            loss = losses.Fidelity(ssim_weight)
            _compile(model, rate, 400 * (end - start), loss)
            runs.fit(
                model, draw, end, output, start, validation=held_out, **options
            )
        start = end
    return model.network


def pconv_cifar10(data, output, epochs=10, **options):
    """CIFAR-10, thin lines: a U-Net for 32 px, its decoder wired right.

    kerasinpaint train pconv_cifar10

    Two shared x86-64 cores, 18 minutes. Expected: 21.9 dB of hole PSNR on
    its validation batches.
    """
    model = Inpainter(networks.build("pconv_cifar10", HALF))
    data = data or "cifar10"
    draw = _drawing(data, 32, 64, 782, mask=thin_lines)
    _compile(model, 2e-3, 782 * epochs)
    held_out = _drawing(data, 32, 64, 16, "validation", mask=thin_lines)
    runs.fit(model, draw, epochs, output, validation=held_out, **options)
    return model.network


def pconv_cifar10_baseline(data, output, epochs=15, **options):
    """CIFAR-10 as it was first done: Adam at .01, MAE, nothing to start from.

    kerasinpaint train pconv_cifar10_baseline

    Two shared x86-64 cores, 25 minutes. Expected: nothing. In the first
    epoch all of the sigmoid saturates, and the gradient is 0 ever after (so
    it was with three seeds; at .003 it learns).
    """
    model = Inpainter(networks.build("pconv_cifar10_baseline"))
    data = data or "cifar10"
    draw = _drawing(data, 32, 32, 1563, mask=thin_lines)
    model.compile(keras.optimizers.Adam(0.01), losses.MAE())
    held_out = _drawing(data, 32, 64, 16, "validation", mask=thin_lines)
    runs.fit(model, draw, epochs, output, validation=held_out, **options)
    return model.network


def pconv_tiny_imagenet(data, output, epochs=8, **options):
    """Tiny ImageNet-200 at 64 px, holes of every kind.

    kerasinpaint train pconv_tiny_imagenet

    Two shared x86-64 cores, 11 minutes. Expected: 17.3 dB of hole PSNR on
    its validation batches.
    """
    model = Inpainter(networks.build("pconv_tiny_imagenet", HALF))
    data = data or "tiny_imagenet"
    draw = _drawing(data, 64, 32, 400)
    _compile(model, 2e-3, 400 * epochs)
    held_out = _drawing(data, 64, 32, 12, "validation")
    runs.fit(model, draw, epochs, output, validation=held_out, **options)
    return model.network


def pconv_paper(data, output, epochs=60, **options):
    """The network, loss and two phases of the paper, for an accelerator.

    kerasinpaint train pconv_paper --data celeb_a

    512 px, batches of 8; the rate is 2e-4, and 5e-5 for the last third, with
    the encoder's normalisation frozen. It wants an accelerator for days and
    was not run here, so no hardware, time and score can be told.
    """
    first = epochs - epochs // 3
    model = Inpainter(networks.build("pconv_paper", HALF))
    draw = _drawing(data or "photos", 512, 8, 1000)
    held_out = _drawing(data or "photos", 512, 8, 3, "validation")
    for rate, start, end in ((2e-4, 0, first), (5e-5, first, epochs)):
        if start:
            models.freeze_batch_normalization(model.network)
        model.compile(
            keras.optimizers.Adam(rate),
            losses.PConvLoss(),
            [metrics.HolePSNR()],
        )
        runs.fit(
            model, draw, end, output, start, validation=held_out, **options
        )
    return model.network


def gan(data, output, epochs=4, **options):
    """Photographs with wide holes: `autoencoder_skip` against a PatchGAN.

    kerasinpaint train gan

    Two shared x86-64 cores, 23 minutes. Expected: 16.6 dB of hole PSNR on
    its validation batches, 1.2 dB less than it begins with, and .149 of
    ST-LPIPS in `kerasinpaint benchmark wide`, where it begins with .256 and
    Navier-Stokes has .234.
    """
    # Without the loss of color its texture was of blue and orange flecks.
    loss = losses.PConvLoss(total_variation=0.0, color=24.0)
    return _against_patch_gan(
        "gan", "autoencoder_skip", loss, data, output, epochs, options
    )


def pconv_gan(data, output, epochs=3, **options):
    """Photographs with wide holes: `pconv` against a PatchGAN.

    kerasinpaint train pconv_gan

    Two shared x86-64 cores, 20 minutes. Expected: 16.9 dB of hole PSNR on
    its validation batches, 1.1 dB less than it begins with, and .179 of
    ST-LPIPS in `kerasinpaint benchmark wide`, where it begins with .255 and
    Navier-Stokes has .234.
    """
    loss = losses.PConvLoss(total_variation=0.0)
    return _against_patch_gan(
        "pconv_gan", "pconv", loss, data, output, epochs, options
    )


def _against_patch_gan(name, start, loss, data, output, epochs, options):
    """Trains a network further, from the shipped weights `start`."""
    network = networks.build(name, HALF)
    weights.load(network, weights.path_of(start))
    with networks.policy(HALF):
        discriminator = models.build_patch_gan(width=32)
    model = AdversarialInpainter(network, discriminator)
    _compile_game(model, 2e-4, 2.0, loss, weight=0.3)
    draw = _drawing(data or "photos", 128, 16, 400, mask=wide_holes)
    held_out = _held_out_wide(data or "photos")
    runs.fit(model, draw, epochs, output, validation=held_out, **options)
    return network


def lama(data, output, epochs=6, **options):
    """Photographs with wide holes: a small LaMa, alone, then against a critic.

    kerasinpaint train lama

    Two shared x86-64 cores, 60 minutes. Expected: 17.1 dB of hole PSNR on
    its validation batches, and .180 of ST-LPIPS in `kerasinpaint benchmark
    wide`, where `pconv` has .255 and Navier-Stokes .234.
    """
    data = data or "photos"
    network = networks.build("lama")
    held_out = _held_out_wide(data)
    pixels = losses.PConvLoss(
        valid=10.0, perceptual=0.0, style=0.0, total_variation=0.0
    )
    alone = max(1, epochs // 2)
    for start, end in ((0, 1), (1, alone)):
        if start:
            # Small batches differ so much that what their own means make
            # of features is not what those of all batches make of them.
            models.freeze_batch_normalization(network, "")
        if end > start:
            model = Inpainter(network)
            _compile(model, 3e-3, 400 * (end - start), pixels)
            draw = _drawing(data, 64, 32, 400, mask=wide_holes, scale=(0.25, 1))
            runs.fit(
                model, draw, end, output, start, validation=held_out, **options
            )
    if epochs > alone:
        before = Path(output) / "alone.npz"
        if checkpoint_epoch(Path(output) / "checkpoint") <= alone:
            weights.save(network, before, "lama")
        discriminator = models.build_patch_gan(width=32, spectral=False)
        model = AdversarialInpainter(network, discriminator)
        rate = keras.optimizers.schedules.CosineDecay(
            1e-3, 400 * (epochs - alone), alpha=0.1
        )
        _compile_game(
            model,
            rate,
            0.4,
            losses.PConvLoss(valid=10.0, total_variation=0.0, color=24.0),
            adversarial=losses.CrossEntropy(),
            weight=0.5,
            matching=5.0,
            share=0.9,
        )
        draw = _drawing(data, 128, 8, 400, mask=wide_holes)
        runs.fit(
            model, draw, epochs, output, alone, validation=held_out, **options
        )
        # All of the way, it strews flecks of blue and orange.
        _interpolate(network, before, 0.7)
    return network


def _interpolate(network, path, share):
    """Takes weights that are a share of the way from others to these.

    Less texture, and less that is wrong: each share is a network that works
    (Wang et al., 2018, https://arxiv.org/abs/1809.00219, section 3.4).
    """
    after = network.get_weights()
    weights.load(network, path)
    network.set_weights(
        [
            (1 - share) * one + share * other
            for one, other in zip(network.get_weights(), after, strict=True)
        ]
    )


def lama_paper(data, output, epochs=40, **options):
    """big-lama with the losses of its paper, for an accelerator.

    kerasinpaint train lama_paper --data celeb_a

    256 px, batches of 8. The paper's R1 penalty of .001 is that of 0.4 on
    the slope that `AdversarialInpainter` measures by noise. It wants an
    accelerator for weeks and was not run here, so no hardware, time and
    score can be told.
    """
    network = networks.build("lama_paper", HALF)
    with networks.policy(HALF):
        discriminator = models.build_patch_gan(spectral=False)
    model = AdversarialInpainter(network, discriminator)
    model.compile(
        TwoRateAdam(1e-3, scale=0.1),
        losses.LamaLoss(),
        [metrics.HolePSNR()],
        adversarial=losses.CrossEntropy(),
        weight=10.0,
        penalty=0.4,
        matching=100.0,
    )
    data = data or "photos"
    draw = _drawing(data, 256, 8, 1000, mask=wide_holes)
    held_out = _held_out_wide(data)
    runs.fit(model, draw, epochs, output, validation=held_out, **options)
    return network


RECIPES = {
    recipe.__name__: recipe
    for recipe in (
        pconv,
        pconv_cifar10,
        pconv_cifar10_baseline,
        pconv_tiny_imagenet,
        pconv_paper,
        autoencoder_skip,
        gan,
        pconv_gan,
        lama,
        lama_paper,
        sample,
        scene,
        structure_texture,
    )
}


def train(recipe, data=None, output=None, epochs=None, **options):
    """Trains a network by a recipe.

    Args:
        recipe: string, one of `RECIPES`.
        data: what `sources.pictures` takes: "photos", a folder, the name of
            a TFDS set; or `None` for what the recipe was made for.
        output: path of the folder of the run, `output/RECIPE` by default.
        epochs: int, or `None` for as many as the recipe says.
        **options: of `runs.fit`, such as `resume` and `wandb`.

    Returns:
        The trained network. Its weights are in `output/weights.npz`.

    Raises:
        ValueError: if there is no such recipe or data, or a longer run is
            in the folder.
    """
    if recipe not in RECIPES:
        raise ValueError(
            f"`recipe` must be one of {', '.join(RECIPES)}. "
            f"Received: {recipe!r}."
        )
    output = Path(output or Path("output") / recipe)
    if epochs is None:
        parameters = inspect.signature(RECIPES[recipe]).parameters
        epochs = parameters["epochs"].default
    done = checkpoint_epoch(output / "checkpoint")
    if done > epochs and options.get("resume", True):
        raise ValueError(
            f"`epochs` must be at least those that {output} has behind it, "
            f"{done}, or `resume` no, or `output` another folder. "
            f"Received: {epochs}."
        )
    keras.utils.set_random_seed(0)
    with _all_devices():
        network = RECIPES[recipe](data, output, epochs, **options)
    path = output / "weights.npz"
    weights.save(network, path, recipe)
    print(f"Weights: {path}. {_use(recipe, path)}")
    return network


def _use(recipe, path):
    """What weights are good for."""
    if recipe in segmenters.names():
        return f"Use them: segment --segmenter {path}"
    if recipe == "scene":
        place = weights.path_of(recipe)
        return f"To tell scenes by them, copy them to {place}"
    return f"They are a method: fill --method {path}"


def _all_devices():
    """A scope in which several GPUs, or on JAX a TPU's cores, share batches."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        if len(tf.config.list_logical_devices("GPU")) > 1:
            return tf.distribute.MirroredStrategy().scope()
    elif keras.backend.backend() == "jax":
        # As many as divide each batch, and the pictures that are shown.
        devices = keras.distribution.list_devices()
        devices = devices[: 4 if len(devices) > 3 else 2]
        if len(devices) > 1:
            return keras.distribution.DataParallel(devices=devices).scope()
    return contextlib.nullcontext()


def _drawing(data, size, batch_size, steps, split="train", **options):
    """Batches of a split; those to validate with are the same each time."""
    fixed = {"seed": 1} if split == "train" else {"seed": 2, "scale": (1, 1)}
    pictures = sources.pictures(data, split)
    return Batches(pictures, size, batch_size, steps, **fixed, **options)


def _compile(model, rate, steps, loss=None):
    metric = metrics.HolePSNR()
    model.compile(adam(rate, steps), loss or losses.Fidelity(), [metric])


def _held_out_wide(data):
    return _drawing(data, 256, 8, 6, "validation", mask=wide_holes)


def _compile_game(model, rate, scale, loss, **game):
    model.compile(
        TwoRateAdam(rate, scale=scale, beta_1=0.5, beta_2=0.99, use_ema=True),
        loss,
        [metrics.HolePSNR(), metrics.PSNR(), metrics.SSIM()],
        **game,
    )
