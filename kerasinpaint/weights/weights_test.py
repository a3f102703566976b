"""Weights come back as they were written, or not at all."""

import keras
import numpy as np
import pytest

from kerasinpaint import weights


def network(filters=4):
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(filters, 3, name="convolution")(inputs)
    x = keras.layers.BatchNormalization(name="normalization")(x)
    return keras.Model(inputs, x)


def test_they_come_back_to_the_precision_of_float16(tmp_path):
    one, two = network(), network()
    weights.save(one, tmp_path / "new" / "w.npz", "net")
    weights.load(two, tmp_path / "new" / "w.npz")
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-6)
        assert b.dtype == np.float32
    assert weights.network_of(tmp_path / "new" / "w.npz") == "net"
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["w.npz"]


def test_a_file_that_does_not_fit_changes_nothing(tmp_path):
    weights.save(network(5), tmp_path / "w.npz", "net")
    model = network()
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"\(3, 3, 3, 4\).*\(3, 3, 3, 5\)"):
        weights.load(model, tmp_path / "w.npz")
    np.savez(tmp_path / "w.npz", other=np.zeros(3))
    with pytest.raises(ValueError, match="only on one side: .*kernel"):
        weights.load(model, tmp_path / "w.npz")
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_pickle_in_the_file_is_not_opened(tmp_path):
    names = [v.path for v in network().weights]
    bad = {name: np.array([{}], object) for name in names}
    np.savez(tmp_path / "w.npz", **bad)
    with pytest.raises(ValueError, match="allow_pickle"):
        weights.load(network(), tmp_path / "w.npz")


def test_what_is_no_file_of_weights_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.npz"):
        weights.network_of(tmp_path / "nothing.npz")
    (tmp_path / "w.npz").write_bytes(b"no weights")
    with pytest.raises(ValueError, match="w.npz must be a `.npz` file"):
        weights.network_of(tmp_path / "w.npz")
    np.savez(tmp_path / "w.npz", other=np.zeros(3))
    with pytest.raises(ValueError, match="kerasinpaint train.*other"):
        weights.network_of(tmp_path / "w.npz")


def test_a_damaged_or_huge_file_is_told(tmp_path, monkeypatch):
    path = tmp_path / "w.npz"
    weights.save(network(), path, "net")
    whole = path.read_bytes()
    place = whole.index(b".npy") + 40
    path.write_bytes(whole[:place] + b"damaged!" + whole[place + 8 :])
    with pytest.raises(ValueError, match="w.npz must be a `.npz` file"):
        weights.load(network(), path)
    with path.open("wb") as file:
        np.save(file, np.zeros(3))  # an array, not an archive
    with pytest.raises(ValueError, match="w.npz must be a `.npz` file"):
        weights.network_of(path)
    path.write_bytes(whole)
    monkeypatch.setattr(weights, "LARGEST", 1000)
    with pytest.raises(ValueError, match="more than 1,000"):
        weights.load(network(), path)


@pytest.mark.parametrize("value", (1e5, np.nan))
def test_what_float16_cannot_hold_is_not_written(value, tmp_path):
    model = network()
    values = model.get_weights()
    values[-1][0] = value
    model.set_weights(values)
    with pytest.raises(ValueError, match="moving_variance must be finite"):
        weights.save(model, tmp_path / "new" / "w.npz", "net")
    assert not (tmp_path / "new").exists()


def test_what_is_not_finite_is_not_read(tmp_path):
    model = network()
    weights.save(model, tmp_path / "w.npz", "net")
    with np.load(tmp_path / "w.npz") as arrays:
        arrays = dict(arrays)
    arrays["convolution/bias"][0] = np.inf
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(ValueError, match="convolution/bias .* finite"):
        weights.load(model, tmp_path / "w.npz")


def test_shipped_weights_are_found_by_name():
    assert weights.path_of("pconv") == weights.FOLDER / "pconv.npz"
    assert str(weights.path_of("here/w.npz")) == "here/w.npz"
