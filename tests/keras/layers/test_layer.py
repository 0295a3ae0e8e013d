"""What every layer has, against Keras's: state, freezing, dtypes, layers of your own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.layers import (
    depthwise_layer,
    dropout,
    fusion,
    image_layer,
    merging,
    pooling,
    pooling1d,
)
from scratchnet.keras.layers.recurrent import cell
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_inputs import ROWS

# -- state ----------------------------------------------------------------------------------------


def variables(tf: Any) -> list[Any]:
    k = tf.keras.layers
    found = []
    for layer in (k.Dense(2), k.Conv2D(2, 2), k.BatchNormalization(), k.Dropout(0.5), k.Flatten()):
        layer(np.ones((1, 4, 4, 1), "f"))
        found.append((layer.name, layer.path, layer.built, repr(layer), layer.count_params()))
        for part in ("weights", "trainable_variables", "non_trainable_variables", "variables"):
            found.append(
                [(v.path, v.name, v.dtype, str(v.shape), v.trainable) for v in getattr(layer, part)]
            )
    return found


def test_variables() -> None:
    same(variables)


def test_frozen_before_it_is_built() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Dense(2, trainable=False)
        layer.build((None, 3))
        before = len(layer.trainable_variables), [v.trainable for v in layer.weights]
        layer.trainable = True
        return [before, len(layer.trainable_variables), [v.trainable for v in layer.weights]]

    same(program)


@pytest.mark.parametrize("dtype", ["float64", "uint8", "int32"])
def test_input_dtypes(dtype: str) -> None:
    def program(tf: Any) -> list[str]:
        k = tf.keras.layers
        rows, images = np.ones((2, 3), dtype), np.ones((1, 4, 4, 1), dtype)
        found = [
            layer(rows)
            for layer in (k.Dense(2), k.BatchNormalization(), k.Flatten(), k.Dropout(0.5))
        ]
        found += [layer(images) for layer in (k.GlobalAveragePooling2D(), k.GlobalMaxPooling2D())]
        return [y.dtype.name for y in found]

    same(program)


def test_float64_layer() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Dense(2, dtype="float64")
        y = layer(ROWS)
        return [y.dtype.name, layer.dtype, layer.compute_dtype, layer.kernel.dtype]

    same(program)


# -- layers of your own ---------------------------------------------------------------------------


def own_layers(tf: Any) -> list[Any]:
    keras = tf.keras

    class Scale(keras.layers.Layer):
        def __init__(self, factor: float, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def build(self, input_shape: Any) -> None:
            self.offset = self.add_weight(
                shape=(input_shape[-1],), initializer="ones", name="offset"
            )
            self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False, name="seen")

        def call(self, inputs: Any, training: bool = False) -> Any:
            if training:
                self.seen.assign_add(1.0)
            return inputs * self.factor + self.offset

    class Block(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.first = keras.layers.Dense(3)
            self.rest = [Scale(2.0), keras.layers.Dropout(0.5)]

        def call(self, inputs: Any) -> Any:
            x = self.first(inputs)
            for layer in self.rest:
                x = layer(x)
            return x

    block = Block()
    outputs = [block(tf.constant(ROWS)).numpy(), block(tf.constant(ROWS), training=True).numpy()]
    paths = [v.path for v in block.weights], [v.path for v in block.trainable_variables]
    return [
        outputs,
        *paths,
        block.get_weights(),
        block.count_params(),
        [v.path for v in block.variables],
    ]


def test_own_layers() -> None:
    close(own_layers, 60)


def test_training_reaches_the_layers_inside_and_ends_there() -> None:
    layers = scratchnet.keras.layers

    class Outer(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.dropout = layers.Dropout(0.5)

        def call(self, inputs: Any, training: bool = False) -> Any:
            return self.dropout(inputs)

    outer, alone = Outer(), layers.Dropout(0.5)
    x = np.ones((1, 50), "f")
    assert 0 in outer(x, training=True).numpy()
    assert 0 not in outer(x).numpy()
    assert 0 not in alone(x).numpy()


def test_shape_of_a_layer_that_does_not_say() -> None:
    layers = scratchnet.keras.layers

    class Halves(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs[:, ::2]

    assert Halves().compute_output_shape((None, 7, 3)) == (None, 4, 3)
    assert Halves().compute_output_shape((5, 7, None)) == (5, 4, None)


# (`call`, `compute_output_shape` and what it returns), calls on x (None, 6) and y (None, 1)
OF_SHAPES: dict[str, tuple[tuple[str, str, str], list[str]]] = {
    "one of one": (("a", "input_shape", "(input_shape[0], 9)"), ["x", "a=x"]),
    "one of two": (
        ("a, b, flag=True, mask=None", "s", "(*s[:-1], 9)"),
        ["x, y", "x, b=y", "a=x, b=y", "b=y, a=x", "a=x, b=y, flag=False"],
    ),
    "two": (("a, b", "b_shape, a_shape", "(*b_shape, *a_shape)"), ["x, y", "x, b=y", "b=x, a=y"]),
    "two, one of them if it is there": (
        ("a, b=None", "a_shape, b_shape=(5, 1)", "(*b_shape, 8)"),
        ["x", "x, y", "x, b=y", "a=x", "b=y, a=x"],
    ),
}


@pytest.mark.parametrize("name", OF_SHAPES)
def test_compute_output_shape_gets_the_shapes_that_it_names(name: str) -> None:
    (call, parameters, returned), calls = OF_SHAPES[name]

    def program(tf: Any) -> Any:
        x, y = tf.keras.Input((6,)), tf.keras.Input((1,))
        names: Any = {"tf": tf, "x": x, "y": y}
        exec(
            f"class Own(tf.keras.layers.Layer):\n"
            f"    def call(self, {call}):\n"
            f"        return a\n"
            f"    def compute_output_shape(self, {parameters}):\n"
            f"        return {returned}\n",
            names,
        )
        return [tuple(eval(f"Own()({given})", names).shape) for given in calls]

    same(program)


def test_shapes_that_no_argument_has() -> None:
    def program(tf: Any) -> None:
        class Own(tf.keras.layers.Layer):  # type: ignore[misc, unused-ignore]
            def call(self, a: Any, b: Any) -> Any:
                return a

            def compute_output_shape(self, a_shape: Any, other: Any) -> Any:
                return a_shape

        Own()(tf.keras.Input((6,)), tf.keras.Input((1,)))

    complain_alike(program, "`_shape`", "Own.compute_output_shape: `other` must be the name of an")


@pytest.mark.filterwarnings("ignore:.*does not support masking")
def test_a_compute_mask_of_your_own() -> None:
    """A class that has one supports masking, unless it says that it does not."""

    def program(tf: Any) -> list[Any]:
        class Own(tf.keras.layers.Layer):  # type: ignore[misc, unused-ignore]
            def call(self, x: Any) -> Any:
                return x + 0.0

            def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
                return inputs[..., 0] > 0

        class NotThis(Own):
            supports_masking = False

        class After(Own):
            pass

        found = []
        for kind in (Own, NotThis, After):
            layer = kind()
            for x in (np.array([[[1.0], [0.0]]], "f"), tf.keras.layers.Masking()(np.ones((1, 2)))):
                mask = getattr(layer(x), "_keras_mask", None)
                found.append((layer.supports_masking, mask if mask is None else mask.numpy()))
        return [str(part) for part in found]

    same(program)


def test_activity_is_told_of_one_sample() -> None:
    """The penalty is divided by the size of the batch: of no axis it is one, of none 0."""

    def program(tf: Any) -> list[float]:
        class Total(tf.keras.layers.Layer):  # type: ignore[misc, unused-ignore]
            def call(self, x: Any) -> Any:
                return tf.reduce_sum(x)

        class Two(tf.keras.layers.Layer):  # type: ignore[misc, unused-ignore]
            def call(self, x: Any) -> Any:
                return {"a": x, "b": [x * 2.0]}

        options = {"activity_regularizer": tf.keras.regularizers.L2(0.5)}
        dense = tf.keras.layers.Dense(1, kernel_initializer="ones", **options)
        found = []
        for layer in (Total(**options), Two(**options), dense):
            for rows in (1, 3, 0):
                layer(np.ones((rows, 2), "f"))
                found.append([float(loss) for loss in layer.losses])
        return found

    same(program)


def test_penalties_of_weights() -> None:
    """Of the trainable ones that have a regularizer, in their order, after what was added."""

    def program(tf: Any) -> list[float]:
        class Own(tf.keras.layers.Layer):  # type: ignore[misc, unused-ignore]
            def __init__(self) -> None:
                super().__init__()
                self.plain = self.add_weight(shape=(2,), initializer="ones")
                self.fixed = self.add_weight(
                    shape=(2,), initializer="ones", regularizer="l1", trainable=False
                )
                self.inner = tf.keras.layers.Dense(
                    1, kernel_initializer="ones", kernel_regularizer=tf.keras.regularizers.L1(0.25)
                )
                self.kept = self.add_weight(
                    shape=(3,), initializer="ones", regularizer=tf.keras.regularizers.L2(0.5)
                )

            def call(self, x: Any) -> Any:
                self.add_loss([tf.reduce_sum(x), tf.reduce_max(x)])
                return self.inner(x)

        layer = Own()
        found = [float(loss) for loss in layer.losses]
        for rows in (1, 3):
            layer(np.ones((rows, 2), "f"))
            found += [float(loss) for loss in layer.losses]
        layer.inner.trainable = False
        found += [float(loss) for loss in layer.losses]
        layer.trainable = False
        return [*found, *(float(loss) for loss in layer.losses)]

    same(program)


SPECS: list[dict[str, Any]] = [
    *({"ndim": 2}, {"min_ndim": 2}, {"max_ndim": 2}, {"axes": {-1: 3}}, {"axes": {1: 3}}),
    *({"min_ndim": 2, "axes": {-1: None}}, {"ndim": 3, "axes": {1: 3, 2: 4}}),
]


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_what_an_input_spec_lets_pass(spec: dict[str, Any]) -> None:
    """Below, at and above each bound: the same inputs, and the same words for the others."""

    def program(tf: Any) -> list[Any]:
        class Own(tf.keras.layers.Layer):  # type: ignore[misc, unused-ignore]
            def call(self, x: Any) -> Any:
                return x

        layer, found = Own(name="own"), []
        layer.input_spec = tf.keras.layers.InputSpec(**spec)
        for shape in ((3,), (2, 3), (2, 4), (2, 3, 4), (2, 4, 3)):
            if len(shape) == 1 and 1 in spec.get("axes", {}):
                continue  # where Keras stumbles over the axis
            for x in (np.ones(shape, "f"), tf.keras.Input(batch_shape=(None, *shape[1:]))):
                try:
                    layer(x)
                    found.append("taken")
                except ValueError as error:
                    found.append(str(error) if isinstance(x, np.ndarray) else "refused")
        return found

    same(program)


def asked(*questions: Any) -> list[Any]:
    """What each returns, or the class of its error."""
    found: list[Any] = []
    for question in questions:
        try:
            found.append(question())
        except Exception as error:
            found.append(type(error).__name__)
    return found


def test_what_a_layer_says_before_and_after() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        layer, x = k.Dense(2, name="d"), tf.keras.Input((3,))
        questions = (
            *(lambda: layer.input is x, lambda: tuple(layer.output.shape), layer.count_params),
            *(lambda: str(layer.get_build_config()), lambda: layer.path, lambda: repr(layer)),
        )
        found = asked(*questions)
        layer(x)
        found += asked(*questions)
        shared, inputs = k.Dense(1), [tf.keras.Input((2,)), tf.keras.Input((2,))]
        for part in inputs:
            shared(part)
        merged = k.Add()
        merged(inputs)
        return [*found, shared.input is inputs[0], len(merged.input)]

    same(program)


def test_every_kind_of_weights_to_set() -> None:
    """Too few, too many, of another shape; as a list and as a file has them."""
    kernel, bias = np.ones((3, 2)), np.ones(2)

    def program(tf: Any) -> list[Any]:
        layer, found = tf.keras.layers.Dense(2, kernel_initializer="zeros"), []
        layer.build((None, 3))
        for weights in (
            *([], [kernel], [kernel, bias, 1], [kernel.T, bias], 3),
            [kernel, bias],
        ):
            found += asked(lambda w=weights: layer.set_weights(w))
            found += [w.tolist() for w in layer.get_weights()]
        store: dict[str, Any] = {}
        layer.save_own_variables(store)
        found += [(name, np.asarray(value).tolist()) for name, value in store.items()]
        for held in (
            *({}, {"0": kernel * 2}, {"0": kernel.T, "1": bias}),
            {"0": kernel * 2, "1": bias * 3},
        ):
            found += asked(lambda h=held: layer.load_own_variables(h))
        return [*found, *(w.tolist() for w in layer.get_weights())]

    same(program)


def test_built_from_a_config() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        dense, several, none = k.Dense(2), k.MultiHeadAttention(1, 2), k.Dense(1)
        dense.build_from_config({"input_shape": [None, 4]})
        shapes = {"query_shape": [None, 3, 4], "value_shape": [None, 5, 4]}
        several.build_from_config({"shapes_dict": shapes})
        none.build_from_config({})
        found = [[tuple(w.shape) for w in layer.weights] for layer in (dense, several, none)]
        made = asked(*(lambda c=c: k.Dense.from_config(c).units for c in CONFIGS))
        return [*found, none.built, *made]

    same(program)


CONFIGS: list[dict[str, Any]] = [{"units": 2}, {"unit": 2}, {"units": -1}, {}]


def test_lists_of_variables_of_frozen_layers() -> None:
    def program(tf: Any) -> list[Any]:
        k, found = tf.keras.layers, []
        kinds = ("trainable_variables", "non_trainable_variables", "trainable_weights")
        kinds = (*kinds, "non_trainable_weights", "weights", "variables")
        for layer in (k.Dense(2), k.BatchNormalization(), k.Dropout(0.5), k.GRU(2, dropout=0.5)):
            layer(np.ones((1, 3, 2), "f"))
            for flag in (True, False, 1, 0, True):
                layer.trainable = flag
                found += [layer.trainable, *(len(getattr(layer, kind)) for kind in kinds)]
                found += [v.trainable for v in layer.weights]
        return found

    same(program)


# Classes that share what their subclasses do in a method of their own, and how to come to it.
UNFINISHED: list[Any] = [
    lambda: merging.Elementwise()([A, A]),
    lambda: pooling._Pooling2D(2, None, "valid", None, None)(np.ones((1, 2, 2, 1), "f")),
    lambda: pooling._GlobalPooling2D()(np.ones((1, 2, 2, 1), "f")),
    lambda: pooling1d._Pooling1D(2, None, "valid", None, None)(np.ones((1, 2, 1), "f")),
    lambda: image_layer.ImageLayer()(np.ones((1, 2, 2, 1), "f")),
    lambda: dropout._SpatialDropout(0.5, 1, None, None)(A, training=True),
    lambda: fusion.FusedLayers(*_built_pair())._takes(A),
    lambda: fusion.FusedLayers(*_built_pair())._together(A),
    lambda: cell.RecurrentCell.step(None, A, [A], None, False),  # type: ignore[arg-type]
    lambda: cell.RecurrentCell.fused(None, A, [A], None),  # type: ignore[arg-type]
    lambda: depthwise_layer.DepthwiseLayer._convolve(None, A),  # type: ignore[arg-type]
]


def _built_pair() -> tuple[Any, Any]:
    k = scratchnet.keras.layers
    return k.Conv2D(1, 1), k.MaxPooling2D()


@pytest.mark.parametrize("i", range(len(UNFINISHED)))
def test_what_a_subclass_must_have(i: int) -> None:
    with pytest.raises(NotImplementedError):
        UNFINISHED[i]()


def test_weights_of_layers_in_layers_are_in_the_order_of_the_attributes() -> None:
    def program(tf: Any) -> list[str]:
        class Branch(tf.keras.layers.Layer):  # type: ignore[misc]
            def __init__(self, name: str, *parts: Any) -> None:
                super().__init__(name=name)
                self.parts = list(parts)

            def build(self, input_shape: Any) -> None:
                self.w = self.add_weight(shape=(1,), name=self.name)
                self.built = True

            def call(self, x: Any) -> Any:
                for part in self.parts:
                    x = part(x)
                return x * self.w

        deep = Branch("e", Branch("f"), Branch("g", Branch("h")))
        whole = Branch("a", Branch("b", Branch("c"), Branch("d")), deep, Branch("i"))
        whole(np.ones((2, 3), "f"))
        return [w.name for w in whole.weights]

    assert program(scratchnet) == program(tensorflow) == list("abcdefghi")


@pytest.mark.parametrize(
    ("shape", "rows", "found"),
    [((None,), 8, (None, 8)), ((None, 4), 32, (None, 32)), ((None, None, 2), 32, (None, 32))],
)
def test_rows_of_unknown_sizes_have_an_unknown_number(
    shape: tuple[int | None, ...], rows: int, found: tuple[int | None, ...]
) -> None:
    def program(tf: Any) -> Any:
        class Rows(tf.keras.layers.Layer):  # type: ignore[misc]
            def call(self, x: Any) -> Any:
                return tf.reshape(x, (-1, rows))

        return Rows()(tf.keras.Input(shape)).shape

    assert program(scratchnet) == program(tensorflow) == found


# -- complaints -----------------------------------------------------------------------------------

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "a list": (
        lambda tf: tf.keras.layers.Dense(2)([[1.0, 2.0]]),
        "",
        "Dense: positional arguments must be tensors or arrays, received 1.0 of type float",
    ),
    "unknown argument": (lambda tf: tf.keras.layers.Dense(2, foo=1), "{'foo': 1}", "Dense"),
    "trainable text": (
        lambda tf: tf.keras.layers.Dense(2, trainable="yes"),
        "",
        "Dense: `trainable` must be a bool, received trainable='yes'",
    ),
    "input_shape": (
        lambda tf: tf.keras.layers.Dense(2, input_shape=(3,)),
        "`input_shape`/`input_dim`",
        "begin a Sequential with Input(shape)",
    ),
    "input_dim": (
        lambda tf: tf.keras.layers.Dense(2, input_dim=3),
        "`input_shape`/`input_dim`",
        "begin a Sequential with Input(shape)",
    ),
    "count before build": (
        lambda tf: tf.keras.layers.Dense(1).count_params(),
        "'dense'",
        "is not built; call it, or `build(input_shape)`",
    ),
    "no call": (lambda tf: tf.keras.layers.Layer().call(1), "`call`", "is not overridden"),
    "number of weights": (
        lambda tf: tf.keras.layers.Dense(1).set_weights([1]),
        "'dense'",
        "has 0 weights, received 1",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_weights_of_another_shape() -> None:
    """Refused before any of them is assigned."""
    for tf in (tensorflow, scratchnet):
        layer = tf.keras.layers.Dense(1)
        layer.build((None, 2))
        before = layer.get_weights()
        with pytest.raises(ValueError, match=r"\(2, 1\).*\(3, 1\)"):
            layer.set_weights([np.zeros((3, 1)), np.ones(1)])
        np.testing.assert_array_equal(layer.get_weights()[1], before[1])


def test_errors_tell_the_arguments() -> None:
    texts = []
    for tf in (tensorflow, scratchnet):
        with pytest.raises(ValueError, match="floating point") as caught:
            tf.keras.layers.Dropout(0.5)(np.ones((1, 2), "int32"), training=True)
        texts.append(str(caught.value))
    assert texts[1] == texts[0]


def test_unsupported_arguments_are_refused() -> None:
    layers = scratchnet.keras.layers
    for make in (
        lambda: layers.Dense(2, lora_rank=4),
        lambda: layers.InputLayer((2,), sparse=True),
    ):
        with pytest.raises(ValueError, match=r"must be (None|False) here"):
            make()


def test_weights_take_what_says_nothing_on_one_machine() -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        for options in ({"autocast": False}, {"aggregation": "mean"}, {"aggregation": None}):
            layer = tf.keras.layers.Layer()
            w = layer.add_weight(shape=(2,), initializer="ones", name="w", **options)
            found.append((w.path, w.numpy().tolist(), str(w.dtype), w.trainable))
        return found

    same(program)
    complain_alike(weights_by((2,), aggregation="all"), "Invalid value for argument `aggregation`")
    with pytest.raises(ValueError, match="`overwrite_with_gradient` must be False here"):
        weights_by((2,), overwrite_with_gradient=True)(scratchnet)


# The layers that have an activation, and an input.
ACTIVATED: list[tuple[Any, tuple[int, ...]]] = [
    (lambda k: k.Dense(2, activation="relu"), (2, 3)),
    (lambda k: k.EinsumDense("ab,bc->ac", 2, activation="relu"), (2, 3)),
    (lambda k: k.Conv1D(2, 2, activation="relu"), (2, 4, 1)),
    (lambda k: k.Conv1DTranspose(2, 2, activation="relu"), (2, 4, 1)),
    (lambda k: k.Conv2D(2, 2, activation="relu"), (2, 4, 3, 1)),
    (lambda k: k.Conv2D(2, 2, activation="relu", use_bias=False), (2, 4, 3, 1)),
    (lambda k: k.Conv2DTranspose(2, 2, activation="relu"), (2, 4, 3, 1)),
    (lambda k: k.DepthwiseConv2D(2, activation="relu"), (2, 4, 3, 1)),
    (lambda k: k.SeparableConv1D(2, 2, activation="relu"), (2, 4, 1)),
    (lambda k: k.SimpleRNN(2), (2, 4, 1)),
]


def test_an_activation_that_is_taken_away() -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        for make, shape in ACTIVATED:
            layer = make(tf.keras.layers)
            model = tf.keras.Sequential([tf.keras.Input(shape[1:]), layer])
            x = np.random.default_rng(3).normal(size=shape).astype("f")
            before = model(x).numpy()
            getattr(layer, "cell", layer).activation = None
            found += [before, model(x).numpy(), model.predict(x, verbose=0)]
        return found

    close(program, 60)
    layer = scratchnet.keras.layers.Dense(2, "relu")
    layer.activation = None
    assert type(layer).from_config(layer.get_config()).get_config()["activation"] == "linear"


RNG = np.random.default_rng(33)
A, B = (RNG.normal(size=(5, 3)).astype("f") for _ in range(2))


@pytest.mark.parametrize("kind", ["Layer", "Model"])
def test_a_forgotten_super(kind: str) -> None:
    def program(tf: Any) -> None:
        class Bad(getattr(tf.keras, kind) if kind == "Model" else tf.keras.layers.Layer):
            def __init__(self) -> None:
                self.dense = tf.keras.layers.Dense(1)

            def call(self, x: Any) -> Any:
                return self.dense(x)

        Bad()(A)

    complain_alike(program, "you forgot to call `super().__init__()`")


NAMED = "`name` must be passed as a keyword argument"


def weights_by(*args: Any, **kwargs: Any) -> Any:
    """A program that gives `add_weight` these arguments."""
    return lambda tf: tf.keras.layers.Layer().add_weight(*args, **kwargs)


def test_weights_take_three_arguments_by_place() -> None:
    def program(tf: Any) -> Any:
        w = weights_by((2, 3), "ones", "float64")(tf)
        return w.numpy().tolist(), str(w.dtype), tuple(weights_by()(tf).shape)

    same(program)


# name -> (program, what both texts say, what ours says)
ADD_WEIGHT_COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "a name before a shape": (weights_by("kernel", shape=[3, 3]), NAMED, ""),
    "a name and a shape": (weights_by("w", (3, 3)), NAMED, ""),
    "a shape twice": (weights_by((3,), shape=(3,)), "`shape` was passed both positionally", ""),
    "four places": (weights_by((3,), "zeros", None, True), "3 positional arguments", ""),
}


@pytest.mark.parametrize("name", ADD_WEIGHT_COMPLAINTS)
def test_add_weight_complaints(name: str) -> None:
    complain_alike(*ADD_WEIGHT_COMPLAINTS[name])


# -- the argument of `build`, whose name is the author's ------------------------------------------

SHAPES = [(2, 3), (2, 5)]


ONE = [(build, call) for build in ("y_shape", "input_shape", "s") for call in ("x", "x, y")]
TWO = [("y_shape, x_shape", "x, y"), ("x_shape, y_shape", "x, y=None")]


@pytest.mark.parametrize(("build", "call"), ONE + TWO)
def test_build_gets_the_shapes_by_its_own_names(build: str, call: str) -> None:
    def program(tf: Any) -> Any:
        names = {"tf": tf}
        exec(
            f"class Own(tf.keras.layers.Layer):\n"
            f"    def build(self, {build}):\n"
            f"        self.seen = [tuple(s) for s in ({build},)]\n"
            f"    def call(self, {call}):\n"
            f"        return {call[0]}\n",
            names,
        )
        layer: Any = names["Own"]()
        layer(*[np.ones(shape, "f") for shape in SHAPES[: 1 + ("," in call)]])
        return layer.seen, layer.built, str(layer.get_build_config())

    same(program)


PLAIN = """ReLU() LeakyReLU() ELU() Softmax() Flatten() Permute((1,)) Rescaling(2.0)
Cropping1D(1) UpSampling1D(2) ZeroPadding1D(1) RepeatVector(2) MaxPooling1D(2) AveragePooling1D(2)
GlobalMaxPooling1D() MaxPooling2D() AveragePooling2D(2) GlobalAveragePooling2D() Dropout(0.5) Add()
SpatialDropout1D(0.5) Identity() GaussianNoise(0.1) GaussianDropout(0.1) Masking()
ActivityRegularization() UnitNormalization() Concatenate() UpSampling2D() Dense(2)
Activation('relu') MaxPooling2D(3)"""


def test_a_build_of_a_subclass_is_called() -> None:
    def program(tf: Any) -> list[str]:
        found = []
        for call in PLAIN.split():
            name, arguments = call.split("(", 1)
            kind = getattr(tf.keras.layers, name)
            own = type("Own", (kind,), {"build": lambda self, input_shape: None})
            built = [eval(f"kind({arguments}", {"kind": k}).built for k in (kind, own)]
            found += [f"{call} {built}"]
        return found

    assert program(scratchnet) == program(tensorflow)


def test_metrics_and_variables_by_their_other_names() -> None:
    def program(tf: Any) -> list[Any]:
        class Inner(tf.keras.layers.Layer):  # type: ignore[misc, unused-ignore]
            def __init__(self) -> None:
                super().__init__()
                self.count = self.add_variable((), "zeros", trainable=False)
                self.error = tf.keras.metrics.MeanSquaredError(name="error")

        class Outer(tf.keras.layers.Layer):  # type: ignore[misc, unused-ignore]
            def __init__(self) -> None:
                super().__init__()
                self.inner, self.seen = Inner(), tf.keras.metrics.Mean(name="seen")

        outer = Outer()
        return [
            sorted(metric.name for metric in outer.metrics),
            [len(outer.metrics_variables), len(outer.weights), len(outer.inner.metrics)],
        ]

    assert program(scratchnet) == program(tensorflow)


def test_a_layer_that_leaves_the_dtype_of_its_inputs_is_refused() -> None:
    with pytest.raises(ValueError, match="`autocast` must be True here"):
        scratchnet.keras.layers.Dense(2, autocast=False)
