"""`kerasinpaint evaluate`: scores a method, or weights, on your pictures."""

from kerasinpaint.commands import add_command

EXAMPLES = """
  kerasinpaint evaluate fmm --data my_photos --split all --output output/scores
  kerasinpaint evaluate output/pconv/weights.npz --size 128
"""


def add_parser(subparsers):
    """Adds the command `evaluate`."""
    parser = add_command(
        subparsers,
        "evaluate",
        "Score a method by hole ratio, as `benchmark quality` does.",
        EXAMPLES,
        run,
    )
    parser.add_argument(
        "method",
        metavar="METHOD_OR_WEIGHTS",
        help="one of `kerasinpaint methods`, or the path of a .npz file "
        "that `kerasinpaint train` has written",
    )
    parser.add_argument(
        "--data",
        default="photos",
        help="photos (the embedded ones), a folder of pictures, or the name "
        "of a data set (default: %(default)s)",
    )
    parser.add_argument(
        "--split",
        choices=("train", "validation", "test", "all"),
        default="test",
        help="part of the data: a network has seen what it was trained on "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--size",
        type=int,
        default=256,
        metavar="PIXELS",
        help="side to which pictures are cut; smaller ones are left out "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        default="output/evaluation",
        help="folder for tables and figures (default: %(default)s)",
    )


def run(arguments):
    """Fills the pictures and writes the tables."""
    from kerasinpaint import benchmark

    benchmark.quality(
        [arguments.method],
        output=arguments.output,
        source=arguments.data,
        split=arguments.split,
        size=arguments.size,
    )
    return 0
