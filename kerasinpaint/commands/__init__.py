"""The commands of `kerasinpaint`, one file each.

A command has `add_parser(subparsers)` and `run(arguments)`, which returns
the exit code. What takes time to import is imported in `run`, so that the
help is there at once.
"""

import argparse

# What a user can cause and mend, told in one line. All else is a bug of
# ours, and keeps its traceback.
MISTAKES = (ValueError, OSError, MemoryError, ImportError)


def add_command(subparsers, name, help_text, examples, run):
    """Adds a command whose help ends with examples.

    Args:
        subparsers: what `ArgumentParser.add_subparsers` returned.
        name: string, how the command is called.
        help_text: string, one sentence about it.
        examples: string, lines to be shown as they are.
        run: function from the parsed arguments to the exit code. It may
            call `arguments.usage_error(message)`, which shows the usage
            and exits with 2.

    Returns:
        The `ArgumentParser` of the command.
    """
    parser = subparsers.add_parser(
        name,
        help=help_text,
        description=help_text,
        epilog="examples:\n" + examples.strip("\n"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, usage_error=parser.error)
    return parser


def add_method(parser):
    """Adds the option `--method`, as what fills has it."""
    parser.add_argument(
        "--method",
        default="lama",
        help="one of `kerasinpaint methods`, or a .npz file of weights "
        "(default: %(default)s)",
    )


def add_overwrite(parser):
    """Adds the option `--overwrite`."""
    parser.add_argument(
        "--overwrite", action="store_true", help="replace what exists"
    )


def positive(text):
    """A whole number above 0, as a `type` of `add_argument`.

    Args:
        text: string.

    Returns:
        int.

    Raises:
        argparse.ArgumentTypeError: if it is none.
    """
    try:
        number = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"invalid int value: {text!r}"
        ) from error
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be positive, not {number}")
    return number


def one_line(message):
    r"""What an error or a warning says, without line breaks.

    Args:
        message: exception or string.

    Returns:
        A string of one line.

    Example:

    >>> one_line(ValueError("The mask\n  does not fit."))
    'The mask does not fit.'
    >>> one_line(PermissionError(13, "Permission denied", "out.png"))
    'out.png: Permission denied'
    """
    if isinstance(message, OSError) and message.filename is not None:
        message = f"{message.filename}: {message.strerror}"
    return " ".join(str(message).split()) or type(message).__name__
