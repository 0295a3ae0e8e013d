"""The kernels of a pooled convolution: repeatable, and blind to how their inputs lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scratchnet import ops
from tests.support import kernel_contract as contract
from tests.support.kernel_contract import Call
from tests.support.layouts import LAYOUTS

BIAS = np.array([-1, -0.5, 0.25, 1])
HOW: dict[str, Any] = {"strides": 1, "padding": "SAME", "pool_size": 2, "activation": "relu"}


def pooled(x: Any, k: Any) -> Any:
    return ops.pooled_conv2d(x, k, BIAS.astype(x.dtype.as_numpy_dtype), **HOW)


# Channels that fill registers, for which filters are summed along the channels, and few.
IMAGES = {
    "16 channels": Call((5, 9, 8, 16), (3, 3, 16, 4), pooled),
    "3 channels": Call((5, 9, 8, 3), (3, 3, 3, 4), pooled),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", IMAGES)
def test_the_same_call_gives_the_same_bits(name: str, dtype: str) -> None:
    contract.check_the_same_bits(IMAGES[name], dtype)


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
