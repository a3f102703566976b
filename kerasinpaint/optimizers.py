"""The optimizer that most recipes train with."""

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
        steps - warmup,
        alpha=0.01,
        warmup_target=learning_rate,
        warmup_steps=warmup,
    )
    return keras.optimizers.Adam(
        schedule, beta_2=0.99, global_clipnorm=1.0, use_ema=True
    )
