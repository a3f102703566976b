import keras
import numpy as np
import pytest
from keras import ops

from kerasinpaint import losses

OF_PAIRS = {
    "mae": losses.MAE,
    "psnr": losses.PSNR,
    "ssim": losses.SSIM,
}
OF_HOLES = {
    "valid": losses.Valid,
    "hole": losses.Hole,
    "total_variation": losses.TotalVariation,
    "perceptual": losses.Perceptual,
    "style": losses.Style,
    "pconv": losses.PConvLoss,
    "fidelity": losses.Fidelity,
    "lama": losses.LamaLoss,
    "structure": losses.Structure,
    "texture": losses.Texture,
}
ALL = [*OF_PAIRS.values(), *OF_HOLES.values()]


def gradient(function, array):
    """Gradient of a scalar function, on every backend."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        x = tf.constant(array)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x, unconnected_gradients="zero").numpy()
    if keras.backend.backend() == "jax":
        import jax

        return np.asarray(jax.grad(function)(array))
    import torch

    x = torch.tensor(array, requires_grad=True)
    y = function(x)
    if not y.requires_grad:
        return np.zeros_like(array)
    return torch.autograd.grad(y, x)[0].numpy()


def scene(batch=2, size=16, seed=0):
    """Truths, noisy predictions, and masks with a box."""
    rng = np.random.default_rng(seed)
    y_true = rng.random((batch, size, size, 3), np.float32)
    y_pred = np.clip(y_true + rng.normal(0, 0.1, y_true.shape), 0, 1)
    masks = np.ones((batch, size, size, 1), np.float32)
    masks[:, 4:9, 5:12] = 0
    masks[-1, 0, 0] = 0
    return y_true, y_pred.astype("float32"), masks


def values(loss, y_true, y_pred, masks):
    """The loss of each picture, float32."""
    loss.reduction = "none"
    return ops.convert_to_numpy(loss(y_true, y_pred, masks=masks))


@pytest.mark.parametrize("make", ALL)
def test_one_number_a_picture_whatever_the_batch(make):
    y_true, y_pred, masks = scene()
    together = values(make(), y_true, y_pred, masks)
    assert together.shape == (2,) and together.dtype == np.float32
    apart = [
        values(make(), *(a[i : i + 1] for a in (y_true, y_pred, masks)))
        for i in range(2)
    ]
    np.testing.assert_allclose(together, np.concatenate(apart), rtol=1e-4)
    mean = make()(y_true, y_pred, masks=masks)
    np.testing.assert_allclose(float(mean), together.mean(), rtol=1e-5)
    weights = np.array([0, 2], "float32")
    weighted = make()(y_true, y_pred, weights, masks=masks)
    np.testing.assert_allclose(float(weighted), together[1], rtol=1e-5)


@pytest.mark.parametrize("make", ALL)
def test_nothing_is_lower_than_the_truth(make):
    y_true, y_pred, masks = scene()
    # The truth varies, in its holes too.
    y_true = y_true if make is not losses.TotalVariation else 0 * y_true
    best = values(make(), y_true, y_true, masks)
    assert (best < values(make(), y_true, y_pred, masks)).all()
    if make not in (losses.PSNR, losses.PConvLoss, losses.Fidelity):
        np.testing.assert_allclose(best, 0, atol=1e-6)


@pytest.mark.parametrize("make", ALL)
def test_gradients_are_finite_even_at_the_truth(make):
    y_true, y_pred, masks = scene()
    loss = make()
    for x in (y_pred, y_true, np.zeros_like(y_true)):
        slope = gradient(lambda x: loss(y_true, x, masks=masks), x)
        assert np.isfinite(slope).all()
    assert abs(gradient(lambda x: loss(y_true, x, masks=masks), y_pred)).any()


@pytest.mark.parametrize("make", ALL)
def test_xla_compiles_it_and_no_global_data_format_changes_it(make):
    y_true, y_pred, masks = scene()
    loss = make()
    wanted = values(loss, y_true, y_pred, masks)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        compiled = tf.function(loss, jit_compile=True)
    elif backend == "jax":
        import jax

        compiled = jax.jit(loss)
    else:
        pytest.skip("PyTorch has another compiler")
    got = compiled(
        ops.convert_to_tensor(y_true),
        ops.cast(y_pred, "bfloat16"),
        masks=ops.convert_to_tensor(masks),
    )
    np.testing.assert_allclose(got, wanted, rtol=0.03, atol=1e-3)
    if make in (losses.Perceptual, losses.Style, losses.PConvLoss):
        return  # a feature network has a format of its own
    keras.config.set_image_data_format("channels_first")
    try:
        got = values(loss, y_true, y_pred, masks)
    finally:
        keras.config.set_image_data_format("channels_last")
    np.testing.assert_allclose(got, wanted, rtol=1e-6)


@pytest.mark.parametrize("make", ALL)
def test_half_precision_is_computed_in_float32(make):
    y_true, y_pred, masks = scene()
    half = ops.cast(y_pred, "bfloat16")
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        loss = make()
        got = loss(y_true, half, masks=ops.cast(masks, "uint8"))
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(got.dtype) == "float32"
    wanted = make()(y_true, ops.cast(half, "float32"), masks=masks)
    np.testing.assert_allclose(float(got), float(wanted), rtol=1e-5)


@pytest.mark.parametrize("make", ALL)
def test_saved_and_loaded_it_is_the_same(make):
    loss = make(name="mine", reduction="sum")
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert type(again) is make
    assert again.get_config() == loss.get_config()
    assert (again.name, again.reduction) == ("mine", "sum")


@pytest.mark.parametrize("make", OF_PAIRS.values())
def test_it_needs_no_masks_in_any_model(make):
    y_true, y_pred, _ = scene()
    model = keras.Sequential(
        [keras.Input((16, 16, 3)), keras.layers.Conv2D(3, 1)]
    )
    model.compile("sgd", make())
    model.fit(y_pred, y_true, verbose=0)
    assert np.isfinite(model.evaluate(y_pred, y_true, verbose=0))


@pytest.mark.parametrize("make", OF_HOLES.values())
def test_without_masks_it_says_who_gives_them(make):
    y_true, y_pred, _ = scene()
    told = f"{make.__name__} needs .*Inpainter.*Received: masks=None"
    with pytest.raises(ValueError, match=told):
        make()(y_true, y_pred)


@pytest.mark.parametrize(
    "shape", [(2, 8, 8, 1), (1, 16, 16, 1), (2, 16, 16, 3)]
)
def test_masks_that_do_not_fit_are_refused(shape):
    y_true, y_pred, _ = scene()
    told = r"batch, height, width, 1.*masks \({}, {}, {}, {}\)".format(*shape)
    with pytest.raises(ValueError, match=told):
        losses.hole(y_true, y_pred, np.ones(shape))


def test_pictures_that_do_not_fit_are_refused():
    y_true, y_pred, masks = scene()
    with pytest.raises(ValueError, match=r"\(2, 16, 16, 1\)"):
        losses.hole(y_true[..., :1], y_pred, masks)
