"""Networks as files that run without Keras: ONNX, LiteRT, SavedModel."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
from keras import ops

from kerasinpaint import networks, weights

# LiteRT plans its memory beforehand, for pictures of one size.
SIZE = 512
LARGEST_DIFFERENCE = 1e-3


class Filler(keras.Model):
    """A network with what a method does around it.

    From `images` and `masks` of any height and width to filled pictures:
    they are reflected to what the network halves, the result is cut to
    size, and known pixels are returned as they are.

    Args:
        network: `keras.Model`, as `networks.build` returns.
    """

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.multiple = networks.multiple(network)

    def call(self, inputs):
        images, masks = inputs["images"], inputs["masks"]
        images = ops.where(masks > 0, images, 0.0)
        height, width = ops.shape(images)[1:3]
        padded = {
            name: self._reflected(self._reflected(x, 1), 2)
            for name, x in (("images", images), ("masks", masks))
        }
        painted = self.network(padded, training=False)
        painted = painted[:, :height, :width]
        return ops.where(masks > 0, images, painted)

    def _reflected(self, x, axis):
        length = ops.shape(x)[axis]
        count = (length + self.multiple - 1) // self.multiple
        places = ops.arange(count * self.multiple)
        # There and back again, as often as it takes.
        last = ops.maximum(length - 1, 1)
        places = last - ops.abs(last - places % (2 * last))
        return ops.take(x, ops.minimum(places, length - 1), axis=axis)


def export(name, path, format="onnx", size=None):
    """Writes a network as a file that needs no Keras, and checks it.

    Its inputs are `images`, `(batch, height, width, 3)` in [0, 1], and
    `masks`, `(batch, height, width, 1)`, 1 = known, both float32; its output
    is the filled pictures. What stands in holes has no influence, but must
    be finite. What was written is run once, beside Keras.

    Args:
        name: name of shipped weights, or path of a `.npz` file.
        path: path to write, which must not be a folder. A file is
            replaced. Nothing is written before all is right.
        format: string, one of `FORMATS`.
        size: pair of ints, height and width of all pictures, at least 2, or
            `None` for any; LiteRT then takes 512 px.

    Returns:
        float, the largest difference of a value to that of Keras.

    Raises:
        ImportError: if what writes or runs the format is not installed, or
            the backend is not TensorFlow.
        ValueError: if there are no such weights, the network or the format
            cannot be exported, or what was written differs by more than
            .001.
    """
    path = Path(path)
    _check(path, format, size)
    if format == "litert":
        size = size or (SIZE, SIZE)
    filler = Filler(_network(name))
    height, width = size or (None, None)
    signature = {
        "images": keras.Input((height, width, 3), name="images"),
        "masks": keras.Input((height, width, 1), name="masks"),
    }
    picture = _test_picture(*(size or (135, 203)))
    wanted = ops.convert_to_numpy(filler(picture))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        known_as, suffix, run = FORMATS[format]
        aside = Path(folder) / f"exported{suffix}"
        with warnings.catch_warnings():
            # Keras asks NumPy for a name that is about to change.
            warnings.simplefilter("ignore", FutureWarning)
            filler.export(
                aside, known_as, verbose=False, input_signature=[signature]
            )
        difference = float(np.abs(run(aside, picture) - wanted).max())
        if not difference <= LARGEST_DIFFERENCE:
            raise ValueError(
                f"{format} must compute what Keras does, within "
                f"{LARGEST_DIFFERENCE}. Received: {difference:.2g} off."
            )
        aside.replace(path)
    return difference


def _check(path, format, size):
    """Raises if nothing can be written there in that format, or here."""
    if format not in FORMATS:
        raise ValueError(
            f"`format` must be one of {', '.join(FORMATS)}. "
            f"Received: {format!r}."
        )
    suffix = FORMATS[format][1]
    if path.suffix != suffix:
        raise ValueError(
            f"`path` must end in {suffix or 'a name without a suffix'} for "
            f"{format}. Received: {path}."
        )
    if path.is_dir() or (path.exists() and not suffix):
        raise ValueError(
            "Where a folder is or comes, nothing must be already. "
            f"Received: {path}."
        )
    if size and min(size) < 2:
        raise ValueError(
            f"`size` must be at least 2 and 2. Received: {tuple(size)}."
        )
    if keras.backend.backend() != "tensorflow":
        raise ImportError(
            "Export needs Keras on TensorFlow: set KERAS_BACKEND=tensorflow. "
            f"Received: {keras.backend.backend()}."
        )
    try:
        import ai_edge_litert.interpreter  # noqa: F401
        import onnxruntime  # noqa: F401
        import tf2onnx  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "Export needs more packages: `pip install kerasinpaint[export]`. "
            f"Received: {error}"
        ) from error


def _network(name):
    """The network, if there is one and it works at any size."""
    if not weights.path_of(name).exists():
        known = [n for n in networks.presets() if weights.path_of(n).exists()]
        raise ValueError(
            "`name` must be a `.npz` file of weights that is there, or one "
            f"of {', '.join(known)}. Received: {name!r}."
        )
    _, network = networks.load(name, for_export=True)
    if set(network.input) != {"images", "masks"}:
        raise ValueError(
            "What is exported must be a network of any size, of images and "
            f"masks alone. Received: {name}, which takes "
            f"{', '.join(network.input)}."
        )
    return network


def _test_picture(height, width):
    """Noise with a hole."""
    rng = np.random.default_rng(0)
    image = rng.random((height, width, 3), np.float32)
    mask = np.ones((height, width, 1), np.float32)
    mask[height // 4 : height // 2, width // 3 : 2 * width // 3] = 0
    return {"images": image[None], "masks": mask[None]}


def _run_onnx(path, picture):
    import onnxruntime

    return onnxruntime.InferenceSession(path).run(None, picture)[0]


def _run_litert(path, picture):
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(path)).get_signature_runner()
    (filled,) = runner(**picture).values()
    return filled


def _run_saved_model(path, picture):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    return loaded.serve(picture).numpy()


# What Keras calls each, how its name ends (a SavedModel is a folder), and
# what runs it.
FORMATS = {
    "onnx": ("onnx", ".onnx", _run_onnx),
    "litert": ("litert", ".tflite", _run_litert),
    "saved_model": ("tf_saved_model", "", _run_saved_model),
}
