"""Memory for large arrays, used again when the array before is gone.

The pages of new memory are given by the operating system one by one, each filled with zeros: that
takes longer than most of what is computed in them.  A training step needs the same sizes at every
step, so what the last one no longer needs is kept for the next.

An array from `empty` is like any other.  When nothing looks at its memory any more (no array, no
view of it), the memory goes back to the shelf, from which the next array of about that size takes
it.  The shelf lets go what has lain there the longest when it holds more than was ever in use at
once, and half as much again: arrays of several sizes are not in use at the same time.
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


class _Shelf:
    """Free memory, the longest unused first, and how much is in use."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # a loan may end in the midst of `take`, on the same thread
        self.free: deque[Array] = deque()
        self.free_bytes = self.lent_bytes = self.most_lent = 0

    def take(self, size: int) -> Array:
        """Memory of `size` bytes, from the shelf if there is."""
        with self.lock:
            free = self.free
            at = next((i for i in range(len(free) - 1, -1, -1) if free[i].nbytes == size), None)
            found = None
            if at is not None:
                found = free[at]
                del free[at]
                self.free_bytes -= size
            self.lent_bytes += size
            self.most_lent = max(self.most_lent, self.lent_bytes)
        return _aligned(size) if found is None else found

    def give_back(self, memory: Array) -> None:
        with self.lock:
            self.lent_bytes -= memory.nbytes
            self.free.append(memory)
            self.free_bytes += memory.nbytes
            while self.free_bytes > self.most_lent * 3 // 2:
                self.free_bytes -= self.free.popleft().nbytes


def _aligned(size: int) -> Array:
    memory = np.empty(size + LINE, np.uint8)
    skipped = -memory.__array_interface__["data"][0] % LINE
    return memory[skipped : skipped + size]


_SHELF = _Shelf()


class _Loan:
    """The owner of an array's memory, for as long as any array looks at it."""

    __slots__ = ("__array_interface__", "memory")

    def __init__(self, size: int) -> None:
        self.memory = _SHELF.take(size)
        address = self.memory.__array_interface__["data"]
        self.__array_interface__ = {
            "version": 3,
            "shape": (size,),
            "typestr": "|u1",
            "data": address,
        }

    def __del__(self) -> None:
        _SHELF.give_back(self.memory)


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
        step = 1 << (size.bit_length() - 4)  # sizes that differ by an eighth or less share memory
        whole = np.asarray(_Loan(-(-size // step) * step))
    return whole[:size].view(kind).reshape(shape)


def zeros(shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """As `empty`, filled with zeros."""
    made = empty(shape, dtype)
    made[...] = 0
    return made


def empty_like(x: Array) -> Array:
    """As `empty`, of the shape and dtype of `x`."""
    return empty(x.shape, x.dtype)
