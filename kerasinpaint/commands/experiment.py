"""`kerasinpaint experiment`: which parts of structure and texture pay."""

from kerasinpaint.commands import add_command, positive

EXAMPLES = """
  kerasinpaint experiment
  kerasinpaint experiment --recipes "structure,structure - gates" --seeds 5
  kerasinpaint experiment --list

Stopped or killed, it goes on where it was when it is started again.
"""


def add_parser(subparsers):
    """Adds the command `experiment`."""
    parser = add_command(
        subparsers,
        "experiment",
        "Train recipes with several seeds, and compare them.",
        EXAMPLES,
        run,
    )
    parser.add_argument(
        "--recipes",
        metavar="A,B",
        type=lambda names: [name.strip() for name in names.split(",")],
        help="which, separated by commas; the whole of a stage is what its "
        "others are compared with (default: all)",
    )
    parser.add_argument(
        "--list", action="store_true", help="list the recipes, and stop"
    )
    parser.add_argument(
        "--seeds",
        type=positive,
        default=3,
        metavar="N",
        help="train each with seeds 0 to N - 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--epochs",
        type=positive,
        default=3,
        metavar="N",
        help="hundreds of steps of each (default: %(default)s)",
    )
    parser.add_argument(
        "--data",
        default="photos",
        help="photos (the embedded ones), a folder of pictures, or the name "
        "of a data set (default: %(default)s)",
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        default="output/experiment",
        help="folder of runs and tables (default: %(default)s)",
    )


def run(arguments):
    """Trains and compares, or lists the recipes."""
    from kerasinpaint import ablations
    from kerasinpaint.experiment import experiment

    if arguments.list:
        print("\n".join(ablations.recipes()))
        return 0
    experiment(
        arguments.recipes,
        range(arguments.seeds),
        arguments.output,
        arguments.data,
        arguments.epochs,
    )
    return 0
