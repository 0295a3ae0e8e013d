"""Arrays as text: every value comes back to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.explain.arrays import decode, encode, statistics, stored

RNG = np.random.default_rng(3)
ARRAYS = {
    "float32": RNG.standard_normal((3, 4, 5)).astype(np.float32),
    "special": np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1e-45], np.float32),
    "float16": RNG.standard_normal(7).astype(np.float16),
    "float64": RNG.standard_normal((2, 3)),
    "int64": np.array([-(2**53), 0, 2**53]),
    "bool": np.array([[True, False]]),
    "uint8": np.arange(256, dtype=np.uint8),
    "scalar": np.array(2.5, np.float32),
    "empty": np.zeros((0, 3), np.float32),
    "strided": np.arange(12.0, dtype=np.float32).reshape(3, 4).T,
}


@pytest.mark.parametrize("name", ARRAYS)
def test_what_is_encoded_is_decoded_to_the_last_bit(name: str) -> None:
    x = ARRAYS[name]
    back = decode(encode(x), x.shape)
    assert back.shape == x.shape
    assert back.tobytes() == stored(x).tobytes()
    np.testing.assert_array_equal(back.astype(x.dtype), x)


def test_the_statistics_are_numpys() -> None:
    x = ARRAYS["float32"].copy()
    x[0] = 0
    found = statistics(x)
    assert found["norm"] == pytest.approx(np.linalg.norm(x.astype(float)), rel=1e-15)
    assert (found["min"], found["max"]) == (x.min(), x.max())
    assert (found["zeros"], found["size"], found["lost"]) == (20, 60, 0)
    assert sum(found["counts"]) == 60
    assert found["counts"][len(found["counts"]) // 2] >= 20  # the bin around 0


def test_numbers_that_are_not_finite_are_counted_and_left_out() -> None:
    found = statistics(ARRAYS["special"])
    assert found["lost"] == 3
    assert np.isfinite(found["norm"])
    assert statistics(np.full(3, np.nan)) == {"size": 3, "zeros": 0, "lost": 3, "norm": 0.0}
    assert statistics(np.zeros((0,)))["size"] == 0
