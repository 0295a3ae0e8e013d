"""clone_model against Keras's: layers without their weights, functions for them."""

from __future__ import annotations

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike, same
from tests.support.own_classes import both_kinds, called
from tests.support.signatures import taken_alike


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


def weights_and_layers(model):
    return [
        [model.name, model.trainable, type(model).__name__, model.compiled],
        [[layer.name, type(layer).__name__] for layer in model.layers],
        [[list(w.shape), w.dtype] for w in model.weights],
    ]


def test_clones_of_stacks():
    """With an Input or without, frozen, empty; with an Input of another dtype and batch size."""

    def program(tf):
        keras, clone = tf.keras, tf.keras.models.clone_model
        stacks = [
            keras.Sequential([keras.layers.Dense(2, name="d")], name="open", trainable=False),
            keras.Sequential(
                [
                    keras.Input(batch_shape=(5, 3), dtype="float64", name="x"),
                    keras.layers.Dense(2, name="d"),
                ]
            ),
            keras.Sequential([keras.Input((3,), name="x"), keras.layers.Dense(2, name="d")]),
        ]
        stacks[2].compile("sgd", "mse", metrics=["mae"])
        copies = [clone(stack) for stack in stacks]
        found = [weights_and_layers(copy) for copy in copies]
        ends = [[x.shape, x.dtype, x.name] for copy in copies[1:] for x in copy.inputs]
        same_layer = copies[2].layers[0] is stacks[2].layers[0]
        return [*found, ends, same_layer, type(copies[2].optimizer).__name__, copies[2].loss]

    same(program)
    empty = scratchnet.keras.models.clone_model(scratchnet.keras.Sequential(name="empty"))
    assert (empty.name, empty.layers) == ("empty", [])  # Keras looks for a first layer


def test_clones_of_graphs():
    """Shared layers stay shared; dicts and lists of inputs and outputs stay what they are."""

    def program(tf):
        keras, clone = tf.keras, tf.keras.models.clone_model
        a, b = keras.Input((3,), name="a"), keras.Input((3,), dtype="float64", name="b")
        dense = keras.layers.Dense(2, name="d")
        y = keras.layers.Add(name="s")([dense(a), dense(b)])
        graph = keras.Model({"a": a, "b": b}, {"y": y, "z": [dense(a)]}, name="net")
        graph.compile("sgd", "mse")
        copy = clone(graph)
        other = clone(graph, input_tensors={"a": keras.Input((3,), name="a"), "b": b})
        return [
            *[weights_and_layers(copy), sorted(copy.input), sorted(copy.output)],
            *[copy.optimizer is graph.optimizer, [x.dtype for x in copy.inputs]],
            *[[x.name for x in other.inputs], other.inputs[1] is b],
        ]

    same(program)


def test_models_inside_are_cloned_or_copied_by_their_configs():
    def program(tf):
        keras, found = tf.keras, []
        inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, name="deep")], name="in")
        x = keras.Input((3,))
        inside = keras.Model(x, keras.layers.Dense(3, name="low")(x), name="fun")
        outer = keras.Model(x, inside(inner(x)), name="out")
        deeper = keras.Sequential([keras.Input((3,)), inner], name="deeper")
        stack = keras.Sequential([keras.Input((3,)), deeper, inside], name="stack")
        for model in (outer, stack):
            for recursive in (False, True):
                seen = []

                def noting(layer, seen=seen):
                    seen.append(layer.name)
                    return type(layer).from_config(layer.get_config())

                copy = keras.models.clone_model(model, clone_function=noting, recursive=recursive)
                found += [seen, weights_and_layers(copy)]
                plain = keras.models.clone_model(model, recursive=recursive)
                found += [weights_and_layers(plain), plain.layers[-1] is model.layers[-1]]
        return found

    same(program)


def test_calls_inside_are_handed_on():
    def program(tf):
        keras, called = tf.keras, []
        x = keras.Input((3,))
        inside = keras.Model(x, keras.layers.Dense(3, name="low")(x), name="fun")
        outer = keras.Model(x, keras.layers.Dropout(0.5, name="drop")(inside(x), training=True))

        def noting(layer, *args, **kwargs):
            called.append([layer.name, len(args), kwargs.get("training")])
            return layer(*args, **kwargs)

        for recursive in (False, True):
            keras.models.clone_model(outer, call_function=noting, recursive=recursive)
        return called

    same(program)


@pytest.mark.parametrize("wrong", [3, None, "model", scratchnet.keras.layers.Dense(2)])
def test_a_clone_is_of_a_model(wrong):
    with pytest.raises(ValueError, match="clone_model: `model` must be a model, received model="):
        scratchnet.keras.models.clone_model(wrong)


def test_tensors_that_a_clone_cannot_begin_with():
    clone, (graph, stack) = scratchnet.keras.models.clone_model, both_kinds(scratchnet)
    x = scratchnet.keras.Input((6,))
    for wrong in ([x, x], np.ones(6), [], [3]):
        with pytest.raises(ValueError, match="`input_tensors` must be one KerasTensor for a Seq"):
            clone(stack, input_tensors=wrong)
        with pytest.raises(ValueError, match="`input_tensors` must be KerasTensors in the structu"):
            clone(graph, input_tensors=wrong)
    for name in ("input_tensors", "clone_function", "call_function"):
        rule = f"clone_model: `{name}` is only supported for Sequential and functional models"
        with pytest.raises(ValueError, match=rule):
            clone(called(scratchnet), **{name: print})


def test_what_it_takes():
    taken_alike("models", "clone_model", lacking={"clone_model": "kwargs"})
