import functools

import keras
import numpy as np
import pytest

from kerasinpaint import benchmark_efficiency, cli, models, quantization
from kerasinpaint.analysis import context_of

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="LiteRT needs TensorFlow"
)


@pytest.fixture
def small(monkeypatch):
    for name, value in {
        "SIDE": 8,
        "BATCH": 1,
        "FILTERS": 2,
        "BLOCKS": 1,
        "REPEATS": 1,
        "COUNT": 2,
    }.items():
        monkeypatch.setattr(benchmark_efficiency, name, value)


def test_steps_of_all_ways_are_the_same_step(small, untraced):
    ways = benchmark_efficiency.WAYS
    losses = {}
    for name, options in ways.items():
        step = benchmark_efficiency.training_step(**options | {"jit": False})
        losses[name] = [step(), step()]
        assert losses[name][1] < losses[name][0]
    np.testing.assert_allclose(
        losses["checkpointed"], losses["plain"], rtol=1e-5
    )
    np.testing.assert_allclose(losses["bfloat16"], losses["plain"], rtol=0.05)
    assert losses["bfloat16"] != losses["plain"]


def test_calls_take_turns_and_the_first_does_not_count():
    called = []
    calls = {name: lambda n=name: called.append(n) for name in "ab"}
    medians = benchmark_efficiency.medians(calls, 2)
    assert called == list("ab" * 3)
    assert set(medians) == {"a", "b"} and min(medians.values()) >= 0


def test_memory_is_that_of_a_process_of_its_own():
    code = f"""{benchmark_efficiency.PEAK}
before = peak()
taken = bytearray(50_000_000); taken[::4096] = b"1" * len(taken[::4096])
print(peak() - before)
"""
    used = benchmark_efficiency.megabytes(code)
    assert used == pytest.approx(50, abs=15)


def test_the_table_has_a_row_for_each_technique(
    small, tmp_path, monkeypatch, capsys, untraced
):
    import pandas

    network = models.build_autoencoder(
        (None, None, 3), skip=True, sees_masks=True, width=2, residual=True
    )
    loaded = {
        "autoencoder_skip": network,
        "structure_texture": models.build_structure_texture(4, 4, 4),
    }
    monkeypatch.setattr(
        benchmark_efficiency.networks, "load", lambda name: (name, loaded[name])
    )
    monkeypatch.setattr(
        benchmark_efficiency.networks, "build", lambda *_: network
    )
    monkeypatch.setattr(benchmark_efficiency.weights, "load", lambda *_: None)
    monkeypatch.setattr(benchmark_efficiency, "megabytes", lambda _: 1.0)
    # A detector that was loaded now would be kept, without its weights.
    quickly = functools.partial(context_of, parts=("edges",))
    monkeypatch.setattr(benchmark_efficiency, "context_of", quickly)
    files = {}

    def convert(network, path, size, calibration=None):
        assert calibration is None or set(calibration) == set(network.input)
        path.write_bytes(bytes(4000 if calibration is None else 1000))
        files[path] = network

    monkeypatch.setattr(quantization, "convert", convert)
    monkeypatch.setattr(quantization, "runner", files.get)
    monkeypatch.setattr(quantization, "convolutions", lambda _: ["output"])
    monkeypatch.setattr(quantization.holed, "__defaults__", (32,))
    monkeypatch.setattr(quantization, "SIZE", 32)
    monkeypatch.setattr(quantization, "CROP", 32)
    monkeypatch.setattr(benchmark_efficiency, "STEPS", 1)
    assert not cli.main(["benchmark", "efficiency", "--output", str(tmp_path)])
    table = pandas.read_csv(tmp_path / "efficiency.csv")
    assert len(table) == 7
    assert (table["times as long"] > 0).all()
    for name in ("INT8 after training", "structure_builder as INT8"):
        eight = table[table.technique == name].iloc[0]
        assert eight["file MB before"] == pytest.approx(0.004)
        assert eight["file MB after"] == pytest.approx(0.001)
        assert eight["dB after"] == eight["dB before"]  # nothing is rounded
    told = table.set_index("technique")["dB after"]
    assert told["structure_builder as INT8"] != told["INT8 after training"]
    assert "INT8 after training" in capsys.readouterr().out
    text = (tmp_path / "efficiency.md").read_text()
    assert text.startswith("# Efficiency")
    assert "| output  |" in text.split("as INT8, alone")[1]
