import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from kerasinpaint import hub, segmenters

NAMES = "deeplab_v3_plus", "segformer", "sam"


def likely_in(segmenter, image):
    """How likely each class is in each pixel of a picture."""
    (likely,) = segmenter._predicted(image[None])
    return segmenters._scaled(likely, image.shape[:2])


@pytest.fixture(scope="module")
def keras_hub():
    return pytest.importorskip("keras_hub", reason="keras-hub is missing")


@pytest.fixture(autouse=True)
def nothing_is_loaded():
    yield
    hub.sam.cache_clear()
    segmenters._loaded.cache_clear()


def tiny_deeplab(keras_hub, activation):
    encoder = keras_hub.models.ResNetBackbone(
        input_conv_filters=[64],
        input_conv_kernel_sizes=[7],
        stackwise_num_filters=[64, 64, 64],
        stackwise_num_blocks=[1, 1, 1],
        stackwise_num_strides=[1, 2, 2],
        block_type="basic_block",
    )
    backbone = keras_hub.models.DeepLabV3Backbone(
        image_encoder=encoder,
        spatial_pyramid_pooling_key="P4",
        low_level_feature_key="P2",
        upsampling_size=4,
        dilation_rates=[6, 12, 18],
        projection_filters=4,
    )
    converter = keras_hub.layers.DeepLabV3ImageConverter(
        image_size=(64, 64), scale=1 / 127.5, offset=-1.0
    )
    return keras_hub.models.DeepLabV3ImageSegmenter(
        backbone=backbone,
        num_classes=21,
        activation=activation,
        preprocessor=keras_hub.models.DeepLabV3ImageSegmenterPreprocessor(
            converter
        ),
    )


@pytest.fixture(scope="module")
def tiny_segformer(keras_hub):
    encoder = keras_hub.models.MiTBackbone(
        layerwise_depths=[1, 1, 1, 1],
        image_shape=(64, 64, 3),
        hidden_dims=[4, 6, 8, 10],
        num_layers=4,
        layerwise_num_heads=[1, 1, 1, 1],
        layerwise_sr_ratios=[8, 4, 2, 1],
        max_drop_path_rate=0.1,
        layerwise_patch_sizes=[7, 3, 3, 3],
        layerwise_strides=[4, 2, 2, 2],
    )
    # As keras-hub's own script makes it: it scales pictures to 224.
    converter = keras_hub.layers.ResNetImageConverter(
        height=224,
        width=224,
        mean=[0.485, 0.456, 0.406],
        variance=[0.229**2, 0.224**2, 0.225**2],
        scale=1 / 255,
    )
    return keras_hub.models.SegFormerImageSegmenter(
        backbone=keras_hub.models.SegFormerBackbone(
            image_encoder=encoder, projection_filters=8
        ),
        num_classes=150,
        preprocessor=keras_hub.models.SegFormerImageSegmenterPreprocessor(
            converter
        ),
    )


def mirror(preprocessor):
    """A model whose three classes are the three colours that it is shown."""
    import keras

    images = keras.Input((None, None, 3))
    return SimpleNamespace(
        inputs=[images],
        output=keras.layers.Identity()(images),
        activation="softmax",
        preprocessor=preprocessor,
    )


def photo(*shape):
    """Smooth colours that are another in each place."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    y, x = rows / shape[0], columns / shape[1]
    return np.stack([y, x, (x + y) / 2], -1).astype(np.float32)


@pytest.mark.parametrize("shape", [(40, 120), (120, 40), (48, 48)])
def test_a_model_sees_the_picture_where_it_is_and_as_it_is(keras_hub, shape):
    converter = keras_hub.layers.ImageConverter((7, 9), scale=1 / 255)
    preprocessor = SimpleNamespace(image_converter=converter)
    segmenter = hub._from_model(mirror(preprocessor), "rgb", 48)
    image = photo(*shape)
    assert abs(likely_in(segmenter, image) - image).max() < 0.05


def test_colours_are_scaled_as_the_preset_says(keras_hub):
    scale, offset = [0.1, 0.2, 0.3], [-1.0, 0.0, 2.0]
    converter = keras_hub.layers.ImageConverter(
        (7, 9), scale=scale, offset=offset
    )
    preprocessor = SimpleNamespace(image_converter=converter)
    segmenter = hub._from_model(mirror(preprocessor), "rgb", 8)
    image = photo(8, 8)
    shown = segmenter._predict(image[None])[0]
    np.testing.assert_allclose(shown, 255 * image * scale + offset, rtol=1e-5)


def test_a_preset_that_scales_nothing_is_shown_bytes():
    segmenter = hub._from_model(mirror(None), "rgb", 8)
    image = photo(8, 8)
    np.testing.assert_allclose(segmenter._predict(image[None])[0], 255 * image)


@pytest.mark.parametrize("activation", [None, "softmax"])
def test_deeplab_tells_the_probability_of_each_class(
    untraced, keras_hub, activation
):
    model = tiny_deeplab(keras_hub, activation)
    segmenter = hub._from_model(model, segmenters.VOC_CLASSES, 64)
    images = np.stack([photo(64, 64), 1 - photo(64, 64)])
    likely = segmenter._predict(images)
    assert likely.shape == (2, 64, 64, 21)
    np.testing.assert_allclose(likely.sum(-1), 1, rtol=1e-5)
    own = np.asarray(model(2 * images - 1, training=False))
    if activation is None:
        own = np.exp(own) / np.exp(own).sum(-1, keepdims=True)
    np.testing.assert_allclose(likely, own, rtol=1e-3, atol=1e-5)


def test_deeplab_is_loaded_from_its_preset(
    untraced, keras_hub, monkeypatch, tmp_path
):
    import kagglehub

    handles = []

    def download(handle):
        handles.append(handle)
        return str(tmp_path)

    tiny_deeplab(keras_hub, None).save_to_preset(tmp_path)
    monkeypatch.setattr(kagglehub, "model_download", download)
    segmenter = segmenters.get("deeplab_v3_plus")
    (handle,) = handles
    assert handle.startswith("keras/deeplabv3plus/keras/deeplab_v3_plus_resn")
    assert segmenter.classes == segmenters.VOC_CLASSES
    labels = segmenter(photo(30, 47))
    assert labels.shape == (30, 47) and labels.dtype == np.int32
    assert labels.max() < 21
    likely = likely_in(segmenter, photo(520, 640))[None]
    assert likely.shape == (1, 520, 640, 21)
    np.testing.assert_allclose(likely.sum(-1), 1, rtol=1e-4)


def test_segformer_knows_no_background(untraced, tiny_segformer):
    segmenter = hub._from_model(
        tiny_segformer, ["background", *hub.ADE_CLASSES], 64
    )
    likely = likely_in(segmenter, photo(70, 100))[None]
    assert likely.shape == (1, 70, 100, 151)
    assert not likely[..., 0].any()
    np.testing.assert_allclose(likely.sum(-1), 1, rtol=1e-4)
    assert segmenter(photo(70, 100)).min() > 0
    assert segmenter(photo(13, 5)).shape == (13, 5)


def test_segformer_tells_a_quarter_of_the_scale(untraced, tiny_segformer):
    import keras

    segmenter = hub._from_model(
        tiny_segformer, ["background", *hub.ADE_CLASSES], 64
    )
    likely = segmenter._predict(photo(64, 64)[None])
    assert likely.shape == (1, 16, 16, 151)
    # Interpolated, they are its own, of the whole scale.
    mean, deviation = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    shown = ((photo(64, 64) - mean) / deviation).astype(np.float32)
    own = tiny_segformer(shown[None], training=False)
    scores = keras.ops.image.resize(np.log(likely[..., 1:]), (64, 64))
    np.testing.assert_allclose(
        keras.ops.softmax(scores), keras.ops.softmax(own), rtol=1e-3
    )


def test_classes_of_ade20k_are_in_their_order():
    assert len(hub.ADE_CLASSES) == len(set(hub.ADE_CLASSES)) == 150
    places = {"wall": 0, "sky": 2, "person": 12, "car": 20, "water": 21}
    places |= {"boat": 76, "bus": 80, "bicycle": 127, "flag": 149}
    for name, place in places.items():
        assert hub.ADE_CLASSES[place] == name


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_downloaded_is_told(keras_hub, monkeypatch, name):
    import kagglehub

    cause = ConnectionError("no route")

    def fail(handle):
        raise cause

    monkeypatch.setattr(kagglehub, "model_download", fail)
    with pytest.raises(OSError, match="`sample`, which needs no") as error:
        segmenters.get(name)
    assert "could not be downloaded. Connect" in str(error.value)
    assert error.value.__cause__ is cause


@pytest.mark.parametrize("name", NAMES)
def test_without_keras_hub_its_installation_is_told(monkeypatch, name):
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    with pytest.raises(ImportError, match=r"install kerasinpaint\[hub\]"):
        segmenters.get(name)


def test_only_what_is_used_is_imported():
    code = "import sys; from kerasinpaint import detectors, hub, segmenters\n"
    code += "print(segmenters.names(), *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert all(name in done.stdout for name in NAMES)
    assert not {"keras", "keras_hub"} & set(done.stdout.split())
