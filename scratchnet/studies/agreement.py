"""Whether our numbers are TensorFlow's: by the bounds that `scratchnet twin` has for an epoch.

A number must be within 1e-5 of TensorFlow's, relatively, or within twice TensorFlow's own spread:
how far its numbers of the same kind are from its own when it is run again, see `Study.again`.
Where that is more than a thousandth of the number, a decision (x > 0 of a ReLU, the largest of a
window) fell otherwise in one of the two runs, and one pair of runs says too little: then it is ten
times the spread, which is the twin's bound on a step.

A whole number and what is no number (NaN, infinity) must be the same; an accuracy may print the
same.  Seconds are not compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from scratchnet.studies.study import Numbers, Witness
from scratchnet.twin.bounds import SPREADS as MANY_SPREADS
from scratchnet.twin.epochs import SPREADS, TIGHT

KINKED = 1e-3  # relative, of a spread: more is no rounding, but another decision


@dataclass(frozen=True)
class Line:
    """One number, or one list of numbers, of both sides.

    Attributes:
        name: ``group/name``; the numbers of a group are of one kind.
        ours, theirs: what the experiment returned.
        difference: the largest.
        spread: TensorFlow's own, the largest of the group; None where it was not measured.
        allowed: how large the difference may be.
        agrees: whether it is not larger.
    """

    name: str
    ours: Any
    theirs: Any
    difference: float
    spread: float | None
    allowed: float
    agrees: bool


def compare(numbers: Numbers, witness: Witness) -> list[Line]:
    """Our numbers beside TensorFlow's, in the order of ours.

    >>> from scratchnet.studies.study import Witness
    >>> theirs = Witness({"loss/a": 2.0, "n": 3}, {"loss/a": 2.001, "n": 3}, "2.21", False)
    >>> [(line.name, line.agrees) for line in compare({"loss/a": 2.0015, "n": 4}, theirs)]
    [('loss/a', True), ('n', False)]
    """
    spreads: dict[str, float] = {}
    if witness.again is not None:
        for name, value in witness.numbers.items():
            gap = _gap(value, witness.again.get(name, value))
            spreads[_group(name)] = max(
                spreads.get(_group(name), 0.0), gap if gap < math.inf else 0
            )
    compared = [name for name in numbers if _group(name) != "seconds"]
    return [_line(name, numbers[name], witness, spreads.get(_group(name))) for name in compared]


def _line(name: str, ours: Any, witness: Witness, spread: float | None) -> Line:
    theirs = witness.numbers.get(name)
    if theirs is None:
        return Line(name, ours, theirs, float("inf"), spread, 0.0, False)
    allowed = SPREADS * (spread or 0.0)
    ours_flat, theirs_flat = _leaves(ours), _leaves(theirs)
    if any(isinstance(v, float) for v in (*ours_flat, *theirs_flat)):
        sizes = [abs(v) for v in theirs_flat if not isinstance(v, str) and math.isfinite(v)]
        size = max(sizes, default=0.0)
        if allowed > SPREADS * KINKED * size:
            allowed *= MANY_SPREADS / SPREADS
        allowed = max(allowed, TIGHT * size)
    gap = _gap(ours, theirs)
    agrees = gap <= allowed and gap < math.inf
    if _group(name).startswith("accuracy") and len(ours_flat) == len(theirs_flat):
        prints = zip(ours_flat, theirs_flat, strict=True)
        agrees = agrees or all(f"{a:.4f}" == f"{b:.4f}" for a, b in prints)
    return Line(name, ours, theirs, gap, spread, allowed, agrees)


def _leaves(value: Any) -> list[Any]:
    return [leaf for part in value for leaf in _leaves(part)] if _is_list(value) else [value]


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _gap(ours: Any, theirs: Any) -> float:
    """The largest difference; infinite where the two have not one shape, or are no numbers."""
    if _is_list(ours) and _is_list(theirs) and len(ours) == len(theirs):
        return max((_gap(a, b) for a, b in zip(ours, theirs, strict=True)), default=0.0)
    if _is_list(ours) or _is_list(theirs) or isinstance(ours, str) or isinstance(theirs, str):
        return 0.0 if ours == theirs else math.inf
    if ours == theirs or (math.isnan(ours) and math.isnan(theirs)):
        return 0.0
    gap = abs(ours - theirs)
    return float(gap) if math.isfinite(gap) else math.inf


def _group(name: str) -> str:
    return name.partition("/")[0]
