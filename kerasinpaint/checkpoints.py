"""Foreign checkpoints, read without executing them.

`torch.save` writes a program, a pickle, and the bytes of its tensors.
Unpickling would run that program, whatever it does. Here a small machine
follows the few of its instructions that describe dicts, lists, numbers,
tensors, and the objects around them; it calls nothing, and refuses all
others.
"""

import io
import math
import mmap
import zipfile
from pathlib import Path

import numpy as np

from kerasinpaint.checkpoint_program import run

LARGEST = 2**31
MOST = 10**6
DEEPEST = 64
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
# Of these, programs may make objects; we see dicts of their attributes.
CLASSES = (
    "__torch__.",  # of TorchScript
    "torch.nn.",
    "timm.",
    "torch_utils.",
    "dnnlib.",
    "omegaconf.",
    "pytorch_lightning.",
)
# Where a module of PyTorch keeps what it consists of.
INSIDE = "_parameters", "_buffers", "_modules"
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

    Reads the zip files of today, TorchScript among them, the older plain
    ones, and pickles of networks as StyleGAN2 writes them. Nothing in the
    file is executed. Tensors take no more memory than the file is large,
    and what is around them at most a few hundred megabytes.

    Args:
        path: path of a `.pth`, `.pt`, `.ckpt` or `.pkl` file of at most
            2 GiB.

    Returns:
        A dict. Tensors are read-only arrays; dicts, lists, strings and
        numbers around them are kept. Objects are dicts of attributes.

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
        zipped = zipfile.is_zipfile(path)
        found = _read_zip(path) if zipped else _read_plain(path)
    except Exception as error:  # broken files fail in every way there is
        ours = type(error) is ValueError
        raise ValueError(
            "A checkpoint must be a file of `torch.save` that holds only "
            f"dicts, lists, numbers and tensors. Received: {path.name}: "
            f"{error if ours else f'it is broken ({type(error).__name__})'}"
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
        programs = [name for name in members if name.endswith("/data.pkl")]
        if len(programs) != 1:
            raise ValueError(
                f"a zip must have one `data.pkl`, it has {len(programs)}; "
                "if the checkpoint is inside, unpack it"
            )
        (program,) = programs
        folder = program.removesuffix("data.pkl")
        order = folder + "byteorder"
        if order in members and _read_member(file, order) != b"little":
            raise ValueError("it is of a big-endian machine")
        storages = Storages(path.stat().st_size)
        found = _follow(io.BytesIO(_read_member(file, program)), storages)
        for key, array in storages.arrays.items():
            _fill(array, _read_member(file, f"{folder}data/{key}"))
    return found


def _read_member(file, name):
    # Deflated members may be a thousand times as large as the file.
    if file.getinfo(name).compress_type:
        raise ValueError("it is compressed")
    return file.read(name)


def _read_plain(path):
    # A map, for a file makes room for as much as it is asked to read.
    with (
        open(path, "rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as file,
    ):
        storages = Storages(path.stat().st_size)
        found = _follow(file, storages)
        return _read_old(file, storages) if found == LEGACY_MAGIC else found


def _read_old(file, storages):
    """What follows the first of the programs of an old file of torch."""
    run(file, {})  # version of the format
    if not run(file, {})["little_endian"]:
        raise ValueError("it is of a big-endian machine")
    found = _follow(file, storages)
    for key in run(file, {}):
        array = storages.arrays.pop(key)
        if int.from_bytes(file.read(8), "little") != array.size:
            raise ValueError(f"storage {key} is of another size")
        _fill(array, file.read(array.nbytes))
    return found


def _follow(file, storages):
    """Follows the program that tells of tensors."""

    def within(data):
        """A storage that a pickle holds, as a file of torch of its own."""
        inner = io.BytesIO(data)
        if run(inner, {}) != LEGACY_MAGIC:
            raise ValueError("it holds bytes that are no file of torch")
        return _read_old(inner, storages)

    calls = CALLS | {"torch.storage._load_from_bytes": within}
    return run(file, calls, storages.get, CLASSES)


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
        if name not in DTYPES:
            raise ValueError(f"it tells of a {name:.80}")
        if key not in self.arrays:
            self.left -= length * DTYPES[name].itemsize
            if length < 0 or self.left < 0:
                raise ValueError("its tensors are larger than the file")
            self.arrays[key] = np.empty(length, DTYPES[name])
        return self.arrays[key]


def flatten(found):
    """Arrays by the names that PyTorch gives them in a `state_dict`.

    Args:
        found: what `read_torch` returns.

    Returns:
        Dict of arrays by dotted names, such as `"model.1.weight"`.

    Raises:
        ValueError: if there is no end of what is within it.

    Example:

    >>> flatten({"a": {"_parameters": {"bias": np.zeros(3)}}, "step": 7})
    {'a.bias': array([0., 0., 0.])}
    """
    arrays, waiting, seen = {}, [((), (), found)], 0
    while waiting:
        path, around, value = waiting.pop()
        seen += 1
        if seen + len(waiting) > MOST or len(path) > DEEPEST:
            raise ValueError(
                f"A checkpoint must have at most {MOST:,} entries, "
                f"{DEEPEST} within each other."
            )
        # Settings may know the ones that they are part of.
        if isinstance(value, dict) and id(value) not in around:
            waiting += [
                ((*path, str(key)), (*around, id(value)), inner)
                for key, inner in value.items()
            ]
        elif isinstance(value, np.ndarray):
            arrays[".".join(p for p in path if p not in INSIDE)] = value
    return arrays


def _fill(array, data):
    if len(data) != array.nbytes:
        raise ValueError("its bytes are fewer or more than its tensors")
    array[:] = np.frombuffer(data, array.dtype)


def _as(kind):
    """Hands on what is given: of copies a short program could ask many."""

    def hand_on(value):
        if type(value) is not kind:
            raise ValueError(f"it makes a {kind.__name__} of something else")
        return value

    return hand_on


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


# What programs may call, and what is called in its place.
CALLS = {
    "collections.OrderedDict": lambda: {},
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": lambda tensor, *_: tensor,
    # Lists in TorchScript, and sets in the pickles of Python 3.7.
    "torch.jit._pickle.build_intlist": _as(list),
    "builtins.set": _as(list),
    # The networks of StyleGAN2 and of what was made after it, which are
    # kept with their source; of them we take the attributes.
    "torch_utils.persistence._reconstruct_persistent_obj": (
        lambda told: _as(dict)(told["state"])
    ),
}
