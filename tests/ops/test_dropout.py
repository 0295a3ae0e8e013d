"""Dropout: the same bits as TensorFlow's, so the same everything."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from scratchnet import ops
from scratchnet.kernels import elementwise
from tests.support.adjoint import check_the_tape_gives_the_transpose, rngs
from tests.support.bad_calls import (
    DOCUMENTED,
    INTEGER,
    NO_TENSOR,
    OWN,
    STRING,
    Bad,
    BadCalls,
    f32,
    i32,
)
from tests.support.cases import Case, Draw, Sample, bits, normal, seeds, shapes
from tests.support.derivatives import agree
from tests.support.layouts import LARGE_SHAPES, in_memory_layouts, with_special_values
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_composed,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------


@st.composite
def drops(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes())
    rng = np.random.default_rng(seed)
    rate = draw(st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.9]))
    return Sample([normal(rng, shape), bits(rng, shape)], {"rate": rate}, seed)


@st.composite
def dropouts(draw: Draw, stateless: bool = True) -> Sample:
    sample = draw(drops())
    sample.arrays.pop()
    sample.attrs["seed"] = [draw(seeds()) % 2**31, draw(seeds()) % 2**31] if stateless else 7
    return sample


def seeded_call(f: Any, x: Any, **attrs: Any) -> Any:
    """A stateful op, from the start of its stream."""
    import tensorflow

    import scratchnet

    tensorflow.random.set_seed(5)
    scratchnet.random.set_seed(5)
    return f(x, **attrs)


CASES: dict[str, Case] = {
    "drop": Case(drops()),
    "dropout": Case(dropouts(stateless=False), call=seeded_call),
    "stateless_dropout": Case(dropouts()),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

for op in ("dropout", "stateless_dropout"):
    seed = {"seed": [1, 2]} if op == "stateless_dropout" else {}
    drop = arguments(op, {"x": f32(2, 3), "rate": 0.5, **seed})
    for rate in (1.0, -0.1, 1.5, 2, "a", None, True, [0.5], [0.5, 0.5]):
        drop(
            f"rate {rate}", f"`rate` must be a number in [0, 1), received rate={rate!r}", rate=rate
        )
    drop("rate nan", "`rate` must be a number in [0, 1)", rate=float("nan"), differs=DOCUMENTED)
    for x in (i32(2, 3), np.ones((2, 3), bool)):
        drop(f"{x.dtype}", "received dtype", core="`x.dtype` must be a floating point tensor", x=x)
    drop("None", "`x`", core=NO_TENSOR, x=None)
    drop("a string", "`x`", "'a'", x="a", differs=STRING)
    for shape in ([2, 4], [2, 3, 1]):
        said = f"[2,3] vs. [{','.join(map(str, shape))}]"
        drop(f"noise_shape {shape}", "`noise_shape` must broadcast", said, noise_shape=shape)
    drop("noise_shape of floats", f"`noise_shape` {INTEGER}", noise_shape=[2.0, 1.0])
    drop("noise_shape -1", "`noise_shape` must hold sizes >= 0", noise_shape=[-1, 1])

stateless = arguments("stateless_dropout", {"x": f32(2), "rate": 0.5})
for seed in ([1], [1, 2, 3], 1):
    stateless(f"seed {seed}", "`seed` must have shape [2]", seed=seed)
stateless("seed of floats", f"`seed` {INTEGER} seed=1.0", seed=[1.0, 2.0])
stateless("seed None", "`seed`", "a value (None)", seed=None)
bad(
    "drop",
    "integers",
    lambda f, t: f(t([1]), t([True]), 0.5),
    "`x.dtype` must be a floating",
    alone=OWN,
)
bad(
    "drop",
    "keep of floats",
    lambda f, t: f(t(f32(1)), t(f32(1)), 0.5),
    "`keep` must be bool",
    alone=OWN,
)
bad(
    "drop",
    "shapes",
    lambda f, t: f(t(f32(2)), t([True] * 3), 0.5),
    "`keep`",
    "[2] vs. [3]",
    alone=OWN,
)
bad("drop", "rate 1", lambda f, t: f(t(f32(1)), t([True]), 1.0), "`rate` must be", alone=OWN)


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


@pytest.mark.parametrize("name", ["drop"])
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    check_composed(name, CASES[name], data.draw(CASES[name].samples))


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {"drop": 0}


@pytest.mark.parametrize("title", LINEAR)
@given(data=st.data(), rng=rngs)
def test_the_tape_gives_the_transpose(
    title: str, data: st.DataObject, rng: np.random.Generator
) -> None:
    name = title.partition(" ")[0]
    sample = data.draw(CASES[name].samples)
    check_the_tape_gives_the_transpose(name, CASES[name], sample, LINEAR[title], rng)


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", LARGE_SHAPES)
def test_dropout(shape, dtype):
    rng = np.random.default_rng(3)
    x, keep = with_special_values(rng, shape, dtype), rng.random(shape) < 0.6
    for a, b in zip(in_memory_layouts(x), in_memory_layouts(keep), strict=True):
        y = ops.drop(a, b, 0.4).numpy()
        np.testing.assert_array_equal(y, np.where(keep, x * x.dtype.type(1 / (1 - 0.4)), 0))
    same = [
        f(tf.constant(x), rate=0.3, seed=(1, 2)).numpy()
        for tf, f in (
            (scratchnet, ops.stateless_dropout),
            (tensorflow, tensorflow.nn.experimental.stateless_dropout),
        )
    ]
    np.testing.assert_array_equal(*same)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_rate_that_is_a_tensor_has_a_gradient(dtype: str) -> None:
    def drop(tf: Any, x: Any, rate: Any) -> Any:
        home = tf.nn.experimental if tf is tensorflow else ops
        return home.stateless_dropout(x, rate, (1, 2))

    x = np.linspace(-1, 2, 24).reshape(4, 6).astype(dtype)
    agree(drop, x, np.array(0.3, dtype))
    kept = drop(scratchnet, x, scratchnet.constant(0.3, dtype))
    assert kept.numpy().tobytes() == drop(scratchnet, x, 0.3).numpy().tobytes()


def test_a_mask_is_the_same_by_numpy_and_by_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.ones(1 << 16, np.float32)
    entered, at_least = [], elementwise.at_least
    monkeypatch.setattr(elementwise, "at_least", lambda *a: entered.append(at_least(*a)))
    large = ops.stateless_dropout(x, 0.3, (1, 2)).numpy()
    assert len(entered) == 1
    ops.stateless_dropout(x[:100], 0.3, (1, 2))
    assert len(entered) == 1
    assert 0.68 < np.count_nonzero(large) / large.size < 0.72
