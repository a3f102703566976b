"""PConv2D against the authors' numbers, and against its formula."""

import json
from pathlib import Path

import numpy as np
import pytest

from kerasinpaint.layers import PConv2D
from kerasinpaint.layers.pconv2d_test import holes, numpy, pconv, pictures


@pytest.mark.parametrize("number", range(7))
def test_matches_the_authors_layer(number):
    """Inputs and outputs of NVIDIA's PyTorch layer, run with random weights.

    `zero_padding` is symmetric; values in holes are 7.
    """
    with np.load(Path(__file__).with_name("pconv_nvidia.npz")) as file:
        case = json.loads(str(file["cases"]))[number]
        names = ("images", "masks", "kernel", "bias", "features", "updated")
        images, masks, kernel, bias, features, updated = (
            file[f"case{number}/{name}"] for name in names
        )
    border = [(0, 0), *[(case["zero_padding"],) * 2] * 2, (0, 0)]
    images, masks = np.pad(images, border), np.pad(masks, border)
    options = {k: case[k] for k in ("strides", "dilation_rate", "use_bias")}
    layer = PConv2D(kernel.shape[-1], case["kernel_size"], **options)
    layer.build(images.shape)
    layer.set_weights([kernel, bias] if layer.use_bias else [kernel])
    ours = numpy(layer(images, masks))
    np.testing.assert_allclose(ours[0], features, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(ours[1], updated)


def loop(images, masks, kernel, bias, strides, dilation):
    """Partial convolution by its formula, one window at a time."""
    masks = np.broadcast_to(masks, images.shape)
    height, width = (dilation * (s - 1) + 1 for s in kernel.shape[:2])
    rows = range(0, images.shape[1] - height + 1, strides)
    columns = range(0, images.shape[2] - width + 1, strides)
    shape = (len(images), len(rows), len(columns))
    features = np.zeros((*shape, kernel.shape[-1]), "float32")
    updated = np.zeros((*shape, 1), "float32")
    for n, i, j in np.ndindex(shape):
        window = (
            n,
            slice(rows[i], rows[i] + height, dilation),
            slice(columns[j], columns[j] + width, dilation),
        )
        if masks[window].any():
            known = np.tensordot(images[window] * masks[window], kernel, 3)
            share = masks[window].mean()
            features[n, i, j] = known / share + bias
            updated[n, i, j] = 1
    return features, updated


@pytest.mark.parametrize("padding, channels", [("same", 1), ("valid", 3)])
@pytest.mark.parametrize(
    "kernel_size, strides, dilation",
    [(3, 1, 1), (2, 1, 1), (4, 2, 1), ((2, 5), 2, 1), (3, 1, 2), (1, 2, 1)],
)
def test_matches_a_loop_over_pixels(
    kernel_size, strides, dilation, padding, channels
):
    images, masks = pictures(2, 10, 11, 3), holes(2, 10, 11, channels)
    layer = pconv(
        kernel_size=kernel_size,
        strides=strides,
        dilation_rate=dilation,
        padding=padding,
    )
    ours = numpy(layer(images, masks))
    if padding == "same":
        border = [(0, 0), *same_border(layer, images.shape[1:3]), (0, 0)]
        images, masks = np.pad(images, border), np.pad(masks, border)
    weights = numpy(layer.weights)
    wanted = loop(images, masks, *weights, strides, dilation)
    np.testing.assert_allclose(ours[0], wanted[0], atol=1e-5)
    np.testing.assert_array_equal(ours[1], wanted[1])


def same_border(layer, sizes):
    """Rows and columns that `same` adds: the odd one comes last."""
    for size, kernel, stride, dilation in zip(
        sizes,
        layer.kernel_size,
        layer.strides,
        layer.dilation_rate,
        strict=True,
    ):
        seen = (-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1
        added = max(seen - size, 0)
        yield added // 2, added - added // 2


@pytest.mark.parametrize("channels", [(1, 1), (1, 3), (2, 1), (2, 3)])
def test_two_masks_with_different_holes_are_counted_exactly(channels):
    images = [pictures(1, 9, 8, 2), pictures(1, 9, 8, 3, seed=1)]
    masks = [holes(1, 9, 8, c, seed=c + n) for n, c in enumerate(channels)]
    masks[1] = np.roll(masks[1], 3, axis=1)
    layer = pconv()
    ours = numpy(layer(images, masks))
    whole = [
        np.broadcast_to(mask, image.shape)
        for image, mask in zip(images, masks, strict=True)
    ]
    joined = [np.concatenate(parts, -1) for parts in (images, whole)]
    for wanted in (
        numpy(layer(*joined)),
        loop(*joined, *numpy(layer.weights), 1, 1),
    ):
        np.testing.assert_allclose(ours[0], wanted[0], atol=1e-5)
        np.testing.assert_array_equal(ours[1], wanted[1])
