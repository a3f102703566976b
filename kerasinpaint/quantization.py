"""8-bit networks: LiteRT files, the layer that loses most, and its training.

Pictures to calibrate and to measure with are a pair: dict of arrays that the
network takes, such as `images` and `masks`, and what it should return.
"""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np

from kerasinpaint import data, sources
from kerasinpaint.batches import Batches
from kerasinpaint.benchmark_scores import BINS, hole_mask, hole_psnr
from kerasinpaint.inpainter import Inpainter
from kerasinpaint.layers import FakeQuantized
from kerasinpaint.losses import Fidelity

KINDS = keras.layers.Conv2D, keras.layers.Conv2DTranspose
# What LiteRT computes in 8 bits; all else stays in floats. It would divide by
# counts that were rounded to 0, and has too few levels for a logarithm.
EIGHT_BITS = {
    "CONCATENATION",
    "CONV_2D",
    "LEAKY_RELU",
    "MAX_POOL_2D",
    "RESIZE_NEAREST_NEIGHBOR",
    "TRANSPOSE_CONV",
}
SIZE = 128
CROP, BATCH = 64, 8
RATE = 1e-4


def holed(split, count, size=SIZE):
    """Photographs with holes of all sizes, the same at each call.

    Args:
        split: "train", to calibrate with, "validation" or "test".
        count: int, how many at most, spread over the split.
        size: int, side in pixels.

    Returns:
        Pair of a dict of `images` and `masks`, and the whole photographs:
        float32 arrays, all of the same length.
    """
    photos = np.stack(data.photos(split, size))
    truths = photos[:: -(-len(photos) // count)]
    masks = [
        hole_mask(size, BINS[index % len(BINS)], True, index)
        for index in range(len(truths))
    ]
    masks = np.stack(masks).astype("float32")
    return {"images": truths * masks, "masks": masks}, truths


def convert(network, path, size, calibration=None):
    """Writes a network as a LiteRT file, of floats or of 8-bit integers.

    Weights get a scale for each filter. What lies between layers gets the
    range that it has with the pictures of `calibration`.

    Args:
        network: `keras.Model` from a dict of tensors to pictures, on
            TensorFlow.
        path: path of the `.tflite` file, written over.
        size: int, side of the pictures that it will take, one at a time.
        calibration: dict of arrays that the network takes, of that size, or
            None for a file of floats.
    """
    import tensorflow as tf

    # Of one picture, for some layers want to know how many there are.
    signature = {
        name: keras.InputSpec(
            shape=[1, *(n or size for n in given.shape[1:])],
            dtype=given.dtype,
            name=name,
        )
        for name, given in network.input.items()
    }
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow speaks of LiteRT's move
        network.export(
            folder, "tf_saved_model", verbose=False, input_signature=[signature]
        )
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if calibration is None:
            written = converter.convert()
        else:
            written = _eight_bits(converter, calibration)
    Path(path).write_bytes(written)


def _eight_bits(converter, calibration):
    import tensorflow as tf
    from ai_edge_litert.schema_py_generated import BuiltinOperator

    def pictures():
        yield from _singly(calibration)

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = pictures
    # The debugger is what can leave some operations in floats.
    debug = tf.lite.experimental
    known = {name for name in vars(BuiltinOperator) if name.isupper()}
    options = debug.QuantizationDebugOptions(
        denylisted_ops=sorted(known - EIGHT_BITS)
    )
    debugger = debug.QuantizationDebugger(
        converter=converter, debug_dataset=pictures, debug_options=options
    )
    return debugger.get_nondebug_quantized_model()


def runner(path):
    """What runs a LiteRT file, on two threads, picture by picture.

    Args:
        path: path of a file that `convert` wrote.

    Returns:
        Function from a dict of arrays to an array of painted pictures.
    """
    from ai_edge_litert.interpreter import Interpreter

    run = Interpreter(str(path), num_threads=2).get_signature_runner()

    def fill(inputs):
        return np.concatenate(
            [next(iter(run(**one).values())) for one in _singly(inputs)]
        )

    return fill


def _singly(inputs):
    """Batches of one picture each, of a dict of arrays."""
    for index in range(len(inputs["masks"])):
        yield {name: all_[index : index + 1] for name, all_ in inputs.items()}


def mean_psnr(fill, pictures):
    """Mean hole PSNR, in decibels, of what fills pictures.

    Args:
        fill: function as `runner` returns it, or a network.
        pictures: pair, as `holed` returns it.
    """
    inputs, truths = pictures
    filled = np.asarray(fill(inputs))
    triples = zip(truths, filled, inputs["masks"], strict=True)
    return float(np.mean([hole_psnr(*triple) for triple in triples]))


def convolutions(network):
    """Names of the layers that can be rounded."""
    return [one.name for one in network.layers if isinstance(one, KINDS)]


def ranges(network, inputs):
    """Smallest and largest input of each convolution, 0 among them.

    Args:
        network: functional `keras.Model`.
        inputs: dict of arrays, pictures to calibrate with.

    Returns:
        Dict of pairs of floats, by the names of layers.
    """
    names = convolutions(network)
    taken = {name: network.get_layer(name).input for name in names}
    found = keras.Model(network.input, taken)(inputs, training=False)
    limits = {}
    for name in names:
        arrays = [np.asarray(one) for one in keras.tree.flatten(found[name])]
        low = min(0.0, *(float(one.min()) for one in arrays))
        limits[name] = low, max(0.0, *(float(one.max()) for one in arrays))
    return limits


def rounded(network, limits):
    """A copy of a network in which some convolutions are as if of 8 bits.

    Args:
        network: functional `keras.Model`.
        limits: dict of pairs of floats, the ranges of the layers to be
            rounded, by their names. Without any it is a plain copy.

    Returns:
        A `keras.Model` with the same weights in the same order.
    """

    def copied(layer):
        copy = type(layer).from_config(layer.get_config())
        if layer.name not in limits:
            return copy
        return FakeQuantized(copy, *limits[layer.name], name=layer.name)

    copy = keras.models.clone_model(network, clone_function=copied)
    copy.set_weights(network.get_weights())
    return copy


def sweep(network, calibration, held_out):
    """Decibels that each convolution loses if it alone is of 8 bits.

    Args:
        network: functional `keras.Model`.
        calibration: dict of arrays that it takes.
        held_out: pair, as `holed` returns it, to measure with.

    Returns:
        Dict of floats by the names of layers, the largest loss first.
    """
    limits = ranges(network, calibration)
    whole = mean_psnr(network, held_out)
    lost = {
        name: whole - mean_psnr(rounded(network, {name: limit}), held_out)
        for name, limit in limits.items()
    }
    return dict(sorted(lost.items(), key=lambda item: -item[1]))


def trained(network, name, limits, steps):
    """Trains one layer of a network further, all others as they are.

    Args:
        network: functional `keras.Model`.
        name: string, the layer.
        limits: dict of pairs of floats, as `rounded` takes it: the layers
            that are as if of 8 bits meanwhile.
        steps: int, of `BATCH` training photographs each.

    Returns:
        A `keras.Model` like `network`, of floats.
    """
    student = rounded(network, limits)
    for layer in student.layers:
        layer.trainable = layer.name == name
    photos = sources.pictures("photos", "train")
    batches = Batches(photos, CROP, BATCH, steps, seed=1)
    model = Inpainter(student)
    keras.utils.set_random_seed(0)
    model.compile(keras.optimizers.Adam(RATE), Fidelity(ssim_weight=0.0))
    model.fit(batches, shuffle=False, verbose=0)
    copy = rounded(network, {})
    copy.set_weights(student.get_weights())
    return copy
