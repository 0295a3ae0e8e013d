"""Whether our numbers are TensorFlow's: by two constants of `scratchnet twin`.

A number must be within 1e-5 of TensorFlow's, relatively, or within twice TensorFlow's own spread of
this very number: how far it is, at most, from its own when it is run again on images that are off
by some roundings.  A list has one unit, the largest of its numbers, and one spread.  A whole number
and what is no number (NaN, infinity) must be the same; an accuracy may print the same.  Seconds are
not compared.

That holds for what is seen before a training and in its first steps.  After hundreds of steps a
decision (x > 0 of a ReLU, the largest of a window) has fallen otherwise in one run or the other,
and a number that comes of it says nothing of a single rounding, and hardly anything alone: of four
runs that differ by roundings only, three often agree to seven digits and one is off by a tenth.
Such numbers, see `Study.late`, are not compared one by one.  All of a kind are, together: the root
mean square of their relative differences must be within twice the largest of TensorFlow's from
itself.  A kind of which that is more than a quarter is not compared.

The two constants, 1e-5 and twice, are those that the twin has for the loss of an epoch.  Its spread
is made otherwise: by oneDNN's kernels and by noise of a rounding at every layer, not on images that
are off.

Recorded numbers were kept with nine digits.  Ours are rounded so too before they are compared with
such, else what is seen would be the rounding of the record.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scratchnet.studies.study import Late, Numbers, Witness
from scratchnet.twin.epochs import SPREADS, TIGHT

WIDE = 0.25  # a bound: hardly anything would be seen, so that such a kind is not compared
SMALL = 1e-3  # the unit of the difference of late numbers that are smaller than that
NOTHING = 1e-3  # of the largest of a kind: what is smaller is 0 but for what rounding made of it


@dataclass(frozen=True)
class Line:
    """One number, or one list of numbers, of both sides; or all late numbers of a kind, together.

    Attributes:
        name: ``group/name``; of a kind, what their names begin with.
        ours, theirs: what the experiment returned; None of a kind.
        difference: the largest; of a kind the root mean square of the relative ones.
        allowed: how large it may be; None of a late number, which is not compared alone.
        agrees: whether it is not larger.
        count: how many late numbers the kind has; 0 of a number.
    """

    name: str
    ours: Any
    theirs: Any
    difference: float
    allowed: float | None
    agrees: bool
    count: int = 0


def compare(numbers: Numbers, witness: Witness, late: Late = ()) -> list[Line]:
    """Our numbers beside TensorFlow's, in the order of ours; after them the kinds.

    Args:
        numbers: ours.
        witness: TensorFlow's.
        late: kinds of numbers that come of long trainings, by how their names begin: the first
            that fits.

    >>> from scratchnet.studies.study import Witness
    >>> theirs = Witness({"loss/a": 2.0, "n": 3}, (), "2.21", False)
    >>> [(line.name, line.agrees) for line in compare({"loss/a": 2.0015, "n": 4}, theirs)]
    [('loss/a', False), ('n', False)]
    """
    if witness.recorded:
        numbers = shortened(numbers)
    found: list[Line] = []
    kinds: dict[tuple[str, ...], list[str]] = {}
    for name, ours in numbers.items():
        kind = kind_of(name, late)
        if name.startswith("seconds/"):
            continue
        if name not in witness.numbers:
            found.append(Line(name, ours, None, math.inf, 0.0, False))
        elif kind is None:
            found.append(_line(name, ours, witness))
        else:
            kinds.setdefault(kind, []).append(name)
            theirs = witness.numbers[name]
            gap = max((_gap(a, b) for a, b in _pairs(ours, theirs)), default=0.0)
            found.append(Line(name, ours, theirs, gap, None, True))
    for kind, names in kinds.items():
        difference = together(names, numbers, witness.numbers)
        allowed = max(TIGHT, SPREADS * witness.together.get(named(kind), 0.0))
        if allowed <= WIDE:
            agrees = difference <= allowed
            found.append(Line(named(kind), None, None, difference, allowed, agrees, len(names)))
    return found


def kind_of(name: str, late: Late) -> tuple[str, ...] | None:
    """The kind of late numbers that one is of; None of one that is compared alone."""
    return next((starts for starts in late if name.startswith(starts)), None)


def named(kind: tuple[str, ...]) -> str:
    """What a kind is called.

    >>> named(("loss after/", "loss with batches/"))
    'loss after/…, loss with batches/…'
    """
    return ", ".join(f"{start}…" for start in kind)


def together(names: Sequence[str], ours: Numbers, theirs: Numbers) -> float:
    """The root mean square of the relative differences of these numbers.

    A difference is divided by the larger of the two, or by a thousandth where both are smaller.
    Where both are smaller than a thousandth of the largest number of all, it is divided by that: a
    number that is nearly 0 beside the others has a relative difference that says nothing.

    >>> together(["a", "b"], {"a": 1.0, "b": 0.5}, {"a": 1.0, "b": 1.0})
    0.3535533905932738
    >>> together(["a", "b"], {"a": 1.0, "b": 2e-5}, {"a": 1.0, "b": 12e-5})  # 1e-4 of 1.0
    7.071067811865475e-05
    """
    ratios = []
    pairs = [pair for name in names for pair in _pairs(ours[name], theirs[name])]
    largest = max((_size(value) for pair in pairs for value in pair), default=0.0)
    for a, b in pairs:
        gap = _gap(a, b)
        if gap and gap < math.inf:
            unit = max(abs(a), abs(b))
            gap /= largest if unit < NOTHING * largest else max(unit, SMALL)
        ratios.append(gap)
    return math.sqrt(math.fsum(r * r for r in ratios) / len(ratios))


def spread(value: Any, again: Sequence[Any]) -> float:
    """How far a number, or a list of numbers, is at most from those of other runs, relatively.

    What is no number has no spread.

    >>> spread([1.0, 2.0], [[1.0, 2.1], [1.2, 2.0]])
    0.1
    """
    size = _size(value)
    gaps = [_gap(a, b) for other in again for a, b in _pairs(value, other)]
    largest = max((gap for gap in gaps if math.isfinite(gap)), default=0.0)
    return float(f"{largest / size:.3g}") if size else 0.0


def shortened(value: Any) -> Any:
    """Numbers with nine digits, as they are recorded: all that a float32 has.

    >>> shortened({"a": [1 / 3, 7]})
    {'a': [0.333333333, 7]}
    """
    if isinstance(value, dict):
        return {key: shortened(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [shortened(part) for part in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def _line(name: str, ours: Any, witness: Witness) -> Line:
    theirs = witness.numbers[name]
    leaves = list(_pairs(ours, theirs))
    allowed = 0.0
    if any(isinstance(v, float) for pair in leaves for v in pair):
        allowed = max(TIGHT, SPREADS * witness.spreads.get(name, 0.0)) * _size(theirs)
    difference = max((_gap(a, b) for a, b in leaves), default=0.0)
    agrees = difference <= allowed
    if name.startswith("accuracy") and difference < math.inf:
        agrees = agrees or all(f"{a:.4f}" == f"{b:.4f}" for a, b in leaves)
    return Line(name, ours, theirs, difference, allowed, agrees)


def _pairs(ours: Any, theirs: Any) -> Iterator[tuple[Any, Any]]:
    """The numbers of both sides; lists of unlike shape are one pair."""
    if _is_list(ours) and _is_list(theirs) and len(ours) == len(theirs):
        for a, b in zip(ours, theirs, strict=True):
            yield from _pairs(a, b)
    else:
        yield ours, theirs


def _size(value: Any) -> float:
    """The largest of a number or of a list of numbers, by its magnitude."""
    if _is_list(value):
        return max((_size(part) for part in value), default=0.0)
    return abs(value) if not isinstance(value, str) and math.isfinite(value) else 0.0


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _gap(ours: Any, theirs: Any) -> float:
    """The difference of two numbers; infinite where they are none, or have not one shape."""
    if _is_list(ours) or _is_list(theirs) or isinstance(ours, str) or isinstance(theirs, str):
        return 0.0 if ours == theirs else math.inf
    if ours == theirs or (math.isnan(ours) and math.isnan(theirs)):
        return 0.0
    gap = abs(ours - theirs)
    return float(gap) if math.isfinite(gap) else math.inf
