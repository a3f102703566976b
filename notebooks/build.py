"""Runs the notebooks and writes them down with their pictures.

    python notebooks/build.py                     all of them
    python notebooks/build.py 01_fast_marching    those named
    python notebooks/build.py --check             runs nothing, names the old

The source of a notebook is `notebooks/py/NAME.py` (jupytext, py:percent). It
is executed in full by the Python that runs this file, and `NAME.ipynb` is
written with its outputs and a stamp, the hash of its code cells. The address
of the repository stands once, in `pyproject.toml`: the badge and the cell
tagged `setup` are written from it, into the source.

A source may mark its cells in the line that opens them:

    # %% tags=["setup"]         written by this file
    # %% tags=["setup", "keras"]
                                the same, and chooses the backend of Keras
    # %% tags=["parameters"] tiny={"SIZE": 32}
                                the constants, and what tests put in their
                                place, besides `TINY`
    # %% image="01_band"        the cell's picture is kept as images/01_band.jpg
"""

import argparse
import base64
import hashlib
import os
import re
import time
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parent
ROOT = NOTEBOOKS.parent
MAX_BYTES = 600_000

SETUP = """\
import os
import sys

if "google.colab" in sys.modules and not os.path.exists("py"):
    # !git clone -q --depth 1 {address}
    # %cd {folder}/notebooks
    # !pip install -q -r ../requirements.txt
    sys.path.insert(0, os.path.abspath(".."))
# %config InlineBackend.figure_formats = ["jpeg"]
# %config InlineBackend.rc = {{"figure.dpi": 72}}
"""
# On a TPU Keras runs on JAX. (COLAB_TPU_1VM is there without one, too.)
KERAS = """\

from importlib.util import find_spec

if "KERAS_BACKEND" not in os.environ:
    tpu = {"COLAB_TPU_ADDR", "TPU_NAME", "TPU_ACCELERATOR_TYPE"} & {*os.environ}
    tensorflow = not tpu and find_spec("tensorflow")
    os.environ["KERAS_BACKEND"] = "tensorflow" if tensorflow else "jax"

import keras

print(keras.backend.backend(), *keras.distribution.list_devices())
"""
BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/"
    "colab-badge.svg)](https://colab.research.google.com/github/"
    "{project}/blob/main/notebooks/{name}.ipynb)"
)


def names():
    """Names of all notebooks, in their order."""
    return sorted(path.stem for path in (NOTEBOOKS / "py").glob("*.py"))


def source_path(name):
    return NOTEBOOKS / "py" / f"{name}.py"


def notebook_path(name):
    return NOTEBOOKS / f"{name}.ipynb"


def address():
    """The public address of the repository, from `pyproject.toml`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project["urls"]["Repository"]


def addressed(name):
    """The source of a notebook with badge and set-up cell as they must be.

    Args:
        name: string, such as `"01_fast_marching"`.

    Returns:
        String. It equals the file when the file is in order.

    Raises:
        ValueError: if the source has no badge or no set-up cell.
    """
    project = address().removeprefix("https://github.com/")
    badge = "# " + BADGE.format(project=project, name=name)
    setup = SETUP.format(address=address(), folder=project.split("/")[-1])

    def cell(found):
        chooses = KERAS if "keras" in found[1] else ""
        return found[1] + setup + chooses + "\n"

    text = source_path(name).read_text()
    text, badges = re.subn(
        r"^# \[!\[Open in Colab\].*$", lambda _: badge, text, flags=re.M
    )
    text, setups = re.subn(
        r'^(# %% tags=\["setup"(?:, "keras")?\]\n).*?(?=^# %%)',
        cell,
        text,
        flags=re.M | re.S,
    )
    if (badges, setups) != (1, 1):
        raise ValueError(
            "A notebook must have one line with the badge `[![Open in Colab]` "
            'and one cell that begins `# %% tags=["setup"]`. '
            f"Received: {name} with {badges} badges, {setups} set-up cells."
        )
    return text


def read_source(name):
    """The notebook that a source describes, without outputs."""
    notebook = jupytext.read(source_path(name), fmt="py:percent")
    for index, cell in enumerate(notebook.cells):
        cell.id = f"cell-{index}"  # else it is drawn anew at each reading
        cell.metadata.pop("lines_to_next_cell", None)
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def stamp(notebook):
    """Hash of the code cells: pictures belong to code of the same stamp."""
    text = "\0".join(cell.source for cell in code_cells(notebook))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# What tests put in the place of these constants, wherever they stand.
TINY = {
    "STEPS": 1,
    "OVERFIT": 2,
    "PASSES": 1,
    "SEEDS": 1,
    "DRAWN": 8,
    "HELD": 16,
    "PHOTOS": 3,
    "FULL": [32, 32, 3],
}
# For a few steps: to trace a network takes longer than to run it untraced. It
# is traced when the notebooks are built in full.
UNTRACED = "import tensorflow; tensorflow.config.run_functions_eagerly(True)"


def shrink(source, tiny):
    """The source with small constants, and untraced.

    Args:
        source: string, a script or a cell.
        tiny: dict of the constants, by name.

    Returns:
        String. After a line `NAME = ...` comes one with the small value.
    """
    for name, value in tiny.items():
        source = re.sub(
            rf"^{name} = .*$", rf"\g<0>\n{name} = {value!r}", source, flags=re.M
        )
    return f"{UNTRACED}\n{source}"


def shrink_notebook(notebook):
    """Puts the tiny constants into the cell tagged `parameters`.

    What a cell runs in a process of its own, its `SCRIPT`, is untraced, too.
    """
    for cell in code_cells(notebook):
        begin = 'SCRIPT = """\n'
        cell.source = cell.source.replace(begin, f"{begin}{UNTRACED}\n")
        if "parameters" in cell.metadata.get("tags", []):
            tiny = TINY | cell.metadata.get("tiny", {})
            cell.source = shrink(cell.source, tiny)
    return notebook


def execute(notebook, timeout=600):
    """Runs all cells in the folder of the notebooks; an error stops it."""
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )
    return client.execute()


def strip(notebook):
    """Removes what differs from run to run and says nothing about the code."""
    notebook.metadata = {
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        },
        "language_info": {"name": "python"},
        "kerasinpaint": {"stamp": stamp(notebook)},
    }
    for cell in code_cells(notebook):
        # Progress bars and the chatter of libraries go to stderr.
        cell.outputs = [
            output for output in cell.outputs if output.get("name") != "stderr"
        ]
    return notebook


def pictures(notebook):
    """JPEG bytes by name, of the cells marked with `image`."""
    found = {}
    for cell in code_cells(notebook):
        if "image" not in cell.metadata:
            continue
        for output in cell.outputs:
            if "image/jpeg" in output.get("data", {}):
                jpeg = base64.b64decode(output.data["image/jpeg"])
                found[cell.metadata["image"] + ".jpg"] = jpeg
    return found


def build(name):
    """Runs one notebook and writes it and its pictures."""
    source_path(name).write_text(addressed(name))
    start = time.perf_counter()
    notebook = strip(execute(read_source(name)))
    seconds = time.perf_counter() - start
    text = nbformat.writes(notebook) + "\n"
    if len(text) > MAX_BYTES:
        raise ValueError(
            f"A notebook must have at most {MAX_BYTES:,} bytes; show fewer or "
            f"smaller pictures. Received: {name} with {len(text):,}."
        )
    notebook_path(name).write_text(text)
    for file, jpeg in pictures(notebook).items():
        (ROOT / "images" / file).write_bytes(jpeg)
    print(f"{name}: {seconds:.0f} s, {len(text) / 1000:.0f} kB")


def is_current(name):
    """Whether notebook and source agree, cell by cell, and so the stamp."""
    if not notebook_path(name).exists():
        return False
    if source_path(name).read_text() != addressed(name):
        return False
    source = read_source(name)
    notebook = nbformat.read(notebook_path(name), as_version=4)
    same_cells = [(c.cell_type, c.source) for c in source.cells] == [
        (c.cell_type, c.source) for c in notebook.cells
    ]
    stamped = notebook.metadata.get("kerasinpaint", {}).get("stamp")
    return same_cells and stamped == stamp(source)


def main():
    parser = argparse.ArgumentParser(
        description="Run the notebooks and write them with their outputs."
    )
    parser.add_argument("names", nargs="*", help="default: all")
    parser.add_argument(
        "--check", action="store_true", help="run nothing, name the old ones"
    )
    arguments = parser.parse_args()
    chosen = arguments.names or names()
    if arguments.check:
        old = [name for name in chosen if not is_current(name)]
        raise SystemExit(f"Build again: {', '.join(old)}" if old else 0)
    for name in chosen:
        build(name)


if __name__ == "__main__":
    main()
