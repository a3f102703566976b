"""`kerasinpaint fill`: fills the holes of one picture, or of a folder's."""

import argparse
from pathlib import Path

from kerasinpaint.commands import (
    MISTAKES,
    add_command,
    add_method,
    add_overwrite,
    one_line,
)

EXAMPLES = """
  kerasinpaint fill photo.jpg --mask mask.png --output restored.png
  kerasinpaint fill photo.png --hole-color '#000000' --output restored.png
  kerasinpaint fill photos --mask masks --output restored --method telea

A folder's pictures are filled with the masks of the same names; the ending
may differ: photos/a.jpg with masks/a.png is written to restored/a.jpg.
Known pixels are kept exactly in PNG, TIFF, WebP and BMP; JPEG is lossy.
"""


def add_parser(subparsers):
    """Adds the command `fill`."""
    parser = add_command(
        subparsers, "fill", "Fill the holes of a picture.", EXAMPLES, run
    )
    parser.add_argument(
        "photo", metavar="PHOTO", type=Path, help="a picture, or a folder"
    )
    _add_holes(parser)
    parser.add_argument(
        "--output", type=Path, required=True, help="file or folder to write"
    )
    add_method(parser)
    parser.add_argument(
        "--refine",
        action="store_true",
        help="LaMa only: large pictures at several sizes (slow)",
    )
    add_overwrite(parser)


def _add_holes(parser):
    holes = parser.add_mutually_exclusive_group(required=True)
    holes.add_argument(
        "--mask",
        type=Path,
        help="a picture in which white marks the hole, or a folder of them",
    )
    holes.add_argument(
        "--hole-color",
        metavar="'#RRGGBB'",
        help="instead of a mask: the colour that marks the hole in PHOTO",
    )
    parser.add_argument(
        "--hole",
        choices=("white", "black"),
        help="what marks the hole in the mask (default: white)",
    )
    parser.add_argument(
        "--tolerance",
        metavar="0-255",
        type=_tolerance,
        help="how far each channel may be from --hole-color (default: 0)",
    )


def _tolerance(text):
    if not text.isdecimal() or int(text) > 255:
        raise argparse.ArgumentTypeError(
            f"expected a number from 0 to 255, received {text!r}"
        )
    return int(text)


def run(arguments):
    """Fills one picture, or each of a folder."""
    if arguments.hole is not None and arguments.mask is None:
        arguments.usage_error("argument --hole: allowed only with --mask")
    if arguments.tolerance is not None and arguments.hole_color is None:
        arguments.usage_error(
            "argument --tolerance: allowed only with --hole-color"
        )
    from kerasinpaint import methods

    method = methods.get(arguments.method, arguments.refine)
    if arguments.photo.is_dir():
        return _fill_folder(arguments, method)
    if arguments.output.is_dir():
        raise ValueError(
            "`--output` must be a file, as PHOTO is one. "
            f"Received: the folder {arguments.output}."
        )
    share = _fill_file(
        arguments, method, arguments.photo, arguments.mask, arguments.output
    )
    if share > 0:
        print(f"Filled {share:.1%} of the picture into {arguments.output}.")
    return 0


def _fill_file(arguments, method, photo, mask_path, output, say=print):
    from kerasinpaint import images, masks, picture_files

    array = images.read_array(photo)
    # Looked at first: nobody wants to wait for what is then not written.
    picture_files.check_target(output, array, arguments.overwrite)
    if mask_path is None:
        mask = images.mask_from_color(
            array, arguments.hole_color, arguments.tolerance or 0
        )
    else:
        mask = images.read_mask(
            mask_path, array.shape[:2], arguments.hole or "white"
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    if mask.all():
        _write_without_hole(arguments, photo, array, output, say)
    else:
        filled = method(images.to_image(array), mask)
        _write(arguments, photo, images.paste(array, filled, mask), output)
    return masks.hole_ratio(mask)


def _write(arguments, photo, array, output):
    from kerasinpaint import picture_files, picture_metadata

    metadata = picture_metadata.read_metadata(photo, array, output)
    picture_files.write_array(output, array, arguments.overwrite, metadata)


def _write_without_hole(arguments, photo, array, output, say):
    from kerasinpaint import picture_files

    formats = picture_files.FORMATS
    kinds = [formats.get(path.suffix.lower()) for path in (photo, output)]
    if kinds[0] == kinds[1]:
        say(f"{photo} has no hole; it is copied.")
        picture_files.write_bytes(output, photo.read_bytes())
    else:
        say(f"{photo} has no hole; it is converted to {kinds[1]}.")
        _write(arguments, photo, array, output)


def _fill_folder(arguments, method):
    from tqdm import tqdm

    output = arguments.output
    if output.exists() and not output.is_dir():
        raise ValueError(
            "`--output` must be a folder, as PHOTO is one. "
            f"Received: the file {output}."
        )
    photos = _pictures(arguments.photo)
    masks = None
    if arguments.mask is not None:
        masks = _by_stem(_pictures(arguments.mask))
    failures, whole = [], 0
    for photo in tqdm(photos, unit="picture"):
        try:
            mask = None if masks is None else _mask_of(photo, masks)
            share = _fill_file(
                arguments, method, photo, mask, output / photo.name, tqdm.write
            )
            whole += share == 0
        except MISTAKES as error:
            failures.append(f"{photo.name}: {one_line(error)}")
    filled = len(photos) - len(failures) - whole
    print(f"Filled {filled} of {len(photos)} pictures into {output}.")
    if whole:
        print(f"Without a hole: {whole}.")
    if failures:
        print("Failed:", *failures, sep="\n  ")
    return 1 if failures else 0


def _pictures(folder):
    """The pictures in a folder, sorted by name."""
    from kerasinpaint import images

    if not folder.is_dir():
        raise ValueError(
            f"`--mask` must be a folder, as PHOTO is one. Received: {folder}."
        )
    paths = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in images.FORMATS
        and not path.name.startswith(".")
    )
    if not paths:
        raise ValueError(
            f"{folder} must hold pictures ({', '.join(images.FORMATS)}). "
            "Received: none."
        )
    return paths


def _by_stem(paths):
    """Lists of paths by their names without ending."""
    groups = {}
    for path in paths:
        groups.setdefault(path.stem, []).append(path)
    return groups


def _mask_of(photo, masks):
    found = masks.get(photo.stem, [])
    if len(found) > 1:  # a.jpg and a.png: the very same name decides
        found = [path for path in found if path.name == photo.name] or found
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise ValueError(
            f"one mask must be named {photo.stem}. Received: {names}."
        )
    return found[0]
