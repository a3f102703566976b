"""`kerasinpaint tune`: finds the settings that train best."""

from kerasinpaint.commands import add_command, positive

EXAMPLES = """
  kerasinpaint tune
  kerasinpaint tune --space large --data my_photos --output output/mine
  tensorboard --logdir output/tune_s1/logs

Stopped or killed, it goes on when it is started again. To share it, start
one chief, and workers, each with another id, all with the same arguments:
  export KERASTUNER_ORACLE_IP=127.0.0.1 KERASTUNER_ORACLE_PORT=8123
  KERASTUNER_TUNER_ID=chief kerasinpaint tune &
  KERASTUNER_TUNER_ID=worker_1 kerasinpaint tune &
  KERASTUNER_TUNER_ID=worker_2 kerasinpaint tune
"""


def add_parser(subparsers):
    """Adds the command `tune`."""
    parser = add_command(
        subparsers,
        "tune",
        "Train autoencoders at many settings, and compare them.",
        EXAMPLES,
        run,
    )
    parser.add_argument(
        "--space",
        choices=("s1", "large"),
        default="s1",
        help="s1: dropout and optimizer, all 12 combinations; large: also "
        "loss, learning rate and width, by Hyperband (default: %(default)s)",
    )
    parser.add_argument(
        "--data",
        default="photos",
        help="photos (the embedded ones), a folder of pictures, or the name "
        "of a data set of TensorFlow Datasets (default: %(default)s)",
    )
    parser.add_argument(
        "--trials", type=positive, metavar="N", help="at most (default: all)"
    )
    parser.add_argument(
        "--epochs",
        type=positive,
        metavar="N",
        default=9,
        help="of the longest trial, 960 pictures each (default: %(default)s)",
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        help="folder of logs, table and figure (default: output/tune_SPACE)",
    )
    parser.add_argument(
        "--resume",
        choices=("yes", "no"),
        default="yes",
        help="whether to go on with the sweep in DIR (default: %(default)s)",
    )


def run(arguments):
    """Runs a sweep, or this process's part of it."""
    from kerasinpaint import tuning

    tuning.tune(
        arguments.space,
        arguments.data,
        arguments.trials,
        arguments.epochs,
        arguments.output,
        arguments.resume == "yes",
    )
    return 0
