"""Hierarchical softmax: first which group, then which class of it."""

import keras
import numpy as np
from keras import layers, ops

UNLIKELY = -1e9  # a logit in place of minus infinity


@keras.saving.register_keras_serializable(package="kerasinpaint")
class HierarchicalSoftmax(layers.Layer):
    """Probabilities of classes that are in groups.

        p(class) = p(group of class) * p(class | group)

    each a softmax of its own, so that the probability of a group is the sum
    of those of its classes, and a mistake within a group costs less than one
    between groups.

    Args:
        groups: list of ints from 0, the group of each class.

    Call arguments:
        features: tensor of shape `(batch, channels)`.

    Returns:
        float32 tensor of shape `(batch, classes)`, which sums to 1.

    Raises:
        ValueError: if a group between 0 and the largest has no class.

    Example:

    >>> layer = HierarchicalSoftmax([0, 0, 1])
    >>> probabilities = layer(np.ones((2, 4), "float32"))
    >>> tuple(probabilities.shape), round(float(sum(probabilities[0])), 5)
    ((2, 3), 1.0)

    Reference:

    - [Goodman, 2001](https://arxiv.org/abs/cs/0108006)
    """

    def __init__(self, groups, **kwargs):
        super().__init__(**kwargs)
        self.groups = list(groups)
        count = max(self.groups, default=-1) + 1
        if set(self.groups) != set(range(count)) or not count:
            raise ValueError(
                "`groups` must name each group from 0 to the largest. "
                f"Received: {self.groups}."
            )
        self._members = np.eye(count, dtype="float32")[self.groups]

    def build(self, shape):
        policy = self.dtype_policy
        classes, groups = self._members.shape
        self.of_group = layers.Dense(groups, name="of_group", dtype=policy)
        self.of_class = layers.Dense(classes, name="of_class", dtype=policy)
        self.of_group.build(shape)
        self.of_class.build(shape)

    def call(self, features):
        groups = ops.cast(self.of_group(features), "float32")
        groups = ops.log_softmax(groups)
        classes = ops.cast(self.of_class(features), "float32")
        # Of each group its classes, `(batch, classes, groups)`.
        apart = ops.where(self._members > 0, classes[..., None], UNLIKELY)
        whole = ops.logsumexp(apart, axis=1)
        likely = classes + ops.matmul(groups - whole, self._members.T)
        return ops.exp(likely)

    def compute_output_spec(self, features):
        shape = (features.shape[0], len(self.groups))
        return keras.KerasTensor(shape, "float32")

    def get_config(self):
        return super().get_config() | {"groups": self.groups}
