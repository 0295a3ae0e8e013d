"""The checks that ops share: what each lets through, and the words in which it refuses the rest.

The families' own tables of bad calls ask them through every op; here each is asked once, directly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet as sn
from scratchnet.ops import arguments
from scratchnet.ops.arguments import axes, flag, ints, matching, one_axis, one_int, one_of, sizes

# -- integers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), np.array(3), sn.constant(3)])
def test_one_integer_of_any_kind(value: Any) -> None:
    found = one_int("f", "n", value)
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize("value", [3.0, np.float32(3), True, np.bool_(True), "3", [3], 3j])
def test_what_is_no_integer(value: Any) -> None:
    with pytest.raises(TypeError, match="f: `n` must be an integer, received n="):
        one_int("f", "n", value)


def test_no_integer_at_all() -> None:
    with pytest.raises(ValueError, match=r"`n` must be an integer, received n=None: .*convert a v"):
        one_int("f", "n", None)


@pytest.mark.parametrize(
    "value",
    [
        [2, 3],
        (2, np.int64(3)),
        np.array([2, 3], np.uint8),
        sn.constant([2, 3]),
        sn.TensorShape([2, 3]),
        [sn.constant(2), 3],
    ],
)
def test_several_integers_of_any_kind(value: Any) -> None:
    assert ints("f", "n", value) == (2, 3)


def test_one_integer_for_a_list() -> None:
    assert ints("f", "n", 2) == (2,)
    with pytest.raises(sn.errors.InvalidArgumentError, match=r"must be a list of integers \(1-D\)"):
        ints("f", "n", 2, scalar=False)
    assert ints("f", "n", []) == ints("f", "n", np.array([])) == ()


@pytest.mark.parametrize("value", [[2.0], np.array([2.0]), [[2]], [True], sn.constant([2.0])])
def test_what_are_no_integers(value: Any) -> None:
    with pytest.raises(TypeError, match="f: `n` must"):
        ints("f", "n", value)


@pytest.mark.parametrize("n", [2**63, -(2**63) - 1])
def test_integers_of_more_than_64_bits(n: int) -> None:
    assert ints("f", "n", [2**63 - 1, -(2**63)]) == (2**63 - 1, -(2**63))
    with pytest.raises(ValueError, match="must hold integers of 64 bits"):
        ints("f", "n", [n])


def test_sizes_are_not_negative_and_can_be_counted() -> None:
    assert sizes("f", "shape", [0, 2**40, 2**19]) == (0, 2**40, 2**19)
    assert sizes("f", "shape", [2**59]) == (2**59,)
    with pytest.raises(sn.errors.InvalidArgumentError, match=r"sizes >= 0, received .*=\(2, -1\)"):
        sizes("f", "shape", [2, -1])
    with pytest.raises(sn.errors.InvalidArgumentError, match=r"more than 2\*\*59 elements"):
        sizes("f", "shape", [2**30, 2**30])


# -- axes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rank", range(4))
def test_an_axis_counts_from_both_ends(rank: int) -> None:
    for k in range(-rank, rank):
        assert one_axis("f", "axis", k, rank) == range(rank)[k]
    for k in (rank, -rank - 1):
        with pytest.raises(sn.errors.InvalidArgumentError, match=rf"range \[-?{rank}, {rank}\)"):
            one_axis("f", "axis", k, rank)
    with pytest.raises(IndexError):
        one_axis("f", "axis", rank, rank, IndexError)


def test_axes_are_sorted_and_distinct() -> None:
    assert axes("f", "axis", None, 3) == (0, 1, 2)
    assert axes("f", "axis", [-1, 0], 3) == (0, 2)
    assert axes("f", "axis", 1, 3) == (1,)
    assert axes("f", "axis", [], 3) == ()
    for twice in ([0, 0], [0, -3]):
        with pytest.raises(sn.errors.InvalidArgumentError, match="must not name an axis twice"):
            axes("f", "axis", twice, 3)


# -- tensors ---------------------------------------------------------------------------------------

FLOATS, COMPLEX = {"float16", "float32", "float64"}, {"complex64", "complex128"}
UNSIGNED, SIGNED = {"uint8", "uint16", "uint32", "uint64"}, {"int8", "int16", "int32", "int64"}
DTYPES = FLOATS | COMPLEX | UNSIGNED | SIGNED | {"bool"}
SAID = r"floating \(float16, float32 or float64\)"
KINDS = {
    "floating": (FLOATS, SAID),
    "inexact": (FLOATS | COMPLEX, SAID),
    "numeric": (DTYPES - {"bool"}, "numeric"),
    "real": (FLOATS | UNSIGNED | SIGNED, "numeric and real"),
    "signed": (FLOATS | COMPLEX | SIGNED, "numeric and signed"),
    "boolean": ({"bool"}, "bool"),
    "integer": (UNSIGNED | SIGNED, "of an integer dtype"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_tensor_of_a_kind(name: str) -> None:
    check, (good, said) = getattr(arguments, name), KINDS[name]
    for dtype in good:
        assert check("f", "x", np.ones(2, dtype)).dtype.name == dtype
    for dtype in DTYPES - good:
        with pytest.raises(TypeError, match=rf"^f: `x` must be {said}, received dtype {dtype}$"):
            check("f", "x", np.ones(2, dtype))


def test_a_cotangent_and_what_it_is_the_cotangent_of() -> None:
    g, y = arguments.cotangent_and("f", np.ones(2, "f"), output=[1, 2])
    assert (g.dtype.name, y.dtype.name) == ("float32", "float32")
    with pytest.raises(sn.errors.InvalidArgumentError, match=r"^f: `output` must have the shape"):
        arguments.cotangent_and("f", np.ones(2), output=np.ones((1, 2)))
    for kind in ("int32", "complex64"):
        with pytest.raises(TypeError, match=r"^f: `gradients` must be floating"):
            arguments.cotangent_and("f", np.ones(2, kind), output=np.ones(2, kind))
    pair = arguments.cotangent_and("f", np.ones(2) + 1j, takes_complex=True, output=np.ones(2))
    assert [x.dtype.name for x in pair] == ["complex128"] * 2


def test_a_tensor_is_handed_on_as_it_is() -> None:
    x = sn.constant([1.0])
    assert arguments.tensor("f", "x", x) is x
    with pytest.raises(ValueError, match="f: `x`: Attempt to convert a value"):
        arguments.tensor("f", "x", None)
    with pytest.raises(TypeError, match=r"f: `x`: .*strings"):
        arguments.tensor("f", "x", "a")


def test_the_first_tensor_decides_the_dtype() -> None:
    def dtypes(**values: Any) -> list[str]:
        return [x.dtype.name for x in matching("f", **values)]

    assert dtypes(x=1, y=sn.constant(2.0, "float64")) == ["float64", "float64"]
    assert dtypes(x=sn.constant(2, "int8"), y=np.array([1])) == ["int8", "int8"]
    assert dtypes(x=1.5, y=np.array([1.0])) == ["float32", "float32"]
    assert dtypes(x=sn.Variable(2.0), y=1, z=np.float64(3)) == ["float32"] * 3
    with pytest.raises(TypeError, match=r"f: `y`: cannot compute f as input #1\(zero-based\)"):
        matching("f", x=sn.constant(1), y=sn.constant(1.0))
    with pytest.raises(TypeError, match=r"`y`: .*Cannot convert 1\.5"):
        matching("f", x=sn.constant(1), y=1.5)
    with pytest.raises(TypeError) as caught:
        matching("f", x=sn.constant(1.0), y=2, z=sn.constant(1.0), w=sn.Variable([True]))
    assert str(caught.value) == (
        "f: `w`: cannot compute f as input #3(zero-based) was expected to be a float tensor but is "
        "a bool tensor: dtypes are never promoted, `cast` one of them"
    )
    with pytest.raises(TypeError) as caught:
        matching("f", x=2j, y=sn.constant(1.0))
    assert str(caught.value) == (
        "f: `x`: cannot compute f as input #0(zero-based) was expected to be a float tensor but is "
        "a complex128 tensor: Cannot convert 2j to EagerTensor of dtype float; dtypes are never "
        "promoted, `cast` one of them"
    )
    with pytest.raises(TypeError, match=r"^f: `y`: convert_to_tensor: .*strings"):
        matching("f", x=sn.constant(1), y="a")


def test_shapes_that_broadcast() -> None:
    x, y, z = sn.ones([2, 1]), sn.ones([3]), sn.ones([2])
    arguments.broadcastable("f", x, y)
    arguments.broadcastable("f", x, z)
    with pytest.raises(sn.errors.InvalidArgumentError, match=r"shapes: \[2,1\] vs. \[3\] vs. \[2]"):
        arguments.broadcastable("f", x, y, z)
    arguments.broadcastable("f", x, sn.ones([]), x)
    arguments.broadcastable("f", z, sn.ones([]), sn.ones([1]), z)
    for rank in (31, 32, 33, 40):
        deep, other = sn.ones([2, 3] + [1] * (rank - 2)), sn.ones([3] + [1] * (rank - 2))
        arguments.broadcastable("f", deep, other, sn.ones([2] + [1] * (rank - 1)))
        for bad in ([3, 3] + [1] * (rank - 2), [2] + [1] * (rank - 2)):
            with pytest.raises(sn.errors.InvalidArgumentError, match="Incompatible shapes"):
                arguments.broadcastable("f", deep, sn.ones(bad))


def test_the_dtype_of_indices() -> None:
    assert arguments.index_dtype("f", "out_type", "int64") == np.int64
    with pytest.raises(TypeError, match="f: `out_type` must be int32 or int64"):
        arguments.index_dtype("f", "out_type", "float32")
    with pytest.raises(TypeError, match=r"f: `dtype`: .*'foo'"):
        arguments.dtype_named("f", "foo")


# -- options ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [True, 1, "a", np.bool_(True), np.array([1]), sn.constant(True)])
def test_a_flag_of_any_kind(value: Any) -> None:
    assert flag("f", "keepdims", value) is True
    assert flag("f", "keepdims", None) is False


@pytest.mark.parametrize("value", [np.ones(2), sn.ones((2, 3)), np.zeros(0), sn.zeros((0, 3))])
def test_what_is_no_flag(value: Any) -> None:
    for call in (
        lambda: flag("f", "keepdims", value),
        lambda: sn.reduce_sum([1.0], keepdims=value),
        lambda: sn.norm([1.0], keepdims=value),
        lambda: sn.nn.moments([1.0], [0], keepdims=value),
    ):
        with pytest.raises(ValueError, match="`keepdims` must be True or False, received keepdims"):
            call()


def test_one_of_some_names() -> None:
    assert one_of("NHWC", ["NHWC"])
    for value in ("NCHW", None, 1, ["NHWC"], np.array(["NHWC", "NHWC"]), sn.ones(2)):
        assert not one_of(value, ["NHWC"])


def test_an_integer_of_more_than_64_bits() -> None:
    for value in (2**63, -(2**63) - 1):
        with pytest.raises(ValueError, match="`n` must be an integer of 64 bits, received n="):
            one_int("f", "n", value)
    assert one_int("f", "n", -(2**63)) == -(2**63)
