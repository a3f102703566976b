import numpy as np
import pytest

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import AdaIN


@pytest.mark.filterwarnings("ignore:The model does not have any trainable")
def test_contract(assert_layer_contract):
    assert_layer_contract(
        lambda **kwargs: AdaIN(**kwargs),
        pictures(2, 6, 8, 3),
        pictures(2, 5, 4, 3),
    )


def test_matches_numpy():
    images, styles = pictures(2, 6, 8, 3), 3 * pictures(2, 5, 4, 3, seed=1) + 1
    axes = {"axis": (1, 2), "keepdims": True}
    wanted = (images - images.mean(**axes)) / images.std(**axes)
    wanted = wanted * styles.std(**axes) + styles.mean(**axes)
    np.testing.assert_allclose(AdaIN()(images, styles), wanted, atol=1e-4)


def test_its_own_style_changes_nothing():
    images = pictures(2, 6, 8, 3)
    np.testing.assert_allclose(AdaIN()(images, images), images, atol=1e-5)


def test_where_the_style_has_what_does_not_matter():
    images, styles = pictures(1, 6, 8, 3), pictures(1, 5, 4, 3, seed=1)
    turned = styles[:, ::-1, ::-1]
    np.testing.assert_allclose(
        AdaIN()(images, turned), AdaIN()(images, styles), atol=1e-5
    )


def test_flat_features_are_finite():
    outputs = numpy(AdaIN()(np.ones((1, 4, 4, 2)), pictures(1, 4, 4, 2)))
    assert np.isfinite(outputs).all()
