"""Whether our numbers are TensorFlow's: by the bounds that `scratchnet twin` has.

A number must be within 1e-5 of TensorFlow's, relatively, or within twice TensorFlow's own spread of
this very number: how far it is from its own when it is run again, see `Study.again`.  Where that is
more than a thousandth of the number, a decision (x > 0 of a ReLU, the largest of a window) fell
otherwise in one of its runs, and a few runs say too little: then it is ten times the spread, which
is the twin's bound on a step.

A decision may also fall otherwise in our run and in none of TensorFlow's.  What that does the other
numbers of its kind show: a number may be off, relatively, by four times the root mean square of
their relative spreads.  (Of four runs that differ by roundings only, three often agree to seven
digits and one is off by a tenth: a number's own spread alone says too little.)

Where the bound is wider than half the number, it says nothing: such a number is counted apart.

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
KIND_SPREADS = 4.0  # how many times the typical spread of the others of its kind
WIDE = 0.5  # relative, of a bound: what may be as far off is not told from a wrong number


@dataclass(frozen=True)
class Line:
    """One number, or one list of numbers, of both sides.

    Attributes:
        name: ``group/name``; the numbers of a group are of one kind, see also `Study.alike`.
        ours, theirs: what the experiment returned.
        difference: the largest.
        spread: TensorFlow's own, the largest; None where it was not measured.
        allowed: how large the difference may be.
        agrees: whether it is not larger.
        tells: whether that says anything: a bound wider than half the number does not.
    """

    name: str
    ours: Any
    theirs: Any
    difference: float
    spread: float | None
    allowed: float
    agrees: bool
    tells: bool = True


def compare(
    numbers: Numbers, witness: Witness, alike: tuple[tuple[str, ...], ...] = ()
) -> list[Line]:
    """Our numbers beside TensorFlow's, in the order of ours.

    Args:
        numbers: ours.
        witness: TensorFlow's.
        alike: groups whose numbers are of one kind, by how their names begin.

    >>> from scratchnet.studies.study import Witness
    >>> theirs = Witness({"loss/a": 2.0, "n": 3}, (), "2.21", False)
    >>> [(line.name, line.agrees) for line in compare({"loss/a": 2.0015, "n": 4}, theirs)]
    [('loss/a', False), ('n', False)]
    """
    compared = [name for name in numbers if _group(name) != "seconds"]
    spreads = {name: _spread(name, witness) for name in witness.numbers} if witness.again else {}
    relative: dict[object, dict[str, float]] = {}  # by kind and name
    for name, spread in spreads.items():
        size = _size(witness.numbers[name])
        if 0 <= spread <= WIDE * size:
            kind = relative.setdefault(_kind(name, alike), {})
            kind[name] = spread / size if size else 0.0
    found = []
    for name in compared:
        kind = relative.get(_kind(name, alike), {})
        others = [r for other, r in kind.items() if other != name] or [0.0]
        typical = math.sqrt(math.fsum(r * r for r in others) / len(others))
        found.append(_line(name, numbers[name], witness, spreads.get(name), typical))
    return found


def _spread(name: str, witness: Witness) -> float:
    """How far one of TensorFlow's numbers is from its own when it is run again."""
    there = witness.numbers[name]
    return max(_gap(there, again.get(name, there)) for again in witness.again)


def _size(value: Any) -> float:
    """The largest of a number or of a list of numbers, by its magnitude."""
    numbers = [abs(v) for v in _leaves(value) if not isinstance(v, str) and math.isfinite(v)]
    return max(numbers, default=0.0)


def _line(name: str, ours: Any, witness: Witness, spread: float | None, typical: float) -> Line:
    theirs = witness.numbers.get(name)
    if theirs is None:
        return Line(name, ours, theirs, float("inf"), spread, 0.0, False)
    allowed, size = 0.0, _size(theirs)
    ours_flat, theirs_flat = _leaves(ours), _leaves(theirs)
    if any(isinstance(v, float) for v in (*ours_flat, *theirs_flat)):
        own = 0.0 if spread is None or spread == math.inf else spread
        allowed = max(
            TIGHT * size,
            (SPREADS if own <= KINKED * size else MANY_SPREADS) * own,
            KIND_SPREADS * typical * size,
        )
    gap = _gap(ours, theirs)
    agrees = gap <= allowed and gap < math.inf
    if _group(name).startswith("accuracy") and len(ours_flat) == len(theirs_flat):
        prints = zip(ours_flat, theirs_flat, strict=True)
        agrees = agrees or all(f"{a:.4f}" == f"{b:.4f}" for a, b in prints)
    tells = allowed <= WIDE * size
    return Line(name, ours, theirs, gap, spread, allowed, agrees, tells)


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


def _kind(name: str, alike: tuple[tuple[str, ...], ...]) -> object:
    return next((starts for starts in alike if name.startswith(starts)), _group(name))


def _group(name: str) -> str:
    return name.partition("/")[0]
