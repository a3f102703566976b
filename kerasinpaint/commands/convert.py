"""`kerasinpaint convert`: makes a method of a published checkpoint."""

from pathlib import Path

from kerasinpaint.commands import add_command

EXAMPLES = """
  kerasinpaint convert places --to big_lama.npz
  kerasinpaint convert big-lama/models/best.ckpt --to big_lama.npz
  kerasinpaint fill photo.jpg --mask mask.png --method big_lama.npz

Reads LaMa (TorchScript `.pt`, PyTorch Lightning `.ckpt`) and MAT (`.pkl`).
Nothing in the file is executed: one that calls anything is refused.
"""


def add_parser(subparsers):
    """Adds the command `convert`."""
    parser = add_command(
        subparsers,
        "convert",
        "Read a published checkpoint of PyTorch.",
        EXAMPLES,
        run,
    )
    parser.add_argument(
        "checkpoint",
        metavar="CHECKPOINT",
        help="file of PyTorch, or `places`: big-lama, downloaded once",
    )
    parser.add_argument(
        "--to",
        metavar="FILE",
        required=True,
        help="where the weights go; the name must end in .npz",
    )


def run(arguments):
    """Converts, or leaves nothing written."""
    target = Path(arguments.to)
    if target.suffix != ".npz":
        raise ValueError(
            f"`--to` must be a name that ends in .npz. Received: {target}."
        )
    import numpy as np

    from kerasinpaint import networks, weights
    from kerasinpaint.models import downloads, lama, mat, published

    path = arguments.checkpoint
    if path in downloads.WEIGHTS:
        path = downloads.path_of(path)
    arrays = published.read(path)
    model = mat if published.prefixes(arrays, mat.SIGN) else lama
    network = model.from_arrays(arrays)
    known = networks.published()
    if network.name not in known:
        raise ValueError(
            f"A published network must be one of {', '.join(known)}. "
            f"Received: {network.name}."
        )
    weights.save(network, target, network.name, np.float32)
    print(f"{target}: {network.name}, {network.count_params():,} weights")
    return 0
