"""`kerasinpaint demo`: a damaged photograph restored by every method."""

import os
import shlex
import shutil
import time
from pathlib import Path

from kerasinpaint.commands import add_command

EXAMPLES = """
  kerasinpaint demo
  kerasinpaint demo --output restored.png
"""
OUTPUT = Path("output/demo.png")


def add_parser(subparsers):
    """Adds the command `demo`."""
    parser = add_command(
        subparsers,
        "demo",
        "Restore a damaged photograph with every method.",
        EXAMPLES,
        run,
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=OUTPUT,
        help="picture to write (default: %(default)s, replaced if it exists)",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace another --output"
    )


def run(arguments):
    """Restores the photograph, prints a table and writes one picture."""
    from kerasinpaint import data, masks, plots

    _check_output(arguments)
    examples = {example["name"]: example for example in data.examples()}
    example = examples.get("torn") or next(iter(examples.values()))
    height, width = example["mask"].shape[:2]
    ratio = masks.hole_ratio(example["mask"])
    print(
        f"A photograph of {width} x {height} pixels, of which {ratio:.0%} "
        "are lost. Restoring it."
    )
    rows, filled = _restore(example)
    _print_table(rows)
    plots.side_by_side(
        arguments.output,
        {
            "damaged": example["damaged"],
            **filled,
            "original": example["original"],
        },
    )
    print(f"\nSide by side: {arguments.output}")
    _print_next(example["name"])
    return 0


def _check_output(arguments):
    import numpy as np

    from kerasinpaint import picture_files

    # Looked at first: nobody wants to wait for what is then not written.
    picture_files.check_target(
        arguments.output,
        np.zeros((1, 1, 3), np.uint8),
        overwrite=arguments.overwrite or arguments.output == OUTPUT,
    )


def _restore(example):
    """Rows of the table, and the pictures by method."""
    import numpy as np

    from kerasinpaint import benchmark, methods

    image, mask = example["damaged"], example["mask"]
    small = np.ones((16, 16, 3), np.float32)
    small_mask = np.ones((16, 16, 1), np.uint8)
    small_mask[8, 8] = 0
    rows, filled = [], {}
    for name in methods.names():
        method = methods.get(name)
        method(small, small_mask)  # the first call imports and compiles
        start = time.perf_counter()
        filled[name] = method(image, mask)
        seconds = time.perf_counter() - start
        scores = benchmark.scores(example["original"], filled[name], mask)
        rows.append([name, seconds, scores["hole_psnr"], scores["ssim"]])
    return rows, filled


def _print_table(rows):
    from tabulate import tabulate

    headers = ["method", "seconds", "hole PSNR (dB)", "SSIM"]
    formats = ("", ".3f", ".2f", ".4f")
    print()
    print(tabulate(rows, headers, tablefmt="github", floatfmt=formats))
    print("\nSeconds are without the first call, which compiles.")


def _print_next(name):
    """Prints commands that work as they stand, here and now."""
    from kerasinpaint import data

    # `make demo` does not activate the environment.
    activated = shutil.which("kerasinpaint")
    command = "kerasinpaint" if activated else ".venv/bin/kerasinpaint"
    example = shlex.quote(os.path.relpath(data.ROOT / "examples" / name))
    print(f"""
Try next:
  {command} methods
  {command} mask --kind scratches --count 3 --output output/masks
  {command} fill {example}_damaged.png --mask {example}_mask.png \\
      --output output/{name}.png --method telea

The last works with any photograph, and a mask in which white marks the
hole.""")
