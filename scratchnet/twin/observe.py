"""Watches a training from within: wraps the tape, the layers, the losses and the optimizers.

All wrappers are put around public methods that TensorFlow's Keras and scratchnet both have, so one
observer serves both.  Nothing that it sees is changed.

While a tape is active, the input of the first layer, the output of each layer that has no layers
inside, the labels that a loss gets and the loss that is differentiated are collected.  When an
optimizer applies gradients, they leave together with the gradients and the changed weights: that is
one step.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array


@dataclass(frozen=True)
class Seen:
    """What an observed array is.

    Attributes:
        role: "initial", "batch", "layer", "loss", "gradient", "weight" or "state".
        name: of the tensor, as the user knows it.
        terms: of a layer, how many products its longest sum adds.
        is_random: whether a layer draws random numbers.
        pool: of a max pooling layer, its window, strides and padding.
        variables: the names of the layer's weights.
        adaptive: of a weight, whether its optimizer divides by the size of past gradients.
    """

    role: str
    name: str
    terms: int = 1
    is_random: bool = False
    pool: tuple[Any, Any, str] | None = None
    variables: tuple[str, ...] = ()
    adaptive: bool = False


Send = Callable[[list[Seen], list[Array]], None]


class Observer:
    """Watches all trainings of the module `tf`; `install` begins.

    Args:
        tf: TensorFlow or scratchnet.
        step: gets what was seen in each step.
        epoch: gets the logs at the end of each epoch of `fit`.
    """

    def __init__(self, tf: Any, step: Send, epoch: Callable[[dict[str, float]], None]) -> None:
        self._tf, self._step, self._epoch = tf, step, epoch
        self._tapes = 0
        self._calls: list[int] = []  # for each layer call under way, how many calls are inside
        self._seen: list[tuple[Seen, Any]] = []
        self._state: dict[str, Any] = {}  # name -> weight that no optimizer changes
        self._names: dict[str, Any] = {}  # name -> variable
        self._begun: set[str] = set()  # the weights whose first values were sent
        self._decomposed: set[int] = set()  # ids of weights that were made by a decomposition

    def install(self) -> None:
        """Put the wrappers on."""
        keras = self._tf.keras
        self._wrap(self._tf.GradientTape, "__enter__", self._enter)
        self._wrap(self._tf.GradientTape, "__exit__", self._exit)
        self._wrap(self._tf.GradientTape, "gradient", self._gradient)
        self._wrap(keras.layers.Layer, "__call__", self._layer)
        self._wrap(keras.losses.Loss, "__call__", self._labels)
        self._wrap(keras.optimizers.Optimizer, "apply", self._apply)
        self._wrap(keras.Model, "fit", self._fit)

    def _wrap(self, cls: Any, name: str, around: Callable[..., Any]) -> None:
        original = getattr(cls, name)

        @wraps(original)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return around(original, *args, **kwargs)

        setattr(cls, name, wrapper)

    # -- forward -----------------------------------------------------------------------------------

    def _enter(self, original: Any, tape: Any) -> Any:
        if self._tapes == 0:
            self._seen, self._state = [], {}
        self._tapes += 1
        return original(tape)

    def _exit(self, original: Any, tape: Any, *error: Any) -> Any:
        self._tapes -= 1
        return original(tape, *error)

    def _layer(self, original: Any, layer: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._tapes:
            return original(layer, *args, **kwargs)
        if not self._calls and not self._seen:
            self._add(Seen("batch", "inputs"), (*args, *kwargs.values()))
        self._calls.append(0)
        try:
            outputs = original(layer, *args, **kwargs)
        finally:
            inside = self._calls.pop()
        if self._calls:
            self._calls[-1] += 1
        if not inside:
            names = tuple(self._name(v) for v in layer.trainable_variables)
            self._add(described(layer, args, outputs, names), outputs)
            self._state |= {self._name(v): v for v in layer.weights if not v.trainable}
            if any("Orthogonal" in type(part).__name__ for part in vars(layer).values()):
                self._decomposed |= {id(v) for v in layer.weights}
        return outputs

    def _labels(self, original: Any, loss: Any, y_true: Any, *args: Any, **kwargs: Any) -> Any:
        if self._tapes:
            self._add(Seen("batch", "labels"), y_true)
        return original(loss, y_true, *args, **kwargs)

    def _add(self, what: Seen, values: Any) -> None:
        # A tensor of a graph inside this one cannot be read here, and is left out at `_send`.
        for value in flat(values):
            if hasattr(value, "shape") and hasattr(value, "dtype"):
                self._seen.append((what, value))

    # -- backward and update -----------------------------------------------------------------------

    def _gradient(self, original: Any, tape: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
        self._add(Seen("loss", "loss"), target)
        return original(tape, target, *args, **kwargs)

    def _apply(
        self, original: Any, optimizer: Any, grads: Any, trainable_variables: Any = None
    ) -> Any:
        read, variables = self._tf.convert_to_tensor, trainable_variables
        grads = list(grads)
        if variables is None:
            variables = optimizer._trainable_variables
        variables = list(variables)
        pairs = [(g, v) for g, v in zip(grads, variables, strict=False) if g is not None]
        seen = [(self._initial(v), self._tf.identity(read(v))) for v in self._new(variables)]
        seen += self._seen
        seen += [(Seen("gradient", self._name(v)), read(g)) for g, v in pairs]
        result = original(optimizer, grads, variables)
        adaptive = type(optimizer).__name__ != "SGD"
        seen += [(Seen("weight", self._name(v), adaptive=adaptive), read(v)) for _, v in pairs]
        seen += [(Seen("state", name), read(v)) for name, v in self._state.items()]
        self._seen = []
        self._send(seen)
        return result

    def _new(self, variables: list[Any]) -> list[Any]:
        return [v for v in variables if self._name(v) not in self._begun]

    def _initial(self, variable: Any) -> Seen:
        # After a decomposition first values are only close; all others are equal bit for bit.
        decomposed = id(variable) in self._decomposed
        terms = math.prod(tuple(variable.shape)) if decomposed else 0
        return Seen("initial", self._name(variable), terms)

    def _name(self, variable: Any) -> str:
        """Its path (of Keras's) or name, with a number if another variable has the same."""
        name = first = str(getattr(variable, "path", None) or variable.name)
        number = 1
        while self._names.setdefault(name, variable) is not variable:
            number += 1
            name = f"{first} ({number})"
        return name

    def _send(self, seen: list[tuple[Seen, Any]]) -> None:
        if self._tf.executing_eagerly():
            return self._hand_on([what for what, _ in seen], [value for _, value in seen])
        # While TensorFlow traces a graph: leave an operation in it that hands out the values.
        graph = self._tf.compat.v1.get_default_graph()
        seen = [pair for pair in seen if getattr(pair[1], "graph", graph) is graph]
        whats = [what for what, _ in seen]
        self._tf.numpy_function(
            lambda *arrays: self._hand_on(whats, arrays), [value for _, value in seen], []
        )
        return None

    def _hand_on(self, whats: list[Seen], values: Any) -> None:
        pairs = [
            (what, np.asarray(value))
            for what, value in zip(whats, values, strict=True)
            if what.role != "initial" or what.name not in self._begun
        ]
        self._begun |= {what.name for what in whats if what.role == "initial"}
        self._step([what for what, _ in pairs], [value for _, value in pairs])

    # -- epochs ------------------------------------------------------------------------------------

    def _fit(self, original: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        given = inspect.signature(original).bind(model, *args, **kwargs)
        listener = self._tf.keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: self._epoch({k: float(v) for k, v in logs.items()})
        )
        callbacks = given.arguments.get("callbacks") or []
        if hasattr(callbacks, "append") and not isinstance(callbacks, list):  # a CallbackList
            callbacks.append(listener)
        else:
            several = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
            given.arguments["callbacks"] = [*several, listener]
        return original(*given.args, **given.kwargs)


def described(layer: Any, args: Any, outputs: Any, variables: tuple[str, ...]) -> Seen:
    """What is to be known of a layer's output."""
    shapes = [tuple(w.shape) for w in layer.weights if len(w.shape) > 1]
    # The longest sum: in the forward pass over all axes of the kernel but the last, on the way back
    # over all but the one before it; without a kernel, over the inputs that an output has.
    sums = [math.prod(s) // min(s[-2:]) for s in shapes if 0 not in s]
    sums.append(_size(args) // max(1, _size(outputs)))
    is_random = getattr(layer, "seed_generator", None) is not None
    pool = None
    if type(layer).__name__ == "MaxPooling2D":
        pool = (tuple(layer.pool_size), tuple(layer.strides), layer.padding)
    return Seen("layer", layer.name, max(1, *sums), is_random, pool, variables)


def _size(values: Any) -> int:
    tensors = [v for v in flat(values) if hasattr(v, "shape")]
    return sum(math.prod(n for n in tuple(t.shape)[1:] if n is not None) for t in tensors)


def flat(values: Any) -> list[Any]:
    """The leaves of nested lists, tuples and dicts."""
    if isinstance(values, dict):
        return [leaf for value in values.values() for leaf in flat(value)]
    if isinstance(values, list | tuple):
        return [leaf for value in values for leaf in flat(value)]
    return [values]
