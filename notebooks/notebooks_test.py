import ast
import os
import re
import statistics
import sys
import types

import build
import keras
import nbformat
import numpy as np
import pytest

from kerasinpaint import (
    context_batches,
    experiment,
    fmm,
    losses,
    metrics,
    models,
    tuning_trials,
)
from kerasinpaint.adversarial import AdversarialInpainter
from kerasinpaint.found import FoundObject, continuation
from kerasinpaint.layers import PConv2D, WindowAttention
from kerasinpaint.layers.fourier import FourierUnit
from kerasinpaint.significance import paired_interval

each_notebook = pytest.mark.parametrize("name", build.names())


def executed(name):
    return nbformat.read(build.notebook_path(name), as_version=4)


def markdown(name):
    return "\n\n".join(
        cell.source
        for cell in executed(name).cells
        if cell.cell_type == "markdown"
    )


@each_notebook
def test_pictures_and_code_belong_together(name):
    assert build.is_current(name), f"run `python notebooks/build.py {name}`"


@each_notebook
def test_badge_and_setup_agree_with_the_address(name):
    assert build.source_path(name).read_text() == build.addressed(name)
    assert build.address() in build.code_cells(executed(name))[0].source


@pytest.mark.parametrize(
    "names, backend",
    [
        (["COLAB_TPU_ADDR"], "jax"),
        (["TPU_ACCELERATOR_TYPE"], "jax"),
        (["COLAB_TPU_1VM"], "tensorflow"),
        (["TPU_NAME", "KERAS_BACKEND"], "as set"),
    ],
)
def test_setup_takes_jax_on_a_tpu(names, backend, monkeypatch):
    monkeypatch.setattr(os, "environ", dict.fromkeys(names, "as set"))
    chooses, _ = build.KERAS.split("import keras")
    exec(chooses, {"os": os})
    assert os.environ["KERAS_BACKEND"] == backend


@each_notebook
def test_readme_links_the_notebook_beside_its_badge(name):
    readme = (build.ROOT / "README.md").read_text()
    [row] = [line for line in readme.splitlines() if f"| [{name}](" in line]
    project = build.address().removeprefix("https://github.com/")
    assert f"[{name}](notebooks/{name}.ipynb)" in row
    assert build.BADGE.format(project=project, name=name) in row


@each_notebook
def test_every_cell_was_run_in_order_without_error(name):
    cells = build.code_cells(executed(name))
    counts = [cell.execution_count for cell in cells]
    assert counts == list(range(1, len(cells) + 1))
    kinds = {out.output_type for cell in cells for out in cell.outputs}
    assert "error" not in kinds


@each_notebook
def test_length_and_size_are_those_of_a_lesson(name):
    notebook = executed(name)
    code = [cell.source for cell in build.code_cells(notebook)]
    lines = [len(re.findall(r"^.*\S", c, flags=re.M)) for c in code]
    assert 30 <= len(notebook.cells) <= 60
    assert statistics.median(lines) <= 8
    assert len(markdown(name).split()) > len(" ".join(code).split())
    assert build.notebook_path(name).stat().st_size <= build.MAX_BYTES


@each_notebook
def test_the_opening_says_what_it_takes(name):
    opening = executed(name).cells[0].source
    assert opening.startswith(f"# {int(name[:2])}. ")
    assert "| You will | Needs | Takes |" in opening
    assert re.search(r"\| \d+ (s|min) \|$", opening, flags=re.M)


@each_notebook
def test_linked_pictures_are_those_the_notebook_shows(name):
    linked = set(re.findall(r"\(\.\./images/([^)]+)\)", markdown(name)))
    for file in linked:
        assert (build.ROOT / "images" / file).is_file()
    for file, jpeg in build.pictures(executed(name)).items():
        assert (build.ROOT / "images" / file).read_bytes() == jpeg
    assert linked, "the opening shows the picture of what will be reached"


@each_notebook
def test_outputs_tell_nothing_of_the_machine(name):
    text = build.notebook_path(name).read_text()
    assert str(build.ROOT) not in text
    assert not re.search(r"\bat 0x[0-9a-f]{6,}", text)


@each_notebook
def test_tiny_constants_replace_constants_that_exist(name):
    cells = build.code_cells(build.read_source(name))
    [cell] = [c for c in cells if "parameters" in c.metadata.get("tags", [])]
    for name, value in cell.metadata.get("tiny", {}).items():
        assert f"\n{name} = {value!r}" in build.shrink(
            cell.source, {name: value}
        )


@pytest.mark.parametrize("name", ["05_autoencoders", "07_gan"])
def test_what_a_notebook_starts_is_untraced_too(name):
    cells = build.code_cells(build.shrink_notebook(build.read_source(name)))
    assert sum(cell.source.count(build.UNTRACED) for cell in cells) == 2


@each_notebook
def test_runs_top_to_bottom_with_tiny_constants(name):
    build.execute(build.shrink_notebook(build.read_source(name)))


@each_notebook
def test_solutions_run(name, monkeypatch, untraced):
    """With as few steps and pictures as will do."""
    monkeypatch.chdir(build.NOTEBOOKS)
    monkeypatch.setattr(tuning_trials, "HELD_OUT", build.TINY["HELD"])
    for constant, few in {"DRAWN": 8, "TESTED": 8, "STEPS": 1}.items():
        monkeypatch.setattr(experiment, constant, few)
    monkeypatch.setattr(context_batches, "TOGETHER", 8)
    path = build.NOTEBOOKS / "solutions" / f"{name}.py"
    source = build.shrink(path.read_text(encoding="utf-8"), build.TINY)
    program = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", program)
    exec(compile(source, path, "exec"), vars(program))


def taught(name):
    """Functions, classes and constants of a notebook, without running it."""
    namespace = {}
    for cell in build.code_cells(build.read_source(name)):
        if "setup" in cell.metadata.get("tags", []):
            continue
        for statement in ast.parse(cell.source).body:
            constant = (
                isinstance(statement, ast.Assign)
                and isinstance(statement.targets[0], ast.Name)
                and isinstance(statement.value, ast.Constant)
            )
            function = (
                isinstance(statement, ast.FunctionDef)
                # Else its defaults are variables that only a run has.
                and not any(
                    isinstance(default, ast.Name)
                    for default in statement.args.defaults
                )
            )
            stands_alone = isinstance(
                statement, (ast.Import, ast.ImportFrom, ast.ClassDef)
            )
            if constant or function or stands_alone:
                exec(ast.unparse(statement), namespace)
    return namespace


def hole_of(kind, rng, height=24, width=30):
    y, x = np.mgrid[:height, :width]
    down, across = rng.uniform(7, height - 7), rng.uniform(7, width - 7)
    blob = np.hypot(y - down, x - across) < rng.uniform(4, 7)
    return {
        "noise": rng.random((height, width)) < 0.5,
        "blob": blob,
        # Less deep than 7: T = 7 is the border of a layer, up to rounding.
        "box in the corner": (y < 6) & (x < across),
        "lines at the border": (y < 2) | (x == 20) | (y - x == 3),
        "blob and dust": blob | (rng.random((height, width)) < 0.1),
        "all but a corner": y + x > 3,
    }[kind]


# Where T is equal on both sides up to rounding, 32 and 64 bits may see another
# direction: these seeds have no such pixel.
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "kind",
    [
        "noise",
        "blob",
        "box in the corner",
        "lines at the border",
        "blob and dust",
        "all but a corner",
    ],
)
def test_taught_and_shipped_fast_marching_agree(kind, seed):
    rng = np.random.default_rng(seed)
    lesson = taught("01_fast_marching")
    mask = 1 - hole_of(kind, rng).astype(np.uint8)
    image = rng.random((*mask.shape, 3)).astype(np.float32)

    T = lesson["march"](mask, lesson["start_signed"](mask))
    shipped_T, _ = fmm.march(mask, radius=lesson["RADIUS"])
    near = T >= -lesson["RADIUS"]
    assert np.abs(T - shipped_T)[near].max() < 1e-5

    filled = lesson["inpaint"](image, mask)
    shipped = fmm.fast_marching_inpaint(image, mask, radius=lesson["RADIUS"])
    assert np.abs(filled - shipped).max() < 1e-3


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 3, "activation": "elu"},
        {"kernel_size": (2, 5), "strides": 2},
        {"kernel_size": 4, "dilation_rate": 2, "use_bias": False},
        {"kernel_size": 1, "activation": "sigmoid"},
    ],
)
def test_taught_and_shipped_partial_convolution_agree(options, padding):
    rng = np.random.default_rng(0)
    images = rng.normal(size=(2, 12, 15, 3)).astype("float32")
    masks = (rng.random((2, 12, 15, 1)) < 0.2).astype("float32")
    masks[0, 2:10, 3:12] = 0
    options = {**options, "padding": padding, "bias_initializer": "normal"}
    lesson = taught("03_partial_convolution")["PartialConv2D"](4, **options)
    shipped = PConv2D(4, **options)
    wanted = shipped(images, masks)
    lesson.build(images.shape)
    lesson.set_weights(shipped.get_weights())
    for ours, theirs in zip(lesson(images, masks), wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert [
        lesson.compute_output_shape(images.shape, masks.shape),
        lesson.count_params(),
    ] == [
        shipped.compute_output_shape(images.shape, masks.shape),
        shipped.count_params(),
    ]


@pytest.mark.parametrize("sees_masks", [False, True])
@pytest.mark.parametrize("skip", [False, True])
def test_taught_and_shipped_autoencoder_agree(skip, sees_masks):
    rng = np.random.default_rng(0)
    inputs = {
        "images": rng.random((2, 32, 48, 3), np.float32),
        "masks": (rng.random((2, 32, 48, 1)) < 0.5).astype("float32"),
    }
    options = {"skip": skip, "sees_masks": sees_masks, "width": 4}
    notebook = taught("05_autoencoders")
    notebook["keras"] = keras  # is imported by the set-up cell
    lesson = notebook["build"]((32, 48, 3), **options)
    shipped = models.build_autoencoder((32, 48, 3), **options)
    lesson.set_weights(shipped.get_weights())
    ours, theirs = lesson(inputs), shipped(inputs)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert lesson.count_params() == shipped.count_params()
    rates = [
        [one.rate for one in network.layers if hasattr(one, "rate")]
        for network in (lesson, shipped)
    ]
    assert rates[0] == rates[1] == [0.2] * 4


def test_taught_and_shipped_game_agree():
    rng = np.random.default_rng(0)
    truth, painted = rng.random((2, 2, 32, 32, 3), np.float32)
    holes = {"masks": np.zeros((2, 32, 32, 1), np.float32)}  # all is painted
    critic = models.build_patch_gan(width=4)
    model = AdversarialInpainter(models.build_autoencoder(width=2), critic)
    model.compile("sgd", losses.MAE(), weight=0.5, penalty=0)
    before = critic.get_weights()
    shipped = model.compute_loss(holes, truth, painted)
    critic.set_weights(before)  # a call improves the estimate of its norm
    for_critic, for_painter = taught("07_gan")["game"](critic, truth, painted)
    wanted = np.abs(truth - painted).mean() + for_critic + 0.5 * for_painter
    assert float(shipped) == pytest.approx(float(wanted), abs=1e-5)


def test_taught_and_shipped_fourier_unit_agree():
    images = np.random.default_rng(0).random((2, 9, 12, 3), np.float32)
    lesson = taught("09_pretrained")["FourierUnit"](4)
    shipped = FourierUnit(4)
    wanted = shipped(images)
    lesson(images)
    lesson.set_weights(shipped.get_weights())
    for training in (False, True):
        np.testing.assert_allclose(
            lesson(images, training=training),
            shipped(images, training=training),
            atol=1e-5,
        )
    assert np.ptp(wanted) > 0.1


def test_taught_and_shipped_attention_agree():
    rng = np.random.default_rng(0)
    images = rng.random((1, 4, 4, 6), np.float32)
    masks = (rng.random((1, 4, 4, 1)) < 0.5).astype("float32")
    layer = WindowAttention(heads=1, window=4)
    shipped, _ = layer(images, masks)
    tokens = images.reshape(16, 6)
    directions = tokens / np.linalg.norm(tokens, axis=-1, keepdims=True)
    asked = (np.asarray(layer.q(directions)), np.asarray(layer.k(directions)))
    attend = taught("09_pretrained")["attend"]
    seen, weights = attend(*asked, np.asarray(layer.v(tokens)), masks.ravel())
    wanted = np.asarray(layer.proj(seen)).reshape(images.shape)
    np.testing.assert_allclose(shipped, wanted, atol=1e-5)
    assert weights[:, masks.ravel() == 0].max() < 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_taught_and_shipped_continuation_agree(seed):
    rng = np.random.default_rng(seed)
    labels = np.kron(rng.integers(0, 3, (9, 9)), np.ones((4, 4), int))
    seen, place = np.zeros((2, 36, 36), bool)
    seen[:, :14] = labels[:, :14] == 1
    place[:, 10 + seed :] = True
    one = FoundObject("any", 1, seen, 0, np.ones(seen.shape))
    shipped = continuation(labels, one, place)
    lesson = taught("10_segmentation_loop")["continuation"]
    np.testing.assert_array_equal(lesson(labels, 1, seen, place), shipped)
    assert shipped.any() and (shipped != (place & (labels == 1))).any()


def test_taught_and_shipped_scores_agree():
    x, y = np.random.default_rng(0).random((2, 40, 30, 3), np.float32)
    lesson = taught("08_evaluation")
    shipped = float(metrics.ssim(x[None], y[None])[0])
    assert lesson["ssim"](x, y) == pytest.approx(shipped, abs=1e-5)
    differences = (x - y).ravel()[:24]
    np.testing.assert_allclose(
        lesson["bootstrap"](differences), paired_interval(differences)
    )
