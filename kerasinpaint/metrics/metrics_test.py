"""All metrics: contract, references, and what they are not."""

import keras
import numpy as np
import pytest

from kerasinpaint import data, metrics
from kerasinpaint.benchmark_scores import hole_psnr, scores
from kerasinpaint.conftest import numpy

OF_HOLES = ["HolePSNR", "HoleSSIM", "HoleL1"]
CLASSES = [
    *("PSNR", "SSIM", "L1", "Dice", "Jaccard", "CosineSimilarity", "STLPIPS"),
    *OF_HOLES,
]
BEST = {"PSNR": 100, "HolePSNR": 100, "L1": 0, "HoleL1": 0, "STLPIPS": 0}


def pictures(number=3, height=40, width=33):
    """Truths, what somebody made of them, and masks."""
    rng = np.random.default_rng(5)
    y_true = rng.random((number, height, width, 3), np.float32)
    noise = 0.3 * rng.standard_normal(y_true.shape, np.float32)
    noise *= np.linspace(0.1, 1, number, dtype="float32")[:, None, None, None]
    masks = np.ones((number, height, width, 1), np.float32)
    for index in range(number):
        masks[index, 8 : 20 + index, 7:30] = 0
    return y_true, np.clip(y_true + noise, 0, 1), masks


def per_picture(name, y_true, y_pred, masks):
    function = getattr(metrics, name).function
    extra = [masks] if name in OF_HOLES else []
    return numpy(function(y_true, y_pred, *extra))


def structural_similarity(y_true, y_pred, **options):
    from skimage.metrics import structural_similarity

    return structural_similarity(
        y_true.astype(float),
        y_pred.astype(float),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=1,
        channel_axis=-1,
        **options,
    )


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_the_mean_over_pictures_whatever_the_batch(name):
    y_true, y_pred, masks = pictures(4)
    wanted = per_picture(name, y_true, y_pred, masks)
    assert wanted.shape == (4,) and wanted.std() > 0
    for cuts in ([4], [1, 2, 4]):
        metric = getattr(metrics, name)()
        assert metric.name == metric.function.__name__
        for start, stop in zip([0, *cuts], cuts, strict=False):
            batch = slice(start, stop)
            metric.update_state(
                y_true[batch], y_pred[batch], masks=masks[batch]
            )
        assert float(metric.result()) == pytest.approx(wanted.mean(), rel=1e-5)


@pytest.mark.parametrize("name", CLASSES)
def test_a_config_and_its_class_come_back(name):
    metric = getattr(metrics, name)(name="mine")
    config = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(metric) and again.name == "mine"


@pytest.mark.parametrize("name", CLASSES)
def test_half_precision_goes_in_and_float32_comes_out(name):
    y_true, y_pred, masks = pictures()
    wanted = per_picture(name, y_true, y_pred, masks)
    halves = [
        keras.ops.cast(array, "bfloat16") for array in (y_true, y_pred, masks)
    ]
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        metric = getattr(metrics, name)()
        metric.update_state(halves[0], halves[1], masks=halves[2])
        found = metric.result()
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    assert float(found) == pytest.approx(wanted.mean(), rel=0.02)


def compiled(function, arrays):
    """The result of a function compiled by XLA, for static shapes."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        return tensorflow.function(function, jit_compile=True)(*arrays)
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)(*arrays)
    pytest.skip("PyTorch has another compiler, which asks for one of C++")


@pytest.mark.parametrize("name", CLASSES)
def test_xla_compiles_it_for_bfloat16(name):
    halves = [
        keras.ops.cast(array, "bfloat16") for array in pictures(1, 32, 32)
    ]
    halves = halves if name in OF_HOLES else halves[:2]
    function = getattr(metrics, name).function
    found = numpy(compiled(function, halves))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, numpy(function(*halves)), rtol=1e-3)


def test_a_model_is_evaluated_with_them():
    y_true, y_pred, masks = pictures()
    model = keras.Sequential(
        [keras.Input((40, 33, 3)), keras.layers.Identity()]
    )
    model.compile(loss="mse", metrics=[metrics.PSNR(), metrics.SSIM()])
    found = model.evaluate(y_pred, y_true, 2, verbose=0, return_dict=True)
    for name in ("PSNR", "SSIM"):
        wanted = per_picture(name, y_true, y_pred, masks).mean()
        assert found[name.lower()] == pytest.approx(wanted, rel=1e-5)


def test_pictures_are_weighed():
    y_true, y_pred, _ = pictures()
    metric = metrics.PSNR()
    metric.update_state(y_true, y_pred, np.array([1.0, 0.0, 3.0]))
    each = per_picture("PSNR", y_true, y_pred, None)
    wanted = np.average(each, weights=[1, 0, 3])
    assert float(metric.result()) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"Dice", "Jaccard"}))
def test_the_truth_is_best(name):
    y_true, y_pred, masks = pictures()
    best = per_picture(name, y_true, y_true, masks)
    np.testing.assert_allclose(best, BEST.get(name, 1), atol=1e-6)
    assert np.isfinite(best).all()
    lower = getattr(metrics, name)._direction == "down"
    worse = per_picture(name, y_true, y_pred, masks)
    assert (worse > best).all() if lower else (worse < best).all()


@pytest.mark.parametrize("name", ["Dice", "Jaccard"])
def test_white_overlaps_photographs_more_than_the_truth_does(name):
    y_true = np.stack(data.photos("test", 32))
    truth = per_picture(name, y_true, y_true, None).mean()
    white = per_picture(name, y_true, np.ones_like(y_true), None).mean()
    assert white > truth + 0.02


def test_overlap_by_hand():
    y_true = np.reshape([0.0, 0.5, 1.0, 1.0], (1, 2, 2, 1)).astype("float32")
    y_pred = np.reshape([1.0, 0.5, 0.0, 1.0], (1, 2, 2, 1)).astype("float32")
    assert float(metrics.dice(y_true, y_pred)[0]) == pytest.approx(0.5)
    assert float(metrics.jaccard(y_true, y_pred)[0]) == pytest.approx(1 / 3)
    cosine = float(metrics.cosine_similarity(y_true, y_pred)[0])
    assert cosine == pytest.approx(1.25 / 2.25)


def test_equal_to_numpy_scores_of_the_benchmark():
    y_true, y_pred, masks = pictures()
    composite = np.where(masks, y_true, y_pred)
    for index in range(len(masks)):
        one = y_true[index], y_pred[index], masks[index]
        wanted = scores(*one)
        batch = y_true[index : index + 1], composite[index : index + 1]
        for name in ("l1", "psnr", "ssim"):
            found = float(getattr(metrics, name)(*batch)[0])
            assert found == pytest.approx(wanted[name], rel=1e-5)
        holes = masks[index : index + 1]
        found = float(metrics.hole_psnr(*batch, holes)[0])
        assert found == pytest.approx(hole_psnr(*one), rel=1e-5)
        error = np.abs(one[0] - one[1])[masks[index, ..., 0] == 0]
        found = float(metrics.hole_l1(*batch, holes)[0])
        assert found == pytest.approx(100 * error.mean(), rel=1e-5)


def scenes():
    y_true, y_pred, _ = pictures()
    white = np.ones_like(y_true)
    nearly = white - np.float32(0.004) * (y_pred > 0.5)
    return [(y_true, y_pred), (white, white), (white, nearly)]


@pytest.mark.parametrize("y_true, y_pred", scenes(), ids=["any", "one", "two"])
def test_ssim_is_that_of_scikit_image(y_true, y_pred):
    found = numpy(metrics.ssim(y_true, y_pred))
    pairs = zip(y_true, y_pred, strict=True)
    wanted = [structural_similarity(one, two) for one, two in pairs]
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_ssim_is_that_of_tensorflow():
    tensorflow = pytest.importorskip("tensorflow")
    y_true, y_pred, _ = pictures()
    wanted = tensorflow.image.ssim(y_true, y_pred, 1.0).numpy()
    found = numpy(metrics.ssim(y_true, y_pred))
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_hole_ssim_is_the_mean_of_scikit_images_map_over_holes():
    y_true, y_pred, masks = pictures()
    found = numpy(metrics.hole_ssim(y_true, y_pred, masks))
    for index, value in enumerate(found):
        _, wanted = structural_similarity(
            y_true[index], y_pred[index], full=True
        )
        holes = masks[index, 5:-5, 5:-5, 0] == 0
        wanted = wanted[5:-5, 5:-5][holes].mean()
        assert value == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("name", OF_HOLES)
def test_without_holes_nothing_is_wrong(name):
    y_true, y_pred, masks = pictures()
    found = per_picture(name, y_true, y_pred, np.ones_like(masks))
    np.testing.assert_allclose(found, BEST.get(name, 1), atol=1e-6)


@pytest.mark.parametrize("name", OF_HOLES)
def test_metrics_of_holes_ask_for_masks(name):
    y_true, y_pred, _ = pictures()
    with pytest.raises(ValueError, match=f"{name} needs .*masks=None"):
        getattr(metrics, name)().update_state(y_true, y_pred)


def test_what_would_be_broadcast_is_refused():
    y_true, y_pred, _ = pictures()
    with pytest.raises(
        ValueError, match=r"\(3, 40, 33, 3\) and \(3, 40, 33, 1"
    ):
        metrics.psnr(y_true, y_pred[..., :1])


@pytest.mark.parametrize("name, least", [("SSIM", 11), ("STLPIPS", 32)])
def test_small_pictures_are_refused(name, least):
    small = np.zeros((1, least - 1, 40, 3), "float32")
    with pytest.raises(ValueError, match=rf"{least} pixels.*{small.shape[1]}"):
        getattr(metrics, name).function(small, small)


@pytest.mark.parametrize("name", OF_HOLES)
def test_masks_of_three_channels_are_refused(name):
    y_true, y_pred, masks = pictures()
    with pytest.raises(ValueError, match="`masks` must be of shape"):
        per_picture(name, y_true, y_pred, np.repeat(masks, 3, -1))
