"""Solutions of notebook 9, pretrained networks. Run it in notebooks."""

import pickle
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
from keras import ops

from kerasinpaint.layers import WindowAttention
from kerasinpaint.layers.fourier import FourierUnit
from kerasinpaint.models import lama

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)

# ## 1. A shifted picture

unit = FourierUnit(4)
wide = rng.random((1, 32, 48, 3), np.float32)
picture = wide[:, :, 10:42]
shifted = {
    "wrapped": np.roll(picture, 10, axis=2),
    "not wrapped": wide[:, :, :32],
}
moved = np.roll(ops.convert_to_numpy(unit(picture)), 10, axis=2)
for name, other in shifted.items():
    change = np.abs(ops.convert_to_numpy(unit(other)) - moved)[:, :, 10:]
    print(f"{name}: off by {change.mean():.3f}, of {moved.std():.3f}")
print(
    "Even wrapped, the output is another one, not the same one moved. A shift"
    " turns each frequency by an angle: real part into imaginary part. Mixing"
    " channels would not mind, but ReLU cuts off both parts where they are"
    " negative, and so depends on the angle. LaMa lives with it: it is trained"
    " on crops from anywhere."
)

# ## 2. Two layers of windows


def closes(side, corner):
    """Whether a square hole is known after a plain and a shifted layer."""
    mask = np.ones((1, 48, 48, 1), np.float32)
    mask[:, corner : corner + side, corner : corner + side] = 0
    tokens = np.ones((1, 48, 48, 4), np.float32)
    for shift in (0, 4):
        _, mask = WindowAttention(heads=1, window=8, shift=shift)(tokens, mask)
    return bool(ops.convert_to_numpy(mask).min())


corners = range(8, 16)
everywhere = [
    side for side in range(8, 26) if all(closes(side, c) for c in corners)
]
somewhere = [
    side for side in range(8, 26) if any(closes(side, c) for c in corners)
]
print(f"closed wherever it lies: up to {max(everywhere)} tokens")
print(f"closed if it lies well: up to {max(somewhere)} tokens")

# ## 3. An object without a call


class Innocent:
    pass


with TemporaryDirectory() as folder:
    path = Path(folder) / "best.ckpt"
    with zipfile.ZipFile(path, "w") as file:
        content = {"state_dict": {"w": Innocent()}}
        file.writestr("archive/data.pkl", pickle.dumps(content, 2))
    try:
        lama.from_checkpoint(path)
    except ValueError as error:
        print(str(error).replace(folder, ""))
print(
    "To make an object is a call, too: of its class, whose code need not be"
    " yours. What is refused is not what looks dangerous; it is all that is"
    " not known to be needed."
)
