"""Each layer against Keras's: outputs, gradients, state, shapes, configurations, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_inputs import IMAGES, ROWS, SEQUENCES
from tests.support.layer_programs import outcome_of_call, remade_alike

# name -> (how to make it, its input, the roundings that one result may gather)
CASES: dict[str, tuple[Any, np.ndarray, int]] = {
    "dense": (lambda k: k.Dense(7, bias_initializer="ones"), ROWS, 60),
    "dense relu": (lambda k: k.Dense(7, activation="relu"), ROWS, 60),
    "dense tanh no bias": (lambda k: k.Dense(7, "tanh", False), ROWS, 60),
    "dense sigmoid": (lambda k: k.Dense(7, "sigmoid"), ROWS, 60),
    "dense softmax": (lambda k: k.Dense(7, "softmax"), ROWS, 60),
    "dense on sequences": (lambda k: k.Dense(3), SEQUENCES, 60),
    "conv": (lambda k: k.Conv2D(5, 3), IMAGES, 400),
    "conv same relu": (
        lambda k: k.Conv2D(5, (3, 2), padding="same", activation="relu"),
        IMAGES,
        400,
    ),
    "conv strides": (lambda k: k.Conv2D(5, (2, 3), strides=(2, 1)), IMAGES, 400),
    "conv strides same": (lambda k: k.Conv2D(5, 3, strides=(3, 2), padding="SAME"), IMAGES, 400),
    "conv dilation": (lambda k: k.Conv2D(2, 2, dilation_rate=(2, 3), use_bias=False), IMAGES, 400),
    "conv groups": (lambda k: k.Conv2D(6, 2, groups=2), IMAGES, 400),
    "max pool": (lambda k: k.MaxPooling2D(), IMAGES, 4),
    "max pool same": (lambda k: k.MaxPooling2D((3, 2), strides=(2, 1), padding="same"), IMAGES, 8),
    "mean pool": (lambda k: k.AveragePooling2D(2), IMAGES, 8),
    "mean pool same": (
        lambda k: k.AveragePooling2D((3, 2), strides=(2, 1), padding="same"),
        IMAGES,
        16,
    ),
    "global mean": (lambda k: k.GlobalAveragePooling2D(), IMAGES, 80),
    "global mean keepdims": (lambda k: k.GlobalAveragePooling2D(keepdims=True), IMAGES, 80),
    "global mean channels first": (
        lambda k: k.GlobalAveragePooling2D("channels_first"),
        IMAGES,
        40,
    ),
    "global max": (lambda k: k.GlobalMaxPooling2D(), IMAGES, 2),
    "flatten": (lambda k: k.Flatten(), IMAGES, 1),
    "flatten channels first": (lambda k: k.Flatten("channels_first"), IMAGES, 1),
    "flatten vector": (lambda k: k.Flatten(), ROWS[0], 1),
    "activation": (lambda k: k.Activation("relu"), ROWS, 1),
    "relu": (lambda k: k.ReLU(), ROWS, 1),
    "relu slope": (lambda k: k.ReLU(negative_slope=0.3), ROWS, 2),
    "relu all": (lambda k: k.ReLU(max_value=0.8, negative_slope=0.3, threshold=0.2), ROWS, 4),
    "softmax": (lambda k: k.Softmax(), ROWS, 20),
    "softmax axes": (lambda k: k.Softmax(axis=(1, 2)), SEQUENCES, 60),
    "batch norm": (lambda k: k.BatchNormalization(), ROWS, 100),
    "batch norm axis": (lambda k: k.BatchNormalization(axis=1), IMAGES, 300),
    "batch norm plain": (lambda k: k.BatchNormalization(center=False, scale=False), IMAGES, 300),
    "dropout": (lambda k: k.Dropout(0.4), IMAGES, 1),
    "dropout noise shape": (lambda k: k.Dropout(0.4, noise_shape=(None, 1, 1, None)), IMAGES, 1),
    "dropout seed": (lambda k: k.Dropout(0.4, seed=3), ROWS, 1),
    "dropout everything": (lambda k: k.Dropout(1.0), ROWS, 1),
    "dropout nothing": (lambda k: k.Dropout(0.0), ROWS, 1),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [None, False, True])
def test_layer(name: str, training: bool | None) -> None:
    make, x, terms = CASES[name]
    takes_training = name.startswith(("batch norm", "dropout"))
    if training is None or takes_training:
        close(lambda tf: outcome_of_call(tf, make, x, training), terms)


@pytest.mark.parametrize("name", [n for n in CASES if "conv" in n or "pool" in n])
def test_channels_first(name: str) -> None:
    """TensorFlow's CPU kernels have no NCHW gradient, so the twin is our own NHWC layer."""
    make, x, terms = CASES[name]
    layers = scratchnet.keras.layers
    layer = make(layers)
    first = type(layer).from_config({**layer.get_config(), "data_format": "channels_first"})
    y, z = layer(x), first(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    if layer.weights:
        first.set_weights(layer.get_weights())
        z = first(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    np.testing.assert_allclose(z.numpy().transpose(0, 2, 3, 1), y.numpy(), rtol=1e-6 * terms)
    assert first.compute_output_shape((None, 4, 9, 8)) == (None, *z.shape[1:])


@pytest.mark.parametrize("name", CASES)
def test_output_shape(name: str) -> None:
    make, x, _ = CASES[name]
    for batch in (None, 2):
        shape = (batch, *x.shape[1:])
        same(lambda tf, shape=shape: tuple(make(tf.keras.layers).compute_output_shape(shape)))


@pytest.mark.parametrize("sizes", [(None, None, None, 4), (None, 9, None, 4)])
@pytest.mark.parametrize("name", [n for n in CASES if CASES[n][1] is IMAGES and "axis" not in n])
def test_unknown_sizes(name: str, sizes: tuple[int | None, ...]) -> None:
    same(lambda tf: tuple(CASES[name][0](tf.keras.layers).compute_output_shape(sizes)))


@pytest.mark.parametrize("name", CASES)
def test_config(name: str) -> None:
    make = CASES[name][0]
    same(lambda tf: make(tf.keras.layers).get_config())


@pytest.mark.parametrize("name", CASES)
def test_from_config(name: str) -> None:
    remade_alike(CASES[name][0])


def test_conv_flattened() -> None:
    """Row by row, channels last: what a Dense after a Flatten relies on."""
    x = np.arange(2 * 2 * 3 * 2.0, dtype="f").reshape(2, 2, 3, 2)
    np.testing.assert_array_equal(scratchnet.keras.layers.Flatten()(x).numpy(), x.reshape(2, -1))


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


# Keras leaves the value out of the repr where TensorFlow's own warning is an error.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_variable_repr() -> None:
    def program(tf: Any) -> list[str]:
        layer = tf.keras.layers.Dense(2, kernel_initializer="ones")
        layer.build((None, 3))
        v = tf.keras.Variable([1.0, 2.0])
        assigned = (
            repr(v.assign([3.0, 4.0])),
            repr(v.assign_add([1.0, 1.0])),
            repr(v.assign_sub([0.5, 0.0])),
        )
        return [
            repr(layer.kernel),
            str(layer.bias),
            repr(v),
            str(v.numpy()),
            repr(v + 1),
            *assigned,
        ]

    same(program)


def test_variable_gradient() -> None:
    def program(tf: Any) -> Any:
        v = tf.keras.Variable([3.0])
        with tf.GradientTape() as tape:
            y = v * v + v.value
        return tape.gradient(y, v).numpy()

    close(program, 1)


def test_watching_a_keras_variable_is_refused() -> None:
    for tf in (tensorflow, scratchnet):
        v = tf.keras.Variable([3.0])
        with (
            tf.GradientTape() as tape,
            pytest.raises(ValueError, match=r"Passed in object <Variable path="),
        ):
            tape.watch(v)


def freezing(tf: Any) -> list[Any]:
    layer = tf.keras.layers.BatchNormalization()
    x = tf.constant(ROWS)
    layer.build(x.shape)
    layer.trainable = False
    names = [v.name for v in layer.trainable_weights], [v.name for v in layer.non_trainable_weights]
    y = layer(x, training=True)  # moving statistics, although in training
    layer.trainable = True
    return [*names, y.numpy(), layer.get_weights(), [v.name for v in layer.trainable_weights]]


def test_freezing() -> None:
    close(freezing, 10)


def test_frozen_before_it_is_built() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Dense(2, trainable=False)
        layer.build((None, 3))
        before = len(layer.trainable_variables), [v.trainable for v in layer.weights]
        layer.trainable = True
        return [before, len(layer.trainable_variables), [v.trainable for v in layer.weights]]

    same(program)


def test_batch_norm_of_one_sample() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.BatchNormalization()
        y = layer(ROWS[:1], training=True)
        return [y.numpy(), layer.moving_variance.numpy()]

    close(program, 4)


def test_dropout_counts_training_calls_only() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Dropout(0.5)
        x = tf.ones((2, 6))
        found = [layer(x, training=flag).numpy() for flag in (True, False, True)]
        return [found, layer.variables[0].numpy()]

    close(program, 1)


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


@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_conv_refuses_integers(dtype: str) -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises(ValueError, match="Incompatible type conversion"):
            tf.keras.layers.Conv2D(2, 3)(np.zeros((1, 8, 8, 1), dtype))


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


# -- complaints -----------------------------------------------------------------------------------


def twice(make: Any, *shapes: tuple[int, ...]) -> Any:
    """A program that calls one layer on inputs of different shapes."""

    def program(tf: Any) -> None:
        layer = make(tf.keras.layers)
        for shape in shapes:
            layer(np.zeros(shape, "f"))

    return program


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "dense of a vector": (
        lambda tf: tf.keras.layers.Dense(2)(np.zeros(3, "f")),
        "Input 0 with name 'None' of layer 'dense' is incompatible with the layer: expected "
        "min_ndim=2, found ndim=1. Full shape received: (3,)",
        "",
    ),
    "conv of one image": (
        lambda tf: tf.keras.layers.Conv2D(2, 3)(np.zeros((28, 28, 1), "f")),
        "of layer 'conv2d' is incompatible with the layer: expected min_ndim=4, found ndim=3. "
        "Full shape received: (28, 28, 1)",
        "",
    ),
    "pool of rows": (
        lambda tf: tf.keras.layers.MaxPooling2D()(np.zeros((2, 3), "f")),
        "expected ndim=4, found ndim=2. Full shape received: (2, 3)",
        "",
    ),
    "other channels": (
        twice(lambda k: k.Conv2D(1, 2), (1, 4, 4, 1), (1, 4, 4, 2)),
        "expected axis -1 of input shape to have value 1, "
        "but received input with shape (1, 4, 4, 2)",
        "",
    ),
    "other columns": (
        twice(lambda k: k.Dense(1), (1, 8), (1, 9)),
        "expected axis -1 of input shape to have value 8, but received input with shape (1, 9)",
        "",
    ),
    "other rank": (
        twice(lambda k: k.BatchNormalization(), (2, 3), (2, 3, 3)),
        "expected ndim=2, found ndim=3. Full shape received: (2, 3, 3)",
        "",
    ),
    "a list": (
        lambda tf: tf.keras.layers.Dense(2)([[1.0, 2.0]]),
        "",
        "Dense: positional arguments must be tensors or arrays, received 1.0 of type float",
    ),
    "units 0": (lambda tf: tf.keras.layers.Dense(0), "units=0", "Dense: `units` must be"),
    "units text": (lambda tf: tf.keras.layers.Dense("3"), "", "received units='3'"),
    "filters 0": (lambda tf: tf.keras.layers.Conv2D(0, 3), "filters=0", "Conv2D: `filters`"),
    "kernel of three": (
        lambda tf: tf.keras.layers.Conv2D(1, (3, 3, 3)),
        "kernel_size=(3, 3, 3)",
        "Conv2D: `kernel_size` must be one or two positive integers",
    ),
    "kernel 0": (lambda tf: tf.keras.layers.Conv2D(1, 0), "kernel_size=0", "Conv2D"),
    "strides 0": (lambda tf: tf.keras.layers.Conv2D(1, 2, strides=0), "strides=0", "Conv2D"),
    "strides and dilation": (
        lambda tf: tf.keras.layers.Conv2D(1, 2, strides=2, dilation_rate=2),
        "dilation_rate=(2, 2)",
        "must be 1 where strides=(2, 2) is not",
    ),
    "groups of filters": (
        lambda tf: tf.keras.layers.Conv2D(3, 2, groups=2),
        "groups=2",
        "`groups` must divide filters=3",
    ),
    "groups of channels": (
        lambda tf: tf.keras.layers.Conv2D(4, 2, groups=2)(np.zeros((1, 4, 4, 3), "f")),
        "groups=2",
        "`groups` must divide the channels of the input",
    ),
    "padding": (
        lambda tf: tf.keras.layers.Conv2D(1, 2, padding="foo"),
        "foo",
        "Conv2D: `padding` must be 'valid' or 'same'",
    ),
    "pool of three": (
        lambda tf: tf.keras.layers.MaxPooling2D((2, 2, 2)),
        "pool_size=(2, 2, 2)",
        "MaxPooling2D: `pool_size`",
    ),
    "unknown activation": (
        lambda tf: tf.keras.layers.Dense(2, activation="foo"),
        "Could not interpret activation function identifier: foo",
        "",
    ),
    "unknown initializer": (
        lambda tf: tf.keras.layers.Dense(2, kernel_initializer="foo"),
        "Could not interpret initializer identifier: foo",
        "",
    ),
    "unknown regularizer": (
        lambda tf: tf.keras.layers.Dense(2, kernel_regularizer="foo"),
        "Could not interpret regularizer identifier: foo",
        "",
    ),
    "unknown constraint": (
        lambda tf: tf.keras.layers.Dense(2, kernel_constraint="foo"),
        "Could not interpret constraint identifier: foo",
        "",
    ),
    "rate 2": (lambda tf: tf.keras.layers.Dropout(2), "rate=2", "must be a number in [0, 1]"),
    "rate -0.1": (lambda tf: tf.keras.layers.Dropout(-0.1), "rate=-0.1", "must be a number in"),
    "noise shape": (
        lambda tf: tf.keras.layers.Dropout(0.1, noise_shape="a"),
        "noise_shape=",
        "Dropout: `noise_shape`",
    ),
    "dropout of integers": (
        lambda tf: tf.keras.layers.Dropout(0.5)(np.ones((1, 2), "int32"), training=True),
        "must be a floating point tensor",
        "",
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
    "window too large": (
        lambda tf: tf.keras.layers.Conv2D(1, 3)(np.zeros((1, 2, 2, 1), "f")),
        "(3, 3, 1, 1)",
        "the kernel must fit into the image",
    ),
    "softmax of one": (
        lambda tf: tf.keras.layers.Softmax()(np.zeros((1, 1), "f")),
        "(1, 1)",
        "has size 1, so every result is 1",
    ),
    "negative max_value": (
        lambda tf: tf.keras.layers.ReLU(max_value=-1.0),
        "max_value=-1.0",
        "ReLU: `max_value` must not be negative",
    ),
    "negative slope": (
        lambda tf: tf.keras.layers.ReLU(negative_slope=-1.0),
        "negative_slope=-1.0",
        "ReLU",
    ),
    "kernel before build": (
        lambda tf: tf.keras.layers.Dense(1).kernel,
        "`kernel`",
        "has no `kernel` before it is built",
    ),
    "count before build": (
        lambda tf: tf.keras.layers.Dense(1).count_params(),
        "'dense'",
        "is not built; call it, or `build(input_shape)`",
    ),
    "axis": (
        lambda tf: tf.keras.layers.BatchNormalization(axis=3).compute_output_shape((1, 2)),
        "axis=3",
        "must be an axis of the input shape (1, 2)",
    ),
    "no call": (lambda tf: tf.keras.layers.Layer().call(1), "`call`", "is not overridden"),
    "number of weights": (
        lambda tf: tf.keras.layers.Dense(1).set_weights([1]),
        "'dense'",
        "has 0 weights, received 1",
    ),
    "data format": (
        lambda tf: tf.keras.layers.Flatten(data_format="foo"),
        "data_format=",
        "'channels_last' or 'channels_first'",
    ),
    "dtype": (lambda tf: tf.keras.Variable([1.0], dtype="foo"), "Invalid dtype: foo", ""),
    "Input": (lambda tf: tf.keras.Input(), "`shape`", "one of `shape` and `batch_shape`"),
    "assign": (
        lambda tf: tf.keras.Variable([1.0], name="v").assign([1.0, 2.0]),
        "(2,)",
        "assign: v has shape (1,), received shape (2,)",
    ),
    "variable without shape": (
        lambda tf: tf.keras.Variable(lambda shape, dtype: 0),
        "`shape`",
        "must be given with an initializer",
    ),
    "variable of unknown shape": (
        lambda tf: tf.keras.Variable("zeros", shape=(None, 2)),
        "shape=(None, 2)",
        "must hold no None",
    ),
    "variable name": (
        lambda tf: tf.keras.Variable([1.0], name="a/b"),
        "a/b",
        "must be a string without '/'",
    ),
    "hash": (lambda tf: hash(tf.keras.Variable([1.0])), "unhashable type: 'Variable'", ""),
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
        lambda: layers.Dense(2, activity_regularizer="l2"),
        lambda: layers.Dense(2, lora_rank=4),
        lambda: layers.BatchNormalization(renorm=True),
        lambda: layers.BatchNormalization(synchronized=True),
        lambda: layers.InputLayer((2,), sparse=True),
    ):
        with pytest.raises(ValueError, match=r"must be (None|False) here"):
            make()


REFUSED: dict[str, Any] = {
    "Dense: `units` must be a positive integer": lambda k: k.Dense(True),
    "Conv2D: `filters` must be a positive integer": lambda k: k.Conv2D(True, 3),
    r"`momentum` must be in \[0, 1\]": lambda k: k.BatchNormalization(momentum=1.5),
    "`epsilon` must not be negative": lambda k: k.BatchNormalization(epsilon=-1.0),
    r"`axis` must be an axis of the input shape \(5, 6\), received axis=5": lambda k: (
        k.BatchNormalization(axis=5)(ROWS)
    ),
}


@pytest.mark.parametrize("rule", REFUSED)
def test_arguments_that_keras_takes_are_refused(rule: str) -> None:
    """Keras takes them, or fails later with a raw IndexError."""
    with pytest.raises(ValueError, match=rule):
        REFUSED[rule](scratchnet.keras.layers)


def test_a_missing_pool_size_names_the_public_class() -> None:
    with pytest.raises(TypeError, match=r"^AveragePooling2D\.__init__\(\) missing.*'pool_size'"):
        scratchnet.keras.layers.AveragePooling2D()
