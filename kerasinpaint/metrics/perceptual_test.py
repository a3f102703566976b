import keras
import numpy as np
import pytest

from kerasinpaint import data, metrics
from kerasinpaint.checkpoints import read_torch

# What stlpips-pytorch 0.0.2 says of `pairs()`.
SHIFT_TOLERANT = """
    0.010538 0.008618 0.007644 0.003047 0.003875
    0.151700 0.200768 0.490886 0.400686 0.573146
    0.026007 0.093391 0.110870 0.064424 0.057012
    0.251740 0.507532 0.745024 0.774445 0.598636
"""


def pairs():
    """Five photographs, and all shifted, negative, with a hole, upturned."""
    photos = np.stack(data.photos("test", 48)[:5])
    holed = photos.copy()
    holed[:, 16:32, 16:32] = 0.5
    changed = np.roll(photos, 1, 2), 1 - photos, holed, photos[:, ::-1]
    return np.concatenate([photos] * 4), np.concatenate(changed)


def test_shift_tolerant_distances_are_those_of_its_authors():
    found = keras.ops.convert_to_numpy(metrics.stlpips(*pairs()))
    wanted = np.array(SHIFT_TOLERANT.split(), float)
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=2e-5)


def test_lpips_from_files_is_that_of_pytorch(tmp_path):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    torch.manual_seed(0)
    shapes = {  # place: filters, channels, kernel, stride, padding
        0: (64, 3, 11, 4, 2),
        3: (192, 64, 5, 1, 2),
        6: (384, 192, 3, 1, 1),
        8: (256, 384, 3, 1, 1),
        10: (256, 256, 3, 1, 1),
    }
    trunk, heads = {}, {}
    for index, (place, (filters, channels, size, *_)) in enumerate(
        shapes.items()
    ):
        deviation = (2 / (channels * size**2)) ** 0.5
        kernel = deviation * torch.randn(filters, channels, size, size)
        trunk[f"features.{place}.weight"] = kernel
        trunk[f"features.{place}.bias"] = 0.1 * torch.randn(filters)
        heads[f"lin{index}.model.1.weight"] = torch.rand(1, filters, 1, 1)

    def features(pictures):
        x = torch.tensor(pictures).permute(0, 3, 1, 2) * 2 - 1
        shift = torch.tensor([-0.030, -0.088, -0.188]).reshape(1, 3, 1, 1)
        x = (x - shift) / torch.tensor([0.458, 0.448, 0.450]).reshape(
            1, 3, 1, 1
        )
        for place, (*_, stride, padding) in shapes.items():
            x = functional.max_pool2d(x, 3, 2) if place in (3, 6) else x
            x = functional.conv2d(
                x,
                trunk[f"features.{place}.weight"],
                trunk[f"features.{place}.bias"],
                stride,
                padding,
            ).relu()
            yield functional.normalize(x)

    y_true, y_pred = pairs()
    wanted = sum(
        functional.conv2d((one - two) ** 2, head).mean((1, 2, 3))
        for one, two, head in zip(
            features(y_true), features(y_pred), heads.values(), strict=True
        )
    )
    torch.save(trunk, tmp_path / "trunk.pth")
    torch.save(heads, tmp_path / "heads.pth")
    metric = metrics.LPIPS(
        read_torch(tmp_path / "trunk.pth"), read_torch(tmp_path / "heads.pth")
    )
    metric.update_state(y_true, y_pred)
    assert metric.name == "lpips"
    assert float(metric.result()) == pytest.approx(
        float(wanted.mean()), rel=1e-4
    )


def test_a_missing_array_is_told():
    with pytest.raises(ValueError, match="'features.0.weight'.*conv.weight"):
        metrics.lpips(*pairs(), {"conv.weight": np.zeros(3)}, {})
