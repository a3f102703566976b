import numpy as np
import pytest

from kerasinpaint.conftest import numpy, pictures
from kerasinpaint.layers import HierarchicalSoftmax

GROUPS = [0, 1, 0, 2, 1, 0]


def test_contract(assert_layer_contract):
    assert_layer_contract(
        lambda **kwargs: HierarchicalSoftmax(GROUPS, **kwargs),
        pictures(2, 5),
    )


def softmax(logits):
    likely = np.exp(logits - logits.max(-1, keepdims=True))
    return likely / likely.sum(-1, keepdims=True)


def test_matches_a_loop_over_groups():
    x, layer = pictures(3, 5), HierarchicalSoftmax(GROUPS)
    probabilities = numpy(layer(x))
    of_group = softmax(numpy(layer.of_group(x)))
    logits = numpy(layer.of_class(x))
    for group in range(3):
        members = [c for c, g in enumerate(GROUPS) if g == group]
        wanted = of_group[:, [group]] * softmax(logits[:, members])
        np.testing.assert_allclose(probabilities[:, members], wanted, atol=1e-6)


def test_probabilities_of_classes_sum_to_that_of_their_group():
    x, layer = pictures(3, 5), HierarchicalSoftmax(GROUPS)
    probabilities = numpy(layer(x))
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    sums = probabilities @ np.eye(3)[GROUPS]
    np.testing.assert_allclose(sums, softmax(numpy(layer.of_group(x))), 1e-5)


def test_large_logits_are_finite():
    layer = HierarchicalSoftmax(GROUPS)
    x = 1e4 * pictures(3, 5)
    assert np.isfinite(numpy(layer(x))).all()


def test_one_group_is_a_softmax():
    x, layer = pictures(3, 5), HierarchicalSoftmax([0, 0, 0, 0])
    wanted = softmax(numpy(layer(x) * 0 + layer.of_class(x)))
    np.testing.assert_allclose(numpy(layer(x)), wanted, atol=1e-6)


@pytest.mark.parametrize("groups", [[0, 2], [1, 2], []])
def test_a_group_without_classes_is_refused(groups):
    with pytest.raises(ValueError, match="each group from 0"):
        HierarchicalSoftmax(groups)
