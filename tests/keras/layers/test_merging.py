"""Layers of several inputs against Keras's: Add, Multiply, Subtract, …, Concatenate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, prints_the_same, same
from tests.support.layer_programs import computes_alike, configured_alike, shapes_alike


def arrays(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    return [rng.normal(size=shape) for shape in shapes]


ELEMENTWISE = ["Add", "Multiply", "Subtract", "Average", "Maximum", "Minimum"]

# Shapes that they take.
BROADCAST: dict[str, list[tuple[int, ...]]] = {
    "two": [(3, 5), (3, 5)],
    "four": [(1, 5), (1, 5), (1, 5), (1, 5)],
    "one": [(3, 5)],
    "columns": [(3, 5), (3, 1)],
    "both ways": [(2, 1, 3), (2, 5, 1)],
    "images and channels": [(2, 4, 5, 3), (2, 3)],
    "channels and images": [(2, 3), (2, 4, 5, 3)],
    "three ranks": [(2, 3), (2,), (2, 5, 3)],
    "vectors": [(4,), (4,)],
    "scalars": [(), ()],
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "case"),
    [
        (name, case)
        for name in ELEMENTWISE
        for case in BROADCAST
        if name != "Subtract" or len(BROADCAST[case]) == 2
    ],
)
def test_elementwise(name: str, case: str, dtype: str) -> None:
    computes_alike(lambda k, **a: getattr(k, name)(**a), arrays(*BROADCAST[case]), dtype, 60)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("axis", "shapes"),
    [
        (-1, [(3, 5), (3, 2)]),
        (1, [(2, 3, 4), (2, 5, 4), (2, 1, 4)]),
        (-3, [(1, 2, 3, 4), (1, 7, 3, 4)]),
        (0, [(3, 5), (1, 5)]),
        (0, [(3,), (2,)]),
        (-1, [(3, 5)]),
        (3, [(1, 1, 1, 2), (1, 1, 1, 1)]),
    ],
)
def test_concatenate(axis: int, shapes: list[tuple[int, ...]], dtype: str) -> None:
    computes_alike(lambda k, **a: k.Concatenate(axis, **a), arrays(*shapes), dtype, 2)


@pytest.mark.parametrize("case", [c for c in BROADCAST if c != "scalars"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_shape(name: str, case: str) -> None:
    shapes = BROADCAST[case]
    for known in (shapes, [(None, *shape[1:]) for shape in shapes]):
        shapes_alike(lambda k: getattr(k, name)(), known)


@pytest.mark.parametrize(
    "shapes",
    [
        [(None, None, 3), (4, 3)],
        [(None, 1, 3), (4, 5, 1)],
        [(None, 1), (None, None)],
        [(3, 2), (4, 2)],
        [[None, 3], [None, 3]],
    ],
    ids=str,
)
def test_unknown_sizes(shapes: Any) -> None:
    shapes_alike(lambda k: k.Add(), shapes)


@pytest.mark.parametrize(
    ("axis", "shapes"),
    [
        (-1, [(None, 3), (None, 4)]),
        (1, [(None, None, 3), (None, 5, 3)]),
        (1, [(None, 2, 3), (None, 5, 3), (None, 1, 3)]),
        (0, [(None, 3), (4, 3)]),
        (-1, [(2, 3), (None, 4)]),
        (2, [(None, None, 3), (None, 5, 4)]),
    ],
)
def test_concatenate_shape(axis: int, shapes: Any) -> None:
    shapes_alike(lambda k: k.Concatenate(axis), shapes)


def test_config() -> None:
    configured_alike(lambda k: k.Add())
    for name in ("Subtract", "Average", "Maximum", "Minimum"):
        configured_alike(lambda k, name=name: getattr(k, name)(name="n"))
    configured_alike(lambda k: k.Multiply(name="times", trainable=False, dtype="float64"))
    configured_alike(lambda k: k.Concatenate())
    configured_alike(lambda k: k.Concatenate(1, name="joined"))


@pytest.mark.parametrize("name", [*ELEMENTWISE, "Concatenate"])
def test_built(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        layer = getattr(tf.keras.layers, name)()
        before = layer.built
        layer(tuple(np.ones((2, 3), "f") for _ in range(2)))
        other = getattr(tf.keras.layers, name)()
        other.build([(None, 3), (None, 3)])
        found = [before, layer.built, layer.name, repr(layer), layer.weights]
        return [*found, other.built, other.get_build_config()]

    same(program)


def test_functions() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        x = [np.full((2, 3), 2.0, "f"), np.full((2, 3), 5.0, "f")]
        found = [k.add(x), k.multiply(x, name="times"), k.concatenate(x), k.concatenate(x, 0)]
        found += [k.subtract(x), k.average(x, name="mean"), k.maximum(x), k.minimum([*x, -x[0]])]
        return [y.numpy() for y in found]

    close(program, 1)


# -- dtypes ---------------------------------------------------------------------------------------

KINDS = ["uint8", "int8", "int32", "int64", "float32", "float64"]


@pytest.mark.parametrize("name", [*ELEMENTWISE, "Concatenate"])
def test_dtypes(name: str) -> None:
    """Floating inputs take the dtype of the layer, integers that which holds both."""

    def program(tf: Any) -> list[Any]:
        found = []
        for first in KINDS:
            for second in KINDS:
                x = [np.array([[100, 3]], first), np.array([[100, 2]], second)]
                found.append(getattr(tf.keras.layers, name)()(x).numpy())
        return found

    close(program, 1)


def test_truth_values() -> None:
    def program(tf: Any) -> list[Any]:
        k, yes = tf.keras.layers, np.array([[True, False]])
        numbers = np.array([[3.0, 4.0]], "f")
        found = [k.Add()([yes, numbers]), k.Concatenate()([yes, yes]), k.Multiply()([numbers, yes])]
        return [y.numpy() for y in found]

    close(program, 1)


# -- in a model -----------------------------------------------------------------------------------


def residual(keras: Any) -> Any:
    """Two inputs, a skip connection, a gate."""
    k = keras.layers
    image, code = keras.Input((6, 5, 2), name="image"), keras.Input((4,), name="code")
    x = k.Conv2D(4, 3, padding="same", activation="relu")(image)
    x = k.add([x, k.Conv2D(4, 1)(image)])
    x = k.Multiply()([x, k.Dense(4, activation="sigmoid")(code)])
    x = k.Concatenate()([x, image])
    x = k.GlobalAveragePooling2D()(x)
    return keras.Model([image, code], k.Dense(3)(k.concatenate([x, code], axis=1)))


def test_summary_of_a_functional_model() -> None:
    prints_the_same(lambda tf: residual(tf.keras).summary())


def test_training_a_functional_model() -> None:
    rng = np.random.default_rng(0)
    image, code = rng.normal(size=(7, 6, 5, 2)).astype("f"), rng.normal(size=(7, 4)).astype("f")
    y = rng.normal(size=(7, 3)).astype("f")

    def program(tf: Any) -> list[Any]:
        model = residual(tf.keras)
        model.compile(tf.keras.optimizers.SGD(0.1), loss="mse")
        history = model.fit([image, code], y, batch_size=3, epochs=2, verbose=0, shuffle=False)
        return [history.history["loss"], model.get_weights(), model([image, code]).numpy()]

    close(program, 500)


def test_what_a_call_on_inputs_returns() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        a, b = tf.keras.Input((3, None)), tf.keras.Input((4, 3))
        joined, added = k.Concatenate(1)([a, b]), k.Add()([a, tf.keras.Input((None, 1))])
        return [(y.shape, y.dtype) for y in (joined, added, k.add([a]))]

    same(program)


# -- complaints -----------------------------------------------------------------------------------


def zeros(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    return [np.zeros(shape, "f") for shape in shapes]


# name -> (program on the layers and a class of them, what both texts say)
BOTH: dict[str, tuple[Any, str]] = {
    "one tensor": (
        lambda c, tf: c()(np.zeros((2, 3), "f")),
        "should be called on a list of inputs",
    ),
    "a shape": (lambda c, tf: c().build((None, 3)), "input_shape=(None, 3)"),
    "one symbol": (lambda c, tf: c()(tf.keras.Input((3,))), "input_shape=(None, 3)"),
    "columns": (
        lambda c, tf: c()(zeros((2, 3), (2, 4))),
        "Inputs have incompatible shapes. Received shapes (3,) and (4,)",
    ),
    "columns of symbols": (
        lambda c, tf: c()([tf.keras.Input((3,)), tf.keras.Input((4,))]),
        "Inputs have incompatible shapes. Received shapes (3,) and (4,)",
    ),
    "columns of shapes": (
        lambda c, tf: c().compute_output_shape([(None, 2), (4, 5)]),
        "Inputs have incompatible shapes. Received shapes (2,) and (5,)",
    ),
    "batches": (
        lambda c, tf: c()(zeros((2, 3), (3, 3))),
        "Cannot merge tensors with different batch sizes",
    ),
    "batch of one": (
        lambda c, tf: c()(zeros((2, 3), (1, 3))),
        "Cannot merge tensors with different batch sizes",
    ),
    "one tensor later": (
        lambda c, tf: [(layer := c())(zeros((2, 3))), layer(zeros((2, 3))[0])],
        "should be called on a list of inputs",
    ),
    "None later": (
        lambda c, tf: [(layer := c())(zeros((2, 3))), layer([np.zeros((2, 3), "f"), None])],
        "None",
    ),
    "numbers": (lambda c, tf: c()([1.0, 2.0]), "positional argument"),
    "None": (lambda c, tf: c()([np.zeros((2, 3), "f"), None]), "None"),
    "axis": (lambda c, tf: c(axis=1), "{'axis': 1}"),
}


@pytest.mark.parametrize(
    ("name", "case"),
    [
        (name, case)
        for name in ELEMENTWISE
        for case in BOTH
        if name != "Subtract" or not case.endswith(" later")  # those begin with one input
    ],
)
def test_complaint(name: str, case: str) -> None:
    program, shared = BOTH[case]
    complain_alike(lambda tf: program(getattr(tf.keras.layers, name), tf), shared)


SUBTRACT: dict[str, tuple[Any, str]] = {
    "one": (lambda c, tf: c()(zeros((2, 3))), "exactly 2 inputs"),
    "three": (lambda c, tf: c()(zeros((2, 3), (2, 3), (2, 3))), "exactly 2 inputs"),
    "symbols": (lambda c, tf: c()([tf.keras.Input((3,))] * 3), "exactly 2 inputs"),
    "later": (
        lambda c, tf: [(layer := c())(zeros((2, 3), (2, 3))), layer(zeros((2, 3)))],
        "exactly 2 inputs",
    ),
}


@pytest.mark.parametrize("case", SUBTRACT)
def test_complaint_of_subtract(case: str) -> None:
    program, shared = SUBTRACT[case]
    complain_alike(lambda tf: program(tf.keras.layers.Subtract, tf), shared)


@pytest.mark.parametrize("name", ["Maximum", "Minimum"])
def test_the_gradient_where_inputs_are_equal(name: str) -> None:
    computes_alike(
        lambda k, **a: getattr(k, name)(**a), [np.array([[1.0, 2.0, 3.0]])] * 3, "float32", 2
    )


JOINED: dict[str, tuple[Any, str]] = {
    "one tensor later": (
        lambda c, tf: [(layer := c())(zeros((2, 3))), layer(zeros((2, 3))[0])],
        "should be called on a list of inputs",
    ),
    "one tensor": (lambda c, tf: c()(np.zeros((2, 3), "f")), "input_shape=(2, 3)"),
    "a shape": (lambda c, tf: c().compute_output_shape((None, 3)), "on a list of inputs"),
    "batches": (
        lambda c, tf: c()(zeros((2, 3), (3, 4))),
        "requires inputs with matching shapes except for the concatenation axis",
    ),
    "rows": (
        lambda c, tf: c()(zeros((2, 1, 4), (2, 5, 4))),
        "requires inputs with matching shapes except for the concatenation axis",
    ),
    "ranks": (
        lambda c, tf: c(1)(zeros((2, 3), (2, 3, 4))),
        "requires inputs with matching shapes except for the concatenation axis",
    ),
    "symbols": (
        lambda c, tf: c(1)([tf.keras.Input((3, 2)), tf.keras.Input((4, 3))]),
        "[(None, 3, 2), (None, 4, 3)]",
    ),
    "axis 5": (lambda c, tf: c(5)(zeros((2, 3), (2, 3))), "in the range [-2, 2)"),
    "axis None": (lambda c, tf: c(None)(zeros((2, 3), (2, 3))), "None"),
    "axis 1.0": (lambda c, tf: c(1.0)(zeros((2, 3), (2, 3))), "integer"),
}


@pytest.mark.parametrize("case", JOINED)
def test_complaint_of_concatenate(case: str) -> None:
    program, shared = JOINED[case]
    complain_alike(lambda tf: program(tf.keras.layers.Concatenate, tf), shared)


@pytest.mark.parametrize("name", [*ELEMENTWISE, "Concatenate"])
def test_no_inputs_at_all(name: str) -> None:
    """Keras stumbles over its own None there."""
    with pytest.raises(ValueError, match="of at least 1 input"):
        getattr(scratchnet.keras.layers, name)()([])


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_built_layer_on_other_shapes(name: str) -> None:
    """The shapes are checked once; afterwards the op refuses what does not broadcast."""
    for tf in (tensorflow, scratchnet):
        layer = getattr(tf.keras.layers, name)()
        layer(zeros((2, 3), (2, 3)))
        assert tuple(layer(zeros((4, 3), (4, 3))).shape) == (4, 3)
        assert tuple(layer(zeros((2, 3, 4), (3, 4))).shape) == (2, 3, 4)
        with pytest.raises(tf.errors.InvalidArgumentError, match="Incompatible shapes"):
            layer(zeros((2, 3), (2, 4)))


@pytest.mark.parametrize("name", ["Add", "Concatenate"])
def test_masks_by_hand(name: str) -> None:
    x, mask = np.ones((2, 3)), np.ones((2, 3), bool)
    for tf in (tensorflow, scratchnet):
        layer = getattr(tf.keras.layers, name)()
        for inputs, masks, said in (
            ([x, x], mask, "`mask` should be a list"),
            (x, [None, None], "`inputs` should be a list"),
            ([x, x], [None], "should have the same length"),
        ):
            with pytest.raises(ValueError, match=said):
                layer.compute_mask(inputs, masks)
    add = scratchnet.keras.layers.Add()
    found = add.compute_mask([x, x], [scratchnet.constant([0.0, 2.0]), scratchnet.zeros(2)])
    assert found.numpy().tolist() == [False, True]


# Shapes that fit together, and shapes that do not.
GROUPS: list[list[tuple[int | None, ...]]] = [
    *([(None, 3), (None, 3)], [(None, 3), (None, 1)], [(2, 3), (4, 3)], [(None, 3), (2, 3)]),
    *([(None, 4, 3), (None, 3)], [(None, 3), (None, 4)], [(None, None), (None, 3)]),
    *([(None, 3)] * 3, [(None, 3)], [(None, 1, 3), (None, 4, 1)], [(2, 3, 4), (2, 4, 3)]),
    *([(None, 3, 4), (None, 4, 3)], [(3,), (3,)], [(2, 2, 3), (3, 2, 3)], [(1, 3), (2, 3)]),
    *([(None, 4, 3), (None, 4, 3), (None, 4, 1)], [(None, 4, None), (None, 4, 3)]),
]
ALL: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in ELEMENTWISE),
    *(("Concatenate", {"axis": axis}) for axis in (-1, 1, 0, -2, 2, 3, -4)),
    *(("Dot", {"axes": axes}) for axes in (1, -1, 2, (1, 2), (2, 1), (-1, -2), 3, (1, -1))),
]


@pytest.mark.parametrize(("name", "options"), ALL, ids=str)
def test_every_pair_of_shapes(name: str, options: dict[str, Any]) -> None:
    """Both return the same shape, or refuse; but for what only Keras lets pass."""

    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for shapes in GROUPS:
            layer = getattr(tf.keras.layers, name)(**options)
            try:
                shape = layer([tf.keras.Input(batch_shape=shape) for shape in shapes]).shape
                found.append((tuple(shape), tuple(layer.compute_output_shape(shapes))))
            except Exception:
                found.append("refused")
            batches = {shape[0] for shape in shapes} - {None}
            if name == "Dot" and len(batches) > 1:
                found[-1] = "inputs of several batch sizes"
            if name == "Dot" and options["axes"] == (-1, -2) and len(shapes[-1]) == 2:
                found[-1] = "the batch axis of the second"
            if name == "Concatenate" and len(shapes) == 1 and options["axis"] in (2, 3, -4):
                found[-1] = "an axis that one input lacks"
        return found

    same(program)


REFUSED: list[tuple[Any, str]] = [
    (
        lambda k: k.Add()(zeros((2, 3), (4, 3))),
        "Add: Cannot merge tensors with different batch sizes, received shapes [(2, 3), (4, 3)]",
    ),
    (
        lambda k: k.Average().compute_output_shape([(None, 2, 3), (None, 4, 3)]),
        "Average: Inputs have incompatible shapes. Received shapes (2, 3) and (4, 3) after the "
        "batch axis",
    ),
    (
        lambda k: k.Concatenate(1)(zeros((2, 3, 4), (2, 3, 5))),
        "Concatenate: the layer requires inputs with matching shapes except for the concatenation "
        "axis, received axis=1 and shapes [(2, 3, 4), (2, 3, 5)]",
    ),
    (
        lambda k: k.Concatenate(2)(zeros((2, 3))),
        "Concatenate: `axis` must be one of the axes of the inputs, in the range [-2, 2), received "
        "axis=2",
    ),
    (
        lambda k: k.Concatenate(-3)(zeros((2, 3))),
        "Concatenate: `axis` must be one of the axes of the inputs, in the range [-2, 2), received "
        "axis=-3",
    ),
    (
        lambda k: k.Dot(1)(zeros((2, 3), (4, 3))),
        "Dot: inputs with different batch sizes, received shapes (2, 3) and (4, 3)",
    ),
    (
        lambda k: k.Dot((1, 2))(zeros((2, 3, 4), (2, 5, 6))),
        "Dot: Incompatible input shapes: axis values 3 (at axis 1) != 6 (at axis 2). Full input "
        "shapes: (2, 3, 4), (2, 5, 6)",
    ),
    (lambda k: k.Dot(0)(zeros((2, 3), (2, 3))), "`axes` cannot be axis 0, the batch, received"),
    (
        lambda k: k.Dot(1, normalize=np.ones(2))(zeros((2, 3), (2, 3))),
        "Dot: `normalize` must be True or False, received",
    ),
    (lambda k: k.Dot(-2)(zeros((2, 3), (2, 3))), "`axes` cannot be axis 0, the batch, received"),
    (lambda k: k.Dot((1, 0))(zeros((2, 3), (3, 3))), "`axes` cannot be axis 0, the batch"),
    (lambda k: k.Dot((1, 2))(zeros((2, 3), (2, 3))), "in the range [-2, 2), received axes=(1, 2)"),
    (lambda k: k.Dot((-3, 1))(zeros((2, 3), (2, 3))), "in the range [-2, 2), received axes=(-3,"),
    (lambda k: k.Dot(1)(zeros((2, 3), (2,))), "inputs with rank < 2 have no axis but the batch"),
    (
        lambda k: k.Add().compute_mask(zeros((2, 3)), [True, True]),
        "Add: `inputs` and `mask` should have the same length, received 1 inputs and 2 masks",
    ),
    (lambda k: k.Add().compute_mask([1], 3), "Add: `mask` should be a list, received mask=3"),
    (lambda k: k.Concatenate().compute_mask(3, [1]), "`inputs` should be a list, received inputs="),
]


@pytest.mark.parametrize("i", range(len(REFUSED)))
def test_what_is_said(i: int) -> None:
    program, text = REFUSED[i]
    with pytest.raises((ValueError, scratchnet.errors.InvalidArgumentError)) as caught:
        program(scratchnet.keras.layers)
    assert text in str(caught.value)


def test_an_axis_is_any_integer() -> None:
    layer = scratchnet.keras.layers.Concatenate(np.int64(1))
    assert (type(layer.axis), layer.axis) == (int, 1)
    assert scratchnet.keras.layers.Dot(True).axes is True
