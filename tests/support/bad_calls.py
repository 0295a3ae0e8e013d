"""What a call is that must fail, and the rows that several families share.

Each row is made on both modules.  Ours must name the function and say what `says` lists (argument,
rule, received value); `core` is what both messages must say.  Where TensorFlow lets the call pass,
or fails in another family, `differs` says why, and the docstring of the op says so too; where
TensorFlow is not asked at all, `alone` says why.  The rows themselves stand in the test file of
each family, as BAD_CALLS; `tests.support.tables` has them all.
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


class BadCalls(list[Bad]):
    """The rows of one family."""

    def bad(self, op: str, why: str, call: Call, *says: str, **more: str) -> None:
        """Add the row of one call."""
        self.append(Bad(op, why, call, says, **more))

    def arguments(self, op: str, defaults: dict[str, Any]) -> Callable[..., None]:
        """What adds rows of an op with many arguments: its good ones, some of them replaced."""

        def row(why: str, *says: str, **changes: Any) -> None:
            texts = {
                name: changes.pop(name) for name in ("core", "differs", "alone") if name in changes
            }

            def call(f: Any, t: Any) -> Any:
                values = defaults | changes
                return f(**{n: t(v) if isinstance(v, np.ndarray) else v for n, v in values.items()})

            self.bad(op, why, call, *says, **texts)

        return row


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
GENERAL = {FRACTION, BOOL, NUMPY_FLOATS, HUGE, STRING}
FLOATING = "must be floating (float16, float32 or float64), received dtype int32"
INTEGER = "must be an integer, received"
NO_TENSOR = "Attempt to convert a value (None) with an unsupported type"
POSITIVE = "must hold positive integers, received"
LENGTHS = "should be of length 1, 2 or 4"
NAME = "`padding` must be 'SAME', 'VALID' or a 4x2 list, received padding="


def f32(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def f64(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float64)


def i32(*shape: int) -> np.ndarray:
    return np.ones(shape, np.int32)


# -- rows that many ops share ----------------------------------------------------------------------

Row = Callable[..., None]


def refuse_integers(bad: Row, ops: dict[str, str]) -> None:
    """Functions of floats, by the name of their argument."""
    for op, arg in ops.items():
        # TensorFlow has no CPU kernel for it: NotFoundError.
        no_kernel = {"differs": ACCIDENT} if op == "reciprocal" else {}
        bad(op, "integers", lambda f, t: f(t([1, 2])), f"`{arg}` {FLOATING}", **no_kernel)


def refuse_what_is_no_tensor(bad: Row, ops: dict[str, str]) -> None:
    """Functions of one tensor, by the name of their argument."""
    for op, arg in ops.items():
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


def refuse_unlike_pairs(bad: Row, ops: list[str]) -> None:
    """Functions of two tensors of one dtype, `x` and `y`, whose shapes broadcast."""
    for op in ops:
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


def refuse_bools(bad: Row, ops: list[str]) -> None:
    """Functions of two tensors of numbers."""
    for op in ops:
        bad(
            op,
            "bools",
            lambda f, t: f(t([True]), t([False])),
            "`x` must be numeric, received dtype bool",
        )


def refuse_bad_axes(bad: Row, ops: list[str]) -> None:
    """Reductions along the axes `axis`."""
    for op in ops:
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


def refuse_bad_pairs_of_floats(bad: Row, ops: list[str]) -> None:
    """Functions of two tensors of floats."""
    for op in ops:
        bad(
            op,
            "shapes",
            lambda f, t: f(t(f32(2)), t(f32(3))),
            core="ncompatible shapes: [2] vs. [3]",
        )
        told = {"differs": DOCUMENTED} if op == "multiply_no_nan" else {}
        bad(op, "dtypes", lambda f, t: f(t(f32(2)), t(f64(2))), "is a double tensor", **told)
        bad(op, "bools", lambda f, t: f(t([True]), t([True])), "received dtype bool")
        bad(op, "None", lambda f, t: f(t(f32(2)), None), core=NO_TENSOR)
        if op != "divide_no_nan":
            bad(op, "integers", lambda f, t: f(t([1]), t([1])), "received dtype int32")


def window_rows(row: Callable[..., None], *names: str) -> None:
    """The rows of a windows' size or step, which all the ops on images share."""
    for name in names:
        for n in (0, -1, (0, 1), (1, -1)):
            row(f"{name} {n}", f"`{name}` {POSITIVE} {name}={n}", **{name: n})
        for n in ((), (1, 2, 3), (1, 1, 1, 1, 1)):
            row(f"{name} {n}", f"`{name}`", core=LENGTHS, **{name: n})
        row(f"{name} a string", f"`{name}` {INTEGER} {name}='a'", **{name: "a"})
        row(f"{name} 1.5", f"`{name}` {INTEGER} {name}=1.5", differs=FRACTION, **{name: 1.5})
        row(f"{name} True", f"`{name}` {INTEGER} {name}=True", differs=BOOL, **{name: True})


def padding_name_rows(row: Callable[..., None]) -> None:
    for name in ("same", "valid", "foo"):
        row(f"padding {name!r}", f"{NAME}{name!r}", padding=name)
