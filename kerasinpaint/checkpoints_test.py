import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from kerasinpaint.checkpoint_program import run
from kerasinpaint.checkpoints import (
    CALLS,
    LEGACY_MAGIC,
    flatten,
    read_torch,
)

VALUES = np.arange(6, dtype="<f4")


def text(value):
    return b"X" + len(value).to_bytes(4, "little") + value.encode()


def number(value):
    return b"J" + value.to_bytes(4, "little", signed=True)


def program(length=6, offset=0, shape=(2, 3), strides=(3, 1), kind="Float"):
    """The pickle of {"w": a tensor}, as torch writes it."""
    storage = b"(" + text("storage") + f"ctorch\n{kind}Storage\n".encode()
    storage += text("0") + text("cpu") + number(length) + b"tQ"
    pairs = [number(a) + number(b) + b"\x86" for a, b in (shape, strides)]
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage
    tensor += number(offset) + b"".join(pairs)
    tensor += b"\x89ccollections\nOrderedDict\n)RtR"
    return b"\x80\x02}q\x00(" + text("w") + tensor + b"u."


def zipped(path, code, values=VALUES, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("archive/data.pkl", code)
        file.writestr("archive/data/0", values.tobytes())
    return path


def old_bytes(code, values):
    """A file of one storage, as it was before there were zip files."""
    heads = LEGACY_MAGIC, 1001, {"little_endian": True}
    parts = [pickle.dumps(head, 2) for head in heads] + [code]
    parts += [pickle.dumps(["0"], 2), len(values).to_bytes(8, "little")]
    return b"".join(parts) + values.tobytes()


def old(path, code, values=VALUES):
    path.write_bytes(old_bytes(code, values))
    return path


@pytest.mark.parametrize("write", [zipped, old])
def test_tensors_are_read(tmp_path, write):
    found = read_torch(write(tmp_path / "a.pth", program()))
    assert list(found) == ["w"] and found["w"].dtype == np.float32
    assert found["w"].tolist() == [[0, 1, 2], [3, 4, 5]]
    code = program(offset=1, shape=(2, 2), strides=(1, 3))
    found = read_torch(write(tmp_path / "b.pth", code))
    assert found["w"].tolist() == [[1, 4], [2, 5]]
    assert not found["w"].flags.writeable


@pytest.mark.parametrize("new", [True, False])
def test_what_torch_writes_is_read(tmp_path, new):
    torch = pytest.importorskip("torch")
    layer = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)
    )
    x = torch.arange(12.0).reshape(3, 4)
    tensors = {"turned": x.T, "half": x[1:, 2:].half(), "none": x[:0]}
    tensors |= {"parameter": torch.nn.Parameter(x), "bool": x > 3}
    other = {"list": [1, 2.5, "a", None, True, (1, 2)], "large": 2**40}
    weights = layer.state_dict()
    torch.save(
        {"state_dict": weights, **tensors, **other},
        tmp_path / "a.pth",
        _use_new_zipfile_serialization=new,
    )
    found = read_torch(tmp_path / "a.pth")
    assert list(found["state_dict"]) == list(weights)
    for name, tensor in [*weights.items(), *tensors.items()]:
        array = found["state_dict"][name] if name in weights else found[name]
        wanted = tensor.detach().numpy()
        assert array.dtype == wanted.dtype
        np.testing.assert_array_equal(array, wanted)
    assert {name: found[name] for name in other} == other


class Malicious:
    """What makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("write", [zipped, old])
def test_a_malicious_file_is_refused_and_does_nothing(
    tmp_path, write, protocol
):
    code = pickle.dumps({"w": Malicious(tmp_path / "bad")}, protocol)
    with pytest.raises(ValueError, match="calls .*mkdir|has the instruction"):
        read_torch(write(tmp_path / "a.pth", code))
    assert not (tmp_path / "bad").exists()
    pickle.loads(code)  # noqa: S301 - the attack is one
    assert (tmp_path / "bad").exists()


@pytest.mark.parametrize(
    "options, told",
    [
        ({"length": 2**30}, "larger than the file"),
        ({"length": -1}, "larger than the file"),
        ({"shape": (2, 4)}, "outside its 6 values"),
        ({"shape": (2**30, 3), "strides": (0, 1)}, "outside its 6 values"),
        ({"offset": 1}, "outside its 6 values"),
        ({"offset": -1}, "outside its 6 values"),
        ({"strides": (-3, 1)}, "outside its 6 values"),
        ({"kind": "Quaternion"}, "QuaternionStorage"),
        ({"length": 5, "shape": (1, 5)}, "size|fewer or more"),
    ],
)
@pytest.mark.parametrize("write", [zipped, old])
def test_sizes_are_bounded_by_the_file(tmp_path, write, options, told):
    with pytest.raises(ValueError, match=f"a.pth: .*({told})"):
        read_torch(write(tmp_path / "a.pth", program(**options)))


@pytest.mark.parametrize("write", [zipped, old])
def test_broken_files_are_refused(tmp_path, write):
    whole = write(tmp_path / "a.pth", program()).read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / "b.pth"
    for length in rng.integers(0, len(whole), 40):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="torch.save"):
            read_torch(path)
    for place in rng.integers(0, len(whole), 200):
        path.write_bytes(whole[:place] + rng.bytes(1) + whole[place + 1 :])
        try:
            assert isinstance(read_torch(path), dict)
        except ValueError as error:
            assert "b.pth" in str(error)


def test_other_files_are_refused(tmp_path):
    path = zipped(tmp_path / "a.pth", program(), VALUES, zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="it is compressed"):
        read_torch(path)
    path = zipped(tmp_path / "b.pth", pickle.dumps([1], 2))
    with pytest.raises(ValueError, match="hold a dict. .*b.pth with a list"):
        read_torch(path)


def test_a_zip_around_the_checkpoint_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("big-lama/models/best.ckpt", b"")
    with pytest.raises(ValueError, match="one `data.pkl`, it has 0; .*unpack"):
        read_torch(tmp_path / "a.zip")


DEEP = b")" + b"\x85" * 200_000
PERSISTENT = b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n"


@pytest.mark.parametrize(
    "code, told",
    [
        (b"}" + DEEP + b"K\x00s.", "key of type tuple"),
        # An object whose state is a list of pairs, one with such a key.
        (
            PERSISTENT + b"}" + text("state") + b"](" + DEEP + b"N\x86es\x85R.",
            "dict of something else",
        ),
        # Lists and dicts, each of which would be copied a thousand times.
        (b"cbuiltins\nset\n(K\x00K\x00t\x85R.", "list of something else"),
        (b"ccollections\nOrderedDict\n}\x85R.", "broken"),
        (b"}" * 1_000_001 + b".", "more than 1,000,000 steps"),
    ],
)
def test_short_programs_make_nothing_large(tmp_path, code, told):
    with pytest.raises(ValueError, match=told):
        read_torch(zipped(tmp_path / "a.pth", b"\x80\x02" + code))


def test_lists_and_states_are_not_copied():
    of_list = b"]q\x00K\x01acbuiltins\nset\nh\x00\x85R"
    one, other = run(io.BytesIO(of_list + b"h\x00\x86."), CALLS)
    assert one is other and one == [1]
    state = b"}q\x00" + text("a") + b"K\x01s"
    made = b"ctorch.nn\nA\n)\x81h\x00b"
    code = io.BytesIO(state + made * 2 + b"\x87.")
    assert run(code, {}, None, "torch.nn.") == ({}, {"a": 1}, {})


def test_what_is_within_each_other_is_bounded():
    inner = {}
    for _ in range(30):
        inner = {str(number): inner for number in range(300)}
    with pytest.raises(ValueError, match="at most 1,000,000 entries"):
        flatten(inner)
    for _ in range(100):
        inner = {"a": inner if len(inner) == 1 else np.zeros(1)}
    with pytest.raises(ValueError, match="64 within each other"):
        flatten(inner)


def test_the_byte_order_is_not_inflated(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pth", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/data.pkl", program(), zipfile.ZIP_STORED)
        file.writestr("a/byteorder", b"little")
    with pytest.raises(ValueError, match="compressed"):
        read_torch(tmp_path / "a.pth")
