"""The networks of structure, texture and uncertainty, each part by part."""

import functools

import keras
import numpy as np
import pytest

from kerasinpaint import scene_groups, scenes, weights
from kerasinpaint.conftest import numpy, outputs_of
from kerasinpaint.models import (
    structure_builder,
    texture_artist,
    uncertainty,
)
from kerasinpaint.models.context import EDGES, OBJECTS, SCENE
from kerasinpaint.models.deeplab import build_deeplab
from kerasinpaint.models.gan import build_patch_gan
from kerasinpaint.models.scene_classifier import build_scene_classifier
from kerasinpaint.models.structure_builder import build_structure_builder
from kerasinpaint.models.structure_texture import build_structure_texture
from kerasinpaint.models.texture_artist import build_texture_artist
from kerasinpaint.models.uncertainty import build_uncertainty

TOLD = build_structure_builder, build_uncertainty


def told(count=2, height=32, width=48, seed=0):
    """What `context_inputs` names, of noise."""
    rng = np.random.default_rng(seed)
    masks = np.ones((count, height, width, 1), "f")
    masks[:, 8:20, 10:30] = 0
    shape = count, height, width
    return {
        "images": rng.random((*shape, 3), np.float32),
        "masks": masks,
        "edges": rng.random((*shape, EDGES), np.float32),
        "objects": rng.random((*shape, OBJECTS), np.float32),
        "scene": rng.random((count, SCENE), np.float32),
    }


def artists_view(count=2, height=32, width=48, seed=0):
    rng = np.random.default_rng(seed)
    inputs = told(count, height, width, seed)
    return {
        "images": inputs["images"],
        "masks": inputs["masks"],
        "exemplars": rng.random((count, 24, 36, 4), np.float32),
    }


def doubters_view(count=2, height=32, width=48, seed=0):
    rng = np.random.default_rng(seed)
    details = rng.normal(0, 0.1, (count, height, width, 3)).astype("f")
    return told(count, height, width, seed) | {"details": details}


VIEWS = {
    build_structure_builder: told,
    build_uncertainty: doubters_view,
    build_texture_artist: artists_view,
}
PARTS = {
    build_structure_builder: structure_builder.PARTS,
    build_uncertainty: uncertainty.PARTS,
    build_texture_artist: texture_artist.PARTS,
}


@pytest.fixture(scope="module", params=VIEWS, ids=lambda build: build.__name__)
def pair(request):
    """A network, and what it looks at."""
    keras.utils.set_random_seed(0)
    return request.param(width=4), VIEWS[request.param]


def test_contract(pair):
    network, view = pair
    for size in ((32, 48), (64, 48)):
        inputs = view(2, *size)
        outputs = outputs_of(network, inputs)
        channels = 1 if network.name == "uncertainty" else 3
        assert outputs.shape == (2, *size, channels)
        assert outputs.dtype == np.float32 and np.isfinite(outputs).all()


def test_every_input_matters_and_every_weight_learns(pair):
    network, view = pair
    inputs = view(6)  # the scene of half of them is not told
    rng = np.random.default_rng(1)
    # Corrections begin near 0, what modulates at 0, and the one unit that
    # attends to channels of so narrow a network may be off.
    for weight in network.trainable_weights:
        if "/squeeze/" in weight.path:
            weight.assign(0 * weight + weight.path.endswith("bias"))
        else:
            weight.assign(weight + 0.05 * rng.normal(size=weight.shape))
    before = outputs_of(network, inputs)
    for name, values in inputs.items():
        other = inputs | {name: 1 - values}
        assert np.abs(outputs_of(network, other) - before).max() > 1e-6, name
    weights = [numpy(w) for w in network.trainable_variables]
    network.compile(keras.optimizers.SGD(10.0), "mse")
    network.train_on_batch(inputs, rng.random(before.shape, np.float32))
    for old, new in zip(weights, network.trainable_variables, strict=True):
        if not new.path.endswith("keys/bias"):
            assert (numpy(new) != old).any(), new.path


@functools.cache
def count_of_whole(build):
    return build(width=4).count_params()


@pytest.mark.parametrize(
    ("build", "part"),
    [(build, part) for build, parts in PARTS.items() for part in parts],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_each_part_can_be_left_out(build, part):
    network = build(width=4, without=(part,))
    inputs = VIEWS[build]()
    assert np.isfinite(outputs_of(network, inputs)).all()
    if part != "noise":
        assert network.count_params() != count_of_whole(build)
    if part in inputs:
        other = inputs | {part: 1 - inputs[part]}
        np.testing.assert_array_equal(
            outputs_of(network, other), outputs_of(network, inputs)
        )


@pytest.mark.parametrize("build", VIEWS, ids=lambda build: build.__name__)
def test_what_is_no_part_cannot_be_left_out(build):
    with pytest.raises(ValueError, match="some of .*Received: wings"):
        build(width=4, without=("wings",))


def test_lines_are_the_second_channel_of_edges():
    network, inputs = build_structure_builder(4, without=("lines",)), told()
    before = outputs_of(network, inputs)
    for channel, matters in ((0, True), (1, False)):
        edges = inputs["edges"].copy()
        edges[..., channel] = 1 - edges[..., channel]
        after = outputs_of(network, inputs | {"edges": edges})
        assert (after != before).any() == matters


def test_structure_begins_as_the_fill_that_it_is_shown():
    network, inputs = build_structure_builder(width=4), told()
    off = np.abs(outputs_of(network, inputs) - inputs["images"])
    assert 0 < off.mean() < 0.1


def test_errors_are_positive_and_begin_at_a_tenth():
    errors = outputs_of(build_uncertainty(width=4), doubters_view())
    assert (errors > 0).all() and 0.05 < errors.mean() < 0.2


def test_the_look_of_an_exemplar_has_a_place():
    # Means and deviations, which AdaIN takes over, have none.
    network = build_texture_artist(width=4, without=("adain",))
    inputs = artists_view()
    turned = inputs | {"exemplars": inputs["exemplars"][:, ::-1]}
    before, after = outputs_of(network, inputs), outputs_of(network, turned)
    assert np.abs(before - after).max() > 1e-5


@pytest.fixture(scope="module")
def joined():
    keras.utils.set_random_seed(0)
    return build_structure_texture(width=4, detail=4, doubt=4)


def all_told():
    return told() | {"exemplars": artists_view()["exemplars"]}


def test_the_system_has_at_most_nine_million_parameters():
    # What it is told by counts, too: a scene classifier and a detector.
    system = (
        build_structure_texture(),
        build_patch_gan(width=32),
        build_scene_classifier(scene_groups.GROUP_OF),
        build_deeplab(len(scenes.CLASSES)),
    )
    assert sum(network.count_params() for network in system) <= 9e6


def test_joined_each_looks_at_what_the_one_before_has_made(joined):
    inputs = all_told()
    parts = [joined.get_layer(build.__name__[6:]) for build in VIEWS]
    build_structure, tell_error, paint_texture = parts
    masks = inputs["masks"]

    def composite(painted):
        return np.where(masks, inputs["images"], painted)

    context = {name: inputs[name] for name in told()}
    structure = composite(outputs_of(build_structure, context))
    view = {name: inputs[name] for name in ("masks", "exemplars")}
    view["images"] = structure
    picture = composite(outputs_of(paint_texture, view))
    details = picture - structure
    context |= {"images": picture, "details": details}
    error = outputs_of(tell_error, context)
    found = outputs_of(joined, inputs)
    assert set(found) == {"structure", "picture", "error"}
    for name, wanted in (("structure", structure), ("picture", picture)):
        np.testing.assert_allclose(found[name], wanted, atol=1e-5)
        assert np.abs(wanted - inputs["images"])[..., 0].max() > 0
    np.testing.assert_allclose(found["error"], error, atol=1e-5)


def test_joined_what_is_known_stays_bit_for_bit(joined):
    inputs, found = all_told(), outputs_of(joined, all_told())
    known = inputs["masks"][..., 0] == 1
    for name in ("structure", "picture"):
        np.testing.assert_array_equal(
            found[name][known], inputs["images"][known]
        )


def test_joined_weights_come_back_by_unique_paths(joined, tmp_path):
    paths = [weight.path for weight in joined.weights]
    assert len(set(paths)) == len(paths)
    parts = {path.split("/")[0] for path in paths}
    assert parts == {build.__name__[6:] for build in VIEWS}
    weights.save(joined, tmp_path / "w.npz", "joined", np.float32)
    again = build_structure_texture(width=4, detail=4, doubt=4)
    weights.load(again, tmp_path / "w.npz")
    wanted, found = (outputs_of(n, all_told()) for n in (joined, again))
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], atol=1e-6)
