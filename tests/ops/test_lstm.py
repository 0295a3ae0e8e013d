"""A long short-term memory as one op, beside its steps in small ops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchnet
from scratchnet.engine.op import OPS
from tests.support.bad_calls import OWN, Bad, BadCalls, f32
from tests.support.cases import Case, Draw, Sample, normal, seeds
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_composed,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------


@st.composite
def sequences(draw: Draw, backprop: bool = False) -> Sample:
    """A few steps; samples that are masked everywhere, at the beginning, or at the end, too."""
    steps, N, units = draw(st.integers(1, 4)), draw(st.integers(0, 3)), draw(st.integers(1, 3))
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    state = (N, units)
    shapes = [(steps, N, 4 * units), state, state, (units, 4 * units)]
    if backprop:
        shapes += [(steps, N, units), state]
    masks = [None, rng.random((steps, N)) < 0.6, np.zeros((steps, N), bool)]
    mask = masks[draw(st.integers(0, 2))]
    return Sample([normal(rng, shape) for shape in shapes], {"mask": mask}, seed)


def terms(sample: Sample) -> float:
    steps, N, k = sample.arrays[0].shape
    return steps * max(N, k)


CASES: dict[str, Case] = {
    "lstm": Case(sequences(), ulps=40, length=terms, scale=lambda sample: 4.0),
    "lstm_backprop": Case(
        sequences(backprop=True), ulps=40, length=terms, scale=lambda sample: 8.0
    ),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

GOOD = {"x": f32(4, 3, 8), "h": f32(3, 2), "c": f32(3, 2), "u": f32(2, 8)}
COTANGENTS = {"g_h": f32(4, 3, 2), "g_c": f32(3, 2)}
for op in ("lstm", "lstm_backprop"):
    good = GOOD if op == "lstm" else GOOD | COTANGENTS
    call = arguments(op, good)
    call("rank 2", "`x` must be of shape", "[3,8]", x=f32(3, 8), alone=OWN)
    call("no steps", "with one step at least", "[0,3,8]", x=f32(0, 3, 8), alone=OWN)
    call("units of a state", "`h`", "[3,4] vs. [3,2]", h=f32(3, 4), alone=OWN)
    call("samples of a state", "`h`", "[1,2] vs. [3,2]", h=f32(1, 2), alone=OWN)
    call("a kernel", "`u`", "[2,5] vs. [2,8]", u=f32(2, 5), alone=OWN)
    call("integers", "", "`x` must be floating", alone=OWN,
         **{name: np.ones(value.shape, int) for name, value in good.items()})  # fmt: skip
    call("a mask of numbers", "`mask` must be bool", mask=f32(4, 3), alone=OWN)
    call("a mask of samples", "`mask` must be bool, of shape [4,3]", mask=np.ones((3, 4), bool),
         alone=OWN)  # fmt: skip
cotangents = arguments("lstm_backprop", GOOD | COTANGENTS)
cotangents("steps of a cotangent", "`g_h`", "[3,3,2] vs. [4,3,2]", g_h=f32(3, 3, 2), alone=OWN)
cotangents("units of a cotangent", "`g_c`", "[3,3] vs. [3,2]", g_c=f32(3, 3), alone=OWN)


# -- the checks of every op ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@settings(max_examples=12)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data)


@pytest.mark.parametrize("name", differentiable(CASES))
@settings(max_examples=5)
@given(data=st.data())
def test_op_matches_finite_differences(name: str, data: st.DataObject) -> None:
    check_finite_differences(name, CASES[name], data.draw(CASES[name].samples), order=2)


@pytest.mark.parametrize("name", ["lstm"])
@settings(max_examples=12)
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    check_composed(name, CASES[name], data.draw(CASES[name].samples))


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


def test_a_wrong_way_back_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backpropagation that is cut after the last step, and one that forgets the state before."""
    row = OPS["lstm"]
    right = row.prologue
    sample = Sample(
        [normal(np.random.default_rng(0), shape) for shape in [(3, 2, 8), (2, 2), (2, 2), (2, 8)]],
        {"mask": None},
        seed=1,
    )

    def cut(g: Any, record: Any, wanted: Any) -> Any:
        gx, *rest = right(g, record, wanted)
        return [gx * np.array([0.0, 0.0, 1.0]).reshape(3, 1, 1), *rest]

    def forgetful(g: Any, record: Any, wanted: Any) -> Any:
        gx, gh, *rest = right(g, record, wanted)
        return [gx, gh * 0, *rest]

    check_composed("lstm", CASES["lstm"], sample)
    for wrong in (cut, forgetful):
        with monkeypatch.context() as patch:
            patch.setitem(vars(row), "prologue", wrong)
            with pytest.raises(AssertionError):
                check_composed("lstm", CASES["lstm"], sample)


# -- refusals and masks, in full -------------------------------------------------------------------

SHAPES = {"x": (3, 2, 20), "h": (2, 5), "c": (2, 5), "u": (5, 20), "g_h": (3, 2, 5), "g_c": (2, 5)}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"h": (2, 4)}, "`h`: Incompatible shapes: [2,4] vs. [2,5], for an `x` of shape [3,2,20]"),
    ({"c": (3, 5)}, "`c`: Incompatible shapes: [3,5] vs. [2,5], for an `x` of shape [3,2,20]"),
    ({"u": (20, 5)}, "`u`: Incompatible shapes: [20,5] vs. [5,20], for an `x` of shape [3,2,20]"),
    (
        {"x": (0, 2, 20)},
        "`x` must be of shape (steps, batch, 4 units), with one step at least",
    ),
    (
        {"x": (2, 20)},
        "`x` must be of shape (steps, batch, 4 units), with one step at least",
    ),
    ({"x": (3, 2, 22), "u": (5, 22)}, "`x` must have 4 blocks of columns, received x='[5,22]'"),
    ({"g_h": (3, 5)}, "`g_h`: Incompatible shapes: [3,5] vs. [3,2,5]"),
    ({"g_h": (2, 2, 5)}, "`g_h`: Incompatible shapes: [2,2,5] vs. [3,2,5]"),
    ({"g_c": (3, 2, 5)}, "`g_c`: Incompatible shapes: [3,2,5] vs. [2,5]"),
    (
        {"mask": np.ones((3, 2))},
        "`mask` must be bool, of shape [3,2], received mask='float64 [3",
    ),
    (
        {"mask": np.ones((2, 3), bool)},
        "`mask` must be bool, of shape [3,2], received mask='bool [2",
    ),
]


@pytest.mark.parametrize(("changes", "said"), REFUSED)
def test_what_does_not_fit(changes: dict[str, Any], said: str) -> None:
    given = SHAPES | changes
    arrays = {name: np.ones(given[name]) for name in SHAPES}
    mask = given.get("mask")
    for name in ("lstm_backprop",) if "g_" in next(iter(changes)) else ("lstm", "lstm_backprop"):
        args = list(arrays.values())[: 4 if name == "lstm" else 6]
        with pytest.raises(scratchnet.errors.InvalidArgumentError) as caught:
            getattr(scratchnet.ops, name)(*args, mask=mask)
        assert str(caught.value).startswith(f"{name}: {said}")
