"""Why a gradient is None: the question that a tape can answer, since it saw everything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from scratchnet.engine.op import NoGradient, Record, Vjp
from scratchnet.engine.variable import BaseVariable, Variable

_SMOOTH = "only floating and complex tensors have gradients"


@dataclass(frozen=True, eq=False, slots=True)
class Detachment:
    """A place where a tensor that the tape followed, here its id, was detached, and why."""

    tensor: int
    reason: str


def declared(record: Record, i: int) -> Vjp | NoGradient | None:
    """The VJP of argument `i` as its row declares it; None if the row forgot it."""
    op = record.op
    return op.vjp(i) if op.variadic or i < len(op.vjps) else None


def detachments_at(record: Record, tracked: set[int]) -> list[Detachment | None]:
    """For each input of `record` that is tracked: why no gradient passes to it; None if one can."""
    smooth = any(y._data.dtype.kind in "fc" for y in record.outputs)
    found: list[Detachment | None] = []
    for i, x in enumerate(record.inputs):
        if id(x) in tracked:
            vjp = declared(record, i)
            stops = not smooth or isinstance(vjp, NoGradient)
            found.append(Detachment(id(x), _why_not(record, vjp)) if stops else None)
    return found


def _why_not(record: Record, vjp: Vjp | NoGradient | None) -> str:
    if isinstance(vjp, NoGradient):
        return f"`{record.op.name}` has no gradient: {vjp.reason}"
    dtype = record.outputs[0]._data.dtype.name
    return f"the result of `{record.op.name}` is {dtype}, and {_SMOOTH}"


def reaching(records: Sequence[Record], targets: Iterable[Any], tracked: set[int]) -> set[int]:
    """The ids of everything from which a gradient path leads to one of `targets`."""
    reached = {id(y) for y in targets if y._data.dtype.kind in "fc"}
    for record in reversed(records):
        if reached.isdisjoint(map(id, record.outputs)):
            continue
        inputs: Iterable[Any] = record.inputs
        if record.op.stops:
            inputs = [
                x
                for i, x in enumerate(record.inputs)
                if not isinstance(declared(record, i), NoGradient)
            ]
        reached.update(tracked.intersection(map(id, inputs)))
    return reached


@dataclass(frozen=True, eq=False)
class TapeState:
    """What a tape knows when it is asked why a gradient is None."""

    records: Sequence[Record]
    detachments: Sequence[Detachment]
    tracked: set[int]
    watch_accessed: bool
    targets: Sequence[Any]

    def explain(self, source: Any) -> str:
        """Why no gradient path leads from `source` to a target."""
        if source._data.dtype.kind not in "fc":
            dtype = source._data.dtype.name
            return f"its dtype is {dtype}, and {_SMOOTH}"
        if id(source) not in self.tracked:
            return self._untracked(source)
        reached, used_by = _descendants(source, self.records)
        facts = list(dict.fromkeys(d.reason for d in self.detachments if d.tensor in reached))
        if len(facts) > 1:  # what came after is not on the tape: it could be any of them
            facts[0] = f"its path ended in several places, of which one led here: {facts[0]}"
        if not used_by and not facts:
            facts = ["nothing was computed from it while the tape was recording"]
        facts += self._of_targets()
        if not facts:
            names = ", ".join(f"`{name}`" for name in dict.fromkeys(used_by))
            facts = [f"the target does not depend on it; it was used by {names}"]
        return "; ".join(dict.fromkeys(facts))

    def _untracked(self, source: Any) -> str:
        watch = "call `tape.watch(…)` on it before it is used"
        if not isinstance(source, BaseVariable):
            return f"the tape does not watch this tensor: {watch}"
        if not source.made_trainable:
            if isinstance(source, Variable):
                return f"this variable has trainable=False: {watch}"
            watch_value = "call `tape.watch(…)` on its `value` before it is used"
            return f"this variable was made with trainable=False: {watch_value}"
        if not self.watch_accessed:
            return f"the tape has watch_accessed_variables=False: {watch}"
        return "this variable was not read while the tape was recording"

    def _of_targets(self) -> list[str]:
        smooth = [y for y in self.targets if y._data.dtype.kind in "fc"]
        if self.targets and not smooth:
            dtype = self.targets[0]._data.dtype.name
            return [f"the target is {dtype}, and {_SMOOTH}"]
        if any(id(y) in self.tracked for y in smooth):
            return []
        return [
            "the tape did not record how the target was made: that was outside its context, or "
            "from nothing that it follows"
        ]


def _descendants(source: Any, records: Sequence[Record]) -> tuple[set[int], list[str]]:
    """The ids of all that was computed from `source`, itself included, and the ops that did it."""
    reached, used_by = {id(source)}, []
    for record in records:
        ways = [declared(record, i) for i, x in enumerate(record.inputs) if id(x) in reached]
        if ways and not all(isinstance(way, NoGradient) for way in ways):
            reached.update(map(id, record.outputs))
            if record.op.name != "read_variable":
                used_by.append(record.op.name)
    return reached, used_by
