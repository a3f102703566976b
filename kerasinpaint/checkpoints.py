"""Foreign checkpoints, read without executing them.

`torch.save` writes a program, a pickle, and the bytes of its tensors.
Unpickling would run that program, whatever it does. Here a small machine
follows the few of its instructions that describe dicts, lists, numbers and
tensors, calls nothing, and refuses all others.
"""

import io
import math
import mmap
import zipfile
from pathlib import Path

import numpy as np

from kerasinpaint.checkpoint_program import put, run

LARGEST = 2**31
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
DTYPES = {
    "torch.DoubleStorage": np.dtype("<f8"),
    "torch.FloatStorage": np.dtype("<f4"),
    "torch.HalfStorage": np.dtype("<f2"),
    "torch.LongStorage": np.dtype("<i8"),
    "torch.IntStorage": np.dtype("<i4"),
    "torch.ShortStorage": np.dtype("<i2"),
    "torch.CharStorage": np.dtype("i1"),
    "torch.ByteStorage": np.dtype("u1"),
    "torch.BoolStorage": np.dtype("?"),
}


def read_torch(path):
    """What `torch.save` wrote, with arrays in the place of tensors.

    Reads the zip files of today and the older plain ones. Nothing in the
    file is executed, and no more memory is used than the file is large.

    Args:
        path: path of a `.pth`, `.pt` or `.ckpt` file of at most 2 GiB.

    Returns:
        A dict. Tensors are read-only arrays; dicts, lists, strings and
        numbers around them are kept.

    Raises:
        ValueError: if the file holds anything else, or is broken.

    Example:

    ```python
    trunk = read_torch("alexnet-owt-7be5be79.pth")
    trunk["features.0.weight"].shape  # (64, 3, 11, 11)
    ```
    """
    path = Path(path)
    size = path.stat().st_size
    if size > LARGEST:
        raise ValueError(
            f"A checkpoint must have at most {LARGEST:,} bytes. "
            f"Received: {path.name} with {size:,}."
        )
    try:
        found = _read_zip(path) if zipfile.is_zipfile(path) else _read_old(path)
    except Exception as error:  # broken files fail in every way there is
        raise ValueError(
            "A checkpoint must be a file of `torch.save` that holds only "
            f"dicts, lists, numbers and tensors. Received: {path.name}: "
            f"{error}"
        ) from error
    if not isinstance(found, dict):
        raise ValueError(
            "A checkpoint must hold a dict. "
            f"Received: {path.name} with a {type(found).__name__}."
        )
    return found


def _read_zip(path):
    with zipfile.ZipFile(path) as file:
        members = {member.filename: member for member in file.infolist()}
        (program,) = (name for name in members if name.endswith("/data.pkl"))
        folder = program.removesuffix("data.pkl")
        order = folder + "byteorder"
        if order in members and file.read(order) != b"little":
            raise ValueError("it is of a big-endian machine")
        # Deflated members may be a thousand times as large as the file.
        if any(member.compress_type for member in members.values()):
            raise ValueError("it is compressed")
        storages = Storages(path.stat().st_size)
        found = run(io.BytesIO(file.read(program)), _calls(), storages.get)
        for key, array in storages.arrays.items():
            _fill(array, file.read(f"{folder}data/{key}"))
    return found


def _read_old(path):
    # A map, for a file makes room for as much as it is asked to read.
    with (
        open(path, "rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as file,
    ):
        if run(file, {}) != LEGACY_MAGIC:
            raise ValueError("it is no file of torch")
        run(file, {})  # version of the format
        if not run(file, {})["little_endian"]:
            raise ValueError("it is of a big-endian machine")
        storages = Storages(path.stat().st_size)
        found = run(file, _calls(), storages.get)
        for key in run(file, {}):
            array = storages.arrays[key]
            if int.from_bytes(file.read(8), "little") != array.size:
                raise ValueError(f"storage {key} is of another size")
            _fill(array, file.read(array.nbytes))
    return found


class Storages:
    """Arrays of one dimension that tensors are views of, filled later.

    Args:
        size: int, bytes that all of them may have together.
    """

    def __init__(self, size):
        self.left = size
        self.arrays = {}

    def get(self, told):
        """The array that a program tells of, made when told first."""
        _, name, key, _, length, *rest = told
        if type(key) is not str or type(name) is not str or any(rest):
            raise ValueError("it tells of bytes in an unknown way")
        if key not in self.arrays:
            self.left -= length * DTYPES[name].itemsize
            if length < 0 or self.left < 0:
                raise ValueError("its tensors are larger than the file")
            self.arrays[key] = np.empty(length, DTYPES[name])
        return self.arrays[key]


def _fill(array, data):
    if len(data) != array.nbytes:
        raise ValueError("its bytes are fewer or more than its tensors")
    array[:] = np.frombuffer(data, array.dtype)


def _calls():
    """What programs may call, each given the list of its arguments."""
    return {
        "collections.OrderedDict": _dict,
        "torch._utils._rebuild_tensor": _tensor,
        "torch._utils._rebuild_tensor_v2": _tensor,
        "torch._utils._rebuild_parameter": lambda tensor, *_: tensor,
    }


def _dict(items=()):
    found = {}
    put(found, items)
    return found


def _tensor(storage, offset, shape, strides, *_):
    """A view of a storage; nothing outside it can be reached."""
    last = offset + sum(
        (size - 1) * stride for size, stride in zip(shape, strides, strict=True)
    )
    if (
        min((offset, *shape, *strides)) < 0
        or math.prod(shape) > storage.size
        or (math.prod(shape) and last >= storage.size)
    ):
        raise ValueError(
            f"a tensor of shape {shape} lies outside its {storage.size} values"
        )
    return np.lib.stride_tricks.as_strided(
        storage[offset:],
        shape,
        [stride * storage.itemsize for stride in strides],
        writeable=False,
    )
