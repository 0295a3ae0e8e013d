"""Models made of the calls between KerasTensors, against Keras's."""

from __future__ import annotations

import copy
import weakref
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.extend import Listener, listening
from tests.support.functional_models import dicts, shared
from tests.support.keras_programs import (
    close,
    complain_alike,
    complaint,
    leaves,
    prints_the_same,
    same,
    twins,
)

RNG = np.random.default_rng(33)
A, B = (RNG.normal(size=(5, 3)).astype("f") for _ in range(2))
IMAGES = RNG.random((5, 8, 8, 1)).astype("f")


def chain(tf: Any) -> Any:
    k = tf.keras.layers
    x = tf.keras.Input((None, None, 1), name="digits")
    h = k.Conv2D(16, [3, 3], activation="relu")(x)
    h = k.Conv2D(16, [3, 3], activation="relu")(h)
    return tf.keras.Model(inputs=x, outputs=k.Dense(10)(k.GlobalAveragePooling2D()(h)))


def residual(tf: Any) -> Any:
    k = tf.keras.layers
    x = tf.keras.Input((3,))
    h = k.Dense(3, activation="relu", name="one")(x)
    return tf.keras.Model(x, k.Dense(2)(k.Add()([x, k.Dense(3)(h)])), name="residual")


def nested(tf: Any) -> Any:
    k = tf.keras.layers
    x = tf.keras.Input((3,))
    inner = tf.keras.Model(x, k.Dense(3, activation="tanh")(x), name="inner")
    tail = tf.keras.Sequential([k.Dense(4), k.Dense(2)], name="tail")
    y = tf.keras.Input((3,))
    return tf.keras.Model(y, tail(inner(inner(y))))


def cut(tf: Any) -> Any:
    whole = residual(tf)
    return tf.keras.Model(whole.get_layer("one").output, whole.layers[2].output)


def several(tf: Any) -> Any:
    class Two(tf.keras.layers.Layer):
        def call(self, x: Any, y: Any) -> Any:
            return x + y, x * y

    a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((3,), name="b")
    total, product = Two()(a, b)
    return tf.keras.Model((a, b), tf.keras.layers.Dense(2)(tf.keras.layers.Add()([product, total])))


def unused(tf: Any) -> Any:
    a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((3,), name="b")
    return tf.keras.Model([a, b], tf.keras.layers.Dense(2)(a))


def twice(tf: Any) -> Any:
    x = tf.keras.Input((3,))
    h = tf.keras.layers.Dense(3)(x)
    return tf.keras.Model([x], [h, h])


def subclassed(tf: Any) -> Any:
    class Mine(tf.keras.Model):
        def __init__(self) -> None:
            x = tf.keras.Input((3,))
            super().__init__(inputs=x, outputs=tf.keras.layers.Dense(2)(x))
            self.beside = tf.keras.layers.Dense(5)

    return Mine()


def dropped(tf: Any) -> Any:
    x = tf.keras.Input((8, 8, 1))
    k = tf.keras.layers
    h = k.Dropout(0.5)(k.Flatten()(k.BatchNormalization()(k.Conv2D(2, 3, use_bias=False)(x))))
    return tf.keras.Model(x, k.Dense(3, activation="softmax")(h))


def operators(tf: Any) -> Any:
    a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((3,), name="b")
    h = tf.keras.layers.Dense(3)(a)
    h = 1.5 + abs(h - b) * 2.0 - (-h) / 4.0 + h**2 + (1.0 - h)
    h = h // 0.5 + h % 0.3
    return tf.keras.Model([a, b], tf.keras.layers.Dense(2)(h[:, 1:] + 3.0 / (2.0 + abs(b[:, :2]))))


MODELS: dict[str, tuple[Any, Any]] = {
    "chain": (chain, IMAGES),
    "residual": (residual, A),
    "shared": (shared, [A, B]),
    "dicts": (dicts, {"a": A, "b": B}),
    "nested": (nested, A),
    "cut": (cut, A),
    "several": (several, (A, B)),
    "operators": (operators, [A, B]),
    "unused": (unused, [A, B]),
    "twice": (twice, [A]),
    "subclassed": (subclassed, A),
    "dropped": (dropped, IMAGES),
}


@pytest.mark.parametrize("name", MODELS)
def test_summary(name: str) -> None:
    prints_the_same(lambda tf: MODELS[name][0](tf).summary())
    prints_the_same(lambda tf: MODELS[name][0](tf).summary(expand_nested=True, show_trainable=True))


@pytest.mark.parametrize("name", MODELS)
def test_description(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        model = MODELS[name][0](tf)
        ends = [model.input_shape, model.output_shape, model.output_names]
        ends += [[(x.shape, x.dtype) for x in part] for part in (model.inputs, model.outputs)]
        weights = [(w.path, w.shape, w.trainable) for w in model.weights]
        layers = [(v.name, type(v).__name__, v.built) for v in model.layers]
        return [model.name, model.built, ends, weights, layers, model.count_params()]

    same(program)


@pytest.mark.parametrize("name", MODELS)
def test_outputs_and_gradients(name: str) -> None:
    """From one seed, so that the weights are equal from the first step on."""

    def program(tf: Any) -> list[Any]:
        model, x = MODELS[name][0](tf), MODELS[name][1]
        with tf.GradientTape() as tape:
            y = model(x, training=True)
            loss = sum(tf.reduce_sum(tf.sin(part)) for part in leaves(y))
        g = tape.gradient(loss, model.trainable_variables, unconnected_gradients="zero")
        return [y, model.predict(x, verbose=0), [v.numpy() for v in model.weights], list(g)]

    close(program, 256)  # a filter's gradient is a sum over 180 pixels, normalized


@pytest.mark.parametrize("name", [m for m in MODELS if m != "several"])
def test_config_round_trip(name: str) -> None:
    make, x = MODELS[name]
    model = make(scratchnet)
    again = (
        type(model).from_config(model.get_config()) if name != "subclassed" else make(scratchnet)
    )
    again.set_weights(model.get_weights())
    ours, theirs = model.predict(x, verbose=0), again.predict(x, verbose=0)
    for a, b in zip(leaves(ours), leaves(theirs), strict=True):
        np.testing.assert_array_equal(a, b)


def plain(value: Any) -> Any:
    """`value` with lists for tuples, and without what Keras adds for masks."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if not (k == "mask" and v is None)}
    return [plain(v) for v in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("name", ["chain", "residual", "shared", "dicts", "cut", "unused", "twice"])
def test_config(name: str) -> None:
    same(lambda tf: plain(MODELS[name][0](tf).get_config()))


@pytest.mark.parametrize("size", [(5, 6), (28, 28), (3, 40)])
def test_any_image_size(size: tuple[int, int]) -> None:
    x = np.random.default_rng(0).random((2, *size, 1)).astype("f")
    if min(size) < 5:  # smaller than the two filters together
        assert complaint(lambda tf: chain(tf)(x), scratchnet)[0] == "InvalidArgumentError"
        return
    close(lambda tf: chain(tf)(x).numpy(), 64)


def test_shapes_for_other_sizes() -> None:
    same(lambda tf: chain(tf).compute_output_shape((7, 9, 11, 1)))
    same(lambda tf: [tuple(s) for s in shared(tf).compute_output_shape([(4, 3), (4, 3)])])


def test_a_frozen_base_with_a_new_head() -> None:
    def program(tf: Any) -> Any:
        base = dropped(tf)
        base.trainable = False
        x = tf.keras.Input((8, 8, 1))
        model = tf.keras.Model(x, tf.keras.layers.Dense(2)(base(x, training=False)))
        model.compile("sgd", "mse")
        model.fit(IMAGES, np.ones((5, 2), "f"), batch_size=5, verbose=0, epochs=2)
        return [w.numpy() for w in model.weights], len(model.trainable_weights)

    close(program, 64)


def test_changing_the_whole_changes_the_parts() -> None:
    whole = residual(scratchnet)
    part = scratchnet.keras.Model(whole.input, whole.get_layer("one").output)
    assert part.layers[1] is whole.layers[1]
    before = part(A).numpy()
    whole.get_layer("one").set_weights([w * 2 for w in whole.get_layer("one").get_weights()])
    np.testing.assert_allclose(part(A).numpy(), 2 * before, rtol=1e-6)


@pytest.mark.parametrize(
    "x",
    [
        [A, B],
        (A, B),
        {"a": A, "b": B},
        {"b": B, "a": A, "c": A},
        [A.astype("d"), B.tolist() and B],
        [A.astype("i"), B],
    ],
)
def test_inputs_in_other_containers(x: Any) -> None:
    close(lambda tf: shared(tf)(x), 64)
    close(lambda tf: shared(tf).predict(x, verbose=0), 64)


REFUSED: dict[str, tuple[Any, str, str]] = {
    "not a tensor": (lambda tf: tf.keras.Model(A, A), "KerasTensors", "all `inputs` values"),
    "no outputs": (lambda tf: tf.keras.Model(tf.keras.Input((3,)), []), "`outputs`", "empty"),
    "other inputs": (
        lambda tf: tf.keras.Model(
            tf.keras.Input((3,)), tf.keras.layers.Dense(1)(tf.keras.Input((3,)))
        ),
        "not connected to `inputs`",
        "they need <KerasTensor",
    ),
    "one name": (
        lambda tf: (lambda x, k: tf.keras.Model(x, k.Dense(2, name="x")(k.Dense(2, name="x")(x))))(
            tf.keras.Input((3,)), tf.keras.layers
        ),
        "",
        "different names, received 2 of the name 'x'",
    ),
    "inputs alone": (lambda tf: tf.keras.Model(inputs=tf.keras.Input((3,))), "inputs", "together"),
    "too many": (lambda tf: shared(tf)([A, B, A]), "2", "takes 2 inputs, ['a', 'b'], received 3"),
    "too few": (lambda tf: shared(tf)(A), "2", "takes 2 inputs, ['a', 'b'], received 1"),
    "missing": (lambda tf: shared(tf)({"a": A, "c": B}), 'Missing data for input "b"', ""),
    "none": (lambda tf: shared(tf)([A, None]), "The input 'b' is not optional", ""),
    "size": (
        lambda tf: shared(tf)([A, A[:, :2]]),
        "expected shape=(None, 3), found shape=(5, 2)",
        "",
    ),
    "rank": (lambda tf: chain(tf)(A), "Expected shape (None, None, None, 1)", ""),
    "container": (lambda tf: residual(tf)([A]), "The structure of `inputs` doesn't match", ""),
    "loss": (lambda tf: residual(tf).add_loss(1.0), "", "the graph of a functional model is fixed"),
    "layers": (lambda tf: setattr(residual(tf), "layers", []), "", "cannot be set"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    complain_alike(*REFUSED[name])


def test_one_sample_is_told_to_get_a_batch_axis() -> None:
    x = scratchnet.keras.Input((8, 8, 1))
    model = scratchnet.keras.Model(x, scratchnet.keras.layers.Flatten()(x))
    with pytest.raises(ValueError, match=r"add a batch axis: x\[None\]"):
        model(IMAGES[0])


def test_summary_leaves_the_seeds_alone() -> None:
    """rich draws from Python's random numbers while it is imported, which seeds come from."""

    def program(tf: Any) -> Any:
        tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)]).summary()
        return tf.keras.layers.Dense(3).kernel_initializer.seed

    theirs, ours = twins(program)
    assert theirs == ours


def test_losses_of_calls() -> None:
    def program(tf: Any) -> Any:
        class Penalty(tf.keras.layers.Layer):
            def call(self, x: Any) -> Any:
                self.add_loss(tf.reduce_sum(tf.abs(x)) * 0.01)
                return x

        k = tf.keras.layers
        x = tf.keras.Input((3,))
        h = k.Dense(4, kernel_regularizer="l2")(x)
        model = tf.keras.Model(x, k.Dense(1)(Penalty()(h)))
        model(A)
        model(A)
        first = [float(v) for v in model.losses]
        model.compile("sgd", "mse")
        history = model.fit(A, np.ones((5, 1), "f"), epochs=3, batch_size=5, verbose=0).history
        return first, history, [w.numpy() for w in model.weights]

    close(program, 64)


@pytest.mark.parametrize("trainable", [True, False, None])
def test_a_model_leaves_its_layers_as_trainable_as_they_are(trainable: bool | None) -> None:
    def program(tf: Any) -> Any:
        x, frozen = tf.keras.Input((3,)), tf.keras.layers.Dense(4)
        frozen.trainable = False
        model = tf.keras.Model(x, tf.keras.layers.Dense(1)(frozen(x)), trainable=trainable)
        again = type(model).from_config(model.get_config())
        flags = [(v.trainable, len(v.trainable_weights)) for v in (*model.layers, *again.layers)]
        return flags, len(model.trainable_weights), len(again.trainable_weights)

    same(program)


def test_by_keyword() -> None:
    def program(tf: Any) -> Any:
        model, x = residual(tf), tf.keras.Input((3,))
        stack = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        both = tf.keras.Model(x, model(inputs=x) + stack(inputs=x, mask=None))
        return both(inputs=A), both(A, mask=None), stack(A, mask=None)

    close(program, 64)


def test_a_stack_that_begins_with_a_model() -> None:
    def program(tf: Any) -> None:
        k = tf.keras.layers
        inner = tf.keras.Sequential([tf.keras.Input((8, 8, 1)), k.Conv2D(2, 3), k.Flatten()])
        top = tf.keras.Sequential([inner, k.Dense(2)], name="top")
        top.summary()
        print(top.inputs[0].shape, len(top.weights), top(IMAGES).shape)
        tf.keras.Sequential([residual(tf), k.Softmax()], name="probabilities").summary()

    prints_the_same(program)


def test_layers_inside_are_built_for_any_batch() -> None:
    def program(tf: Any) -> None:
        class Inner(tf.keras.Model):
            def __init__(self) -> None:
                super().__init__()
                self.dense = tf.keras.layers.Dense(4)

            def call(self, x: Any) -> Any:
                return self.dense(x)

        model = Inner()
        model.compile("sgd", "mse")
        model.fit(A, np.ones((5, 4), "f"), verbose=0)
        model.summary()

    prints_the_same(program)


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("shape", [(1,), (3, 1)])
def test_a_batch_without_its_last_axis_of_1(shape: tuple[int, ...], n: int) -> None:
    """n numbers are n samples of one number, one number is one sample."""

    def program(tf: Any) -> Any:
        x = tf.keras.Input(shape)
        model = tf.keras.Model(x, tf.keras.layers.Dense(2)(x))
        model.compile("sgd", "mse")
        batch = np.linspace(-1, 2, n * int(np.prod(shape)), dtype="f").reshape(n, *shape[:-1])
        y = np.ones((n, *shape[:-1], 2), "f")
        found = [model(batch), model(batch[..., None]), model.predict(batch, verbose=0)]
        found += [model.train_on_batch(batch, y), model.evaluate(batch, y, verbose=0)]
        return [np.asarray(v) for v in [*found, *model.get_weights()]]

    close(program, 64)


def test_what_no_later_layer_reads_is_freed_at_once():
    seen = []

    class Watching(scratchnet.keras.layers.Layer):
        def call(self, x):
            alive = [made() is not None for made in seen]
            y = x + 1.0
            seen.append(weakref.ref(y))
            self.alive = alive
            return y

    layers = [Watching() for _ in range(4)]
    x = scratchnet.keras.Input((3,))
    first = layers[0](x)
    h = layers[2](layers[1](first))
    model = scratchnet.keras.Model(x, [layers[3](h), first])
    for built in (model, copy.deepcopy(model)):
        seen.clear()
        last = built.layers[-1]
        y, kept = built(np.zeros((2, 3), np.float32))
        assert last.alive == [True, False, True]  # an output; read by its reader; what it reads
        assert (y.numpy() == 4).all()
        assert (kept.numpy() == 1).all()


# -- the order of the calls ------------------------------------------------------------------------


def in_branches(tf: Any) -> Any:
    """Keras runs a layer of one branch between two of the other that are fused here."""
    k = tf.keras.layers
    x = tf.keras.Input((8, 8, 16))
    a = k.ReLU(name="a3")(k.BatchNormalization(name="a2")(k.Dense(4, name="a1")(x)))
    b = k.Activation("relu", name="b3")(k.Add(name="b2")([x, k.Dense(16, name="b1")(x)]))
    c = k.MaxPooling2D(1, name="c3")(k.Conv2D(4, 1, name="c2")(k.Dropout(0.5, name="c1")(x)))
    return tf.keras.Model(x, k.Concatenate(name="all")([b, a, k.Dense(2, name="d")(c)]))


def test_who_listens_for_layers_is_told_them_in_the_order_of_keras(monkeypatch: Any) -> None:
    theirs: list[str] = []
    call = tensorflow.keras.layers.Layer.__call__

    def told(layer: Any, *args: Any, **kwargs: Any) -> Any:
        theirs.append(layer.name)
        return call(layer, *args, **kwargs)

    models = [in_branches(tf) for tf in (tensorflow, scratchnet)]
    x = np.ones((2, 8, 8, 16), "f")
    monkeypatch.setattr(tensorflow.keras.layers.Layer, "__call__", told)
    models[0](x)

    class Names(Listener):
        def __init__(self, wants_layers: bool) -> None:
            self.wants_layers, self.told = wants_layers, list[str]()

        def begin_layer(self, call: Any) -> None:
            self.told.append(call.layer.name)

    def ours(wants_layers: bool) -> list[str]:
        with listening(Names(wants_layers)) as names:
            models[1](x)
        return names.told[1:]

    assert ours(True) == theirs[1:]
    fused = ours(False)
    assert {"a2+a3", "b2+b3"} <= set(fused)
    scratchnet.keras.config.disable_layer_fusion()
    try:
        assert ours(False) == theirs[1:]
    finally:
        scratchnet.keras.config.enable_layer_fusion()
    trace = scratchnet.trace(models[1], x, np.ones((2, 8, 8, 22), "f"), loss="mse")
    assert [layer.name for layer in trace.layers] == theirs[1:]


def test_a_node_knows_its_parents() -> None:
    k = scratchnet.keras.layers
    x = scratchnet.keras.Input((4,))
    a, b = k.Dense(3)(x), k.Dense(3)(x)
    y = k.Add()([a, b])
    assert y.node.parents == [a.node, b.node]
    assert a.node.parents == [x.node]


def test_what_a_model_says_of_itself() -> None:
    """Ends in every structure, names, shapes, layers; operators among its calls are none."""

    def program(tf: Any) -> list[Any]:
        k, found = tf.keras.layers, []
        a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((None, 3), name="b", dtype="float64")
        y = k.Dense(2, name="y")(a) + 1.0
        z = k.GlobalAveragePooling1D(name="z")(b)
        for inputs, outputs in (
            (a, y),
            ([a], [y]),
            ([a, b], [y, z]),
            ({"b": b, "a": a}, {"z": z, "y": y}),
            ((a, b), (z,)),
        ):
            model = tf.keras.Model(inputs, outputs, name="net")
            found += [model.input_shape, model.output_shape, model.built, model.trainable]
            found += [[x.name for x in model.inputs], len(model.outputs), model.get_build_config()]
            found += [sorted(layer.name for layer in model.layers if "add" not in layer.name)]
            found += [type(model.input).__name__, type(model.output).__name__]
        return found

    same(program)


def test_names_of_outputs_are_those_of_their_layers() -> None:
    x = scratchnet.keras.Input((3,))
    y, z = (scratchnet.keras.layers.Dense(2, name=name)(x) for name in "yz")
    assert scratchnet.keras.Model(x, [z, y]).output_names == ["z", "y"]


def test_shapes_and_specs_for_other_inputs() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        a, b = tf.keras.Input((None, None, 2)), tf.keras.Input((None, None, 2))
        both = k.Concatenate()([k.Conv2D(3, 3)(a), k.Conv2D(4, 3)(b)])
        one = tf.keras.Model(a, k.Conv2D(3, 3)(a))
        two = tf.keras.Model([a, b], [both, k.Flatten()(k.Conv2D(1, 1)(a))])
        x = tf.keras.Input((9, 8, 2), batch_size=5)
        specs = [one(x), *two([x, x])]
        found = [one.compute_output_shape((4, 7, 6, 2)), one.compute_output_shape((None, 9, 9, 2))]
        found += two.compute_output_shape([(4, 7, 6, 2), (4, 7, 6, 2)])
        return [*[tuple(s) for s in found], *[(tuple(s.shape), s.dtype) for s in specs]]

    same(program)


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask attached to it")
def test_masks_of_inputs_reach_the_layers() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        a, b = tf.keras.Input((3, 1)), tf.keras.Input((3, 1))
        pooled = [k.GlobalAveragePooling1D()(x) for x in (a, b)]
        one, two = tf.keras.Model(a, pooled[0]), tf.keras.Model([a, b], pooled)
        x = np.arange(6, dtype="f").reshape(2, 3, 1)
        mask = np.array([[True, False, True], [False, False, True]])
        found = [one(x), one(x, mask=mask), *two([x, x]), *two([x, x], mask=[mask, ~mask])]
        return [np.asarray(y) for y in found]

    close(program, 20)


@pytest.mark.parametrize("training", [None, True, False])
def test_the_flag_of_the_whole_model_counts(training: bool | None) -> None:
    """And that of a single call, where none is given for the whole."""

    def program(tf: Any) -> list[Any]:
        class Flag(tf.keras.layers.Layer):  # type: ignore[misc, name-defined]
            def call(self, x: Any, training: Any = None) -> Any:
                return x + {None: 0.0, False: 1.0, True: 10.0}[training]

        x, data = tf.keras.Input((1,)), np.zeros((1, 1), "f")
        calls = [Flag()(x), Flag()(x, training=True), Flag()(x, training=False)]
        models = [tf.keras.Model(x, y) for y in calls]
        return [float(np.asarray(model(data, training=training))[0, 0]) for model in models]

    same(program)


def test_sizes_are_compared_where_they_are_known() -> None:
    def program(tf: Any) -> list[Any]:
        k, found = tf.keras.layers, []
        x = tf.keras.Input((None, 4))
        model = tf.keras.Model(x, k.Identity()(x))
        column = tf.keras.Input((2, 1))
        other = tf.keras.Model(column, k.Identity()(column))
        row = tf.keras.Input((4,))
        flat = tf.keras.Model(row, k.Identity()(row))
        for net, shape in (
            *[(model, shape) for shape in ((1, 2, 4), (5, 9, 4), (1, 2, 3), (2, 4), (1, 2, 4, 1))],
            *[(other, shape) for shape in ((3, 2, 1), (3, 2), (3, 3, 1), (3, 3), (3, 3, 2))],
            *[(flat, shape) for shape in ((3, 4, 1), (3, 5, 1), (3, 4), (3,), (3, 4, 1, 1))],
        ):
            try:
                found.append(tuple(np.asarray(net(np.ones(shape, "f"))).shape))
            except Exception as error:
                found.append(type(error).__name__)
        return found

    theirs, ours = twins(program)
    assert ours == theirs


def test_keys_of_a_dict_are_names() -> None:
    """Others are worth a warning."""

    def program(tf: Any) -> None:
        a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((3,), name="b")
        tf.keras.Model({"a": a, "x": b}, a)

    complain_alike(program, "", "Model: the keys of the dict `inputs` must be the names of the te")
    keras = scratchnet.keras
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    with pytest.warns(UserWarning, match=r"received \{'a': 'a', 'x': 'b'\}; name them by Input"):
        keras.Model({"a": a, "x": b}, a)
    for wrong, kind in (([a, 3], "int"), ([a, None], "NoneType"), ([np.ones(2)], "ndarray")):
        with pytest.raises(ValueError, match=f"all `outputs` values must be KerasTensors.*{kind}$"):
            keras.Model(a, wrong)
    for empty in ([], {}, ()):
        with pytest.raises(ValueError, match=r"^Model: `inputs` must not be empty, received in"):
            keras.Model(empty, a)


def test_layers_in_attributes_count_too() -> None:
    def program(tf: Any) -> list[Any]:
        x = tf.keras.Input((3,))
        model = tf.keras.Model(x, tf.keras.layers.Dense(2, name="in")(x))
        model.extra = tf.keras.layers.Dense(4, name="extra")
        model.extra.build((None, 3))
        model.same = model.get_layer("in")
        model.trainable = False
        flags = [w.trainable for w in model.weights]
        return [len(model.weights), flags, [layer.name for layer in model.layers][1:2]]

    same(program)


def test_a_file_has_the_layers_by_their_places(tmp_path: Any) -> None:
    model = residual(scratchnet)
    model.save_weights(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        names = file.files
    assert names == [
        f"layers/{layer}/vars/{i}" for layer in ("dense", "dense_1", "dense_2") for i in (0, 1)
    ]


def test_the_warning_of_another_structure_shows_what_is_known() -> None:
    """Of arrays that will be cut into batches, not how many there are."""
    model = residual(scratchnet)
    model.compile("sgd", "mse")
    for call, size in (
        (lambda: model([A]), 5),
        (lambda: model.predict([A], verbose=0), 5),
        (lambda: model.evaluate([A], np.ones((5, 2)), verbose=0), None),
        (lambda: model.test_on_batch([A], np.ones((5, 2))), 5),
    ):
        with pytest.warns(UserWarning, match=rf"inputs=\['Tensor\(shape=\({size}, 3\)\)'\]"):
            call()


def test_the_config_is_a_copy() -> None:
    model = shared(scratchnet)
    config = model.get_config()
    config["layers"][0]["config"]["name"] = "changed"
    config["layers"].pop()
    assert model.get_config()["layers"][0]["config"]["name"] == "a"
    assert len(model.get_config()["layers"]) == len(model.layers)
