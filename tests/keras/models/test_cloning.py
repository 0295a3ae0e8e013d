"""clone_model against Keras's: layers without their weights, functions for them."""

from __future__ import annotations

from tests.support.keras_programs import complain_alike, same
from tests.support.own_classes import both_kinds, called


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
