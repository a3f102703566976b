"""What makes networks faster or smaller: memory, time, decibels, each way."""

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from kerasinpaint import networks, quantization, weights
from kerasinpaint.analysis import context_of
from kerasinpaint.benchmark_layers import need_tensorflow, turns

NETWORK = "autoencoder_skip"
# Of the block that is trained: side and number of pictures, filters, depth.
SIDE, BATCH, FILTERS, BLOCKS = 96, 4, 32, 6
COUNT = 24
STEPS, REPEATS = 100, 5
PLAIN = {"jit": True, "remat": False, "policy": "float32"}
WAYS = {
    "plain": PLAIN,
    "checkpointed": PLAIN | {"remat": True},
    "bfloat16": PLAIN | {"policy": "mixed_bfloat16"},
    "without XLA": PLAIN | {"jit": False},
}
# Ways to train: before, and after.
TECHNIQUES = {
    "gradient checkpointing": ("plain", "checkpointed"),
    "mixed precision (bfloat16)": ("plain", "bfloat16"),
    "XLA": ("without XLA", "plain"),
}
# The most memory that a process of its own held, less that before. (What
# `getrusage` tells begins with what the process that started it held.)
PEAK = """
def peak():
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) / 1000
"""
STEP = (
    PEAK
    + """
from kerasinpaint.benchmark_efficiency import training_step
step = training_step(**{options!r})
before = peak()
step(), step()
print(peak() - before)
"""
)
RUN = (
    PEAK
    + """
import numpy as np
from ai_edge_litert.interpreter import Interpreter
before = peak()
interpreter = Interpreter({path!r}, num_threads=2)
interpreter.allocate_tensors()
for given in interpreter.get_input_details():
    ones = np.ones(given["shape"], np.float32)
    interpreter.set_tensor(given["index"], ones)
interpreter.invoke()
print(peak() - before)
"""
)


def efficiency(output="output/benchmark"):
    """Measures each technique before and after, and prints a table.

    Of training: a stack of gated convolutions in blocks of three, a step of
    `fit`. Of files: `autoencoder_skip` and the structure builder in LiteRT,
    a picture of 128 px. What is compared takes turns; ratios are of medians.
    Memory is the most that a process of its own held in two steps (and their
    compilation), or in one picture, above what it held before, as Linux
    tells it. Writes `efficiency.md` and `efficiency.csv`.

    Args:
        output: path of the folder, created if there is none.

    Raises:
        ValueError: if Keras's backend is not TensorFlow.
    """
    import pandas

    need_tensorflow("Files are made by TensorFlow")
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    rows, lost = file_rows()
    table = pandas.DataFrame([*training_rows(), *rows])
    table.to_csv(output / "efficiency.csv", index=False)
    table = table.astype(object).where(table.notna(), None)
    text = table.to_markdown(
        index=False, floatfmt=_formats(table), missingval=""
    )
    title = f"Before and after, {os.cpu_count()} processors"
    text = f"# Efficiency\n\n## {title}\n\n{text}\n"
    sweep = pandas.DataFrame(lost.items(), columns=["layer", "dB lost"])
    text += (
        "\n## Each layer of `autoencoder_skip` as INT8, alone\n\n"
        + sweep.to_markdown(index=False, floatfmt=".4f")
        + "\n"
    )
    (output / "efficiency.md").write_text(text, encoding="utf-8")
    print(f"{text}\nTables: {output}")


def training_step(jit, remat, policy):
    """A step of training of a stack of gated convolutions, as a function.

    Args:
        jit: bool, whether XLA compiles it.
        remat: bool, whether each block of three forgets what is inside.
        policy: string, the dtype policy that it computes by.

    Returns:
        Function without arguments that returns the loss.
    """
    import keras
    from keras import layers

    from kerasinpaint.layers import GatedConv2D, Remat

    def convolution():
        return GatedConv2D(FILTERS, 3, padding="same", activation="elu")

    keras.utils.set_random_seed(0)
    with networks.policy(policy):
        inputs = keras.Input((SIDE, SIDE, 3))
        x = convolution()(inputs)
        for _ in range(BLOCKS):
            block = keras.Sequential([convolution() for _ in range(3)])
            x = layers.Add()([x, (Remat(block) if remat else block)(x)])
        outputs = layers.Conv2D(3, 3, padding="same", dtype="float32")(x)
    model = keras.Model(inputs, outputs)
    model.compile("adam", "mse", jit_compile=jit)
    pictures = np.random.default_rng(0).random((BATCH, SIDE, SIDE, 3), "f")
    return lambda: float(model.train_on_batch(pictures, pictures))


def training_rows():
    """Rows of the table: a step of training, each way."""
    ways = {name: training_step(**options) for name, options in WAYS.items()}
    seconds = medians(ways)
    memory = {
        name: megabytes(STEP.format(options=options))
        for name, options in WAYS.items()
    }
    rows = [
        _row(name, pair, memory, seconds) for name, pair in TECHNIQUES.items()
    ]
    held_out = quantization.holed("validation", COUNT)
    for side, policy in (("before", "float32"), ("after", "mixed_bfloat16")):
        network = networks.build(NETWORK, policy)
        weights.load(network, weights.path_of(NETWORK))
        rows[1][f"dB {side}"] = quantization.mean_psnr(network, held_out)
    return rows


def file_rows():
    """Rows of the table: files of floats and of 8-bit integers; the sweep."""
    calibration, _ = quantization.holed("train", COUNT)
    held_out = quantization.holed("validation", COUNT)
    tested = quantization.holed("test", COUNT)
    _, network = networks.load(NETWORK)
    lost = quantization.sweep(network, calibration, held_out)
    worst = next(iter(lost))
    limit = {worst: quantization.ranges(network, calibration)[worst]}
    made = {
        "float": (network, None),
        "INT8": (network, calibration),
    }
    for name, limits in (("trained", {}), ("aware", limit)):
        further = quantization.trained(network, worst, limits, STEPS)
        made[name] = further, calibration
    files = _measured(made, tested)
    rows = [
        _row("INT8 after training", ("float", "INT8"), *files),
        _row(f"{worst} trained further", ("INT8", "trained"), *files),
        _row(f"{worst} trained as INT8", ("INT8", "aware"), *files),
        _builder_row(calibration, tested),
    ]
    return rows, lost


def _builder_row(calibration, tested):
    """A row of the table: a network that is shown more than a picture."""
    joined = networks.load("structure_texture")[1]
    builder = joined.get_layer("structure_builder")
    made = {
        "float": (builder, None),
        "INT8": (builder, context_of(**calibration)),
    }
    files = _measured(made, (context_of(**tested[0]), tested[1]))
    return _row("structure_builder as INT8", ("float", "INT8"), *files)


def _measured(made, pictures):
    """Megabytes and seconds of a run, and of files megabytes and decibels."""
    one = {name: all_[:1] for name, all_ in pictures[0].items()}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder, f"{name}.tflite") for name in made}
        for name, (network, given) in made.items():
            quantization.convert(network, paths[name], quantization.SIZE, given)
        fills = {
            name: quantization.runner(path) for name, path in paths.items()
        }
        calls = {name: partial(fill, one) for name, fill in fills.items()}
        return (
            {n: megabytes(RUN.format(path=str(p))) for n, p in paths.items()},
            medians(calls, 10 * REPEATS),
            {name: path.stat().st_size / 1e6 for name, path in paths.items()},
            {n: quantization.mean_psnr(f, pictures) for n, f in fills.items()},
        )


def _formats(table):
    """Digits that mean something, by column."""
    digits = {"dB": ".3f", "MB": ".0f"}
    return [digits.get(column.split()[0], ".2f") for column in table.columns]


def _row(technique, pair, memory, seconds, files=None, decibels=None):
    before, after = pair
    row = {
        "technique": technique,
        "MB before": memory[before],
        "MB after": memory[after],
        "times as long": seconds[after] / seconds[before],
    }
    for name, numbers in (("file MB", files), ("dB", decibels)):
        for side, one in (("before", before), ("after", after)):
            row[f"{name} {side}"] = numbers[one] if numbers else None
    return row


def medians(calls, repeats=REPEATS):
    """Median seconds of each call; they take turns."""
    seconds = np.median(turns(list(calls.values()), repeats), axis=0)
    return dict(zip(calls, seconds, strict=True))


def megabytes(code):
    """What a new process prints last."""
    root = str(Path(__file__).resolve().parent.parent)
    environment = os.environ | {"PYTHONPATH": root}
    printed = subprocess.check_output(
        [sys.executable, "-c", code],
        env=environment,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return float(printed.split()[-1])
