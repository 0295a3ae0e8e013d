"""einsum: every kind of equation, and derivatives up to the third."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support.bad_calls import ACCIDENT, Bad, BadCalls, f32, f64
from tests.support.cases import Case, Draw, Sample, largest, normal, seeds, shapes
from tests.support.derivatives import agree
from tests.support.gradcheck import check_gradients
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------

EINSUMS = [
    *("ij,jk->ik", "ij,jk", "ij,kj->ki", "bij,bjk->bik", "i,j->ij", "i,i->", "ij->ji", "ba"),
    *("ij->", "ij->i", "ii->i", "ii", "iij->j", "ijij->ji", "iii->i", "ij,ij->ij", "i,ij,j->"),
    *(
        "ij,jk,kl->il",
        "ii,ij->j",
        "ij,ij,ij->j",
        "bhwc,hkc->bwk",
        "aBc,cD->aBD",
        "i j , j k -> k i",
    ),
    *(
        "...ij,...jk->...ik",
        "...i->...",
        "i...->...i",
        "...,...->...",
        "...ii->...i",
        "i...j,j->i...",
    ),
    *("...i,i", "bij,kj->bik", "ij,k->k", "i,j,k->kji", "...,i->i..."),
]


@st.composite
def einsums(draw: Draw) -> Sample:
    equation, seed = draw(st.sampled_from(EINSUMS)), draw(seeds())
    rng = np.random.default_rng(seed)
    size = {letter: draw(st.integers(0 if letter == "i" else 1, 3)) for letter in "abcdhijklwBD"}
    hidden = draw(shapes(max_rank=2, min_side=1))
    arrays = []
    for term in equation.partition("->")[0].replace(" ", "").split(","):
        before, dots, after = term.partition("...")
        middle: list[int] = []
        if dots:  # the same axes, or fewer of them, or stretched ones
            middle = [n if draw(st.booleans()) else 1 for n in hidden]
            middle = middle[draw(st.integers(0, len(middle))) :]
        arrays.append(normal(rng, [*map(size.get, before), *middle, *map(size.get, after)]))
    return Sample(arrays, {"equation": equation}, seed)


def equation_call(f: Any, *tensors: Any, equation: str) -> Any:
    return f(equation, *tensors)


CASES: dict[str, Case] = {
    "einsum": Case(einsums(), call=equation_call, ulps=8, length=lambda s: 128.0, scale=largest),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
for equation, says in {
    "ij,jk->i->k": "Subscripts have incorrect format",
    "i1,jk->k": "Subscripts have incorrect format",
    "ij->j": "inputs for equation",
    "ij,jk->ii": "Output subscripts contain a label appearing more than once",
    "ij,jk->il": "not present in the input subscripts",
    "i,jk->ik": "Expected input 0 to have rank 1 but got: 2",
    "...ij,jk->ik...x": "not present in the input subscripts",
    "ij,ik->jk": "Expected dimension",
    "...j,jk->k": "Output contains 1 broadcasting dimension(s) but no",
}.items():
    bad("einsum", equation, lambda f, t, e=equation: f(e, t(f32(2, 3)), t(f32(3, 2))), core=says)
bad("einsum", "no string", lambda f, t: f(3, t(f32(2))), "`equation`", differs=ACCIDENT)
bad("einsum", "no letters", lambda f, t: f("", t(f32(2))), "rank 0")
bad("einsum", "dtypes", lambda f, t: f("i,i->", t(f32(2)), t(f64(2))), "`inputs[1]`", "double")
bad("einsum", "bools", lambda f, t: f("i->", t([True])), "`inputs` must be", differs=ACCIDENT)
bad(
    "einsum", "None", lambda f, t: f("i->", None), "`inputs[0]`", "a value (None)", differs=ACCIDENT
)


# -- the checks of every op ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data)


@pytest.mark.parametrize("name", differentiable(CASES))
@settings(max_examples=8)
@given(data=st.data())
def test_op_matches_finite_differences(name: str, data: st.DataObject) -> None:
    sample = data.draw(CASES[name].samples)
    assume(all(a.size for a in sample.arrays))  # the mean of nothing is nan, on both sides
    check_finite_differences(name, CASES[name], sample, order=2)


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("bthd,bshd->bhts", [(2, 3, 2, 4), (2, 5, 2, 4)]),  # attention
        ("bhts,bshd->bthd", [(2, 2, 3, 5), (2, 5, 2, 4)]),
        ("ij,ji->", [(2, 3), (3, 2)]),
        ("...ij,...jk->...ik", [(4, 1, 2, 3), (5, 3, 2)]),
        ("ij,jk,kl,lm->im", [(2, 3), (3, 4), (4, 2), (2, 5)]),
        ("abc,cd,a->bd", [(2, 3, 4), (4, 5), (2,)]),
        ("ii,jj->ij", [(3, 3), (2, 2)]),
        ("", [()]),
        (",->", [(), ()]),
        ("zAb", [(2, 3, 4)]),
    ],
)
def test_einsum_and_its_derivatives(equation: str, shapes: Any) -> None:
    rng = np.random.default_rng(3)
    arrays = [rng.integers(-3, 4, shape) * 1.0 for shape in shapes]
    agree(lambda tf, *xs: tf.einsum(equation, *xs), *arrays, orders=2)


def test_einsum_of_integers() -> None:
    i = np.arange(6, dtype=np.int32)
    agree(lambda tf, x: tf.einsum("ij,kj->ik", x, x), i.reshape(2, 3), orders=0)


def test_third_order_through_einsum() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 3, 3)), rng.normal(size=(3, 2))
    f = lambda a, b: scratchnet.einsum("bii,ij,bij->bj", a, b, scratchnet.tanh(a)[:, :, :2])  # noqa: E731
    check_gradients(f, [a, b], order=3)


# Shapes, and the equations of whole numbers of these shapes.
EQUATIONS: list[tuple[list[tuple[int, ...]], str]] = [
    ([(2, 3)], "ij; ij->ji; ij->i; ij->j; ij->; ba; ...->...; i...->...; ...j->j..."),
    (
        [(2, 3), (2, 3)],
        "ij,ij; ij,ij->i; ij,kj; ij,ik->jk; ij,kl; ij,kj->jik; i j,kj->k i",
    ),
    ([(2, 3, 4)], "ijk->kji; i...->...; ...k->...; ijk->j; ijk->; cab"),
    ([(2, 3, 4), (2, 3)], "ijk,ij->ik; ijk,lj->ilk; ijk,lj->il; ijk,ij->kji"),
    ([(2, 3, 4), (2, 5, 4)], "ijk,ilk->ijl; ...jk,...lk->...jl; ijk,imk->k; ijk,ilk->lij"),
    ([(3, 3)], "ii; ii->i; ii->; ij->ij"),
    ([(2, 3, 2)], "iji->ij; iji->j; iji->ji"),
    ([(2, 3), (3, 4), (4, 5)], "ij,jk,kl->il; ij,jk,kl->; ij,jk,kl->lj; ij,jk,kl->ijkl"),
    ([(2, 3), (2, 4), (2, 5)], "ij,ik,il->jkl; ij,ik,il->i"),
    ([(2, 3, 4), (1, 5, 4)], "...ij,...kj->...ik; aij,bkj->abk"),
    ([(2, 3), (3,)], "...j,j->...; ij,j->ij; ij,j->i"),
    ([(2, 3, 4), (3, 4)], "i...,...->i...; ...,...->..."),
    ([(2,), (3,)], "i,j->ij; i,j->; i,j"),
    ([(2, 1), (1, 3)], "...,...->..."),
    ([(3,), (2, 3)], "B,aB->Ba; B,AB"),
]


@pytest.mark.parametrize(("shapes", "equations"), EQUATIONS)
def test_equations(shapes: list[tuple[int, ...]], equations: str) -> None:
    arrays = [np.arange(3, 3 + math.prod(s)).reshape(s) % 7 for s in shapes]
    for equation in equations.split("; "):
        agree(lambda tf, *xs, e=equation: tf.einsum(e, *xs), *arrays, orders=0)


REFUSED = {
    "einsum('ij->k', ones((2, 3)))": "einsum: `equation` Output subscripts contain the label k not "
    "present in the input subscripts, received equation='ij->k'",
    "einsum('ij->ii', ones((2, 3)))": "einsum: `equation` Output subscripts contain a label "
    "appearing more than once: i, received equation='ij->ii'",
    "einsum('ij,jk', ones((2, 3)))": "einsum: `equation`: Got 1 inputs for equation 'ij,jk', "
    "expecting 2",
    "einsum('i', ones((2, 3)))": "einsum: `inputs[0]`: Expected input 0 to have rank 1 but got: 2, "
    "for the term 'i'",
    "einsum('ijk', ones((2, 3)))": "einsum: `inputs[0]`: Expected input 0 to have rank 3 but got: "
    "2, for the term 'ijk'",
    "einsum('i...jk', ones((2, 3)))": "einsum: `inputs[0]`: Expected input 0 to have rank 3 but "
    "got: 2, for the term 'i...jk'",
    "einsum('i...->i', ones((2, 3)))": "einsum: `equation`: Output contains 1 broadcasting "
    "dimension(s) but no ellipsis: 'i'",
    "einsum('ij,jk', ones((2, 3)), ones((2, 3)))": "einsum: `inputs`: Expected dimension 3 "
    "at axis 0 of the input shaped [2,3] but got dimension 2",
    "einsum('...,...', ones(2), ones(3))": "einsum: `inputs`: Expected dimension 2 at axis 0 of "
    "the input shaped [3] but got dimension 3",
    "einsum('ii', ones((2, 3)))": "einsum: `inputs`: Expected dimension 2 at axis 1 of the input "
    "shaped [2,3] but got dimension 3",
    "einsum('i->j->k', ones(2))": "einsum: `equation` Subscripts have incorrect format, received "
    "equation='i->j->k'",
    "einsum('i..', ones(2))": "einsum: `equation` Subscripts have incorrect format, "
    "received equation='i..'",
    "einsum(3, ones(2))": "einsum: `equation` Subscripts have incorrect format, received "
    "equation=3",
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_refused(call: str) -> None:
    with pytest.raises((ValueError, scratchnet.errors.OpError)) as caught:
        eval(call, vars(scratchnet.ops).copy())
    assert str(caught.value) == REFUSED[call]
