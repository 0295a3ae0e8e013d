"""Training steps of recurrent layers."""

from __future__ import annotations

from typing import Any

from benchmarks.case import Library, Work
from benchmarks.programs.draws import Array, normal
from benchmarks.programs.training import first_step


def flops(layer: str, units: int, length: int, batch: int, inputs: int) -> float:
    """Of a training step, counted from its shapes: the products with both kernels, three times.

    The way forward, and as much for each gradient; but for that of the inputs, which nobody needs.
    """
    gates = {"LSTM": 4, "GRU": 3}[layer]
    return 2.0 * batch * length * gates * units * (3 * units + 2 * inputs)


def fit(
    lib: Library, layer: str, units: int, length: int, batch: int, steps: int, inputs: int
) -> Work:
    """An epoch of `steps` steps by Keras's `fit`, with Adam: one layer, and one of classes."""
    keras: Any = lib.tf.keras
    x, y = normal(0, batch * steps, length, inputs), normal(1, batch * steps, 10).argmax(1)
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((length, inputs)),
            getattr(keras.layers, layer)(units),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")

    def epoch(x: Array, y: Array) -> Any:
        return model.fit(x, y, batch_size=batch, epochs=1, verbose=0).history["loss"]

    return Work(lambda: epoch(x, y), first_step(model, lambda: epoch(x[:batch], y[:batch])))
