"""BAD_CALLS: calls that must fail, for every op.

Each row is made on both modules.  Ours must name the function and say what `says` lists (argument,
rule, received value); `core` is what both messages must say.  Where TensorFlow lets the call pass,
or fails in another family, `differs` says why, and the docstring of the op says so too; where
TensorFlow is not asked at all, `alone` says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Call = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Bad:
    """One call that must fail: ``call(op, constant)``."""

    op: str
    why: str
    call: Call
    says: tuple[str, ...]
    core: str = ""
    differs: str = ""
    alone: str = ""

    def __str__(self) -> str:
        return f"{self.op}: {self.why}"


BAD_CALLS: list[Bad] = []


def bad(op: str, why: str, call: Call, *says: str, **more: str) -> None:
    BAD_CALLS.append(Bad(op, why, call, says, **more))


# Reasons for another answer than TensorFlow's that hold for all ops; `scratchnet.ops` tells them.
FRACTION = "a fraction, which TensorFlow cuts off"
BOOL = "a bool, which it reads as 0 or 1"
NUMPY_FLOATS = "A NumPy array of floats where a tensor of integers decides the dtype"
HUGE = "Arrays of more than 2**59 elements"
STRING = "A string is such a dtype"
# A reason that tells nothing about us: TensorFlow's Python code trips over the value.
ACCIDENT = "TensorFlow fails by accident"
# The docstring of the op, or of its module, gives the reason.
DOCUMENTED = "see the docstring"
# Why TensorFlow is not asked.
OWN = "TensorFlow has no such op"
BEYOND = "TensorFlow's op reads and writes beyond its arrays"

GENERAL = {FRACTION, BOOL, NUMPY_FLOATS, HUGE, STRING}


def f32(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def f64(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float64)


def i32(*shape: int) -> np.ndarray:
    return np.ones(shape, np.int32)


FLOATING = "must be floating (float16, float32 or float64), received dtype int32"
INTEGER = "must be an integer, received"
NO_TENSOR = "Attempt to convert a value (None) with an unsupported type"

# -- element by element ----------------------------------------------------------------------------

FLOAT_OPS = {
    **{"exp": "x", "log": "x", "log1p": "x", "sqrt": "x", "rsqrt": "x", "reciprocal": "x"},
    **{"sin": "x", "cos": "x", "sigmoid": "x", "tanh": "x", "floor": "x"},
    **{"softplus": "features", "elu": "features", "selu": "features", "softsign": "features"},
    **{
        name: "x" for name in "expm1 ceil rint is_nan is_inf is_finite log_sigmoid erf erfc".split()
    },
    **{name: "x" for name in "tan asin acos atan sinh cosh asinh acosh atanh".split()},
    "silu": "features",
}
NUMBER_OPS = {"square": "x", "round": "x", "relu": "features", "leaky_relu": "features"}
NUMBER_OPS |= {"relu6": "features", "crelu": "features"}
SIGNED_OPS = {"negative": "x", "abs": "x", "sign": "x"}

for op, arg in FLOAT_OPS.items():
    # TensorFlow has no CPU kernel for it: NotFoundError.
    no_kernel = {"differs": ACCIDENT} if op == "reciprocal" else {}
    bad(op, "integers", lambda f, t: f(t([1, 2])), f"`{arg}` {FLOATING}", **no_kernel)
for op, arg in (FLOAT_OPS | NUMBER_OPS | SIGNED_OPS).items():
    bad(op, "bools", lambda f, t: f(t([True])), f"`{arg}` must be", "received dtype bool")
    string = {"differs": STRING} if op == "silu" else {}  # UnimplementedError
    said = "strings are not supported, received 'a'"
    bad(op, "a string", lambda f, t: f("a"), f"`{arg}`", said, **string)
    bad(op, "None", lambda f, t: f(None), f"`{arg}`", core=NO_TENSOR)
    bad(
        op,
        "a ragged list",
        lambda f, t: f([[1.0], [2.0, 3.0]]),
        f"`{arg}`",
        core="Can't convert non-rectangular Python sequence to Tensor",
    )
    bad(op, "objects", lambda f, t: f(np.array([None])), f"`{arg}`", "dtype object")
for op, arg in SIGNED_OPS.items():
    bad(op, "unsigned", lambda f, t: f(np.array([1], np.uint8)), f"`{arg}` must be", "dtype uint8")
bad("leaky_relu", "alpha a string", lambda f, t: f(t([1.0]), alpha="a"), "`alpha`", "alpha='a'")
bad("leaky_relu", "alpha a list", lambda f, t: f(t([1.0]), alpha=[0.1]), "`alpha`", "alpha=[0.1]")
bad(
    "leaky_relu",
    "alpha None",
    lambda f, t: f(t([1.0]), alpha=None),
    "`alpha` must be a number, received alpha=None",
    differs=DOCUMENTED,
)

ARITHMETIC = "add subtract multiply divide floordiv mod pow maximum minimum".split()
ARITHMETIC += ["squared_difference"]
ORDER = "less less_equal greater greater_equal".split()

for op in [*ARITHMETIC, *ORDER, "equal", "not_equal"]:
    bad(
        op,
        "shapes",
        lambda f, t: f(t(f32(2, 3)), t(f32(2, 4))),
        core="Incompatible shapes: [2,3] vs. [2,4]",
    )
    mixed = "as input #1(zero-based) was expected to be a float tensor but is a double tensor"
    bad(
        op,
        "float32 and float64",
        lambda f, t: f(t(f32(2)), t(f64(2))),
        "`y`: cannot compute",
        mixed,
        core="" if op == "divide" else mixed,
    )
    bad(
        op,
        "1.5 into integers",
        lambda f, t: f(t([1]), 1.5),
        "`y`: cannot compute",
        "expected to be a int32 tensor but is a float tensor",
        "Cannot convert 1.5 to EagerTensor of dtype int32",
    )
    bad(
        op,
        "floats of NumPy into integers",
        lambda f, t: f(t([1]), np.array([1.5])),
        "`y`: cannot compute",
        "expected to be a int32 tensor but is a double tensor",
        differs=NUMPY_FLOATS,
    )
    bad(op, "a string", lambda f, t: f(t([1.0]), "a"), "`y`", "'a'")
    bad(op, "y None", lambda f, t: f(t([1.0]), None), "`y`", core=NO_TENSOR)
    bad(op, "x None", lambda f, t: f(None, t([1.0])), "`x`", core=NO_TENSOR)
for op in [*ARITHMETIC, *ORDER]:
    bad(
        op,
        "bools",
        lambda f, t: f(t([True]), t([False])),
        "`x` must be numeric, received dtype bool",
    )
for op in ("floordiv", "mod"):
    bad(op, "zero", lambda f, t: f(t([1, 2]), t([1, 0])), "`y`", core="nteger division by zero")
bad(
    "pow",
    "a negative exponent of integers",
    lambda f, t: f(t([2]), t([-1])),
    "`y`",
    "received -1",
    core="Integers to negative integer powers are not allowed",
)
for op in ("logical_and", "logical_or", "logical_xor"):
    bad(op, "integers", lambda f, t: f(t([1]), t([True])), "`x` must be bool, received dtype int32")
    bad(
        op,
        "shapes",
        lambda f, t: f(t([True, False]), t([True] * 3)),
        core="Incompatible shapes: [2] vs. [3]",
    )
    bad(op, "None", lambda f, t: f(t([True]), None), "`y`", core=NO_TENSOR)
bad("logical_not", "integers", lambda f, t: f(t([1])), "`x` must be bool, received dtype int32")
bad(
    "where",
    "condition of integers",
    lambda f, t: f(t([1]), t([1.0]), t([2.0])),
    "`condition` must be bool, received dtype int32",
)
bad("where", "dtypes", lambda f, t: f(t([True]), t([1.0]), t([2])), "`y`", "is a int32 tensor")
bad(
    "where",
    "shapes",
    lambda f, t: f(t([True, False]), t(f32(3)), t(f32(3))),
    core="condition [2], then [3], and else [3] must be broadcastable",
)
bad("where", "x alone", lambda f, t: f(t([True]), t([1.0])), "`x` and `y`", core="both be None")
bad("where", "None", lambda f, t: f(None), "`condition`", core=NO_TENSOR)
bad("clip_by_value", "dtypes", lambda f, t: f(t([1.0]), t([1]), t([2])), "`clip_value_min`")
bad(
    "clip_by_value",
    "a bound of a larger shape",
    lambda f, t: f(t([1.0]), t([1.0, 2.0]), 2.0),
    "`clip_value_min` must broadcast",
    core="Shapes (1,) and (2,) are incompatible",
)
bad(
    "clip_by_value",
    "shapes",
    lambda f, t: f(t(f32(3)), t(f32(2)), 2.0),
    core="Incompatible shapes: [3] vs. [2]",
)
bad("clip_by_value", "a string", lambda f, t: f(t([1.0]), "a", 2.0), "`clip_value_min`", "'a'")
bad(
    "clip_by_value", "None", lambda f, t: f(t([1.0]), None, 2.0), "`clip_value_min`", core=NO_TENSOR
)
bad("clip_by_value", "0.5 into integers", lambda f, t: f(t([1]), 0.5, 2), "Cannot convert 0.5")
bad("clip_by_value", "bools", lambda f, t: f(t([True]), False, True), "`t` must be numeric")

# -- creation --------------------------------------------------------------------------------------

bad(
    "constant",
    "1.5 as int32",
    lambda f, t: f(1.5, dtype="int32"),
    "`value`",
    core="Cannot convert 1.5 to EagerTensor of dtype int32",
)
bad("constant", "a ragged list", lambda f, t: f([[1], [2, 3]]), core="non-rectangular")
bad("constant", "None", lambda f, t: f(None), "`value`", core=NO_TENSOR)
bad(
    "constant",
    "a string",
    lambda f, t: f("a", dtype="float32"),
    "`value`",
    core="Cannot convert 'a'",
)
bad(
    "constant",
    "too few values",
    lambda f, t: f([1, 2, 3], shape=[2, 2]),
    "`shape`",
    core="has 3 elements, but got `shape` (2, 2) with 4 elements",
)
bad(
    "constant",
    "a negative size",
    lambda f, t: f([1, 2], shape=[-1]),
    "shape=(-1,)",
    core="must be >= 0",
)
bad("constant", "sizes of floats", lambda f, t: f(1, shape=[1.5]), f"`shape` {INTEGER} shape=1.5")
bad("constant", "an unknown dtype", lambda f, t: f(1, dtype="float33"), "`dtype`", core="'float33'")
bad(
    "constant",
    "a tensor of another dtype",
    lambda f, t: f(t([1.0]), "int32"),
    core="Expected tensor",
)
bad("constant", "more than 64 bits", lambda f, t: f(2**64), core="out-of-range integer")
bad(
    "constant",
    "2**40 as int32",
    lambda f, t: f(2**40, dtype="int32"),
    "1099511627776 does not fit int32",
    differs=DOCUMENTED,
)
bad(
    "convert_to_tensor",
    "a tensor of another dtype",
    lambda f, t: f(t([1.0]), dtype="int32"),
    core="Tensor conversion requested dtype int32 for Tensor with dtype float32",
)
bad("convert_to_tensor", "None", lambda f, t: f(None), "`value`", core=NO_TENSOR)
bad("convert_to_tensor", "an object", lambda f, t: f(object()), core="Attempt to convert a value")
bad("cast", "an unknown dtype", lambda f, t: f(t([1.0]), "float33"), "`dtype`", core="'float33'")
bad("cast", "dtype None", lambda f, t: f(t([1.0]), None), "`dtype`", core="None")
bad("cast", "None", lambda f, t: f(None, "float32"), "`x`", core=NO_TENSOR)
bad("cast", "a string", lambda f, t: f("a", "float32"), "`x`", "'a'", differs=STRING)
bad("identity", "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
bad("linked", "None", lambda f, t: f(None, 1.0), "`input`", alone=OWN)
bad("linked", "to None", lambda f, t: f(1.0, None), "`to`", alone=OWN)
bad("stop_gradient", "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
for op in ("zeros_like", "ones_like"):
    bad(op, "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
    bad(op, "an unknown dtype", lambda f, t: f([1], "float33"), "`dtype`", core="'float33'")
for op in ("zeros", "ones"):
    bad(op, "a negative size", lambda f, t: f([-1]), "`shape` must hold sizes >= 0", "shape=(-1,)")
    bad(op, "1.5", lambda f, t: f([1.5]), f"`shape` {INTEGER} shape=1.5")
    bad(op, "a tensor of floats", lambda f, t: f(t([2.0])), "`shape` must hold integers")
    bad(op, "a string", lambda f, t: f("a"), f"`shape` {INTEGER} shape='a'")
    bad(op, "None", lambda f, t: f(None), "`shape`", "Attempt to convert a value (None)")
    bad(op, "nested lists", lambda f, t: f([[1]]), f"`shape` {INTEGER} shape=[1]")
    bad(op, "an unknown dtype", lambda f, t: f([1], "float33"), "`dtype`", core="'float33'")
    bad(op, "True", lambda f, t: f([True]), f"`shape` {INTEGER} shape=True", differs=BOOL)
    bad(
        op,
        "2**80 elements",
        lambda f, t: f([2**40, 2**40]),
        "`shape` must not have more than 2**59",
    )
    bad(op, "2**62 elements", lambda f, t: f([2**62]), "`shape` must not have more", differs=HUGE)
    bad(op, "2**70", lambda f, t: f([2**70]), "`shape` must hold integers of 64 bits")
bad("fill", "a negative size", lambda f, t: f([-1], 1), "`dims` must hold sizes >= 0", "dims=(-1,)")
bad(
    "fill",
    "a vector",
    lambda f, t: f([2], [1, 2]),
    "`value` must be a scalar, received value=",
)
bad("fill", "None", lambda f, t: f([2], None), "`value`", core=NO_TENSOR)
bad("fill", "sizes of floats", lambda f, t: f([1.5], 1), f"`dims` {INTEGER} dims=1.5")
bad(
    "fill",
    "2**80 elements",
    lambda f, t: f([2**40, 2**40], 1),
    "`dims` must not have more than 2**59",
)
bad("eye", "a negative size", lambda f, t: f(-1), "`num_rows` must hold sizes >= 0")
bad("eye", "negative columns", lambda f, t: f(2, -1), "`num_columns` must hold sizes >= 0")
bad("eye", "1.5", lambda f, t: f(1.5), f"`num_rows` {INTEGER} num_rows=1.5")
bad("eye", "a string", lambda f, t: f("a"), f"`num_rows` {INTEGER} num_rows='a'")
bad(
    "eye",
    "a negative batch",
    lambda f, t: f(1, batch_shape=[-1]),
    "`batch_shape` must hold sizes >= 0",
)
bad("range", "delta 0", lambda f, t: f(0, 3, 0), "`delta`", core="Requires delta != 0")
bad(
    "range",
    "the wrong way",
    lambda f, t: f(3, 0),
    core="Requires start <= limit when delta > 0: 3/0",
)
bad(
    "range",
    "backwards",
    lambda f, t: f(0, 3, -1),
    core="Requires start >= limit when delta < 0: 0/3",
)
bad("range", "a vector", lambda f, t: f([1, 2]), "`limit` must be a scalar")
bad(
    "range",
    "nan",
    lambda f, t: f(float("nan")),
    core="Requires start <= limit when delta > 0: 0/nan",
)
bad("range", "inf", lambda f, t: f(float("inf")), core="Requires ((limit - start) / delta) <")
bad(
    "range",
    "too many",
    lambda f, t: f(0.0, 1e30, 1e-30),
    core="Requires ((limit - start) / delta) <",
)
bad("range", "None", lambda f, t: f(None), core=NO_TENSOR)
bad("range", "a string", lambda f, t: f("a"), "`limit`", "'a'", differs=DOCUMENTED)
bad("range", "a bool", lambda f, t: f(True), "`limit` must be of one of", differs=DOCUMENTED)
bad("linspace", "num -1", lambda f, t: f(0.0, 1.0, -1), "`num` must hold sizes >= 0", "num=(-1,)")
bad("linspace", "num 1.5", lambda f, t: f(0.0, 1.0, 1.5), f"`num` {INTEGER} num=1.5")
bad("linspace", "num a string", lambda f, t: f(0.0, 1.0, "a"), f"`num` {INTEGER} num='a'")
bad("linspace", "None", lambda f, t: f(None, 1.0, 3), "`start`", core=NO_TENSOR)
bad("linspace", "a string", lambda f, t: f("a", 1.0, 3), "`start`", "'a'")
bad("linspace", "bools", lambda f, t: f(True, False, 3), "`start` must be numeric")
bad(
    "linspace",
    "shapes",
    lambda f, t: f(t([0.0, 1.0]), t([1.0, 2.0, 3.0]), 3),
    core="Incompatible shapes: [2] vs. [3]",
)
bad("linspace", "axis 1", lambda f, t: f(0.0, 1.0, 3, axis=1), "`axis` must be in range", "axis=1")
bad(
    "linspace",
    "dtypes",
    lambda f, t: f(t(0.0), t(np.float64(1)), 3),
    "`stop`",
    "expected to be a float tensor but is a double tensor",
    differs=DOCUMENTED,
)
bad("one_hot", "floats", lambda f, t: f(t([1.0]), 3), "`indices` must be of an integer dtype")
bad("one_hot", "bools", lambda f, t: f(t([True]), 3), "`indices` must be of an integer dtype")
bad("one_hot", "a string", lambda f, t: f("a", 3), "`indices`", "'a'")
bad("one_hot", "None", lambda f, t: f(None, 3), "`indices`", core=NO_TENSOR)
bad(
    "one_hot", "depth -1", lambda f, t: f(t([1]), -1), "depth=-1", core="depth must be non-negative"
)
bad("one_hot", "depth 1.5", lambda f, t: f(t([1]), 1.5), f"`depth` {INTEGER} depth=1.5")
bad("one_hot", "depth None", lambda f, t: f(t([1]), None), "`depth`", "convert a value (None)")
bad("one_hot", "axis 2", lambda f, t: f(t([1]), 3, axis=2), "`axis` must be in [-1, 1]", "axis=2")
bad(
    "one_hot", "axis -2", lambda f, t: f(t([1]), 3, axis=-2), "`axis` must be in [-1, 1]", "axis=-2"
)
bad("one_hot", "axis a string", lambda f, t: f(t([1]), 3, axis="a"), f"`axis` {INTEGER} axis='a'")
bad(
    "one_hot",
    "on_value a vector",
    lambda f, t: f(t([1]), 3, [1.0, 2.0]),
    core="on_value must be a scalar",
)
bad(
    "one_hot",
    "two dtypes",
    lambda f, t: f(t([1]), 3, t(1.0), t(0)),
    "`off_value`",
    core="not match dtype",
)
bad(
    "one_hot",
    "another dtype than the values",
    lambda f, t: f(t([1]), 3, on_value=t(1.0), dtype="int32"),
    "dtype float32 of `on_value`",
    core="not match dtype",
)

# -- shape -----------------------------------------------------------------------------------------

bad(
    "reshape",
    "another count",
    lambda f, t: f(t(f32(6)), [2, 4]),
    "shape=(2, 4)",
    core="Input to reshape is a tensor with 6 values, but the requested shape has 8",
)
bad(
    "reshape",
    "no multiple",
    lambda f, t: f(t(f32(6)), [4, -1]),
    "shape=(4, -1)",
    core="a tensor with 6 values, but the requested shape requires a multiple of 4",
)
bad(
    "reshape",
    "two -1",
    lambda f, t: f(t(f32(6)), [-1, -1]),
    "`shape`",
    core="nly one input size may be -1",
)
bad("reshape", "-2", lambda f, t: f(t(f32(6)), [-2, 3]), "`shape` must hold sizes >= 0, or -1 once")
bad("reshape", "something of nothing", lambda f, t: f(t(f32(6)), [0, -1]), core="requested shape")
bad("reshape", "floats", lambda f, t: f(t(f32(6)), [2.0, 3.0]), f"`shape` {INTEGER} shape=2.0")
bad(
    "reshape",
    "None",
    lambda f, t: f(t(f32(6)), None),
    "`shape`",
    "Attempt to convert a value (None)",
)
bad("reshape", "a string", lambda f, t: f(t(f32(6)), "a"), f"`shape` {INTEGER} shape='a'")
bad(
    "reshape",
    "nested lists",
    lambda f, t: f(t(f32(6)), [[2, 3]]),
    f"`shape` {INTEGER} shape=[2, 3]",
)
bad("reshape", "of None", lambda f, t: f(None, [1]), "`tensor`", core=NO_TENSOR)
bad(
    "reshape",
    "2**80 elements",
    lambda f, t: f(t(f32(6)), [2**40, 2**40]),
    "6 values, but the requested",
)
bad("reshape", "2**70", lambda f, t: f(t(f32(6)), [2**70]), "`shape` must hold integers of 64 bits")
bad(
    "reshape",
    "True",
    lambda f, t: f(t(f32(1)), [True]),
    f"`shape` {INTEGER} shape=True",
    differs=BOOL,
)
for k in (2, -3):
    bad(
        "expand_dims",
        f"axis {k}",
        lambda f, t, k=k: f(t(f32(2)), k),
        f"`axis` must be in range [-2, 2), the axes of a tensor of rank 2, received axis={k}",
    )
bad("expand_dims", "axis 0.5", lambda f, t: f(t(f32(2)), 0.5), f"`axis` {INTEGER} axis=0.5")
bad("expand_dims", "axis None", lambda f, t: f(t(f32(2)), None), "`axis`", "a value (None)")
bad("expand_dims", "None", lambda f, t: f(None, 0), "`input`", core=NO_TENSOR)
bad(
    "squeeze",
    "a larger axis",
    lambda f, t: f(t(f32(1, 2)), 1),
    "`axis`",
    core="an not squeeze dim[1], expected a dimension of 1, got 2",
)
bad(
    "squeeze",
    "axis 2",
    lambda f, t: f(t(f32(1, 2)), 2),
    "`axis` must be in range [-2, 2)",
    "axis=2",
)
bad("squeeze", "a string", lambda f, t: f(t(f32(1, 2)), "a"), f"`axis` {INTEGER} axis='a'")
bad("squeeze", "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
bad("squeeze", "axis 0.5", lambda f, t: f(t(f32(1, 2)), 0.5), f"`axis` {INTEGER}", differs=FRACTION)
bad("squeeze", "twice", lambda f, t: f(t(f32(1, 2)), [0, 0]), "an axis twice", differs=DOCUMENTED)
for perm in ([0], [0, 0], [0, 2], [0, -3]):
    bad(
        "transpose",
        f"perm {perm}",
        lambda f, t, perm=perm: f(t(f32(2, 3)), perm),
        f"`perm` must be a permutation of the 2 axes, received perm={tuple(perm)}",
    )
bad("transpose", "floats", lambda f, t: f(t(f32(2, 3)), [0.0, 1.0]), f"`perm` {INTEGER} perm=0.0")
bad(
    "transpose", "a scalar", lambda f, t: f(t(f32(3)), 0), "`perm` must be a list of integers (1-D)"
)
bad("transpose", "a string", lambda f, t: f(t(f32(2, 3)), "a"), f"`perm` {INTEGER} perm='a'")
bad("transpose", "None", lambda f, t: f(None), "`a`", core=NO_TENSOR)
bad(
    "broadcast_to",
    "another size",
    lambda f, t: f(t(f32(2)), [3]),
    "ncompatible shapes: [2] vs. [3]",
)
bad("broadcast_to", "a smaller rank", lambda f, t: f(t(f32(2, 3)), [3]), "shapes: [2,3] vs. [3]")
bad(
    "broadcast_to",
    "a negative size",
    lambda f, t: f(t(f32(1)), [-1]),
    "`shape` must hold sizes >= 0",
)
bad("broadcast_to", "floats", lambda f, t: f(t(f32(1)), [2.0]), f"`shape` {INTEGER} shape=2.0")
bad(
    "broadcast_to",
    "a scalar",
    lambda f, t: f(t(f32(1)), 3),
    "`shape` must be a list of integers (1-D)",
)
bad("broadcast_to", "None", lambda f, t: f(t(f32(1)), None), "`shape`", "a value (None)")
bad("broadcast_to", "2**80 elements", lambda f, t: f(t(f32(1)), [2**40, 2**40]), "more than 2**59")
bad(
    "sum_to",
    "another size",
    lambda f, t: f(t(f32(2)), [3]),
    "Incompatible shapes: [2] vs. [3]",
    alone=OWN,
)
bad(
    "sum_to",
    "a negative size",
    lambda f, t: f(t(f32(2)), [-1]),
    "`shape` must hold sizes >= 0",
    alone=OWN,
)
bad(
    "tile",
    "too few",
    lambda f, t: f(t(f32(2, 3)), [2]),
    core="to be a vector of length 2 but got length 1",
)
bad("tile", "a negative count", lambda f, t: f(t(f32(2)), [-1]), "`multiples` must hold sizes >= 0")
bad("tile", "floats", lambda f, t: f(t(f32(2)), [1.5]), f"`multiples` {INTEGER} multiples=1.5")
bad(
    "tile", "a scalar", lambda f, t: f(t(f32(2)), 2), "`multiples` must be a list of integers (1-D)"
)
bad("tile", "None", lambda f, t: f(t(f32(2)), None), "`multiples`", "a value (None)")
bad(
    "tile",
    "2**82 elements",
    lambda f, t: f(t(f32(2, 2)), [2**40, 2**40]),
    "more than 2**59 elements",
)
bad(
    "repeat",
    "a negative count",
    lambda f, t: f(t(f32(2)), -1, axis=0),
    "`repeats` must hold sizes >= 0",
)
bad("repeat", "1.5", lambda f, t: f(t(f32(2)), 1.5, axis=0), f"`repeats` {INTEGER} repeats=1.5")
bad("repeat", "axis 1", lambda f, t: f(t(f32(2)), 1, axis=1), "`axis` must be in range [-1, 1)")
bad(
    "repeat",
    "too many counts",
    lambda f, t: f(t(f32(2)), [1, 2, 3], axis=0),
    "must be one count, or 2",
)
bad("repeat", "None", lambda f, t: f(t(f32(2)), None, axis=0), "`repeats`", "a value (None)")
bad(
    "repeat", "2**64 elements", lambda f, t: f(t(f32(4)), 2**62, axis=0), "than 2**59", differs=HUGE
)
bad("repeat", "a scalar", lambda f, t: f(t(1.0), 2, axis=0), "`axis`", differs=DOCUMENTED)
bad("concat", "nothing", lambda f, t: f([], 0), "`values` must hold at least one tensor")
bad(
    "concat",
    "axis -2",
    lambda f, t: f([t(f32(2)), t(f32(2))], -2),
    "`axis` must be in range [-1, 1)",
)
bad("concat", "axis 0.5", lambda f, t: f([t(f32(2)), t(f32(2))], 0.5), f"`axis` {INTEGER} axis=0.5")
bad("concat", "axis None", lambda f, t: f([t(f32(2)), t(f32(2))], None), "`axis`", "a value (None)")
bad(
    "concat",
    "ranks",
    lambda f, t: f([t(f32(2)), t(f32(2, 2))], 0),
    core="Ranks of all input tensors should match",
)
bad(
    "concat",
    "sizes",
    lambda f, t: f([t(f32(2, 3)), t(f32(2, 4))], 0),
    "Dimension 1",
    "[2,3] vs. values[1]",
)
bad(
    "concat",
    "dtypes",
    lambda f, t: f([t(f32(2)), t([1, 2])], 0),
    "`values[1]`",
    "is a int32 tensor",
)
bad("concat", "scalars", lambda f, t: f([t(1.0), t(2.0)], 0), "`values` must have rank >= 1")
bad("concat", "None", lambda f, t: f(None, 0), "`values` must be a list of tensors")
bad(
    "concat", "None among them", lambda f, t: f([t(f32(2)), None], 0), "`values[1]`", core=NO_TENSOR
)
bad("concat", "a string among them", lambda f, t: f([t(f32(2)), "a"], 0), "`values[1]`", "'a'")
bad("concat", "axis 1 of one", lambda f, t: f([t(f32(2))], 1), "`axis`", differs=DOCUMENTED)
bad(
    "stack",
    "shapes",
    lambda f, t: f([t(f32(2)), t(f32(3))]),
    core="Shapes of all inputs must match",
)
for k in (2, -3):
    bad(
        "stack",
        f"axis {k}",
        lambda f, t, k=k: f([t(f32(2))] * 2, k),
        "`axis`",
        core="in range [-2, 2)",
    )
bad("stack", "dtypes", lambda f, t: f([t(f32(2)), t([1, 2])]), "`values[1]`", "is a int32 tensor")
bad(
    "stack",
    "nothing",
    lambda f, t: f([]),
    "`values` must hold at least one tensor",
    differs=DOCUMENTED,
)
bad("stack", "None", lambda f, t: f(None), "`values` must be a list of tensors", differs=ACCIDENT)
bad(
    "stack", "axis 0.5", lambda f, t: f([t(f32(2))] * 2, 0.5), f"`axis` {INTEGER}", differs=FRACTION
)
bad(
    "unstack",
    "num",
    lambda f, t: f(t(f32(2)), num=3),
    "`num` must be the size 2 of axis 0",
    "num=3",
)
for k in (1, -2):
    bad(
        "unstack",
        f"axis {k}",
        lambda f, t, k=k: f(t(f32(2)), axis=k),
        "`axis`",
        core="in range [-1, 1)",
    )
bad("unstack", "a scalar", lambda f, t: f(t(1.0)), "`axis`", core="in range [0, 0)")
bad("unstack", "None", lambda f, t: f(None), "`value`", core=NO_TENSOR)
bad("unstack", "axis 0.5", lambda f, t: f(t(f32(2)), axis=0.5), f"`axis` {INTEGER} axis=0.5")
bad(
    "split",
    "uneven",
    lambda f, t: f(t(f32(3)), 2),
    "`num_or_size_splits`",
    core="evenly divide the split dimension, but got split_dim 0 (size = 3)",
)
for parts in (0, -1):
    bad("split", f"{parts} parts", lambda f, t, p=parts: f(t(f32(3)), p), "`num_or_size_splits`")
for parts in ([1, 1], [4, -2], [-1, -1], [4, -1], []):
    bad(
        "split",
        f"{parts}",
        lambda f, t, p=parts: f(t(f32(3)), p),
        f"`num_or_size_splits` must be sizes >= 0 that add up to 3, the size of axis 0, received "
        f"num_or_size_splits={tuple(parts)}",
    )
bad("split", "axis 1", lambda f, t: f(t(f32(3)), 3, axis=1), "`axis` must be in range [-1, 1)")
bad("split", "axis 0.5", lambda f, t: f(t(f32(3)), 3, axis=0.5), f"`axis` {INTEGER} axis=0.5")
bad("split", "floats", lambda f, t: f(t(f32(3)), [1.5, 1.5]), f"`num_or_size_splits` {INTEGER}")
bad("split", "None", lambda f, t: f(t(f32(3)), None), "`num_or_size_splits`", "a value (None)")
bad("split", "a scalar", lambda f, t: f(t(1.0), 1), "`axis` must be in range [0, 0)")
bad("split", "1.5 parts", lambda f, t: f(t(f32(3)), 1.5), f"_splits` {INTEGER}", differs=DOCUMENTED)
bad(
    "pad",
    "paddings of another rank",
    lambda f, t: f(t(f32(2)), [[1, 1], [1, 1]]),
    "`paddings`",
    core="The first dimension of paddings must be the rank of inputs",
)
for paddings in ([[-1, 1]], [1, 1], [[1, 1, 1]]):
    bad(
        "pad",
        f"{paddings}",
        lambda f, t, p=paddings: f(t(f32(2)), p),
        "`paddings` must",
        f"paddings={paddings}",
    )
bad(
    "pad",
    "floats",
    lambda f, t: f(t(f32(2)), [[1.0, 1.0]]),
    "`paddings` must be of an integer dtype",
)
bad("pad", "None", lambda f, t: f(t(f32(2)), None), "`paddings`", core=NO_TENSOR)
bad(
    "pad",
    "mode",
    lambda f, t: f(t(f32(2)), [[1, 1]], mode="foo"),
    core="Value of argument `mode` expected to be",
)
bad(
    "pad",
    "mode None",
    lambda f, t: f(t(f32(2)), [[1, 1]], mode=None),
    "mode=None",
    differs=ACCIDENT,
)
bad(
    "pad",
    "beyond the mirror",
    lambda f, t: f(t(f32(2)), [[2, 0]], mode="REFLECT"),
    "`paddings` must fit",
)
bad(
    "pad",
    "beyond the image",
    lambda f, t: f(t(f32(2)), [[3, 0]], mode="SYMMETRIC"),
    "`paddings` must fit",
)
bad(
    "pad",
    "1.5 into integers",
    lambda f, t: f(t([1]), [[1, 0]], constant_values=1.5),
    "`constant_values`",
)
bad(
    "pad",
    "with a string",
    lambda f, t: f(t([1.0]), [[1, 0]], constant_values="a"),
    "`constant_values`",
)
bad(
    "pad",
    "with a vector",
    lambda f, t: f(t([1.0]), [[1, 0]], constant_values=[1.0, 2.0]),
    core="must be a scalar",
)
bad("pad", "with None", lambda f, t: f(t([1.0]), [[1, 0]], constant_values=None), core=NO_TENSOR)
bad(
    "pad",
    "2**80 elements",
    lambda f, t: f(t(f32(2, 2)), [[2**40, 0], [2**40, 0]]),
    "more than 2**59",
)
for k in (1, -2):
    bad(
        "reverse",
        f"axis {k}",
        lambda f, t, k=k: f(t(f32(2)), [k]),
        "`axis` must be in range [-1, 1)",
    )
for axes in ([0, 0], [0, -2]):
    bad(
        "reverse",
        f"axes {axes}",
        lambda f, t, a=axes: f(t(f32(2, 2)), a),
        "`axis` must not name an axis twice",
    )
bad("reverse", "floats", lambda f, t: f(t(f32(2, 2)), [0.0]), f"`axis` {INTEGER} axis=0.0")
bad("reverse", "None", lambda f, t: f(t(f32(2, 2)), None), "`axis`", "a value (None)")
bad(
    "reverse",
    "a scalar",
    lambda f, t: f(t(f32(2, 2)), 0),
    "`axis` must be a list of integers (1-D)",
)

# -- picking and putting ---------------------------------------------------------------------------

for k in (5, -6):
    bad(
        "getitem",
        f"index {k}",
        lambda f, t, k=k: f(t(f32(5)), k),
        f"`key`: slice index {k}",
        core="of dimension 0 out of bounds.",
    )
bad(
    "getitem",
    "too many indices",
    lambda f, t: f(t(f32(5)), (0, 0)),
    core="Index out of range using input dim 1",
)
bad("getitem", "of a scalar", lambda f, t: f(t(1.0), 0), "Index out of range using input dim 0")
bad(
    "getitem",
    "step 0",
    lambda f, t: f(t(f32(5)), slice(None, None, 0)),
    core="strides[0] must be non-zero",
)
NO_INDEX = "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`)"
for key in (1.5, "a", ([0, 1],), slice(0.5, None), slice("a", None)):
    bad("getitem", f"{key!r}", lambda f, t, key=key: f(t(f32(5)), key), core=NO_INDEX)
bad("getitem", "a tensor of floats", lambda f, t: f(t(f32(5)), t(1.0)), core=NO_INDEX)
bad("getitem", "an array", lambda f, t: f(t(f32(5)), np.array([0, 1])), "`key`", "array([0, 1])")
bad("getitem", "a vector", lambda f, t: f(t(f32(5)), t([0, 1])), "`key`", "shape=(2,)")
bad(
    "getitem",
    "a mask of another shape",
    lambda f, t: f(t(f32(5)), np.array([True, False])),
    core="Shapes (5,) and (2,) are incompatible",
)
bad(
    "getitem",
    "a scalar mask",
    lambda f, t: f(t(f32(5)), True),
    "`key`",
    core="mask cannot be scalar",
)
bad("getitem", "two ellipses", lambda f, t: f(t(f32(5)), (..., ...)), core="Multiple ellipses")
bad(
    "place",
    "another shape",
    lambda f, t: f(t(f32(3)), slice(0, 2), [4]),
    "shapes: [3] vs. [2]",
    alone=OWN,
)
bad(
    "place",
    "an index",
    lambda f, t: f(t(1.0), 4, [4]),
    "slice index 4 of dimension 0 out of bounds",
    alone=OWN,
)
bad(
    "place",
    "a negative size",
    lambda f, t: f(t(f32(2)), slice(0, 2), [-4]),
    "`shape` must hold sizes >= 0",
    alone=OWN,
)
bad(
    "slice",
    "too many",
    lambda f, t: f(t(f32(5)), [0, 0], [1, 1]),
    "one entry per axis",
    "begin=(0, 0)",
)
for begin, size in ((6, 0), (-1, 1), (1, 5), (1, -2)):
    bad(
        "slice",
        f"{begin}, {size}",
        lambda f, t, a=begin, n=size: f(t(f32(5)), [a], [n]),
        f"received begin=({begin},), size=({size},)",
    )
bad("slice", "floats", lambda f, t: f(t(f32(5)), [1.0], [1.0]), f"`begin` {INTEGER} begin=1.0")
bad("slice", "scalars", lambda f, t: f(t(f32(5)), 1, 1), "`begin` must be a list of integers (1-D)")
bad("slice", "None", lambda f, t: f(t(f32(5)), None, [1]), "`begin`", "a value (None)")
for k in (3, -1):
    bad(
        "gather",
        f"index {k}",
        lambda f, t, k=k: f(t(f32(3)), [k]),
        core=f"indices[0] = {k} is not in [0, 3)",
    )
bad(
    "gather",
    "along axis 1",
    lambda f, t: f(t(f32(3, 3)), [[0, 5]], axis=1),
    core="= 5 is not in [0, 3)",
)
bad(
    "gather", "floats", lambda f, t: f(t(f32(3)), t([0.0])), "`indices` must be of an integer dtype"
)
bad(
    "gather", "bools", lambda f, t: f(t(f32(3)), t([True])), "`indices` must be of an integer dtype"
)
bad("gather", "None", lambda f, t: f(t(f32(3)), None), "`indices`", core=NO_TENSOR)
for k in (1, -2):
    bad(
        "gather",
        f"axis {k}",
        lambda f, t, k=k: f(t(f32(3)), [0], axis=k),
        "`axis` must be in range [-1, 1)",
    )
bad("gather", "axis 0.5", lambda f, t: f(t(f32(3)), [0], axis=0.5), f"`axis` {INTEGER} axis=0.5")
bad("gather", "of a scalar", lambda f, t: f(t(1.0), [0]), "`axis` must be in range [0, 0)")
bad(
    "gather",
    "other leading axes",
    lambda f, t: f(t(f32(3, 3)), [[0], [0]], batch_dims=1),
    "`batch_dims` must be <= axis=1, and so many axes be alike",
)
bad(
    "gather",
    "batch_dims behind axis",
    lambda f, t: f(t(f32(3, 3)), t(i32(3, 3)), axis=0, batch_dims=1),
    "`batch_dims` must be <= axis=0",
    differs=DOCUMENTED,
)
bad(
    "gather",
    "batch_dims 3",
    lambda f, t: f(t(f32(3, 3)), t(i32(3, 3)), batch_dims=3),
    "`batch_dims` must be in [-2, 2], received batch_dims=3",
)
bad(
    "gather",
    "in a batch, index 3",
    lambda f, t: f(t(f32(1, 3)), [[3]], batch_dims=1),
    core="indices[0,0] = 3 is not in [0, 3)",
)
bad(
    "gather",
    "an axis as validate_indices",
    lambda f, t: f(t(f32(3, 3)), [0], 1),
    "`validate_indices` must be None (is it `axis`?)",
    differs=DOCUMENTED,
)
bad(
    "add_at",
    "an index",
    lambda f, t: f(t(f32(1)), t([3]), 0, [3]),
    "indices[0] = 3 is not in [0, 3)",
    alone=OWN,
)
bad(
    "add_at",
    "another shape",
    lambda f, t: f(t(f32(2)), t([0]), 0, [3]),
    "shapes: [2] vs. [1]",
    alone=OWN,
)
for at in ([[3]], [[-1]]):
    bad(
        "gather_nd",
        f"{at}",
        lambda f, t, at=at: f(t(f32(3)), at),
        "`indices`",
        core="does not index into",
    )
bad(
    "gather_nd",
    "too deep",
    lambda f, t: f(t(f32(3)), [[0, 0]]),
    "shape (…, k) with 1 <= k <= 1",
    "(1, 2)",
)
bad(
    "gather_nd",
    "floats",
    lambda f, t: f(t(f32(3)), t([[0.0]])),
    "`indices` must be of an integer dtype",
)
bad("gather_nd", "a scalar index", lambda f, t: f(t(f32(3)), 0), "`indices` must have shape")
bad("gather_nd", "of a scalar", lambda f, t: f(t(1.0), [[0]]), "`indices` must have shape")
bad("gather_nd", "None", lambda f, t: f(t(f32(3)), None), "`indices`", core=NO_TENSOR)
bad("gather_nd", "k = 0", lambda f, t: f(t(f32(3)), i32(1, 0)), "`indices`", differs=DOCUMENTED)
for at in ([[3]], [[-1]]):
    bad(
        "scatter_nd",
        f"{at}",
        lambda f, t, at=at: f(at, t(f32(1)), [3]),
        "`indices`",
        core="does not index into",
    )
bad(
    "scatter_nd", "updates", lambda f, t: f([[0]], t(f32(2)), [3]), "`updates` must have shape (1,)"
)
bad("scatter_nd", "rank", lambda f, t: f([[0]], t(f32(1, 2)), [3]), "received shape (1, 2)")
bad(
    "scatter_nd",
    "a negative size",
    lambda f, t: f([[0]], t(f32(1)), [-3]),
    "`shape` must hold sizes >= 0",
)
bad("scatter_nd", "sizes of floats", lambda f, t: f([[0]], t(f32(1)), [3.0]), f"`shape` {INTEGER}")
bad(
    "scatter_nd",
    "floats",
    lambda f, t: f([[0.0]], t(f32(1)), [3]),
    "`indices` must be of an integer dtype",
)
bad(
    "scatter_nd",
    "too deep",
    lambda f, t: f([[0, 0]], t(f32(1)), [3]),
    "`indices` must have shape (…, k)",
)
bad(
    "scatter_nd",
    "2**80 elements",
    lambda f, t: f([[0, 0]], t(f32(1)), [2**40] * 2),
    "more than 2**59",
)
bad("scatter_nd", "None", lambda f, t: f([[0]], None, [3]), "`updates`", core=NO_TENSOR)

# -- reductions ------------------------------------------------------------------------------------

SUMS = "reduce_sum reduce_mean reduce_max reduce_min reduce_prod".split()
STATISTICS = "reduce_logsumexp reduce_variance reduce_std reduce_euclidean_norm".split()
for op in [*SUMS, *STATISTICS, "reduce_any", "reduce_all"]:
    truth = op in ("reduce_any", "reduce_all")
    x = np.array([[True, False]]) if truth else f32(1, 2)
    for k in (2, -3):
        bad(
            op,
            f"axis {k}",
            lambda f, t, x=x, k=k: f(t(x), k),
            "`axis` must be in range [-2, 2)",
            f"axis={k}",
        )
    for axes in ([0, 0], [0, -2]):
        bad(
            op,
            f"axes {axes}",
            lambda f, t, x=x, a=axes: f(t(x), a),
            "`axis` must not name an axis twice",
        )
    bad(op, "axis 0.5", lambda f, t, x=x: f(t(x), 0.5), f"`axis` {INTEGER} axis=0.5")
    bad(op, "axis a string", lambda f, t, x=x: f(t(x), "a"), f"`axis` {INTEGER} axis='a'")
    bad(op, "a string", lambda f, t: f("a"), "`input_tensor`", "'a'")
    bad(op, "None", lambda f, t: f(None), "`input_tensor`", core=NO_TENSOR)
    other = [1] if truth else [True]
    bad(op, "the wrong dtype", lambda f, t, x=other: f(t(x)), "`input_tensor` must be")
for op in STATISTICS:
    takes_them = {"differs": DOCUMENTED} if op == "reduce_euclidean_norm" else {}
    bad(op, "integers", lambda f, t: f(t([1])), f"`input_tensor` {FLOATING}", **takes_them)
for op in ("argmax", "argmin"):
    bad(op, "of floats", lambda f, t: f(t(f32(2)), 0, np.float32), "`output_type` must be int64")
    for k in (1, -2):
        bad(op, f"axis {k}", lambda f, t, k=k: f(t(f32(2)), k), "`axis` must be in range [-1, 1)")
    bad(
        op,
        "an empty axis",
        lambda f, t: f(t(f32(0)), 0),
        "`input`",
        core="Reduction axis 0 is empty in shape [0]",
    )
    bad(op, "a scalar", lambda f, t: f(t(1.0), 0), "`axis` must be in range [0, 0)")
    bad(op, "None", lambda f, t: f(None, 0), "`input`", core=NO_TENSOR)
    bad(op, "axis 0.5", lambda f, t: f(t(f32(2)), 0.5), f"`axis` {INTEGER} axis=0.5")
    bad(op, "a list of axes", lambda f, t: f(t(f32(2)), [0]), f"`axis` {INTEGER} axis=[0]")
    bad(op, "a string", lambda f, t: f("a", 0), "`input`", "'a'")
for k in (1, -2):
    bad("cumsum", f"axis {k}", lambda f, t, k=k: f(t(f32(2)), k), "`axis` must be in range [-1, 1)")
bad("cumsum", "axis 0.5", lambda f, t: f(t(f32(2)), 0.5), f"`axis` {INTEGER} axis=0.5")
bad("cumsum", "a scalar", lambda f, t: f(t(1.0)), "`axis` must be in range [0, 0)")
bad("cumsum", "bools", lambda f, t: f(t([True])), "`x` must be numeric, received dtype bool")
bad("cumsum", "None", lambda f, t: f(None), "`x`", core=NO_TENSOR)
bad(
    "prod_of_others",
    "axis 1",
    lambda f, t: f(t(f32(2)), 1),
    "`axis` must be in range [-1, 1)",
    alone=OWN,
)
bad("l2_loss", "integers", lambda f, t: f(t([1])), f"`t` {FLOATING}")
bad("l2_loss", "None", lambda f, t: f(None), "`t`", core=NO_TENSOR)
for ord in ("foo", 0, -1):
    bad(
        "norm",
        f"ord {ord!r}",
        lambda f, t, ord=ord: f(t(f32(2)), ord=ord),
        "`ord` must be",
        f"ord={ord!r}",
    )
bad(
    "norm",
    "fro of a vector",
    lambda f, t: f(t(f32(2, 2)), ord="fro", axis=0),
    "`ord` must be",
    "ord='fro'",
)
bad("norm", "axis 1", lambda f, t: f(t(f32(2)), axis=1), "`axis` must be in range [-1, 1)")
for axes in (0.5, [0], [0, 1, 2], [0, 0], "a"):
    bad(
        "norm",
        f"axis {axes!r}",
        lambda f, t, a=axes: f(t(f32(2, 2, 2)), axis=a),
        f"axis={axes!r}",
        core="must be None, an integer, or a tuple of 2 unique integers",
    )
bad("norm", "integers", lambda f, t: f(t([1])), f"`tensor` {FLOATING}")
bad("norm", "None", lambda f, t: f(None), "`tensor`", core=NO_TENSOR)
bad(
    "norm",
    "of a matrix",
    lambda f, t: f(t(f32(2, 2)), 2, [0, 1]),
    "`ord` must be",
    differs=DOCUMENTED,
)
bad("moments", "a shift", lambda f, t: f(t(f32(2)), [0], 1.0), "`shift`", differs=DOCUMENTED)
bad("moments", "axis 1", lambda f, t: f(t(f32(2)), [1]), "`axes` must be in range [-1, 1)")
bad("moments", "twice", lambda f, t: f(t(f32(2)), [0, 0]), "`axes` must not name an axis twice")
bad("moments", "axis 0.5", lambda f, t: f(t(f32(2)), [0.5]), f"`axes` {INTEGER} axes=0.5")
bad("moments", "integers", lambda f, t: f(t([1]), [0]), f"`x` {FLOATING}", differs=DOCUMENTED)
bad("moments", "None", lambda f, t: f(None, [0]), "`x`", "a value (None)", differs=ACCIDENT)

# -- matrices --------------------------------------------------------------------------------------

bad(
    "matmul",
    "inner sizes",
    lambda f, t: f(t(f32(2, 3)), t(f32(2, 3))),
    core="Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]",
)
bad(
    "matmul",
    "inner sizes, transposed",
    lambda f, t: f(t(f32(2, 3)), t(f32(3, 2)), transpose_b=True),
    core="Matrix size-incompatible: In[0]: [2,3], In[1]: [3,2]",
)
bad(
    "matmul",
    "vectors",
    lambda f, t: f(t(f32(2)), t(f32(2))),
    "`a`",
    core="In[0] and In[1] ndims must be == 2",
)
bad(
    "matmul",
    "a vector",
    lambda f, t: f(t(f32(2, 2)), t(f32(2))),
    "`b`",
    "b.shape=[2]",
)
bad("matmul", "a scalar", lambda f, t: f(t(f32(2, 2)), t(1.0)), "`b`", "b.shape=[]")
bad(
    "matmul",
    "float32 and float64",
    lambda f, t: f(t(f32(2, 2)), t(f64(2, 2))),
    core="but is a double tensor",
)
bad(
    "matmul",
    "integers and floats",
    lambda f, t: f(t([[1]]), t([[1.0]])),
    core="but is a float tensor",
)
bad(
    "matmul",
    "batches",
    lambda f, t: f(t(f32(2, 2, 2)), t(f32(3, 2, 2))),
    core="must have compatible batch dimensions",
)
bad(
    "matmul",
    "bools",
    lambda f, t: f(t([[True]]), t([[True]])),
    "`a` must be numeric, received dtype bool",
)
bad("matmul", "None", lambda f, t: f(t(f32(2, 2)), None), "`b`", core=NO_TENSOR)
bad("matmul", "a string", lambda f, t: f(t(f32(2, 2)), "a"), "`b`", "'a'")
bad(
    "tensordot",
    "inner sizes",
    lambda f, t: f(t(f32(2, 3)), t(f32(2, 3)), 1),
    core="Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]",
)
bad(
    "tensordot",
    "too many",
    lambda f, t: f(t(f32(2)), t(f32(2)), 2),
    "`axes` must be in 0..1, received axes=2",
)
bad(
    "tensordot",
    "negative",
    lambda f, t: f(t(f32(2)), t(f32(2)), -1),
    "`axes` must be in 0..1",
    "axes=-1",
)
for axes in ([[0], [0, 1]], [[0], [0], [0]], [[0, 0], [0, 1]]):
    bad(
        "tensordot",
        f"{axes}",
        lambda f, t, a=axes: f(t(f32(2, 2)), t(f32(2, 2)), a),
        "`axes` must be",
        f"axes={axes}",
    )
bad(
    "tensordot",
    "0.5",
    lambda f, t: f(t(f32(2, 2)), t(f32(2, 2)), 0.5),
    f"`axes` {INTEGER} axes=0.5",
)
bad(
    "tensordot",
    "a string",
    lambda f, t: f(t(f32(2, 2)), t(f32(2, 2)), "a"),
    f"`axes` {INTEGER} axes='a'",
)
bad(
    "tensordot",
    "None",
    lambda f, t: f(t(f32(2, 2)), t(f32(2, 2)), None),
    "`axes`",
    "a value (None)",
)
bad(
    "tensordot", "dtypes", lambda f, t: f(t(f32(2, 2)), t(i32(2, 2)), 1), "`b`", "is a int32 tensor"
)
bad("tensordot", "bools", lambda f, t: f(t([[True]]), t([[True]]), 1), "must be numeric")
bad(
    "tensordot",
    "an axis",
    lambda f, t: f(t(f32(2, 2)), t(f32(2, 2)), [[2], [0]]),
    "`axes`",
    differs=DOCUMENTED,
)
bad(
    "bias_add",
    "sizes",
    lambda f, t: f(t(f32(2, 3)), t(f32(2))),
    "`bias`",
    core="Must provide as many biases as the last dimension of the input tensor: [2] vs. [2,3]",
)
bad("bias_add", "a matrix", lambda f, t: f(t(f32(2, 3)), t(f32(1, 3))), "`bias` must be a vector")
bad("bias_add", "to a vector", lambda f, t: f(t(f32(3)), t(f32(3))), "`value` must have rank >= 2")
bad(
    "bias_add",
    "dtypes",
    lambda f, t: f(t(f32(2, 3)), t(f64(3))),
    "`bias`",
    core="but is a double tensor",
)
bad("bias_add", "bools", lambda f, t: f(t([[True]]), t([True])), "`bias` must be numeric")
bad("bias_add", "None", lambda f, t: f(t(f32(2, 3)), None), "`bias`", core=NO_TENSOR)
bad(
    "bias_add",
    "a format",
    lambda f, t: f(t(f32(2, 3)), t(f32(3)), "foo"),
    "`data_format` must be",
    "'foo'",
)
bad(
    "bias_add",
    "NCHW",
    lambda f, t: f(t(f32(2, 3)), t(f32(3)), "NCHW"),
    "`data_format`",
    differs=DOCUMENTED,
)

# -- images ----------------------------------------------------------------------------------------


def arguments(op: str, defaults: dict[str, Any]) -> Callable[..., None]:
    """Rows of an op with many arguments: its good ones, some of them replaced."""

    def row(why: str, *says: str, **changes: Any) -> None:
        texts = {
            name: changes.pop(name) for name in ("core", "differs", "alone") if name in changes
        }

        def call(f: Any, t: Any) -> Any:
            values = defaults | changes
            return f(**{n: t(v) if isinstance(v, np.ndarray) else v for n, v in values.items()})

        bad(op, why, call, *says, **texts)

    return row


POSITIVE = "must hold positive integers, received"
LENGTHS = "should be of length 1, 2 or 4"
NAME = "`padding` must be 'SAME', 'VALID' or a 4x2 list, received padding="
PAIRS = "`padding` must be [[0, 0], [top, bottom], [left, right], [0, 0]]"


def windows(row: Callable[..., None], *names: str) -> None:
    """The rows of a windows' size or step, which all the ops on images share."""
    for name in names:
        for n in (0, -1, (0, 1), (1, -1)):
            row(f"{name} {n}", f"`{name}` {POSITIVE} {name}={n}", **{name: n})
        for n in ((), (1, 2, 3), (1, 1, 1, 1, 1)):
            row(f"{name} {n}", f"`{name}`", core=LENGTHS, **{name: n})
        row(f"{name} a string", f"`{name}` {INTEGER} {name}='a'", **{name: "a"})
        row(f"{name} 1.5", f"`{name}` {INTEGER} {name}=1.5", differs=FRACTION, **{name: 1.5})
        row(f"{name} True", f"`{name}` {INTEGER} {name}=True", differs=BOOL, **{name: True})


def names_of_paddings(row: Callable[..., None]) -> None:
    for name in ("same", "valid", "foo"):
        row(f"padding {name!r}", f"{NAME}{name!r}", padding=name)


conv = arguments(
    "conv2d",
    {"input": f32(1, 5, 5, 2), "filters": f32(3, 3, 2, 4), "strides": 1, "padding": "VALID"},
)
for size in ((5, 5, 2), (5, 2), ()):
    conv(
        f"input of shape {size}",
        "`input` must have rank 4, (N, H, W, C)",
        f"={size}",
        input=f32(*size),
    )
conv("input of rank 5", "`input` must have rank 4", input=f32(1, 1, 5, 5, 2), differs=DOCUMENTED)
conv("filters of rank 3", "`filters` must have rank 4", "=(3, 3, 2)", filters=f32(3, 3, 2))
conv(
    "channels",
    "`input` of [1,5,5,2] and `filters` of [3,3,3,4]",
    core="input depth must be evenly divisible by filter depth: 2 vs 3",
    filters=f32(3, 3, 3, 4),
)
conv("groups of channels", "output depth", "3 vs 2", input=f32(1, 5, 5, 4), filters=f32(3, 3, 2, 3))
conv("an empty window", "`filters`", "no empty axis", filters=f32(0, 3, 2, 4))
conv("no channels", "`filters`", "no empty axis", input=f32(1, 5, 5, 0), filters=f32(3, 3, 0, 4))
conv("no filters", "`filters`", "no empty axis", filters=f32(3, 3, 2, 0), differs=DOCUMENTED)
conv("a large window", "a window of 6", "5 rows", filters=f32(6, 6, 2, 4), differs=DOCUMENTED)
conv("a wide window", "a window of 6", "5 columns", filters=f32(3, 6, 2, 4), differs=DOCUMENTED)
conv("a dilated window", "the window must fit", "dilation 3", dilations=3)
windows(conv, "strides", "dilations")
conv("strides None", "`strides`", "a value (None)", strides=None, differs=DOCUMENTED)
for name in ("strides", "dilations"):
    for n in ((2, 1, 1, 1), (1, 1, 1, 2)):
        conv(
            f"{name} {n}",
            f"`{name}` must be 1 along the batch and the channels",
            f"={n}",
            **{name: n},
        )
names_of_paddings(conv)
conv("padding None", PAIRS, "padding=None", padding=None)
conv("padding 1", PAIRS, "padding=1", padding=1)
for pairs in ([[0, 0], [1, 1], [1, 1]], [1, 1, 1, 1], [[0, 0], [1, 1, 1], [1, 1], [0, 0]]):
    conv(f"padding {pairs}", PAIRS, f"padding={pairs}", padding=pairs)
conv(
    "negative padding", "`padding` must hold counts >= 0", padding=[[0, 0], [-1, 1], [1, 1], [0, 0]]
)
conv("padded batch", PAIRS, "batch or channels", padding=[[1, 0], [1, 1], [1, 1], [0, 0]])
conv("padding 1.5", "`padding` must", padding=[[0, 0], [1.5, 1], [1, 1], [0, 0]], differs=FRACTION)
INTS = {"input": i32(1, 5, 5, 2), "filters": i32(3, 3, 2, 4)}
conv("integers", f"`input` {FLOATING}", **INTS, differs=DOCUMENTED)
conv("bools", "`input` must be floating", **{n: x.astype(bool) for n, x in INTS.items()})
conv(
    "dtypes",
    "`filters`",
    core="expected to be a float tensor but is a double tensor",
    filters=f64(3, 3, 2, 4),
)
conv("a string", "`input`", "'a'", input="a", differs=ACCIDENT)
conv("None", "`input`", "a value (None)", input=None, differs=ACCIDENT)
conv("filters None", "`filters`", core=NO_TENSOR, filters=None)
conv(
    "NCHW",
    "`data_format` must be 'NHWC', received data_format='NCHW'",
    input=f32(1, 2, 5, 5),
    data_format="NCHW",
)
conv("a data format", "`data_format` must be 'NHWC'", "'foo'", data_format="foo")

fused = arguments(
    "fused_conv2d",
    {
        "input": f32(1, 5, 5, 2),
        "filters": f32(3, 3, 2, 4),
        "bias": f32(4),
        "strides": 1,
        "padding": "VALID",
    },
)
fused("input of rank 3", "`input` must have rank 4", "=(5, 5, 2)", input=f32(5, 5, 2), alone=OWN)
fused("depths", "depth must be evenly divisible", filters=f32(3, 3, 3, 4), alone=OWN)
fused(
    "sizes",
    "`bias`",
    "as many biases as there are filters: [3] vs. [3,3,2,4]",
    bias=f32(3),
    alone=OWN,
)
fused("a matrix", "`bias`", "[1,4] vs. [3,3,2,4]", bias=f32(1, 4), alone=OWN)
fused("dtypes", "`bias`", bias=np.ones(4), alone=OWN)
fused("no bias", "`bias`", bias=None, alone=OWN)
fused(
    "an activation", "`activation` must be None or 'relu'", "'tanh'", activation="tanh", alone=OWN
)
fused("a format", "`data_format`", data_format="NCHW", alone=OWN)

pooled = arguments(
    "pooled_conv2d",
    {
        "input": f32(1, 5, 5, 2),
        "filters": f32(3, 3, 2, 4),
        "bias": f32(4),
        "strides": 1,
        "padding": "VALID",
        "pool_size": 2,
    },
)
pooled("rank 3", "`input` must have rank 4", "=(5, 5, 2)", input=f32(5, 5, 2), alone=OWN)
pooled("depths", "depth must be evenly divisible", filters=f32(3, 3, 3, 4), alone=OWN)
pooled("biases", "`bias`", "[3] vs. [3,3,2,4]", bias=f32(3), alone=OWN)
pooled("an activation", "`activation` must be", "'tanh'", activation="tanh", alone=OWN)
pooled("a large pool", "`pool_size` must be at most (3, 3)", "=4", pool_size=4, alone=OWN)
pooled("no pool", "`pool_size` must hold positive integers", "=0", pool_size=0, alone=OWN)
pooled("three sizes", "`pool_size` should be of length", pool_size=[2, 2, 2], alone=OWN)
pooled("half a pixel", "`pool_size`", "0.5", pool_size=0.5, alone=OWN)

unpooled = arguments(
    "pooled_conv2d_backprop",
    {
        "input": f32(1, 4, 4, 2),
        "filters": f32(1, 1, 2, 4),
        "out_backprop": f32(1, 2, 2, 4),
        "output": f32(1, 2, 2, 4),
        "at": np.array([[0, 2], [8, 10]]).repeat(4).reshape(1, 2, 2, 4),
        "strides": 1,
        "padding": "VALID",
        "pool_size": 2,
    },
)
for name in ("out_backprop", "output"):
    unpooled(name, f"`{name}`", "[1,2,1,4] vs. [1,2,2,4]", alone=OWN, **{name: f32(1, 2, 1, 4)})
for why, pixel, says in (
    ("another window's pixel", 2, "`at` must name a pixel of each window, received 2 at (0, 0, 0"),
    ("a pixel beyond", 16, "`at` must hold pixel numbers in [0, 16), received 16 to 16"),
    ("a negative pixel", -1, "received -1 to -1"),
):
    unpooled(why, says, at=np.full((1, 2, 2, 4), pixel), alone=OWN)
unpooled("pixels of floats", "`at` must be of an integer dtype", at=f32(1, 2, 2, 4), alone=OWN)
unpooled("an activation", "`activation` must be", "'tanh'", activation="tanh", alone=OWN)
unpooled("a large pool", "`pool_size` must be at most (4, 4)", pool_size=5, alone=OWN)

to_input = arguments(
    "conv2d_backprop_input",
    {
        "input_sizes": [1, 5, 5, 2],
        "filters": f32(3, 3, 2, 4),
        "out_backprop": f32(1, 3, 3, 4),
        "strides": 1,
        "padding": "VALID",
    },
)
for size in ((1, 4, 3, 4), (1, 3, 3, 5), (2, 3, 3, 4)):
    to_input(
        f"out_backprop {size}",
        "`out_backprop` must have the shape (1, 3, 3, 4) of the convolution",
        f"received out_backprop={size}",
        out_backprop=f32(*size),
    )
to_input("out_backprop of rank 3", "`out_backprop` must have rank 4", out_backprop=f32(3, 3, 4))
for sizes in ([5, 5, 2], [1, -5, 5, 2]):
    to_input(f"sizes {sizes}", "`input_sizes` must", f"={tuple(sizes)}", input_sizes=sizes)
to_input("sizes of floats", f"`input_sizes` {INTEGER}", input_sizes=[1.0, 5.0, 5.0, 2.0])
to_input("sizes None", "`input_sizes`", "a value (None)", input_sizes=None, differs=ACCIDENT)
to_input("2**81 elements", "`input_sizes` must not have more", input_sizes=[1, 2**40, 2**40, 2])
to_input("channels", "input depth", "3 vs 2", input_sizes=[1, 5, 5, 3])
to_input("dtypes", "`filters`", "is a double tensor", filters=f64(3, 3, 2, 4))
to_input("filters of rank 3", "`filters` must have rank 4", filters=f32(3, 3, 2))
to_input("strides 0", f"`strides` {POSITIVE} strides=0", strides=0)
to_input("dilations 0", f"`dilations` {POSITIVE} dilations=0", dilations=0)
names_of_paddings(to_input)
to_input("None", "`out_backprop`", core=NO_TENSOR, out_backprop=None)
to_input(
    "integers",
    f"`out_backprop` {FLOATING}",
    filters=i32(3, 3, 2, 4),
    out_backprop=i32(1, 3, 3, 4),
    differs=DOCUMENTED,
)

to_filter = arguments(
    "conv2d_backprop_filter",
    {
        "input": f32(1, 5, 5, 2),
        "filter_sizes": [3, 3, 2, 4],
        "out_backprop": f32(1, 3, 3, 4),
        "strides": 1,
        "padding": "VALID",
    },
)
for size in ((1, 4, 3, 4), (1, 3, 3, 5), (2, 3, 3, 4), (3, 3, 4)):
    to_filter(
        f"out_backprop {size}",
        "`out_backprop` must have the shape (1, 3, 3, 4)",
        out_backprop=f32(*size),
    )
for sizes in ([3, 3, 2], [0, 3, 2, 4], [-3, 3, 2, 4]):
    to_filter(f"sizes {sizes}", "`filter_sizes` must", f"={tuple(sizes)}", filter_sizes=sizes)
to_filter("sizes of floats", f"`filter_sizes` {INTEGER}", filter_sizes=[3.0, 3.0, 2.0, 4.0])
to_filter("channels", "input depth", "2 vs 3", filter_sizes=[3, 3, 3, 4])
to_filter("integers", f"`input` {FLOATING}", input=i32(1, 5, 5, 2), out_backprop=i32(1, 3, 3, 4))
to_filter("dtypes", "`out_backprop`", "is a float tensor", input=f64(1, 5, 5, 2))
to_filter("rank 3", "`input` must have rank 4", input=f32(5, 5, 2))
to_filter("strides 0", f"`strides` {POSITIVE} strides=0", strides=0)
to_filter("dilations 0", f"`dilations` {POSITIVE} dilations=0", dilations=0)
names_of_paddings(to_filter)
to_filter("None", "`out_backprop`", core=NO_TENSOR, out_backprop=None)

transposed = arguments(
    "conv2d_transpose",
    {
        "input": f32(1, 3, 3, 4),
        "filters": f32(3, 3, 2, 4),
        "output_shape": [1, 5, 5, 2],
        "strides": 1,
        "padding": "VALID",
    },
)
for shape in ([1, 6, 5, 2], [2, 5, 5, 2]):
    transposed(
        f"shape {shape}", "`input` must have the shape", "of the convolution", output_shape=shape
    )
for shape in ([5, 5, 2], [1, -5, 5, 2]):
    transposed(f"shape {shape}", "`output_shape` must", f"={tuple(shape)}", output_shape=shape)
transposed("sizes of floats", f"`output_shape` {INTEGER}", output_shape=[1.0, 5.0, 5.0, 2.0])
transposed("shape None", "`output_shape`", "a value (None)", output_shape=None)
transposed(
    "channels", "`input` must have the shape (1, 3, 3, 4)", "(1, 3, 3, 5)", input=f32(1, 3, 3, 5)
)
transposed("channels out", "input depth", "3 vs 2", output_shape=[1, 5, 5, 3])
transposed("rank 3", "`input` must have rank 4", input=f32(3, 3, 4))
transposed("strides 0", f"`strides` {POSITIVE} strides=0", strides=0)
names_of_paddings(transposed)
transposed("None", "`input`", core=NO_TENSOR, input=None)
transposed("dtypes", "`filters`", "is a double tensor", filters=f64(3, 3, 2, 4))
transposed("NCHW", "`data_format` must be 'NHWC'", data_format="NCHW", differs=DOCUMENTED)
transposed(
    "integers",
    f"`input` {FLOATING}",
    input=i32(1, 3, 3, 4),
    filters=i32(3, 3, 2, 4),
    differs=DOCUMENTED,
)

for op in ("max_pool2d", "avg_pool2d"):
    pool = arguments(op, {"input": f32(1, 5, 5, 2), "ksize": 2, "strides": 1, "padding": "VALID"})
    pool(
        "rank 3",
        "`input` must have rank 4, (N, H, W, C), received input=(5, 5, 2)",
        input=f32(5, 5, 2),
    )
    pool("rank 5", "`input` must have rank 4", input=f32(1, 1, 5, 5, 2))
    pool("a large window", "a window of 6", "5 rows", ksize=6, differs=DOCUMENTED)
    windows(pool, "ksize", "strides")
    for name in ("ksize", "strides"):
        pool(f"{name} None", f"`{name}`", "a value (None)", differs=DOCUMENTED, **{name: None})
    pool("windows of images", "`ksize` must be 1 along the batch", ksize=(2, 1, 1, 1))
    pool("windows of channels", "`ksize` must be 1 along the batch", ksize=(1, 1, 1, 2))
    pool("steps of images", "`strides` must be 1 along the batch", strides=(2, 1, 1, 1))
    pool("steps of channels", "`strides` must be 1 along", strides=(1, 1, 1, 2), differs=DOCUMENTED)
    names_of_paddings(pool)
    pool("padding None", "`padding` must be", "padding=None", padding=None)
    pool("padding 1", "`padding` must be", "padding=1", padding=1)
    pool("padding [1, 1]", "`padding` must be", "padding=[1, 1]", padding=[1, 1])
    pool("negative padding", "`padding`", padding=[[0, 0], [-1, 1], [1, 1], [0, 0]])
    pool("wide padding", "`padding`", padding=[[0, 0], [2, 1], [1, 1], [0, 0]])
    if op == "avg_pool2d":
        pool("int32", "`input` must be floating", input=i32(1, 5, 5, 2))
        pool("uint8", "`input` must be floating", input=np.ones((1, 5, 5, 2), np.uint8))
    pool("bools", "`input` must be floating", input=np.ones((1, 5, 5, 2), bool))
    pool("a string", "`input`", "'a'", input="a")
    pool("None", "`input`", core=NO_TENSOR, input=None)
    pool("NCHW", "`data_format` must be 'NHWC'", data_format="NCHW", differs=DOCUMENTED)
    pool("a data format", "`data_format` must be 'NHWC'", "'foo'", data_format="foo")
bad(
    "avg_pool2d",
    "explicit padding",
    lambda f, t: f(t(f32(1, 5, 5, 2)), 2, 1, [[0, 0], [1, 1], [1, 1], [0, 0]]),
    "`padding` must be 'SAME' or 'VALID'",
)
spread = arguments(
    "avg_pool2d_backprop",
    {
        "input_sizes": [1, 5, 5, 2],
        "out_backprop": f32(1, 4, 4, 2),
        "ksize": 2,
        "strides": 1,
        "padding": "VALID",
    },
)
for size in ((1, 3, 4, 2), (1, 4, 4, 3), (2, 4, 4, 2)):
    spread(
        f"out_backprop {size}",
        "`out_backprop` must have the shape (1, 4, 4, 2) of the pooling",
        f"received out_backprop={size}",
        out_backprop=f32(*size),
        alone=BEYOND,
    )
spread("ksize 0", f"`ksize` {POSITIVE} ksize=0", ksize=0, alone=BEYOND)
spread("a large window", "a window of 6", ksize=6, alone=BEYOND)
spread("rank 3", "`out_backprop` must have rank 4", out_backprop=f32(4, 4, 2))
for sizes in ([5, 5, 2], [1, -5, 5, 2]):
    spread(f"sizes {sizes}", "`input_sizes` must", f"={tuple(sizes)}", input_sizes=sizes)
spread("strides 0", f"`strides` {POSITIVE} strides=0", strides=0)
names_of_paddings(spread)
spread("integers", f"`out_backprop` {FLOATING}", out_backprop=i32(1, 4, 4, 2))
spread("None", "`out_backprop`", core=NO_TENSOR, out_backprop=None)

for why, at, says in (
    ("a pixel beyond", [[[[4]]]], "`at` must hold pixel numbers in [0, 4), received 4 to 4"),
    ("a negative pixel", [[[[-1]]]], "`at` must hold pixel numbers in [0, 4), received -1 to -1"),
    ("pixels of floats", [[[[1.0]]]], "`at` must be of an integer dtype"),
    ("pixels of rank 1", [0], "`at` must have rank 4"),
    ("another batch", [[[[0]]], [[[0]]]], "Incompatible shapes: [2,1,1,1] vs. [1,2,2,1]"),
):
    bad("take_pixels", why, lambda f, t, at=at: f(t(f32(1, 2, 2, 1)), t(at)), says, alone=OWN)
    g = f32(*np.shape(at)) if np.ndim(at) == 4 else f32(1, 1, 1, 1)
    bad("put_pixels", why, lambda f, t, g=g, at=at: f(t(g), t(at), [1, 2, 2, 1]), says, alone=OWN)
bad(
    "take_pixels",
    "integers",
    lambda f, t: f(t(i32(1, 2, 2, 1)), t([[[[0]]]])),
    f"`x` {FLOATING}",
    alone=OWN,
)
bad(
    "put_pixels",
    "sizes",
    lambda f, t: f(t(f32(1, 1, 1, 1)), t([[[[0]]]]), [2, 2, 1]),
    "`shape` must be four sizes >= 0",
    alone=OWN,
)
bad(
    "put_pixels",
    "another shape",
    lambda f, t: f(t(f32(1, 1, 2, 1)), t([[[[0]]]]), [1, 2, 2, 1]),
    "Incompatible shapes: [1,1,2,1] vs. [1,1,1,1]",
    alone=OWN,
)

# -- probabilities, normalization, dropout ---------------------------------------------------------

for op in ("softmax", "log_softmax"):
    bad(op, "a scalar", lambda f, t: f(t(1.0)), "`axis` must be in range [0, 0)")
    for k in (1, -2):
        bad(
            op,
            f"axis {k}",
            lambda f, t, k=k: f(t(f32(2)), axis=k),
            "`axis` must be in range [-1, 1)",
        )
    bad(op, "axis 0.5", lambda f, t: f(t(f32(2)), axis=0.5), f"`axis` {INTEGER} axis=0.5")
    bad(op, "integers", lambda f, t: f(t([1, 2])), f"`logits` {FLOATING}")
    bad(op, "bools", lambda f, t: f(t([True])), "`logits` must be floating")
    bad(op, "None", lambda f, t: f(None), "`logits`", core=NO_TENSOR)
    bad(op, "a string", lambda f, t: f("a"), "`logits`", "'a'")

op = "softmax_cross_entropy_with_logits"
bad(
    op,
    "classes",
    lambda f, t: f(t(f32(2, 3)), t(f32(2, 4))),
    core="logits and labels must be broadcastable: logits_size=[2,4] labels_size=[2,3]",
)
bad(
    op,
    "batches",
    lambda f, t: f(t(f32(2, 3)), t(f32(4, 3))),
    core="logits and labels must be broadcastable: logits_size=[4,3] labels_size=[2,3]",
)
bad(op, "integer logits", lambda f, t: f(t([[0, 1]]), t([[0, 1]])), f"`logits` {FLOATING}")
bad(
    op,
    "axis 2",
    lambda f, t: f(t(f32(2, 3)), t(f32(2, 3)), axis=2),
    "`axis` must be in range [-2, 2)",
)
bad(
    op,
    "axis 0.5",
    lambda f, t: f(t(f32(2, 3)), t(f32(2, 3)), axis=0.5),
    f"`axis` {INTEGER} axis=0.5",
)
bad(op, "scalars", lambda f, t: f(t(1.0), t(1.0)), "`labels` must have rank >= 1")
bad(op, "scalar labels", lambda f, t: f(t(1.0), t(f32(2, 3))), "`labels` must have rank >= 1")
bad(op, "labels None", lambda f, t: f(None, t(f32(2, 3))), "`labels`", "a value (None)")
bad(op, "logits None", lambda f, t: f(t(f32(2, 3)), None), "`logits`", "a value (None)")
bad(op, "a string", lambda f, t: f("a", t(f32(2, 3))), "`labels`", "'a'", differs=STRING)
op = "sparse_softmax_cross_entropy_with_logits"
for label in (3, 5, -1):
    bad(
        op,
        f"label {label}",
        lambda f, t, n=label: f(t([0, n]), t(f32(2, 3))),
        "`labels`",
        core=f"Received a label value of {label} which is outside the valid range of [0, 3)",
    )
bad(op, "no classes", lambda f, t: f(t([0]), t(f32(1, 0))), "a label value of 0", "[0, 0)")
bad(
    op,
    "labels of floats",
    lambda f, t: f(t([1.0]), t(f32(1, 3))),
    "`labels` must be of an integer dtype",
)
bad(
    op,
    "labels of uint8",
    lambda f, t: f(np.ones(1, np.uint8), t(f32(1, 3))),
    "must be int32 or int64",
)
bad(op, "bools", lambda f, t: f(t([True]), t(f32(1, 3))), "`labels` must be of an integer dtype")
RANK = "`labels.shape` must equal `logits.shape` except for the last dimension"
bad(op, "one-hot labels", lambda f, t: f(t([[0, 1, 0]]), t(f32(1, 3))), RANK, "labels.shape=(1, 3)")
bad(
    op,
    "labels of shape (n, 1)",
    lambda f, t: f(t([[0]]), t(f32(1, 3))),
    RANK,
    "labels.shape=(1, 1)",
)
bad(op, "batches", lambda f, t: f(t([0, 1]), t(f32(1, 3))), RANK, "logits.shape=(1, 3)")
bad(op, "scalar logits", lambda f, t: f(t(0), t(1.0)), RANK, "logits.shape=()")
bad(op, "integer logits", lambda f, t: f(t([0]), t([[1, 2]])), f"`logits` {FLOATING}")
bad(op, "labels None", lambda f, t: f(None, t(f32(1, 3))), "`labels`", "a value (None)")
bad(op, "logits None", lambda f, t: f(t([0]), None), "`logits`", "a value (None)")
bad(op, "a string", lambda f, t: f("a", t(f32(1, 3))), "`labels`", "'a'", differs=STRING)

normalize = arguments(
    "batch_normalization",
    {
        "x": f32(2, 3),
        **{name: f32(3) for name in ("mean", "variance", "offset", "scale")},
        "variance_epsilon": 1e-3,
    },
)
for name in ("mean", "variance", "offset", "scale"):
    normalize(
        f"{name} of another size", f"`{name}` must broadcast", "[2] vs. [2,3]", **{name: f32(2)}
    )
normalize("mean of float64", "`mean`", "is a double tensor", mean=f64(3))
normalize("scale of float64", "`scale`", core="but is a double tensor", scale=f64(3))
normalize("mean None", "`mean`", core=NO_TENSOR, mean=None)
normalize("bools", "`x` must be floating", x=np.ones((2, 3), bool))
normalize("a larger mean", "`mean`", "[4,2,3] vs. [2,3]", mean=f32(4, 2, 3), differs=DOCUMENTED)
normalize("integers", f"`x` {FLOATING}", x=i32(2, 3), differs=DOCUMENTED)
normalize(
    "epsilon -1", "`variance_epsilon` must be >= 0", variance_epsilon=-1.0, differs=DOCUMENTED
)
normalize("epsilon a string", "`variance_epsilon` must be a number", "'a'", variance_epsilon="a")
normalize("epsilon None", "`variance_epsilon` must be", variance_epsilon=None, differs=DOCUMENTED)
normalize("None", "`x`", "a value (None)", x=None, differs=ACCIDENT)
normalize("a string", "`x`", "'a'", x="a", differs=ACCIDENT)

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
    "relu_gradient",
    "shapes",
    lambda f, t: f(t(f32(2)), t(f32(3))),
    "`features` must have the shape (2,)",
    alone=OWN,
)
bad(
    "relu_gradient",
    "dtypes",
    lambda f, t: f(t(f32(2)), t(f64(2))),
    "`features`",
    alone=OWN,
)
bad(
    "relu_gradient",
    "integers",
    lambda f, t: f(t([1]), t([1])),
    "`gradients` must be floating",
    alone=OWN,
)
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

# -- more of one or two tensors --------------------------------------------------------------------

binary = arguments("sigmoid_cross_entropy_with_logits", {"labels": f32(2), "logits": f32(2)})
binary("no labels", core="oth `labels` and `logits` must be provided", labels=None)
binary("no logits", core="oth `labels` and `logits` must be provided", logits=None)
binary("shapes", core="`logits` and `labels` must have the same shape", labels=f32(3))
binary("that broadcast", core="`logits` and `labels` must have the same shape", labels=f32(1))
binary("labels of integers", "`logits`", "is a float tensor", labels=i32(2))
binary("dtypes", "is a double tensor", logits=f64(2))
binary("integers", "`logits` must be floating", labels=i32(2), logits=i32(2))
gelu = arguments("gelu", {"features": f32(2)})
for kind in (np.int32, bool):
    gelu(
        f"{kind.__name__}",
        core="`features.dtype` must be a floating point tensor",
        features=np.ones(2, kind),
    )
gelu("None", "`features`", core=NO_TENSOR, features=None)
bad("silu", "beta None", lambda f, t: f(t(f32(2)), None), "`beta`", core=NO_TENSOR)
bad("crelu", "a scalar", lambda f, t: f(t(1.0)), "`axis` must be in range [0, 0)")
bad("crelu", "axis 1", lambda f, t: f(t(f32(2)), axis=1), "`axis` must be in range [-1, 1)")
for op in ("divide_no_nan", "multiply_no_nan", "xlogy", "xdivy", "atan2"):
    bad(op, "shapes", lambda f, t: f(t(f32(2)), t(f32(3))), core="ncompatible shapes: [2] vs. [3]")
    told = {"differs": DOCUMENTED} if op == "multiply_no_nan" else {}
    bad(op, "dtypes", lambda f, t: f(t(f32(2)), t(f64(2))), "is a double tensor", **told)
    bad(op, "bools", lambda f, t: f(t([True]), t([True])), "received dtype bool")
    bad(op, "None", lambda f, t: f(t(f32(2)), None), core=NO_TENSOR)
    if op != "divide_no_nan":
        bad(op, "integers", lambda f, t: f(t([1]), t([1])), "received dtype int32")
bad("add_n", "nothing", lambda f, t: f([]), "`inputs` must hold at least one tensor")
bad("add_n", "a number", lambda f, t: f(3.0), "`inputs` must be a list of tensors")
bad("add_n", "None", lambda f, t: f(None), "`inputs` must be a list of tensors")
bad("add_n", "a list of None", lambda f, t: f([None]), "`inputs[0]`", "a value (None)")
bad(
    "add_n", "shapes", lambda f, t: f([t(f32(1)), t(f32(2))]), "must have the same size", "[1], [2]"
)
bad("add_n", "dtypes", lambda f, t: f([t(f32(1)), t(f64(1))]), "`inputs[1]`", "is a double tensor")
bad("add_n", "bools", lambda f, t: f([t([True]), t([False])]), "`inputs` must be numeric")
for op in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    bad(op, "shapes", lambda f, t: f(t(i32(2)), t(i32(3))), core="Incompatible shapes: [2] vs. [3]")
    bad(op, "dtypes", lambda f, t: f(t(i32(2)), t(np.ones(2, np.int64))), "is a int64 tensor")
    bad(op, "floats", lambda f, t: f(t(f32(2)), t(f32(2))), "`x` must be of an integer dtype")
    bad(op, "bools", lambda f, t: f(t([True]), t([True])), "`x` must be of an integer dtype")
    bad(op, "None", lambda f, t: f(t(i32(2)), None), "`y`", core=NO_TENSOR)
bad("invert", "floats", lambda f, t: f(t(f32(2))), "`x` must be of an integer dtype")
bad("invert", "None", lambda f, t: f(None), "`x`", core=NO_TENSOR)

clip = arguments("clip_by_norm", {"t": f32(2, 3), "clip_norm": 1.0})
clip("integers", "`t` must be floating", t=i32(2))
clip("a vector of norms", "`clip_norm` must be a scalar", clip_norm=[1.0, 2.0])
clip(
    "norms that broadcast",
    "`clip_norm` must be a scalar",
    clip_norm=[1.0, 2.0, 3.0],
    differs=DOCUMENTED,
)
clip("axis 2", "`axes` must be in range [-2, 2)", axes=[2])
clip("None", "`clip_norm`", core=NO_TENSOR, clip_norm=None)
clip("a string", "`clip_norm`", "'a'", clip_norm="a")
for op in ("global_norm", "clip_by_global_norm"):
    several = arguments(op, {"clip_norm": 1.0} if op != "global_norm" else {})
    several("a tensor", core="`t_list` should be a sequence of tensors", t_list=f32(2))
    several("None", core="`t_list` should be a sequence of tensors", t_list=None)
    several("a string", core="`t_list` should be a sequence of tensors", t_list="ab")
    several("dtypes", "`t_list[1]`", "is a double tensor", t_list=[f32(2), f64(2)])
    several("integers", "`t_list` must be floating", t_list=[i32(2)])
several("clip_norm None", "`clip_norm`", core=NO_TENSOR, t_list=[f32(2)], clip_norm=None)
several("a vector of norms", "`clip_norm` must be a scalar", t_list=[f32(3)], clip_norm=[1.0, 2.0])

# -- more of shape, picking and putting ------------------------------------------------------------

for op in ("shape", "size", "rank"):
    bad(op, "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
    bad(op, "a ragged list", lambda f, t: f([[1], [2, 3]]), "`input`", "non-rectangular")
bad(
    "shape", "of floats", lambda f, t: f(t(f32(2)), np.float32), "`out_type` must be int32 or int64"
)
look = arguments("embedding_lookup", {"params": f32(3, 2), "ids": [0]})
look("row 3", core="indices[0] = 3 is not in [0, 3)", ids=[3])
look("a scalar", "`params` must have rank >= 1", params=1.0)
look("ids of floats", "`ids` must be of an integer dtype", ids=[0.0])
look("max_norm", "`max_norm` must be None", max_norm=1.0, differs=DOCUMENTED)
look("None", "`ids`", core=NO_TENSOR, ids=None)
roll = arguments("roll", {"input": f32(2, 3), "shift": 1, "axis": 0})
roll("axis 2", "`axis` must be in range [-2, 2)", axis=2)
roll("two shifts", core="shift and axis must have the same size", shift=[1, 2])
roll("half a shift", f"`shift` {INTEGER} shift=0.5", shift=0.5)
roll("a scalar", core="must be 1-D or higher", input=1.0)
roll("None", "`input`", core=NO_TENSOR, input=None)
bad(
    "meshgrid",
    "indexing",
    lambda f, t: f([1], indexing="x"),
    "`indexing`",
    core="either 'xy' or 'ij'",
)
bad("meshgrid", "dtypes", lambda f, t: f(t(f32(2)), t(i32(2))), "`args[1]`", "is a int32 tensor")
bad("meshgrid", "None", lambda f, t: f(None), "`args[0]`", "a value (None)", differs=ACCIDENT)
for how in ("update", "add", "sub", "max", "min"):
    op = f"tensor_scatter_nd_{how}"
    put = arguments(op, {"tensor": f32(3), "indices": [[0]], "updates": [1.0]})
    for k in (3, -1):
        put(f"index {k}", core=f" = [{k}] does not index into shape [3]", indices=[[k]])
    put("another count", "`updates` must have shape (1,)", updates=[1.0, 2.0])
    put("dtypes", "`updates`", "is a double tensor", updates=f64(1))
    put("indices of floats", "`indices` must be of an integer dtype", indices=[[0.0]])
    put("None", "`tensor`", core=NO_TENSOR, tensor=None)
mask = arguments("boolean_mask", {"tensor": f32(2, 3), "mask": [True, False]})
mask("three of two", core="Shapes (2,) and (3,) are incompatible", mask=[True, False, True])
mask("of a larger rank", core="are incompatible", mask=np.ones((2, 3, 1), bool))
mask("a scalar", core="annot be scalar", mask=True)
for k in (2, -1):
    mask(f"axis {k}", core="Shapes () and (2,) are incompatible", axis=k)
mask("None", "`tensor`", core=NO_TENSOR, tensor=None)
lengths = arguments("sequence_mask", {"lengths": [1, 2]})
lengths("maxlen a vector", core="must be scalar", maxlen=[3])
lengths("maxlen -1", "`maxlen` must be >= 0", maxlen=-1)
lengths("maxlen 1.5", f"`maxlen` {INTEGER} maxlen=1.5", maxlen=1.5, differs=FRACTION)
lengths("None", "`lengths`", core=NO_TENSOR, lengths=None)

# -- order and counts ------------------------------------------------------------------------------

for k in (1, -2):
    bad(
        "cumprod", f"axis {k}", lambda f, t, k=k: f(t(f32(2)), k), "`axis` must be in range [-1, 1)"
    )
bad("cumprod", "a scalar", lambda f, t: f(t(1.0)), "`axis` must be in range [0, 0)")
bad("cumprod", "bools", lambda f, t: f(t([True])), "`x` must be numeric, received dtype bool")
bad("count_nonzero", "axis 1", lambda f, t: f(t(f32(2)), 1), "`axis` must be in range [-1, 1)")
bad("count_nonzero", "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
bad("zero_fraction", "None", lambda f, t: f(None), "`value`", core=NO_TENSOR)
for op in ("sort", "argsort"):
    order = arguments(op, {"values": f32(2, 3)})
    order("direction", core="should be one of ASCENDING, DESCENDING", direction="up")
    for k in (2, -3):
        order(f"axis {k}", "`axis` must be in range [-2, 2)", axis=k)
    order("axis None", "`axis`", core=NO_TENSOR, axis=None)
    order("a scalar", "`axis` must be in range [0, 0)", values=1.0)
    order("bools", "`values` must be numeric", values=np.ones(2, bool))
    order("None", "`values`", core=NO_TENSOR, values=None)
unit = arguments("normalize", {"tensor": f32(2)})
unit("ord", "`ord` must be", ord="foo")
unit("axis 1", "`axis` must be in range [-1, 1)", axis=1)
unit("axis half", core="must be None, an integer, or a tuple of 2 unique integers", axis=0.5)
unit("integers", "`tensor` must be floating", tensor=i32(2))
unit("None", "`tensor`", core=NO_TENSOR, tensor=None)
product = arguments("matmul", {"a": f32(2, 2), "b": f32(2, 2)})
for side in ("a", "b"):
    both: dict[str, Any] = {f"transpose_{side}": True, f"adjoint_{side}": True}
    product(f"{side} twice over", core=f"`transpose_{side}`", **both)
    complexes = {"a": np.zeros((2, 2), np.complex64), "b": np.zeros((2, 2), np.complex64)}
    product(
        f"complex {side}",
        f"`adjoint_{side}`",
        **complexes,
        **{f"adjoint_{side}": True},
        differs=DOCUMENTED,
    )
for op in ("unsorted_segment_sum", "unsorted_segment_mean", "segment_sum", "segment_mean"):
    ordered = not op.startswith("unsorted")
    good = {"data": f32(2), "segment_ids": [0, 1]}
    part = arguments(op, good if ordered else {**good, "num_segments": 2})
    part("three ids", "`segment_ids`", segment_ids=[0, 1, 1])
    part("ids of floats", "`segment_ids` must be of an integer dtype", segment_ids=[0.0, 1.0])
    part("bools", "`data` must be numeric", data=np.ones(2, bool))
    part("None", "`data`", core=NO_TENSOR, data=None)
    if ordered:
        part("not in order", core="segment ids are not increasing", segment_ids=[1, 0])
        part(
            "a matrix of ids",
            "segment_ids should be a vector",
            data=f32(1, 2),
            segment_ids=[[0, 1]],
        )
    else:
        part("segment 2 of 2", core="is out of range [0, 2)", segment_ids=[0, 2])
        part("half a segment", f"`num_segments` {INTEGER}", num_segments=1.5)
        part("-1 segments", "`num_segments` must hold sizes >= 0", num_segments=-1)
top = arguments("top_k", {"input": f32(2, 3), "k": 2})
top("four of three", core="input must have at least k columns. Had 3, needed 4", k=4)
top("k -1", core="Need k >= 0, got -1", k=-1)
top("k 1.5", f"`k` {INTEGER} k=1.5", k=1.5)
top("a scalar", core="must be >= 1-D, got shape []", input=1.0)
top("bools", "`input` must be numeric", input=np.ones(2, bool))
top("indices of floats", "`index_type` must be int16, int32 or int64", index_type=np.float32)
top("not sorted", "`sorted` must be True", sorted=False, differs=DOCUMENTED)
top("None", "`input`", core=NO_TENSOR, input=None)
among = arguments("in_top_k", {"targets": [0, 1], "predictions": f32(2, 3), "k": 1})
among("a vector", core="must be 2-dimensional", predictions=f32(3))
among("three targets", "match the length of `targets`", targets=[0, 1, 2])
among("targets of floats", "`targets` must be of an integer dtype", targets=[0.0, 1.0])
among("float64", "`predictions` must be float32", predictions=f64(2, 3))
among("k 1.5", f"`k` {INTEGER} k=1.5", k=1.5)
for op in ("unique", "unique_with_counts"):
    different = arguments(op, {"x": f32(2)})
    different("a matrix", core="unique expects a 1D vector", x=f32(2, 2))
    different("a scalar", core="unique expects a 1D vector", x=1.0)
    different("indices of floats", "`out_idx` must be int32 or int64", out_idx=np.float32)
    different("None", "`x`", core=NO_TENSOR, x=None)
tally = arguments("bincount", {"arr": [0, 1]})
tally("negative", core="must be non-negative", arr=[0, -1])
tally("floats", "`arr` must be of an integer dtype", arr=[0.5], differs=FRACTION)
tally("three weights", core="must be the same shape as `arr`", weights=[1.0, 2.0, 3.0])
tally("None", "`arr`", core=NO_TENSOR, arr=None)
confusion = arguments("confusion_matrix", {"labels": [0, 1], "predictions": [1, 1]})
confusion("three predictions", "must be vectors of one length", predictions=[0, 1, 1])
confusion("matrices", "must be vectors of one length", labels=i32(2, 3), predictions=i32(2, 3))
confusion(
    "class 3 of 2",
    "`predictions` must be in [0, 2)",
    core="out of bound",
    predictions=[0, 3],
    num_classes=2,
)
confusion("a negative label", "`labels` must be in [0, 2)", core="negative", labels=[0, -1])
confusion("one weight", core="Shapes (2,) and (1,) are incompatible", weights=[0.5])
confusion("floats", "`labels` must be of an integer dtype", labels=[0.0, 1.5], differs=FRACTION)
confusion("None", "`labels`", "a value (None)", labels=None)
search = arguments("searchsorted", {"sorted_sequence": f32(2, 3), "values": f32(2, 1)})
search("side", core="must be either 'right' or 'left'", side="up")
search("other rows", core="Leading dim_size of both tensors must match", values=f32(3, 1))
search("a scalar", "must match", sorted_sequence=f32(3), values=1.0)
search("dtypes", "`values`", "is a double tensor", values=f64(2, 1))
search("indices of floats", "`out_type` must be int32 or int64", out_type=np.float32)
search("None", "`values`", core=NO_TENSOR, values=None)

# -- more of matrices ------------------------------------------------------------------------------

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
vector = arguments("matvec", {"a": f32(2, 3), "b": f32(3)})
vector("sizes", core="Matrix size-incompatible: In[0]: [2,3], In[1]: [2", b=f32(2))
vector("transposed", "Matrix size-incompatible", transpose_a=True)
vector("a vector as matrix", "`a` must be at least 2-dim", a=f32(3))
vector("dtypes", "is a double tensor", b=f64(3))
vector("bools", "`a` must be numeric", a=np.ones((1, 1), bool), b=np.ones(1, bool))
vector("None", "`a`", core=NO_TENSOR, a=None)
bad(
    "matrix_transpose",
    "a vector",
    lambda f, t: f(t(f32(2))),
    core="should be a (batch) matrix with rank",
)
bad("matrix_transpose", "None", lambda f, t: f(None), "`a`", core=NO_TENSOR)
bad("diag", "a scalar", lambda f, t: f(t(1.0)), core="must be at least 1-dim")
bad("diag", "k 0.5", lambda f, t: f(t(f32(2)), k=0.5), f"`k` {INTEGER} k=0.5")
bad("diag", "None", lambda f, t: f(None), "`diagonal`", core=NO_TENSOR)
bad("diag_part", "a vector", lambda f, t: f(t(f32(2))), core="must be at least 2-dim")
for k in (2, -3):
    bad(
        "diag_part",
        f"k {k}",
        lambda f, t, k=k: f(t(f32(3, 2)), k=k),
        f"`k` must be in (-3, 2), received k={k}",
    )
bad("diag_part", "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
bad("trace", "a vector", lambda f, t: f(t(f32(2))), core="must be at least 2-dim")
bad("trace", "bools", lambda f, t: f(t(np.ones((2, 2), bool))), "`x` must be numeric")
bad("trace", "None", lambda f, t: f(None), "`x`", core=NO_TENSOR)
band = arguments("band_part", {"input": f32(2, 3), "num_lower": 0, "num_upper": 0})
band("three below", core="must be negative or less or equal to", num_lower=3)
band("four above", core="must be negative or less or equal to", num_upper=4)
band("half of one", f"`num_lower` {INTEGER} num_lower=0.5", num_lower=0.5)
band("a vector", core="must be at least 2-dim", input=f32(2))
band("None", "`input`", core=NO_TENSOR, input=None)
unit = arguments("l2_normalize", {"x": f32(2)})
unit("integers", "`x` must be floating", x=i32(2))
unit("axis 1", "`axis` must be in range [-1, 1)", axis=1)
unit("None", "`x`", core=NO_TENSOR, x=None)
unit("epsilon a string", "`epsilon`", "'a'", epsilon="a")
for op, arg in {"det": "input", "inv": "input", "cholesky": "input", "solve": "matrix"}.items():
    system = arguments(op, {"rhs": f32(2, 1)} if op == "solve" else {})
    system("not square", f"`{arg}`: Input matrix must be square", **{arg: f32(2, 3)})
    system("a vector", f"`{arg}`", "rank 2 at least", **{arg: f32(2)})
    whole = {arg: i32(2, 2)} | ({"rhs": i32(2, 1)} if op == "solve" else {})
    system("integers", f"`{arg}` must be float32 or float64", **whole)
    system("None", f"`{arg}`", core=NO_TENSOR, **{arg: None})
system("another rank", "the same rank and outer dimensions", matrix=f32(2, 2), rhs=f32(2))
system("other rows", "as many rows as `matrix`", matrix=f32(2, 2), rhs=f32(3, 1))
system("dtypes", "is a double tensor", matrix=f32(2, 2), rhs=f64(2, 1))
