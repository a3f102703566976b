import cv2
import numpy as np
import pytest

from kerasinpaint import figures, models


def test_the_figure_of_masks_is_drawn(tmp_path, monkeypatch):
    photos = np.random.default_rng(0).random((3, 256, 256, 3), np.float32)
    monkeypatch.setattr(figures.data, "photos", lambda *_, **__: photos)
    figures.mask_figure(tmp_path / "masks.jpg")
    picture = cv2.imread(str(tmp_path / "masks.jpg"))
    assert picture.shape[1] == 864
    # Masks are black and white, photographs are neither.
    assert np.mean((picture < 20) | (picture > 235)) > 0.5


def test_the_figure_of_networks_says_what_their_layers_are():
    network = models.build_pconv_unet(
        (32, 16, 3), encoder=(4, 8), kernels=(5, 3), last=2, residual=True
    )
    [axis] = figures.unet_figure({"tiny": network}).axes
    texts = [text.get_text() for text in axis.texts]
    assert axis.get_title() == f"tiny: {network.count_params():,} parameters"
    assert "encoder_1, 5×5\n16 px, 4 channels" in texts
    assert "decoder_2, 3×3\n32 px, 2 channels" in texts
    # A box and a mask for the picture and four layers, and one fill.
    assert len(axis.patches) == 2 * 5 + 1


@pytest.mark.parametrize("skip", [False, True])
def test_the_figure_of_autoencoders_says_what_their_layers_are(skip):
    network = models.build_autoencoder((48, 32, 3), skip, width=2)
    [axis] = figures.autoencoder_figure({"tiny": network}).axes
    texts = [text.get_text() for text in axis.texts]
    assert axis.get_title() == f"tiny: {network.count_params():,} parameters"
    assert f"{3 + skip} × conv, 16\n6 × 4" in texts
    assert "3 × 2 × 16\n96 numbers" in texts
    assert ("doubled, 2 + 2" if skip else "doubled, 2") in texts
    # Convolutions and doublings, bottleneck and picture.
    assert len(axis.patches) == (4 * (4 + 1) if skip else 4 * 3) + 4 + 2
