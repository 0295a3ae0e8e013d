"""The checks of every op, by one row of its CASES or BAD_CALLS.

The test file of a family of ops asks them about its own rows: the same numbers as TensorFlow up to
the second derivative, finite differences, the composed twin, and refusals by name.
"""

from __future__ import annotations

import builtins
import dataclasses
import inspect
from typing import Any

import numpy as np
import tensorflow
from hypothesis import strategies as st

import scratchnet
import scratchnet.ops
from reference.ops import REFERENCE
from scratchnet.engine.op import OPS
from scratchnet.ops.composed import TWINS
from tests.support import equivalence
from tests.support.bad_calls import DOCUMENTED, GENERAL, Bad, Call
from tests.support.cases import Case, Sample
from tests.support.gradcheck import check_gradients

DTYPES = ["float32", "float64"]

# -- the same as TensorFlow ------------------------------------------------------------------------


def tensorflow_result(name: str, case: Case, sample: Sample, dtype: str) -> equivalence.Result:
    tensors = [tensorflow.constant(equivalence.as_dtype(a, dtype)) for a in sample.arrays]

    def program(*xs: Any) -> Any:
        result = equivalence.run(tensorflow, REFERENCE[name], case, sample, list(xs))
        return result.outputs, result.first, result.second

    if case.xla(sample):  # its CPU kernels cannot do this one; its compiler can
        program = tensorflow.function(program, jit_compile=True, autograph=False)
    return equivalence.numpy_result(equivalence.Result(*program(*tensors)))


def our_tensor(array: np.ndarray, transposed: bool) -> Any:
    """`array` as a tensor; laid out as the transpose of a contiguous array if `transposed`."""
    if not transposed or array.ndim < 2:
        return scratchnet.constant(array)
    tensor = scratchnet.transpose(scratchnet.constant(np.ascontiguousarray(array.T)))
    assert array.size <= 1 or 1 in array.shape or not tensor._data.flags.c_contiguous
    return tensor


def scratchnet_result(
    name: str, case: Case, sample: Sample, tensors: list[Any]
) -> equivalence.Result:
    return equivalence.run(scratchnet, OPS[name].function, case, sample, tensors)


def check_against_tensorflow(
    name: str, case: Case, dtype: str, data: st.DataObject, our_result: Any = scratchnet_result
) -> None:
    """Forward, every VJP and the VJPs of the VJPs, on arrays that lie in rows or in columns."""
    sample = data.draw(case.samples)
    transposed = data.draw(st.booleans())
    arrays = [equivalence.as_dtype(a, dtype) for a in sample.arrays]
    tensors = [our_tensor(a, transposed) for a in arrays]
    theirs = tensorflow_result(name, case, sample, dtype)
    ours = our_result(name, case, sample, tensors)
    equivalence.assert_same(equivalence.numpy_result(ours), theirs, case, sample)
    for tensor, array in zip(tensors, arrays, strict=True):
        np.testing.assert_array_equal(tensor._data, array, err_msg="an input was changed")


# -- finite differences ----------------------------------------------------------------------------


def differentiable(cases: dict[str, Case]) -> list[str]:
    """The ops that finite differences have something to say about."""
    return [
        name
        for name, case in cases.items()
        if (case.order == 2 or name == "moments")
        and name not in ("dropout", "cast", "read_variable", "range", "stop_gradient")
    ]


def check_finite_differences(name: str, case: Case, sample: Sample, order: int) -> None:
    """The gradients of op `name` up to `order` are those that central differences find."""
    floats = [i for i, a in enumerate(sample.arrays) if a.dtype.kind in "fc"]
    wrt = floats if case.wrt is None else [floats[i] for i in case.wrt]

    def f(*xs: Any) -> Any:
        tensors, rest = [scratchnet.constant(a) for a in sample.arrays], list(xs)
        for i in wrt:
            is_complex = sample.arrays[i].dtype.kind == "c"
            x = rest.pop(0)
            tensors[i] = scratchnet.complex(x, rest.pop(0)) if is_complex else x
        ys = equivalence.flat(case.call(OPS[name].function, *tensors, **sample.attrs))
        return [part for y in ys for part in _parts(y)]

    arrays = [np.asarray(part) for i in wrt for part in _parts(sample.arrays[i])]
    check_gradients(f, arrays, order, sample.seed)


def _parts(x: Any) -> list[Any]:
    """An array or tensor; of a complex one the two real ones that it is made of."""
    if isinstance(x, np.ndarray | np.generic):
        return [x.real, x.imag] if x.dtype.kind == "c" else [x]
    return [scratchnet.math.real(x), scratchnet.math.imag(x)] if x.dtype.is_complex else [x]


# -- the composed twin -----------------------------------------------------------------------------


def results(f: Any, case: Case, sample: Sample) -> equivalence.Result:
    tensors = [scratchnet.constant(array) for array in sample.arrays]
    return equivalence.numpy_result(equivalence.run(scratchnet, f, case, sample, tensors))


def check_composed(name: str, case: Case, sample: Sample) -> None:
    """A fused op is what a few small ops make of its definition.

    A second oracle, without TensorFlow: outputs, gradients and gradients of gradients, in float64.
    """
    fused = results(OPS[name].function, case, sample)
    composed = results(TWINS[name], case, sample)
    # The small ops have no links: None where a fused op in straight pieces has zeros.
    composed.second = [
        np.zeros_like(b) if a is None and b is not None else a
        for a, b in zip(composed.second, fused.second, strict=True)
    ]
    # What a small result is made of may be about 1, as e^x and e^-x are on the way to tanh.
    on_the_way = dataclasses.replace(case, scale=lambda sample: 1 + case.scale(sample))
    equivalence.assert_same(fused, composed, on_the_way, sample)


# -- calls that must fail --------------------------------------------------------------------------


def entered(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError("the forward pass was entered")


def raised(call: Call, f: Any, constant: Any) -> Exception | None:
    try:
        call(f, constant)
    except Exception as error:
        return error
    return None


def check_refused(row: Bad) -> None:
    """The call is refused before any work, with an error that names function, argument and rule."""
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


def check_error_family(row: Bad) -> None:
    """A program that catches TensorFlow's error catches ours, or there is a reason, in writing."""
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
