"""What two players want: to tell real from painted, to be taken for real.

Both classes take scores, high for what looks real, and return the losses of
single scores: a picture has one, or one for each patch.
"""

import keras
from keras import ops


class AdversarialLoss:
    """Three losses of scores: `real`, `fake` and `generator`."""

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class Hinge(AdversarialLoss):
    """Real above 1, painted below -1; what is beyond does not count.

    Example:

    >>> hinge = Hinge()
    >>> scores = np.array([-2.0, 0.0, 2.0])
    >>> ops.convert_to_numpy(hinge.real(scores)).tolist()
    [3.0, 1.0, 0.0]

    Reference:

    - [Lim and Ye, 2017](https://arxiv.org/abs/1705.02894)
    """

    def real(self, scores):
        """The discriminator's loss for scores of real pictures."""
        return ops.relu(1.0 - scores)

    def fake(self, scores):
        """The discriminator's loss for scores of painted pictures."""
        return ops.relu(1.0 + scores)

    def generator(self, scores):
        """The generator's loss for scores of what it painted."""
        return -scores


@keras.saving.register_keras_serializable(package="kerasinpaint.losses")
class CrossEntropy(AdversarialLoss):
    """Scores are logits of being real; the generator's loss does not saturate.

    Args:
        smoothing: float, by how much less than 1 the label of real pictures
            is. Those of painted ones stay 0: one-sided, or what is painted
            wrong would be reinforced.

    Raises:
        ValueError: if it is not at least 0 and less than 1.

    Example:

    >>> entropy = CrossEntropy(smoothing=0.1)
    >>> print(f"{float(entropy.real(0.0) + entropy.fake(0.0)):.2f}")  # 2 ln 2
    1.39

    Reference:

    - [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661)
    - [Salimans et al., 2016](https://arxiv.org/abs/1606.03498), on smoothing
    """

    def __init__(self, smoothing=0.0):
        if not 0 <= smoothing < 1:
            raise ValueError(
                "`smoothing` must be at least 0 and less than 1. "
                f"Received: {smoothing}."
            )
        self.smoothing = smoothing

    def real(self, scores):
        """The discriminator's loss for scores of real pictures."""
        return ops.softplus(-scores) + self.smoothing * scores

    def fake(self, scores):
        """The discriminator's loss for scores of painted pictures."""
        return ops.softplus(scores)

    def generator(self, scores):
        """The generator's loss for scores of what it painted."""
        return ops.softplus(-scores)

    def get_config(self):
        return {"smoothing": self.smoothing}
