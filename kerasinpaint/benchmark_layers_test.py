import numpy as np
import pytest

from kerasinpaint import benchmark_layers


def test_the_table_has_a_line_for_each_shape_and_mask_and_their_medians():
    table = benchmark_layers.layer_overhead([(8, 3, 4, 3, 2)], repeats=2)
    assert table["shape"].tolist() == ["8 px, 3->4, k3 s2"] * 2 + ["median"]
    assert table["mask channels"].tolist() == ["1", "3", ""]
    for column in ("PConv2D", "as copied"):
        assert (table[column] > 0).all()
        assert table[column][2] == pytest.approx(table[column][:2].median())


def test_steps_take_turns():
    called = []
    steps = [lambda: called.append("a"), lambda: called.append("b")]
    seconds = benchmark_layers.turns(steps, 2)
    assert called == list("ab" * 3) and seconds.shape == (2, 2)
    assert (seconds >= 0).all() and np.isfinite(seconds).all()


def test_a_kernel_that_depends_on_content_costs_fewer_operations():
    table = benchmark_layers.kernel_costs([(8, 16)], repeats=2)
    [row] = table.to_dict("records")
    assert row["Conv2D Mop"] == pytest.approx(2e-6 * 64 * 25 * 16 * 16)
    # 16 to 4 channels, 4 to 25 taps of 4 groups, and 25 products of each.
    wanted = 2e-6 * 64 * (16 * 4 + 4 * 100 + 25 * 16)
    assert row["Involution2D Mop"] == pytest.approx(wanted)
    assert row["Involution2D"] > 0
