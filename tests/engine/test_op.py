"""The table of ops: an op is entered once, whole, and with a twin, a case and bad calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reference.ops import REFERENCE
from scratchnet import ops
from scratchnet.engine.errors import NoDerivativeError
from scratchnet.engine.op import (
    ACTIVE,
    OPS,
    NoGradient,
    Op,
    Record,
    Site,
    StopRecording,
    call,
    register,
)
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import apply
from tests.support.tables import BAD_CALLS, CASES


def test_an_op_is_entered_once() -> None:
    with pytest.raises(ValueError, match="'add' is in the table already"):
        register(Op("add", ops.add))
    assert OPS["add"].function is ops.add


def test_an_op_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        call("no_such_op", 1)


def test_rows_are_frozen() -> None:
    with pytest.raises(AttributeError):
        OPS["add"].name = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        NoGradient("a").reason = "b"  # type: ignore[misc]


@pytest.mark.parametrize("name", sorted(OPS))
def test_rows_are_whole(name: str) -> None:
    op = OPS[name]
    assert op.name == name
    assert callable(op.function)
    assert op.is_composite == (op.forward is None)
    assert bool(op.vjps) != op.is_composite, "a composite needs no VJP, any other op needs them all"
    assert not op.variadic or len(op.vjps) == 1
    for vjp in op.vjps:
        if isinstance(vjp, NoGradient):
            assert len(vjp.reason.split()) >= 2
            assert not vjp.reason.endswith(".")
        else:
            assert callable(vjp)
    assert op.stops == any(isinstance(vjp, NoGradient) for vjp in op.vjps)


# -- one row ---------------------------------------------------------------------------------------


def gx(g: Any, record: Record, i: int = -1) -> Any:
    return i


def test_the_vjp_of_an_argument() -> None:
    none = NoGradient("it is whole")
    two = Op("two", ops.add, gx, vjps=(gx, none))
    assert two.vjp(0) is gx
    assert two.vjp(1) is none
    assert two.stops
    assert not two.is_composite
    assert Op("composite", ops.add).is_composite
    for i in (2, 3):
        with pytest.raises(NoDerivativeError) as caught:
            two.vjp(i)
        assert str(caught.value) == (
            f"two: no VJP is declared for argument {i}: there must be one for each in "
            "Op(…, vjps=(…)), or NoGradient('why') in its place"
        )
    several = Op("several", ops.add, gx, vjps=(gx,), variadic=True)
    assert [several.vjp(i)(None, None) for i in (0, 3)] == [0, 3]  # type: ignore[operator, arg-type]
    assert not several.stops
    assert Op("several", ops.add, gx, vjps=(none,), variadic=True).vjp(3) is none
    with pytest.raises(NoDerivativeError, match="no VJP is declared for argument 0"):
        Op("several", ops.add, gx, variadic=True).vjp(0)


def test_what_a_row_says_unless_told_otherwise() -> None:
    row = Op("row", ops.add)
    assert (row.forward, row.vjps, row.prologue) == (None, (), None)
    flags = ("takes_none", "broadcasts", "variadic", "complex_vjps")
    assert [getattr(row, flag) for flag in flags] == [False] * 4


def test_a_record_of_a_call() -> None:
    x, y = ops.ones(2), ops.zeros(2)
    record = Record(OPS["add"], (x,), (y, x))
    assert record.output is y
    told = (record.saved, record.attrs, record.layer, record.site, record.part)
    assert told == (None, {}, None, None, None)
    assert str(Site("mine.py", 3)) == "mine.py:3"


@pytest.mark.parametrize(
    ("result", "received"),
    [
        (None, "a NoneType"),
        (np.ones(2), "an ndarray"),
        ((1,), "a tuple of 1"),
        ((1, 2, 3), "a tuple of 3"),
        ([1, 2], "a list"),
    ],
)
def test_what_a_forward_pass_must_return(result: Any, received: str) -> None:
    row = Op("mine", lambda x: x, lambda x: result)
    with pytest.raises(TypeError) as caught:
        apply(row, ops.ones(2))
    assert str(caught.value) == (
        f"mine: the forward pass must return a pair (out, saved), received {received}: write "
        "`return out, None` where the VJPs need nothing, and `return (a, b), saved` for several "
        "outputs"
    )


def test_nothing_is_recorded_while_recording_is_stopped() -> None:
    x = ops.ones(2)
    with GradientTape() as tape:
        tape.watch(x)
        with StopRecording():
            assert (ACTIVE.tapes, ACTIVE.listeners) == ([], [])
            ops.add(x, x)
        with pytest.raises(ZeroDivisionError), StopRecording():
            raise ZeroDivisionError
        assert ACTIVE.tapes == [tape]
        ops.multiply(x, x)
    assert [record.op.name for record in tape.records] == ["multiply"]


def test_whether_a_tape_keeps_a_record() -> None:
    """Custom gradients go by what `record` returns."""
    with GradientTape() as tape:
        x, n = ops.ones((2, 2)), ops.range(2)
        tape.watch(x)
        y, z = ops.multiply(x, x), ops.unstack(x)
        whole = ops.cast(x, "int32")
        kept = [
            tape.record(Record(OPS[name], inputs, outputs))
            for name, inputs, outputs in (
                ("multiply", (x, x), (y,)),
                ("unstack", (x,), tuple(z)),
                ("multiply", (n, n), (n,)),
                ("cast", (x,), (whole,)),
                ("unstack", (x,), (whole, z[0])),
            )
        ]
    assert kept == [True, True, False, False, True]


# -- its counterparts ------------------------------------------------------------------------------


def test_the_three_tables_have_the_same_keys() -> None:
    assert set(OPS) == set(REFERENCE) == set(CASES)


def test_every_op_has_bad_input() -> None:
    mine = {name for name, op in OPS.items() if ".random" not in op.function.__module__}
    assert mine - {row.op for row in BAD_CALLS} == {"read_variable"}  # whose argument is a variable


def test_no_row_is_there_twice() -> None:
    titles = [str(row) for row in BAD_CALLS]
    assert sorted(titles) == sorted(set(titles))
