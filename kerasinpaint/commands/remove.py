"""`kerasinpaint remove`: takes an object out of a photograph by its name."""

from pathlib import Path

from kerasinpaint.commands import (
    add_command,
    add_method,
    add_overwrite,
    positive,
)

EXAMPLES = """
  kerasinpaint remove photo.jpg --object bird --output without.png
  kerasinpaint remove photo.jpg --object dog --index 2 --output without.png \\
      --segmenter deeplab_v3_plus
  kerasinpaint remove photo.jpg --object bicycle --output without.png \\
      --detector dfine

`sample` is small, comes with the package, and knows five classes. It was
trained on cut-outs: of an object in a photograph it may miss a part, which
then stays. Others are downloaded once, and need `pip install
kerasinpaint[hub]`.
"""


def add_parser(subparsers):
    """Adds the command `remove`."""
    parser = add_command(
        subparsers,
        "remove",
        "Find an object by its name, cut it out, and fill its place.",
        EXAMPLES,
        run,
    )
    parser.add_argument("photo", metavar="PHOTO", type=Path)
    parser.add_argument(
        "--object", metavar="NAME", required=True, help="such as bird"
    )
    parser.add_argument(
        "--index",
        type=positive,
        help="which of several, 1 being the largest (default: all)",
    )
    parser.add_argument("--output", metavar="FILE", type=Path, required=True)
    looks = parser.add_mutually_exclusive_group()
    looks.add_argument(
        "--segmenter",
        metavar="NAME",
        default="sample",
        help="sample, deeplab_v3_plus, segformer, or a .npz or .tflite file "
        "(default: %(default)s)",
    )
    looks.add_argument(
        "--detector",
        metavar="NAME",
        help="instead of a segmenter: dfine, whose boxes Segment Anything "
        "turns into masks (43 and 375 MB), or GrabCut where that cannot be "
        "downloaded",
    )
    add_method(parser)
    add_overwrite(parser)


def run(arguments):
    """Removes, says what was found, and whether it is gone."""
    from kerasinpaint import images, methods, object_removal, picture_files

    array = images.read_array(arguments.photo)
    picture_files.check_target(arguments.output, array, arguments.overwrite)
    method = methods.get(arguments.method)
    look, known = _look(arguments)
    find = object_removal.finder(look)
    image = images.to_image(array)
    instances = find(image)
    chosen = _choose(instances, arguments, known)
    others = [one for one in instances if all(one is not c for c in chosen)]
    filled, mask, left = object_removal.remove(
        image, chosen, find, method, others
    )
    _write(arguments, array, images.paste(array, filled, mask))
    share = 1 - mask.mean()
    print(f"Filled {share:.1%} of the picture into {arguments.output}.")
    if left:
        print(f"Looked again: a {arguments.object} is still found there.")
        return 1
    print(f"Looked again: nothing there is found to be a {arguments.object}.")
    return 0


def _look(arguments):
    """What looks, and the names that it knows."""
    from kerasinpaint import detectors, segmenters

    if arguments.detector:
        look = detectors.get(arguments.detector)
    else:
        look = segmenters.get(arguments.segmenter)
    if getattr(look, "numbers", False):
        raise ValueError(
            "`--segmenter` must know names. Received: "
            f"{arguments.segmenter}, which numbers what it finds."
        )
    known = [name for name in look.classes if name != "background"]
    if arguments.object not in known:
        raise ValueError(
            f"`--object` must be one of {', '.join(known)}. "
            f"Received: {arguments.object!r}."
        )
    return look, known


def _write(arguments, array, result):
    from kerasinpaint import picture_files, picture_metadata

    output = arguments.output
    metadata = picture_metadata.read_metadata(arguments.photo, array, output)
    output.parent.mkdir(parents=True, exist_ok=True)
    picture_files.write_array(output, result, arguments.overwrite, metadata)


def _choose(instances, arguments, known):
    """The objects to be removed, after telling what was found."""
    import numpy as np

    total = [one for one in instances if one.name == arguments.object]
    for number, one in enumerate(total, 1):
        y, x = (int(np.mean(places)) for places in np.nonzero(one.place))
        print(
            f"{one.name} {number}: {one.place.mean():.1%} of the picture, "
            f"around x {x}, y {y}"
        )
    others = sorted({one.name for one in instances} - {arguments.object})
    if others:
        print(f"Also found: {', '.join(others)}.")
    if not total:
        raise ValueError(
            f"No {arguments.object} was found in {arguments.photo}. What can "
            f"be found: {', '.join(known)}. What was found: "
            f"{', '.join(others) or 'nothing'}."
        )
    if arguments.index is None:
        return total
    if arguments.index > len(total):
        raise ValueError(
            f"`--index` must be at most {len(total)}, as many as were found. "
            f"Received: {arguments.index}."
        )
    return [total[arguments.index - 1]]
