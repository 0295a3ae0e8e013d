"""to_categorical and normalize against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.signatures import taken_alike


@pytest.mark.parametrize(
    "arguments",
    [
        *(([0, 2, 1],), (np.array([[0], [2]]), 4), ([-1, 0], 3), ([[0, 1], [1, 2]],), ([1.7],)),
        *((2, 3), (np.array([[[1], [0]]]),), ([[1]],), ([0],), (np.array([3]), 4), ([-3, 2], 3)),
        *(([], 3), (np.zeros((0, 1), int), 2), ([True, False],), ([2], 0), (np.ones((2, 1, 3)),)),
    ],
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


RNG = np.random.default_rng(5)

ARRAYS = [
    RNG.normal(size=(4, 3)),
    RNG.normal(size=(2, 5, 3)).astype("f"),
    RNG.integers(0, 255, (3, 4, 4)).astype("uint8"),
    np.zeros((2, 3)),
    RNG.normal(size=5),
    RNG.normal(size=(1, 4, 3)),
]


@pytest.mark.parametrize("x", ARRAYS, ids=lambda x: f"{x.dtype}{x.shape}")
@pytest.mark.parametrize("options", [{}, {"axis": 1}, {"order": 1}, {"order": np.inf}], ids=str)
def test_normalize_gives_keras_s_numbers(x: np.ndarray, options: dict[str, Any]) -> None:
    if x.ndim == 1 and "axis" in options:
        options = {}
    ours, expected = (tf.keras.utils.normalize(x, **options) for tf in (scratchnet, tensorflow))
    assert ours.dtype == expected.dtype
    np.testing.assert_array_equal(ours, expected)


def test_normalize_of_a_tensor_is_a_tensor() -> None:
    rows = [[1.0, 2.0], [0.0, 0.0], [-3.0, 4.0]]
    for options in ({}, {"order": 1}, {"axis": 0}):
        ours = scratchnet.keras.utils.normalize(scratchnet.constant(rows), **options)
        expected = tensorflow.keras.utils.normalize(tensorflow.constant(rows), **options)
        assert isinstance(ours, scratchnet.Tensor)
        np.testing.assert_allclose(ours.numpy(), expected.numpy(), rtol=3e-7)


def test_normalize_along_the_first_axis_makes_columns_of_length_1() -> None:
    x = scratchnet.keras.utils.normalize(ARRAYS[0], axis=0)
    np.testing.assert_allclose(np.linalg.norm(x, axis=0), 1, rtol=1e-14)
    with pytest.raises(ValueError, match="broadcast"):
        tensorflow.keras.utils.normalize(ARRAYS[0], axis=0)


def test_what_is_taken() -> None:
    taken_alike("utils", "normalize", "to_categorical")


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (
            ([3], 3),
            IndexError,
            "`x` must hold labels in [-3, 3): index 3 is out of bounds, received",
        ),
        (
            ([1, -4], 3),
            IndexError,
            "`x` must hold labels in [-3, 3): index -4 is out of bounds, re",
        ),
        (([],), ValueError, "`num_classes` must be given where `x` holds no labels, received num_"),
        (
            ([-1],),
            IndexError,
            "`x` must hold labels in [-0, 0): index -1 is out of bounds",
        ),
        (
            ([1], np.ones(2)),
            ValueError,
            "`num_classes` must be True or False, received ",
        ),
        (([1], -2), ValueError, "`num_classes` must not be negative, received num_classes=-2"),
        (([1], 2.5), TypeError, "`num_classes` must be an integer, received num_classes=2.5"),
        (([1], 2**60), ValueError, "`num_classes` must leave room in memory for rows of 1 labels"),
        (
            ([1, 1], 2**59),
            ValueError,
            "`num_classes` must leave room in memory for rows of 2 labels",
        ),
        (([2**63], 2), ValueError, "`x` must hold the numbers of classes, in rows of one length"),
        (
            (["a"], 2),
            ValueError,
            "`x` must hold the numbers of classes, in rows of one length, rec",
        ),
        (
            (None, 2),
            TypeError,
            "`x` must hold the numbers of classes, in rows of one length, recei",
        ),
        (
            (scratchnet.constant([1]),),
            ValueError,
            "`num_classes` must be given where `x` is a tensor, received None",
        ),
    ],
    ids=str,
)
def test_what_are_no_classes(arguments: Any, error: Any, text: str) -> None:
    with pytest.raises(error) as caught:
        scratchnet.keras.utils.to_categorical(*arguments)
    assert str(caught.value).startswith(f"to_categorical: {text}"), str(caught.value)


def test_tensors_of_labels() -> None:
    def program(tf: Any) -> list[Any]:
        f = tf.keras.utils.to_categorical
        kinds = ([1, 0], [[1], [2]], [[1, 2]], [[[0]]], 2, [1])
        return [f(tf.constant(labels), 3).numpy() for labels in kinds]

    close(program, 1)


def test_what_cannot_be_normalized() -> None:
    normalize, x = scratchnet.keras.utils.normalize, np.ones((2, 3))
    for axis in (2, -3):
        text = f"^normalize: `axis` must be an axis of `x`, of rank 2, received axis={axis}$"
        with pytest.raises(np.exceptions.AxisError, match=text):
            normalize(x, axis)
    for wrong, error in (({"order": "a"}, ValueError), ({"axis": "a"}, TypeError)):
        with pytest.raises(error, match=r"^normalize: `order` must be a number and `axis` an axis"):
            normalize(x, **wrong)
    found = normalize(scratchnet.constant([[1e-9, 0.0]]))
    np.testing.assert_allclose(found, [[0.01, 0.0]], rtol=1e-5)  # by ε at least


def test_floats_and_bools_are_labels_too() -> None:
    def program(tf: Any) -> list[Any]:
        f = tf.keras.utils.to_categorical
        kinds = ([1.0, 2.7, -0.5], [-1.0, 5.0], [True, False], [[1.0], [0.0]])
        return [f(tf.constant(labels), 3).numpy() for labels in kinds]

    close(program, 1)


NORMALIZED: list[tuple[Any, dict[str, Any]]] = [
    (3.0, {}),
    (-3.0, {"order": 1}),
    ([3.0, 4.0], {"axis": None}),
    ([[3.0, 4.0], [1.0, 2.0]], {"axis": (0, 1)}),
    ([[3.0, 4.0], [1.0, 2.0]], {"axis": [0]}),
    ([[3.0, 4.0], [1.0, -2.0]], {"axis": ()}),
    ([[3.0, 4.0], [1.0, -2.0]], {"axis": []}),
    ([[[3.0, 4.0], [0.0, 0.0]]], {"axis": (1, 2)}),
    ([[3.0, 4.0], [1.0, 2.0]], {"axis": [1], "order": 1}),
    ([[3.0, 4.0], [1.0, 2.0]], {"axis": None, "order": 1}),
    ([[3, 4], [1, 2]], {"order": 1}),
    ([[3, 4], [1, 2]], {"order": 3, "axis": 0}),
    ([[True, False]], {"order": 1}),
]


@pytest.mark.parametrize(("x", "options"), NORMALIZED, ids=str)
@pytest.mark.parametrize("kind", ["list", "tensor"])
def test_what_is_normalized_as_a_tensor(x: Any, options: dict[str, Any], kind: str) -> None:
    def program(tf: Any) -> Any:
        given = tf.constant(x) if kind == "tensor" else x
        return tf.keras.utils.normalize(given, **options).numpy()

    close(program, 2)


def test_gradients_of_normalized_rows() -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        for options in ({}, {"axis": 0}, {"axis": (0, 1)}, {"order": 1}):
            x = tf.constant([[3.0, 4.0], [1.0, -2.0]])
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.keras.utils.normalize(x, **options)
            g = tf.constant([[1.0, -2.0], [0.5, 3.0]])
            found.append(tape.gradient(y, x, output_gradients=g).numpy())
        return found

    close(program, 16)


def test_tensors_that_cannot_be_normalized() -> None:
    normalize, x = scratchnet.keras.utils.normalize, scratchnet.ones((2, 3))
    for given, options, error, text in (
        (x, {"axis": 2}, ValueError, r"`axis` must be in range \[-2, 2\), the axes of a tensor of"),
        (x, {"axis": "a"}, TypeError, "`axis` must be an integer, received axis='a'"),
        ("a", {}, TypeError, "`x`: convert_to_tensor: tensors of strings are not supported"),
        ([[1, 2]], {}, TypeError, "`x` must be floating .*, received dtype int32"),
    ):
        kind = scratchnet.errors.InvalidArgumentError if error is ValueError else error
        with pytest.raises(kind, match=f"^normalize: {text}"):
            normalize(given, **options)


@pytest.mark.parametrize("classes", [2.5, np.array([3.0]), "a", [3]], ids=str)
def test_a_number_of_classes_is_an_integer(classes: Any) -> None:
    for labels in ([1], scratchnet.constant([1])):
        with pytest.raises(TypeError, match=r"^to_categorical: `num_classes` must be an integer,"):
            scratchnet.keras.utils.to_categorical(labels, classes)
