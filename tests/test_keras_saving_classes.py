"""Your own classes and functions in saved models; configurations, clones, JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, fresh, same, twins
from tests.support.saved_models import (
    BOTH,
    agree,
    config_in,
    crosses,
    differences,
    fill,
    plain,
    read,
    write,
)

X = np.random.default_rng(2).normal(size=(3, 6)).astype(np.float32)


def registered(tf: Any, cls: Any, name: str | None = None) -> Any:
    return tf.keras.utils.register_keras_serializable("tests", name)(cls)


# -- classes of your own --------------------------------------------------------------------------


def scaled_dense(tf: Any) -> Any:
    """A layer with weights of its own and a layer inside, without `get_config`."""

    class Scaled(tf.keras.layers.Layer):
        def __init__(self, units=2, activation="relu", **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.inner = tf.keras.layers.Dense(units, activation)

        def build(self, input_shape):
            self.inner.build(input_shape)
            self.scale = self.add_weight(shape=(self.units,), initializer="ones", name="scale")
            self.count = self.add_weight(shape=(), trainable=False, name="count")

        def call(self, inputs):
            return self.inner(inputs) * self.scale

        def compute_output_shape(self, input_shape):
            return (*input_shape[:-1], self.units)

    return registered(tf, Scaled)


def model_of_own_layers(tf: Any) -> Any:
    keras, own = tf.keras, scaled_dense(tf)
    x = keras.Input((6,), name="x")
    return keras.Model(x, own(2, name="last")(own(units=4, activation="tanh", name="first")(x)))


def network_class(tf: Any) -> Any:
    """A subclassed model: layers in attributes, lists and dicts."""
    keras = tf.keras

    class Net(keras.Model):
        def __init__(self, units=4, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.hidden = [keras.layers.Dense(units), keras.layers.Dense(units, "tanh")]
            self.ends = {"a": keras.layers.Dense(2), "b": [keras.layers.BatchNormalization()]}
            self.zeroth = keras.Sequential([keras.layers.Dense(3)])
            self.drop = keras.layers.Dropout(0.5)

        def call(self, inputs, training=None):
            x = self.zeroth(inputs)
            for layer in self.hidden:
                x = layer(x)
            return self.ends["b"][0](self.ends["a"](self.drop(x, training=training)))

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return registered(tf, Net)


def called(tf: Any) -> Any:
    model = network_class(tf)(5, name="net")
    model(X)
    return model


@pytest.mark.parametrize("make", [model_of_own_layers, called], ids=lambda f: f.__name__)
def test_own_classes_go_from_one_to_the_other_and_back(make, tmp_path):
    for tf in (tensorflow, scratchnet):
        network_class(tf)
        scaled_dense(tf)
    crosses(make, X, tmp_path)


def test_a_subclassed_model_goes_on_training(tmp_path):
    logs = []
    for writer, reader in BOTH:
        fresh(writer)
        network_class(reader)
        model = network_class(writer)(5)
        model.compile("adam", "mse", metrics=["mae"])
        model.fit(X, X[:, :2], verbose=0)
        write(model, tmp_path / "net.keras")
        config = config_in(tmp_path / "net.keras")
        assert config["build_config"] == {"input_shape": [None, 6]}
        loaded = read(reader, tmp_path / "net.keras")
        assert int(loaded.optimizer.iterations.numpy()) == 1
        agree(loaded(X), model(X), 64)
        logs.append(config)
    assert not differences(logs[1], logs[0])


def test_a_subclass_of_functional_keeps_layers_in_attributes(tmp_path):
    def make(tf):
        keras = tf.keras

        class Own(keras.Model):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.also = self.layers[1]

        x = keras.Input((6,))
        return registered(tf, Own)(x, keras.layers.Dense(2)(x))

    for tf in (tensorflow, scratchnet):
        make(tf)
    crosses(make, X, tmp_path)


def test_models_inside_models(tmp_path):
    def make(tf):
        keras = tf.keras
        x = keras.Input((6,))
        inner = keras.Model(x, keras.layers.Dense(3, "tanh")(x), name="inner")
        stack = keras.Sequential([keras.layers.Dense(3), keras.layers.ReLU()], name="stack")
        y = keras.Input((6,))
        twice = keras.layers.Add()([inner(y), inner(keras.layers.Rescaling(2.0)(y))])
        return keras.Model(y, stack(twice))

    crosses(make, X, tmp_path)


def two_inputs(tf: Any) -> Any:
    class Mixed(tf.keras.layers.Layer):
        def build(self, left_shape, right_shape):
            self.w = self.add_weight(shape=(left_shape[-1], right_shape[-1]), name="w")

        def call(self, left, right):
            return tf.matmul(left, self.w) + right

        def compute_output_shape(self, left_shape, right_shape):
            return right_shape

    return registered(tf, Mixed)


def test_a_layer_that_is_built_for_two_inputs(tmp_path):
    def make(tf):
        left, right = tf.keras.Input((6,)), tf.keras.Input((4,))
        return tf.keras.Model([left, right], two_inputs(tf)()(left, right))

    for tf in (tensorflow, scratchnet):
        two_inputs(tf)
    crosses(make, [X, X[:, :4]], tmp_path)


def test_operators_on_keras_tensors(tmp_path):
    def make(tf):
        x = tf.keras.Input((6,), name="x")
        h = tf.keras.layers.Dense(6)(x)
        y = abs(h - x) * 2.0 + (1.5 - (-h)) / 4.0 + h**2
        return tf.keras.Model(x, y[:, 1:4] * y[..., ::-2])

    crosses(make, X, tmp_path)


def test_a_sequential_that_was_built_by_data(tmp_path):
    def make(tf):
        model = tf.keras.Sequential([tf.keras.layers.Dense(2), tf.keras.layers.Dense(3)])
        model.build((None, 6))
        return model

    crosses(make, X, tmp_path)


@pytest.mark.parametrize(
    "make", [lambda k: k.Sequential(), lambda k: k.Sequential([k.layers.Dense(2)])]
)
def test_unbuilt_models_are_saved_with_a_warning(make, tmp_path):
    for writer, reader in BOTH:
        path = tmp_path / f"{writer.__name__}.keras"
        with pytest.warns(UserWarning, match="has not yet been built"):
            make(writer.keras).save(path)
        loaded = read(reader, path)
        assert not loaded.built
        assert len(loaded.layers) == len(make(writer.keras).layers)


def own_function(tf: Any, register: bool = True) -> Any:
    def doubled(x):
        return x * 2

    return registered(tf, doubled) if register else doubled


def test_registered_functions_as_activation_and_loss(tmp_path):
    def make(tf):
        keras = tf.keras

        def plus_one(y_true, y_pred):
            return keras.losses.mse(y_true, y_pred) + 1.0

        loss = registered(tf, plus_one)
        x = keras.Input((6,))
        model = keras.Model(x, keras.layers.Dense(2, own_function(tf))(x))
        model.compile("sgd", loss, metrics=[loss])
        model.train_on_batch(X, X[:, :2])
        return model

    for writer, reader in BOTH:
        fresh(writer)
        make(reader)
        model = make(writer)
        write(model, tmp_path / "own.keras")
        loaded = read(reader, tmp_path / "own.keras")
        pairs = [m.evaluate(X, X[:, :2], verbose=0) for m in (loaded, model)]
        agree(*pairs, 64)


def test_custom_objects_need_no_registration(tmp_path):
    def unregistered(x):
        return x + 1

    function = unregistered
    for writer in (tensorflow, scratchnet):
        fresh(writer)
        keras = writer.keras
        write(
            keras.Sequential([keras.Input((6,)), keras.layers.Dense(2, function)]),
            tmp_path / f"{writer.__name__}.keras",
        )
        k, path = scratchnet.keras, tmp_path / f"{writer.__name__}.keras"
        given = k.models.load_model(path, custom_objects={"unregistered": function})
        with k.saving.custom_object_scope({"unregistered": function}):
            scoped = k.models.load_model(path)
        assert given.layers[0].activation is scoped.layers[0].activation is function
        with pytest.raises(
            TypeError, match=r"tmp.*Could not locate function 'unregistered'.*register"
        ):
            k.models.load_model(path)


def test_an_unknown_class_says_what_to_do(tmp_path):
    class Secret(scratchnet.keras.layers.Layer):
        def call(self, inputs):
            return inputs

    keras, path = scratchnet.keras, tmp_path / "a.keras"
    keras.Sequential([keras.Input((2,)), Secret()]).save(path)
    with pytest.raises(TypeError, match=r"Could not locate class 'Secret'.*custom_objects="):
        keras.models.load_model(path)
    loaded = keras.models.load_model(path, custom_objects={"Secret": Secret})
    assert isinstance(loaded.layers[0], Secret)


def test_shared_objects_are_one_again(tmp_path):
    """An initializer that is shared is shared again, in each direction of one library."""
    keras = scratchnet.keras
    shared = keras.initializers.HeNormal(seed=keras.random.SeedGenerator(3))

    class Holder(keras.layers.Layer):
        def __init__(self, first, second, **kwargs):
            super().__init__(**kwargs)
            self.first, self.second = first, second

        def call(self, inputs):
            return inputs

        def get_config(self):
            return {**super().get_config(), "first": self.first, "second": self.second}

        @classmethod
        def from_config(cls, config):
            parts = ("first", "second")
            made = {k: keras.saving.deserialize_keras_object(config.pop(k)) for k in parts}
            return cls(**config, **made)

    own = keras.saving.register_keras_serializable("tests")(Holder)
    path = tmp_path / "a.keras"
    other = keras.initializers.Zeros()
    keras.Sequential([keras.Input((2,)), own(shared, shared), own(shared, other)]).save(path)
    one, two = keras.models.load_model(path).layers
    assert one.first is one.second is two.first
    assert two.second is not one.first


# -- configurations that are made by themselves ----------------------------------------------------


def plain_layer(tf: Any) -> Any:
    class Plain(tf.keras.layers.Layer):
        def __init__(self, units, rate=0.5, sizes=(1, 2), **kwargs):
            super().__init__(**kwargs)

        def call(self, inputs):
            return inputs

    return Plain


def closed_layer(tf: Any) -> Any:
    class Closed(tf.keras.layers.Layer):
        def __init__(self, units=3, part=None, *more):
            super().__init__()

        def call(self, inputs):
            return inputs

    return Closed


def test_a_layer_without_get_config_is_described_by_its_arguments():
    same(lambda tf: plain_layer(tf)(4, sizes=[3], name="a").get_config())
    same(lambda tf: plain_layer(tf)(units=4, trainable=False, dtype="float64").get_config())
    same(lambda tf: closed_layer(tf)(5).get_config())


@pytest.mark.parametrize(
    "make",
    [
        lambda tf: closed_layer(tf)(5, tf.keras.layers.Dense(1)),
        lambda tf: closed_layer(tf)(5, None, 7),
        lambda tf: plain_layer(tf)(np.zeros(2)),
    ],
)
def test_arguments_that_are_no_plain_data_need_a_get_config(make):
    complain_alike(lambda tf: make(tf).get_config(), "get_config()")


def test_a_constructor_that_does_not_take_its_config_is_told(tmp_path):
    def load(tf):
        class Narrow(tf.keras.Model):
            def __init__(self, units=4):
                super().__init__()
                self.inner = tf.keras.layers.Dense(units)

            def call(self, inputs):
                return self.inner(inputs)

        model = registered(tf, Narrow)()
        model(X)
        path = tmp_path / f"{tf.__name__}.keras"
        write(model, path)
        read(tf, path)

    complain_alike(load, "Unable to revive model from config", "**kwargs")


def test_the_arguments_of_a_model_are_kept():
    """Keras loses them: its config holds the defaults, and the file cannot be loaded."""
    keras = scratchnet.keras

    class Sized(keras.Model):
        def __init__(self, units=4, **kwargs):
            super().__init__(**kwargs)

    assert Sized(7).get_config()["units"] == 7


# -- JSON, clones, configs ------------------------------------------------------------------------


def both_kinds(tf: Any) -> list[Any]:
    keras = tf.keras
    x = keras.Input((6,), name="x")
    y = keras.layers.Dense(3, "relu", kernel_initializer="ones", name="y")(x)
    graph = keras.Model(x, keras.layers.Add(name="z")([y, y]), name="graph")
    stack = keras.Sequential([keras.Input((6,)), keras.layers.Dense(2, name="d")], name="stack")
    stack.compile("sgd", "mse", metrics=["mae"])
    return [graph, stack]


def test_to_json_and_back():
    same(lambda tf: [plain(json.loads(model.to_json())) for model in both_kinds(tf)])
    same(lambda tf: both_kinds(tf)[1].to_json(indent=1).count("\n") > 50)
    theirs, ours = twins(lambda tf: [model.to_json() for model in both_kinds(tf)])
    for text in (*theirs, *ours):
        for tf in (tensorflow, scratchnet):
            again = tf.keras.models.model_from_json(text)
            assert plain(json.loads(again.to_json())) == plain(json.loads(text))


def test_models_from_their_configs():
    def program(tf):
        found = []
        for model in both_kinds(tf):
            again = type(model).from_config(model.get_config())
            assert plain(again.get_config()) == plain(model.get_config())
            fill(again)
            found.append(np.asarray(again(X)))
        graph = tf.keras.Model.from_config(both_kinds(tf)[0].get_config())
        fill(graph)
        return [*found, np.asarray(graph(X))]

    close(program, 64)


def test_clones_have_the_layers_and_not_the_weights():
    def program(tf):
        told = []
        for model in both_kinds(tf):
            copy = tf.keras.models.clone_model(model)
            shared = {id(v) for v in copy.weights} & {id(v) for v in model.weights}
            told += [copy.name, [layer.name for layer in copy.layers], len(shared), copy.compiled]
            told += [type(copy).__name__, copy.count_params()]
        return told

    same(program)


def test_clone_functions_and_call_functions():
    def program(tf):
        keras = tf.keras

        def wider(layer):
            config = layer.get_config()
            if "units" in config:
                config["units"] += 1
            return type(layer).from_config(config)

        def dropping(layer, *args, **kwargs):
            y = layer(*args, **kwargs)
            return keras.layers.Dropout(0.5)(y) if isinstance(layer, keras.layers.Dense) else y

        graph, stack = both_kinds(tf)
        clone = keras.models.clone_model
        nested = keras.Sequential([keras.Input((6,)), stack])
        return [
            clone(graph, clone_function=wider).output_shape,
            clone(stack, clone_function=wider).output_shape,
            [layer.name for layer in clone(graph, call_function=dropping).layers],
            clone(nested, clone_function=wider, recursive=True).output_shape,
            clone(graph, input_tensors=keras.Input((6,), name="other")).inputs[0].name,
            clone(stack, input_tensors=[keras.Input((6,), name="o")]).inputs[0].name,
            clone(graph, clone_function=lambda layer: layer).layers[1] is graph.layers[1],
        ]

    same(program)


def test_what_a_clone_cannot_do():
    def clone(**arguments):
        return lambda tf: tf.keras.models.clone_model(called(tf), **arguments)

    complain_alike(clone(clone_function=lambda layer: layer), "only supported for")
    complain_alike(clone(call_function=lambda layer: layer), "only supported for")
    complain_alike(
        lambda tf: tf.keras.models.clone_model(both_kinds(tf)[1], call_function=print),
        "not supported with Sequential",
    )
    same(lambda tf: type(tf.keras.models.clone_model(called(tf))).__name__)


# -- the register ---------------------------------------------------------------------------------


def test_names_and_objects_of_the_register():
    def program(tf):
        utils = tf.keras.utils
        function = own_function(tf)
        named = registered(tf, own_function(tf, register=False), "other")
        with utils.custom_object_scope({"here": 3}):
            inside = utils.get_registered_object("here")
            with utils.CustomObjectScope({"deeper": 4}):
                deeper = utils.get_registered_object("deeper")
        return [
            utils.get_registered_name(function),
            utils.get_registered_name(named),
            utils.get_registered_name(len),
            utils.get_registered_object("tests>doubled") is function,
            utils.get_registered_object("none"),
            utils.get_registered_object("none", {"none": 1}, {"none": 2}),
            utils.get_registered_object("none", module_objects={"none": 2}),
            utils.get_custom_objects()["tests>other"] is named,
            [inside, deeper, utils.get_registered_object("here")],
            utils.register_keras_serializable()(type("A", (), {"get_config": 1})).__name__,
            utils.get_registered_object("Custom>A") is None,
        ]

    same(program)
    complain_alike(
        lambda tf: tf.keras.utils.register_keras_serializable()(type("A", (), {})), "get_config()"
    )


def test_the_names_are_in_keras_saving_and_keras_utils():
    keras = scratchnet.keras
    for name in ("serialize_keras_object", "deserialize_keras_object", "get_registered_name"):
        assert getattr(keras.saving, name) is getattr(keras.utils, name)
    for name in ("save_model", "load_model"):
        assert getattr(keras.saving, name) is getattr(keras.models, name)


@pytest.mark.parametrize(
    "make",
    [
        lambda tf: [1, 2.5, "a", None, True, (1, [2])],
        lambda tf: {"a": np.float32(1.5), "b": np.int64(2), "c": np.array(3.0)},
        lambda tf: [np.ones((2, 1)), slice(1, None, 2), Ellipsis, b"bytes"],
        lambda tf: tf.constant([[1.5, 2.0]]),
        lambda tf: [tf.TensorShape([None, 2]), tf.float32],
        lambda tf: tf.keras.activations.relu,
        lambda tf: own_function(tf),
        lambda tf: own_function(tf, register=False),
        lambda tf: [tf.keras.losses.MeanSquaredError(), tf.keras.losses.categorical_crossentropy],
        lambda tf: tf.keras.initializers.HeNormal(seed=tf.keras.random.SeedGenerator(3)),
    ],
)
def test_what_can_be_described(make):
    same(lambda tf: plain(tf.keras.utils.serialize_keras_object(make(tf))))
    same(lambda tf: repr_of(tf, tf.keras.utils.serialize_keras_object(make(tf))))


def repr_of(tf: Any, data: Any) -> str:
    """The types of what is made of `data` again."""

    def kinds(value):
        if isinstance(value, list):
            return [kinds(part) for part in value]
        if isinstance(value, dict):
            return {k: kinds(part) for k, part in value.items()}
        is_plain = isinstance(value, bool | int | float | str | bytes | slice | type(None))
        named = getattr(value, "__name__", type(value).__name__)
        return repr(value) if is_plain else named.replace("EagerTensor", "Tensor")

    own_function(tf)
    known = {"doubled": own_function(tf, register=False)}
    return str(kinds(tf.keras.utils.deserialize_keras_object(data, custom_objects=known)))


@pytest.mark.parametrize(
    ("bad", "shared"),
    [
        (lambda tf: tf.keras.utils.serialize_keras_object(object()), "Cannot serialize object"),
        (lambda tf: tf.keras.utils.deserialize_keras_object(object()), "Could not parse config"),
        (
            lambda tf: tf.keras.utils.deserialize_keras_object({"class_name": "A", "config": 3}),
            "'config'",
        ),
        (
            lambda tf: tf.keras.utils.deserialize_keras_object({"class_name": "A", "config": {}}),
            "Could not locate class 'A'",
        ),
        (
            lambda tf: tf.keras.utils.deserialize_keras_object(
                {"class_name": "function", "config": "eval", "module": "builtins"}
            ),
            "Could not locate function 'eval'",
        ),
        (
            lambda tf: tf.keras.utils.deserialize_keras_object(
                {"class_name": "function", "config": None, "module": "builtins"}
            ),
            "",
        ),
    ],
)
def test_what_cannot_be_described(bad, shared):
    complain_alike(bad, shared, "" if shared else "name")
