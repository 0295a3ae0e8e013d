"""Functional models of two inputs and two outputs."""

from __future__ import annotations

from typing import Any


def shared(tf: Any) -> Any:
    k = tf.keras.layers
    a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((3,), name="b")
    both = k.Dense(4, name="both")
    h = k.Concatenate()([both(a), both(b)])
    return tf.keras.Model([a, b], [k.Dense(1, name="p")(h), k.Dense(2, name="q")(both(b))])


def dicts(tf: Any) -> Any:
    k = tf.keras.layers
    a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((3,), name="b")
    ends = {"sum": k.Add()([a, b]), "product": k.Dense(2)(k.Multiply()([a, b]))}
    return tf.keras.Model({"b": b, "a": a}, ends)
