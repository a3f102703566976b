"""`kerasinpaint segment`: what a photograph shows, and what is behind it."""

import csv
from pathlib import Path

from kerasinpaint.commands import (
    add_command,
    add_method,
    add_overwrite,
    positive,
)

EXAMPLES = """
  kerasinpaint segment photo.jpg --output found
  kerasinpaint segment photo.jpg --iterations 3 --method lama --output found
  kerasinpaint segment photo.jpg --segmenter deeplab_v3_plus --output found

Writes to the folder: labels.png, of each pixel the number of its class;
overlay.png; for each object its mask with what is hidden of it, 1_bird.png
and so on, white; objects.csv, with the label that each has in labels.png and
what it stands in front of; and steps.png, the loop from left to right.
"""
FILES = "labels.png", "overlay.png", "objects.csv", "steps.png"
COLUMNS = "object,class,label,in front of,iteration,score,visible,amodal"
COLUMNS = COLUMNS.split(",")


def add_parser(subparsers):
    """Adds the command `segment`."""
    parser = add_command(
        subparsers,
        "segment",
        "Segment a picture, cut out what is in front, fill, and again.",
        EXAMPLES,
        run,
    )
    parser.add_argument("photo", metavar="PHOTO", type=Path)
    parser.add_argument("--output", metavar="DIR", type=Path, required=True)
    parser.add_argument(
        "--iterations",
        type=int,
        default=3,
        help="the most that are made; 0 only segments (default: %(default)s)",
    )
    parser.add_argument(
        "--segmenter",
        metavar="NAME",
        default="sample",
        help="sample, deeplab_v3_plus, segformer, sam, or a .npz or .tflite "
        "file (default: %(default)s)",
    )
    add_method(parser)
    parser.add_argument(
        "--peel",
        choices=("front", "all"),
        default="front",
        help="cut out what stands in front, or all that was found "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--size",
        metavar="PX",
        type=positive,
        default=512,
        help="larger pictures are looked at with their longer side reduced "
        "to this; masks are enlarged again (default: %(default)s)",
    )
    add_overwrite(parser)


def run(arguments):
    """Runs the loop, and writes what it has found."""
    from kerasinpaint import images, methods, segment_loop, segmenters

    if arguments.output.exists() and not arguments.output.is_dir():
        raise ValueError(
            f"`--output` must be a folder. Received: {arguments.output}."
        )
    if arguments.output.resolve() == arguments.photo.resolve().parent:
        raise ValueError(
            "`--output` must be another folder than that of PHOTO, which "
            f"could be replaced. Received: {arguments.output}."
        )
    folder = arguments.output
    if folder.exists() and any(folder.iterdir()) and not arguments.overwrite:
        raise FileExistsError(
            f"{folder} is not empty. Pass `--overwrite` to replace what was "
            "found before."
        )
    segmenter = segmenters.get(arguments.segmenter)
    image = images.read_image(arguments.photo)
    found = segment_loop.segment_with_inpainting(
        images.at_most(image, arguments.size),
        segmenter,
        methods.get(arguments.method),
        arguments.iterations,
        arguments.peel,
    )
    for path in _former(folder):  # There may be fewer objects now.
        path.unlink()
    _write(folder, image, found)
    _tell(found)
    print(f"Masks and pictures: {folder}")
    return 0


def _enlarged(labels, image):
    import cv2

    sides = image.shape[1::-1]
    return cv2.resize(labels, sides, interpolation=cv2.INTER_NEAREST)


def _former(folder):
    """Files of a run before, which has found what this one may not."""
    listed = []
    if (folder / "objects.csv").exists():
        with open(folder / "objects.csv", newline="") as file:
            for row in csv.DictReader(file):
                # A name alone: the list may be from anywhere.
                name = f"{row.get('object')}_{row.get('class')}.png"
                listed.append(Path(name).name)
    names = [*FILES, *listed]
    return [folder / name for name in names if (folder / name).is_file()]


def _write(folder, image, found):
    import numpy as np
    import pandas

    from kerasinpaint import images, plots

    folder.mkdir(parents=True, exist_ok=True)
    labels = _enlarged(found.labels.astype(np.uint8), image)
    images.write_image(folder / "labels.png", labels)
    images.write_image(folder / "overlay.png", plots.overlay(image, labels))
    for number, one in enumerate(found.objects, 1):
        mask = _enlarged(255 * one.amodal.astype(np.uint8), image)
        images.write_image(folder / f"{number}_{one.name}.png", mask)
    rows = [
        {
            "object": number,
            "class": one.name,
            "label": one.label,
            "in front of": _behind(found, number - 1),
            "iteration": one.iteration,
            "score": round(one.score, 3),
            "visible": round(one.visible.mean(), 5),
            "amodal": round(one.amodal.mean(), 5),
        }
        for number, one in enumerate(found.objects, 1)
    ]
    rows = pandas.DataFrame(rows, columns=COLUMNS)
    rows.to_csv(folder / "objects.csv", index=False)
    plots.picture_grid(folder / "steps.png", _steps(found))


def _behind(found, place):
    """Numbers of the objects behind one, as a text."""
    return " ".join(str(b + 1) for a, b in found.order if a == place)


def _steps(found):
    """The pictures of the loop, each above what is seen in it."""
    from kerasinpaint import plots

    titles = [
        f"{number} cut out" if number else "picture"
        for number in range(len(found.steps))
    ]
    return {
        "seen": {
            title: step.image
            for title, step in zip(titles, found.steps, strict=True)
        },
        "segmented": {
            title: plots.overlay(step.image, step.labels)
            for title, step in zip(titles, found.steps, strict=True)
        },
    }


def _tell(found):
    for number, one in enumerate(found.objects, 1):
        hidden = one.amodal.sum() / one.visible.sum() - 1
        more = f", {hidden:.0%} more behind others" if hidden > 0.005 else ""
        print(
            f"{number}: {one.name}, {one.visible.mean():.1%} of the picture"
            f"{more}, score {one.score:.2f}"
        )
    if not found.objects:
        print("Nothing was found.")
    if found.hallucinations:
        print(f"Left out as hallucinations: {len(found.hallucinations)}.")
