"""pytest in forked children of a process that has imported TensorFlow, but not scratchnet.

A run on changed sources begins in a moment then: what takes seconds to import is there already. It
is the module of a `tests.long.peers.Peer`, which is asked for one run after another.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.long.peers import QUIET

INTERVAL = 0.02  # seconds between two looks at a child


@dataclass(frozen=True)
class Run:
    """pytest with `words` in `folder`, a copy of the project, for `seconds` at most."""

    folder: str
    words: tuple[str, ...]
    seconds: float


def serve() -> Callable[[Run], tuple[int | None, str]]:
    """The function that runs pytest: its exit code (None: it did not end) and what it wrote."""
    os.environ.update(QUIET)
    import h5py
    import numba
    import pytest
    import tensorflow

    del h5py, numba, pytest, tensorflow  # here for their children
    return answer


def answer(run: Run) -> tuple[int | None, str]:
    written = Path(run.folder).parent / "written"
    child = os.fork()
    if not child:
        code = 70
        try:
            code = _pytest(run, written)
        finally:
            os._exit(code)
    end = time.monotonic() + run.seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), written.read_text(errors="replace")
        if time.monotonic() > end:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None, ""
        time.sleep(INTERVAL)


def _pytest(run: Run, written: Path) -> int:
    """In the child, which is like a process that was started in the folder."""
    os.setsid()
    file = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (file, 1), (file, 2)):
        os.dup2(source, target)
    os.chdir(run.folder)
    os.environ["PYTHONPATH"] = run.folder
    root = str(Path(__file__).parents[2])
    sys.path[:] = [run.folder, *(p for p in sys.path if p not in ("", root, run.folder))]
    for name in [m for m in sys.modules if m.partition(".")[0] == "tests"]:
        del sys.modules[name]  # those of the copy are meant
    import pytest

    return int(pytest.main(list(run.words)))
