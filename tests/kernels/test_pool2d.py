"""The kernels of pooling: repeatable, and blind to how their inputs lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet import ops
from tests.support import kernel_contract as contract
from tests.support.kernel_contract import MOVES, SHAPE, Call
from tests.support.layouts import LAYOUTS

POOLED = (5, 5, 8, 6)


def pixels() -> Any:
    at = np.random.default_rng(9).integers(0, SHAPE[1] * SHAPE[2], POOLED)
    return tf.constant(at.astype(np.int32))


IMAGES = {
    "max_pool2d": Call(SHAPE, None, lambda x: ops.max_pool2d(x, 3, **MOVES)),
    "avg_pool2d": Call(SHAPE, None, lambda x: ops.avg_pool2d(x, 3, **MOVES)),
    "avg_pool2d_backprop": Call(
        POOLED, None, lambda g: ops.avg_pool2d_backprop(SHAPE, g, 3, **MOVES)
    ),
    "take_pixels": Call(SHAPE, None, lambda x: ops.take_pixels(x, pixels())),
    "put_pixels": Call(POOLED, None, lambda g: ops.put_pixels(g, pixels(), SHAPE)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", IMAGES)
def test_the_same_call_gives_the_same_bits(name: str, dtype: str) -> None:
    contract.check_the_same_bits(IMAGES[name], dtype)


@pytest.mark.parametrize("name", IMAGES)
def test_one_thread_does_the_same_as_all(name: str) -> None:
    contract.check_one_thread(IMAGES[name], near=1e-6 if "avg" in name else 0)


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


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_no_images(name: str) -> None:
    call = IMAGES[name]
    xs = [x[:0] if x.shape[0] == SHAPE[0] else x for x in contract.inputs(call, "float32")]
    y = call.function(*xs)
    assert y.shape[0] == 0
    assert not y.numpy().any()


def test_float16_knows_its_own_least_value() -> None:
    x = tf.constant(np.full((1, 2, 2, 1), -np.inf, np.float16))
    assert ops.max_pool2d(x, 2, 2, "VALID").numpy().item() == np.finfo(np.float16).min


def test_an_array_of_the_other_byte_order() -> None:
    x = np.arange(32.0).reshape(1, 4, 4, 2)
    swapped, native = (x.astype(kind) for kind in (">f4", "<f4"))
    for pool in (ops.max_pool2d, ops.avg_pool2d):
        ours = pool(swapped, 2, 2, "VALID").numpy()
        np.testing.assert_array_equal(ours, pool(native, 2, 2, "VALID").numpy())
