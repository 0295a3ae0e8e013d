"""Masks in functional models: nodes of the graph, in files and summaries as Keras's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
