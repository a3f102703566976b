"""`kerasinpaint mask`: draws masks into a folder."""

import argparse
from pathlib import Path

from kerasinpaint.commands import add_command, add_overwrite

EXAMPLES = """
  kerasinpaint mask --kind scratches --output masks
  kerasinpaint mask --kind water --size 512x512 --ratio 0.1-0.2 \\
      --count 10 --seed 0 --output masks
  kerasinpaint mask --kind boundary --labels labels.png --output masks

White marks the hole. Mask number n of a seed is the same whatever --count.
"""

# Name, default, least and most.
NUMBERS = [("--count", 1, 1, 100_000), ("--seed", 0, 0, 2**32 - 1)]


def add_parser(subparsers):
    """Adds the command `mask`."""
    parser = add_command(
        subparsers, "mask", "Draw masks and write them as PNG.", EXAMPLES, run
    )
    kinds = {"metavar": "KIND", "help": "one of %(choices)s"}
    parser.add_argument("--kind", required=True, choices=_Kinds(), **kinds)
    parser.add_argument(
        "--size",
        metavar="WIDTHxHEIGHT",
        type=_size,
        help="in pixels (default: that of --labels, or 512x512)",
    )
    parser.add_argument(
        "--ratio",
        metavar="LOW-HIGH",
        type=_ratio,
        help="share of the picture that is hole (default: as it comes)",
    )
    for name, default, low, high in NUMBERS:
        parser.add_argument(
            name,
            type=_whole_number(low, high),
            default=default,
            help=f"{low} to {high} (default: %(default)s)",
        )
    parser.add_argument(
        "--labels",
        type=Path,
        help="label map as PNG, grey or palette, for the kinds that follow "
        "objects (default: a random one)",
    )
    folder = {"metavar": "DIR", "help": "folder to write to"}
    parser.add_argument("--output", type=Path, required=True, **folder)
    add_overwrite(parser)


class _Kinds:
    """All kinds of masks, imported only when somebody looks at them."""

    def __iter__(self):
        from kerasinpaint import masks, object_masks

        return iter([*masks.GENERATORS, *object_masks.GENERATORS])


def _size(text):
    """Parses `WIDTHxHEIGHT`.

    >>> _size("640x480")
    (640, 480)
    """
    try:
        width, height = map(int, text.lower().split("x"))
    except ValueError:
        width = height = 0
    if width < 1 or height < 1:
        raise argparse.ArgumentTypeError(
            f"expected WIDTHxHEIGHT, as 512x512, received {text!r}"
        )
    from kerasinpaint.picture_files import MAX_PIXELS

    if width * height > MAX_PIXELS:
        raise argparse.ArgumentTypeError(
            f"expected at most {MAX_PIXELS} pixels, received {text!r}"
        )
    return width, height


def _ratio(text):
    """Parses `LOW-HIGH`.

    >>> _ratio("0.1-0.25")
    (0.1, 0.25)
    """
    try:
        low, high = map(float, text.split("-"))
    except ValueError:
        low = high = 0.0
    if not 0 <= low < high <= 1:
        raise argparse.ArgumentTypeError(
            f"expected LOW-HIGH in 0 to 1, as 0.1-0.2, received {text!r}"
        )
    return low, high


def _whole_number(low, high):
    """A parser of whole numbers from `low` to `high`.

    >>> _whole_number(1, 5)("3")
    3
    """

    def parse(text):
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not low <= number <= high:
            raise argparse.ArgumentTypeError(
                f"expected a whole number, {low} to {high}, received {text!r}"
            )
        return number

    return parse


def run(arguments):
    """Draws the masks and says how much of them is hole."""
    import numpy as np
    from tqdm import tqdm

    from kerasinpaint import images, masks

    draw = _drawer(arguments)
    paths = _paths(arguments)
    ratios = []
    # No bar where nobody looks (disable=None), and none for an instant.
    for index, path in enumerate(tqdm(paths, disable=None, delay=1)):
        # A generator for each, so that more masks do not change the first.
        mask = draw(np.random.default_rng([arguments.seed, index]))
        # Not before there is something to put into it.
        arguments.output.mkdir(parents=True, exist_ok=True)
        images.write_mask(path, mask, overwrite=arguments.overwrite)
        ratios.append(masks.hole_ratio(mask))
    print(
        f"Wrote {len(paths)} masks into {arguments.output}, holes "
        f"{min(ratios):.1%} to {max(ratios):.1%} of the picture."
    )
    return 0


def _paths(arguments):
    digits = max(4, len(str(arguments.count - 1)))
    paths = [
        arguments.output / f"{arguments.kind}_{index:0{digits}}.png"
        for index in range(arguments.count)
    ]
    existing = [path for path in paths if path.exists()]
    if existing and not arguments.overwrite:
        raise FileExistsError(
            f"{existing[0]} exists already. Give --overwrite to replace it, "
            "or another --output."
        )
    return paths


def _drawer(arguments):
    """A function from a random generator to a mask of the wanted kind."""
    from kerasinpaint import masks, object_masks

    kind = arguments.kind
    labels = _labels(arguments)
    width, height = arguments.size or (512, 512)
    if labels is not None:
        height, width = labels.shape

    def draw(rng):
        generator = masks.GENERATORS.get(kind)
        if generator is None:
            scene = labels
            if scene is None:
                scene = object_masks.random_labels(height, width, rng)

            def generator(height, width, rng, **options):
                return object_masks.GENERATORS[kind](scene, rng, **options)

        if arguments.ratio is None:
            return generator(height, width, rng)
        return masks.with_hole_ratio(
            generator, height, width, rng, ratio=arguments.ratio
        )

    return draw


def _labels(arguments):
    """The label map given, or `None`."""
    import numpy as np
    from PIL import Image

    from kerasinpaint import images, object_masks

    if arguments.labels is None:
        return None
    if arguments.kind not in object_masks.GENERATORS:
        kinds = ", ".join(object_masks.GENERATORS)
        raise ValueError(
            f"`--labels` goes with --kind {kinds}. "
            f"Received: --kind {arguments.kind}."
        )
    # That refuses what is broken or far too large. It also makes colours of
    # a palette, whose indices are the labels, so these are read again.
    images.read_array(arguments.labels)
    with Image.open(arguments.labels) as file:
        labels = np.asarray(file)
    if labels.ndim != 2:
        raise ValueError(
            "A label map must be a grey or palette picture. "
            f"Received: {arguments.labels} of mode {file.mode}."
        )
    size = labels.shape[::-1]
    if arguments.size not in (None, size):
        raise ValueError(
            "`--size` must be that of the label map or be left out. "
            f"Received: {arguments.size}, label map {size}."
        )
    return labels.astype(np.int32)
