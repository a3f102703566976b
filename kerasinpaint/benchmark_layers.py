"""What training costs: a partial convolution, a step, the input pipeline."""

import time

import numpy as np

BATCH = 8
REPEATS = 15
# Side of the images, channels, filters, kernel and stride: from the first
# layer of a U-Net to its widest that is not tiny.
SHAPES = [
    (64, 3, 64, 7, 2),
    (32, 64, 128, 5, 2),
    (64, 64, 64, 3, 1),
    (16, 128, 256, 3, 1),
    (32, 256, 256, 3, 1),
]


def need_tensorflow(what):
    """Refuses another backend of Keras.

    Args:
        what: string, what TensorFlow is needed for: a clause.

    Raises:
        ValueError: if Keras's backend is not TensorFlow.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            f"{what}: the environment variable KERAS_BACKEND must be "
            f"tensorflow. Received: {keras.backend.backend()}."
        )


def layer_overhead(shapes=tuple(SHAPES), repeats=REPEATS):
    """Times training steps of three convolutions, which take turns.

    A step is what `fit` runs: forward and backward with respect to kernel,
    bias and images, in TensorFlow compiled by XLA, on all threads. Beside
    ours is the form that is copied everywhere, which convolves masks of all
    channels with a kernel of ones as large as its own.

    Args:
        shapes: list of side, channels, filters, kernel size and stride.
        repeats: int, steps of each kind.

    Returns:
        A DataFrame: a line for each shape with masks of 1 and of all
        channels, and a last one with medians. Ratios are medians over
        turns of a step's seconds over those of `Conv2D` in the same turn.
    """
    import pandas

    rows = []
    for shape in shapes:
        for channels in (1, shape[1]):
            seconds = turns(_steps(shape, channels), repeats)
            ours, copied = np.median(seconds[:, 1:] / seconds[:, :1], axis=0)
            side, depth, filters, kernel, stride = shape
            rows.append(
                {
                    "shape": f"{side} px, {depth}->{filters}, "
                    f"k{kernel} s{stride}",
                    "mask channels": str(channels),
                    "Conv2D ms": 1000 * np.median(seconds[:, 0]),
                    "PConv2D": ours,
                    "as copied": copied,
                }
            )
    table = pandas.DataFrame(rows)
    numbers = table[["Conv2D ms", "PConv2D", "as copied"]]
    table.loc[len(table)] = ["median", "", *numbers.median()]
    return table


def kernel_costs(shapes=((64, 48), (16, 96)), repeats=REPEATS):
    """Compares a kernel that depends on content with one that does not.

    Of both, each pixel sees 5 x 5, and as many channels come out as go in.
    Operations are counted: two for each product that is added.

    Args:
        shapes: sequence of pairs of ints, side of the images and channels.
        repeats: int, steps of each kind.

    Returns:
        A DataFrame: a line for each shape, with millions of operations of a
        picture going forward, and a step's time, as in `layer_overhead`.
    """
    import pandas
    import tensorflow as tf
    from keras.layers import Conv2D

    from kerasinpaint.layers import Involution2D

    rng = np.random.default_rng(0)
    rows = []
    for side, channels in shapes:
        images = rng.random((BATCH, side, side, channels))
        images = tf.Variable(images, dtype="float32")
        plain = Conv2D(channels, 5, padding="same")
        content = Involution2D(5, groups=4)
        plain.build(images.shape), content.build(images.shape)
        seconds = turns([_step(plain, images), _step(content, images)], repeats)
        made = channels * (channels // content.ratio)
        spanned = (channels // content.ratio) * 25 * content.groups
        rows.append(
            {
                "shape": f"{side} px, {channels} channels, k5",
                "Conv2D Mop": 2e-6 * side**2 * 25 * channels**2,
                "Involution2D Mop": 2e-6
                * side**2
                * (made + spanned + 25 * channels),
                "Conv2D ms": 1000 * np.median(seconds[:, 0]),
                "Involution2D": np.median(seconds[:, 1] / seconds[:, 0]),
            }
        )
    return pandas.DataFrame(rows)


def input_rate(size=128, batch_size=16, repeats=10):
    """Compares what the input pipeline feeds with what a network takes.

    Args:
        size: int, side of the crops in pixels.
        batch_size: int.
        repeats: int, batches to draw, and to train with.

    Returns:
        A DataFrame of one line: pictures a second that one thread draws
        and that the network of `pconv` trains with, and their ratio.
    """
    import pandas

    from kerasinpaint import losses, networks, sources
    from kerasinpaint.batches import Batches
    from kerasinpaint.inpainter import Inpainter

    pictures = sources.pictures("photos", "train")
    for _ in pictures:  # decoded once, as in the first epoch
        pass
    batches = Batches(pictures, size, batch_size, repeats + 1)
    model = Inpainter(networks.build("pconv", "mixed_bfloat16"))
    model.compile("adam", losses.Fidelity())
    batch = batches.draw(np.random.default_rng(0))
    model.train_on_batch(*batch)  # compiles
    drawn, trained = (
        batch_size * repeats / _seconds(step, repeats)
        for step in (
            lambda index: batches.draw(np.random.default_rng(index)),
            lambda index: model.train_on_batch(*batch),
        )
    )
    row = {"drawn/s": drawn, "trained/s": trained, "times": drawn / trained}
    return pandas.DataFrame([{"size": size, **row}])


def _seconds(step, repeats):
    start = time.perf_counter()
    for index in range(repeats):
        step(index)
    return time.perf_counter() - start


def turns(steps, repeats):
    """Seconds of each step at each turn, once all are compiled.

    Args:
        steps: list of functions without arguments.
        repeats: int, turns.

    Returns:
        float array of shape `(repeats, steps)`.
    """
    for step in steps:
        step()
    seconds = np.empty((repeats, len(steps)))
    for turn in seconds:
        for place, step in enumerate(steps):
            start = time.perf_counter()
            step()
            turn[place] = time.perf_counter() - start
    return seconds


def _steps(shape, mask_channels):
    """Training steps of `Conv2D`, of `PConv2D` and of the copied form."""
    import tensorflow as tf
    from keras.layers import Conv2D

    from kerasinpaint.layers import PConv2D

    side, channels, filters, kernel, stride = shape
    rng = np.random.default_rng(0)
    images = rng.random((BATCH, side, side, channels))
    masks = rng.random((BATCH, side, side, mask_channels)) < 0.7
    images, masks = (tf.Variable(a, dtype="float32") for a in (images, masks))
    options = {"strides": stride, "padding": "same"}
    plain = Conv2D(filters, kernel, **options)
    partial = PConv2D(filters, kernel, **options)
    plain.build(images.shape), partial.build(images.shape)
    return [
        _step(plain, images),
        _step(partial, images, masks),
        _step(partial, images, masks, call=_copied),
    ]


def _step(layer, images, *masks, call=None):
    """Forward and backward through a layer, compiled, waited for."""
    import tensorflow as tf

    weights = [images, *(weight.value for weight in layer.weights)]
    shape = layer.compute_output_shape(tuple(images.shape))
    slope = tf.Variable(np.random.default_rng(1).random(shape, "float32"))

    @tf.function(jit_compile=True)
    def gradients():
        with tf.GradientTape() as tape:
            if call is None:
                outputs = layer(images, *masks)
            else:
                outputs = call(layer, images, *masks)
            features = outputs[0] if masks else outputs
            loss = tf.reduce_sum(features * slope)
        return tape.gradient(loss, weights), outputs

    return lambda: gradients()[0][-1].numpy()


def _copied(layer, images, masks):
    """What most copies do: masks go through a convolution as large."""
    from keras import ops

    masks = ops.broadcast_to(masks, images.shape)
    ones = ops.ones(layer.kernel.shape)
    counts = ops.stop_gradient(layer.convolution_op(masks, ones))
    features = layer.convolution_op(images * masks, layer.kernel)
    valid = ops.clip(counts, 0, 1)
    window = float(np.prod(ones.shape[:3]))
    ratio = valid * window / (counts + 1e-8)
    return (features * ratio + layer.bias) * valid, valid
