"""What every network that fills holes is given."""

import keras


def holed_picture(shape, levels=0):
    """Makes the symbolic inputs of a network.

    Args:
        shape: triple `(height, width, channels)`. Height and width may be
            None.
        levels: int, how often the network halves the picture.

    Returns:
        Pair of tensors, `images` of the shape and `masks` of one channel.

    Raises:
        ValueError: if height or width cannot be halved so often.
    """
    if any(side and side % 2**levels for side in shape[:2]):
        raise ValueError(
            f"`shape` must be of multiples of {2**levels} in height and "
            f"width. Received: {shape}."
        )
    images = keras.Input(shape, name="images")
    return images, keras.Input((*shape[:2], 1), name="masks")
