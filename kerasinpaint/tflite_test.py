import keras
import numpy as np
import pytest

from kerasinpaint import tflite

pytest.importorskip("ai_edge_litert")
CLASSES = 21


def export(path, model, **options):
    """Writes a Keras model as a TFLite file."""
    tensorflow = pytest.importorskip("tensorflow")
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(model)
    for name, value in options.items():
        setattr(converter, name, value)
    path.write_bytes(converter.convert())
    return path


def model_of(classes=CLASSES, size=16, channels=3):
    """Class 3 where a picture is red, else 0."""
    images = keras.Input((size, size, channels), batch_size=1)
    kernel = np.zeros((1, 1, channels, classes), "f")
    kernel[0, 0, 0, 3] = 1
    scores = keras.layers.Conv2D(classes, 1, use_bias=False)
    model = keras.Model(images, scores(images))
    scores.set_weights([kernel])
    return model


def red_left(size=16):
    images = np.zeros((2, size, size, 3), "f")
    images[:, :, : size // 2, 0] = 1
    return images


def test_scores_become_labels(tmp_path):
    path = export(tmp_path / "one.tflite", model_of())
    predict, side = tflite.predictor(path, CLASSES)
    assert side == 16
    likely = predict(red_left())
    assert likely.shape == (2, 16, 16, CLASSES) and likely.dtype == np.float32
    assert (likely[:, :, :8, 3] == 1).all() and (likely[:, :, 8:, 0] == 1).all()


def test_labels_are_taken_as_they_are(tmp_path):
    images = keras.Input((16, 16, 3), batch_size=1)
    labels = keras.layers.Lambda(lambda x: keras.ops.cast(x[..., 0] > 0, int))
    model = keras.Model(images, labels(images))
    path = export(tmp_path / "one.tflite", model)
    predict, _ = tflite.predictor(path, CLASSES)
    likely = predict(red_left())
    assert (likely[:, :, :8, 1] == 1).all() and (likely[:, :, 8:, 0] == 1).all()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"classes": 5}, "tell 21 classes apart. Received: one of 5"),
        ({"channels": 4}, r"of three colours.* 16 +4\] of float32"),
    ],
)
def test_another_network_is_refused(tmp_path, options, told):
    path = export(tmp_path / "one.tflite", model_of(**options))
    with pytest.raises(ValueError, match=told):
        tflite.predictor(path, CLASSES)


def test_two_pictures_at_once_are_refused(tmp_path):
    one = keras.Input((16, 16, 3), batch_size=1)
    other = keras.Input((16, 16, 3), batch_size=1)
    model = keras.Model([one, other], keras.layers.Add()([one, other]))
    path = export(tmp_path / "one.tflite", model)
    with pytest.raises(ValueError, match="take one square picture"):
        tflite.predictor(path, CLASSES)


def test_what_gives_no_map_is_refused(tmp_path):
    images = keras.Input((16, 16, 3), batch_size=1)
    pooled = keras.layers.GlobalAveragePooling2D(keepdims=True)(images)
    scores = keras.layers.Conv2D(CLASSES, 1)(pooled)
    boxes = keras.layers.Reshape((64, 12))(images)
    for outputs in (scores, boxes, [images, images + 1]):
        path = export(tmp_path / "one.tflite", keras.Model(images, outputs))
        with pytest.raises(ValueError, match="must give one square map"):
            tflite.predictor(path, CLASSES)


def test_a_label_that_there_is_not_is_background(tmp_path):
    images = keras.Input((16, 16, 3), batch_size=1)
    labels = keras.layers.Lambda(lambda x: keras.ops.cast(255 * x[..., 0], int))
    model = keras.Model(images, labels(images))
    path = export(tmp_path / "one.tflite", model)
    predict, _ = tflite.predictor(path, CLASSES)
    assert (predict(red_left())[..., 0] == 1).all()


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs")
def test_signed_bytes_are_refused(tmp_path):
    import tensorflow

    def pictures():
        for image in red_left():
            yield [2 * image[None] - 1]

    path = export(
        tmp_path / "one.tflite",
        model_of(),
        optimizations=[tensorflow.lite.Optimize.DEFAULT],
        representative_dataset=pictures,
        inference_input_type=tensorflow.int8,
        inference_output_type=tensorflow.int8,
    )
    with pytest.raises(ValueError, match="of float32 or uint8.*of int8"):
        tflite.predictor(path, CLASSES)


def test_too_large_a_file_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "one.tflite"
    path.write_bytes(bytes(99))
    monkeypatch.setattr(tflite, "LARGEST", 98)
    with pytest.raises(ValueError, match="at most 98 bytes. Received: 99"):
        tflite.predictor(path, CLASSES)
