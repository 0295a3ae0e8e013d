"""Listening: be told of every op, every VJP, every layer call, gradient and update as it happens.

A :class:`Listener` has a method for each kind of event, and none of them does anything; override
what you want to know of, and open a context:

    with listening(listener):
        …                               train, predict, differentiate as ever

It is told of each :class:`~scratchnet.engine.op.Record` when it is made, with the path of the layer
and the line of the user's program, whether a tape is active or not; of each VJP with the cotangents
before and after it; of layers, losses, tapes, gradients, updates and epochs.  This script prints a
row for each op of a training step that the gradient passes: op, layer, line, shape, and the norms
of value and gradient:

>>> from numpy.linalg import norm
>>> import scratchnet as tf
>>> from scratchnet.extend import Listener, listening
>>> class Table(Listener):
...     rows = {}
...     def vjp(self, record, argument, g, gx):
...         self.rows[record] = f"{norm(record.output):6.2f}{norm(g):6.2f}"
>>> with listening(Table()) as table:
...     dense = tf.keras.layers.Dense(2, activation="relu", name="dense", kernel_initializer="ones")
...     with tf.GradientTape() as tape:
...         error = dense(tf.constant([[1.0, 2.0]])) - 0.5
...         loss = tf.reduce_sum(error * error)
...     tf.keras.optimizers.SGD().apply(tape.gradient(loss, dense.weights), dense.weights)
>>> for r, norms in reversed(table.rows.items()):
...     print(f"{r.op.name:14}{r.layer!s:6}{r.site.line} {r.output.shape!s:7}{norms}")
read_variable dense 4 (2, 2)   2.00 15.81
matmul        dense 4 (1, 2)   4.24  7.07
read_variable dense 4 (2,)     0.00  7.07
bias_add      dense 4 (1, 2)   4.24  7.07
relu          dense 4 (1, 2)   4.24  7.07
subtract      None  4 (1, 2)   3.54  7.07
multiply      None  5 (1, 2)   8.84  1.41
reduce_sum    None  5 ()      12.50  1.00

What a listener can rely on:

- Watching changes no number (but see `Listener.wants_layers`).  While a listener is told something,
  what it does itself is not recorded by tapes and not told to listeners: it may compute with ops
  and read tensors by ``.numpy()``, but not draw random numbers from the program's generators.
- It holds what it keeps: a record, once kept, stays, though the tape that made it is not persistent
  and lets go of it.  To keep no record is to free the memory as without a listener.
- Contexts nest.  Each listener is told of everything: the outer one of a beginning first, and of
  an end last.  A context belongs to the thread that opened it.
- An exception that a listener raises ends what the program was doing, as if the op, the layer or
  the optimizer had raised it; the engine is as after any other error.
- Nobody is told of what has no data of the program: layers called on KerasTensors, layers that are
  tried out for their shapes, and the functions of a `tf.data.Dataset`, as no tape is told of them.

With no listener there is nothing to pay: a record looks for no layer and no line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from scratchnet.engine.errors import say
from scratchnet.engine.op import ACTIVE, Record, Site, StopRecording
from scratchnet.engine.tracebacks import is_the_users

if TYPE_CHECKING:
    from scratchnet.engine.tensor import Tensor


@dataclass(slots=True, eq=False)
class Event:
    """What begins and ends: the same object is handed to ``begin_…`` and to ``end_…``."""

    error: BaseException | None = field(default=None, init=False)  # that ended it, if one did


@dataclass(slots=True, eq=False)
class LayerCall(Event):
    """One call of a layer, or of several that are computed as one."""

    layer: Any
    path: str  # the names of the layers around it and its own, such as "sequential/dense"
    args: tuple[Any, ...]  # as the caller gave them
    kwargs: dict[str, Any]
    outputs: Any = field(default=None, init=False)


@dataclass(slots=True, eq=False)
class LossCall(Event):
    """One call of a Keras loss."""

    loss: Any
    y_true: Any
    y_pred: Any
    value: Any = field(default=None, init=False)


@dataclass(slots=True, eq=False)
class GradientCall(Event):
    """One call of ``tape.gradient``, ``tape.jacobian`` or ``tape.batch_jacobian``."""

    tape: Any
    method: str  # its name
    targets: list[Any]  # flat, as `sources` are
    sources: list[Any]
    gradients: list[Any] | None = field(default=None, init=False)  # one for each source, or None


@dataclass(slots=True, eq=False)
class Update(Event):
    """One call of an optimizer's ``apply``, which `apply_gradients` calls too."""

    optimizer: Any
    gradients: list[Any]  # one for each variable, or None
    variables: list[Any]


class Listener:
    """What `listening` tells; override what you want to know of.

    Attributes:
        wants_layers: every layer is to be called by itself: a model does not compute a Conv2D and
            the MaxPooling2D after it in one pass, as it does else, nor a BatchNormalization or an
            Add and the relu after it, nor all three.  The sums of a convolution may then be rounded
            in another order, as after ``keras.config.disable_layer_fusion()``.
    """

    wants_layers: bool = False

    def record(self, record: Record) -> None:
        """An op was called, forward or in a VJP; `record` says its layer and line, too."""

    def vjp(self, record: Record, argument: int, g: Any, gx: Tensor) -> None:
        """The backward loop passed argument number `argument` of `record`.

        Args:
            record: of the forward pass.
            argument: which of its inputs.
            g: the cotangent of the record's output, a Tensor; of several outputs, a tuple.
            gx: the cotangent of the input that the VJP returned, of the input's shape; the sum of
                those of all the input's uses is its gradient.
        """

    def detached(self, tensor: Tensor, reason: str) -> None:
        """What comes of `tensor` from here on does not come by its records, for that `reason`.

        Its value was read outside of ops, or a cross entropy took the logits behind it.
        """

    def begin_layer(self, call: LayerCall) -> None:
        """A layer is called, and perhaps built."""

    def end_layer(self, call: LayerCall) -> None:
        """The layer has returned ``call.outputs``, or raised ``call.error``."""

    def begin_loss(self, call: LossCall) -> None:
        """A Keras loss is called."""

    def end_loss(self, call: LossCall) -> None:
        """The loss has returned ``call.value``, or raised ``call.error``."""

    def begin_tape(self, tape: Any) -> None:
        """The context of a GradientTape was entered."""

    def end_tape(self, tape: Any) -> None:
        """The context of a GradientTape was left."""

    def begin_gradient(self, call: GradientCall) -> None:
        """A tape was asked for gradients."""

    def end_gradient(self, call: GradientCall) -> None:
        """The tape has found ``call.gradients``, or raised ``call.error``."""

    def begin_update(self, update: Update) -> None:
        """An optimizer is about to change variables."""

    def end_update(self, update: Update) -> None:
        """The optimizer has changed the variables, or raised ``update.error``."""

    def end_epoch(self, model: Any, epoch: int, logs: dict[str, Any]) -> None:
        """An epoch of ``model.fit``, counted from 0, has ended; `logs` are what callbacks get."""


L = TypeVar("L", bound=Listener)
R = TypeVar("R")


@contextmanager
def listening(listener: L) -> Iterator[L]:
    """A context in which `listener` is told what happens in this thread.

    Raises:
        TypeError: it is no Listener.

    >>> import scratchnet as tf
    >>> class Names(Listener):
    ...     def record(self, record):
    ...         print(record.op.name, record.site)
    >>> with listening(Names()):
    ...     y = tf.constant(2.0) * 3.0
    multiply <doctest ...>:2
    """
    if not isinstance(listener, Listener):
        raise TypeError(say("listening", "listener", "must be a Listener", listener))
    adapter = _TapeAdapter(listener)
    # The lists of now: inside a `StopRecording`, or at the end in another, others are here.
    tapes, listeners = ACTIVE.tapes, ACTIVE.listeners
    tapes.append(adapter)
    listeners.append(listener)
    try:
        yield listener
    finally:
        _remove(tapes, adapter)
        _remove(listeners, listener)


def _remove(items: list[Any], item: Any) -> None:
    """Remove what was appended last of those that are `item`."""
    last = max(i for i, other in enumerate(items) if other is item)
    del items[last]


class _TapeAdapter:
    """An adapter: a listener in the stack of tapes, as a `Recorder`."""

    __slots__ = ("__weakref__", "_listener")

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def record(self, record: Record) -> bool:
        if record.site is None:
            record.layer = "/".join(ACTIVE.layers) or None
            record.part = "/".join(ACTIVE.parts) or None
            record.site = _site()
        with StopRecording():
            self._listener.record(record)
        return True

    def access(self, variable: Any) -> None: ...

    def detached(self, tensor: Tensor, reason: str) -> None:
        with StopRecording():
            self._listener.detached(tensor, reason)

    def follows(self, x: Any) -> bool:
        return False


# -- notifying: called by the engine and by Keras, only while ACTIVE.listeners is not empty --------


def notify(event: str, *args: Any) -> None:
    """Call the method `event` of every listener."""
    for listener in tuple(ACTIVE.listeners):
        with StopRecording():
            getattr(listener, event)(*args)


E = TypeVar("E", bound=Event)


@contextmanager
def notifying(kind: str, event: E) -> Iterator[E]:
    """A context around what is `event`: the listeners are notified of its begin and end.

    The end is told to each listener that was told the beginning, the last first, whatever happens.
    """
    with ExitStack() as ends:
        for listener in tuple(ACTIVE.listeners):
            _call(getattr(listener, f"begin_{kind}"), event)
            ends.callback(_call, getattr(listener, f"end_{kind}"), event)
        try:
            yield event
        except BaseException as error:
            event.error = error
            raise


def _call(method: Any, *args: Any) -> None:
    with StopRecording():
        method(*args)


@contextmanager
def notifying_layer(
    layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[LayerCall]:
    """As `notifying`, for a call of `layer`, in which records have its path."""
    layers = ACTIVE.layers
    depth = len(layers)
    layers.append(layer.name)
    try:
        with notifying("layer", LayerCall(layer, "/".join(layers), args, dict(kwargs))) as call:
            yield call
    finally:
        del layers[depth:]


def within(part: str, function: Callable[..., R], *args: Any) -> R:
    """``function(*args)``, with records that say of which `part` of their layer's work they are.

    >>> import scratchnet as tf
    >>> with tf.tracing() as trace:
    ...     y = within("t=0", lambda: within("f", tf.sigmoid, 0.0))
    >>> trace[0].record.part
    't=0/f'
    """
    if not ACTIVE.listeners:
        return function(*args)
    parts = ACTIVE.parts
    depth = len(parts)
    parts.append(part)
    try:
        return function(*args)
    finally:
        del parts[depth:]


def layers_are_wanted() -> bool:
    """Whether a listener wants every layer to be called by itself."""
    return any([listener.wants_layers for listener in ACTIVE.listeners])


# -- the user's line -------------------------------------------------------------------------------

_COMMAND = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli.py")


def _site() -> Site | None:
    """The line of the innermost frame outside of scratchnet and Python's standard library.

    None where there is none: what the command does has no line of the user's.
    """
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file == _COMMAND:
            return None
        if is_the_users(file):
            return Site(file, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return None
