"""A case: one piece of work, written once, that both libraries are timed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# The ways in which a case is run: the library, how its ops are found, and what compiles them.
OURS, DEFINITION = "scratchnet", "definition"
EAGER, FUNCTION = "eager", "function"
TORCH = "torch"


@dataclass(frozen=True)
class Library:
    """What a program is given: it knows no other names, and so is one text for all.

    Attributes:
        tf: scratchnet or TensorFlow; PyTorch for programs that are written for it.
        op: the function of an op's name: scratchnet's, its definition in small ops, TensorFlow's.
        compiled: `tf.function` where that is timed, else what returns the function as it is.
    """

    tf: Any
    op: Callable[[str], Callable[..., Any]]
    compiled: Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True)
class Work:
    """What a program returns.

    Attributes:
        run: the work that is timed.
        check: returns the arrays that must be equal on both sides; called once, before the first
            `run`.  The results of `run` if not given.
        nudged: returns the results of `check` for inputs that are changed as rounding changes them,
            a few times over: how far rounding carries in this work.  None if it was not asked.
    """

    run: Callable[[], Any]
    check: Callable[[], Any] | None = None
    nudged: Callable[[], list[Any]] | None = None


@dataclass(frozen=True)
class Bound:
    """How far apart two results may be.

    Attributes:
        terms: how many terms the longest sum behind an element has.  An element may be off by
            ``2 eps √terms`` times the largest one: rounding errors of a sum are as good as random.
        norm: if given, each array as a whole may be off by this share of its Euclidean norm.
            For a training step: where a ReLU's input is nearly 0, rounding decides the way that one
            gradient takes, so single weights say nothing.  Twice what TensorFlow's two settings
            are apart comes on top, or what its result moves where the inputs are nudged.
    """

    terms: int = 1
    norm: float | None = None


Program = Callable[..., Work]


@dataclass(frozen=True)
class Case:
    """One row of a table.

    Attributes:
        name: what is timed; unique in its section.
        section: where it belongs.
        program: a function of a module, ``program(library, **args)``.
        args: its arguments: numbers and texts.
        bound: how far the two results may be apart.
        goals: from a TensorFlow way of running to the goal that the ratio against it counts for.
        ways: how TensorFlow runs it.
        flops: multiplications and additions of one unit of work; None where they say nothing.
        units: of work in one `run`: steps, say.
        definition: the program of the NumPy definition; None if there is none.
        torch: the same work in PyTorch; None if it is not compared.
    """

    name: str
    section: str
    program: Program
    args: Mapping[str, Any] = field(default_factory=dict)
    bound: Bound = Bound()
    goals: Mapping[str, str] = field(default_factory=dict)
    ways: tuple[str, ...] = (EAGER, FUNCTION)
    flops: float | None = None
    units: int = 1
    definition: Program | None = None
    torch: Program | None = None


def ways(case: Case, ours: bool) -> tuple[str, ...]:
    """How a case is run by scratchnet, or by TensorFlow."""
    if not ours:
        return case.ways
    return (OURS,) if case.definition is None else (OURS, DEFINITION)
