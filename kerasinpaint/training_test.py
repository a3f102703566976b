"""Every recipe runs, and what it leaves behind fills a picture."""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kerasinpaint import (
    images,
    methods,
    models,
    networks,
    segmenter_training,
    segmenters,
    training,
    weights,
)
from kerasinpaint.scene_batches import SceneBatches

TINY = {
    models.build_pconv_unet: {"encoder": (4, 4), "kernels": (3, 3)},
    models.build_autoencoder: {"width": 2},
    models.build_lama: {"blocks": 1, "width": 4},
    models.build_structure_texture: {"width": 4, "detail": 4, "doubt": 4},
}


@pytest.fixture
def photos(tmp_path):
    """A folder of a few pictures in three splits."""
    rng = np.random.default_rng(0)
    for split in ("train", "validation", "test"):
        (tmp_path / "photos" / split).mkdir(parents=True)
        for number in range(2):
            picture = rng.random((40, 48, 3), dtype=np.float32)
            images.write_image(
                tmp_path / "photos" / split / f"{number}.png", picture
            )
    return tmp_path / "photos"


@pytest.fixture
def small(monkeypatch, tmp_path, untraced):
    """Tiny networks and short epochs in place of those of the recipes."""
    everything = {
        name: functools.partial(preset, **TINY[getattr(preset, "func", preset)])
        for name, preset in networks.presets().items()
    }
    monkeypatch.setattr(networks, "presets", lambda: everything)
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "shipped")
    for name in ("pconv", "autoencoder_skip"):  # others begin with these
        weights.save(networks.build(name), weights.path_of(name), name)
    drawing = training._drawing

    def draw(data, size, batch_size, steps, *arguments, **options):
        return drawing(data, min(size, 32), 2, 1, *arguments, **options)

    monkeypatch.setattr(training, "_drawing", draw)


# They are not of networks that fill, or have a test of their own.
OTHERS = {"sample", "scene", "structure_texture"}


@pytest.mark.parametrize("recipe", sorted({*training.RECIPES} - OTHERS))
def test_a_recipe_trains_weights_that_fill(recipe, small, photos, tmp_path):
    output = tmp_path / "run"
    training.train(recipe, photos, output, epochs=2)
    image = np.full((20, 30, 3), 0.5, np.float32)
    mask = np.ones((20, 30, 1), np.uint8)
    mask[4:9, 5:15] = 0
    filled = methods.get(str(output / "weights.npz"))(image, mask)
    assert np.isfinite(filled).all() and (filled != image).any()
    assert (output / "checkpoint").is_dir() and (output / "logs").is_dir()


def test_a_recipe_trains_weights_that_segment(
    tmp_path, monkeypatch, untraced, capsys
):
    def draw(size, batch_size, steps, *arguments, **options):
        options |= {"fills": ["telea"]}
        return SceneBatches(size, 2, 1, *arguments, **options)

    monkeypatch.setattr(segmenter_training, "SceneBatches", draw)
    monkeypatch.setattr(segmenters, "SIDE", 64)
    training.train("sample", output=tmp_path / "run", epochs=1)
    path = str(tmp_path / "run" / "weights.npz")
    assert f"segment --segmenter {path}" in capsys.readouterr().out
    labels = segmenters.get(path)(np.zeros((40, 50, 3), np.float32))
    assert labels.shape == (40, 50)
    with pytest.raises(ValueError, match="left out.* Received: 'photos'"):
        training.train("sample", "photos", tmp_path / "other")
    with pytest.raises(ValueError, match="that fills. Received: .*'sample'"):
        methods.get(path)(np.zeros((8, 8, 3), "f"), np.zeros((8, 8, 1)))


def test_one_epoch_is_enough(small, photos, tmp_path):
    training.train("pconv", photos, tmp_path / "run", epochs=1)
    assert (tmp_path / "run" / "weights.npz").exists()


def test_a_longer_run_is_not_overwritten_by_a_shorter(small, photos, tmp_path):
    training.train("pconv", photos, tmp_path / "run", epochs=2)
    before = (tmp_path / "run" / "weights.npz").read_bytes()
    with pytest.raises(ValueError, match="run has behind it, 2.*Received: 1"):
        training.train("pconv", photos, tmp_path / "run", epochs=1)
    assert (tmp_path / "run" / "weights.npz").read_bytes() == before
    training.train("pconv", photos, tmp_path / "run", epochs=1, resume=False)
    assert (tmp_path / "run" / "weights.npz").read_bytes() != before


@pytest.mark.parametrize("recipe", training.RECIPES.values())
def test_a_recipe_says_command_hardware_time_and_score(recipe):
    said = " ".join(recipe.__doc__.split())
    assert f"kerasinpaint train {recipe.__name__}" in said
    trained = r"cores, \d+ (minutes|hours)\. Expected: "
    assert re.search(trained, said) or "was not run here" in said


def test_an_unknown_recipe_is_refused(tmp_path):
    with pytest.raises(ValueError, match="pconv, .*Received: 'magic'"):
        training.train("magic", output=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_presets_are_small_but_for_the_paper():
    sizes = {
        name: networks.build(name).count_params()
        for name in networks.presets()
        if not name.endswith("_paper")
    }
    assert max(sizes.values()) < 6e6


ON_FOUR_DEVICES = """
import sys
from kerasinpaint import models, networks, training

tiny = lambda: models.build_pconv_unet(encoder=(4, 4), kernels=(3, 3))
networks.presets = lambda: {"pconv": tiny}
draw = training._drawing
training._drawing = lambda data, size, batch_size, steps, *args, **options: (
    draw(data, 32, 4, 1, *args, **options)
)
network = training.train("pconv", sys.argv[1], sys.argv[2], epochs=1)
print(len(network.weights[0].value.sharding.device_set), "devices")
"""


def test_jax_trains_on_all_devices(photos, tmp_path):
    flags = os.environ.get("XLA_FLAGS", "")
    flags += " --xla_force_host_platform_device_count=4"
    done = subprocess.run(
        [sys.executable, "-c", ON_FOUR_DEVICES, photos, tmp_path / "run"],
        env=os.environ | {"KERAS_BACKEND": "jax", "XLA_FLAGS": flags},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "4 devices" in done.stdout
