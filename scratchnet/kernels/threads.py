"""The threads that parallel kernels run on, and what becomes of them in a forked process.

numba has three threading layers: TBB, OpenMP and its own (workqueue).  A process that is forked
from one whose OpenMP threads are at work has none of them, and GNU's OpenMP ends such a process as
soon as it enters a parallel loop; TBB starts new ones.  So TBB is used where its package is
installed (``pip install scratchnet[tbb]``), and elsewhere a forked process runs kernels on one
thread, compiled anew without threads (`UNUSABLE`): slower, and right, with the same numbers.
"""

from __future__ import annotations

import ctypes
import os
import site
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numba
from numba.core import config

# What is known of the threads of this process.
NOT_STARTED, USABLE, UNUSABLE = "not started", "usable", "unusable"


class Threads:
    """The threads of this process.

    Attributes:
        state: NOT_STARTED, USABLE, or UNUSABLE: parallel loops must not be entered.
        one_at_a_time: held while a parallel kernel runs.  numba's plainest threading layer
            (workqueue) ends the process when two Python threads enter at once, and with all cores
            at work in one kernel a second one would gain nothing.
    """

    def __init__(self) -> None:
        self.state = NOT_STARTED
        self.one_at_a_time = threading.RLock()
        self._starter: int | None = None  # the Python thread that started them
        self._in_danger = False  # whether the process that a fork makes now must not use them
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before_fork,
                after_in_parent=self._after_in_parent,
                after_in_child=self._after_in_child,
            )

    def start(self) -> None:
        """Have numba choose its threading layer and start the threads, if that is to be done."""
        with self.one_at_a_time:
            if self.state is NOT_STARTED:
                numba.get_num_threads()
                self._starter = threading.get_ident()
                self.state = USABLE

    def _before_fork(self) -> None:
        self.one_at_a_time.acquire()  # no kernel is halfway when its threads go away
        if self.state is USABLE:
            layer = numba.threading_layer()
            # TBB can only be put to sleep for the time of a fork by the thread that woke it.
            elsewhere = threading.get_ident() != self._starter
            self._in_danger = layer == "omp" or (layer == "tbb" and elsewhere)

    def _after_in_parent(self) -> None:
        self._in_danger = False
        self.one_at_a_time.release()

    def _after_in_child(self) -> None:
        self.one_at_a_time = threading.RLock()
        if self._in_danger:
            self.state = UNUSABLE


def load_tbb() -> bool:
    """Load the library of the package ``tbb``, if that is installed and numba may want it.

    The package puts it where no loader looks; once it is loaded numba finds it by its name.

    Returns:
        Whether it was loaded.
    """
    if sys.platform != "linux" or config.THREADING_LAYER in ("omp", "workqueue"):
        return False
    for prefix in dict.fromkeys((sys.prefix, sys.base_prefix, site.getuserbase())):
        library = Path(prefix, "lib", "libtbb.so.12")
        if library.is_file():
            with suppress(OSError):  # of another kind of machine
                ctypes.CDLL(str(library))
                return True
    return False


load_tbb()
THREADS = Threads()
