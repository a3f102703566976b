import numpy as np
import pytest

from kerasinpaint import benchmark_structure, masks, models, networks


@pytest.fixture
def fills(tmp_path, monkeypatch):
    """Two photographs, filled by an untrained network in two ways."""
    network = models.build_structure_texture(4, 4, 4)
    monkeypatch.setattr(
        networks, "load", lambda name: ("structure_texture", network)
    )
    rng = np.random.default_rng(0)
    pictures = [rng.random((64, 64, 3), np.float32) for _ in range(2)]
    monkeypatch.setattr(
        benchmark_structure.data, "photos", lambda *of: pictures
    )
    monkeypatch.setattr(benchmark_structure, "SIZE", 64)
    cells = ((masks.boxes, (0.2, 0.4)),)
    monkeypatch.setattr(benchmark_structure, "CELLS", cells)
    monkeypatch.setattr(benchmark_structure, "SHOWN", cells[0])
    ways = {
        "one pass": {},
        benchmark_structure.EASY: {"passes": 2},
        benchmark_structure.RANDOM: {"passes": 2, "order": "random"},
        benchmark_structure.OTHER: {},
    }
    monkeypatch.setattr(benchmark_structure, "WAYS", ways)
    get = benchmark_structure.detectors.get

    def offline(name):
        if name == "dfine":
            raise OSError("no network")
        return get(name)

    monkeypatch.setattr(benchmark_structure.detectors, "get", offline)
    untrained = benchmark_structure.detectors.DETECTORS["sample"]
    monkeypatch.setattr(benchmark_structure.detectors, "untrained", untrained)
    return benchmark_structure.structure(output=tmp_path)


def test_weights_of_another_network_are_refused():
    with pytest.raises(ValueError, match="of structure_texture. Received: pco"):
        benchmark_structure.structure("pconv")


def test_every_way_is_scored_and_shown(fills, tmp_path):
    assert len(fills) == 2 * 4
    by_way = fills.groupby("way").hole_psnr.mean()
    assert by_way.nunique() == 4  # each fills otherwise
    first = fills[fills.way == "one pass"]
    assert first.spearman.between(-1, 1).all()
    assert (first.rim_spearman != first.spearman).all()
    assert first.error.between(0.1, 0.6).all()
    assert fills.copied.between(0, 1).all()
    text = (tmp_path / "table.md").read_text()
    sections = "Ways to fill", "What it expects to be wrong", "Where it fails"
    assert all(f"## {section}" in text for section in sections)
    assert "| dfine, untrained |" in text
    (row,) = (one for one in text.splitlines() if one.startswith("| sample"))
    assert float(row.split("|")[2]) > 0
    (over,) = (one for one in text.splitlines() if "less random" in one)
    gain = by_way[benchmark_structure.EASY] - by_way[benchmark_structure.RANDOM]
    assert over.split("|")[-3].split()[0] == f"{gain:+.3f}"
    (less,) = (one for one in text.splitlines() if "less the rim's" in one)
    mean = (first.spearman - first.rim_spearman).mean()
    assert less.split("|")[2].split()[0] == f"{mean:.3f}"
    for name in ("risk_coverage", "pictures", "failures"):
        assert (tmp_path / f"{name}.jpg").stat().st_size > 1000


def test_a_detector_that_is_not_installed_is_said(monkeypatch):
    def missing(name):
        raise ImportError(f"{name} needs an extra. Try: pip install it")

    monkeypatch.setattr(benchmark_structure.detectors, "get", missing)
    table = benchmark_structure._detectors([np.zeros((64, 64, 3), "f")])
    assert "| sample     | not here: sample needs an extra |" in table
