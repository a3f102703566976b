"""Solutions of notebook 12, faster and smaller. Run it in notebooks."""

import keras
import numpy as np
from keras import ops

from kerasinpaint import networks, quantization

PHOTOS = 12
LAYER = "encoder_2_1"
SIZE = 64

_, network = networks.load("autoencoder_skip")
calibration, _ = quantization.holed("train", PHOTOS, SIZE)
held_out = quantization.holed("validation", PHOTOS, SIZE)
whole = quantization.mean_psnr(network, held_out)

# ## 1. Calibrated with too little

grey = {
    "images": np.full((1, SIZE, SIZE, 3), 0.5, "float32"),
    "masks": np.ones((1, SIZE, SIZE, 1), "float32"),
}
one = {name: given[:1] for name, given in calibration.items()}
for name, pictures in {
    "all": calibration,
    "one picture": one,
    "a grey one": grey,
}.items():
    limits = quantization.ranges(network, pictures)
    low, high = limits[LAYER]
    copy = quantization.rounded(network, limits)
    lost = whole - quantization.mean_psnr(copy, held_out)
    print(f"{name}: {low:.2f} to {high:.2f}, {lost:.3f} dB lost")
print(
    "What lies beyond the range is cut off. A single photograph comes near; on"
    " a grey one all features are small, and with them the range."
)

# ## 2. Four bits


def fake_quantize(x, low, high, bits):
    steps = 2**bits - 1
    scale = (high - low) / steps
    zero = round(-low / scale)
    x = ops.clip(x / scale, -zero, steps - zero)
    return (x + ops.stop_gradient(ops.round(x) - x)) * scale


def rounded(layer, limits, bits):
    """The layer, as a function of inputs, with its kernel rounded, too."""
    kernel = np.asarray(layer.kernel)
    largest = np.abs(kernel).max(axis=(0, 1, 2), keepdims=True)
    scale = largest / (2 ** (bits - 1) - 1)
    copy = type(layer).from_config(layer.get_config())
    copy.build(layer.input.shape)
    copy.set_weights([np.rint(kernel / scale) * scale, layer.bias])
    return lambda x: copy(fake_quantize(x, *limits, bits))


limits = quantization.ranges(network, calibration)[LAYER]
taken = keras.Model(network.input, network.get_layer(LAYER).input)
features = taken(calibration, training=False)
layer = network.get_layer(LAYER)
true = layer(features)
for bits in (8, 4, 2):
    found = rounded(layer, limits, bits)(features)
    error = ops.mean(ops.abs(found - true)) / ops.mean(ops.abs(true))
    print(f"{bits} bits: what {LAYER} returns is {float(error):.1%} off")
print("Each bit less doubles the error, until hardly a step is left.")

# ## 3. Straight through


class Quarter(keras.layers.Layer):
    def __init__(self, straight):
        super().__init__()
        self.straight = straight
        self.weight = self.add_weight(shape=(1,), initializer="zeros")

    def call(self, x):
        near = ops.round(4 * self.weight) / 4
        if self.straight:
            near = self.weight + ops.stop_gradient(near - self.weight)
        # Where there is no gradient at all Keras would stop here.
        return x * near + 0.0 * self.weight


x, y = np.ones((8, 1), "float32"), np.full((8, 1), 0.6, "float32")
for straight in (False, True):
    model = keras.Sequential([Quarter(straight)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    for _ in range(20):
        model.train_on_batch(x, y)
    print(f"straight through: {straight}, {float(model(x[:1])[0, 0]):.2f}")
print(
    "Without it the weight never leaves 0. With it, it comes to the border"
    " between .5 and .75, and goes back and forth: .6 is between them."
)
