"""Random numbers from a counter: Philox 4x32-10, and the distributions TensorFlow builds on it.

A block is a pure function of a key and a counter: ten rounds of multiplying and mixing give four
random 32-bit words.  The words of block ``counter + j`` make the numbers 4j … 4j+3 of a result (2j
and 2j+1 if they are 64 bits wide), so any thread can make any part of it, in any order.

In every kernel here `key` is the two 32-bit words of the key in one np.uint64, `low` and `high` are
the halves of the 128-bit counter, also np.uint64, and `out` is a 1-D array to be filled, as long as
a whole number of blocks.  Kernels come in pairs: `some_…` fills its array on one thread, from the
block `skip` places after the counter on; `all_…` has it fill a large array chunk by chunk, on all.

Reference: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
"""

from __future__ import annotations

import math
from types import FunctionType
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels.jit import Kernel, kernel

Array = npt.NDArray[Any]

CHUNK = 4096  # numbers that a thread makes at a time

# Typed, since numba makes a float64 of a uint64 and a signed integer.
MASK, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW20, LOW23 = np.uint64(0xFFFFF), np.uint64(0x7FFFFF)
SINGLE, DOUBLE = np.float32(2.0**-23), 2.0**-52
TWO_PI = 2 * math.pi


# -- one block ------------------------------------------------------------------------------------


@kernel(inline="always")
def one_round(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any, r: int) -> Any:
    """Multiply two of the words to 64 bits, swap the halves, and mix in the others and the key."""
    p, q = M0 * (c0 & MASK), M1 * (c2 & MASK)
    a = (q >> HALF) ^ c1 ^ (k0 + np.uint64(r) * W0)
    b = (p >> HALF) ^ c3 ^ (k1 + np.uint64(r) * W1)
    return a, q, b, p


@kernel(inline="always")
def block(key: Any, low: Any, high: Any, skip: Any) -> Any:
    """The four words of the block `skip` places after the counter.

    Each is the lower half of a uint64; the upper half is garbage, which costs nothing to leave.
    """
    c0 = low + np.uint64(skip)
    c2 = high + np.uint64(c0 < low)
    c1, c3 = c0 >> HALF, c2 >> HALF
    k0, k1 = key & MASK, key >> HALF
    # Not a loop: only a loop that has no loop inside is compiled to several blocks at once.
    c0, c1, c2, c3 = one_round(c0, c1, c2, c3, k0, k1, 0)
    c0, c1, c2, c3 = one_round(c0, c1, c2, c3, k0, k1, 1)
    c0, c1, c2, c3 = one_round(c0, c1, c2, c3, k0, k1, 2)
    c0, c1, c2, c3 = one_round(c0, c1, c2, c3, k0, k1, 3)
    c0, c1, c2, c3 = one_round(c0, c1, c2, c3, k0, k1, 4)
    c0, c1, c2, c3 = one_round(c0, c1, c2, c3, k0, k1, 5)
    c0, c1, c2, c3 = one_round(c0, c1, c2, c3, k0, k1, 6)
    c0, c1, c2, c3 = one_round(c0, c1, c2, c3, k0, k1, 7)
    c0, c1, c2, c3 = one_round(c0, c1, c2, c3, k0, k1, 8)
    c0, c1, c2, c3 = one_round(c0, c1, c2, c3, k0, k1, 9)
    return c0, c1, c2, c3


# -- bits -----------------------------------------------------------------------------------------


@kernel
def some_bits(out: Array, key: Any, low: Any, high: Any, skip: int) -> None:
    """`out`, uint32: the words as they come."""
    for j in range(out.size // 4):
        w0, w1, w2, w3 = block(key, low, high, skip + j)
        out[4 * j] = w0
        out[4 * j + 1] = w1
        out[4 * j + 2] = w2
        out[4 * j + 3] = w3


_some = some_bits  # another kernel in each copy of `_chunks`


def _chunks(out: Array, key: Any, low: Any, high: Any) -> None:
    for chunk in prange((out.size + CHUNK - 1) // CHUNK):
        at = chunk * CHUNK
        _some(out[at : at + CHUNK], key, low, high, at * out.itemsize // 16)


def _on_all_threads(some: Kernel, name: str) -> Kernel:
    """The kernel `name`, which has `some` fill a large array chunk by chunk, on all threads.

    A copy of `_chunks` with another global, not a closure: that numba's cache would not find again.
    """
    function = FunctionType(_chunks.__code__, {**globals(), "_some": some}, name)
    function.__qualname__ = name
    return kernel(parallel=True)(function)


all_bits = _on_all_threads(some_bits, "all_bits")


# -- uniform in [0, 1) ----------------------------------------------------------------------------


@kernel(inline="always")
def unit32(word: Any) -> Any:
    """The lower 23 bits, as a binary fraction."""
    return np.float32(np.int32(word & LOW23)) * SINGLE


@kernel(inline="always")
def unit64(first: Any, second: Any) -> Any:
    """The lower 20 bits of the first word and all 32 of the second, as a binary fraction."""
    return np.float64(np.int64(((first & LOW20) << HALF) | (second & MASK))) * DOUBLE


@kernel
def some_uniform32(out: Array, key: Any, low: Any, high: Any, skip: int) -> None:
    """`out`, float32: multiples of 2^-23 in [0, 1)."""
    for j in range(out.size // 4):
        w0, w1, w2, w3 = block(key, low, high, skip + j)
        out[4 * j] = unit32(w0)
        out[4 * j + 1] = unit32(w1)
        out[4 * j + 2] = unit32(w2)
        out[4 * j + 3] = unit32(w3)


all_uniform32 = _on_all_threads(some_uniform32, "all_uniform32")


@kernel
def some_uniform64(out: Array, key: Any, low: Any, high: Any, skip: int) -> None:
    """`out`, float64: multiples of 2^-52 in [0, 1)."""
    for j in range(out.size // 2):
        w0, w1, w2, w3 = block(key, low, high, skip + j)
        out[2 * j] = unit64(w0, w1)
        out[2 * j + 1] = unit64(w2, w3)


all_uniform64 = _on_all_threads(some_uniform64, "all_uniform64")


# -- normal: Box and Muller's two normal numbers from two uniform ones ----------------------------
#
#    r = sqrt(-2 log u),  v = 2 pi u'   ->   r sin v,  r cos v
#
# numba takes log, sin and cos from the C library, as TensorFlow does: that makes the bits equal.


@kernel(inline="always")
def normals32(word: Any, word2: Any) -> Any:
    """Two numbers from two words."""
    u = max(unit32(word), np.float32(1e-7))
    v = np.float32(TWO_PI * np.float64(unit32(word2)))  # rounded once, after the product
    r = np.float32(math.sqrt(np.float32(-2.0) * np.float32(math.log(u))))
    return np.float32(math.sin(v)) * r, np.float32(math.cos(v)) * r


@kernel(inline="always")
def normals64(w0: Any, w1: Any, w2: Any, w3: Any) -> Any:
    """Two numbers from four words."""
    u = max(unit64(w0, w1), 1e-7)
    v = TWO_PI * unit64(w2, w3)
    r = math.sqrt(-2.0 * math.log(u))
    return math.sin(v) * r, math.cos(v) * r


@kernel
def some_normal32(out: Array, key: Any, low: Any, high: Any, skip: int) -> None:
    """`out`, float32: normal."""
    words = out.view(np.uint32)  # the same memory: bits first, then numbers in their place
    some_bits(words, key, low, high, skip)
    for i in range(0, out.size, 2):
        out[i], out[i + 1] = normals32(np.uint64(words[i]), np.uint64(words[i + 1]))


all_normal32 = _on_all_threads(some_normal32, "all_normal32")


@kernel
def some_normal64(out: Array, key: Any, low: Any, high: Any, skip: int) -> None:
    """`out`, float64: normal."""
    words = out.view(np.uint32)
    some_bits(words, key, low, high, skip)
    for i in range(0, out.size, 2):
        w0, w1 = np.uint64(words[2 * i]), np.uint64(words[2 * i + 1])
        w2, w3 = np.uint64(words[2 * i + 2]), np.uint64(words[2 * i + 3])
        out[i], out[i + 1] = normals64(w0, w1, w2, w3)


all_normal64 = _on_all_threads(some_normal64, "all_normal64")


# -- normal, but numbers beyond 2 are thrown away and drawn again ---------------------------------
#
# How many blocks that takes is a matter of luck, so each group of numbers (those of one block)
# has blocks of its own to draw from: 64 for each number that it makes.


@kernel
def some_truncated32(out: Array, key: Any, low: Any, high: Any, skip: int) -> None:
    """`out`, float32: normal within (-2, 2)."""
    for j in range(out.size // 4):
        kept, at = 0, 256 * (skip + j)
        while kept < 4:
            w0, w1, w2, w3 = block(key, low, high, at)
            at += 1
            for z in (*normals32(w0, w1), *normals32(w2, w3)):
                if kept < 4 and abs(z) < 2:
                    out[4 * j + kept] = z
                    kept += 1


all_truncated32 = _on_all_threads(some_truncated32, "all_truncated32")


@kernel
def some_truncated64(out: Array, key: Any, low: Any, high: Any, skip: int) -> None:
    """`out`, float64: normal within (-2, 2)."""
    for j in range(out.size // 2):
        kept, at = 0, 128 * (skip + j)
        while kept < 2:
            w0, w1, w2, w3 = block(key, low, high, at)
            at += 1
            for z in normals64(w0, w1, w2, w3):
                if kept < 2 and abs(z) < 2:
                    out[2 * j + kept] = z
                    kept += 1


all_truncated64 = _on_all_threads(some_truncated64, "all_truncated64")


# -- order ----------------------------------------------------------------------------------------


@kernel
def shuffle_within(order: Array, words: Array, window: int) -> None:
    """Swap each element with one of the `window` that begin with it: Fisher and Yates's shuffle.

    `order` has at most one element more than there are `words`.
    """
    for i in range(min(order.size, words.size)):
        j = i + np.int64(words[i]) % min(window, order.size - i)
        order[i], order[j] = order[j], order[i]
