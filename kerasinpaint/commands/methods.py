"""`kerasinpaint methods`: what can fill a hole."""

from kerasinpaint.commands import add_command

EXAMPLES = """
  kerasinpaint methods
"""


def add_parser(subparsers):
    """Adds the command `methods`."""
    add_command(
        subparsers, "methods", "List the methods that fill.", EXAMPLES, run
    )


def run(arguments):
    """Prints each method's name and the first line of its docstring."""
    from kerasinpaint import methods

    names = [*methods.names(), *methods.SMALL]
    width = max(map(len, names))
    for name in names:
        description = methods.get(name).__doc__.strip().splitlines()[0]
        print(f"{name:{width}}  {description}")
    return 0
