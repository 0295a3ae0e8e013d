"""A caching allocator for large arrays: buffers are used again when their arrays are gone.

The pages of new memory are given by the operating system one by one, each filled with zeros: that
takes longer than most of what is computed in them.  A training step needs the same sizes at every
step, so what the last one no longer needs is kept for the next.

An array from `empty` is like any other; its base is a buffer handle.  When nothing refers to the
handle any more (no array, no view), its buffer goes back to the pool, from which the next array of
about that size takes it.  The pool frees the buffers that were unused the longest when it holds
more than was ever in use at once, and half as much again: arrays of several sizes are not in use at
the same time.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

LEAST = 1 << 18  # bytes; smaller arrays have their memory from the C library, which keeps it
LINE = 64  # arrays begin where a cache line does: a vector register is as long as a line


class _Allocator:
    """The pool of free buffers, the longest unused first, and how many bytes are in use."""

    def __init__(self) -> None:
        # Re-entrant: a handle may go in the midst of `allocate`, on the same thread.
        self.lock = threading.RLock()
        self.free: deque[Array] = deque()
        self.free_bytes = self.used_bytes = self.peak_bytes = 0

    def allocate(self, size: int) -> Array:
        """A buffer of `size` bytes, from the pool if there is one."""
        with self.lock:
            free = self.free
            i = next((i for i in range(len(free) - 1, -1, -1) if free[i].nbytes == size), None)
            found = None
            if i is not None:
                found = free[i]
                del free[i]
                self.free_bytes -= size
            self.used_bytes += size
            self.peak_bytes = max(self.peak_bytes, self.used_bytes)
        return _aligned(size) if found is None else found

    def release(self, buffer: Array) -> None:
        """Back to the pool."""
        with self.lock:
            self.used_bytes -= buffer.nbytes
            self.free.append(buffer)
            self.free_bytes += buffer.nbytes
            while self.free_bytes > self.peak_bytes * 3 // 2:
                self.free_bytes -= self.free.popleft().nbytes


def _aligned(size: int) -> Array:
    memory = np.empty(size + LINE, np.uint8)
    skipped = -memory.__array_interface__["data"][0] % LINE
    return memory[skipped : skipped + size]


_ALLOCATOR = _Allocator()


class _BufferHandle:
    """The owner of an array's buffer, for as long as any array refers to it."""

    __slots__ = ("__array_interface__", "buffer")

    def __init__(self, size: int) -> None:
        self.buffer = _ALLOCATOR.allocate(size)
        address = self.buffer.__array_interface__["data"]
        self.__array_interface__ = {
            "version": 3,
            "shape": (size,),
            "typestr": "|u1",
            "data": address,
        }

    def __del__(self) -> None:
        _ALLOCATOR.release(self.buffer)


def empty(shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """An array whose values are not set yet, C-contiguous: ``np.empty(shape, dtype)``.

    Args:
        shape: its sizes.
        dtype: of numbers.

    >>> empty((2, 3), np.float32).shape
    (2, 3)
    """
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if size < LEAST:
        whole = _aligned(size)
    else:
        step = 1 << (size.bit_length() - 4)  # sizes that differ by an eighth or less share buffers
        whole = np.asarray(_BufferHandle(-(-size // step) * step))
    return whole[:size].view(kind).reshape(shape)


def zeros(shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """As `empty`, filled with zeros."""
    made = empty(shape, dtype)
    made[...] = 0
    return made


def empty_like(x: Array) -> Array:
    """As `empty`, of the shape and dtype of `x`."""
    return empty(x.shape, x.dtype)
