"""GradientTape: write down what happened, read it backwards.

The tape is a list of Records in the order of their making, so every use of a tensor stands after
its making, and reading the list backwards meets a tensor's uses before the record that made it: no
sort and no recursion, however deep the graph.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from types import TracebackType
from typing import Any, Self, TypeVar, cast, overload

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.backward import Grads, backward, initial_cotangents, one_hots
from scratchnet.engine.explain_none import Detachment, TapeState, detachments_at, reaching
from scratchnet.engine.listening import GradientCall, notify, notifying
from scratchnet.engine.op import ACTIVE, Record, call
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor
from scratchnet.engine.tracebacks import filters_tracebacks
from scratchnet.engine.variable import BaseVariable, Variable, origin_of

log = logging.getLogger("scratchnet")


# What a type checker knows of `gradient`: the structure of the sources, each leaf a Tensor or None.
Source = TypeVar("Source", bound=Operators)
Key = TypeVar("Key")


class UnconnectedGradients(Enum):
    """What a source gets that the target does not depend on (``tf.UnconnectedGradients``)."""

    NONE = "none"
    ZERO = "zero"


class GradientTape:
    """Records what is computed in its context, for `gradient` and `jacobian` (``tf.GradientTape``).

    Args:
        persistent: keep the records after `gradient`, so that it can be called again.
        watch_accessed_variables: follow every variable that is read in the context, if it was made
            trainable.

    >>> import scratchnet as tf
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> tape.gradient(y, x)
    <tf.Tensor: shape=(), dtype=float32, numpy=6.0>
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_accessed = watch_accessed_variables
        self._recording = False
        self._entered = self._used = False
        self._reasons: dict[int, tuple[Any, str]] = {}
        self._clear()

    # -- recording: what a gradient can pass through is kept ---------------------------------------

    def _clear(self) -> None:
        self._records: list[Record] = []
        # Ids of what a gradient can flow to.  Each belongs to an object that a record, `_watched`
        # or `_variables` keeps alive, so an id cannot come to mean something else.
        self._tracked: set[int] = set()
        self._any_frozen = False  # whether a variable that was frozen later on was read
        self._any_complex = False  # whether one of them is complex
        self._watched: list[Any] = []
        self._variables: dict[int, BaseVariable] = {}
        self._detachments: list[Detachment] = []

    @property
    def records(self) -> tuple[Record, ...]:
        """What was recorded, in order; empty once a non-persistent tape was used."""
        return tuple(self._records)

    def __enter__(self) -> Self:
        self._start()
        if ACTIVE.listeners:
            try:
                notify("begin_tape", self)
            except BaseException:
                self._stop()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._recording:
            self._stop()
        if ACTIVE.listeners:
            notify("end_tape", self)

    def _start(self) -> None:
        if self._recording:
            raise ValueError(
                "Tape is still recording, This can happen if you try to re-enter an already-active "
                "tape."
            )
        self._recording = True
        self._entered = True
        self._used = False  # entered again, a tape that was used begins anew
        self._stack = ACTIVE.tapes  # of now: in a `StopRecording` context another one is in place
        self._stack.append(self)

    def _stop(self) -> None:
        self._recording = False
        self._stack.remove(self)

    def _check_recording(self) -> None:
        if not self._recording:
            raise ValueError("Tape is not recording.")

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """A context in which this tape records nothing.

        Raises:
            ValueError: the tape is not recording.
        """
        self._check_recording()
        self._stop()
        try:
            yield
        finally:
            self._start()

    def reset(self) -> None:
        """Forget everything recorded and watched so far, and go on recording.

        Raises:
            ValueError: the tape is not recording.
        """
        self._check_recording()
        self._clear()

    @filters_tracebacks
    def watch(self, tensor: Any) -> None:
        """Follow `tensor` (or every tensor in a nested structure), so that it can be a source.

        Only floating and complex tensors have gradients: others are not followed, with a warning.

        Raises:
            ValueError: something in it is neither a Tensor nor a Variable.
            AttributeError: the tape was never entered.
        """
        for x in nest.flatten(tensor):
            if not isinstance(x, Tensor | Variable):
                raise ValueError(
                    f"Passed in object {x!r} of type {type(x).__name__!r}, not tf.Tensor or "
                    "tf.Variable or ExtensionType."
                )
            if not self._entered:
                raise AttributeError(
                    "GradientTape.watch: this tape was never entered: call it inside `with tape:`"
                )
            if x._data.dtype.kind not in "fc":
                log.warning(
                    "The dtype of the watched tensor must be floating (e.g. tf.float32), got %r",
                    x.dtype,
                )
                continue
            followed = origin_of(x)
            self._tracked.add(id(followed))
            self._any_complex |= x._data.dtype.kind == "c"
            self._watched.append(followed)
            if isinstance(x, Variable):
                self._variables[id(followed)] = followed

    def watched_variables(self) -> tuple[Any, ...]:
        """The variables made trainable that were read, and those watched, first come first."""
        return tuple(self._variables.values())

    def access(self, variable: BaseVariable) -> None:
        """Called when `variable` is read while this tape records."""
        if self._watch_accessed and variable.made_trainable:
            self._any_frozen |= not variable.trainable
            self._variables[id(variable)] = variable
            kind = variable._data.dtype.kind
            if kind in "fc":
                self._tracked.add(id(variable))
                self._any_complex |= kind == "c"

    def record(self, record: Record) -> bool:
        """Called after every op while this tape records; keeps it if a gradient can pass."""
        tracked = self._tracked
        if tracked.isdisjoint(map(id, record.inputs)):
            return False
        outputs = record.outputs
        if len(outputs) == 1 and outputs[0]._data.dtype.kind == "f" and not record.op.stops:
            self._records.append(record)  # most records
            tracked.add(id(outputs[0]))
            return True
        kinds = [y._data.dtype.kind for y in outputs]
        self._any_complex |= "c" in kinds
        smooth = [id(y) for y, kind in zip(outputs, kinds, strict=True) if kind in "fc"]
        if not smooth or record.op.stops:
            detachments = detachments_at(record, tracked)
            self._detachments += [d for d in detachments if d is not None]
            if all(detachments):
                return False
        self._records.append(record)
        tracked.update(smooth)
        return True

    def detached(self, tensor: Tensor, reason: str) -> None:
        """Called when what comes of `tensor` does not come by its records, for that `reason`."""
        if id(tensor) in self._tracked:
            self._detachments.append(Detachment(id(tensor), reason))

    def follows(self, x: Any) -> bool:
        """Whether a gradient could flow to `x`: it is watched, or came from what is."""
        return id(x) in self._tracked

    # -- reading backwards -------------------------------------------------------------------------

    @overload
    def gradient(
        self,
        target: Any,
        sources: Operators,
        output_gradients: Any = None,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
    ) -> Tensor | None: ...

    @overload
    def gradient(
        self,
        target: Any,
        sources: list[Source],
        output_gradients: Any = None,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
    ) -> list[Tensor | None]: ...

    @overload
    def gradient(
        self,
        target: Any,
        sources: tuple[Source, ...],
        output_gradients: Any = None,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
    ) -> tuple[Tensor | None, ...]: ...

    @overload
    def gradient(
        self,
        target: Any,
        sources: dict[Key, Source],
        output_gradients: Any = None,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
    ) -> dict[Key, Tensor | None]: ...

    @overload
    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
    ) -> Any: ...

    @filters_tracebacks
    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
    ) -> Any:
        """The gradient of the sum of `target` with respect to each of `sources`.

        Args:
            target: a tensor or nested structure of them; several add up.
            sources: watched tensors, variables, or tensors recorded on the way; nested as you like.
            output_gradients: the cotangents of `target`, one for each tensor in it and of its size;
                ones if not given.
            unconnected_gradients: ``"none"`` or ``"zero"``: what a source gets that `target` does
                not depend on.

        Returns:
            The structure of `sources`, with a Tensor of the source's shape and dtype, or None, at
            each leaf.  `explain_none` says why a leaf is None.  Unlike TensorFlow's, the gradient
            of a gather is a dense tensor, never IndexedSlices.

        Raises:
            RuntimeError: the second call on a tape that is not persistent.
            TypeError: `target` or `sources` holds something else, such as None or an array.
            ValueError: an unknown `unconnected_gradients`; `output_gradients` that do not fit.
        """
        unconnected = _unconnected(unconnected_gradients)
        self._begin()
        if target is None:
            raise TypeError(
                "Argument `target` should be a list or nested structure of Tensors, Variables or "
                "CompositeTensors to be differentiated, but received None."
            )
        targets, leaves = _flat(target), _flat(sources)
        _check_tensors("gradient", target=targets, sources=leaves)
        cotangents = initial_cotangents(targets, output_gradients)
        self._explain(targets, leaves)
        free = not self._persistent
        found = self._notified(
            "gradient", targets, leaves, lambda: self._run(targets, cotangents, leaves, free)
        )
        self._end(leaves, found)
        return nest.pack(
            sources, [_filled(g, x, (), unconnected) for g, x in zip(found, leaves, strict=True)]
        )

    @overload
    def jacobian(
        self,
        target: Any,
        sources: Operators,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor | None: ...

    @overload
    def jacobian(
        self,
        target: Any,
        sources: list[Source],
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> list[Tensor | None]: ...

    @overload
    def jacobian(
        self,
        target: Any,
        sources: tuple[Source, ...],
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> tuple[Tensor | None, ...]: ...

    @overload
    def jacobian(
        self,
        target: Any,
        sources: dict[Key, Source],
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> dict[Key, Tensor | None]: ...

    @overload
    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any: ...

    @filters_tracebacks
    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of every element of `target` by every element of each source.

        One backward pass per element of `target`, with the one-hot cotangent that selects it.

        Args:
            target: one tensor.
            sources, unconnected_gradients: as for `gradient`.
            parallel_iterations, experimental_use_pfor: how TensorFlow goes about it; here it is
                always the loop, and the numbers do not hang on it.

        Returns:
            The structure of `sources`; each leaf is None or of shape target.shape + source.shape.

        Raises:
            As `gradient`.
        """
        unconnected = _unconnected(unconnected_gradients)
        self._begin()
        leaves = _flat(sources)
        _check_tensors("jacobian", target=[target], sources=leaves)
        self._explain([target], leaves)
        shape = target._data.shape

        def blocks_of_rows() -> list[Tensor | None]:
            rows = [self._run([target], [g], leaves, free=False) for g in one_hots(target._data)]
            return [self._block(x, [row[j] for row in rows], shape) for j, x in enumerate(leaves)]

        blocks = self._notified("jacobian", [target], leaves, blocks_of_rows)
        self._end(leaves, blocks)
        return nest.pack(
            sources,
            [_filled(b, x, shape, unconnected) for b, x in zip(blocks, leaves, strict=True)],
        )

    @filters_tracebacks
    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor:
        """For each example of a batch, the derivative of `target` by `source`.

        ``out[b, i, j] = ∂ Σ_c target[c, i] / ∂ source[b, j]``, which is the derivative of example b
        by example b where the examples do not mix.  One backward pass per element of an example.

        Args:
            target: a tensor of shape (batch, …).
            source: a watched tensor or variable of shape (batch, …).
            unconnected_gradients, parallel_iterations, experimental_use_pfor: as for `jacobian`.

        Returns:
            A tensor of shape (batch, *target.shape[1:], *source.shape[1:]): zeros where `target`
            does not depend on `source`, as TensorFlow has it.

        Raises:
            ValueError: the batches differ, or `target` has fewer than two axes.
            RuntimeError, TypeError: as `gradient`.
        """
        _unconnected(unconnected_gradients)
        self._begin()
        y, x = origin_of(target), origin_of(source)
        _check_tensors("batch_jacobian", target=[y], source=[x])
        _check_batches(y._data.shape, x._data.shape)
        self._explain([y], [x])
        rows = one_hots(y._data[:1], len(y._data))
        whole = y._data.shape + x._data.shape[1:]
        columns: list[Tensor | None] = []

        def stacked() -> list[Tensor | None]:
            columns.extend(self._run([y], [g], [x], free=False)[0] for g in rows)
            found = [Tensor(np.zeros_like(x._data)) if g is None else g for g in columns]
            if not found:
                return [Tensor(np.zeros(whole, y._data.dtype))]
            return [call("reshape", call("stack", found, axis=1), whole)]

        (found,) = self._notified("batch_jacobian", [y], [x], stacked)
        self._end([x], columns[:1])
        return cast(Tensor, found)

    def explain_none(self, source: Any) -> str:
        """Why the last `gradient` or `jacobian` of this tape was None for `source`.

        >>> import scratchnet as tf
        >>> x = tf.constant(3.0)
        >>> with tf.GradientTape() as tape:
        ...     y = x * x
        >>> tape.gradient(y, x) is None
        True
        >>> print(tape.explain_none(x))
        the tape does not watch this tensor: call `tape.watch(…)` on it before it is used
        """
        if id(source) in self._reasons:
            return self._reasons[id(source)][1]
        return "its gradient was not None, or has not been asked for"

    def _begin(self) -> None:
        if not self._entered:
            raise RuntimeError(
                "this GradientTape has recorded nothing, as it was never entered: what is to have "
                "a gradient must be computed inside `with tape:`"
            )
        if self._used:
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of gradients "
                "(or jacobians)"
            )
        if self._recording and self._persistent:
            log.warning(
                "Calling GradientTape.gradient on a persistent tape inside its context is "
                "significantly less efficient than calling it outside the context"
            )
        elif self._recording:
            self._stop()

    def _notified(
        self,
        method: str,
        targets: list[Any],
        sources: list[Any],
        run: Callable[[], list[Tensor | None]],
    ) -> list[Tensor | None]:
        """What `run` returns; listeners are told of it."""
        if not ACTIVE.listeners:
            return run()
        with notifying("gradient", GradientCall(self, method, targets, sources)) as event:
            event.gradients = found = run()
        return found

    def _explain(self, targets: list[Any], sources: list[Any]) -> None:
        """Note why sources will have no gradient, while the records that tell it are there."""
        reached = reaching(self._records, targets, self._tracked)
        unreached = [x for x in sources if id(x) not in reached]
        self._reasons = {}
        if unreached:
            state = TapeState(
                self._records, self._detachments, self._tracked, self._watch_accessed, targets
            )
            self._reasons = {id(x): (x, state.explain(x)) for x in unreached}

    def _run(
        self, targets: list[Any], cotangents: list[Tensor | None], sources: list[Any], free: bool
    ) -> list[Tensor | None]:
        """The cotangents of `sources`; `free` lets go of each record once it was read."""
        self._used = not self._persistent
        grads: Grads = {}
        keep = {id(x) for x in sources}
        for y, g in zip(targets, cotangents, strict=True):
            if g is not None and (id(y) in self._tracked or id(y) in keep):
                known = grads.get(id(y))
                grads[id(y)] = g if known is None else call("add", known, g)
        tracked = self._following(keep) if self._any_frozen else self._tracked
        records = _consume(self._records) if free else reversed(tuple(self._records))
        backward(records, grads, tracked, keep, self._any_complex)
        return [grads.get(id(x)) for x in sources]

    def _following(self, sources: set[int]) -> set[int]:
        """What is followed and was computed from `sources`.

        Where layers are frozen, most of what a tape follows leads to their weights alone, of which
        nobody asks for the gradient.
        """
        reached = set(sources)
        for record in self._records:
            if not reached.isdisjoint(map(id, record.inputs)):
                reached.update(map(id, record.outputs))
        return self._tracked & reached

    def _block(self, x: Any, column: list[Tensor | None], shape: tuple[int, ...]) -> Tensor | None:
        """The gradients of `x`, one per element of a target of `shape`, in one tensor."""
        if id(x) in self._reasons or (column and all(g is None for g in column)):
            return None
        zero = Tensor(np.zeros_like(x._data))
        rows = [zero if g is None else g for g in column]
        whole = shape + x._data.shape
        return (
            call("reshape", call("stack", rows), whole) if rows else call("zeros", whole, x.dtype)
        )

    def _end(self, sources: list[Any], found: list[Tensor | None]) -> None:
        for x, g in zip(sources, found, strict=True):
            if g is None and id(x) not in self._reasons:
                self._reasons[id(x)] = (x, "a custom gradient between it and the target is None")
        if not self._persistent:
            variables = self._variables
            self._clear()
            self._variables = variables  # `watched_variables` still tells


def _flat(structure: Any) -> list[Any]:
    return [origin_of(x) for x in nest.flatten(structure)]


def _consume(records: list[Record]) -> Iterator[Record]:
    """The records, last first, each forgotten when the next is asked for, so memory goes too."""
    while records:
        yield records.pop()


def _check_batches(target: tuple[int, ...], source: tuple[int, ...]) -> None:
    if len(target) < 2:
        raise ValueError(f"Shape {target} must have rank at least 2")
    if target[:1] != source[:1]:
        raise ValueError(
            f"Need first dimension of target shape ({target}) and source shape ({source}) to match."
        )


def _unconnected(value: Any) -> UnconnectedGradients:
    try:
        return UnconnectedGradients(value)
    except ValueError:
        raise ValueError(f"Unknown value for unconnected_gradients: {value!r}") from None


def _check_tensors(where: str, **arguments: list[Any]) -> None:
    for name, leaves in arguments.items():
        for x in leaves:
            if not isinstance(x, Operators):
                raise TypeError(
                    f"{where}: `{name}` must hold tensors or variables, received {x!r} of type "
                    f"{type(x).__name__}"
                )


def _filled(
    g: Tensor | None, x: Any, shape: tuple[int, ...], unconnected: UnconnectedGradients
) -> Tensor | None:
    """`g`, or what stands in for it where it is None."""
    if g is None and unconnected is UnconnectedGradients.ZERO:
        return Tensor(np.zeros(shape + x._data.shape, x._data.dtype))
    return g
