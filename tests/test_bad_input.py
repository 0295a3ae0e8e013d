"""Bad input: every op refuses it before any work, in the family of TensorFlow's error, by name."""

from __future__ import annotations

import builtins
import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
import scratchnet.ops
from reference.ops import REFERENCE
from scratchnet.engine.op import OPS
from scratchnet.kernels import conv2d as conv2d_kernels
from scratchnet.kernels import pool2d as pool2d_kernels
from tests.bad_calls import BAD_CALLS, DOCUMENTED, GENERAL, Bad, Call


def test_every_op_has_bad_input() -> None:
    mine = {name for name, op in OPS.items() if ".random" not in op.function.__module__}
    assert mine - {row.op for row in BAD_CALLS} == {"read_variable"}  # whose argument is a variable


def test_no_row_is_there_twice() -> None:
    titles = [str(row) for row in BAD_CALLS]
    assert sorted(titles) == sorted(set(titles))


def entered(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError("the forward pass was entered")


@pytest.fixture
def no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever enters a kernel fails."""
    for module in (conv2d_kernels, pool2d_kernels):
        for name, value in vars(module).items():
            if callable(value) and getattr(value, "__module__", "") == module.__name__:
                monkeypatch.setattr(module, name, entered)


@pytest.mark.usefixtures("no_kernels")
@pytest.mark.parametrize("name", ["conv2d", "conv2d_transpose", "max_pool2d", "avg_pool2d"])
def test_the_kernels_of_a_good_call_would_be_seen(name: str) -> None:
    image, window = np.ones((1, 3, 3, 1)), np.ones((3, 3, 1, 1))
    more = {
        "conv2d": (window, 1, "SAME"),
        "conv2d_transpose": (window, [3, 3], 1, "SAME"),
        "max_pool2d": (2, 1, "SAME"),
        "avg_pool2d": (2, 1, "SAME"),
    }
    with pytest.raises(AssertionError, match="entered"):
        OPS[name].function(scratchnet.constant(image), *more[name])


def raised(call: Call, f: Any, constant: Any) -> Exception | None:
    try:
        call(f, constant)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    op = OPS[row.op]
    forward = op.forward
    object.__setattr__(op, "forward", None if forward is None else entered)
    try:
        error = raised(row.call, op.function, scratchnet.constant)
    finally:
        object.__setattr__(op, "forward", forward)
    assert isinstance(error, ValueError | TypeError | scratchnet.errors.OpError), repr(error)
    assert str(error).startswith(f"{row.op}: "), error
    assert row.says or row.core
    for phrase in (*row.says, row.core):
        assert phrase in str(error)


def is_of_the_family(ours: Exception, theirs: Exception) -> bool:
    """Whether a program that catches `theirs` by its class, written for us, catches `ours`."""
    name = type(theirs).__name__
    kind = getattr(scratchnet.errors, name, None) or getattr(builtins, name, None)
    return kind is not None and isinstance(ours, kind)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    ours = raised(row.call, OPS[row.op].function, scratchnet.constant)
    theirs = raised(row.call, REFERENCE[row.op], tensorflow.constant)
    assert ours is not None
    alike = theirs is not None and is_of_the_family(ours, theirs)
    if row.core:
        assert row.core in str(theirs)
    if not row.differs:
        assert alike, f"{ours!r} is not of the family of {theirs!r}"
        return
    assert not alike, f"no reason is needed any more: {row.differs}; {theirs!r}"
    if row.differs in GENERAL:
        assert row.differs in " ".join((scratchnet.ops.__doc__ or "").split())
    elif row.differs == DOCUMENTED:
        function = OPS[row.op].function
        told = f"{function.__doc__} {inspect.getmodule(function).__doc__}"  # type: ignore[union-attr]
        assert "TensorFlow" in told
