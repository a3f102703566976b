"""The optimizer that most recipes train with, and a schedule."""

import keras


def adam(learning_rate, steps):
    """Adam with a short warm-up, cosine decay, clipping and averaging.

    Args:
        learning_rate: float, the highest.
        steps: int, in the whole run.

    Returns:
        A `keras.optimizers.Adam`.
    """
    warmup = max(1, min(200, steps // 10))
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate / warmup,
        max(1, steps - warmup),
        alpha=0.01,
        warmup_target=learning_rate,
        warmup_steps=warmup,
    )
    return keras.optimizers.Adam(
        schedule, beta_2=0.99, global_clipnorm=1.0, use_ema=True
    )


@keras.saving.register_keras_serializable(package="kerasinpaint")
class WarmRestarts(keras.optimizers.schedules.LearningRateSchedule):
    """A linear warm-up, then cosine decay that begins anew again and again.

    Args:
        learning_rate: float, the highest.
        warmup: int, steps until it is reached.
        first: int, steps of the first decay; each further one takes twice
            as many, from a rate that is 0.8 times as high.

    Example:

    >>> schedule = WarmRestarts(1.0, warmup=10, first=20)
    >>> [round(float(schedule(step)), 2) for step in (0, 5, 10, 20, 30)]
    [0.1, 0.6, 1.0, 0.5, 0.8]

    Reference:

    - [Loshchilov and Hutter, 2017](https://arxiv.org/abs/1608.03983)
    """

    def __init__(self, learning_rate, warmup, first):
        self.learning_rate = learning_rate
        self.warmup = warmup
        self.first = first
        self.decay = keras.optimizers.schedules.CosineDecayRestarts(
            learning_rate, first, m_mul=0.8, alpha=0.01
        )

    def __call__(self, step):
        step = keras.ops.cast(step, "float32")
        rising = self.learning_rate * (step + 1.0) / self.warmup
        later = self.decay(keras.ops.maximum(step - self.warmup, 0.0))
        return keras.ops.where(step < self.warmup, rising, later)

    def get_config(self):
        return {
            "learning_rate": self.learning_rate,
            "warmup": self.warmup,
            "first": self.first,
        }
