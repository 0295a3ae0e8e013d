"""Make a trace: listen to a step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from scratchnet import keras, ops
from scratchnet.engine.errors import say
from scratchnet.engine.listening import GradientCall, LayerCall, Listener, listening
from scratchnet.engine.op import Record
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.traces.layer_trace import LayerTrace, tensors_in
from scratchnet.traces.row import Row
from scratchnet.traces.trace import Trace


class _Tracer(Listener):
    """The listener that fills a trace."""

    wants_layers = True  # else a Conv2D and the MaxPooling2D after it are one op

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._depth = 0  # of gradients that are being computed: their ops are no rows
        self._open: list[int] = []  # of each layer being called, the number of its first row
        self._last = time.perf_counter()

    def _elapsed(self) -> float:
        """Milliseconds since this was asked last; what the tracer itself does is left out."""
        return (time.perf_counter() - self._last) * 1e3

    def record(self, record: Record) -> None:
        if not self._depth:
            self._trace.add(Row(len(self._trace.rows), record, self._elapsed()))
            self._last = time.perf_counter()

    def vjp(self, record: Record, argument: int, g: Any, gx: Tensor) -> None:
        row = self._trace._by_record.get(record)
        if row is not None and self._depth == 1:
            row.g = g
            row.gx[argument] = gx
            row.backward_ms += self._elapsed()
        self._last = time.perf_counter()

    def begin_layer(self, call: LayerCall) -> None:
        self._open.append(len(self._trace.rows))
        self._last = time.perf_counter()

    def end_layer(self, call: LayerCall) -> None:
        first = self._open.pop()
        if call.error is None and not self._depth:
            inputs, outputs = tensors_in((call.args, call.kwargs)), tensors_in(call.outputs)
            rows = self._trace.rows[first:]
            layer = LayerTrace(call.path, call.layer, rows, self._trace, inputs, outputs)
            self._trace._calls.append(layer)
        self._last = time.perf_counter()

    def begin_gradient(self, call: GradientCall) -> None:
        self._depth += 1
        self._trace._gradient_asked = True
        if self._depth == 1 and call.targets:
            self._trace.loss = call.targets[0]._data.copy()
        self._last = time.perf_counter()

    def end_gradient(self, call: GradientCall) -> None:
        self._depth -= 1
        self._last = time.perf_counter()


@contextmanager
def tracing() -> Iterator[Trace]:
    """Trace what happens in the context: every op, and what flows back through it.

    Layers are computed one by one, a Conv2D and the MaxPooling2D after it too: the numbers are
    those of a program that called ``tf.keras.config.disable_layer_fusion()``, to the last bit.
    All that is traced is kept in memory, as long as the trace is.

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
    with listening(_Tracer(trace)):
        yield trace


def trace(model: Any, x: Any, y: Any, loss: Any = None, training: bool = True) -> Trace:
    """Trace one step of a model: its forward pass, its loss, the gradients.

    Gradients are those by the trainable weights and by `x`.  The model is afterwards as it was
    before: moving averages and random generators, which the forward pass moves on, are put back.

    Args:
        model: a Keras model, or any layer.
        x: a batch of inputs, or a structure of them.
        y: the truth.
        loss: a loss, a function or a name; that of ``compile`` if not given.
        training: whether layers such as Dropout do what they do in training.

    Returns:
        A `Trace`.

    Raises:
        ValueError: no `loss`, and the model is not compiled with one; an unknown name; no samples.
        TypeError: `model` is no layer.

    >>> import scratchnet as tf
    >>> model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1, name="d")])
    >>> float(trace(model, [[1.0, 2.0]], [[0.0]], "mse")["d"].input_gradient.shape[1])
    2.0
    """
    if not isinstance(model, keras.layers.Layer):
        raise TypeError(say("trace", "model", "must be a Keras model or layer", model))
    compute, graph = _loss_of(model, loss)
    inputs = _converted(x)
    before = [(variable, variable._data) for variable in model.variables]
    with tracing() as found, graph:
        with GradientTape() as tape:
            tape.watch([t for t in tensors_in(inputs) if t._data.dtype.kind in "fc"])
            prediction = model(inputs, training=training)
            value = compute(inputs, _converted(y), prediction)
        tape.gradient(value, [*model.trainable_variables, *tensors_in(inputs)])
        for variable, data in before:
            variable._data = data
    return found


def _converted(structure: Any) -> Any:
    """Arrays and lists of numbers as tensors; those of a dict or tuple one by one."""
    if isinstance(structure, dict):
        return {key: _converted(value) for key, value in structure.items()}
    if isinstance(structure, tuple):
        return tuple([_converted(part) for part in structure])
    return convert(structure)


def _loss_of(model: Any, loss: Any) -> tuple[Any, Any]:
    """``loss(x, y, prediction)``, and the context in which `fit` would compute it."""
    if loss is not None:
        chosen = keras.losses.get(loss)
        if isinstance(chosen, keras.losses.Loss):
            return lambda x, y, prediction: chosen(y, prediction), nullcontext()
        return lambda x, y, prediction: ops.reduce_mean(chosen(y, prediction)), nullcontext()
    if not getattr(model, "compiled", False) or model.loss is None:
        rule = "must be given where the model is not compiled with one"
        raise ValueError(say("trace", "loss", rule, loss))
    return model.compute_loss, model._step_context()
