"""Stream: a place in the sequence of random bits, and what can be made from it.

Where a stream begins is decided by its seeds: a stateless op hashes its two integers to key and
counter, a stateful one uses them as they are.
"""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.kernels import philox
from scratchnet.kernels.buffer_pool import empty
from scratchnet.kernels.jit import Kernel

DType = np.dtype[Any]
_HALF, _COUNTER = 2**64 - 1, 2**128 - 1
# One thread makes so many numbers in a tenth of a millisecond.  To wake the others for them gains
# little, and costs much where the cores have other work: the slowest thread is waited for.
_FEW, _FEW_NORMALS = 2**17, 2**15


class _Sampler(NamedTuple):
    """A kernel for one thread, the same for all, and up to how many numbers the first is used."""

    some: Kernel
    all: Kernel
    few: int


_BITS = _Sampler(philox.some_bits, philox.all_bits, _FEW)
# By the size of a number in bytes.
_UNIFORM = {
    4: _Sampler(philox.some_uniform32, philox.all_uniform32, _FEW),
    8: _Sampler(philox.some_uniform64, philox.all_uniform64, _FEW),
}
_NORMAL = {
    4: _Sampler(philox.some_normal32, philox.all_normal32, _FEW_NORMALS),
    8: _Sampler(philox.some_normal64, philox.all_normal64, _FEW_NORMALS),
}
_TRUNCATED = {
    4: _Sampler(philox.some_truncated32, philox.all_truncated32, _FEW_NORMALS),
    8: _Sampler(philox.some_truncated64, philox.all_truncated64, _FEW_NORMALS),
}


class Stream(NamedTuple):
    """Random bits from one place on.  The methods do not move it: equal calls give equal numbers.

    Attributes:
        key: 64 bits.
        counter: 128 bits; one step of it is a block of four 32-bit words.
    """

    key: int
    counter: int

    def skip(self, blocks: int) -> Stream:
        """The stream `blocks` further on."""
        return Stream(self.key, (self.counter + blocks) & _COUNTER)

    def bits(self, n: int) -> Array:
        """The next `n` words, uint32."""
        return self._filled(n, np.dtype(np.uint32), _BITS)

    def full_range(self, n: int, dtype: DType) -> Array:
        """`n` integers of all values of `dtype`, which is 32 or 64 bits wide."""
        # Of two words the first is the lower half of a 64-bit integer.
        words = self.bits(n * dtype.itemsize // 4).astype("<u4", copy=False)
        return words.view(dtype.newbyteorder("<")).astype(dtype, copy=False)

    def integers(self, n: int, dtype: DType, low: int, high: int) -> Array:
        """`n` integers in [low, high): ``low + bits mod (high - low)``."""
        unsigned = np.dtype(f"u{dtype.itemsize}")
        bits = self.full_range(n, unsigned)
        span = 2 ** (8 * dtype.itemsize)
        bits %= unsigned.type((high - low) % span)
        bits += unsigned.type(low % span)  # may wrap around, as it should
        return bits.view(dtype)

    def uniform(self, n: int, dtype: DType) -> Array:
        """`n` numbers in [0, 1)."""
        if dtype == np.float16:
            out: Array = (self.bits(n) & 0x3FF).astype(dtype) * dtype.type(2.0**-10)
            return out
        return self._filled(n, dtype, _UNIFORM[dtype.itemsize])

    def normal(self, n: int, dtype: DType) -> Array:
        """`n` numbers of mean 0 and standard deviation 1."""
        return self._rounded(n, dtype, _NORMAL)

    def truncated_normal(self, n: int, dtype: DType) -> Array:
        """`n` numbers as `normal` has them, but for those beyond 2."""
        return self._rounded(n, dtype, _TRUNCATED)

    def _rounded(self, n: int, dtype: DType, samplers: dict[int, _Sampler]) -> Array:
        """`n` numbers; those of float16 are made as float32."""
        wide = np.dtype(np.float32) if dtype == np.float16 else dtype
        return self._filled(n, wide, samplers[wide.itemsize]).astype(dtype, copy=False)

    def _filled(self, n: int, dtype: DType, sampler: _Sampler) -> Array:
        """`n` numbers: the first of an array that a kernel fills, by whole blocks."""
        per_block = 16 // dtype.itemsize
        out = empty((-(-n // per_block) * per_block,), dtype)
        low, high = np.uint64(self.counter & _HALF), np.uint64(self.counter >> 64)
        if n <= sampler.few:
            sampler.some(out, np.uint64(self.key), low, high, 0)
        else:
            sampler.all(out, np.uint64(self.key), low, high)
        return out[:n]


def stateless_stream(seed: tuple[int, int]) -> Stream:
    """The stream of a stateless op: one block of its own spreads `seed` over key and counter."""
    a, b = (part & _HALF for part in seed)
    words = [int(word) for word in Stream(0x02461E293EC8F720, a | b << 64).bits(4)]
    return Stream(words[0] | words[1] << 32, words[2] << 64 | words[3] << 96)


def stateful_stream(seed: int, seed2: int) -> Stream:
    """The stream of a kernel with the attributes `seed` and `seed2`."""
    return Stream(seed & _HALF, (seed2 & _HALF) << 64)


def any_stream() -> Stream:
    """A stream that nobody can foresee."""
    return Stream(secrets.randbits(64), secrets.randbits(64) << 64)


class Words:
    """The 32-bit words of a stream, one at a time."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._ready: list[int] = []

    def next(self) -> int:
        if not self._ready:
            self._ready = self._stream.bits(256)[::-1].tolist()
            self._stream = self._stream.skip(64)
        return self._ready.pop()
