import sys

import keras
import numpy as np
import pytest

from kerasinpaint import cli, models, networks, weights
from kerasinpaint.export import FORMATS, export

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export needs TensorFlow"
)
TINY = {
    "pconv_tiny": lambda: models.build_pconv_unet(
        encoder=(4, 8), kernels=(5, 3), last=4, residual=True
    ),
    "lama_tiny": lambda **options: models.build_lama(
        blocks=1, width=4, residual=True, noise=0.1, **options
    ),
}


@pytest.fixture(autouse=True)
def tiny_networks(monkeypatch):
    monkeypatch.setattr(networks, "presets", lambda: TINY)


def trained(folder, name):
    """Weights that do something everywhere, as of a network by name."""
    keras.utils.set_random_seed(0)
    network = networks.build(name)
    for variable in network.trainable_variables:
        if "kernel" in variable.path:
            noise = keras.random.normal(variable.shape, stddev=0.1)
            variable.assign(variable + noise)
    path = folder / f"{name}.npz"
    weights.save(network, path, name)
    return path


def picture(height, width):
    rng = np.random.default_rng(1)
    image = rng.random((2, height, width, 3), np.float32)
    mask = np.ones((2, height, width, 1), np.float32)
    mask[:, 3:9, 2:9] = 0
    return {"images": image, "masks": mask}


@pytest.mark.parametrize("name", TINY)
def test_onnx_fills_as_the_method_does_at_any_size(name, tmp_path):
    import onnxruntime

    path = trained(tmp_path, name)
    assert export(str(path), tmp_path / "new" / "a.onnx") < 1e-5
    session = onnxruntime.InferenceSession(tmp_path / "new" / "a.onnx")
    method = networks.method(path)
    for size in ((32, 40), (19, 30)):
        inputs = picture(*size)
        filled = session.run(None, inputs)[0]
        known = np.broadcast_to(inputs["masks"] == 1, filled.shape)
        np.testing.assert_array_equal(filled[known], inputs["images"][known])
        for image, mask, one in zip(*inputs.values(), filled, strict=True):
            np.testing.assert_allclose(method(image, mask), one, atol=1e-4)
        assert (abs(filled - inputs["images"])[~known] > 1e-3).any()


@pytest.mark.parametrize(
    "name, format, output",
    [
        ("pconv_tiny", "litert", "a.tflite"),
        ("pconv_tiny", "saved_model", "a"),
        ("lama_tiny", "litert", "a.tflite"),
    ],
)
def test_other_formats_compute_the_same(name, format, output, tmp_path, capsys):
    path, output = trained(tmp_path, name), tmp_path / output
    command = ["export", str(path), "--size", "24", "28", "--format", format]
    assert cli.main([*command, "--output", str(output)]) == 0
    told = capsys.readouterr().out
    assert float(told.split("most ")[1].split()[0]) < 1e-3
    inputs = {key: value[:1] for key, value in picture(24, 28).items()}
    wanted = networks.method(path)(*(value[0] for value in inputs.values()))
    filled = FORMATS[format][2](output, inputs)
    np.testing.assert_allclose(filled[0], wanted, atol=1e-4)


def test_what_differs_is_not_kept(tmp_path, monkeypatch, capsys):
    path = trained(tmp_path, "pconv_tiny")
    kept = tmp_path / "a.onnx"
    kept.write_text("before")
    wrong = (*FORMATS["onnx"][:2], lambda path, picture: np.float32(0.5))
    monkeypatch.setitem(FORMATS, "onnx", wrong)
    command = ["export", str(path), "--format", "onnx", "--output", str(kept)]
    assert cli.main(command) == 1
    assert "within 0.001. Received: 0." in capsys.readouterr().err
    assert kept.read_text() == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.onnx", path.name]


def test_mistakes_are_told_in_one_line(tmp_path, monkeypatch, capsys):
    def told(*arguments):
        output = ["--output", str(tmp_path / "a.onnx")]
        command = ["export", "--format", "onnx", *output, *arguments]
        assert cli.main(command) == 1
        assert not (tmp_path / "a.onnx").exists()
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        return error

    assert "`name` must be a `.npz` file" in told("telea")
    name = str(trained(tmp_path, "pconv_tiny"))
    assert "end in .tflite" in told(name, "--format", "litert")
    (tmp_path / "a").mkdir()
    folder = ["--format", "saved_model", "--output", str(tmp_path / "a")]
    assert "already" in told(name, *folder)
    (tmp_path / "b").touch()
    assert "already" in told(name, *folder[:-1], str(tmp_path / "b"))
    assert "at least 2 and 2" in told(name, "--size", "1", "40")
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    assert "pip install kerasinpaint[export]" in told(name)
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert "KERAS_BACKEND=tensorflow" in told(name)


def test_a_network_of_one_size_is_refused(tmp_path, monkeypatch):
    inputs = {
        name: keras.Input((8, 8, channels), name=name)
        for name, channels in (("images", 3), ("masks", 1), ("latents", 1))
    }
    network = keras.Model(inputs, inputs["images"] * inputs["masks"])
    monkeypatch.setattr(
        networks, "load", lambda path, for_export: ("", network)
    )
    path = trained(tmp_path, "pconv_tiny")
    with pytest.raises(ValueError, match="which takes images, masks, latents"):
        export(str(path), tmp_path / "a.onnx")
