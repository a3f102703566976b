"""The model that trains any network to fill holes."""

import keras
from keras import ops

from kerasinpaint.losses.picture_loss import composite


@keras.saving.register_keras_serializable(package="kerasinpaint")
class Inpainter(keras.Model):
    """Trains a network with losses and metrics that know where holes are.

    `compile` takes what Keras's does. A loss is called as
    `loss(targets, painted, masks=masks)`, with what the network painted;
    a metric gets the composite, where known pixels are the targets'.

    Args:
        network: `keras.Model` from `{"images": images, "masks": masks}` to
            pictures of the shape of `images`, such as
            `models.build_pconv_unet()` returns.

    Call arguments:
        inputs: dict of `images` of shape `(batch, height, width, 3)`, in
            [0, 1] and 0 in holes, and `masks` of shape `(batch, height,
            width, 1)`, 1 = known.

    Returns:
        Tensor of the shape of `images`: what the network painted.

    Example:

    >>> from kerasinpaint import losses, models
    >>> network = models.build_pconv_unet(encoder=(4, 8), kernels=(3, 3))
    >>> model = Inpainter(network)
    >>> model.compile("adam", loss=losses.Hole())
    >>> targets = np.full((2, 8, 8, 3), 0.5, "float32")
    >>> masks = np.ones((2, 8, 8, 1), "float32"); masks[:, 2:5, 2:5] = 0
    >>> inputs = {"images": targets * masks, "masks": masks}
    >>> float(model.train_on_batch(inputs, targets)) < 1
    True
    """

    def __init__(self, network, **kwargs):
        super().__init__(**kwargs)
        self.network = network
        self.hole_metrics = []
        # The network is built already; its variables are all there are.
        self.built = True

    def call(self, inputs, training=None):
        return self.network(inputs, training=training)

    def compile(self, optimizer, loss, metrics=(), **kwargs):
        """Sets how to train, as `keras.Model.compile` does.

        Args:
            optimizer: as in Keras.
            loss: callable of `(targets, painted, masks=masks)`, such as
                any of `losses`.
            metrics: sequence of metrics that take `masks`, such as those
                of `metrics`.
            **kwargs: other arguments of `keras.Model.compile`.

        Raises:
            ValueError: if `loss` is a name; those of Keras see no masks.
        """
        if not callable(loss):
            raise ValueError(
                "`loss` must be a callable of (targets, painted, "
                f"masks=masks), such as losses.MAE(). Received: {loss!r}."
            )
        super().compile(optimizer, **kwargs)
        # Keras would call both without masks. Metrics in an attribute are
        # still reset and reported; those of an earlier phase go first.
        self.loss = loss
        self.hole_metrics.clear()
        self.hole_metrics.extend(metrics)

    def get_compile_config(self):
        own = {"loss": self.loss, "metrics": list(self.hole_metrics)}
        return super().get_compile_config() | (
            keras.saving.serialize_keras_object(own)
        )

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))
        self.optimizer.build(self.trainable_variables)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """Loss of what was painted, and what layers add to it."""
        loss = self.loss(
            ops.cast(y, "float32"),
            ops.cast(y_pred, "float32"),
            masks=ops.cast(x["masks"], "float32"),
            **_weighted(sample_weight),
        )
        return loss + sum(
            ops.sum(ops.cast(added, "float32")) for added in self.losses
        )

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Metrics of the composite."""
        targets, painted, masks = (
            ops.cast(tensor, "float32") for tensor in (y, y_pred, x["masks"])
        )
        filled = composite(targets, painted, masks)
        for metric in self.hole_metrics:
            metric.update_state(
                targets, filled, masks=masks, **_weighted(sample_weight)
            )
        return self.get_metrics_result()

    def get_config(self):
        return {"network": keras.saving.serialize_keras_object(self.network)}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config["network"]))


def _weighted(sample_weight):
    return {} if sample_weight is None else {"sample_weight": sample_weight}
