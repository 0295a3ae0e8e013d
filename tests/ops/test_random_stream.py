"""Stream: blocks, the 128-bit counter, and a number that depends on its place only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.ops.random_stream import Stream, stateless_stream
from tests.support.random_numbers import GOLDEN, assert_golden


def test_the_block_of_key_0_and_counter_0() -> None:
    words = Stream(0, 0).bits(4)
    assert [f"{word:08x}" for word in words] == ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]


@pytest.mark.parametrize("case", GOLDEN["scramble"])
def test_golden_scramble(case: dict[str, Any]) -> None:
    low, high = (int(part, 16) for part in case["counter"])
    assert stateless_stream(tuple(case["seed"])) == (int(case["key"], 16), low | high << 64)


@pytest.mark.parametrize("case", GOLDEN["xla_uniform"])
def test_golden_xla(case: dict[str, Any]) -> None:
    """XLA has the same words, but makes a number of the upper bits; `uniform` is not XLA's."""
    words = stateless_stream(tuple(case["seed"])).bits(9)
    assert_golden((words >> 9).astype(np.float32) * np.float32(2.0**-23), case["out"])


@pytest.mark.parametrize("counter", [2**64 - 3, 2**128 - 3, (5 << 64) - 2, 2**32 - 2])
@pytest.mark.parametrize("n", [40, 5000])
def test_the_counter_carries(counter: int, n: int) -> None:
    one_by_one = [Stream(7, counter).skip(i).bits(4) for i in range(n // 4)]
    np.testing.assert_array_equal(Stream(7, counter).bits(n), np.concatenate(one_by_one))


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**128 - 1), st.integers(1, 20_000))
def test_a_number_depends_on_its_place_only(key, counter, n) -> None:
    stream = Stream(key, counter)
    for draw, dtype, per_block in (
        (Stream.uniform, "float32", 4),
        (Stream.uniform, "float64", 2),
        (Stream.normal, "float32", 4),
        (Stream.normal, "float64", 2),
    ):
        whole = draw(stream, n, np.dtype(dtype))
        half = n // per_block // 2
        rest = draw(stream.skip(half), n - half * per_block, np.dtype(dtype))
        np.testing.assert_array_equal(whole[half * per_block :], rest)


def test_float16_has_ten_random_bits() -> None:
    x = stateless_stream((1, 2)).uniform(4000, np.dtype(np.float16))
    assert x.dtype == np.float16
    assert len(np.unique(x)) > 900  # of 1,024
    assert x.min() >= 0
    assert x.max() < 1
    assert np.array_equal(x * 1024, np.rint(x * 1024))
