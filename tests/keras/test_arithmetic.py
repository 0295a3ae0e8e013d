"""In which dtype each function of keras.ops computes, and with what argument, as Keras's."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet

OURS, THEIRS = scratchnet.keras.ops, tensorflow.keras.ops
KINDS = ["bool", "uint8", "uint16", "int8", "int32", "int64", "float16", "float32", "float64"]
NUMBERS = [True, 3, 300, 2.5]
M = np.array([[100, 3, 2], [7, 200, 1], [120, 90, 5]])
# What LAPACK's matrices have no float16 for here, and vectors whose signs nobody chose.
LEFT = {"qr": "float16", "inv": "float16"}
OF_ANY_SIGN = ("eigh", "svd")
FUNCTIONS = ("cond", "custom_gradient", "fori_loop", "map", "vectorized_map", "while_loop")


def array(kind: str) -> np.ndarray:
    """A matrix in which sums and products of small integers do not fit."""
    if kind == "bool":
        return M > 2
    if "f" in kind:
        return (M / 7).astype(kind)
    return np.minimum(M, np.iinfo(kind).max).astype(kind)


def required(name: str) -> list[str]:
    parameters = inspect.signature(getattr(OURS, name)).parameters.values()
    return [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD  # no *operands
    ]


ONE = [n for n in OURS.__all__ if n not in FUNCTIONS and required(n) in (["x"], ["xs"], ["a"])]
TWO = [n for n in OURS.__all__ if n not in FUNCTIONS and required(n) == ["x1", "x2"]]


def leaves(value: Any) -> list[np.ndarray]:
    if isinstance(value, list | tuple):
        return [leaf for part in value for leaf in leaves(part)]
    return [np.asarray(value.numpy() if hasattr(value, "numpy") else value)]


def said(tf: Any, name: str, *args: Any) -> list[np.ndarray] | None:
    """What a call returns; None if it is refused."""
    given = [tf.constant(x) if isinstance(x, np.ndarray) else x for x in args]
    try:
        with np.errstate(all="ignore"):
            return leaves(getattr(tf.keras.ops, name)(*given))
    except Exception:
        return None


def alike(name: str, *args: Any) -> None:
    theirs = said(tensorflow, name, *args)
    if theirs is None:
        return  # ours may take more
    ours = said(scratchnet, name, *args)
    kinds = [getattr(x, "dtype", x) for x in args]
    assert ours is not None, f"{name} of {kinds} is refused"
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape), f"{name} of {kinds}"
        if a.dtype.kind in "US" or name in OF_ANY_SIGN:
            continue
        near = 4e-3 if a.dtype == np.float16 else 1e-5
        np.testing.assert_allclose(a, b, rtol=near, atol=near, err_msg=f"{name} of {kinds}")


@pytest.mark.parametrize("kind", KINDS)
def test_one_tensor(kind: str) -> None:
    assert len(ONE) > 100
    for name in ONE:
        if LEFT.get(name) != kind:
            alike(name, array(kind))


@pytest.mark.parametrize("name", TWO)
def test_two_tensors(name: str) -> None:
    for kind in KINDS:
        x = array(kind)
        for other in KINDS:
            alike(name, x, array(other))
        for number in NUMBERS:
            alike(name, x, number)
            alike(name, number, x)
        for more in (np.float64(2.5), np.int64(3), [1, 2, 3], [1.5, 2, 3]):
            alike(name, x, more)
    for number in NUMBERS:
        for other_number in NUMBERS:
            alike(name, number, other_number)


def test_where_keras_loses_numbers() -> None:
    """Keras computes uint64 in uint32, complex128 in complex64, integer products in float32."""
    large = np.array([2**40 + 1], np.uint64)
    assert int(OURS.add(scratchnet.constant(large), scratchnet.constant([1], "uint8"))[0]) == (
        2**40 + 2
    )
    assert OURS.cos(np.array([1j])).dtype == "complex128"
    assert int(OURS.matmul([[2**24 + 1]], [[1]])[0, 0]) == 2**24 + 1
    small = THEIRS.add(tensorflow.constant(large), tensorflow.constant([1], "uint8"))
    assert int(small[0]) == 2
    assert THEIRS.cos(np.array([1j])).dtype == "complex64"
    assert int(THEIRS.matmul([[2**24 + 1]], [[1]])[0, 0]) == 2**24
