"""Layers that a model computes together: the same numbers as one by one, and as TensorFlow's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet import keras, ops
from scratchnet.extend import Listener, listening

IMAGES = (5, 13, 11, 16)


@pytest.fixture(autouse=True)
def _layer_fusion() -> Iterator[None]:
    yield
    keras.config.enable_layer_joining()


def conv_and_pool(tf: Any, **pool: Any) -> list[Any]:
    layers = tf.keras.layers
    return [
        layers.Conv2D(20, (3, 2), padding="same", activation="relu", name="conv"),
        layers.MaxPooling2D(**pool),
    ]


def sequential(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.Input(IMAGES[1:]), *conv_and_pool(tf)])


def functional(tf: Any) -> Any:
    x = image = tf.keras.Input(IMAGES[1:])
    for layer in conv_and_pool(tf):
        x = layer(x)
    return tf.keras.Model(image, x)


def gradients(tf: Any, model: Any, x: Any) -> tuple[list[str], list[np.ndarray]]:
    """The names of the ops on the tape, and the output with all its gradients."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = model(x, training=True)
    names = [record.op.name for record in getattr(tape, "records", ())]
    g = np.random.default_rng(1).normal(size=y.shape).astype(y.dtype.as_numpy_dtype)
    sources = [x, *model.trainable_variables]
    found = tape.gradient(y, sources, output_gradients=tf.constant(g))
    return names, [t.numpy() for t in (y, *found)]


def images(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=IMAGES).astype(np.float32)


@pytest.mark.parametrize("build", [sequential, functional])
def test_a_joined_model_computes_what_its_layers_do(build: Any) -> None:
    keras.utils.set_random_seed(0)
    model = build(scratchnet)
    names, together = gradients(scratchnet, model, images())
    keras.config.disable_layer_joining()
    apart_names, apart = gradients(scratchnet, model, images())
    assert "pooled_conv2d" in names
    assert "pooled_conv2d" not in apart_names
    assert "max_pool2d" in apart_names
    np.testing.assert_array_equal(together[0], apart[0])  # the same sums, in the same order
    for a, b in zip(together[1:], apart[1:], strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=64 * 1.2e-7 * np.abs(b).max())


@pytest.mark.parametrize("build", [sequential, functional])
def test_a_joined_model_computes_what_tensorflow_does(build: Any) -> None:
    found, weights = [], build(scratchnet).get_weights()
    for tf in (scratchnet, tensorflow):
        model = build(tf)
        model.set_weights(weights)
        found.append(gradients(tf, model, images())[1])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=64 * 1.2e-7 * np.abs(b).max())


def is_joined(model: Any, x: Any = None) -> bool:
    return "pooled_conv2d" in gradients(scratchnet, model, images() if x is None else x)[0]


def test_a_new_model_is_joined_from_its_first_call_on() -> None:
    assert is_joined(sequential(scratchnet))


def test_layers_are_not_joined_where_somebody_sees_the_image_between() -> None:
    image = keras.Input(IMAGES[1:])
    conv, pool = conv_and_pool(scratchnet)
    between = conv(image)
    model = keras.Model(image, [between, pool(between)])
    with scratchnet.GradientTape() as tape:
        tape.watch(x := scratchnet.constant(images()))
        model(x)
    assert "pooled_conv2d" not in {record.op.name for record in tape.records}


def test_layers_are_not_joined_if_they_are_not_kerass_own() -> None:
    class Own(keras.layers.MaxPooling2D):
        def call(self, inputs: Any) -> Any:
            return super().call(inputs) + 1

    conv, _ = conv_and_pool(scratchnet)
    assert not is_joined(keras.Sequential([keras.Input(IMAGES[1:]), conv, Own()]))


def test_layers_are_not_joined_while_somebody_watches_them(monkeypatch: Any) -> None:
    seen, call = [], keras.layers.Layer.__call__

    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(self.name)
        return call(self, *args, **kwargs)

    model = sequential(scratchnet)
    with monkeypatch.context() as patch:
        patch.setattr(keras.layers.Layer, "__call__", watched)
        assert not is_joined(model)
        assert seen == [model.name, "conv", model.layers[1].name]
    assert is_joined(model)
    own = model.layers[0].call
    model.layers[0].call = lambda x: own(x) * 2
    assert not is_joined(model)


def test_a_pooling_of_another_dtype_casts_as_it_does_alone() -> None:
    def build(tf: Any) -> Any:
        conv = tf.keras.layers.Conv2D(4, 3, activation="relu", dtype="float64")
        pool = tf.keras.layers.MaxPooling2D()
        return tf.keras.Sequential([tf.keras.Input(IMAGES[1:]), conv, pool])

    found, weights = [], build(scratchnet).get_weights()
    for tf in (scratchnet, tensorflow):
        model = build(tf)
        model.set_weights(weights)
        found.append(model(tf.constant(images().astype("float64"))).numpy())
    assert found[0].dtype == found[1].dtype == np.float32
    np.testing.assert_allclose(*found, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("pool", [{"strides": 1}, {"pool_size": 2, "padding": "same"}])
def test_windows_that_overlap_or_reach_over_the_border_are_not_joined(pool: Any) -> None:
    model = keras.Sequential([keras.Input(IMAGES[1:]), *conv_and_pool(scratchnet, **pool)])
    assert not is_joined(model)


def test_what_changes_after_the_model_was_built_counts() -> None:
    model = sequential(scratchnet)
    assert is_joined(model)
    model.layers[0].activation = keras.activations.tanh
    assert not is_joined(model)
    y = model(images()).numpy()
    assert y.min() < 0


def test_a_wrong_image_is_told_by_the_layer() -> None:
    model = sequential(scratchnet)
    with pytest.raises(ValueError, match="expected axis -1 of input shape to have value 16"):
        model.layers[0](images()[..., :15])
    small = keras.Sequential(conv_and_pool(scratchnet))
    small(images())
    with pytest.raises(scratchnet.errors.InvalidArgumentError, match=r"MaxPooling2D\.call"):
        small(images()[:, :1])


def test_what_nobody_asks_for_does_not_disturb_the_rest() -> None:
    model, x = sequential(scratchnet), scratchnet.constant(images())

    def found(watch: bool, sources: Any = None) -> list[Any]:
        with scratchnet.GradientTape() as tape:
            if watch:
                tape.watch(x)
            y = model(x)
        assert "pooled_conv2d" in {record.op.name for record in tape.records}
        return tape.gradient(y, sources or [x, *model.variables])

    gx, gk, gb = (g.numpy() for g in found(watch=True))
    nothing, only_k, only_b = found(watch=False)
    assert nothing is None
    np.testing.assert_array_equal(only_k.numpy(), gk)
    np.testing.assert_array_equal(only_b.numpy(), gb)
    model.layers[0].trainable = False
    (only_x,) = found(True, [x])
    np.testing.assert_array_equal(only_x.numpy(), gx)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("where", ["image", "filter"])
def test_inf_and_nan_times_zero_are_nan_as_in_tensorflow(bad: float, where: str) -> None:
    """The short way to the gradients leaves zeros out; these are not to be left out."""
    rng = np.random.default_rng(0)
    x, k = images(), rng.normal(size=(3, 3, 16, 5)).astype(np.float32)
    b = np.zeros(5, np.float32)
    (x if where == "image" else k)[1, 2, 3, 4] = bad
    found = []
    for tf in (scratchnet, tensorflow):
        xs = [tf.constant(a) for a in (x, k, b)]
        with tf.GradientTape() as tape:
            tape.watch(xs)
            if tf is scratchnet:
                y = ops.pooled_conv2d(*xs, 1, "VALID", 2, activation="relu")
            else:
                z = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(xs[0], xs[1], 1, "VALID"), xs[2]))
                y = tf.nn.max_pool2d(z, 2, 2, "VALID")
        g = np.random.default_rng(1).normal(size=y.shape).astype(np.float32)
        gradients = tape.gradient(y, xs, output_gradients=tf.constant(g))
        found.append([np.isfinite(t.numpy()) for t in gradients])
    for ours, theirs in zip(*found, strict=True):
        assert not (ours & ~theirs).any()
    assert not all(finite.all() for finite in found[1])


def test_training_is_the_same_joined_and_apart() -> None:
    x, y = np.abs(images()), np.arange(5)
    losses = []
    for join in (True, False):
        (keras.config.enable_layer_joining if join else keras.config.disable_layer_joining)()
        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [*conv_and_pool(scratchnet), keras.layers.Flatten(), keras.layers.Dense(5)]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("sgd", loss)
        losses.append(model.fit(x, y, epochs=4, verbose=0).history["loss"])
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)


# -- relu behind a normalization or a sum ----------------------------------------------------------


def residual(tf: Any, dtype: str = "float32") -> Any:
    """A network with two relus behind a normalization, and one behind a sum."""
    k, how = tf.keras.layers, {"dtype": dtype}
    image = tf.keras.Input(IMAGES[1:], dtype=dtype)
    x = k.ReLU(**how)(k.BatchNormalization(**how)(image))
    y = k.Conv2D(16, 3, padding="same", **how)(x)
    y = k.Activation("relu", **how)(k.BatchNormalization(**how)(y))
    y = k.BatchNormalization(**how)(k.Conv2D(16, 3, padding="same", **how)(y))
    return tf.keras.Model(image, k.Activation("relu", **how)(k.Add(**how)([x, y])))


def chain(tf: Any, dtype: str = "float32") -> Any:
    k, how = tf.keras.layers, {"dtype": dtype}
    layers = [k.BatchNormalization(scale=False, **how), k.Activation("relu", **how)]
    layers += [k.Dense(4, **how), k.BatchNormalization(center=False, **how), k.ReLU(**how)]
    layers.append(k.BatchNormalization(**how))
    return tf.keras.Sequential([tf.keras.Input(IMAGES[1:], dtype=dtype), *layers])


def with_a_plus(tf: Any) -> Any:
    """``x + y`` in place of an Add; a number is added, too."""
    k = tf.keras.layers
    image = tf.keras.Input(IMAGES[1:])
    y = k.BatchNormalization()(image)
    return tf.keras.Model(image, k.ReLU()(k.ReLU()(image + y) + 1.0))


@pytest.mark.parametrize(
    ("build", "relus", "sums", "plain"),
    [(residual, 2, 1, 0), (chain, 2, 0, 0), (with_a_plus, 0, 1, 1)],
)
@pytest.mark.parametrize("training", [True, False])
def test_a_relu_is_joined_bit_for_bit(
    build: Any, relus: int, sums: int, plain: int, training: bool
) -> None:
    found, states = [], []
    for join in (True, False):
        (keras.config.enable_layer_joining if join else keras.config.disable_layer_joining)()
        keras.utils.set_random_seed(0)
        model, x = build(scratchnet), scratchnet.constant(images())
        with scratchnet.GradientTape() as tape:
            tape.watch(x)
            y = model(x, training=training)
        names = [record.op.name for record in tape.records]
        rectified = [r for r in tape.records if r.attrs.get("relu") and "norm" in r.op.name]
        in_one = training and build is residual
        kind = "fused_batch_norm_add_relu" if in_one else "add_relu"
        assert (len(rectified), names.count(kind)) == ((relus, sums) if join else (0, 0))
        assert names.count("relu") == plain + (0 if join else relus + sums)
        g = np.random.default_rng(1).normal(size=y.shape).astype("f")
        gradients = tape.gradient(y, [x, *model.trainable_variables], output_gradients=g)
        found.append([t.numpy() for t in (y, *gradients)])
        states.append(model.get_weights())
    for a, b in zip(found[0] + states[0], found[1] + states[1], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("build", [residual, chain])
def test_a_joined_relu_computes_what_tensorflow_does(build: Any) -> None:
    """In float64, where rounding puts no value across the kink."""
    found, weights = [], build(scratchnet, "float64").get_weights()
    for tf in (scratchnet, tensorflow):
        model = build(tf, "float64")
        model.set_weights(weights)
        names, outputs = gradients(tf, model, images().astype("d"))
        assert "relu" not in names
        found.append([*outputs, *model.get_weights()])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-11 * (1 + np.abs(b).max()))


@pytest.mark.parametrize(
    "change",
    {
        "a slope": lambda tf, layers: setattr(layers[1], "negative_slope", 0.5),
        "a limit": lambda tf, layers: setattr(layers[1], "max_value", 1.0),
        "another function": lambda tf, layers: setattr(
            layers[2], "activation", tf.keras.activations.tanh
        ),
        "its call": lambda tf, layers: setattr(layers[2], "call", lambda x: x),
        "its input's call": lambda tf, layers: setattr(
            layers[0], "call", lambda x, training: x + 1
        ),
        "frozen": lambda tf, layers: setattr(layers[0], "trainable", False),
    }.items(),
    ids=lambda row: row[0],
)
def test_what_changes_in_a_relu_or_before_it_counts(change: Any) -> None:
    found = []
    for join in (True, False):
        (keras.config.enable_layer_joining if join else keras.config.disable_layer_joining)()
        keras.utils.set_random_seed(0)
        model = residual(scratchnet)
        model(images(), training=True)
        k = keras.layers
        layers = [
            next(x for x in model.layers if type(x) is kind)
            for kind in (k.BatchNormalization, k.ReLU, k.Activation)
        ]
        before = model(images(), training=True).numpy()
        change[1](scratchnet, layers)
        found.append(model(images(), training=True).numpy())
        assert (found[-1] != before).any()
    np.testing.assert_array_equal(*found)


def test_a_relu_is_not_joined_where_somebody_else_reads_its_input() -> None:
    k = keras.layers
    image = keras.Input(IMAGES[1:])
    between = k.BatchNormalization()(image)
    model = keras.Model(image, [between, k.ReLU()(between)])
    with scratchnet.GradientTape() as tape:
        tape.watch(x := scratchnet.constant(images()))
        model(x, training=True)
    assert "relu" in {record.op.name for record in tape.records}


def projected(tf: Any, **how: Any) -> Any:
    """Both terms of the sum are normalized: the second with it, and the first by itself."""
    k = tf.keras.layers
    image = tf.keras.Input(IMAGES[1:])
    terms = [k.BatchNormalization(**how)(k.Dense(4, use_bias=False)(image)) for _ in range(2)]
    return tf.keras.Model(image, k.ReLU()(k.Add()(terms)))


def first(tf: Any, **how: Any) -> Any:
    """The first term is normalized."""
    k = tf.keras.layers
    image = tf.keras.Input(IMAGES[1:])
    y = k.BatchNormalization(**how)(k.Dense(16, use_bias=False)(image))
    return tf.keras.Model(image, k.Activation("relu")(y + image))


def its_own_input(tf: Any) -> Any:
    """What is normalized is the shortcut, too, and has a third reader."""
    k = tf.keras.layers
    image = tf.keras.Input(IMAGES[1:])
    y = k.ReLU()(k.Add()([k.BatchNormalization()(image), image]))
    return tf.keras.Model(image, k.Add()([y, image]))


def called_twice(tf: Any) -> Any:
    """The moving statistics move by the first call before the second."""
    k = tf.keras.layers
    image = tf.keras.Input(IMAGES[1:])
    norm, side = k.BatchNormalization(momentum=0.5), k.Dense(16)(image)
    y = norm(image)
    z = norm(k.Dense(16)(k.Dense(16)(side)))
    return tf.keras.Model(image, [k.ReLU()(k.Add()([y, k.Dense(16)(k.Dense(16)(side))])), z])


def rectified_twice(tf: Any) -> Any:
    k = tf.keras.layers
    image = tf.keras.Input(IMAGES[1:])
    norm = k.BatchNormalization(momentum=0.5)
    y, z = norm(image), norm(k.Dense(16)(image))
    return tf.keras.Model(image, [k.ReLU()(y), z])


def regularized(tf: Any, where: str) -> Any:
    """One of the three has an activity regularizer."""
    k = tf.keras.layers
    how = {name: {"activity_regularizer": "l2"} if name == where else {} for name in NAMES}
    image = tf.keras.Input(IMAGES[1:])
    y = k.BatchNormalization(**how["norm"])(k.Dense(16)(image))
    return tf.keras.Model(image, k.ReLU(**how["relu"])(k.Add(**how["add"])([image, y])))


NAMES = ("norm", "add", "relu")


def read_twice(tf: Any) -> Any:
    k = tf.keras.layers
    image = tf.keras.Input(IMAGES[1:])
    y = k.BatchNormalization()(image)
    return tf.keras.Model(image, [k.ReLU()(k.Add()([image, y])), y])


def doubled(tf: Any) -> Any:
    k = tf.keras.layers
    image = tf.keras.Input(IMAGES[1:])
    y = k.BatchNormalization()(image)
    return tf.keras.Model(image, k.ReLU()(k.Add()([y, y])))


def of_three(tf: Any) -> Any:
    k = tf.keras.layers
    image = tf.keras.Input(IMAGES[1:])
    y = k.BatchNormalization()(image)
    return tf.keras.Model(image, k.ReLU()(k.Add()([y, image, image])))


def stretched(tf: Any) -> Any:
    """The shortcut is broadcast."""
    k = tf.keras.layers
    image = tf.keras.Input(IMAGES[1:])
    y = k.BatchNormalization()(image)
    return tf.keras.Model(image, k.ReLU()(k.Add()([y, image[:, :1]])))


def in_training_alone(tf: Any) -> Any:
    k = tf.keras.layers
    image = tf.keras.Input(IMAGES[1:])
    y = k.BatchNormalization()(image, training=True)
    return tf.keras.Model(image, k.ReLU()(k.Add()([y, image])))


# a network, whether its sum is one op with a normalization in training
RESIDUALS: list[tuple[Any, dict[str, Any], bool]] = [
    (residual, {}, True),
    (projected, {}, True),
    (projected, {"scale": False, "center": False}, True),
    (first, {}, True),
    (first, {"epsilon": 0.1, "momentum": 0.5}, True),
    (first, {"axis": 1}, False),
    (first, {"dtype": "float64"}, False),
    (first, {"trainable": False}, False),
    (first, {"renorm": True}, False),
    (its_own_input, {}, False),
    (called_twice, {}, False),
    (rectified_twice, {}, False),
    *((regularized, {"where": name}, False) for name in NAMES),
    (read_twice, {}, False),
    (doubled, {}, False),
    (of_three, {}, False),
    (stretched, {}, False),
]


@pytest.mark.parametrize(
    ("build", "how", "joined"), RESIDUALS, ids=lambda x: getattr(x, "__name__", str(x))
)
@pytest.mark.parametrize("training", [True, False, None])
def test_which_sums_are_joined_with_a_normalization(
    build: Any, how: dict[str, Any], joined: bool, training: bool | None
) -> None:
    """And the numbers, those of the weights too, are those of the layers one by one."""
    found = []
    for join in (True, False):
        (keras.config.enable_layer_joining if join else keras.config.disable_layer_joining)()
        keras.utils.set_random_seed(0)
        model, x = build(scratchnet, **how), scratchnet.constant(images())
        for _ in range(2):
            with scratchnet.GradientTape() as tape:
                tape.watch(x)
                y = scratchnet.nest.flatten(model(x, training=training))
            names = [record.op.name for record in tape.records]
            fused = names.count("fused_batch_norm_add_relu")
            assert fused == (1 if joined and join and training else 0)
            gradients = tape.gradient(y, [x, *model.trainable_variables])
            losses = [loss.numpy() for loss in model.losses]
            assert len(losses) == (1 if build is regularized else 0)
            found.append([t.numpy() for t in (*y, *gradients)] + losses + model.get_weights())
    for joined_numbers, apart in zip(found[:2], found[2:], strict=True):
        for a, b in zip(joined_numbers, apart, strict=True):
            np.testing.assert_array_equal(a, b)


def masked(tf: Any) -> Any:
    """A normalization, a relu; a normalization, a sum, a relu; and what the mask is for at the end.

    The mask is of the data: no layer of this model makes it.
    """
    k = tf.keras.layers
    rows = tf.keras.Input((5, 4))
    x = k.ReLU()(k.BatchNormalization()(rows))
    x = k.ReLU()(k.Add()([x, k.BatchNormalization()(k.Dense(4, use_bias=False)(x))]))
    return tf.keras.Model(rows, k.GlobalAveragePooling1D()(k.ReLU()(k.Add()([x, rows]))))


@pytest.mark.filterwarnings("ignore:Layer 'functional:UserWarning")  # Keras's
@pytest.mark.parametrize("training", [True, False])
def test_masks_of_the_data_count(training: bool) -> None:
    rng = np.random.default_rng(3)
    x, mask = rng.normal(size=(6, 5, 4)).astype("f"), rng.random((6, 5)) < 0.6
    mask[:, 0] = True
    found, weights = [], masked(scratchnet).get_weights()
    for tf, join in ((scratchnet, True), (scratchnet, False), (tensorflow, True)):
        (keras.config.enable_layer_joining if join else keras.config.disable_layer_joining)()
        model = masked(tf)
        model.set_weights(weights)
        y = model(tf.constant(x), training=training, mask=tf.constant(mask))
        found.append([y.numpy(), *model.get_weights()])
    for joined, apart, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(joined, apart)
        np.testing.assert_allclose(joined, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("build", [projected, first, in_training_alone])
def test_a_joined_residual_is_tensorflows(build: Any) -> None:
    found, weights = [], build(scratchnet).get_weights()
    for tf in (scratchnet, tensorflow):
        model = build(tf)
        model.set_weights(weights)
        _, numbers = gradients(tf, model, images())
        found.append([*numbers, *model.get_weights()])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * (1 + np.abs(b).max()))


@pytest.mark.parametrize(
    "change",
    {
        "a slope": lambda tf, norm, add, relu: setattr(relu, "negative_slope", 0.5),
        "its call": lambda tf, norm, add, relu: setattr(norm, "call", lambda x, training: x + 1),
        "its sum's": lambda tf, norm, add, relu: setattr(add, "call", lambda x: x[0] - x[1]),
        "its relu's": lambda tf, norm, add, relu: setattr(relu, "call", lambda x: x * 2),
        "frozen": lambda tf, norm, add, relu: setattr(norm, "trainable", False),
    }.items(),
    ids=lambda row: row[0],
)
def test_what_changes_in_a_residual_counts(change: Any) -> None:
    found = []
    for join in (True, False):
        (keras.config.enable_layer_joining if join else keras.config.disable_layer_joining)()
        model = read_twice(scratchnet)
        layers = model.layers[1:]
        model = keras.Model(model.inputs[0], model.outputs[0])
        before = model(images(), training=True).numpy()
        change[1](scratchnet, *layers)
        found.append(model(images(), training=True).numpy())
        assert (found[-1] != before).any()
    np.testing.assert_array_equal(*found)


def test_listeners_are_told_of_a_joined_residual_as_of_one_layer() -> None:
    model, names = first(scratchnet), []

    class Layers(Listener):
        def begin_layer(self, call: Any) -> None:
            names.append(call.layer.name)

    with listening(Layers()):
        model(images(), training=True)
    assert any(name.count("+") == 2 for name in names)


def test_a_normalization_of_another_axis_or_dtype_is_as_apart() -> None:
    k = keras.layers
    for first in (k.BatchNormalization(axis=1), k.BatchNormalization(dtype="float64")):
        found = []
        for join in (True, False):
            (keras.config.enable_layer_joining if join else keras.config.disable_layer_joining)()
            model = keras.Sequential([keras.Input(IMAGES[1:]), first, k.ReLU()])
            found.append(model(images(), training=True).numpy())
        assert found[0].min() == 0
        np.testing.assert_array_equal(*found)


def test_a_sum_of_other_shapes_is_as_apart() -> None:
    k = keras.layers
    wide, thin = keras.Input((4, 3)), keras.Input((1, 3))
    model = keras.Model([wide, thin], k.ReLU()(k.Add()([wide, thin])))
    x, y = np.random.default_rng(0).normal(size=(2, 5, 4, 3)).astype("f")
    found = model([x, y[:, :1]]).numpy()
    np.testing.assert_array_equal(found, np.maximum(x + y[:, :1], 0))
    three = keras.Model([wide, thin], k.ReLU()(k.Add()([wide, wide, wide])))
    np.testing.assert_array_equal(three([x, y[:, :1]]).numpy(), np.maximum(x + x + x, 0))


def test_one_window_that_just_fits() -> None:
    """Where a convolution leaves one pixel, and the pooling takes just that."""
    x = np.random.default_rng(5).normal(size=(2, 3, 3, 16)).astype("f")
    for padding in ("valid", "same"):
        keras.utils.set_random_seed(3)
        conv = keras.layers.Conv2D(16, 3, activation="relu")
        pool = keras.layers.MaxPooling2D(1, padding=padding)
        model = keras.Sequential([keras.Input((3, 3, 16)), conv, pool])
        with scratchnet.GradientTape() as tape:
            model(x)
        assert [r.op.name for r in tape.records if "conv" in r.op.name] == ["pooled_conv2d"]


SMALL = (9, 8, 16)
# What stands beside a Conv2D and a MaxPooling2D, on images of a shape, and whether they are joined.
PAIRS: list[tuple[dict[str, Any], dict[str, Any], tuple[int, ...], bool]] = [
    *(({"activation": name}, {}, SMALL, name in ("relu", "linear", None)) for name in
      ("relu", "linear", None, "tanh", "elu")),
    ({"use_bias": False}, {}, SMALL, False),
    ({"groups": 2}, {}, SMALL, False),
    ({"activity_regularizer": "l2"}, {}, SMALL, False),
    ({}, {"activity_regularizer": "l2"}, SMALL, False),
    ({"dtype": "float64"}, {}, SMALL, False),
    ({}, {"dtype": "float64"}, SMALL, False),
    ({"dilation_rate": 2}, {}, SMALL, True),
    ({"strides": (1, 2)}, {}, SMALL, True),
    ({}, {"strides": 1}, SMALL, False),
    ({}, {"strides": (2, 1)}, SMALL, False),
    ({}, {"pool_size": (2, 1), "strides": (2, 1)}, SMALL, True),
    ({}, {"padding": "same"}, (9, 8, 16), False),
    ({}, {"padding": "same"}, (10, 9, 16), True),
    ({}, {"padding": "same"}, (10, 8, 16), False),
    ({}, {}, (9, 8, 15), False),
    ({}, {}, (9, 8, 8), False),
    ({}, {}, (9, 8, 32), True),
    ({}, {"pool_size": 7}, (9, 8, 16), True),
    ({}, {"pool_size": (8, 7)}, (10, 8, 16), True),
]  # fmt: skip


@pytest.mark.parametrize(("conv", "pool", "shape", "joined"), PAIRS, ids=str)
def test_which_pairs_are_joined(
    conv: dict[str, Any], pool: dict[str, Any], shape: tuple[int, ...], joined: bool
) -> None:
    """Every condition by itself; and the numbers are those of the layers one by one."""
    x = np.random.default_rng(5).normal(size=(2, *shape)).astype("f")
    found = []
    for enable in (keras.config.enable_layer_joining, keras.config.disable_layer_joining):
        enable()
        keras.utils.set_random_seed(3)
        first = keras.layers.Conv2D(4, (3, 2), **{"activation": "relu", **conv})
        model = keras.Sequential([keras.Input(shape), first, keras.layers.MaxPooling2D(**pool)])
        with scratchnet.GradientTape() as tape:
            y = model(x)
        names = {record.op.name for record in tape.records}
        assert ("pooled_conv2d" in names) == (joined and not found)
        found.append(y.numpy())
    assert found[0].dtype == found[1].dtype
    np.testing.assert_allclose(*found, rtol=1e-5, atol=1e-5)


# What a BatchNormalization, or a sum, is followed by, and whether it is joined.
RELUS: list[tuple[Any, bool]] = [
    *((lambda k: k.ReLU(), True), (lambda k: k.Activation("relu"), True)),
    *((lambda k: k.ReLU(6.0), False), (lambda k: k.ReLU(threshold=0.5), False)),
    *((lambda k: k.ReLU(negative_slope=0.1), False), (lambda k: k.Activation("elu"), False)),
    (lambda k: k.ReLU(negative_slope=0.0, threshold=0), True),
]


@pytest.mark.parametrize("i", range(len(RELUS)))
def test_which_relus_are_joined(i: int) -> None:
    make, joined = RELUS[i]
    k, x = keras.layers, np.random.default_rng(5).normal(size=(4, 3)).astype("f")
    a, b = keras.Input((3,)), keras.Input((3,))
    models = [
        (keras.Sequential([keras.Input((3,)), k.BatchNormalization(), make(k)]), x),
        (keras.Model([a, b], make(k)(k.Add()([a, b]))), [x, x[::-1]]),
        (keras.Model([a, b], make(k)(a + b)), [x, x[::-1]]),
    ]
    for model, inputs in models:
        found = []
        for enable in (keras.config.enable_layer_joining, keras.config.disable_layer_joining):
            enable()
            with scratchnet.GradientTape() as tape:
                tape.watch(given := scratchnet.nest.map_structure(scratchnet.constant, inputs))
                found.append(model(given).numpy())
            names = [record.op.name for record in tape.records if record.op.name != "read_variable"]
            assert (len(names) == 1) == (joined and len(found) == 1), names
        np.testing.assert_allclose(*found, rtol=1e-6, atol=1e-6)
