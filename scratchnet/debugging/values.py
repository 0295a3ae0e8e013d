"""The checks of ``tf.debugging`` that look at values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from scratchnet.debugging.dtypes_and_ranks import led
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.graph import RUNNING
from scratchnet.engine.op import call
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.ops.describing import is_describing

Maybe = str | None


def _comparison(op: str, sign: str, name: str) -> Callable[..., None]:
    def check(
        x: TensorLike,
        y: TensorLike,
        message: Maybe = None,
        summarize: int | None = None,
        name: Maybe = None,
    ) -> None:
        _compare(op, sign, x, y, message, summarize)

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"""Raise unless ``x {sign} y`` for all elements (``tf.debugging.{name}``).

    Args:
        x, y: tensors that broadcast against each other.
        message: what the error begins with.
        summarize: how many elements it shows, 3 if not given; -1 for all.
        name: unused, as nothing has a name here.

    Raises:
        InvalidArgumentError: it does not hold; or the shapes or dtypes do not fit.
    """
    return check


assert_equal = _comparison("equal", "==", "assert_equal")
assert_less = _comparison("less", "<", "assert_less")
assert_less_equal = _comparison("less_equal", "<=", "assert_less_equal")
assert_greater = _comparison("greater", ">", "assert_greater")
assert_greater_equal = _comparison("greater_equal", ">=", "assert_greater_equal")


def assert_none_equal(
    x: TensorLike,
    y: TensorLike,
    summarize: int | None = None,
    message: Maybe = None,
    name: Maybe = None,
) -> None:
    """Raise unless ``x != y`` for all elements; the arguments are those of `assert_equal`.

    Raises:
        InvalidArgumentError: some are equal.
    """
    _compare("not_equal", "!=", x, y, message, summarize)


def _compare(
    op: str, sign: str, x: TensorLike, y: TensorLike, message: Maybe, summarize: int | None
) -> None:
    left, right = _pair(x, y)
    holds = call(op, left, right)._data
    if np.all(holds) or is_describing():
        return
    shown = _shown(summarize)
    lines = [] if message is None else [str(message)]
    lines.append(f"Condition x {sign} y did not hold.")
    a, b = left._data, right._data
    if a.shape == b.shape and a.ndim:
        where = np.argwhere(~holds)
        where = where if shown < 0 else where[:shown]
        found = tuple(where.T)
        lines += [
            f"Indices of first {len(where)} different values:\n{where}",
            f"Corresponding x values:\n{a[found]}\nCorresponding y values:\n{b[found]}",
        ]
    for name, data in (("x", a), ("y", b)):
        first = data.reshape(-1) if shown < 0 else data.reshape(-1)[:shown]
        lines.append(f"First {len(first)} elements of {name}:\n{first}")
    raise InvalidArgumentError("\n".join(lines))


def _pair(x: TensorLike, y: TensorLike) -> tuple[Tensor, Tensor]:
    """Two tensors; a number or array beside a tensor takes its dtype."""
    if isinstance(x, Operators):
        left = convert(x)
        return left, convert(y, hint=left._data.dtype)
    right = convert(y)
    return convert(x, hint=right._data.dtype if isinstance(y, Operators) else None), right


def assert_near(
    x: TensorLike,
    y: TensorLike,
    rtol: float | None = None,
    atol: float | None = None,
    message: Maybe = None,
    summarize: int | None = None,
    name: Maybe = None,
) -> None:
    """Raise unless ``|x - y| <= atol + rtol |y|`` for all elements.

    Args:
        x, y: floating or complex tensors.
        rtol, atol: ten times the distance from 1 to the next number of the dtype, if not given.
        message, summarize, name: as of `assert_equal`.

    Raises:
        InvalidArgumentError: it does not hold.
        ValueError: integers, which have no such distance.

    >>> assert_near(1.0, 1.0 + 1e-7)
    """
    left, right = _pair(x, y)
    if left._data.dtype.kind not in "fc":
        raise ValueError(f"data type {left._data.dtype.type} not inexact")
    eps = 10 * np.finfo(left.dtype.real_dtype.numpy).eps
    gap, size = call("abs", call("subtract", left, right)), call("abs", right)
    relative, absolute = (
        _tolerance(n, eps if t is None else t, size) for n, t in (("rtol", rtol), ("atol", atol))
    )
    bound = call("add", absolute, call("multiply", relative, size))
    if np.all(call("less_equal", gap, bound)._data):
        return
    lines = [
        f"x and y not equal to tolerance rtol = {relative!s}, atol = {absolute!s}",
        f"x ({_told(left)}) = ",
        left,
        f"y ({_told(right)}) = ",
        right,
    ]
    Assert(False, [led(message), *lines] if led(message) else lines, summarize)


def _tolerance(name: str, value: Any, x: Tensor) -> Tensor:
    """`value` as a tensor of the dtype of `x`."""
    try:
        return convert(value, x._data.dtype)
    except (TypeError, ValueError) as error:
        raise type(error)(f"assert_near: `{name}`: {error}") from None


def _sign_check(op: str, sign: str, name: str) -> Callable[..., None]:
    def check(
        x: TensorLike, message: Maybe = None, summarize: int | None = None, name: Maybe = None
    ) -> None:
        tensor = convert(x)
        holds = call(op, tensor, Tensor(np.zeros((), tensor._data.dtype)))._data
        if np.all(holds) or is_describing():
            return
        shown = _first(tensor._data, summarize)
        raise InvalidArgumentError(
            f"{led(message)}\nCondition x {sign} 0 did not hold element-wise:"
            f"\nx ({_told(tensor)}) = \n{shown}"
        )

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"""Raise unless ``x {sign} 0`` for all elements (``tf.debugging.{name}``).

    Args:
        x: a tensor.
        message, summarize, name: as of `assert_equal`.

    Raises:
        InvalidArgumentError: it does not hold.
    """
    return check


assert_positive = _sign_check("greater", ">", "assert_positive")
assert_negative = _sign_check("less", "<", "assert_negative")
assert_non_negative = _sign_check("greater_equal", ">=", "assert_non_negative")
assert_non_positive = _sign_check("less_equal", "<=", "assert_non_positive")


def _shown(summarize: Any) -> int:
    """How many elements an error shows."""
    try:
        return 3 if summarize is None else operator.index(summarize)
    except TypeError:
        rule = "must be an integer"
        raise TypeError(say("tf.debugging", "summarize", rule, summarize)) from None


def _first(data: Array, summarize: int | None) -> list[str]:
    """The first elements of `data` as texts, and dots if there are more."""
    shown = _shown(summarize)
    flat = data.reshape(-1)
    texts = [str(v) for v in (flat if shown < 0 else flat[:shown])]
    return texts if len(texts) == flat.size else [*texts, "..."]


def _told(tensor: Tensor) -> str:
    return f"shape={tensor.shape} dtype={tensor.dtype.name}"


def Assert(  # noqa: N802 - TensorFlow's name
    condition: Any, data: Iterable[Any], summarize: int | None = None, name: Maybe = None
) -> None:
    """Raise unless `condition` is true (``tf.debugging.Assert``).

    Args:
        condition: a truth value, or a tensor of one.
        data: texts and tensors that the error shows.
        summarize: how many elements of each it shows, 3 if not given; -1 for all.
        name: unused, as nothing has a name here.

    Raises:
        InvalidArgumentError: it is not.
        ValueError: it has several elements.
        TypeError: it is not, and `data` is no list, or `summarize` no integer.

    >>> Assert(1 < 2, ["one is not less than two"])
    """
    array = condition._data if isinstance(condition, Operators) else condition
    empty = isinstance(condition, np.ndarray) and not condition.size
    if empty or (isinstance(array, np.ndarray) and array.size > 1):
        rule = "must be one: The truth value of an array with more than one element is ambiguous"
        raise ValueError(say("Assert", "condition", rule, condition))
    if bool(condition) or is_describing():
        return
    try:
        parts = list(data)
    except TypeError:
        rule = "must be a list of texts and tensors"
        raise TypeError(say("Assert", "data", rule, data)) from None
    texts = [
        part if isinstance(part, str) else ", ".join(_first(convert(part)._data, summarize))
        for part in parts
    ]
    raise InvalidArgumentError(
        f"Expected '{condition!s}' to be true. Summarized data: " + "\n".join(texts)
    )


def check_numerics(tensor: TensorLike, message: str, name: Maybe = None) -> Tensor:
    """A new tensor like `tensor`, if it holds no inf or nan (``tf.debugging.check_numerics``).

    Args:
        tensor: a floating tensor.
        message: what the error begins with.
        name: unused, as nothing has a name here.

    Raises:
        InvalidArgumentError: it does; or it is not floating.

    >>> check_numerics([1.0, 2.0], "weights").numpy()
    array([1., 2.], dtype=float32)
    """
    x = convert(tensor)
    if x._data.dtype.kind != "f":
        raise InvalidArgumentError(say("check_numerics", "tensor", "must be floating", tensor))
    kinds = {"Inf": np.isinf(x._data).any(), "NaN": np.isnan(x._data).any()}
    found = " and ".join(kind for kind, there in kinds.items() if there)
    if found and not is_describing():
        raise InvalidArgumentError(f"{message} : Tensor had {found} values")
    return call("identity", x)


def assert_all_finite(x: TensorLike, message: str, name: Maybe = None) -> Tensor:
    """The same as `check_numerics` (``tf.debugging.assert_all_finite``)."""
    checked = check_numerics(x, message, name)
    return convert(x) if RUNNING.graph is None else checked  # eagerly it is the same tensor
