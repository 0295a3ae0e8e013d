"""The kernels of convolution: repeatable, and blind to how their inputs lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scratchnet import ops
from tests.support import kernel_contract as contract
from tests.support.kernel_contract import MOVES, SHAPE, Call
from tests.support.layouts import LAYOUTS

FILTERS = (3, 2, 6, 20)
OUT = (5, 5, 8, 20)

IMAGES = {
    "conv2d": Call(SHAPE, FILTERS, lambda x, k: ops.conv2d(x, k, **MOVES)),
    "conv2d_backprop_input": Call(
        OUT, FILTERS, lambda g, k: ops.conv2d_backprop_input(SHAPE, k, g, **MOVES)
    ),
    "conv2d_backprop_filter": Call(
        SHAPE, OUT, lambda x, g: ops.conv2d_backprop_filter(x, FILTERS, g, **MOVES)
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", IMAGES)
def test_the_same_call_gives_the_same_bits(name: str, dtype: str) -> None:
    contract.check_the_same_bits(IMAGES[name], dtype)


@pytest.mark.parametrize("name", IMAGES)
def test_one_thread_does_the_same_as_all(name: str) -> None:
    contract.check_one_thread(IMAGES[name])


@pytest.mark.parametrize("name", IMAGES)
def test_inputs_are_left_alone(name: str) -> None:
    contract.check_inputs_are_left_alone(IMAGES[name])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", IMAGES)
def test_the_layout_of_the_inputs_does_not_matter(name: str, layout: Callable[..., Any]) -> None:
    contract.check_the_layout_of_the_inputs(IMAGES[name], layout)


@pytest.mark.parametrize("name", IMAGES)
def test_the_layout_of_the_cotangent_does_not_matter(name: str) -> None:
    contract.check_the_layout_of_the_cotangent(IMAGES[name])


@pytest.mark.parametrize("name", IMAGES)
def test_float16_is_computed_in_float32_and_rounded_once(name: str) -> None:
    contract.check_float16(IMAGES[name])


@pytest.mark.parametrize("name", ["conv2d", "conv2d_backprop_filter"])
def test_no_images(name: str) -> None:
    call = IMAGES[name]
    xs = [x[:0] if x.shape[0] == SHAPE[0] else x for x in contract.inputs(call, "float32")]
    y = call.function(*xs)
    assert y.shape[0] == (FILTERS[0] if name.endswith("filter") else 0)
    assert not y.numpy().any()
