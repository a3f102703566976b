import numpy as np
import pytest

from kerasinpaint import data, images, readme

REPORT = "# R\n\n## One\n\n| a |\n\n## Two\n\n| b |\n\n## Three\n\n| c |"
REPORT += "\n\n## Four\n\n| d |"


def test_tables_and_pictures_come_from_the_reports(tmp_path):
    output = tmp_path / "output"
    for path in [*readme.REPORTS.values(), *readme.PICTURES.values()]:
        (output / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "images").mkdir()
    for report in ("quality", "speed"):
        (output / readme.REPORTS[report]).write_text(REPORT)
    missing, *made = readme.PICTURES
    for source in (readme.PICTURES[target] for target in made):
        images.write_image(output / source, np.full((8, 8, 3), 0.5))
    for path in readme.TEXTS:
        text = (data.ROOT.parent / path).read_text(encoding="utf-8")
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    readme.main(tmp_path, output)
    readme.main(tmp_path, output)  # once more changes nothing

    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert text.count("| a |") == 2
    assert text.count("| b |") == 2
    assert text.count("| c |") == 2
    assert "| d |" not in text
    assert "## Licences" in text and "plain white" in text
    card = (tmp_path / readme.CARDS / "pconv.md").read_text(encoding="utf-8")
    assert card.count("| a |") == 1
    for target in made:
        assert (tmp_path / "images" / target).exists()
    assert not (tmp_path / "images" / missing).exists()


def test_a_readme_without_marks_is_refused():
    with pytest.raises(ValueError, match="<!-- speed"):
        readme.filled_in("no marks", "speed", REPORT)
