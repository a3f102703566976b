"""The command `kerasinpaint`: reads its arguments and runs one command."""

import argparse
import os
import sys
import warnings

from kerasinpaint import commands
from kerasinpaint.commands import (
    benchmark,
    convert,
    demo,
    evaluate,
    experiment,
    export,
    fill,
    mask,
    methods,
    remove,
    segment,
    train,
    tune,
)

EXAMPLES = """examples:
  kerasinpaint demo
  kerasinpaint fill photo.jpg --mask mask.png --output restored.png
  kerasinpaint fill --help
"""


def build_parser():
    """Builds the parser of all commands.

    Returns:
        An `ArgumentParser`; what it parses has `run`, a function from the
        arguments to the exit code.
    """
    parser = argparse.ArgumentParser(
        prog="kerasinpaint",
        description="Fills the missing part of a picture.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    for command in (
        fill,
        remove,
        segment,
        mask,
        methods,
        train,
        tune,
        evaluate,
        benchmark,
        experiment,
        convert,
        export,
        demo,
    ):
        command.add_parser(subparsers)
    return parser


def main(argv=None):
    """Runs one command, and tells mistakes in one line.

    Args:
        argv: list of strings, the arguments. If `None`, those of the
            process.

    Returns:
        int, the exit code: 0 when all went well, 1 after a mistake, 130
        when interrupted. (Usage errors leave with `SystemExit(2)`.)
    """
    arguments = build_parser().parse_args(argv)
    with warnings.catch_warnings():
        # TensorFlow tells of every library that it looked for.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = _show_warning
        try:
            code = arguments.run(arguments)
            sys.stdout.flush()
            return code
        except KeyboardInterrupt:
            print("kerasinpaint: interrupted", file=sys.stderr)
            return 130
        except BrokenPipeError:
            # The reader has left, as `head` does. Python flushes once more
            # at its end, and must find somebody who listens.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except commands.MISTAKES as error:
            line = commands.one_line(error)
            print(f"kerasinpaint: error: {line}", file=sys.stderr)
            return 1


def _show_warning(message, category, filename, lineno, file=None, line=None):
    line = commands.one_line(message)
    print(f"kerasinpaint: warning: {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
