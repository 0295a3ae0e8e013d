"""Recording: the half of a tape that listens, and keeps what a gradient can pass through."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from scratchnet.engine import nest
from scratchnet.engine.explain_none import Cut, cuts_at
from scratchnet.engine.op import ACTIVE, Record
from scratchnet.engine.tensor import Tensor
from scratchnet.engine.variable import BaseVariable, Variable, origin_of

log = logging.getLogger("scratchnet")


class Recording:
    """A list of Records in the order of their making, and the ids of the tensors it follows."""

    def __init__(self, watch_accessed_variables: bool) -> None:
        self._watch_accessed = watch_accessed_variables
        self._recording = False
        self._clear()

    def _clear(self) -> None:
        self._records: list[Record] = []
        # Ids of what a gradient can flow to.  Each belongs to an object that a record, `_watched`
        # or `_variables` keeps alive, so an id cannot come to mean something else.
        self._tracked: set[int] = set()
        self._watched: list[Any] = []
        self._variables: dict[int, BaseVariable] = {}
        self._cuts: list[Cut] = []

    @property
    def records(self) -> tuple[Record, ...]:
        """What was recorded, in order; empty once a non-persistent tape was used."""
        return tuple(self._records)

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._recording:
            self._stop()

    def _start(self) -> None:
        if self._recording:
            raise ValueError(
                "Tape is still recording, This can happen if you try to re-enter an already-active "
                "tape."
            )
        self._recording = True
        ACTIVE.tapes.append(self)

    def _stop(self) -> None:
        self._recording = False
        ACTIVE.tapes.remove(self)

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

    def watch(self, tensor: Any) -> None:
        """Follow `tensor` (or every tensor in a nested structure), so that it can be a source.

        Only floating tensors have gradients: others, which here means complex ones too, are not
        followed, with a warning.

        Raises:
            ValueError: something in it is neither a Tensor nor a Variable.
        """
        for x in map(origin_of, nest.flatten(tensor)):
            if not isinstance(x, Tensor | Variable):
                raise ValueError(
                    f"Passed in object {x!r} of type {type(x).__name__!r}, not tf.Tensor or "
                    "tf.Variable or ExtensionType."
                )
            if x._data.dtype.kind != "f":
                log.warning(
                    "The dtype of the watched tensor must be floating (e.g. tf.float32), got %r",
                    x.dtype,
                )
                continue
            self._tracked.add(id(x))
            self._watched.append(x)
            if isinstance(x, Variable):
                self._variables[id(x)] = x

    def watched_variables(self) -> tuple[Any, ...]:
        """The trainable variables that were read and those that are watched, first come first."""
        return tuple(self._variables.values())

    def access(self, variable: BaseVariable) -> None:
        """Called when `variable` is read while this tape records."""
        if self._watch_accessed and variable.trainable:
            self._variables[id(variable)] = variable
            if variable._data.dtype.kind == "f":
                self._tracked.add(id(variable))

    def record(self, record: Record) -> bool:
        """Called after every op while this tape records; keeps it if a gradient can pass."""
        tracked = self._tracked
        if tracked.isdisjoint(map(id, record.inputs)):
            return False
        floating = [id(y) for y in record.outputs if y._data.dtype.kind == "f"]
        if not floating or record.op.stops:
            cuts = cuts_at(record, tracked)
            self._cuts += [cut for cut in cuts if cut]
            if all(cuts):
                return False
        self._records.append(record)
        tracked.update(floating)
        return True

    def leave(self, tensor: Tensor, how: str) -> None:
        """Called when the value of `tensor` goes where this tape cannot follow, by way of `how`."""
        if id(tensor) in self._tracked:
            self._cuts.append(
                Cut(id(tensor), f"its value went through {how}, where the tape cannot follow")
            )
