"""Sequential and Model against Keras's: building, names, inputs, summaries, configs, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import (
    close,
    complain_alike,
    complaint,
    fresh,
    prints_the_same,
    same,
    seed_net,
    twins,
)

RNG = np.random.default_rng(21)
X = RNG.random((6, 8, 8, 1)).astype("f")
Y = np.eye(3, dtype="f")[RNG.integers(0, 3, 6)]


def layers(tf: Any) -> list[Any]:
    k = tf.keras.layers
    return [
        k.Conv2D(4, 3, activation="relu"),
        k.BatchNormalization(),
        k.MaxPooling2D(),
        k.Dropout(0.3),
        k.Flatten(),
        k.Dense(3, activation="softmax"),
    ]


def with_input(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.Input((8, 8, 1)), *layers(tf)])


def added(tf: Any) -> Any:
    model = tf.keras.Sequential(name="added")
    model.add(tf.keras.Input((8, 8, 1)))
    for layer in layers(tf):
        model.add(layer)
    return model


def called(tf: Any) -> Any:
    model = tf.keras.Sequential(layers(tf))
    model(X)
    return model


def built(tf: Any) -> Any:
    model = tf.keras.Sequential(layers(tf))
    model.build((None, 8, 8, 1))
    return model


def fitted(tf: Any) -> Any:
    model = tf.keras.Sequential(layers(tf))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, verbose=0)
    return model


def compiled(tf: Any) -> Any:
    model = with_input(tf)
    model.compile(tf.keras.optimizers.SGD(0.1, momentum=0.9), "categorical_crossentropy")
    return model


def trained(tf: Any) -> Any:
    model = compiled(tf)
    model.fit(X, Y, batch_size=3, verbose=0)
    return model


def empty(tf: Any) -> Any:
    return tf.keras.Sequential()


def unbuilt(tf: Any) -> Any:
    return tf.keras.Sequential(layers(tf))


def popped(tf: Any) -> Any:
    model = with_input(tf)
    model.pop()
    model.add(tf.keras.layers.Dense(2, name="a_new_end_whose_name_is_much_too_long_for_its_column"))
    return model


def frozen(tf: Any) -> Any:
    model = with_input(tf)
    model.layers[0].trainable = False
    return model


def any_size(tf: Any) -> Any:
    k = tf.keras.layers
    convs = [k.Conv2D(16, 3, activation="relu"), k.Conv2D(16, 3, activation="relu")]
    head = [k.GlobalAveragePooling2D(), k.Dense(10)]
    return tf.keras.Sequential([tf.keras.Input((None, None, 1), name="digits"), *convs, *head])


def nested(tf: Any) -> Any:
    inner = tf.keras.Sequential([tf.keras.Input((8, 8, 1)), *layers(tf)[:3]], name="inner")
    return tf.keras.Sequential([tf.keras.Input((8, 8, 1)), inner, *layers(tf)[4:]])


def large(tf: Any) -> Any:
    k = tf.keras.layers
    return tf.keras.Sequential([tf.keras.Input((9216,)), k.Dense(128), k.Dense(10)])


def notebook(tf: Any) -> Any:
    return seed_net(tf.keras)


def own(tf: Any) -> Any:
    class Net(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = layers(tf)

        def call(self, inputs: Any, training: bool = False) -> Any:
            for layer in self.blocks:
                inputs = layer(inputs)
            return inputs

    model = Net()
    model(X)
    return model


MODELS = {
    f.__name__: f
    for f in (
        *(with_input, added, called, built, fitted, compiled, trained, empty, unbuilt, popped),
        *(frozen, any_size, nested, large, notebook, own),
    )
}


# -- summaries -------------------------------------------------------------------------------------

SUMMARIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "narrow": {"line_length": 65},
    "wide": {"line_length": 120},
    "positions": {"positions": [0.5, 0.7, 1.0]},
    "trainable": {"show_trainable": True},
    "expanded": {"expand_nested": True},
    "expanded trainable": {"expand_nested": True, "show_trainable": True, "line_length": 100},
}


@pytest.mark.filterwarnings("ignore:`build..` was called on layer:UserWarning")  # Keras, of `own`
@pytest.mark.parametrize("options", SUMMARIES)
@pytest.mark.parametrize("model", MODELS)
def test_summary(model: str, options: str) -> None:
    """Character for character."""
    prints_the_same(lambda tf: MODELS[model](tf).summary(**SUMMARIES[options]))


@pytest.mark.parametrize(
    "names", [("conv2d", "max_pooling2d"), ("flatten", "batch.*"), ("d.*", "d.*")]
)
def test_part_of_a_summary(names: tuple[str, str]) -> None:
    prints_the_same(lambda tf: with_input(tf).summary(layer_range=names))


def test_summary_to_a_function() -> None:
    def program(tf: Any) -> list[str]:
        texts: list[str] = []
        with_input(tf).summary(print_fn=texts.append)
        return texts

    same(program)


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_summary_on_other_terminals(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    prints_the_same(lambda tf: notebook(tf).summary())


def test_notebook_counts() -> None:
    fresh(scratchnet)
    assert notebook(scratchnet).count_params() == 1_199_882
    assert any_size(scratchnet).count_params() == 2_650


# -- what a model says of itself -------------------------------------------------------------------


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


def test_names_count_over_the_program() -> None:
    def program(tf: Any) -> list[str]:
        models = [with_input(tf), called(tf), added(tf), with_input(tf)]
        names = [layer.name for model in models for layer in (model, *model.layers)]
        names.append(tf.keras.Sequential().name)
        tf.keras.utils.clear_session()
        return [*names, tf.keras.Sequential().name, tf.keras.layers.Dense(1).name]

    same(program)


def test_every_built_sequential_takes_a_number_of_functional() -> None:
    from scratchnet.keras.naming import auto_name

    fresh(tensorflow)
    fresh(scratchnet)
    for make in (with_input, called, added, popped):
        make(tensorflow)
        make(scratchnet)
    keras = tensorflow.keras
    inputs = keras.Input((3,))
    assert auto_name("Functional") == keras.Model(inputs, keras.layers.Dense(1)(inputs)).name


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


# -- calling ---------------------------------------------------------------------------------------


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


NAMED = "`name` must be passed as a keyword argument"


def chain(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])


def weights_by(*args: Any, **kwargs: Any) -> Any:
    """A program that gives `add_weight` these arguments."""
    return lambda tf: tf.keras.layers.Layer().add_weight(*args, **kwargs)


def test_weights_take_three_arguments_by_place() -> None:
    def program(tf: Any) -> Any:
        w = weights_by((2, 3), "ones", "float64")(tf)
        return w.numpy().tolist(), str(w.dtype), tuple(weights_by()(tf).shape)

    same(program)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "one end of a model": (
        lambda tf: tf.keras.Model(tf.keras.Input((3,))),
        "",
        "Model: `outputs` must be given together with `inputs`",
    ),
    "a layer for a list of layers": (
        lambda tf: tf.keras.Sequential(tf.keras.layers.Dense(1)),
        "",
        "Sequential: `layers` must be a list of layers",
    ),
    "too few positions": (
        lambda tf: chain(tf).summary(positions=[1, 2]),
        "",
        "summary: `positions` must say where each of the columns ends",
    ),
    "one position": (lambda tf: chain(tf).summary(positions=5), "", "`positions` must say where"),
    "positions of text": (
        lambda tf: chain(tf).summary(positions=["a", "b", "c"]),
        "",
        "`positions` must say where",
    ),
    "load 5": (lambda tf: tf.keras.models.load_model(5), "filepath=5", "must be a path"),
    "save to 5": (lambda tf: chain(tf).save(5), "", "`filepath` must be a path"),
    "save weights to 5": (lambda tf: chain(tf).save_weights(5), "filepath=5", "must be a path"),
    "load weights of 5": (lambda tf: chain(tf).load_weights(5), "filepath=5", "must be a path"),
    "save nowhere": (lambda tf: chain(tf).save("/nonexist/x.keras"), "'/nonexist/x.keras'", ""),
    "a name before a shape": (weights_by("kernel", shape=[3, 3]), NAMED, ""),
    "a name and a shape": (weights_by("w", (3, 3)), NAMED, ""),
    "a shape twice": (weights_by((3,), shape=(3,)), "`shape` was passed both positionally", ""),
    "four places": (weights_by((3,), "zeros", None, True), "3 positional arguments", ""),
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
    "no such layer": (
        lambda tf: with_input(tf).get_layer("foo"),
        "['conv2d', 'batch_normalization', 'max_pooling2d', 'dropout', 'flatten', 'dense']",
        "received name='foo'",
    ),
    "index": (lambda tf: with_input(tf).get_layer(index=9), "9", "must be below 6"),
    "neither": (lambda tf: with_input(tf).get_layer(), "", "one of `name` and `index`"),
    "both": (lambda tf: with_input(tf).get_layer("a", 1), "index=1", "one of `name` and `index`"),
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
    "no call": (
        lambda tf: tf.keras.Model()(np.zeros((1, 2), "f")),
        "`call",
        "is not overridden",
    ),
    "narrow": (
        lambda tf: with_input(tf).summary(line_length=8),
        "width",
        "no room for the columns",
    ),
    "range": (
        lambda tf: with_input(tf).summary(layer_range=("foo", "bar")),
        "('foo', 'bar')",
        "must fit names of layers",
    ),
    "range of one": (
        lambda tf: with_input(tf).summary(layer_range=("foo",)),
        "('foo',)",
        "must be two names",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


# -- files -----------------------------------------------------------------------------------------

# Keras itself reads TensorFlow's variables in a way that NumPy 2.4 warns of.
quiet = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def state(model: Any) -> list[np.ndarray]:
    optimizer = getattr(model, "optimizer", None)
    return [*model.get_weights(), *(v.numpy() for v in (optimizer.variables if optimizer else []))]


def own_with_attributes(tf: Any) -> Any:
    k = tf.keras.layers

    class Block(k.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.dense = k.Dense(3)
            self.norms = [k.BatchNormalization(), k.BatchNormalization()]

        def call(self, inputs: Any) -> Any:
            x = self.dense(inputs)
            for norm in self.norms:
                x = norm(x)
            return x

    class Net(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.block = Block()
            self.parts = {"b": k.Dense(4), "a": k.Dense(3)}
            self.tail = tf.keras.Sequential([k.Dense(2), k.Dense(1)])

        def call(self, inputs: Any) -> Any:
            return self.tail(self.parts["b"](self.parts["a"](self.block(inputs))))

    model = Net()
    model(np.ones((2, 5), "f"))
    return model


FILES = {"with_input": with_input, "trained": trained, "nested": nested, "own": own_with_attributes}


@quiet
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("ours_writes", [True, False])
def test_weights_travel(name: str, ours_writes: bool, tmp_path: Path) -> None:
    """A file that one side writes is read by the other: weights, moving statistics, optimizer."""
    make, path = FILES[name], tmp_path / "model.weights.h5"
    writer, reader = (scratchnet, tensorflow) if ours_writes else (tensorflow, scratchnet)
    fresh(writer, seed=1)
    model = make(writer)
    model.save_weights(path)
    fresh(reader, seed=2)
    other = make(reader)
    assert any((a != b).any() for a, b in zip(state(model), state(other), strict=True))
    other.load_weights(path)
    for a, b in zip(state(other), state(model), strict=True):
        np.testing.assert_array_equal(a, b)


@quiet
@pytest.mark.parametrize("name", FILES)
def test_layout_of_a_file(name: str, tmp_path: Path) -> None:
    import h5py

    def layout(path: Path) -> list[Any]:
        found: list[Any] = []
        with h5py.File(path) as file:
            file.visititems(
                lambda where, part: found.append(
                    (
                        where,
                        dict(part.attrs),
                        getattr(part, "shape", None),
                        str(getattr(part, "dtype", "")),
                    )
                )
            )
        return sorted(found, key=repr)

    def program(tf: Any) -> list[Any]:
        path = tmp_path / f"{tf.__name__}.weights.h5"
        FILES[name](tf).save_weights(path)
        return layout(path)

    same(program)


@pytest.mark.parametrize("name", FILES)
def test_npz(name: str, tmp_path: Path) -> None:
    path = str(tmp_path / "model.npz")
    fresh(scratchnet, seed=1)
    model = FILES[name](scratchnet)
    model.save_weights(path)
    fresh(scratchnet, seed=2)
    other = FILES[name](scratchnet)
    other.load_weights(path)
    for a, b in zip(state(other), state(model), strict=True):
        np.testing.assert_array_equal(a, b)
    with np.load(path) as file:
        assert all("/" in key or key.startswith("vars") for key in file.files)


def momentum(tf: Any) -> Any:
    k = tf.keras.layers
    body = [k.Conv2D(4, 3, activation="relu"), k.Flatten(), k.Dense(3, activation="softmax")]
    model = tf.keras.Sequential([tf.keras.Input((8, 8, 1)), *body])
    optimizer = tf.keras.optimizers.SGD(0.1, momentum=0.9)
    model.compile(optimizer, "categorical_crossentropy")
    model.fit(X, Y, batch_size=3, verbose=0)
    return model


@quiet
def test_training_goes_on_after_loading(tmp_path: Path) -> None:
    """Momentum, counter and learning rate come along: the next steps are the same."""
    path = tmp_path / "model.weights.h5"
    fresh(tensorflow)
    theirs = momentum(tensorflow)
    theirs.save_weights(path)
    fresh(scratchnet, seed=2)
    ours = momentum(scratchnet)
    ours.load_weights(path)
    for model in (theirs, ours):
        model.fit(X, Y, batch_size=3, shuffle=False, verbose=0)
    assert int(ours.optimizer.iterations.numpy()) == 4
    for a, b in zip(state(ours), state(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@quiet
def test_optimizer_state_that_does_not_fit_is_left_out(tmp_path: Path) -> None:
    path = str(tmp_path / "model.weights.h5")

    def program(tf: Any) -> None:
        trained(tf).save_weights(path)
        compiled(tf).load_weights(path)

    complain_alike(program, "optimizer", "was not loaded")


def smaller(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.Input((8, 8, 1)), *layers(tf)[2:]])


@quiet
@pytest.mark.parametrize("skip", [False, True])
def test_file_of_another_model(skip: bool, tmp_path: Path) -> None:
    path = str(tmp_path / "model.weights.h5")

    def program(tf: Any) -> None:
        smaller(tf).save_weights(path)
        with_input(tf).load_weights(path, skip_mismatch=skip)

    complain_alike(program, "objects could not", "not in the file")


@quiet
def test_skipped_layers_stay_and_the_others_are_loaded(tmp_path: Path) -> None:
    path = str(tmp_path / "model.weights.h5")
    keras = scratchnet.keras

    def net(units: int) -> Any:
        return keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(units)]
        )

    first, second = net(2), net(3)
    before = second.get_weights()
    first.save_weights(path)
    with pytest.warns(UserWarning, match="1 objects could not be loaded"):
        second.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(second.get_weights()[0], first.get_weights()[0])
    np.testing.assert_array_equal(second.get_weights()[2], before[2])


FILE_COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "ending": (lambda tf: with_input(tf).save_weights("a.h5"), ".weights.h5", "must end in"),
    "ending to load": (
        lambda tf: with_input(tf).load_weights("a.foo"),
        ".weights.h5",
        "must end in",
    ),
    "missing": (lambda tf: with_input(tf).load_weights("missing.weights.h5"), "missing", ""),
    "save unbuilt": (lambda tf: unbuilt(tf).save_weights("a.weights.h5"), "build", "is not built"),
    "load unbuilt": (lambda tf: unbuilt(tf).load_weights("a.weights.h5"), "build", "is not built"),
}


@pytest.mark.parametrize("name", FILE_COMPLAINTS)
def test_file_complaints(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    complain_alike(*FILE_COMPLAINTS[name])
    assert not list(tmp_path.iterdir())


def test_a_file_is_not_replaced_unless_allowed(tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="overwrite=False"):
        with_input(scratchnet).save_weights(path, overwrite=False)
    assert path.read_text() == "mine"
    with_input(scratchnet).save_weights(path)
    assert path.read_bytes().startswith(b"\x89HDF")


# -- helpers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [([0, 2, 1],), (np.array([[0], [2]]), 4), ([-1, 0], 3), ([[0, 1], [1, 2]],), ([1.7],), (2, 3)],
)
def test_to_categorical(arguments: tuple[Any, ...]) -> None:
    close(lambda tf: tf.keras.utils.to_categorical(*arguments), 1)


def test_to_categorical_of_a_tensor() -> None:
    close(lambda tf: tf.keras.utils.to_categorical(tf.constant([[0], [2]]), 3).numpy(), 1)
    complain_alike(
        lambda tf: tf.keras.utils.to_categorical(tf.constant([0])), "None", "num_classes"
    )


def test_to_categorical_out_of_range() -> None:
    complain_alike(lambda tf: tf.keras.utils.to_categorical([3], 2), "index 3 is out of bounds")


ACTIVATIONS = "linear relu leaky_relu elu selu softmax log_softmax sigmoid tanh softplus softsign"


@pytest.mark.parametrize("name", [*ACTIVATIONS.split(), "exponential", "silu", "swish"])
def test_activations(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        x = tf.constant(np.linspace(-4, 4, 24, dtype="f").reshape(4, 6))
        f = tf.keras.activations.get(name)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.identity(f(x))
        g = tf.constant(np.random.default_rng(0).normal(size=(4, 6)).astype("f"))
        return [y.numpy(), tape.gradient(y, x, output_gradients=g).numpy()]

    close(program, 20)


@pytest.mark.parametrize("alpha", [1.0, 0.5])
def test_activation_arguments(alpha: float) -> None:
    def program(tf: Any) -> list[Any]:
        x, a = tf.constant(np.linspace(-4, 4, 24, dtype="f")), tf.keras.activations
        options = [{}, {"negative_slope": 0.1}, {"max_value": 2.0}, {"threshold": 1.0}]
        options.append({"negative_slope": 0.2, "max_value": 2.0, "threshold": 1.0})
        found = [a.relu(x, **o).numpy() for o in options]
        return [
            *found,
            a.elu(x, alpha=alpha).numpy(),
            a.leaky_relu(x, negative_slope=alpha).numpy(),
        ]

    close(program, 8)


def test_settings() -> None:
    def program(tf: Any) -> list[Any]:
        backend = tf.keras.backend
        found = [backend.floatx(), backend.epsilon(), backend.image_data_format()]
        backend.set_floatx("float64")
        backend.set_epsilon(1e-5)
        try:
            layer = tf.keras.layers.Dense(1)
            found += [layer(np.ones((1, 2))).dtype.name, backend.epsilon(), layer.dtype]
        finally:
            backend.set_floatx("float32")
            backend.set_epsilon(1e-7)
        return found

    same(program)


ROOMS = "layers losses metrics optimizers callbacks activations utils backend models regularizers"


@pytest.mark.parametrize("room", [*ROOMS.split(), "constraints"])
def test_every_public_name_is_keras_s(room: str) -> None:
    """Of `tf.keras` or of `keras`, which differ in a few old names."""
    ours, theirs = getattr(scratchnet.keras, room), getattr(tensorflow.keras, room)
    defined = [n for n, v in vars(ours).items() if getattr(v, "__module__", "") == ours.__name__]
    names = [n for n in getattr(ours, "__all__", defined) if not n.startswith("_")]
    assert names
    for name in names:
        found = hasattr(theirs, name) or hasattr(getattr(keras, room), name)
        assert found, f"neither tf.keras.{room} nor keras.{room} has {name}"


def test_files_that_cannot_be_loaded_are_named(tmp_path: Path) -> None:
    """Keras's complaints, of the same types, are those of the HDF5 library."""
    model, path = with_input(scratchnet), tmp_path / "bad.weights.h5"
    with pytest.raises(FileNotFoundError, match=r"must be a file that exists.*bad\.weights\.h5"):
        model.load_weights(path)
    path.write_text("no HDF5")
    with pytest.raises(OSError, match=r"bad\.weights\.h5' is not a readable HDF5 file"):
        model.load_weights(path)


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
