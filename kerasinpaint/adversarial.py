"""The model that trains a network against one that tells what is painted."""

import keras
from keras import ops

from kerasinpaint.inpainter import Inpainter
from kerasinpaint.losses.adversarial import Hinge
from kerasinpaint.losses.picture_loss import composite

# Of the noise by which the slope of the discriminator is measured.
DEVIATION = 0.05
TRACKED = (
    "generator_loss",
    "discriminator_loss",
    "painting_loss",
    "d_real",
    "d_fake",
)


@keras.saving.register_keras_serializable(package="kerasinpaint")
class AdversarialInpainter(Inpainter):
    """Trains a generator and a discriminator in one step, by one loss.

    With G and D for both, x for what is known, y for the truth, and sg for
    what no gradient passes,

        painted = composite(y, G(x))
        loss = L(y, G(x)) + w g(D_sg(painted)) + m F(painted, y)
             + r(D(y)) + f(D(sg(painted)))
             + p mean (D(y) - D(y + noise))^2

    where D_sg is D with constant weights, whose state is thrown away: so the
    generator's term moves the generator alone, the others the discriminator
    alone. The last term keeps D flat around real pictures (R1, without
    gradients of gradients). Where D scores patches, only scores count, of
    painted pictures, whose place touches a hole, or has at least a share of
    it: what the others see is real. F is the mean squared difference of
    features of D, with constant weights too, a mean over its LeakyReLU
    layers.

    Known pixels are the truth's before D looks, as they are in the end.

    Besides `metrics`, `fit` reports the losses of both (`generator_loss`,
    the first line above, and `discriminator_loss`, the second and third),
    L alone (`painting_loss`), and the mean scores of real and of painted
    pictures (`d_real`, `d_fake`).

    Args:
        network: `keras.Model` from `{"images": images, "masks": masks}` to
            pictures: the generator.
        discriminator: `keras.Model` from pictures to scores, such as
            `models.build_patch_gan()` returns.

    Example:

    >>> from kerasinpaint import losses, models, two_rates
    >>> generator = models.build_autoencoder((16, 16, 3), width=4)
    >>> discriminator = models.build_patch_gan((16, 16, 3), width=4)
    >>> model = AdversarialInpainter(generator, discriminator)
    >>> optimizer = two_rates.TwoRateAdam(2e-4, scale=2.0)
    >>> model.compile(optimizer, loss=losses.Hole(), weight=0.1)

    Reference:

    - [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661)
    - [Lin et al., 2025](https://arxiv.org/abs/2501.08316), for the penalty
    """

    def __init__(self, network, discriminator, **kwargs):
        super().__init__(network, **kwargs)
        self.discriminator = discriminator
        features = [
            layer.output
            for layer in discriminator.layers
            if isinstance(layer, keras.layers.LeakyReLU)
        ]
        self.critic = keras.Model(
            discriminator.input, [*features, discriminator.output]
        )
        self.noise = keras.random.SeedGenerator()
        self.means = {name: keras.metrics.Mean(name) for name in TRACKED}

    def compile(
        self,
        optimizer,
        loss,
        metrics=(),
        adversarial=None,
        weight=0.1,
        penalty=1.0,
        matching=0.0,
        share=0.0,
        **kwargs,
    ):
        """Sets how to train.

        Args:
            optimizer: as in Keras; `two_rates.TwoRateAdam` for a learning
                rate of the discriminator's own.
            loss: callable of `(targets, painted, masks=masks)`, L above.
            metrics: sequence of metrics that take `masks`.
            adversarial: `losses.Hinge()`, the default, or
                `losses.CrossEntropy()`, which give r, f and g above.
            weight: float, w above.
            penalty: float, p above; 0 for a discriminator with dropout,
                whose scores differ without any noise.
            matching: float, m above.
            share: float less than 1: a patch counts as painted if more of
                it than this is hole. D learns much faster from patches
                that are nearly all hole; small holes have none.
            **kwargs: other arguments of `keras.Model.compile`.

        Raises:
            ValueError: if features are to match and there are none.
        """
        if matching and len(self.critic.outputs) == 1:
            raise ValueError(
                "`matching` must be 0 for a discriminator without LeakyReLU, "
                f"whose features are compared. Received: {matching}."
            )
        super().compile(optimizer, loss, metrics, **kwargs)
        self.adversarial = adversarial or Hinge()
        self.weight = weight
        self.penalty = penalty
        self.matching = matching
        self.share = share

    def get_compile_config(self):
        own = {
            "adversarial": self.adversarial,
            "weight": self.weight,
            "penalty": self.penalty,
            "matching": self.matching,
            "share": self.share,
        }
        return super().get_compile_config() | (
            keras.saving.serialize_keras_object(own)
        )

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """The losses of both players, as one."""
        painting = super().compute_loss(x, y, y_pred, sample_weight, training)
        real, painted, masks = (
            ops.cast(tensor, "float32") for tensor in (y, y_pred, x["masks"])
        )
        painted = composite(real, painted, masks)
        *wanted, of_real = self._looks(real, training)
        *_, of_painted = self._looks(ops.stop_gradient(painted), training)
        has_hole = _patches_with_holes(masks, of_painted, self.share)
        found = ops.mean(self.adversarial.real(of_real)) + _mean(
            self.adversarial.fake(of_painted), has_hole
        )
        if self.penalty:
            noise = keras.random.normal(
                ops.shape(real), stddev=DEVIATION, seed=self.noise
            )
            slope = of_real - self._looks(real + noise, training)[-1]
            found = found + self.penalty * ops.mean(ops.square(slope))
        *seen, scores = self._frozen_looks(painted, training)
        believed = _mean(self.adversarial.generator(scores), has_hole)
        generated = painting + self.weight * believed
        if self.matching:
            off = [
                ops.mean(ops.square(ops.stop_gradient(one) - other))
                for one, other in zip(wanted, seen, strict=True)
            ]
            generated = generated + self.matching * sum(off) / len(off)
        scores = ops.mean(of_real), _mean(of_painted, has_hole)
        for name, value in zip(
            TRACKED, (generated, found, painting, *scores), strict=True
        ):
            self.means[name].update_state(value)
        return generated + found

    def _looks(self, pictures, training):
        """Features and, in the end, scores."""
        return _in_float32(self.critic(pictures, training=training))

    def _frozen_looks(self, pictures, training):
        """`_looks` by constant weights; what a call would keep is dropped."""
        weights, state = (
            [ops.stop_gradient(variable.value) for variable in variables]
            for variables in (
                self.critic.trainable_variables,
                self.critic.non_trainable_variables,
            )
        )
        looks, _ = self.critic.stateless_call(
            weights, state, pictures, training=training
        )
        return _in_float32(looks)

    def get_config(self):
        return super().get_config() | {
            "discriminator": keras.saving.serialize_keras_object(
                self.discriminator
            )
        }

    @classmethod
    def from_config(cls, config):
        names = "network", "discriminator"
        return cls(
            *(keras.saving.deserialize_keras_object(config[n]) for n in names)
        )


def _patches_with_holes(masks, scores, least=0.0):
    """1 where more of a score's patch is hole; all 1 for pictures."""
    if len(scores.shape) == 2:
        return ops.ones_like(scores)
    share = ops.image.resize(
        1.0 - masks, ops.shape(scores)[1:3], antialias=True
    )
    return ops.cast(share > least, "float32")


def _in_float32(looks):
    # A model of one output returns a tensor, on some backends not in a list.
    looks = looks if isinstance(looks, (list, tuple)) else [looks]
    return [ops.cast(one, "float32") for one in looks]


def _mean(values, weights):
    return ops.sum(values * weights) / ops.maximum(ops.sum(weights), 1e-6)
