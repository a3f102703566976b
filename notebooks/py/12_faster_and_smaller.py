# %% [markdown]
# # 12. Faster and smaller
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/kerasinpaint/kerasinpaint/blob/main/notebooks/12_faster_and_smaller.ipynb)
#
# | You will | Needs | Takes |
# |---|---|---|
# | measure what saves memory and time, and its price | notebook 5 | 5 min |
#
# Everybody knows that half precision is twice as fast, that a compiler makes
# anything quicker, and that 8 bits lose nothing. On *your* machine, with *your*
# network, none of it may be true. So here each technique is measured, before
# and after: memory, time, bytes, and decibels in the holes. At the end an
# autoencoder fills holes with a quarter of its bytes, and you know which of its
# layers pays for that:
#
# ![Which layers lose decibels](../images/12_sweep.jpg)
#
# ## Set up

# %% tags=["setup", "keras"]
import os
import sys

if "google.colab" in sys.modules and not os.path.exists("py"):
    # !git clone -q --depth 1 https://github.com/kerasinpaint/kerasinpaint
    # %cd kerasinpaint/notebooks
    # !pip install -q -r ../requirements.txt
    sys.path.insert(0, os.path.abspath(".."))
# %config InlineBackend.figure_formats = ["jpeg"]
# %config InlineBackend.rc = {"figure.dpi": 72}

from importlib.util import find_spec

if "KERAS_BACKEND" not in os.environ:
    tpu = {"COLAB_TPU_ADDR", "TPU_NAME", "TPU_ACCELERATOR_TYPE"} & {*os.environ}
    tensorflow = not tpu and find_spec("tensorflow")
    os.environ["KERAS_BACKEND"] = "tensorflow" if tensorflow else "jax"

import keras

print(keras.backend.backend(), *keras.distribution.list_devices())

# %%
import logging
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import numpy as np
import pandas
from keras import ops

from kerasinpaint import networks, quantization, weights
from kerasinpaint.benchmark_efficiency import (
    STEP,
    WAYS,
    medians,
    megabytes,
    training_step,
)
from kerasinpaint.layers import FakeQuantized
from kerasinpaint.layers.fake_quantized import rounded_inputs, rounded_kernel

logging.getLogger("tensorflow").setLevel("ERROR")  # of each file it writes

# %% [markdown]
# The constants. `PHOTOS` photographs of `SIZE` px calibrate, and as many others
# measure. `STEPS` are those of training at the end. `MEASURED` are the ways to
# train whose memory is measured, each in a process of its own.

# %% tags=["parameters"] tiny={"SIZE": 64, "LAYERS": 2, "MEASURED": ["plain"]}
PHOTOS = 24
SIZE = 128
LAYERS = 8
STEPS = 60
MEASURED = ["plain", "checkpointed", "bfloat16", "without XLA"]

# %% [markdown]
# ## What training keeps in memory
#
# To know how a kernel must change, the way back needs what went into its
# convolution on the way there. So a network keeps the features of *every*
# layer until its gradient has been computed. It is these, not its weights,
# that fill a GPU.
#
# **Predict, then run.** A stack of 19 gated convolutions, like the middle of
# the structure builder, sees 4 pictures of 96 px and makes 32 features of each
# pixel. A gated convolution keeps its input and the two halves that it
# multiplies. How many times as much are the features as the weights?

# %%
features = 19 * 3 * 4 * 96 * 96 * 32
kernels = 18 * 3 * 3 * 32 * 64
print(f"features: {features * 4 / 1e6:.0f} MB")
print(f"weights:  {kernels * 4 / 1e6:.1f} MB")
print(f"{features / kernels:.0f} times as much")

# %% [markdown]
# ## Gradient checkpointing
#
# What was computed once can be computed again. **Gradient checkpointing** keeps
# only what goes *into* a block. When the way back arrives there, the block runs
# a second time, and what is inside lives only as long as that block's gradient
# takes. In Keras it is one function, called inside `call`:


# %%
@keras.saving.register_keras_serializable()
class Forgetful(keras.layers.Wrapper):
    """Computes a layer without state again on the way back."""

    def call(self, inputs):
        layer = self.layer
        kernels = [ops.copy(v) for v in layer.trainable_variables]

        def compute(inputs, *kernels):
            return layer.stateless_call(kernels, [], inputs)[0]

        return keras.remat(compute)(inputs, *kernels)


# %% [markdown]
# Why so roundabout, with `stateless_call`? Because the function runs *twice*. A
# second run must not move the means of a batch normalization again, nor drop
# other features than the first. So all that it reads goes in as an argument,
# and nothing in it is written. The shipped `layers.Remat` also takes care of
# state, and of half precision. (`keras.RematScope` looks easier, and fails in
# `fit` on TensorFlow.)
#
# Is what it computes the same?

# %%
picture = np.random.default_rng(0).random((1, 8, 8, 3), np.float32)
plain = keras.layers.Conv2D(4, 3, activation="elu")
same = ops.all(plain(picture) == Forgetful(plain)(picture))
print("the same:", bool(same))

# %% [markdown]
# Memory is not easily measured from inside, for what was once taken is not
# given back. So each way to train gets a process of its own, makes two steps,
# and tells the most it ever held, less what it held before. That is the memory
# of the compiler, too.
#
# `checkpointed` wraps each block of three gated convolutions. `bfloat16` and
# `without XLA` are what comes next; we measure them on the way.
#
# **Predict, then run.** With blocks of three, how much of the memory stays? And
# what does it cost in time: how often is each convolution computed now, if the
# way back takes about twice as long as the way there?

# %%
memory = {name: megabytes(STEP.format(options=WAYS[name])) for name in MEASURED}
for name, used in memory.items():
    print(f"{name:13} {used:5.0f} MB, {used / memory['plain']:.0%}")

# %%
steps = {name: training_step(**WAYS[name]) for name in MEASURED}
seconds = medians(steps, 3)
for name, taken in seconds.items():
    print(f"{name:13} {taken / seconds['plain']:.2f} times as long")
del steps

# %% [markdown]
# The times took turns in one process: on a machine that others use, only what
# is measured side by side can be compared. Look at the ratios, not at seconds.
#
# Checkpointing is a trade that theory tells well: three passes become four, so
# a third more time, for memory that grows with the *depth of a block*, and
# hardly with that of the network: of each block only what goes in is kept.
# What the libraries take for themselves stays,
# so less is saved than theory says, most of all in a network as small as this
# one. It pays when a larger batch or picture would
# not fit otherwise; it never makes anything faster by itself.
#
# ## Mixed precision
#
# A float of 16 bits takes half the place. There are two kinds, and they give up
# different things:

# %%
rows = []
for name in ("float32", "float16", "bfloat16"):
    one = ops.cast(1.0, name)
    seen = [b for b in range(30) if one + ops.cast(0.5**b, name) != one]
    small = [p for p in range(60) if float(ops.cast(10.0**-p, name)) > 0]
    rows.append((name, f"1/{2 ** max(seen)}", f"1e-{max(small)}"))
pandas.DataFrame(rows, columns=["", "step above 1", "smallest power of 10"])

# %% [markdown]
# `bfloat16` reaches as far as `float32`, with steps of nearly one percent.
# `float16` is finer, but what is smaller than a hundred-millionth is 0 to it.
#
# **Predict, then run.** Pictures have millions of values, so the gradient of a
# mean is tiny. Here is one of 1e-9, as it comes to a weight in `float16`, and
# the same with the loss multiplied by 2 to the power of 15 before, and the
# gradient divided by it after. What arrives?

# %%
gradient, scale = 1e-9, 2.0**15
lost = ops.cast(gradient, "float16")
scaled = ops.cast(gradient * scale, "float16")
print(f"as it is:    {float(lost):.1e}")
print(f"with scale:  {float(ops.cast(scaled, 'float32')) / scale:.1e}")

# %% [markdown]
# That is **loss scaling**. Keras does it by itself: `compile` puts the
# optimizer of a `mixed_float16` model into a `LossScaleOptimizer`, which
# doubles the scale from time to time, and halves it and skips the step when
# something overflows. With `mixed_bfloat16` there is nothing to be scaled.

# %%
with networks.policy("mixed_float16"):
    dense = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
dense.compile("adam", "mse")
print(type(dense.optimizer).__name__)

# %% [markdown]
# Both are called *mixed*, for weights and sums stay in `float32`. And time?
# Look again at the line of `bfloat16` above. A TPU, or a GPU with tensor cores,
# multiplies 16 bits several times as fast. Most CPUs cannot multiply them at
# all: they turn them into 32 bits, multiply, and turn them back. What is saved
# there is memory.
#
# What does it cost in decibels? The autoencoder with skips, of notebook 5, as
# shipped, fills photographs that it has never seen. Their holes are of every
# size.

# %%
calibration, _ = quantization.holed("train", PHOTOS, SIZE)
held_out = quantization.holed("validation", PHOTOS, SIZE)
_, network = networks.load("autoencoder_skip")
whole = quantization.mean_psnr(network, held_out)

# %%
half = networks.build("autoencoder_skip", "mixed_bfloat16")
weights.load(half, weights.path_of("autoencoder_skip"))
print(f"float32:  {whole:.3f} dB")
print(f"bfloat16: {quantization.mean_psnr(half, held_out):.3f} dB")

# %% [markdown]
# Where it would cost something our networks do not use it: the last sigmoid,
# losses, the counts of a partial convolution.
#
# ## XLA
#
# `jit_compile=True` hands a whole step to a compiler. It **fuses**: an ELU, a
# sigmoid and their product are one loop over memory, and no longer three. It
# also knows when each tensor is needed last. Keras turns it on by itself where
# it can, so the way to see what it does is to turn it *off*: that was `without
# XLA` above.
#
# Here it loses both: on a CPU the convolutions of TensorFlow's library
# are hard to beat, nearly all there is to do is convolve, and compiling takes
# memory itself, which counts in the table. Where each loop over memory has to
# be started, as on an accelerator, it is another matter. What it always costs
# is the first step: each new shape is compiled.
#
# So crops of one size are worth more than they seem, and a method that fills
# pictures of any size is better not compiled for each of them.
#
# ## Eight bits
#
# Once a network is trained its weights only have to be multiplied. Integers of
# 8 bits take a quarter of the place, and a phone's processor multiplies them
# best. A float $x$ becomes the integer $q$:
#
# $$ x \approx s\,(q - z), \qquad q \in \{-128, \dots, 127\} $$
#
# with a **scale** $s$ and a **zero point** $z$, chosen such that 0 is exact:
# padding is made of zeros. Weights are spread evenly around 0, so their $z$ is
# 0.


# %%
def to_integers(kernel, axis):
    """Integers of -127 to 127, and the scale of each filter, or of all."""
    largest = np.abs(kernel).max(axis=axis, keepdims=True)
    scale = largest / 127
    return np.rint(kernel / scale).astype(np.int8), scale


# %% [markdown]
# **Predict, then run.** One scale for a whole kernel, or one for each of its
# filters? How much smaller is the error of the second, in the second layer of
# the encoder?

# %%
kernel = np.asarray(network.get_layer("encoder_1_2").kernel)
for name, axis in (("one scale", None), ("one a filter", (0, 1, 2))):
    integers, scale = to_integers(kernel, axis)
    error = np.abs(integers * scale - kernel).mean()
    print(f"{name:13} {error / np.abs(kernel).mean():.2%} of a weight")

# %% [markdown]
# ### Keras says nothing
#
# Keras has `model.quantize("int8")`. What does it make of our autoencoder, all
# of whose 25 layers with weights are convolutions?

# %%
copy = quantization.rounded(network, {})
copy.quantize("int8")
kinds = {v.dtype for layer in copy.layers for v in layer.weights}
print("types of weights:", *kinds)

# %% [markdown]
# Not one of them is an integer. `quantize` knows `Dense`, `Embedding` and
# `EinsumDense`, skips all else, and returns without a word. That is why you
# look at the file's size, always.
#
# ### A file of integers
#
# LiteRT's converter can do it. It must know how large the features between two
# layers get: that is **calibration**, a few training pictures that run through
# the network while it notes the smallest and the largest value.
#
# Its simplest form makes everything of integers, and our networks fail in it:
# they *count* known pixels and divide by the count. A count of 1 among
# thousands is rounded to 0. So `quantization.convert` asks for convolutions and
# what lies between them; divisions, the logarithm and the sum stay in floats.

# %%
folder = Path(mkdtemp())
files = {"float": folder / "float.tflite", "INT8": folder / "int8.tflite"}
quantization.convert(network, files["float"], SIZE)
quantization.convert(network, files["INT8"], SIZE, calibration)

# %% [markdown]
# **Predict, then run.** Bytes, time and decibels: which of the three is a
# quarter, and which is worse than before?

# %%
fills = {name: quantization.runner(path) for name, path in files.items()}
one = {name: given[:1] for name, given in calibration.items()}
taken = medians({n: partial(fill, one) for n, fill in fills.items()}, 5)
psnr = {n: quantization.mean_psnr(f, held_out) for n, f in fills.items()}
for name, path in files.items():
    print(
        f"{name:6} {path.stat().st_size / 1e6:.2f} MB,"
        f" {taken[name] / taken['float']:.2f} times as long,"
        f" {psnr[name]:.3f} dB"
    )

# %% [markdown]
# A quarter of the bytes, and less than a tenth of a decibel. The time depends
# on the processor: one that multiplies many small integers at once, as phones
# and newer servers do, takes half as long; on an older one it may take as long
# as before, for at each border between integers and floats everything is
# converted. Measure where it is to run.
#
# ## Which layer pays?
#
# To find out, the *float* network computes as if one of its layers were of
# integers: its inputs and kernel are rounded, and nothing else. This is **fake
# quantization**.


# %%
def fake_quantize(x, low, high):
    """Inputs in 256 steps, one of them exactly 0; straight through."""
    scale = (high - low) / 255
    zero = round(-low / scale)
    steps = ops.clip(x / scale, -zero, 255 - zero)
    steps = steps + ops.stop_gradient(ops.round(steps) - steps)
    return steps * scale


# %% [markdown]
# The third line is the trick. Rounding has a gradient of 0 everywhere, which
# teaches nothing. `steps + stop_gradient(round(steps) - steps)` has the *value*
# of the rounded, and the *gradient* of what was not: it goes **straight
# through**. (Beyond the range, `clip` lets none pass.)

# %%
x = np.linspace(-1.5, 2.5, 400, dtype="float32")
ours = ops.convert_to_numpy(fake_quantize(x, -1.0, 2.0))
shipped = ops.convert_to_numpy(rounded_inputs(x, -1.0, 2.0))
print("as the shipped one does:", np.allclose(ours, shipped))
error = np.asarray(rounded_kernel(kernel)) - kernel
integers, scale = to_integers(kernel, (0, 1, 2))
print("kernels too:", np.allclose(error, integers * scale - kernel, atol=1e-6))

# %% [markdown]
# `FakeQuantized` wraps a layer that is there, with its weights. The range of
# its inputs is that of the calibration:

# %%
limits = quantization.ranges(network, calibration)
layer = network.get_layer("encoder_1_2")
low, high = limits["encoder_1_2"]
print(f"inputs from {low:.2f} to {high:.2f}")
print(FakeQuantized(layer, low, high).name)

# %% [markdown]
# Now each layer in turn, on pictures that were not used to calibrate: a
# **sweep**. `quantization.sweep` does it for all 25; for time's sake we take
# every fourth.
#
# **Predict, then run.** Where will it hurt most: near the picture, where
# features are fine, in the bottleneck, or at the output?

# %%
chosen = list(limits)[:: -(-len(limits) // LAYERS)]
lost = {}
for name in chosen:
    copy = quantization.rounded(network, {name: limits[name]})
    lost[name] = whole - quantization.mean_psnr(copy, held_out)

# %% image="12_sweep"
figure, axis = plt.subplots(figsize=(6, 3))
axis.barh(list(lost), list(lost.values()))
axis.invert_yaxis()
axis.axvline(0, color="black", lw=0.8)
axis.set_xlabel("hole PSNR lost in 8 bits, this layer alone (dB)")
plt.tight_layout()
plt.show()

# %%
together = {"the same at once": chosen, "all 25 at once": list(limits)}
print(f"one by one, in sum: {sum(lost.values()):.3f} dB")
for title, names in together.items():
    copy = quantization.rounded(network, {n: limits[n] for n in names})
    left = quantization.mean_psnr(copy, held_out)
    print(f"{title}: {whole - left:.3f} dB")
print(f"the file: {psnr['float'] - psnr['INT8']:.3f} dB")

# %% [markdown]
# The losses are hundredths of a decibel or less, some even gains: rounding is
# noise, and noise is sometimes lucky. They need not add up. The file loses more
# than the sweep finds, since it also rounds what comes *out* of a convolution,
# before the LeakyReLU; our layer leaves that out.
#
# ## Training with it
#
# **Quantization-aware training** lets the network feel the rounding, so that it
# moves its weights to where that does less harm. We train the worst layer only,
# and all others stay as they are. Whatever it gains might be the gain of more
# training, so there is a **control**: the same steps without rounding.

# %%
worst = max(lost, key=lost.get)
trained = {
    "trained further": quantization.trained(network, worst, {}, STEPS),
    "trained as INT8": quantization.trained(
        network, worst, {worst: limits[worst]}, STEPS
    ),
}

# %% [markdown]
# **Predict, then run.** The worst layer alone loses hundredths. Which of the
# two files will be better than the one without training?

# %%
for name, student in trained.items():
    files[name] = folder / f"{name}.tflite"
    quantization.convert(student, files[name], SIZE, calibration)
    psnr[name] = quantization.mean_psnr(
        quantization.runner(files[name]), held_out
    )
for name, decibels in psnr.items():
    print(f"{name:16} {decibels:.3f} dB  {decibels - psnr['INT8']:+.3f}")

# %% [markdown]
# What counts is the difference of the last two, and it is not in favour of
# rounding. Both have gained, since these steps ask for decibels only, where the
# recipe asked for SSIM, too. Without the control we would have called that a
# success of quantization-aware training! A hundredth of a decibel is chance
# with so few pictures: notebook 8 tells how to find out. Where 8 bits lose so
# little nothing can be won, and the honest result is: *leave it*. Training pays
# for 4 bits, for networks with few filters, and for features of a wide range.
#
# ## All of it
#
# `kerasinpaint benchmark efficiency` measures all of this once more, with the
# whole sweep, more pictures and steps, and memory of the files, in a few
# minutes. Here is what *this* run has found:

# %%
table = pandas.DataFrame(
    {
        "times the memory": pandas.Series(memory) / memory["plain"],
        "times as long": pandas.Series(seconds) / seconds["plain"],
    }
)
table.loc["INT8 file"] = [None, taken["INT8"] / taken["float"]]
table.round(2)

# %% [markdown]
# ## Summary
#
# - **Checkpointing** trades about a third more time for a fraction of the
#   memory; **mixed precision** saves memory everywhere and time on hardware
#   made for it; **XLA** fuses, and wants fixed shapes.
# - **INT8** makes a file a quarter as large for hundredths of a decibel, if
#   divisions and counts stay in floats. Check the bytes: what says it has
#   quantized may not have.
# - A **sweep** with fake quantization tells which layer pays; training with it
#   needs a control, and something to win.
#
# ## References
#
# - Chen et al., 2016, [Training deep nets with sublinear memory
#   cost](https://arxiv.org/abs/1604.06174)
# - Micikevicius et al., 2018, [Mixed precision
#   training](https://arxiv.org/abs/1710.03740)
# - Jacob et al., 2018, [Quantization and training of neural networks for
#   efficient integer-arithmetic-only
#   inference](https://arxiv.org/abs/1712.05877)
#
# ## Exercises
#
# 1. Calibrate with one picture, and with one that is all grey. What happens to
#    ranges, and to decibels? Use `quantization.ranges` and
#    `quantization.rounded`.
# 2. Write `fake_quantize` for 4 bits. How far off is what the worst layer
#    returns then, and how far with 2?
# 3. Show that the gradient goes straight through: fit one weight that can only
#    be a multiple of .25 to a target of .6, with and without `stop_gradient`.
#
# Solutions are in `notebooks/solutions/`.
#
# **Next:** nothing. You have seen the whole way, from an equation on a grid to
# a network of integers. Take your own pictures.
