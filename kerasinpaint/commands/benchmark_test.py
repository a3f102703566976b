import pytest

from kerasinpaint import benchmark, cli


@pytest.fixture
def calls(monkeypatch):
    """Arguments with which the benchmarks were called, in their order."""
    made = []
    for name in ("quality", "speed"):

        def record(*values, name=name, **options):
            made.append((name, *values, options))

        monkeypatch.setattr(benchmark, name, record)
    return made


def test_quality_measures_all_methods_unless_some_are_named(calls):
    assert cli.main(["benchmark", "quality"]) == 0
    line = "benchmark quality --methods fmm,telea --output out"
    assert cli.main(line.split()) == 0
    assert calls == [
        ("quality", None, {"output": "output/benchmark"}),
        ("quality", ["fmm", "telea"], {"output": "out"}),
    ]


def test_speed_is_measured_by_its_own_command(calls):
    assert cli.main(["benchmark", "speed", "--output", "out"]) == 0
    assert calls == [("speed", {"output": "out"})]
