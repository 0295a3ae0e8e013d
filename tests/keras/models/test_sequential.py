"""Sequential against Keras's: building, names, shapes, inputs, configurations, complaints."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, complaint, fresh, same, twins
from tests.support.sequential_models import (
    MODELS,
    X,
    Y,
    called,
    compiled,
    empty,
    layers,
    unbuilt,
    with_input,
)


def facts(tf: Any, make: Any) -> list[Any]:
    model = make(tf)
    parts = ("variables", "weights", "trainable_variables", "non_trainable_variables")
    lists = [[(v.path, v.name, tuple(v.shape), v.dtype) for v in getattr(model, p)] for p in parts]
    found = [model.name, model.built, repr(model), [repr(layer) for layer in model.layers], lists]
    found += [[layer.path for layer in model.layers]]
    if model.built:
        found.append(model.count_params())
    return found


@pytest.mark.filterwarnings("ignore:`build..` was called on layer:UserWarning")  # Keras, of `own`
@pytest.mark.parametrize("model", MODELS)
def test_facts(model: str) -> None:
    same(lambda tf: facts(tf, MODELS[model]))


@pytest.mark.parametrize("model", [m for m in MODELS if m not in ("empty", "unbuilt", "own")])
def test_shapes(model: str) -> None:
    def program(tf: Any) -> list[Any]:
        found = MODELS[model](tf)
        ends = [repr(t) for t in (*found.inputs, *found.outputs)]
        inner = [(repr(layer.input), repr(layer.output)) for layer in found.layers]
        return [found.input_shape, found.output_shape, ends, inner]

    same(program)


def test_get_layer() -> None:
    def program(tf: Any) -> list[str]:
        model = with_input(tf)
        return [
            repr(model.get_layer("flatten")),
            repr(model.get_layer(index=0)),
            model.get_layer(index=-1).name,
        ]

    same(program)


def test_weights_in_and_out() -> None:
    def program(tf: Any) -> list[Any]:
        model, other = with_input(tf), called(tf)
        other.set_weights(model.get_weights())
        return [other.get_weights(), other.predict(X, verbose=0), model.predict(X, verbose=0)]

    close(program, 100)


@pytest.mark.parametrize("model", ["with_input", "added", "called", "unbuilt", "popped", "frozen"])
def test_config(model: str) -> None:
    """Equal to Keras's; and either side makes the model of the other."""
    theirs, ours = twins(lambda tf: MODELS[model](tf))
    assert ours.get_config() == theirs.get_config()
    again = scratchnet.keras.Sequential.from_config(theirs.get_config())
    assert again.get_config() == theirs.get_config()
    back = tensorflow.keras.Sequential.from_config(ours.get_config())
    assert back.get_config() == ours.get_config()


def test_config_with_a_class_of_your_own() -> None:
    class Twice(scratchnet.keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs * 2

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

    model = scratchnet.keras.Sequential([scratchnet.keras.Input((3,)), Twice()])
    config = model.get_config()
    again = scratchnet.keras.Sequential.from_config(config, custom_objects={"Twice": Twice})
    assert again.predict(np.ones((1, 3)), verbose=0).tolist() == [[2, 2, 2]]
    with pytest.raises(TypeError, match="class 'Twice': it is neither Keras's nor yours"):
        scratchnet.keras.Sequential.from_config(config)


def test_other_batches_after_the_first() -> None:
    def program(tf: Any) -> list[Any]:
        model = called(tf)
        return [model(X[:2]).numpy(), model(tf.constant(X)).numpy(), model(X[:, :, :, 0]).numpy()]

    close(program, 100)


def test_a_last_axis_of_1_may_be_missing_or_too_many() -> None:
    def program(tf: Any) -> list[Any]:
        model = with_input(tf)
        rows = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        return [
            model.predict(X[..., 0], verbose=0),
            model(X[..., 0]).numpy(),
            rows(np.ones((4, 3, 1), "f")).numpy(),
        ]

    close(program, 100)


def test_integer_images() -> None:
    """A model casts its input, where a Conv2D alone refuses it."""
    close(lambda tf: with_input(tf).predict((X * 255).astype("uint8"), verbose=0), 200)


def test_gradient_of_the_input() -> None:
    def program(tf: Any) -> Any:
        model, x = with_input(tf), tf.constant(X)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = model(x)[:, 1]
        return tape.gradient(y, x).numpy()

    close(program, 400)


def test_training_flag() -> None:
    def program(tf: Any) -> list[Any]:
        model = with_input(tf)
        return [model(X, training=flag).numpy() for flag in (True, False, None, True)]

    close(program, 3000)


def test_a_layer_in_two_models() -> None:
    def program(tf: Any) -> list[Any]:
        shared = tf.keras.layers.Dense(2)
        first = tf.keras.Sequential([tf.keras.Input((3,)), shared])
        second = tf.keras.Sequential([tf.keras.Input((3,)), shared, tf.keras.layers.Dense(1)])
        x = np.ones((1, 3), "f")
        return [first(x).numpy(), second(x).numpy(), [v.path for v in second.weights]]

    close(program, 20)


@pytest.mark.parametrize("how", ["tuple", "list"])
@pytest.mark.parametrize("method", ["call", "fit", "evaluate", "predict", "train_on_batch"])
def test_one_input_in_a_container(how: str, method: str) -> None:
    """The notebook's trailing comma: it works, with a warning."""
    x = (X,) if how == "tuple" else [X]
    calls = {
        "call": lambda m: m(x),
        "fit": lambda m: m.fit(x, Y, verbose=0),
        "evaluate": lambda m: m.evaluate(x, Y, verbose=0),
        "predict": lambda m: m.predict(x, verbose=0),
        "train_on_batch": lambda m: m.train_on_batch(x, Y),
    }
    texts = [
        complaint(lambda tf: calls[method](compiled(tf)), tf) for tf in (tensorflow, scratchnet)
    ]
    assert [t[0] for t in texts] == ["", ""]
    theirs, ours = ({line for line in t[2].split("\n") if line} for t in texts)
    assert "The structure of `inputs` doesn't match the expected structure." in ours
    assert "Expected: keras_tensor" in ours & theirs
    shape = "(6, 8, 8, 1)" if method in ("call", "predict", "train_on_batch") else "(None, 8, 8, 1)"
    mark = f"'Tensor(shape={shape})'"
    received = f"Received: inputs=({mark},)" if how == "tuple" else f"Received: inputs=[{mark}]"
    assert received in ours
    if how == "tuple" and method != "train_on_batch":  # Keras makes a tuple of a list, at times
        assert ours == theirs


def test_one_image_is_refused_with_advice() -> None:
    """Keras's error class; a text that says what to do (TensorFlow's speaks of a negative size)."""
    fresh(tensorflow)
    with pytest.raises(ValueError, match=r"Negative dimension size"):
        with_input(tensorflow).predict(X[0], verbose=0)
    fresh(scratchnet)
    model = with_input(scratchnet)
    for predict in (lambda x: model.predict(x, verbose=0), model, model.predict_on_batch):
        with pytest.raises(ValueError, match=r"x\[None\]") as caught:
            predict(X[0])
        text = str(caught.value)
        assert "Expected shape (None, 8, 8, 1), but input has incompatible shape (8, 8, 1)" in text
        assert "add a batch axis: x[None]" in text
    assert model.predict(X[0][None], verbose=0).shape == (1, 3)


def test_after_an_input_that_does_not_fit_another_one_may() -> None:
    model = scratchnet.keras.Sequential(layers(scratchnet))
    with pytest.raises(ValueError, match="must fit into the image"):
        model(np.zeros((1, 2, 2, 1), "f"))
    assert model(X).shape == (6, 3)


def test_layers_in_attributes_of_a_sequential_do_not_count() -> None:
    def program(tf: Any) -> list[str]:
        class More(tf.keras.Sequential):
            def __init__(self, *args: Any) -> None:
                super().__init__(*args)
                self.extra = tf.keras.layers.Dense(1, name="extra")
                self.extra.build((None, 2))

        model = More([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        return [v.name for v in model.weights] + [layer.name for layer in model.layers]

    same(program)


def test_one_row_is_refused_with_advice() -> None:
    model = scratchnet.keras.Sequential(
        [scratchnet.keras.Input((3,)), scratchnet.keras.layers.Dense(1)]
    )
    with pytest.raises(ValueError, match=r"add a batch axis: x\[None\]"):
        model(np.ones(3, "f"))


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "a layer for a list of layers": (
        lambda tf: tf.keras.Sequential(tf.keras.layers.Dense(1)),
        "",
        "Sequential: `layers` must be a list of layers",
    ),
    "flat images": (
        lambda tf: with_input(tf)(np.zeros((2, 64), "f")),
        "Expected shape (None, 8, 8, 1), but input has incompatible shape (2, 64)",
        "",
    ),
    "other size": (
        lambda tf: with_input(tf)(np.zeros((2, 9, 10, 1), "f")),
        "expected axis -1 of input shape to have value 36, but received input with shape (2, 48)",
        "",
    ),
    "other channels": (
        lambda tf: with_input(tf)(np.zeros((2, 8, 8, 3), "f")),
        "expected axis -1 of input shape to have value 1, "
        "but received input with shape (2, 8, 8, 3)",
        "",
    ),
    "two of a name": (
        lambda tf: tf.keras.Sequential([tf.keras.layers.Dense(1, name="a") for _ in range(2)]),
        "'a'",
        "layers must have different names",
    ),
    "no layer": (lambda tf: tf.keras.Sequential([3]), "3", "`layer` must be a layer"),
    "two inputs": (
        lambda tf: tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.Input((2,))]),
        "(None, 2)",
        "has an Input already",
    ),
    "build empty": (lambda tf: empty(tf).build((1, 2)), "sequential", "has no layers"),
    "call empty": (lambda tf: empty(tf)(np.zeros((1, 2), "f")), "sequential", "has no layers"),
    "build otherwise": (
        lambda tf: with_input(tf).build((None, 9, 9, 1)),
        "(None, 9, 9, 1)",
        "begins with an Input of shape (None, 8, 8, 1)",
    ),
    "conv too large": (
        lambda tf: tf.keras.Sequential([tf.keras.Input((2, 2, 1)), tf.keras.layers.Conv2D(1, 3)]),
        "(None, 2, 2, 1)",
        "the kernel must fit into the image",
    ),
    "pool too large": (
        lambda tf: tf.keras.Sequential(
            [tf.keras.Input((2, 2, 1)), tf.keras.layers.MaxPooling2D(3)]
        ),
        "strides=(3, 3)",
        "the window must fit into the image",
    ),
    "shape unknown": (
        lambda tf: unbuilt(tf).input_shape,
        "input shape",
        "it has not seen the shape of an input",
    ),
    "count unbuilt": (lambda tf: unbuilt(tf).count_params(), "'sequential'", "is not built"),
    "number of weights": (
        lambda tf: with_input(tf).set_weights([1]),
        "'sequential'",
        "has 8 weights, received 1",
    ),
    "layers set": (
        lambda tf: setattr(with_input(tf), "layers", []),
        "`add",
        "change the model with `add` and `pop`",
    ),
    "pop nothing": (lambda tf: empty(tf).pop(), "", "pop from empty list"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("how", ["array", "tensor", "predict"])
def test_a_float64_input_is_rounded_only_where_keras_rounds_it(given: bool, how: str) -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((3, 16)), rng.standard_normal((16, 4))
    found = []
    for tf in (scratchnet, tensorflow):
        dense = tf.keras.layers.Dense(4, dtype="float64")
        first = [tf.keras.Input((16,), dtype="float64")] if given else []
        model = tf.keras.Sequential([*first, dense])
        model(x[:1])
        dense.set_weights([w, np.zeros(4)])
        y = model.predict(x, verbose=0) if how == "predict" else None
        y = model(x if how == "array" else tf.constant(x)) if y is None else y
        found.append(np.asarray(y))
    assert found[0].dtype == found[1].dtype == np.float64
    np.testing.assert_allclose(found[0], found[1], rtol=1e-13, atol=1e-13)


def test_build_without_a_shape() -> None:
    """With an Input all is there; without one the layers wait for what they are called on."""

    def program(tf: Any) -> list[Any]:
        k = tf.keras
        known = k.Sequential([k.Input((3,)), k.layers.Dense(2)])
        waiting = k.Sequential([k.layers.Dense(4), k.layers.Dense(2)])
        found: list[Any] = []
        for model in (known, waiting):
            model.build()
            found += [model.built, len(model.weights)]
            model.compile("sgd", "mse")
            history = model.fit(np.ones((5, 3), "f"), np.ones((5, 2), "f"), 2, verbose=0)
            found += [history.history["loss"], model(np.ones((2, 3), "f")).numpy()]
            found += [len(model.weights), *model.get_weights()]
        return found

    close(program, 60)


def test_state_before_and_after_it_is_built() -> None:
    def program(tf: Any) -> list[Any]:
        def told(model: Any) -> list[Any]:
            found: list[Any] = [model.built, [type(x).__name__ for x in model.layers]]
            for name in ("input_shape", "output_shape", "inputs", "outputs"):
                try:
                    value = getattr(model, name)
                    found.append([x.shape for x in value] if name.endswith("puts") else value)
                except AttributeError:
                    found.append("none yet")
            return found

        k = tf.keras.layers
        models = [
            tf.keras.Sequential(),
            tf.keras.Sequential(()),
            tf.keras.Sequential([tf.keras.Input((3,))]),
            tf.keras.Sequential([k.Dense(2)]),
            tf.keras.Sequential((k.Flatten(), k.Dense(2)), trainable=False, name="net"),
            tf.keras.Sequential([tf.keras.Input((4, 3)), k.Flatten(), k.Dense(2)]),
            tf.keras.Sequential(
                [tf.keras.Sequential([tf.keras.Input((3,)), k.Dense(2)]), k.ReLU()]
            ),
        ]
        found = [[m.name, m.trainable, told(m)] for m in models]
        for model in models[3:5]:
            model(np.ones((5, 4, 3), "f"))
            found.append(told(model))
        models[6].pop()
        found.append(told(models[6]))
        return found

    same(program)


def test_what_a_sequential_refuses_says_what_it_was_given() -> None:
    keras = scratchnet.keras
    for wrong in (3, keras.layers.Dense(2), True):
        with pytest.raises(TypeError, match=r"^Sequential: `layers` must be a list of layers,"):
            keras.Sequential(wrong)
    model = keras.Sequential([keras.Input((3,))], name="net")
    with pytest.raises(ValueError, match="'net' has an Input already, of shape \\(None, 3\\); rec"):
        model.add(keras.Input((4,)))
    for wrong in (None, "dense", keras.layers.Dense(2)(keras.Input((3,)))):
        with pytest.raises(ValueError, match=r"^Sequential: `layer` must be a layer, received"):
            model.add(wrong)
    for name in ("input", "output"):
        rule = f"^Sequential: 'open' has no {name} shape yet: it has not seen the shape of an inp"
        with pytest.raises(AttributeError, match=rule):
            getattr(keras.Sequential([keras.layers.Dense(2)], name="open"), f"{name}_shape")


def test_dtypes_and_batch_sizes_of_the_first_layer() -> None:
    def program(tf: Any) -> list[Any]:
        k, found = tf.keras.layers, []
        for first, dtype in (
            (k.Dense(2, dtype="float64"), "float64"),
            (k.Dense(2), "float32"),
            (k.Embedding(9, 2), "int32"),
            (k.Rescaling(0.5), "uint8"),
        ):
            model = tf.keras.Sequential([first])
            y = model(np.ones((5, 3), dtype))
            found.append([np.asarray(y).dtype.name, tuple(y.shape), model.inputs[0].shape])
            found.append([model.inputs[0].dtype, tuple(model(np.ones((7, 3), dtype)).shape)])
        return found

    same(program)


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask attached to it")
def test_masks_and_flags_go_through() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        x = np.arange(6, dtype="f").reshape(2, 3, 1)
        mask = np.array([[True, False, True], [False, False, True]])
        found = []
        for begin in ([tf.keras.Input((3, 1))], []):
            model = tf.keras.Sequential([*begin, k.Identity(), k.GlobalAveragePooling1D()])
            found += [model(x, mask=mask), model(x), model(inputs=x), model.call(x)]
        drop = tf.keras.Sequential([tf.keras.Input((3,)), k.Dropout(0.999)])
        ones = np.ones((4, 3), "f")
        found += [
            drop(ones),
            drop(ones, training=False),
            np.sum(drop(ones, training=True) == 0) > 9,
        ]
        return [np.asarray(y) for y in found]

    close(program, 20)


def test_shapes_through_all_layers() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        model = tf.keras.Sequential([k.Conv2D(3, 3), k.Flatten(), k.Dense(2)])
        found = [model.compute_output_shape((None, 8, 8, 1)), model.built]
        with_input = tf.keras.Sequential([tf.keras.Input((None, 3)), k.Dense(2)])
        found += [with_input.compute_output_shape((4, 7, 3))]
        spec = with_input.compute_output_spec(tf.keras.Input((5, 3), batch_size=2))
        return [*found, tuple(spec.shape), spec.dtype]

    same(program)


def test_configs_of_all_states() -> None:
    """With an Input, built by data, unbuilt, frozen; and back."""

    def program(tf: Any) -> list[Any]:
        k, found = tf.keras.layers, []
        called = tf.keras.Sequential([k.Dense(2, name="d")], name="called")
        called(np.ones((5, 3), "f"))
        models = [
            called,
            tf.keras.Sequential([k.Dense(2, name="d")], name="open", trainable=False),
            tf.keras.Sequential([tf.keras.Input((3,), name="x"), k.Dense(2, name="d")], name="i"),
        ]
        for model in models:
            config = model.get_config()
            again = tf.keras.Sequential.from_config(config)
            found += [config.get("build_input_shape"), sorted(config), len(config["layers"])]
            found += [again.name, again.built, len(again.weights)]
            if tf is scratchnet:  # Keras's are always trainable
                assert again.trainable == model.trainable
            del config["trainable"]
            found.append(tf.keras.Sequential.from_config(config).trainable)
        return found

    same(program)


def test_an_input_shape_of_a_layer_makes_an_input() -> None:
    with pytest.warns(UserWarning, match="input_shape"):
        layer = scratchnet.keras.layers.Dense(2, input_shape=(3,))
    model = scratchnet.keras.Sequential([layer, scratchnet.keras.layers.ReLU()])
    assert model.built
    assert model.input_shape == (None, 3)
    assert [type(x).__name__ for x in model._layers] == ["InputLayer", "Dense", "ReLU"]
    later = scratchnet.keras.Sequential([scratchnet.keras.Input((3,)), layer])
    assert len(later._layers) == 2


@pytest.mark.parametrize(
    "method", ["__init__", "build", "call", "compute_output_shape", "get_config"]
)
def test_what_methods_take(method: str) -> None:
    """The names and defaults of Keras's."""

    def program(tf: Any) -> list[Any]:
        taken = inspect.signature(getattr(tf.keras.Sequential, method)).parameters.values()
        return [(p.name, p.default) for p in taken if p.kind is not p.VAR_KEYWORD]

    same(program)


@pytest.mark.parametrize("change", ["add", "pop"])
def test_a_layer_behind_a_model_that_was_changed_is_built_for_what_it_returns_now(
    change: str,
) -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras
        inner = k.Sequential([k.Input((3,)), k.layers.Dense(2), k.layers.Dense(6)])
        outer = k.Sequential([inner])
        outer.build((None, 3))
        inner.pop() if change == "pop" else inner.add(k.layers.Dense(5))
        outer.add(k.layers.Dense(4))
        y = outer(np.ones((1, 3), np.float32))
        return [y.shape, outer.output_shape, [tuple(w.shape) for w in outer.weights]]

    same(program)
