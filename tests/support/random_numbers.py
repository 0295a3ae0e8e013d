"""Stored random numbers, and arrays compared bit for bit."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from scratchnet.ops import random as sn

ROOT = Path(__file__).parents[2]
GOLDEN = json.loads((ROOT / "tests/data/tf_rng_golden.json").read_text())


def array_of(out: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(out["hex"]), out["dtype"]).reshape(out["shape"])


def assert_golden(found: Any, out: dict[str, Any], ulps: int = 0) -> None:
    """`found` is the stored array.

    `ulps`: how far it may be off for float64 normals, since the C library's log, sin and cos differ
    in the last bit between processors with and without fused multiply-add.
    """
    x = np.asarray(found)
    assert (x.dtype.name, list(x.shape)) == (out["dtype"], out["shape"])
    if "hex" in out:
        head = array_of(out)
    else:
        size = len(out["head_hex"]) // 2 // x.itemsize
        head = array_of({"hex": out["head_hex"], "dtype": out["dtype"], "shape": [size]})
        if not ulps:
            assert hashlib.sha256(np.ascontiguousarray(x)).hexdigest() == out["sha256"]
    x = x.reshape(-1)[: head.size].reshape(head.shape)
    if ulps:
        np.testing.assert_array_max_ulp(x, head, ulps)
    else:
        assert_same_bits(x, head)


def assert_same_bits(found: Any, expected: Any) -> None:
    x, y = np.asarray(found), np.asarray(expected)
    assert (x.dtype, x.shape) == (y.dtype, y.shape)
    np.testing.assert_array_equal(x.reshape(-1).view(np.uint8), y.reshape(-1).view(np.uint8))


def ulps_of(op: str, dtype: str) -> int:
    return 2 if dtype == "float64" and op != "uniform" else 0


def set_both_seeds(seed: Any) -> None:
    sn.set_seed(seed)
    tf.random.set_seed(seed)
