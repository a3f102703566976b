import pytest

from kerasinpaint import dfine


def test_it_is_as_large_as_the_published_one():
    keras_hub = pytest.importorskip("keras_hub", reason="it is missing")
    presets = keras_hub.models.DFineObjectDetector.presets
    wanted = presets["dfine_small_coco"]["metadata"]["params"]
    assert dfine.build(64).count_params() == wanted
