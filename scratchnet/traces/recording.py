"""Make a trace: listen to a step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from numba.core import event as numba_events

from scratchnet import keras
from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.engine.listening import GradientCall, LayerCall, Listener, listening
from scratchnet.engine.op import Record
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras import cached_logits
from scratchnet.keras.losses.loss import LossFunctionWrapper
from scratchnet.keras.models.compile_loss import CompileLoss
from scratchnet.keras.random import snapshot
from scratchnet.traces.layer_trace import LayerTrace, tensors_in
from scratchnet.traces.row import Row
from scratchnet.traces.trace import Trace


class _Kernels(numba_events.Listener):  # type: ignore[misc]
    """Counts the kernels that are compiled, or loaded from what an earlier process compiled.

    numba takes a lock for either, and tells of that.
    """

    def __init__(self) -> None:
        self.count = 0

    def on_start(self, event: Any) -> None:
        self.count += 1

    def on_end(self, event: Any) -> None: ...


@dataclass
class _Open:
    """A layer that is being called.

    Attributes:
        first: the number of its first row.
        has_layers: whether it called a layer.
    """

    first: int
    has_layers: bool = False


class _Tracer(Listener):
    """The listener that fills a trace."""

    wants_layers = True  # else a Conv2D and the MaxPooling2D after it are one op

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._depth = 0  # of gradients that are being computed: their ops are no rows
        self._open: list[_Open] = []  # the layers being called
        self._runs: set[tuple[Record, int]] = set()  # the VJPs of this backward pass
        self._last = time.perf_counter()
        self.kernels = _Kernels()
        self._known = 0

    def _has_compiled(self) -> bool:
        """Whether numba compiled or loaded a kernel since this was asked last."""
        before, self._known = self._known, self.kernels.count
        return self._known > before

    def _elapsed(self) -> float:
        """Milliseconds since this was asked last; what the tracer itself does is left out."""
        return (time.perf_counter() - self._last) * 1e3

    def record(self, record: Record) -> None:
        if not self._depth:
            ms = self._elapsed()
            row = Row(len(self._trace.rows), record, ms, compiled=self._has_compiled())
            self._trace.add(row)
            self._last = time.perf_counter()

    def vjp(self, record: Record, argument: int, g: Any, gx: Tensor) -> None:
        if self._depth == 1:
            ms = self._elapsed()
            if (record, argument) in self._runs:  # a jacobian has gone on to the next element
                self._begin_pass(self._trace.loss, self._trace._passes[-1].targets)
            self._runs.add((record, argument))
            self._trace.send(record, argument, g, gx, ms, self._has_compiled())
        self._last = time.perf_counter()

    def _begin_pass(self, loss: Any, targets: list[Any]) -> None:
        self._runs.clear()
        self._trace.begin_pass(loss, targets)

    def detached(self, tensor: Tensor, reason: str) -> None:
        if not self._depth and reason in cached_logits.REASONS.values():
            self._trace.pass_by(tensor)

    def begin_layer(self, call: LayerCall) -> None:
        self._open.append(_Open(len(self._trace.rows)))
        self._last = time.perf_counter()

    def end_layer(self, call: LayerCall) -> None:
        this = self._open.pop()
        if call.error is None and not self._depth:
            if self._open:
                self._open[-1].has_layers = True
            inputs, outputs = tensors_in((call.args, call.kwargs)), tensors_in(call.outputs)
            self._trace._calls.append(
                LayerTrace(
                    call.path,
                    call.layer,
                    self._trace.rows[this.first :],
                    self._trace,
                    inputs,
                    outputs,
                    len(self._trace._calls),
                    this.first,
                    this.has_layers,
                )
            )
        self._last = time.perf_counter()

    def begin_gradient(self, call: GradientCall) -> None:
        self._depth += 1
        self._trace._gradient_asked = True
        if self._depth == 1:
            loss = call.targets[0]._data.copy() if call.targets else self._trace.loss
            self._begin_pass(loss, call.targets)
        self._last = time.perf_counter()

    def end_gradient(self, call: GradientCall) -> None:
        self._depth -= 1
        self._last = time.perf_counter()


@contextmanager
def tracing() -> Iterator[Trace]:
    """Trace what happens in the context: every op, and what flows back through it.

    Layers are computed one by one, a Conv2D and the MaxPooling2D after it too: the numbers are
    those of a program that called ``tf.keras.config.disable_layer_fusion()``, to the last bit.
    All that is traced is kept in memory, as long as the trace is.  Several backward passes are kept
    apart: see `Trace.passes`.

    >>> import scratchnet as tf
    >>> w = tf.Variable(3.0)
    >>> with tf.tracing() as trace:
    ...     with tf.GradientTape() as tape:
    ...         loss = tf.square(w - 1.0)
    ...     gw = tape.gradient(loss, w)
    >>> [(row.op, float(row.output), float(row.gradient)) for row in trace]
    [('read_variable', 3.0, 4.0), ('subtract', 2.0, 4.0), ('square', 4.0, 1.0)]
    """
    trace = Trace()
    tracer = _Tracer(trace)
    numba_events.register("numba:compiler_lock", tracer.kernels)
    try:
        with listening(tracer):
            yield trace
    finally:
        numba_events.unregister("numba:compiler_lock", tracer.kernels)


def trace(model: Any, x: Any, y: Any, loss: Any = None, training: bool = True) -> Trace:
    """Trace one step of a model: its forward pass, its loss, the gradients.

    As in `tracing`, layers are computed one by one: where `fit` computes a Conv2D and the
    MaxPooling2D after it as one op, its numbers may differ from these in the last bits; after
    ``tf.keras.config.disable_layer_fusion()`` they are the same to the last bit.
    Gradients are those by the trainable weights and by `x`.  The model is afterwards as it was
    before: moving averages and random generators, which the forward pass moves on, are put back.
    Where kernels had to be compiled or loaded, the step is run a second time, with the same random
    numbers, so that its times are those of the ops.

    Args:
        model: a Keras model, or any layer.
        x: a batch of inputs, or a structure of them, as `fit` takes it: of several inputs a list, a
            tuple or a dict of arrays.  A list of plain numbers is one array.
        y: the truth, likewise.
        loss: a loss, a function or a name; for several outputs a list or dict of them, as
            ``compile`` takes it, with what is given cast as ``compile`` has it; that of
            ``compile`` if not given.
        training: whether layers such as Dropout do what they do in training.

    Returns:
        A `Trace`.

    Raises:
        ValueError: no `loss`, and the model is not compiled with one; an unknown name; no samples;
            no `y` for a `loss` that is given.
        TypeError: `model` is no layer.

    >>> import scratchnet as tf
    >>> model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1, name="d")])
    >>> float(trace(model, [[1.0, 2.0]], [[0.0]], "mse")["d"].input_gradient.shape[1])
    2.0
    """
    if not isinstance(model, keras.layers.Layer):
        raise TypeError(say("trace", "model", "must be a Keras model or layer", model))
    compute, graph = _loss_of(model, loss)
    if y is None and loss is not None:
        raise ValueError(say("trace", "y", "must be given where there is a `loss`", y))
    inputs, truth = _converted(x), _converted(y)
    if any(not t._data.shape[0] for t in tensors_in(inputs) if t._data.ndim):
        raise ValueError(say("trace", "x", "must hold at least one sample", x))
    if isinstance(model, keras.Model) and _is_structure(x):  # as `fit` gives them to the model
        inputs = model._in_input_structure(inputs)
    rewind = snapshot() if model.built else None
    found = _step(model, inputs, truth, compute, graph(), training)
    # A model that this built has its first weights from the random numbers that were drawn.
    if rewind is None or not any(row.compiled for row in found.rows):
        return found
    rewind()
    return _step(model, inputs, truth, compute, graph(), training)


def _step(model: Any, x: Any, y: Any, compute: Any, graph: Any, training: bool) -> Trace:
    """The trace of a step; the variables of the model are as before."""
    before = [(variable, variable._data) for variable in model.variables]
    with tracing() as found, graph:
        with GradientTape() as tape:
            tape.watch([t for t in tensors_in(x) if t._data.dtype.kind in "fc"])
            prediction = model(x, training=training)
            value = compute(x, y, prediction)
        tape.gradient(value, [*model.trainable_variables, *tensors_in(x)])
        for variable, data in before:
            variable._data = data
    return found


def _is_structure(x: Any) -> bool:
    """Whether `x` is a structure of arrays: not one array, nor a list of numbers that is one."""
    return any(map(_is_array, nest.flatten(x))) if isinstance(x, list) else nest.is_nested(x)


def _is_array(x: Any) -> bool:
    """Whether `x` is an array; not one number, of which a list may be the labels of a batch."""
    return hasattr(x, "__array__") and len(getattr(x, "shape", ())) > 0


def _converted(structure: Any) -> Any:
    """The arrays of a structure as tensors; a list of plain numbers is one array."""
    if structure is None or not _is_structure(structure):
        return structure if structure is None else convert(structure)
    if isinstance(structure, dict):
        return {key: _converted(value) for key, value in structure.items()}
    parts = [_converted(part) for part in structure]
    return parts if isinstance(structure, list) else tuple(parts)


def _loss_of(model: Any, loss: Any) -> tuple[Any, Any]:
    """``loss(x, y, prediction)``, and what makes the context in which `fit` would compute it."""
    if loss is not None:
        for one in nest.flatten(loss):
            keras.losses.get(one)  # an unknown name is said before anything is computed
        return lambda x, y, prediction: _computed(model, loss, y, prediction), nullcontext
    if not getattr(model, "compiled", False) or model.loss is None:
        rule = "must be given where the model is not compiled with one"
        raise ValueError(say("trace", "loss", rule, loss))
    return model.compute_loss, model._step_context


def _computed(model: Any, loss: Any, y: Any, prediction: Any) -> Any:
    """A loss that is not the model's own."""
    if nest.is_nested(loss) or nest.is_nested(prediction):  # several, as `compile` takes them
        return CompileLoss(loss, names=getattr(model, "output_names", None))(y, prediction, None)
    chosen = keras.losses.get(loss)
    if not isinstance(chosen, keras.losses.Loss):
        chosen = LossFunctionWrapper(chosen)
    return chosen(y, prediction)
