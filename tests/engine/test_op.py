"""The table of ops: an op is entered once, whole, and with a twin, a case and bad calls."""

from __future__ import annotations

import pytest

from reference.ops import REFERENCE
from scratchnet import ops
from scratchnet.engine.op import OPS, NoGradient, Op, call, register
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


# -- its counterparts ------------------------------------------------------------------------------


def test_the_three_tables_have_the_same_keys() -> None:
    assert set(OPS) == set(REFERENCE) == set(CASES)


def test_every_op_has_bad_input() -> None:
    mine = {name for name, op in OPS.items() if ".random" not in op.function.__module__}
    assert mine - {row.op for row in BAD_CALLS} == {"read_variable"}  # whose argument is a variable


def test_no_row_is_there_twice() -> None:
    titles = [str(row) for row in BAD_CALLS]
    assert sorted(titles) == sorted(set(titles))
