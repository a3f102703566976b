"""`kerasinpaint train`: makes weights again, or makes your own."""

from kerasinpaint.commands import add_command, positive

EXAMPLES = """
  kerasinpaint train pconv
  kerasinpaint train pconv --data my_photos --output output/mine
  kerasinpaint train pconv_cifar10 --data cifar10 --epochs 2

Stopped or killed, it goes on from the last completed epoch when it is
started again. Watch it with `tensorboard --logdir output`. The weights are
a method: kerasinpaint fill PHOTO --method output/pconv/weights.npz ...
Those of `sample` and `scene` are not: what they are for is said in the end.
"""


def add_parser(subparsers):
    """Adds the command `train`."""
    parser = add_command(
        subparsers, "train", "Train a network by a recipe.", EXAMPLES, run
    )
    parser.add_argument(
        "recipe",
        metavar="RECIPE",
        nargs="?",
        help="which network to train, and how; without it, all are listed",
    )
    parser.add_argument(
        "--data",
        help="photos (the embedded ones), a folder of pictures, or the name "
        "of a data set of TensorFlow Datasets (default: the recipe's)",
    )
    parser.add_argument(
        "--epochs", type=positive, metavar="N", help="(default: the recipe's)"
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        help="folder of checkpoint, logs and weights (default: output/RECIPE)",
    )
    parser.add_argument(
        "--resume",
        choices=("yes", "no"),
        default="yes",
        help="whether to go on from a checkpoint in DIR (default: %(default)s)",
    )
    parser.add_argument(
        "--wandb",
        metavar="PROJECT",
        help="log to this project of Weights & Biases, too",
    )


def run(arguments):
    """Trains, or lists the recipes."""
    from kerasinpaint import training

    if arguments.recipe is None:
        for recipe in training.RECIPES.values():
            print(f"{recipe.__name__}\n    {recipe.__doc__.strip()}\n")
        return 0
    training.train(
        arguments.recipe,
        arguments.data,
        arguments.output,
        arguments.epochs,
        resume=arguments.resume == "yes",
        wandb=arguments.wandb,
    )
    return 0
