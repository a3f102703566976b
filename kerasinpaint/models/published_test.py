"""Published networks against numbers of their PyTorch implementations.

Weights of the full networks are too large to keep; they are made from their
names, here as there. Outputs are every eighth pixel of those.
"""

import pickle
import warnings
import zlib
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasinpaint.models import lama, mat, published


def made(name, shape, seed):
    """An array of a published name, as the reference was made with."""
    rng = np.random.default_rng([int(seed), zlib.crc32(name.encode())])
    normal = rng.standard_normal(shape).astype("float32")
    last = name.rsplit(".", 1)[-1]
    if last == "running_var":
        return 1 + 0.2 * np.abs(normal)
    if last in ("running_mean", "noise_strength"):
        return np.float32(0.1) * normal
    if last == "weight" and len(shape) == 1:
        return 1 + np.float32(0.1) * normal
    if last == "bias":
        begin = name.endswith("affine.bias")
        return np.float32(begin) + np.float32(0.1) * normal
    return normal


def made_for(network, name_of, seed):
    """All arrays of a network, by published name, as PyTorch lays them."""
    arrays = {}
    for variable in network.weights:
        name, shape = name_of(variable.path), tuple(variable.shape)
        if name.endswith(".weight"):
            shape = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}[len(shape)]
            shape = [variable.shape[axis] for axis in shape]
        arrays[name] = made(name, shape, seed)
    return arrays


def scaled(arrays):
    """Of LaMa: kernels such that values keep their size."""
    for name, array in arrays.items():
        if array.ndim == 4:
            array = array * np.sqrt(1 / np.prod(array.shape[1:]))
            array = array * (0.1 if len(array) == 3 else 1)
            arrays[name] = array.astype("float32")
    return arrays


def reference(name):
    with np.load(Path(__file__).with_name("published.npz")) as file:
        return {
            key.removeprefix(f"{name}/"): file[key]
            for key in file
            if key.startswith(f"{name}/")
        }


def trainable(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_weights)


# The layers and a small LaMa are tested on every backend.
on_one_backend = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="takes a minute elsewhere"
)


@on_one_backend
@pytest.mark.parametrize(
    "name, blocks, count",
    [("lama_fourier", 9, 27_048_835), ("lama_big", 18, 50_975_875)],
)
def test_lama_is_the_published_one(name, blocks, count):
    wanted = reference(name)
    network = lama.build_lama(blocks=blocks)
    assert trainable(network) == count
    arrays = scaled(made_for(network, published.torch_name, wanted["seed"]))
    published.load(network, arrays, published.torch_name)
    masks = 1 - wanted["hole"]
    inputs = {"images": wanted["image"] * masks, "masks": masks}
    found = keras.ops.convert_to_numpy(network(inputs))[:, ::8, ::8]
    np.testing.assert_allclose(found, wanted["output"], atol=1e-4)


def as_published(arrays):
    """A checkpoint of MAT, as flat names: two networks, and constants."""
    found = {"G.synthesis.first_stage.conv_first.conv.weight": np.zeros(3)}
    for name, array in arrays.items():
        # Kernels of convolutions that have a style are of five dimensions.
        affine = name.removesuffix("weight") + "affine.weight"
        styled = affine in arrays
        found[f"G_ema.{name}"] = array[None] if styled else array
        if styled:
            constant = name.replace("weight", "resample_filter")
            found[f"G_ema.{constant}"] = np.zeros((4, 4), "float32")
    return found


@on_one_backend
def test_mat_is_the_published_one():
    wanted = reference("mat_256")
    arrays = made_for(mat.build_mat(256), mat.torch_name, wanted["seed"])
    with pytest.warns(UserWarning, match="non-commercial use"):
        network = mat.from_arrays(as_published(arrays))
    assert trainable(network) == 59_779_834
    both = [network.get_layer("stage1").output, network.output]
    inputs = {
        "images": (wanted["image"] + 1) / 2,
        "masks": wanted["mask"],
        "latents": wanted["z"],
    }
    first, second = keras.Model(network.inputs, both)(inputs)
    for found, name in ((first, "stage1"), (2 * second - 1, "output")):
        found = keras.ops.convert_to_numpy(found)[:, ::8, ::8]
        error = np.abs(found - wanted[name]).max() / wanted[name].std()
        assert error < 1e-3, name


def tiny():
    """A LaMa of one block, and its arrays."""
    network = lama.build_lama(blocks=1, width=2)
    return network, made_for(network, published.torch_name, 0)


def without(arrays, name):
    return {key: value for key, value in arrays.items() if key != name}


FIRST = lama.SIGN


@pytest.mark.parametrize(
    "change, told",
    [
        (lambda a: without(a, FIRST), f"; {FIRST} missing"),
        (lambda a: a | {"model.99.weight": a[FIRST]}, "99.weight superfluous"),
        (lambda a: a | {FIRST: a[FIRST][:, :3]}, r"\(2, 3, 7, 7\) of another"),
        (lambda a: a | {FIRST: a[FIRST] * np.nan}, f"{FIRST} not finite"),
        (lambda a: a | {FIRST: a[FIRST].astype(int)}, f"{FIRST} not finite"),
        (lambda a: {}, "bn_l.bias, .*running_var and 86 more missing"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_changed(change, told):
    network, arrays = tiny()
    before = network.get_weights()
    with pytest.raises(ValueError, match=told):
        published.load(network, change(arrays), published.torch_name)
    for one, same in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, same)


def test_what_torch_itself_writes_is_read(tmp_path):
    pytest.importorskip("torch.nn")
    import torch

    class Wrapper(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = torch.nn.Sequential(torch.nn.BatchNorm2d(4))
            self.sizes = [1, 2]

        def forward(self, x):
            return self.model(x)

    wrapper = Wrapper().eval()
    wanted = wrapper.state_dict()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(wrapper, torch.ones(1, 4, 2, 2))
    traced.save(str(tmp_path / "a.pt"))
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"G_ema": wrapper.model}, 4))
    found = published.read(tmp_path / "a.pt")
    again = published.read(tmp_path / "a.pkl")
    for name, tensor in wanted.items():
        np.testing.assert_array_equal(found[name], tensor.numpy())
        name = name.replace("model.", "G_ema.", 1)
        np.testing.assert_array_equal(again[name], tensor.numpy())
