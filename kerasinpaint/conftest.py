"""What tests share: the contract of layers, and names in examples."""

import gc
import sys

import numpy as np
import pytest


def pytest_collection_finish():
    """Spares the collector what was imported: it would look through it all."""
    gc.freeze()


def pictures(*shape, seed=0):
    """Noise of mean 0 and deviation 1, float32."""
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def numpy(tensor):
    """A tensor of any backend as an array."""
    import keras

    return keras.ops.convert_to_numpy(tensor)


def outputs_of(network, inputs):
    """What a network makes of a batch, as arrays.

    JAX compiles each step that is not part of a whole: that takes longer.
    """
    import keras

    if keras.backend.backend() == "jax":
        return network.predict_on_batch(inputs)
    return keras.tree.map_structure(numpy, network(inputs))


@pytest.fixture(autouse=True)
def numpy_in_examples(doctest_namespace):
    """What level 2 does not import, its examples still make pictures of."""
    doctest_namespace["np"] = np


@pytest.fixture
def untraced():
    """Keras runs step by step: for a few steps, a trace takes longer."""
    import tensorflow

    tensorflow.config.run_functions_eagerly(True)
    yield
    tensorflow.config.run_functions_eagerly(False)


@pytest.fixture
def without_torch():
    """Puts PyTorch's modules aside, and forgets those that a test makes."""
    real = {n: m for n, m in sys.modules.items() if n.split(".")[0] == "torch"}
    for name in real:
        del sys.modules[name]
    yield
    for name, module in list(sys.modules.items()):
        if "is_made" in vars(module):
            del sys.modules[name]
    sys.modules.update(real)


@pytest.fixture
def compiled():
    """Compiles a layer that is built, where that takes a step of its own.

    On some processors TensorFlow knows channels_first only when compiled.
    """
    import keras

    def compile_layer(layer):
        if keras.backend.backend() != "tensorflow":
            return layer
        import tensorflow

        return tensorflow.function(layer, jit_compile=True)

    return compile_layer


@pytest.fixture
def assert_layer_contract(tmp_path):
    """What every layer must hold, on every backend.

    `assert_layer_contract(make, *inputs)`: `make(dtype=...)` returns a new
    layer, `inputs` are its call arguments: arrays, or lists of arrays. What
    ends the path of a weight that moves nothing may be given as `still`.
    """

    def check(make, *inputs, still=()):
        _check_config(make, inputs)
        _check_shapes(make, inputs)
        for policy in ("float32", "mixed_float16"):
            _check_step(make(dtype=policy), inputs, still)
        # Shapes and types that a TPU asks for, compiled by XLA.
        _check_step(make(dtype="mixed_bfloat16"), inputs, still, static=True)
        _check_saving(make(), inputs, tmp_path)

    return check


def _flat(tensors):
    """The tensors of a nested structure as float32 arrays."""
    import keras

    return [
        keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32"))
        for tensor in keras.tree.flatten(tensors)
    ]


def _model(layer, inputs, static=False):
    """A functional model of one layer, of a free batch unless static."""
    import keras

    symbols = keras.tree.map_structure(
        lambda array: keras.Input(
            array.shape[1:], batch_size=len(array) if static else None
        ),
        list(inputs),
    )
    outputs = keras.tree.flatten(layer(*symbols))
    return keras.Model(keras.tree.flatten(symbols), outputs)


def _check_config(make, inputs):
    layer = make()
    config = layer.get_config()
    again = type(layer).from_config(config)
    assert again.get_config() == config
    layer(*inputs), again(*inputs)
    assert [w.path for w in layer.weights] == [w.path for w in again.weights]
    assert [w.shape for w in layer.weights] == [w.shape for w in again.weights]


def _check_shapes(make, inputs):
    layer = make()
    model = _model(layer, inputs, static=True)
    eager = _flat(layer(*inputs))
    assert [tuple(s.shape) for s in model.outputs] == [e.shape for e in eager]


def _check_step(layer, inputs, still, static=False):
    """One step moves every weight, and leaves all of them finite."""
    import keras

    model = _model(layer, inputs, static)
    weights = [w for w in layer.trainable_weights if not w.path.endswith(still)]
    before = _flat(weights)
    # PyTorch has another compiler, which asks for one of C++.
    static = static and keras.backend.backend() != "torch"
    model.compile("sgd", "mse", jit_compile=static or "auto")
    arrays = keras.tree.flatten(inputs)
    count = len(arrays[0])
    targets = [np.ones((count, *o.shape[1:]), "float32") for o in model.outputs]
    history = model.fit(arrays, targets, batch_size=count, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    outputs = _flat(outputs_of(model, arrays))
    assert all(np.isfinite(output).all() for output in outputs)
    for old, new in zip(before, _flat(weights), strict=True):
        assert np.isfinite(new).all() and (new != old).any()


def _check_saving(layer, inputs, folder):
    import keras

    model = _model(layer, inputs)
    arrays = keras.tree.flatten(inputs)
    wanted = _flat(model(arrays))
    model.save(folder / "model.keras")
    loaded = keras.models.load_model(folder / "model.keras")
    _assert_same(_flat(loaded(arrays)), wanted)
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        model.export(folder / "exported", verbose=False)
        exported = tensorflow.saved_model.load(folder / "exported")
        _assert_same(_flat(exported.serve(arrays)), wanted)


def _assert_same(arrays, wanted):
    """Equal but for float32's rounding, in sums in another order."""
    for array, same in zip(arrays, wanted, strict=True):
        np.testing.assert_allclose(array, same, atol=3e-6, rtol=1e-6)
