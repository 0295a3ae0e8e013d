"""Dropout over several replicas: the masks of one machine, shared out.

Every replica has the same seeds, so each of them can draw the mask of the whole batch; it keeps the
rows that are its own.  That makes the losses of many replicas those of one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf


class Place(threading.local):
    """Where the part of the batch that a replica computes lies in it.

    TensorFlow traces replicas in threads that take turns, so that each has its own.
    """

    begin: Any = 0
    size: Any = 0  # of the whole batch


def share_dropout(model: Any, place: Place) -> None:
    """Let all Dropout layers of `model` draw for the whole batch and use what `place` says."""
    for layer in layers_of(model):
        if type(layer) is tf.keras.layers.Dropout:
            layer.call = _call_of(layer, place)


def layers_of(model: Any) -> Iterator[Any]:
    """The layers of a model, and those of the models in it."""
    for layer in getattr(model, "layers", ()):
        yield layer
        yield from layers_of(layer)


def _call_of(layer: Any, place: Place) -> Callable[..., Any]:
    def call(inputs: Any, training: bool = False) -> Any:
        if not training or layer.rate == 0:
            return inputs
        rest = tf.shape(inputs)[1:]
        whole = tf.ones(tf.concat([[tf.cast(place.size, tf.int32)], rest], 0), inputs.dtype)
        mask = tf.keras.random.dropout(
            whole, layer.rate, noise_shape=layer.noise_shape, seed=layer.seed_generator
        )
        return inputs * mask[place.begin : place.begin + tf.shape(inputs, tf.int64)[0]]

    return call
