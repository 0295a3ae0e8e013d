"""The checker by finite differences must catch planted errors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from scratchnet import ops
from scratchnet.engine.op import Op, Record
from scratchnet.engine.tensor import Tensor, apply
from tests.support.gradcheck import check_gradients


def cubic(vjp: Callable[..., Tensor], scale: float = 1.0) -> Callable[[Tensor], Tensor]:
    op = Op("cubic", lambda x: x, lambda x: (scale * x**3, None), vjps=(vjp,))
    return lambda x: apply(op, x)


def right(g: Tensor, record: Record) -> Tensor:
    x = record.inputs[0]
    return g * 3 * x * x


def slightly_off(g: Tensor, record: Record) -> Tensor:
    return right(g, record) * 1.0001


def off_in_the_eighth_digit(g: Tensor, record: Record) -> Tensor:
    return right(g, record) * (1 + 1e-8)


def right_value_wrong_derivative(g: Tensor, record: Record) -> Tensor:
    x = ops.stop_gradient(record.inputs[0])
    return g * 3 * x * x


def ones_only(g: Tensor, record: Record) -> Tensor:
    x = record.inputs[0]
    return ops.reduce_mean(g) * 3 * x * x


def wrong_by_the_cotangent_only(g: Tensor, record: Record) -> Tensor:
    x = record.inputs[0]
    return (g * 2 + ops.stop_gradient(g)) * x * x


def tiny(factor: float) -> Callable[..., Tensor]:
    return lambda g, record: right(g, record) * (1e-8 * factor)


X = np.random.default_rng(0).normal(size=(3, 4))


def test_the_right_vjp_passes() -> None:
    check_gradients(cubic(right), [X], order=3)
    check_gradients(cubic(tiny(1.0), scale=1e-8), [X], order=2)


@pytest.mark.parametrize(
    ("f", "order"),
    [
        (cubic(slightly_off), 1),
        (cubic(off_in_the_eighth_digit), 1),
        (cubic(ones_only), 1),
        (cubic(tiny(5.0), scale=1e-8), 1),
        (cubic(right_value_wrong_derivative), 2),
        (cubic(wrong_by_the_cotangent_only), 2),
    ],
    ids=[
        "slightly off",
        "eighth digit",
        "all-ones only",
        "tiny scale",
        "second order",
        "second order by g",
    ],
)
def test_finite_differences_catch(f: Callable[[Tensor], Tensor], order: int) -> None:
    for passed in range(1, order):
        check_gradients(f, [X], passed)  # what is right up to there is not blamed
    with pytest.raises(AssertionError, match=f"order {order}"):
        check_gradients(f, [X], order)
