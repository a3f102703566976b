"""Writes what the demo and the benchmarks measured into README and cards.

`python -m kerasinpaint.readme`, after them, from the repository. What was
not measured stays as it is.
"""

import re
from pathlib import Path

from PIL import Image

from kerasinpaint import data, figures

OUTPUT = Path("output")
PICTURES = {
    "demo.jpg": "demo.png",
    "benchmark_curves.jpg": "benchmark/curves.jpg",
    "benchmark_pictures.jpg": "benchmark/pictures.jpg",
    "benchmark_wide.jpg": "wide/pictures.jpg",
    "benchmark_segmentation.jpg": "segmentation_train/strips.jpg",
    "benchmark_structure.jpg": "structure/pictures.jpg",
    "benchmark_risk.jpg": "structure/risk_coverage.jpg",
    "benchmark_failures.jpg": "structure/failures.jpg",
    "sweep_s1.jpg": "tune_s1/sweep.jpg",
    "sweep_large.jpg": "tune_large/sweep.jpg",
}
REPORTS = {
    "quality": "benchmark/quality.md",
    "wide": "wide/table.md",
    "segmentation": "segmentation/table.md",
    "segmentation_train": "segmentation_train/table.md",
    "segmentation_voc": "segmentation_voc/table.md",
    "structure": "structure/table.md",
    "ablation": "experiment/table.md",
    "efficiency": "benchmark/efficiency.md",
    "speed": "benchmark/speed.md",
    "cifar10": "cifar10/table.md",
    "tiny_imagenet": "tiny_imagenet/table.md",
}
CARDS = Path("kerasinpaint", "weights")
TEXTS = {
    Path("README.md"): (
        "quality",
        "wide",
        "segmentation",
        "segmentation_train",
        "segmentation_voc",
        "structure",
        "ablation",
        "efficiency",
        "speed",
        "cifar10",
    ),
    CARDS / "pconv.md": ("quality",),
    CARDS / "autoencoder_skip.md": ("wide",),
    CARDS / "gan.md": ("wide",),
    CARDS / "lama.md": ("wide",),
    CARDS / "structure_texture.md": ("wide", "structure"),
    CARDS / "pconv_cifar10.md": ("cifar10",),
    CARDS / "README.md": ("tiny_imagenet",),
}
# How many sections of a report are shown, if it has more.
SECTIONS = 3
SECTIONS_OF = {"segmentation_voc": 1, "structure": 4, "efficiency": 1}


def filled_in(text, name, report):
    """A text with the first sections of a report at its mark.

    Args:
        text: str, with the marks `<!-- NAME: ... -->` and `<!-- /NAME -->`.
        name: str, one of `REPORTS`.
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
            f"The text must have the marks <!-- {name}: ... --> and "
            f"<!-- /{name} -->. Received a text without them."
        )
    chosen = report.split("\n## ")[1 : SECTIONS_OF.get(name, SECTIONS) + 1]
    body = "\n\n".join(
        "**" + section.strip().replace("\n", "**\n", 1) for section in chosen
    )
    return marks.sub(lambda m: f"{m[1]}\n\n{body}\n\n{m[2]}", text)


def main(root=data.ROOT.parent, output=OUTPUT):
    """Fills in the README of `root` and the cards from the folder `output`."""
    for path, names in TEXTS.items():
        text = (Path(root) / path).read_text(encoding="utf-8")
        for name in names:
            report = Path(output) / REPORTS[name]
            if report.exists():
                text = filled_in(text, name, report.read_text(encoding="utf-8"))
        (Path(root) / path).write_text(text, encoding="utf-8")
    for target, source in PICTURES.items():
        if (Path(output) / source).exists():
            # A page that many load: half of the bytes, no visible loss.
            picture = Image.open(Path(output) / source).convert("RGB")
            picture.save(Path(root) / "images" / target, quality=85)
    figures.mask_figure(Path(root) / "images" / "masks.jpg")


if __name__ == "__main__":
    main()
