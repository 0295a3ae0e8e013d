"""Memory that is used again: never while anything looks at it, and not without bound."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest

from scratchnet.kernels import buffer_pool
from scratchnet.kernels.buffer_pool import LEAST, LINE, empty, empty_like


@pytest.fixture
def allocator(monkeypatch):
    gc.collect()
    allocator = buffer_pool._Allocator()
    monkeypatch.setattr(buffer_pool, "_ALLOCATOR", allocator)
    return allocator


def address(x):
    return x.__array_interface__["data"][0]


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (5,), (300, 300), (2, 400, 1, 200)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "bool"])
def test_an_array_is_like_any_other(shape, dtype):
    x = empty(shape, dtype)
    assert (x.shape, x.dtype.name) == (shape, dtype)
    assert x.flags.c_contiguous
    assert x.flags.writeable
    assert address(x) % LINE == 0 or not x.size
    x[...] = 1
    assert (x == 1).all()
    assert empty_like(x[..., ::2] if x.ndim else x).flags.c_contiguous


def test_memory_is_used_again_when_the_array_is_gone(allocator):
    x = empty((LEAST,), np.float32)
    place = address(x)
    assert address(empty((LEAST,), np.float32)) != place
    del x
    assert place in {address(empty((LEAST - 5,), np.float32)), address(empty((LEAST,), np.int32))}


def test_a_view_of_any_kind_keeps_it(allocator):
    x = empty((512, 512), np.float64)
    x[...] = 7
    views = [x[3:5].T, x.reshape(-1)[::2], memoryview(x), np.asarray(x)[None], x.view(np.int64)]
    place = address(x)
    del x
    for view in [*views]:
        assert address(empty((512, 512), np.float64)) != place
        views.remove(view)
        del view
    gc.collect()
    assert address(empty((512, 512), np.float64)) == place


def test_two_arrays_never_share_memory(allocator):
    rng = np.random.default_rng(0)
    held = []
    for i in range(300):
        x = empty((int(rng.integers(LEAST // 8, LEAST)),), np.float64)
        x[...] = i
        held.append((i, x))
        if rng.random() < 0.6:
            held.pop(int(rng.integers(len(held))))
        assert all((y == j).all() for j, y in held[-5:])
    assert all((y == j).all() for j, y in held)


def test_the_allocator_holds_no_more_than_was_in_use_at_once(allocator):
    for size in range(LEAST, 20 * LEAST, LEAST):
        empty((size,), np.uint8)  # gone at once
    assert allocator.used_bytes == 0
    assert (
        sum(part.nbytes for part in allocator.free)
        == allocator.free_bytes
        <= 1.5 * allocator.peak_bytes
    )
    assert allocator.peak_bytes < 21 * LEAST


def test_every_byte_is_accounted_for(allocator):
    """In use, at most in use at once, and free: after each step, to the byte."""

    def counts():
        assert sum(part.nbytes for part in allocator.free) == allocator.free_bytes
        return (
            allocator.used_bytes // LEAST,
            allocator.peak_bytes // LEAST,
            allocator.free_bytes // LEAST,
        )

    sizes = [LEAST, 2 * LEAST, 4 * LEAST]
    a, b, c = (empty((n,), np.uint8) for n in sizes)
    assert counts() == (7, 7, 0)
    view, b = b[::2], None
    assert counts() == (7, 7, 0)  # a view keeps all of it
    view = None
    assert counts() == (5, 7, 2)
    d = empty((2 * LEAST,), np.uint8)  # out of the pool
    assert counts() == (7, 7, 0)
    a = c = d = None
    assert counts() == (0, 7, 7)
    f = empty((LEAST,), np.uint8)
    assert counts() == (1, 7, 6)  # the most that was in use at once stays what it was
    f = None
    assert counts() == (0, 7, 7)
    e = empty((8 * LEAST,), np.uint8)  # of another size: new, and all of the old stay free
    assert counts() == (8, 8, 7)
    e = None  # 15 are free and 12 may be: the longest unused go first
    assert counts() == (0, 8, 11)
    assert [part.nbytes // LEAST for part in allocator.free] == [2, 1, 8]
    assert (a, b, c, d, e, f, view) == (None,) * 7


def test_the_last_given_back_is_the_first_taken(allocator):
    a, b = empty((LEAST,), np.uint8), empty((LEAST,), np.uint8)
    last = address(b)
    del a, b
    assert address(empty((LEAST,), np.uint8)) == last  # its pages are still in the cache


def test_many_threads_take_and_give_back(allocator):
    wrong = []

    def work(value):
        for _ in range(200):
            x = empty((LEAST,), np.uint8)
            x[...] = value
            if not (x == value).all():
                wrong.append(value)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert allocator.used_bytes == 0
