"""`kernel`, the decorator that compiles a loop: numba's `njit` with this library's settings.

    @kernel                      one thread
    @kernel(parallel=True)       all threads, over `prange`

Four things are added to numba.  Kernels are compiled as `kernel_compiler` says, and kept on disk as
`kernel_cache` says.  Parallel kernels of one process run one after the other, and in a forked
process that has lost its threads they run on one, as `threads` says.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property, update_wrapper
from types import FunctionType
from typing import Any, overload

# How often a thread of OpenMP looks for work before it sleeps: long enough from one kernel to the
# next.  Left to itself it looks for milliseconds, and takes that time from whatever else runs.  It
# has to be set before the threads are there.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")

import numba
import numpy as np
from numba import get_num_threads as get_num_threads
from numba.core import config

from scratchnet.kernels.kernel_cache import KernelCache, NoCache
from scratchnet.kernels.kernel_compiler import compiler
from scratchnet.kernels.threads import NOT_STARTED, THREADS, UNUSABLE, USABLE

# No `fastmath`, so inf, nan and the order of rounding are kept; 1/0 is inf, not an exception; and
# other Python threads (one that reads data, say) go on while a kernel runs.
# Nobody calls kernels from C.
_OPTIONS = {
    "error_model": "numpy",
    "nogil": True,
    "no_cfunc_wrapper": True,
    "pipeline_class": compiler(),
}

# Of all that numba makes parallel loops of, only those over `prange`: it looks for nothing else.
_LOOPS_ALONE = {
    "prange": True,
    **dict.fromkeys(("comprehension", "reduction", "inplace_binop", "setitem"), False),
    **dict.fromkeys(("numpy", "stencil", "fusion"), False),
}


class Kernel:
    """A compiled function; call it like the Python function that it was made from.

    Other kernels may call it too: numba takes it for its `jitted`, and inlines it if that is asked.

    Attributes:
        py_func: the Python function.
        jitted: numba's dispatcher of it, without the lock.
        parallel: whether it runs on all threads.
        least: numbers in its first array from which on it does.
        inner: whether only other kernels can call it.
        targetoptions: further options of ``numba.njit``.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        parallel: bool,
        options: dict[str, Any],
        least: int = 0,
        inner: bool = False,
    ) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self.parallel = parallel
        self.least = least
        self.inner = inner and not config.DISABLE_JIT
        self.targetoptions = {**options, "no_cpython_wrapper": True} if inner else options
        how = dict(_LOOPS_ALONE) if parallel else False  # a copy: numba empties it
        self.jitted = numba.njit(parallel=how, **{**_OPTIONS, **self.targetoptions})(function)
        if config.DISABLE_JIT:  # `jitted` is the Python function itself, whose scalars would warn
            self.jitted = np.errstate(all="ignore")(function)
        else:
            try:
                self.jitted._cache = KernelCache(function)
            except (RuntimeError, OSError) as error:
                self.jitted._cache = NoCache(function, error)

    def __call__(self, *args: Any) -> Any:
        if not self.parallel:
            if self.inner:  # numba would jump to nowhere
                raise TypeError(f"{self.py_func.__name__}: only a kernel can call an inner kernel")
            return self.jitted(*args)
        if THREADS.state is not USABLE:
            if THREADS.state is NOT_STARTED:
                THREADS.start()
            if THREADS.state is UNUSABLE:
                return self.serial(*args)
        with THREADS.one_at_a_time:
            count = THREADS.count(self.is_small(args))
            if count is None:
                return self.jitted(*args)
            most = get_num_threads()
            numba.set_num_threads(min(count, most))
            try:
                return self.jitted(*args)
            finally:
                numba.set_num_threads(most)

    def is_small(self, args: tuple[Any, ...]) -> bool:
        """Whether the work is too small to be shared out."""
        return bool(self.least) and args[0].size < self.least

    @cached_property
    def serial(self) -> Kernel:
        """The same on one thread, for a process in which there can be no others."""
        f: Any = self.py_func
        name = f"{f.__name__}_serial"  # by which it has a file of its own
        function = FunctionType(f.__code__, f.__globals__, name, f.__defaults__, f.__closure__)
        function.__qualname__ = f"{f.__qualname__}_serial"
        return Kernel(function, False, self.targetoptions)

    @property
    def _numba_type_(self) -> Any:
        """What numba takes this object for when it compiles a kernel that calls it."""
        return self.jitted._numba_type_


@overload
def kernel(function: Callable[..., Any]) -> Kernel: ...
@overload
def kernel(
    *, parallel: bool = ..., least: int = ..., inner: bool = ..., **options: Any
) -> Callable[[Callable[..., Any]], Kernel]: ...


def kernel(
    function: Callable[..., Any] | None = None,
    *,
    parallel: bool = False,
    least: int = 0,
    inner: bool = False,
    **options: Any,
) -> Kernel | Callable[[Callable[..., Any]], Kernel]:
    """Compile a function of arrays and scalars to machine code, at its first call.

    Args:
        function: the loop.  It checks nothing: callers prove shapes, dtypes and indices first.
        parallel: spread the iterations of ``numba.prange`` over all threads.
        least: but on one thread if the first array has fewer numbers than that: to wake the others
            takes longer than the work does.
        inner: it is called by other kernels alone: what Python would call it by is left out, which
            saves a part of the time that it takes to compile.
        **options: further options of ``numba.njit``.

    Returns:
        A :class:`Kernel`, or the decorator that makes one.

    >>> @kernel
    ... def total(x):
    ...     s = 0.0
    ...     for i in range(x.size):
    ...         s += x[i]
    ...     return s
    >>> total(np.array([1.0, 2.5]))
    3.5
    """
    if function is not None:
        return Kernel(function, parallel, options, least, inner)
    return lambda f: Kernel(f, parallel, options, least, inner)
