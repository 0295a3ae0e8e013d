"""Watches a training from within: what one step computed, on either side.

An :class:`Observer` is a listener of scratchnet's own seam (`scratchnet.engine.listening`).  On
TensorFlow's side the same events are told by wrappers (`scratchnet.twin.wrapping`), so one observer
serves both.  Nothing that it sees is changed.

While a tape is active, the input of the first layer, the output of each layer that has no layers
inside, the labels that a loss gets and the loss that is differentiated are collected.  When an
optimizer applies gradients, they leave together with the gradients and the changed weights: that is
one step.  What a gradient does on its way back, layers and tapes of its own included, is no part of
the forward pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.listening import GradientCall, LayerCall, Listener, LossCall, Update
from scratchnet.engine.op import Record


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
        over_batch: whether a layer takes statistics over the batch, as BatchNormalization does.
        number: of a batch or layer, which of its step it is.
        inputs: of a layer, the numbers of those whose outputs it reads, straight or through ops
            that stand in no layer (these only scratchnet's side sees).
        decides: of a layer, whether a ReLU or an op like it asked for the signs of its output, or
            within it (only scratchnet's side sees that).
    """

    role: str
    name: str
    terms: int = 1
    is_random: bool = False
    pool: tuple[Any, Any, str] | None = None
    variables: tuple[str, ...] = ()
    adaptive: bool = False
    over_batch: bool = False
    number: int = -1
    inputs: tuple[int, ...] = ()
    decides: bool = False


# Ops with another derivative where a value is above 0.
SIGNS = {"relu", "relu6", "leaky_relu", "elu", "selu", "abs", "maximum", "minimum", "clip_by_value"}
TAPES_WITHOUT_UPDATE = 8  # what earlier ones saw is dropped

Send = Callable[[list[Seen], list[Array]], None]


class Observer(Listener):
    """Watches all trainings of the module `tf` while it listens.

    Args:
        tf: TensorFlow or scratchnet.
        step: gets what was seen in each step.
        epoch: gets the logs at the end of each epoch of `fit`.
    """

    wants_layers = True

    def __init__(self, tf: Any, step: Send, epoch: Callable[[dict[str, float]], None]) -> None:
        self._tf, self._step, self._epoch = tf, step, epoch
        self._tapes: list[Any] = []  # those that record
        self._gradients = 0  # how many gradients are under way
        # The layer calls under way, and how many calls were inside each.
        self._calls: list[LayerCall] = []
        self._inside: list[int] = []
        self._seen: list[tuple[Seen, Any]] = []
        self._begins: list[int] = []  # where in that list the rows of each tape begin
        self._updating: list[tuple[Seen, Any]] = []  # what was seen before the update under way
        self._updated = False  # whether there was an update since the last tape began
        self._state: dict[str, Any] = {}  # name -> weight that no optimizer changes
        self._names: dict[str, Any] = {}  # name -> variable
        self._begun: set[str] = set()  # the weights whose first values were sent
        # id of a tensor -> (the tensor, the numbers of the layers whose outputs led to it)
        self._sources: dict[int, tuple[Any, frozenset[int]]] = {}
        self._number, self._wants_batch = 0, True
        self._decides: set[int] = set()  # the numbers of layers
        self._deciding: set[int] = set()  # the ids of layer calls under way

    # -- forward -----------------------------------------------------------------------------------

    def begin_tape(self, tape: Any) -> None:
        if self._gradients:
            return
        if not self._tapes:
            self._begin()
        self._tapes.append(tape)

    def _begin(self) -> None:
        if self._updated or not self._seen:
            self._seen, self._begins, self._state = [], [], {}
            self._number, self._updated = 0, False
            self._decides.clear()
        self._sources.clear()
        self._wants_batch = True
        self._begins.append(len(self._seen))
        if len(self._begins) > TAPES_WITHOUT_UPDATE:
            count = self._begins[1]
            del self._seen[:count]
            self._begins = [begin - count for begin in self._begins[1:]]

    def end_tape(self, tape: Any) -> None:
        if self._tapes and not self._gradients:
            self._tapes = [other for other in self._tapes if other is not tape]

    @property
    def _watches(self) -> bool:
        return bool(self._tapes) and not self._gradients

    def begin_layer(self, call: LayerCall) -> None:
        if not self._watches:
            return
        if self._wants_batch:
            self._wants_batch = False
            self._add(Seen("batch", "inputs"), (*call.args, *call.kwargs.values()))
        self._calls.append(call)
        self._inside.append(0)

    def end_layer(self, call: LayerCall) -> None:
        if not self._calls or self._calls[-1] is not call:
            return  # no tape was active when it began
        self._calls.pop()
        inside = self._inside.pop()
        decides = id(call) in self._deciding
        self._deciding.discard(id(call))
        if call.error is not None:
            return
        if self._inside:
            self._inside[-1] += 1
        if not inside:
            layer, outputs = call.layer, call.outputs
            # Keras's operators in a functional model, such as ``+``, have no weights.
            weights = getattr(layer, "weights", ())
            names = tuple(self._name(v) for v in weights if v.trainable)
            what = described(layer, call.args, outputs, names)
            sources = self._sources_of((*call.args, *call.kwargs.values()))
            self._add(replace(what, inputs=tuple(sorted(sources)), decides=decides), outputs)
            self._state |= {self._name(v): v for v in weights if not v.trainable}

    def record(self, record: Record) -> None:
        if not self._watches:
            return
        sources = self._sources_of(record.inputs)
        asks = record.op.name in SIGNS or record.attrs.get("relu", False)
        if self._calls and not self._inside[-1]:
            if asks:
                self._deciding.add(id(self._calls[-1]))
        elif asks:
            self._decides |= sources
        for y in record.outputs:
            self._sources[id(y)] = y, sources

    def _sources_of(self, values: Any) -> frozenset[int]:
        found: frozenset[int] = frozenset()
        for value in flat(values):
            found |= self._sources.get(id(value), (None, frozenset()))[1]
        return found

    def begin_loss(self, call: LossCall) -> None:
        if self._watches:
            self._add(Seen("batch", "labels"), call.y_true)

    def _add(self, what: Seen, values: Any) -> None:
        # A tensor of a graph inside this one cannot be read here, and is left out at `_send`.
        for value in flat(values):
            if hasattr(value, "shape") and hasattr(value, "dtype"):
                number, self._number = self._number, self._number + 1
                self._seen.append((replace(what, number=number), value))
                self._sources[id(value)] = value, frozenset((number,))

    # -- backward and update -----------------------------------------------------------------------

    def begin_gradient(self, call: GradientCall) -> None:
        if call.method == "gradient" and not self._gradients:
            self._add(Seen("loss", "loss"), call.targets)
        self._gradients += 1

    def end_gradient(self, call: GradientCall) -> None:
        self._gradients -= 1

    def begin_update(self, update: Update) -> None:
        read, variables = self._tf.convert_to_tensor, update.variables
        seen = [
            (Seen("initial", self._name(v)), self._tf.identity(read(v)))
            for v in self._new(variables)
        ]
        seen += [
            (replace(w, decides=w.decides or w.number in self._decides), x) for w, x in self._seen
        ]
        self._updating = seen + [(Seen("gradient", self._name(v)), read(g)) for g, v in _of(update)]

    def end_update(self, update: Update) -> None:
        if update.error is not None:
            return
        read, adaptive = self._tf.convert_to_tensor, type(update.optimizer).__name__ != "SGD"
        seen = self._updating
        seen += [
            (Seen("weight", self._name(v), adaptive=adaptive), read(v)) for _, v in _of(update)
        ]
        seen += [(Seen("state", name), read(v)) for name, v in self._state.items()]
        self._seen, self._updating, self._begins, self._updated = [], [], [], True
        self._sources.clear()
        self._send(seen)

    def end_epoch(self, model: Any, epoch: int, logs: dict[str, Any]) -> None:
        self._epoch({name: float(value) for name, value in logs.items()})

    def _new(self, variables: list[Any]) -> list[Any]:
        return [v for v in variables if self._name(v) not in self._begun]

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
            # What a function compiled into a graph did before is out of reach.
            seen = [pair for pair in seen if getattr(pair[1], "graph", None) is None]
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


def _of(update: Update) -> list[tuple[Any, Any]]:
    """The pairs (gradient, variable) whose gradient is not None."""
    pairs = zip(update.gradients, update.variables, strict=False)
    return [(g, v) for g, v in pairs if g is not None]


def described(layer: Any, args: Any, outputs: Any, variables: tuple[str, ...]) -> Seen:
    """What is to be known of a layer's output."""
    shapes = [tuple(w.shape) for w in getattr(layer, "weights", ()) if len(w.shape) > 1]
    # The longest sum: in the forward pass over all axes of the kernel but the last, on the way back
    # over all but the one before it; without a kernel, over the inputs that an output has.
    sums = [math.prod(s) // min(s[-2:]) for s in shapes if 0 not in s]
    sums.append(_size(args) // max(1, _size(outputs)))
    is_random = getattr(layer, "seed_generator", None) is not None
    pool = None
    if type(layer).__name__ == "MaxPooling2D":
        pool = (tuple(layer.pool_size), tuple(layer.strides), layer.padding)
    over_batch = type(layer).__name__ == "BatchNormalization"
    return Seen(
        "layer", layer.name, max(1, *sums), is_random, pool, variables, over_batch=over_batch
    )


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
