"""The networks of structure, texture and uncertainty, each part by part."""

import keras
import numpy as np
import pytest

from kerasinpaint.models.context import EDGES, OBJECTS, SCENE
from kerasinpaint.models.structure_builder import build_structure_builder
from kerasinpaint.models.texture_artist import build_texture_artist
from kerasinpaint.models.uncertainty import build_uncertainty

TOLD = build_structure_builder, build_uncertainty


def told(count=2, height=32, width=40, seed=0):
    """What `context_inputs` names, of noise."""
    rng = np.random.default_rng(seed)
    masks = np.ones((count, height, width, 1), "f")
    masks[:, 8:20, 10:30] = 0
    shape = count, height, width
    return {
        "images": rng.random((*shape, 3), np.float32) * masks,
        "masks": masks,
        "edges": rng.random((*shape, EDGES), np.float32),
        "objects": rng.random((*shape, OBJECTS), np.float32),
        "scene": rng.random((count, SCENE), np.float32),
    }


def artists_view(count=2, height=32, width=40, seed=0):
    rng = np.random.default_rng(seed)
    inputs = told(count, height, width, seed)
    return {
        "structure": rng.random((count, height, width, 3), np.float32),
        "masks": inputs["masks"],
        "exemplars": rng.random((count, 24, 36, 4), np.float32),
    }


VIEWS = {
    build_structure_builder: told,
    build_uncertainty: told,
    build_texture_artist: artists_view,
}
PARTS = {
    build_structure_builder: (
        "gates attention position guess edges objects scene".split()
    ),
    build_uncertainty: "channels position edges objects scene".split(),
    build_texture_artist: (
        "gates exemplar adain modulation involution noise".split()
    ),
}


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.fixture(scope="module", params=VIEWS, ids=lambda build: build.__name__)
def pair(request):
    """A network, and what it looks at."""
    keras.utils.set_random_seed(0)
    return request.param(width=4), VIEWS[request.param]


def test_contract(pair):
    network, view = pair
    for size in ((32, 40), (64, 48)):
        inputs = view(2, *size)
        outputs = numpy(network(inputs))
        channels = 1 if network.name == "uncertainty" else 3
        assert outputs.shape == (2, *size, channels)
        assert outputs.dtype == np.float32 and np.isfinite(outputs).all()


def test_every_input_matters_and_every_weight_learns(pair):
    network, view = pair
    inputs = view()
    rng = np.random.default_rng(1)
    # Corrections begin near 0, what modulates at 0, and the one unit that
    # attends to channels of so narrow a network may be off.
    for weight in network.weights:
        on = float(weight.path.endswith("squeeze/bias"))
        weight.assign(weight + on + 0.05 * rng.normal(size=weight.shape))
    before = numpy(network(inputs))
    for name, values in inputs.items():
        other = inputs | {name: 1 - values}
        assert np.abs(numpy(network(other)) - before).max() > 1e-6, name
    weights = [numpy(w) for w in network.trainable_variables]
    network.compile(keras.optimizers.SGD(10.0), "mse")
    network.train_on_batch(inputs, rng.random(before.shape, np.float32))
    for old, new in zip(weights, network.trainable_variables, strict=True):
        if not new.path.endswith("keys/bias"):
            assert (numpy(new) != old).any(), new.path


@pytest.mark.parametrize(
    ("build", "part"),
    [(build, part) for build, parts in PARTS.items() for part in parts],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_each_part_can_be_left_out(build, part):
    network, whole = build(width=4, without=(part,)), build(width=4)
    inputs = VIEWS[build]()
    assert np.isfinite(numpy(network(inputs))).all()
    if part != "noise":
        assert network.count_params() != whole.count_params()
    if part in inputs:
        other = inputs | {part: 1 - inputs[part]}
        np.testing.assert_array_equal(
            numpy(network(other)), numpy(network(inputs))
        )


def test_the_system_has_at_most_nine_million_parameters():
    total = sum(build().count_params() for build in VIEWS)
    assert total < 7.5e6  # the critic has 0.7 million


def test_structure_begins_as_a_smooth_fill():
    network, inputs = build_structure_builder(width=4), told()
    picture = numpy(network(inputs))
    known = inputs["masks"][..., 0] == 1
    assert np.abs(picture - inputs["images"])[known].max() < 0.1


def test_errors_are_positive_and_begin_at_a_tenth():
    errors = numpy(build_uncertainty(width=4)(told()))
    assert (errors > 0).all() and 0.05 < errors.mean() < 0.2


def test_what_lies_in_an_exemplars_hole_is_for_its_mask_to_say():
    network, inputs = build_texture_artist(width=4), artists_view()
    turned = inputs | {"exemplars": inputs["exemplars"][:, ::-1]}
    before, after = numpy(network(inputs)), numpy(network(turned))
    assert np.abs(before - after).max() > 0
