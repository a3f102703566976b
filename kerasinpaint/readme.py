"""Writes what the demo and the benchmark measured into the README.

`python -m kerasinpaint.readme`, after both, from the repository.
"""

import re
from pathlib import Path

from kerasinpaint import data, figures, images

OUTPUT = Path("output")
PICTURES = {
    "demo.jpg": "demo.png",
    "benchmark_curves.jpg": "benchmark/curves.jpg",
    "benchmark_pictures.jpg": "benchmark/pictures.jpg",
}
REPORTS = ("quality", "speed")
SECTIONS = 3  # how many of each report


def filled_in(text, name, report):
    """README text with the first sections of a report at its mark.

    Args:
        text: str, with the marks `<!-- NAME: ... -->` and `<!-- /NAME -->`.
        name: str, "quality" or "speed".
        report: str, Markdown with sections headed by `## `.

    Returns:
        The text with all between the marks replaced.

    Raises:
        ValueError: if the marks are not there.

    Example:

    >>> text = "<!-- quality: by hand -->old<!-- /quality -->"
    >>> report = "# Speed\\n## A\\nnew\\n## B\\ntoo\\n## C\\nlast\\n## D"
    >>> print(filled_in(text, "quality", report))
    <!-- quality: by hand -->
    <BLANKLINE>
    **A**
    new
    <BLANKLINE>
    **B**
    too
    <BLANKLINE>
    **C**
    last
    <BLANKLINE>
    <!-- /quality -->
    """
    marks = re.compile(f"(<!-- {name}:.*?-->).*(<!-- /{name} -->)", re.S)
    if not marks.search(text):
        raise ValueError(
            f"The README must have the marks <!-- {name}: ... --> and "
            f"<!-- /{name} -->. Received a text without them."
        )
    chosen = report.split("\n## ")[1 : SECTIONS + 1]
    body = "\n\n".join(
        "**" + section.strip().replace("\n", "**\n", 1) for section in chosen
    )
    return marks.sub(lambda m: f"{m[1]}\n\n{body}\n\n{m[2]}", text)


def main(root=data.ROOT.parent, output=OUTPUT):
    """Fills in the README of `root` from the folder `output`."""
    readme = Path(root) / "README.md"
    text = readme.read_text(encoding="utf-8")
    for name in REPORTS:
        report = Path(output) / "benchmark" / f"{name}.md"
        text = filled_in(text, name, report.read_text(encoding="utf-8"))
    for target, source in PICTURES.items():
        picture = images.read_image(Path(output) / source)
        images.write_image(Path(root) / "images" / target, picture)
    figures.mask_figure(Path(root) / "images" / "masks.jpg")
    readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
