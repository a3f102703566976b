"""Lower levels never import higher ones, and level 1 is quick to import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent
LEVELS = {
    1: "images picture_files picture_metadata tiles fmm fmm_front fmm_paint "
    "masks mask_files mask_ratio damage noise object_masks data scenes "
    "scene_stage scene_groups structure plots augmentation checkpoints "
    "checkpoint_program".split(),
    2: "layers losses metrics models inpainter adversarial exemplar_inpainter "
    "two_rates optimizers".split(),
    3: "sources batches scene_batches context_batches analysis training "
    "segmenter_training scene_training structure_texture_training runs "
    "callbacks checkpoint_folder tuning tuning_oracles tuning_trials hub "
    "segment_anything tflite detectors methods structure_texture segmenters "
    "segment_loop dfine loops peeling found object_removal scene_truth "
    "segmentation_tables benchmark "
    "benchmark_scores benchmark_segmentation benchmark_voc benchmark_quality "
    "benchmark_sets benchmark_speed benchmark_layers benchmark_wide "
    "benchmark_efficiency quantization "
    "significance figures loop_figure readme export experiment ablations "
    "calibration failures benchmark_structure structure_figure datasets "
    "weights networks commands cli".split(),
}
LEVEL_OF = {name: level for level, names in LEVELS.items() for name in names}
BACKENDS = {"keras", "tensorflow", "jax", "torch"}
SLOW = {"imgaug", "matplotlib", "skimage", "pandas"}


def sources():
    """Paths of all modules that are not tests, and the module they are in."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tested = path.stem.endswith("_test") or path.stem == "conftest"
        if not tested and path != PACKAGE / "__init__.py":
            top = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
            yield path, top


def imports(source, inside_functions=True):
    """Dotted names of all that a module's source imports."""
    waiting, names = [ast.parse(source)], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        function = isinstance(node, (ast.FunctionDef, ast.Lambda))
        if inside_functions or not function:
            waiting += ast.iter_child_nodes(node)
    return names


def own(names):
    """Of imported names, the modules of this package."""
    dotted = [name.split(".") for name in names]
    return {p[1] for p in dotted if p[0] == "kerasinpaint" and len(p) > 1}


def foreign(names):
    """Of imported names, the first part."""
    return {name.split(".")[0] for name in names}


def test_the_reader_of_imports_finds_every_form():
    source = (
        "import keras.layers\n"
        "import kerasinpaint.data\n"
        "from kerasinpaint import layers as l, fmm\n"
        "def f():\n"
        "    from kerasinpaint.models.lama import build_lama\n"
        "    import pandas\n"
    )
    assert own(imports(source)) == {"data", "layers", "fmm", "models"}
    assert own(imports(source, False)) == {"data", "layers", "fmm"}
    assert foreign(imports(source)) == {"keras", "kerasinpaint", "pandas"}
    assert foreign(imports(source, False)) == {"keras", "kerasinpaint"}


@pytest.mark.parametrize("path, top", list(sources()), ids=str)
def test_a_module_has_a_level_and_imports_none_above_it(path, top):
    assert top in LEVEL_OF, f"give {top} a level in {__file__}"
    imported = own(imports(path.read_text(encoding="utf-8")))
    above = {n for n in imported if LEVEL_OF[n] > LEVEL_OF[top]}
    assert not above, f"{top} is of level {LEVEL_OF[top]}"


@pytest.mark.parametrize(
    "path", [p for p, top in sources() if top in LEVELS[1]], ids=str
)
def test_level_1_imports_no_backend_and_slow_packages_in_functions(path):
    source = path.read_text(encoding="utf-8")
    assert not foreign(imports(source)) & BACKENDS
    assert not foreign(imports(source, inside_functions=False)) & SLOW


def test_importing_level_1_loads_no_backend_and_nothing_slow():
    there = sorted({top for _, top in sources()} & set(LEVELS[1]))
    assert "fmm" in there
    code = f"""
import importlib, sys
for name in {there}:
    importlib.import_module("kerasinpaint." + name)
print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=PACKAGE.parent,
    )
    loaded = set(done.stdout.split())
    assert "kerasinpaint.fmm" in loaded
    assert not loaded & (BACKENDS | SLOW)
