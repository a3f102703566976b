"""`kerasinpaint benchmark`: the tables of quality and of speed."""

from kerasinpaint.commands import add_command

EXAMPLES = """
  kerasinpaint benchmark quality
  kerasinpaint benchmark quality --methods fmm,telea
  kerasinpaint benchmark speed --output output/benchmark
"""


def add_parser(subparsers):
    """Adds the command `benchmark` with `quality` and `speed`."""
    parser = add_command(
        subparsers, "benchmark", "Measure the methods.", EXAMPLES, run_quality
    )
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    quality = add_command(
        kinds,
        "quality",
        "Fill the test pictures with each method, by hole ratio.",
        EXAMPLES,
        run_quality,
    )
    quality.add_argument(
        "--methods",
        metavar="A,B",
        type=lambda names: names.split(","),
        help="methods to measure, separated by commas (default: all)",
    )
    speed = add_command(
        kinds,
        "speed",
        "Time fast marching beside OpenCV, and the mask generators.",
        EXAMPLES,
        run_speed,
    )
    for parser in (quality, speed):
        parser.add_argument(
            "--output",
            metavar="DIR",
            default="output/benchmark",
            help="folder for tables and figures (default: %(default)s)",
        )


def run_quality(arguments):
    """Measures the methods' quality."""
    from kerasinpaint import benchmark

    benchmark.quality(arguments.methods, output=arguments.output)
    return 0


def run_speed(arguments):
    """Measures speed."""
    from kerasinpaint import benchmark

    benchmark.speed(output=arguments.output)
    return 0
