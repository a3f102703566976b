import cv2
import numpy as np

from kerasinpaint import figures


def test_the_figure_of_masks_is_drawn(tmp_path, monkeypatch):
    photos = np.random.default_rng(0).random((3, 256, 256, 3), np.float32)
    monkeypatch.setattr(figures.data, "photos", lambda *_, **__: photos)
    figures.mask_figure(tmp_path / "masks.jpg")
    picture = cv2.imread(str(tmp_path / "masks.jpg"))
    assert picture.shape[1] == 864
    # Masks are black and white, photographs are neither.
    assert np.mean((picture < 20) | (picture > 235)) > 0.5
