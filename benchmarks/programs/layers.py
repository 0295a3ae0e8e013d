"""The layers of a model of the user's, one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.case import Library, Work
from benchmarks.programs.draws import Array, normal
from benchmarks.programs.training import nudges
from scratchnet.train.network import build_own

WHOLE = -1  # the place of the model itself among its layers


def describe(tf: Any, path: str, batch: int) -> list[tuple[int, str]]:
    """The layers with an input, as (place, name); at last the whole model.

    Raises:
        OSError, ValueError: the file cannot be read, fails, or returns no such model.
    """
    model = build_own(Path(path), tf)
    if not isinstance(model, tf.keras.Model):
        raise ValueError(
            f"{path}: build(tf) must return a keras.Model, received {type(model).__name__}"
        )
    found = []
    for place, layer in enumerate(model.layers):
        if type(layer).__name__ != "InputLayer":
            shapes = " + ".join(str(shape) for shape in _shapes(layer, path, batch))
            found.append((place, f"{layer.name} of {shapes}"))
    _shapes(model, path, batch)
    return [*found, (WHOLE, f"whole model ({model.count_params():,} weights)")]


def _shapes(layer: Any, path: str, batch: int) -> list[tuple[int, ...]]:
    """The shapes of what a layer takes, for a batch."""
    try:
        taken = layer.inputs if hasattr(layer, "inputs") else layer.input
    except (AttributeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"{path}: build(tf) must return a Sequential model with an Input, or a functional one, "
            f"whose layers are used once each; {layer.name}: {error}"
        ) from error
    taken = taken if isinstance(taken, list | tuple) else [taken]
    shapes = [tuple(x.shape) for x in taken]
    if not shapes or any(None in shape[1:] for shape in shapes):
        raise ValueError(
            f"{path}: build(tf) must return a model whose Input says every size, received "
            f"{shapes} for {layer.name}"
        )
    return [(batch, *shape[1:]) for shape in shapes]


def _prepare(lib: Library, path: str, place: int, batch: int) -> tuple[Any, list[Any]]:
    """A layer, and random inputs of the right shapes."""
    lib.tf.keras.utils.set_random_seed(0)
    model = build_own(Path(path), lib.tf)
    layer = model if place == WHOLE else model.layers[place]
    shapes = _shapes(layer, path, batch)
    return layer, [lib.tf.constant(normal(i, *shape)) for i, shape in enumerate(shapes)]


def _call(layer: Any, inputs: list[Any]) -> Any:
    return layer(inputs if len(inputs) > 1 else inputs[0], training=True)


def forward(lib: Library, path: str, place: int, batch: int) -> Work:
    """The way forward, as in training."""
    layer, inputs = _prepare(lib, path, place, batch)
    return Work(lib.compiled(lambda: _call(layer, inputs)))


def backward(lib: Library, path: str, place: int, batch: int) -> Work:
    """The gradients by the inputs and the weights, for a random cotangent."""
    tf = lib.tf
    layer, inputs = _prepare(lib, path, place, batch)

    def recorded(inputs: list[Any]) -> Callable[[], Any]:
        """The way back, of a forward pass that is done."""
        sources = [*inputs, *layer.trainable_variables]
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(inputs)
            ys = _call(layer, inputs)
        ys = ys if isinstance(ys, list | tuple) else [ys]
        gs = [tf.constant(normal(99, *y.shape, dtype=y.dtype.name)) for y in ys]
        return lambda: tape.gradient(list(ys), sources, output_gradients=gs)

    def check(x: Array) -> Any:
        return recorded([tf.constant(x), *inputs[1:]])()

    again = nudges(check, inputs[0].numpy(), layer.variables)
    return Work(lib.compiled(recorded(inputs)), nudged=again)
