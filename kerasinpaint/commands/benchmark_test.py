import pytest

from kerasinpaint import benchmark, cli


@pytest.fixture
def calls(monkeypatch):
    """Arguments with which the benchmarks were called, in their order."""
    made = []
    for name in ("quality", "speed", "segmentation", "voc2012"):

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


def test_the_loop_of_another_segmenter_has_a_folder_of_its_own(calls):
    for line in (
        "",
        "--data train --count 9 --size 64",
        "--segmenter some/mine.npz",
        "--data voc2012 --segmenter deeplab.tflite",
        "--output out",
    ):
        assert cli.main(["benchmark", "segmentation", *line.split()]) == 0
    folders = [str(options["output"]) for _, options in calls]
    assert folders == [
        "output/segmentation",
        "output/segmentation_train",
        "output/segmentation_mine",
        "output/voc2012_deeplab",
        "out",
    ]
    name, options = calls[1]
    assert name == "segmentation" and options["objects"] == "train"
    assert (options["count"], options["size"]) == (9, 64)
