"""The kernels of random numbers: in pieces, as Python, and with bounds checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import tensorflow as tf

from scratchnet.kernels import philox
from tests.support.random_numbers import ROOT, assert_same_bits


def test_kernels_without_jit_and_with_checked_bounds() -> None:
    """The same uniforms and orders; normals to the last bits, for Python's log works in float64."""
    program = (
        "import numpy as np, scratchnet.ops.random as r\n"
        "print(r.stateless_uniform([9], (1, 2)).numpy().tobytes().hex())\n"
        "print(r.stateless_uniform([9], (1, 2), dtype='float64').numpy().tobytes().hex())\n"
        "print(r.fit_permutation(42, 11).tolist())\n"
        "for dtype in ('float32', 'float64'):\n"
        "    print(r.stateless_normal([5], (1, 2), dtype=dtype).numpy().tolist())\n"
        "    print(r.stateless_truncated_normal([5], (1, 2), dtype=dtype).numpy().tolist())\n"
    )
    said = []
    for switch in ("NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"):
        result = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            env={**os.environ, "PYTHONPATH": str(ROOT), switch: "1"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert result.returncode == 0, result.stderr
        said.append(result.stdout.splitlines())
    for lines in said:
        assert lines[0] == tf.random.stateless_uniform([9], (1, 2)).numpy().tobytes().hex()
        twice = tf.random.stateless_uniform([9], (1, 2), dtype="float64")
        assert lines[1] == twice.numpy().tobytes().hex()
        assert json.loads(lines[2]) == [4, 2, 5, 10, 0, 8, 3, 6, 9, 7, 1]
        for i, dtype in enumerate(("float32", "float64")):
            for j, name in enumerate(("normal", "truncated_normal")):
                found = np.array(json.loads(lines[3 + 2 * i + j]), dtype)
                expected = getattr(tf.random, f"stateless_{name}")([5], (1, 2), dtype=dtype)
                np.testing.assert_array_max_ulp(found, expected.numpy(), 4)


def test_whole_arrays_are_made_of_pieces() -> None:
    """Each kernel for all threads fills what the one for a single thread does."""
    n = 3 * philox.CHUNK + 8
    key, low, high = np.uint64(3), np.uint64(2**64 - 5), np.uint64(1)
    for name, dtype in (
        ("bits", np.uint32),
        ("uniform32", np.float32),
        ("uniform64", np.float64),
        ("normal32", np.float32),
        ("normal64", np.float64),
        ("truncated32", np.float32),
        ("truncated64", np.float64),
    ):
        one, all_ = np.zeros(n, dtype), np.zeros(n, dtype)
        getattr(philox, f"some_{name}")(one, key, low, high, 0)
        getattr(philox, f"all_{name}")(all_, key, low, high)
        assert_same_bits(all_, one)
