"""Files laid out as the published ones, and files that mean harm.

PyTorch is not needed: what it writes is a pickle that names its functions
and classes, and they are named here by modules that look like its own.
"""

import collections
import io
import os
import pickle
import sys
import types
import zipfile

import numpy as np
import pytest

from kerasinpaint import cli, methods
from kerasinpaint.checkpoints_test import old_bytes
from kerasinpaint.models import build_lama, lama, mat, published
from kerasinpaint.models.published_test import tiny

pytestmark = pytest.mark.usefixtures("without_torch")


class Storage:
    """The bytes of a tensor, which a program tells of by a number."""

    def __init__(self, array, inside):
        self.array, self.inside = array, inside

    def __reduce__(self):
        # Plain pickles hold it as a file of its own.
        return foreign("torch.storage", "_load_from_bytes"), (
            old_bytes(program(Storage(self.array, False))[0], self.array),
        )


class Tensor:
    """Is written as PyTorch writes its own."""

    def __init__(self, array, inside=False):
        self.array, self.inside = np.ascontiguousarray(array), inside

    def __reduce__(self):
        strides = [s // self.array.itemsize for s in self.array.strides]
        told = self.array.shape, tuple(strides), False
        return foreign("torch._utils", "_rebuild_tensor_v2"), (
            Storage(self.array, self.inside),
            0,
            *told,
            collections.OrderedDict(),
        )


def foreign(module, name, is_class=False):
    """A function or class that a pickle will name, of another's module."""
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        package = ".".join(parts[:end])
        if package not in sys.modules:
            sys.modules[package] = types.ModuleType(package)
            sys.modules[package].is_made = True
    parent = sys.modules[module]
    if not hasattr(parent, name):
        made = type(name, (), {}) if is_class else lambda *_: None
        made.__module__, made.__qualname__ = module, name
        made.__name__ = name
        setattr(parent, name, made)
    return getattr(parent, name)


def thing(dotted, **attributes):
    """An object of a foreign class."""
    module, _, name = dotted.rpartition(".")
    made = foreign(module, name, is_class=True)()
    made.__dict__.update(attributes)
    return made


class Pickler(pickle.Pickler):
    """Tells of storages by number, and keeps their arrays."""

    def __init__(self, file, protocol):
        super().__init__(file, protocol)
        self.arrays = []

    def persistent_id(self, value):
        if type(value) is not Storage or value.inside:
            return None
        self.arrays.append(value.array)
        name = {"f": "FloatStorage", "i": "LongStorage"}[value.array.dtype.kind]
        kind = foreign("torch", name, is_class=True)
        key = str(len(self.arrays) - 1)
        return "storage", kind, key, "cpu", value.array.size


def program(content, protocol=2):
    file = io.BytesIO()
    pickler = Pickler(file, protocol)
    pickler.dump(content)
    return file.getvalue(), pickler.arrays


def zip_file(path, content, folder="archive"):
    code, arrays = program(content)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{folder}/data.pkl", code)
        for key, array in enumerate(arrays):
            file.writestr(f"{folder}/data/{key}", array.tobytes())
        # TorchScript's own sources; they are compressed, and not looked at.
        file.writestr(
            f"{folder}/code/__torch__/model.py",
            "def forward(self): pass\n" * 99,
            zipfile.ZIP_DEFLATED,
        )
        file.writestr(f"{folder}/version", "3\n")
    return path


def tree(arrays, make):
    """Nested modules, as their dotted names say, with `make` of each."""
    inner = collections.defaultdict(dict)
    own = {}
    for name, array in arrays.items():
        first, _, rest = name.partition(".")
        if rest:
            inner[first][rest] = array
        else:
            own[name] = array
    return make(own, {name: tree(a, make) for name, a in inner.items()})


def script(arrays):
    """LaMa as TorchScript: objects of classes in the file's own sources."""

    def make(own, inner):
        tensors = {name: Tensor(array) for name, array in own.items()}
        name = "__torch__.saicinpainting.training.Module"
        return thing(name, training=False, **tensors, **inner)

    generator = tree(arrays, make)
    trainer = thing(
        "__torch__.saicinpainting.training.trainers.default.Trainer",
        training=False,
        generator=generator,
    )
    return thing("__torch__.JITWrapper", training=False, model=trainer)


def lightning(arrays):
    """LaMa as PyTorch Lightning keeps it, with its settings."""
    settings = thing("omegaconf.dictconfig.DictConfig", _metadata=None)
    inner = thing(
        "omegaconf.nodes.AnyNode", _val="ffc_resnet_075", _parent=settings
    )
    settings._content = {"kind": inner}
    watcher = foreign(
        "pytorch_lightning.callbacks.model_checkpoint",
        "ModelCheckpoint",
        is_class=True,
    )
    tensors = collections.OrderedDict(
        (f"generator.{name}", Tensor(array)) for name, array in arrays.items()
    )
    tensors["generator.model.1.bn_l.num_batches_tracked"] = Tensor(
        np.array([7])
    )
    tensors["discriminator.model0.0.weight"] = Tensor(np.zeros((3, 3), "f4"))
    return {
        "epoch": 39,
        "global_step": 1_000_000,
        "pytorch-lightning_version": "1.2.9",
        "callbacks": {watcher: {"best_model_score": Tensor(np.ones(1, "f4"))}},
        "state_dict": tensors,
        "hparams_name": "config",
        "hyper_parameters": settings,
    }


def stylegan(arrays):
    """A network as StyleGAN2's code keeps it, with that code."""

    def make(own, inner):
        state = {
            "training": False,
            "_parameters": collections.OrderedDict(
                (name, parameter(array)) for name, array in own.items()
            ),
            "_buffers": collections.OrderedDict(),
            "_modules": collections.OrderedDict(inner),
            "_non_persistent_buffers_set": set(),
        }
        return Persistent(state)

    return tree(arrays, make)


def parameter(array):
    return Call(
        foreign("torch._utils", "_rebuild_parameter"),
        Tensor(array, inside=True),
        True,
        collections.OrderedDict(),
    )


class Call:
    """Is written as a call of a function."""

    def __init__(self, function, *arguments):
        self.told = function, arguments

    def __reduce__(self):
        return self.told


class Persistent(Call):
    def __init__(self, state):
        told = {"type": "class", "version": 6, "state": state}
        told |= {"module_src": "import os\nos.abort()", "class_name": "Net"}
        name = "torch_utils.persistence", "_reconstruct_persistent_obj"
        super().__init__(foreign(*name), told)


@pytest.mark.parametrize(
    "name, write",
    [
        ("big-lama.pt", lambda path, a: zip_file(path, script(a), "big-lama")),
        ("best.ckpt", lambda path, a: zip_file(path, lightning(a))),
    ],
)
def test_lama_is_read(tmp_path, name, write):
    network, arrays = tiny()
    found = lama.from_checkpoint(write(tmp_path / name, arrays))
    published.load(network, arrays, published.torch_name)
    for one, same in zip(
        found.get_weights(), network.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, same)


@pytest.mark.parametrize("protocol", [3, 4])
def test_the_average_of_mat_is_read(tmp_path, protocol):
    names = mat.SIGN, "synthesis.to_square.bias"
    made = {
        key: {name: np.full(2, value, "float32") for name in names}
        for key, value in (("G", 1), ("D", 2), ("G_ema", 3))
    }
    content = {key: stylegan(arrays) for key, arrays in made.items()}
    content["training_set_kwargs"] = thing("dnnlib.util.EasyDict")
    path = tmp_path / "Places_512.pkl"
    path.write_bytes(program(content, protocol)[0])
    found = published.part(published.read(path), mat.SIGN)
    assert {name: a.tolist() for name, a in found.items()} == {
        name: [3, 3] for name in names
    }


def attack(kind, path):
    """Something that makes a folder when it is unpickled."""
    harm = Call(os.mkdir, str(path))
    return {
        "call": {"state_dict": harm},
        "in settings": {"hyper_parameters": thing("omegaconf.A", value=harm)},
        "in a network": {"G_ema": Persistent({"_modules": harm})},
        "by name": {"a": Call(getattr, Call(__import__, "os"), "mkdir")},
        "as a class": {"a": Call(eval, f"__import__('os').mkdir({path!r})")},
        "of torch": {"a": Call(foreign("torch.hub", "load"), str(path))},
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "call",
        "in settings",
        "in a network",
        "by name",
        "as a class",
        "of torch",
    ],
)
@pytest.mark.parametrize("name", ["a.ckpt", "a.pkl"])
def test_harm_is_refused_and_nothing_is_written(tmp_path, kind, name, capsys):
    path, target = tmp_path / name, tmp_path / "out" / "a.npz"
    content = attack(kind, tmp_path / "bad")
    if name == "a.ckpt":
        zip_file(path, content)
    else:
        path.write_bytes(program(content, 4)[0])
    assert cli.main(["convert", str(path), "--to", str(target)]) == 1
    error = capsys.readouterr().err
    assert "it calls" in error and name in error and error.count("\n") == 1
    assert not (tmp_path / "bad").exists() and not target.parent.exists()


def test_an_object_of_another_class_is_refused(tmp_path):
    path = zip_file(tmp_path / "a.pt", {"a": thing("subprocess_.Popen", x=1)})
    with pytest.raises(ValueError, match="makes an object of subprocess_.Po"):
        published.read(path)


def test_a_converted_checkpoint_fills(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "kerasinpaint.networks.published",
        lambda: {"lama_1x2": lambda: build_lama(blocks=1, width=2)},
    )
    path = zip_file(tmp_path / "a.pt", script(tiny()[1]))
    target = tmp_path / "out" / "a.npz"
    assert cli.main(["convert", str(path), "--to", str(target)]) == 0
    assert "a.npz: lama_1x2, " in capsys.readouterr().out
    image = np.random.default_rng(0).random((21, 30, 3), np.float32)
    mask = np.ones((21, 30, 1), np.uint8)
    mask[4:12, 5:20] = 0
    filled = methods.get(str(target))(image, mask)
    known = np.broadcast_to(mask, image.shape) == 1
    np.testing.assert_array_equal(filled[known], image[known])
    assert (filled != image)[~known].all()


def test_a_network_of_no_known_size_is_not_converted(tmp_path, capsys):
    path = zip_file(tmp_path / "a.pt", script(tiny()[1]))
    target = tmp_path / "a.npz"
    assert cli.main(["convert", str(path), "--to", str(target)]) == 1
    assert "Received: lama_1x2" in capsys.readouterr().err
    assert cli.main(["convert", str(path), "--to", "a.h5"]) == 1
    assert "ends in .npz. Received: a.h5" in capsys.readouterr().err
    assert not target.exists()
