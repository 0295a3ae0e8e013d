"""Dot against Keras's: values, gradients, shapes, dtypes, configurations, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_programs import configured_alike, outcome, shapes_alike


def zeros(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    return [np.zeros(shape, "f") for shape in shapes]


CASES: list[tuple[Any, list[tuple[int, ...]]]] = [
    (1, [(3, 5), (3, 5)]),
    (-1, [(3, 5), (3, 5)]),
    ((1, 2), [(2, 3, 5), (2, 4, 3)]),
    ([2, 1], [(2, 3, 5), (2, 5, 4)]),
    (-1, [(2, 3, 5), (2, 4, 5)]),
    (1, [(2, 3), (2, 3, 4)]),
    ((-2, -1), [(2, 3, 4), (2, 3)]),
    ((1, 3), [(2, 4, 3, 5), (2, 3, 2, 4)]),
    ((2, 1), [(2, 4, 3, 5), (2, 3)]),
    (2, [(1, 1, 7), (1, 2, 7)]),
    (-5, [(2, 3), (2, 3)]),  # Keras takes it modulo the rank
]


@pytest.mark.parametrize("normalize", [False, True])
def test_layer(normalize: bool) -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        for dtype in ("float32", "float64"):
            for axes, shapes in CASES:
                rng = np.random.default_rng(7)
                x = [rng.normal(size=shape) for shape in shapes]
                found += outcome(tf, lambda k, a=axes, **o: k.Dot(a, normalize, **o), x, dtype)
        return found

    close(program, 60)


def test_zeros_have_no_direction() -> None:
    x = [np.array([[0.0, 0.0], [3.0, 4.0]])] * 2
    close(lambda tf: outcome(tf, lambda k, **a: k.Dot(1, True, **a), x)[0], 4)


def test_shapes_and_configurations() -> None:
    for axes, shapes in CASES:
        for known in (shapes, [(None, *shape[1:]) for shape in shapes]):
            shapes_alike(lambda k, a=axes: k.Dot(a), known)
    configured_alike(lambda k: k.Dot((1, 2)))
    configured_alike(lambda k: k.Dot(axes=-1, normalize=True, name="cosine"))


def test_dtypes() -> None:
    kinds = ["uint8", "int8", "int32", "int64", "float32", "float64"]

    def program(tf: Any) -> list[Any]:
        pairs = [[np.array([[100, 3]], kind) for kind in (a, b)] for a in kinds for b in kinds]
        return [tf.keras.layers.dot(pair).numpy() for pair in pairs]

    close(program, 1)


def test_in_a_model() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        users, films = tf.keras.Input((4,), name="users"), tf.keras.Input((4,), name="films")
        y = k.Dot(axes=1, normalize=True)([k.Dense(3)(users), k.Dense(3)(films)])
        model = tf.keras.Model([users, films], y)
        model.compile(tf.keras.optimizers.SGD(0.1), "mse")
        rng = np.random.default_rng(0)
        x = [rng.normal(size=(6, 4)).astype("f") for _ in range(2)]
        history = model.fit(x, np.ones((6, 1), "f"), 3, 2, shuffle=False, verbose=0)
        embedded = k.Embedding(5, 3, mask_zero=True)(tf.constant([[1, 2, 0]]))
        masked = k.Dot(-1)([embedded, embedded])
        found = [history.history["loss"], model.get_weights(), model(x).numpy(), masked.numpy()]
        return [*found, y.shape[-1], str(getattr(masked, "_keras_mask", None))]

    close(program, 500)


def test_on_symbols() -> None:
    def program(tf: Any) -> list[Any]:
        a, b = tf.keras.Input((None, 3)), tf.keras.Input((4, 3))
        y = tf.keras.layers.dot([a, b], axes=-1)
        return [y.shape, y.dtype, tf.keras.layers.Dot((2, 2)).compute_output_shape([a.shape] * 2)]

    same(program)


COMPLAINTS: dict[str, tuple[Any, str]] = {
    "text": (lambda c, tf: c("1"), "a list or an int"),
    "three axes": (lambda c, tf: c((1, 2, 3)), "two elements"),
    "fractions": (lambda c, tf: c((1, 1.5)), "list elements should be integers"),
    "sizes": (lambda c, tf: c(1)(zeros((2, 3), (2, 4))), "axis values 3 (at axis 1) != 4"),
    "symbols": (
        lambda c, tf: c(1)([tf.keras.Input((3,)), tf.keras.Input((4,))]),
        "axis values 3 (at axis 1) != 4",
    ),
    "one": (lambda c, tf: c(1)(zeros((2, 3))), "inputs"),
    "three": (lambda c, tf: c(1)(zeros((2, 3), (2, 3), (2, 3))), "2 inputs"),
    "a tensor": (lambda c, tf: c(1)(np.zeros((2, 3), "f")), "list of"),
    "the batch": (lambda c, tf: c(0)(zeros((2, 3), (2, 3))), "axis 0"),
    "batches": (lambda c, tf: c(1)(zeros((2, 3), (4, 3))), "different batch sizes"),
    "vectors": (lambda c, tf: c(-1)(zeros((2,), (2,))), "rank < 2"),
}


@pytest.mark.parametrize("case", COMPLAINTS)
def test_complaint(case: str) -> None:
    program, shared = COMPLAINTS[case]
    complain_alike(lambda tf: program(tf.keras.layers.Dot, tf), shared)


def test_an_axis_beyond() -> None:
    """Keras has an IndexError there."""
    for axes in (2, (1, -3)):
        with pytest.raises(scratchnet.errors.InvalidArgumentError, match=r"Dot: `axes` must be"):
            scratchnet.keras.layers.Dot(axes)(zeros((2, 3), (2, 3)))
