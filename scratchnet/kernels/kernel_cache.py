"""Compiled kernels on disk: numba's cache, in the user's cache folder and made forgiving.

Nothing is written beside the package, so that uninstalling it leaves nothing there.  The cache
never stops a program: where it cannot be read, kernels are compiled again; where it cannot be
written, one line on the standard error says so; what is damaged is written anew.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
from numba.core import caching, config


def cache_folder() -> Path:
    """The folder of compiled kernels.

    NUMBA_CACHE_DIR, if that is set.  Else ``scratchnet`` in the user's cache folder: on Linux
    XDG_CACHE_HOME or ``~/.cache``, on macOS ``~/Library/Caches``, on Windows %LOCALAPPDATA%; and in
    it a folder for each version of numba, which cannot read each other's files.

    Raises:
        RuntimeError: the user has no home directory.
    """
    if config.CACHE_DIR:
        return Path(config.CACHE_DIR)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        base = Path(local) if local else Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:  # the XDG Base Directory Specification has a relative path ignored
        xdg = os.environ.get("XDG_CACHE_HOME", "")
        base = Path(xdg) if os.path.isabs(xdg) else Path.home() / ".cache"
    return base / "scratchnet" / f"numba-{numba.__version__}"


class _Progress:
    """Says that kernels are being compiled, which takes a while and happens once.

    On a terminal and in a notebook a line that counts and goes away; into a pipe or a file, where
    nothing goes away, a line every two seconds.  How many kernels there will be is not known, since
    a program compiles what it comes to; the parts of `in_parts` are.  That none can be kept is
    said everywhere, once.
    """

    def __init__(self) -> None:
        self.count = 0
        self.part = ""  # of a work in known parts, for the text
        self.told_of_error = False
        self._told_at: float | None = None
        self._width = 0  # of the line that a notebook shows

    def cannot_keep(self, error: Exception) -> None:
        if self.told_of_error or sys.stderr is None:
            return
        self.told_of_error = True
        self.clear()
        print(
            f"scratchnet: compiled kernels cannot be kept ({error}); every process compiles them "
            "again. NUMBA_CACHE_DIR names another folder.",
            file=sys.stderr,
        )

    def tell(self, name: str) -> None:
        self.count += 1
        if sys.stderr is None:
            return
        text = (
            f"scratchnet: compiling kernel {self.count}, {name}{self.part} (kept for the next time)"
        )
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        elif "ipykernel" in sys.modules:  # which knows \r and no escapes
            print(f"\r{text:{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(text)
        else:
            self._tell_pipe(text)

    def _tell_pipe(self, text: str) -> None:
        now = time.monotonic()
        if self._told_at is None:
            self._told_at = now  # one kernel alone is soon done
        elif now - self._told_at >= 2:
            self._told_at = now
            print(text, file=sys.stderr, flush=True)

    def clear(self) -> None:
        if sys.stderr is None:
            return
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        elif self._width:
            print("\r" + " " * self._width + "\r", end="", file=sys.stderr, flush=True)
            self._width = 0


_PROGRESS = _Progress()


def in_parts(where: str, works: Sequence[Callable[[], object]]) -> None:
    """Call the `works`; what is said of kernels meanwhile tells the part, of how many, of `where`.

    >>> in_parts("both", [lambda: print(_PROGRESS.part), lambda: print(_PROGRESS.part)])
    , part 1 of 2 of both
    , part 2 of 2 of both
    """
    outer = _PROGRESS.part
    try:
        for i, work in enumerate(works, 1):
            _PROGRESS.part = f", part {i} of {len(works)} of {where}"
            work()
    finally:
        _PROGRESS.part = outer


class _Locator(caching._CacheLocator):  # type: ignore[misc]
    """Where the compiled forms of one function are kept, and when they are out of date.

    Below `cache_folder` every folder of sources has one of its own, named by a digest of its path:
    two versions of the library, or two copies of it, do not share files.
    """

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        self._py_file = file  # numba reads it
        self._line = function.__code__.co_firstlineno
        self._folder = str(cache_folder() / self.get_suitable_cache_subpath(file))
        self._stamp = _digest(file)

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _Locator | None:
        # What a user types at a prompt is not kept: it may call what is typed anew below it.
        return cls(py_func, py_file) if os.path.isfile(py_file) else None

    def get_cache_path(self) -> str:
        return self._folder

    def get_source_stamp(self) -> str:
        return self._stamp

    def get_disambiguator(self) -> str:
        return str(self._line)


@cache
def _digest(file: str) -> str:
    return sha256(Path(file).read_bytes()).hexdigest()


class _Checked(caching.CompileResultCacheImpl):  # type: ignore[misc]
    """Writes a digest beside each kernel: machine code is not to be run with a bit flipped."""

    _locator_classes = (_Locator,)

    def reduce(self, compiled: Any) -> tuple[bytes, bytes]:
        data = caching.dumps(super().reduce(compiled))
        return sha256(data).digest(), data

    def rebuild(self, target_context: Any, payload: tuple[bytes, bytes]) -> Any:
        digest, data = payload
        if sha256(data).digest() != digest:
            raise pickle.UnpicklingError("damaged")
        return super().rebuild(target_context, pickle.loads(data))


class KernelCache(caching.FunctionCache):  # type: ignore[misc]
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
        try:
            super().save_overload(sig, compiled)
        except OSError as error:
            _PROGRESS.cannot_keep(error)
        _PROGRESS.clear()

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        # numba looks at the kernel's own file only, but a kernel may be made of others.
        return (*super()._index_key(sig, codegen), _sources(), bool(config.BOUNDSCHECK))


class NoCache(caching.NullCache):  # type: ignore[misc]
    """Keeps nothing, and says why when there would be something to keep.

    Nobody expects that of a function that was typed at a prompt or into a notebook.
    """

    def __init__(self, function: Callable[..., Any], reason: Exception) -> None:
        self._kernel_name = function.__name__
        self._reason = reason
        self._expected = function.__module__ == "__main__"

    def load_overload(self, sig: Any, target_context: Any) -> None:
        _PROGRESS.tell(self._kernel_name)

    def save_overload(self, sig: Any, compiled: Any) -> None:
        if not self._expected:
            _PROGRESS.cannot_keep(self._reason)
        _PROGRESS.clear()


@cache
def _sources() -> str:
    """A digest of the sources of all kernels."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
