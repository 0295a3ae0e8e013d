"""Masks in functional models: nodes of the graph, in files and summaries as Keras's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import scratchnet
from scratchnet.keras import KerasTensor
from scratchnet.keras.layers.mask_operators import MASK_OPERATORS
from tests.support.keras_programs import close, prints_the_same, same
from tests.support.saved_models import crosses

IDS = np.array([[1, 2, 0, 0], [3, 1, 2, 0], [0, 0, 0, 0]], "int32")
ROWS = np.where(IDS[..., None] > 0, np.arange(3) + 1.5, 0).astype("f")


def text(tf: Any) -> Any:
    k = tf.keras.layers
    inputs = tf.keras.Input((4,), dtype="int32")
    x = k.Embedding(5, 3, mask_zero=True)(inputs)
    x = k.LSTM(2, return_sequences=True)(x)
    x = k.TimeDistributed(k.Dense(2, activation="tanh"))(k.Dropout(0.1)(x))
    return tf.keras.Model(inputs, k.Bidirectional(k.GRU(2))(x))


def merged(tf: Any) -> Any:
    k = tf.keras.layers
    inputs = tf.keras.Input((4, 3))
    x = k.Add()([k.Masking()(inputs), k.Masking(1.5)(inputs)])
    return tf.keras.Model(inputs, k.SimpleRNN(2)(x))


def chain(tf: Any) -> Any:
    k = tf.keras.layers
    parts = [k.Embedding(5, 3, mask_zero=True), k.GRU(3, return_sequences=True, reset_after=False)]
    parts += [k.LSTM(2, go_backwards=True), k.Dense(1)]
    return tf.keras.Sequential([tf.keras.Input((None,), dtype="int32"), *parts])


def nested(tf: Any) -> Any:
    """The mask is made in an inner model."""
    k = tf.keras.layers
    inner = tf.keras.Sequential(
        [tf.keras.Input((4,), dtype="int32"), k.Embedding(5, 3, mask_zero=True)]
    )
    inputs = tf.keras.Input((4,), dtype="int32")
    return tf.keras.Model(inputs, k.LSTM(2)(inner(inputs)))


def decoder(tf: Any) -> Any:
    k = tf.keras.layers
    first, second = tf.keras.Input((4,), dtype="int32"), tf.keras.Input((4, 3))
    _, h, c = k.LSTM(2, return_state=True)(k.Embedding(5, 3, mask_zero=True)(first))
    y = k.LSTM(2, return_sequences=True)(second, initial_state=[h, c])
    return tf.keras.Model([first, second], k.Dense(2)(y))


def stacked(tf: Any) -> Any:
    k = tf.keras.layers
    cells = [k.LSTMCell(2), k.GRUCell(3), k.SimpleRNNCell(2)]
    layer = k.RNN(cells, return_sequences=True)
    return tf.keras.Sequential([tf.keras.Input((4, 3)), k.Masking(), layer])


def concatenated(tf: Any) -> Any:
    """An input of MultiHeadAttention, which forgets its mask there, used again."""
    k = tf.keras.layers
    first, second = tf.keras.Input((4,), dtype="int32"), tf.keras.Input((4, 3))
    x = k.Embedding(5, 3, mask_zero=True)(first)
    both = k.Concatenate()([x, k.MultiHeadAttention(2, 3)(x, x)])
    rows = k.Concatenate(axis=1)([k.Dense(3)(x), x, second])
    pooled = k.GlobalAveragePooling1D()(k.Concatenate()([second, x * 2.0, x]))
    return tf.keras.Model([first, second], [k.LSTM(2)(both), k.GRU(2)(rows), pooled])


MODELS: dict[str, tuple[Any, Any]] = {
    "text": (text, IDS),
    "merged": (merged, ROWS),
    "chain": (chain, IDS),
    "nested": (nested, IDS),
    "concatenated": (concatenated, [IDS, ROWS]),
    "decoder": (decoder, [IDS, ROWS]),
    "stacked": (stacked, ROWS),
}


@pytest.mark.parametrize("name", MODELS)
def test_files_cross(name: str, tmp_path: Path) -> None:
    make, x = MODELS[name]
    crosses(make, x, tmp_path, 200)


@pytest.mark.parametrize("name", MODELS)
def test_predictions_and_names(name: str) -> None:
    make, x = MODELS[name]
    close(lambda tf: [y.numpy() for y in tf.nest.flatten(make(tf)(x))], 90)
    same(lambda tf: [[layer.name for layer in make(tf).layers], make(tf).output_shape])


@pytest.mark.parametrize("name", ["text", "merged", "chain"])
def test_summaries(name: str) -> None:
    prints_the_same(lambda tf: MODELS[name][0](tf).summary())


MASK, OTHER = np.array([[1, 1, 0], [0, 1, 0]], bool), np.array([[1, 0, 0], [1, 1, 0]], bool)
_FIRST = np.random.default_rng(0).normal(size=(2, 3, 2)).astype("f")
VALUES = (_FIRST, _FIRST[::-1] * 2 + 0.5, _FIRST[:, ::-1] - 1)
MASKED: list[tuple[Any, ...]] = [
    *((None, None), (MASK, None), (None, OTHER), (MASK, OTHER)),
    *((MASK, OTHER, MASK), (MASK, None, OTHER), (None, None, MASK)),
]
MERGING: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")),
    *(("Concatenate", {"axis": axis}) for axis in (-1, 0, 1, 2)),
]


@pytest.mark.parametrize(("name", "options"), MERGING, ids=str)
def test_merging_what_is_masked(name: str, options: dict[str, Any]) -> None:
    """What the masks leave out of the values, and the mask of the result."""

    def program(tf: Any) -> list[Any]:
        class Masked(tf.keras.layers.Layer):  # type: ignore[misc, unused-ignore]
            def __init__(self, mask: Any) -> None:
                super().__init__()
                self.mask = mask

            def call(self, x: Any) -> Any:
                return x + 0.0

            def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
                return None if self.mask is None else tf.constant(self.mask)

        found: list[Any] = []
        for masks in MASKED:
            if name == "Subtract" and len(masks) > 2:
                continue
            pairs = zip(masks, VALUES, strict=False)
            inputs = [Masked(mask)(tf.constant(x)) for mask, x in pairs]
            try:
                y = getattr(tf.keras.layers, name)(**options)(inputs)
            except Exception:
                found.append("refused")
                continue
            mask = getattr(y, "_keras_mask", None)
            found += [y.numpy(), "no mask" if mask is None else mask.numpy()]
        return found

    close(program, 30)


@pytest.mark.parametrize("axis", [None, 0, 1, 2, -1, -3])
@pytest.mark.parametrize("keepdims", [False, True])
def test_any_along_every_axis(axis: Any, keepdims: bool) -> None:
    """Of a KerasTensor it says what it returns for a tensor."""
    operation = MASK_OPERATORS["Any"](axis=axis, keepdims=keepdims)
    x = np.zeros((2, 3, 4), "f")
    x[1, 2, 0] = -2
    symbol = operation.compute_output_spec(KerasTensor(x.shape))
    theirs = np.asarray(keras.ops.any(x, axis, keepdims))
    ours = operation(scratchnet.constant(x)).numpy()
    assert (symbol.shape, symbol.dtype) == (theirs.shape, "bool")
    assert ours.dtype == bool
    np.testing.assert_array_equal(ours, theirs)
    config = operation.get_config()
    assert {k: config[k] for k in ("axis", "keepdims")} == {"axis": axis, "keepdims": keepdims}


def test_operations_that_files_name() -> None:
    """Each makes of a KerasTensor what it makes of a tensor, and is made again by its config."""
    x = np.array([[0.0, 2.0, -1.0]], "f")
    cases: list[tuple[str, dict[str, Any], tuple[Any, ...], Any]] = [
        ("NotEqual", {}, (x, 2.0), x != 2),
        ("LogicalOr", {}, (x, np.array([[True, False, False]])), [[True, True, True]]),
        ("ExpandDims", {"axis": 1}, (x,), x[:, None]),
        ("ZerosLike", {"dtype": "bool"}, (x,), np.zeros((1, 3), bool)),
        ("ZerosLike", {}, (x,), np.zeros((1, 3), "f")),
        ("OnesLike", {"dtype": "int32"}, (x,), np.ones((1, 3), "int32")),
        ("Concatenate", {"axis": 1}, ([x, x],), np.concatenate([x, x], 1)),
        ("Concatenate", {}, ([x, x],), np.concatenate([x, x])),
    ]
    for name, options, arguments, expected in cases:
        made = MASK_OPERATORS[name](**options)
        for operation in (made, MASK_OPERATORS[name].from_config(made.get_config())):
            tensors = scratchnet.nest.map_structure(scratchnet.constant, arguments)
            y = operation(*tensors).numpy()
            np.testing.assert_array_equal(y, expected)
            symbols = scratchnet.nest.map_structure(
                lambda t: KerasTensor(t.shape, t.dtype.name) if t.shape.rank else t, tensors
            )
            z = operation(*symbols)
            assert (tuple(z.shape), z.dtype) == (y.shape, y.dtype.name), name
