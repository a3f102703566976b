"""The recipe of the segmenter `sample`."""

import keras

from kerasinpaint import runs, scenes, segmenters
from kerasinpaint.optimizers import adam
from kerasinpaint.scene_batches import SceneBatches

# What it sees where something was cut out.
FILLS = "fmm", "telea", "navier_stokes", "pconv", "lama"
STEPS = 400


def sample(data, output, epochs=8, **options):
    """Scenes of five classes, half of them filled: the segmenter `sample`.

    kerasinpaint train sample

    Two shared x86-64 cores, 90 minutes. Expected: mean IoU .48 on its
    validation batches, of cut-outs that it has not seen, and .81 on those
    that it has.
    """
    if data not in (None, "scenes"):
        raise ValueError(
            "`data` must be left out: a segmenter is trained on scenes, for "
            f"which labels are known. Received: {data!r}."
        )
    network = segmenters.build_sample()
    size = segmenters.SIDE
    pictures = keras.Input((size, size, 3))
    enlarge = keras.layers.UpSampling2D(4, interpolation="bilinear")
    model = keras.Model(pictures, enlarge(network(pictures)))
    classes = len(scenes.CLASSES) + 1
    model.compile(
        adam(3e-4, STEPS * epochs),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.MeanIoU(classes, sparse_y_pred=False)],
    )
    draw = SceneBatches(size, 16, STEPS, fills=FILLS, seed=1)
    held_out = SceneBatches(size, 16, 12, "validation", fills=(), seed=2)
    runs.fit(model, draw, epochs, output, validation=held_out, **options)
    return network
