"""`kernel`, the decorator that compiles a loop: numba's `njit` with this library's settings.

    @kernel                      one thread
    @kernel(parallel=True)       all threads, over `prange`

Two things are added to numba.  The cache of compiled kernels on disk never stops a program: where
it cannot be read or written, kernels are compiled again.  And parallel kernels of one process run
one after the other: numba's plainest threading layer (workqueue) ends the process when two Python
threads enter at once, and with all cores at work in one kernel a second one would gain nothing.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache, update_wrapper
from hashlib import sha256
from pathlib import Path
from typing import Any, overload

# How often a thread of OpenMP looks for work before it sleeps: long enough from one kernel to the
# next.  Left to itself it looks for milliseconds, and takes that time from whatever else runs.  It
# has to be set before the threads are there.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")

import numba
import numpy as np
from numba import get_num_threads as get_num_threads
from numba.core import caching, config

# No `fastmath`, so inf, nan and the order of rounding are kept; 1/0 is inf, not an exception; and
# other Python threads (one that reads data, say) go on while a kernel runs.
_OPTIONS = {"error_model": "numpy", "nogil": True}

_ONE_AT_A_TIME = threading.RLock()


class Kernel:
    """A compiled function; call it like the Python function that it was made from.

    Other kernels may call it too: numba takes it for its `jitted`, and inlines it if that is asked.

    Attributes:
        py_func: the Python function.
        jitted: numba's dispatcher of it, without the lock.
        parallel: whether it runs on all threads.
        targetoptions: further options of ``numba.njit``.
    """

    def __init__(
        self, function: Callable[..., Any], parallel: bool, options: dict[str, Any]
    ) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self.parallel = parallel
        self.targetoptions = options
        self.jitted = numba.njit(parallel=parallel, **{**_OPTIONS, **options})(function)
        if config.DISABLE_JIT:  # `jitted` is the Python function itself, whose scalars would warn
            self.jitted = np.errstate(all="ignore")(function)
        else:
            # No writable folder at all (RuntimeError): numba keeps its cache that stores nothing.
            with suppress(RuntimeError, OSError):
                self.jitted._cache = _Cache(function)

    def __call__(self, *args: Any) -> Any:
        if not self.parallel:
            return self.jitted(*args)
        with _ONE_AT_A_TIME:
            return self.jitted(*args)

    @property
    def _numba_type_(self) -> Any:
        """What numba takes this object for when it compiles a kernel that calls it."""
        return self.jitted._numba_type_


@overload
def kernel(function: Callable[..., Any]) -> Kernel: ...
@overload
def kernel(*, parallel: bool = ..., **options: Any) -> Callable[[Callable[..., Any]], Kernel]: ...


def kernel(
    function: Callable[..., Any] | None = None, *, parallel: bool = False, **options: Any
) -> Kernel | Callable[[Callable[..., Any]], Kernel]:
    """Compile a function of arrays and scalars to machine code, at its first call.

    Args:
        function: the loop.  It checks nothing: callers prove shapes, dtypes and indices first.
        parallel: spread the iterations of ``numba.prange`` over all threads.
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
        return Kernel(function, parallel, options)
    return lambda f: Kernel(f, parallel, options)


class _Progress:
    """Says that kernels are being compiled, which takes a while and happens once.

    On a terminal a line that goes away; in a notebook one that stays; into a file nothing.
    """

    def __init__(self) -> None:
        self.count = 0

    def tell(self, name: str) -> None:
        self.count += 1
        if sys.stderr is not None and sys.stderr.isatty():
            text = f"scratchnet: compiling kernel {self.count}, {name} (kept for the next time)"
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        elif "ipykernel" in sys.modules and self.count == 1:
            print("scratchnet: compiling kernels, kept for the next time …", file=sys.stderr)

    def clear(self) -> None:
        if sys.stderr is not None and sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


_PROGRESS = _Progress()


class _Checked(caching.CompileResultCacheImpl):  # type: ignore[misc]
    """Writes a digest beside each kernel: machine code is not to be run with a bit flipped."""

    def reduce(self, compiled: Any) -> tuple[bytes, bytes]:
        data = caching.dumps(super().reduce(compiled))
        return sha256(data).digest(), data

    def rebuild(self, target_context: Any, payload: tuple[bytes, bytes]) -> Any:
        digest, data = payload
        if sha256(data).digest() != digest:
            raise pickle.UnpicklingError("damaged")
        return super().rebuild(target_context, pickle.loads(data))


class _Cache(caching.FunctionCache):  # type: ignore[misc]
    """numba's cache of one kernel's compiled forms in files, made forgiving."""

    _impl_class = _Checked

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._kernel_name = function.__name__

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            compiled = super().load_overload(sig, target_context)
        except Exception:  # a damaged pickle can raise anything
            with suppress(OSError):
                self.flush()
            compiled = None
        if compiled is None:
            _PROGRESS.tell(self._kernel_name)
        # Two processes that save two signatures at one moment may have swapped their files.
        return compiled if compiled is not None and compiled.signature.args == tuple(sig) else None

    def save_overload(self, sig: Any, compiled: Any) -> None:
        with suppress(OSError):
            super().save_overload(sig, compiled)
        _PROGRESS.clear()

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        # numba looks at the kernel's own file only, but a kernel may be made of others.
        return (*super()._index_key(sig, codegen), _sources(), bool(config.BOUNDSCHECK))


@cache
def _sources() -> str:
    """A digest of the sources of all kernels."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
