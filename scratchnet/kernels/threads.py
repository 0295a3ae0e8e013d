"""The threads that parallel kernels run on, and what becomes of them in a forked process.

numba has three threading layers: TBB, OpenMP and its own (workqueue).  A process that is forked
from one whose OpenMP threads are at work has none of them, and GNU's OpenMP ends such a process as
soon as it enters a parallel loop; TBB starts new ones.  So TBB is used where its package is
installed (``pip install ".[tbb]"``), and elsewhere a forked process runs kernels on one
thread, compiled anew without threads (`UNUSABLE`): slower, and right, with the same numbers.

A parallel loop ends when its slowest thread does.  Where other programs have the processors, that
one waits for milliseconds in the queue of the system's scheduler, at each of the hundred loops of a
training step, and one thread alone would be done long before.  So `Contention` reads how long the
threads of this process waited, and has fewer of them used while the processors are taken.  (TBB
needs none of that: there a thread that has the processor takes what another did not begin.)  No
number depends on that: the work is cut into as many parts as numba has threads in any case, and the
threads that there are take one part after the other.
"""

from __future__ import annotations

import ctypes
import os
import site
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import numba
from numba.core import config

# What is known of the threads of this process.
NOT_STARTED, USABLE, UNUSABLE = "not started", "usable", "unusable"


PERIOD = 0.05  # seconds between two looks at the scheduler's figures, which cost 0.05 ms
LEAST_SEEN = 2_000_000  # nanoseconds: of less the figures say nothing
TAKEN = 0.1  # the share of its time that a thread waits for a processor, where others have it
FREE = 0.03
PATIENCE = 4.0  # seconds until more threads are tried again, at most


class Contention:
    """How many threads are worth using, by how long those of this process wait for a processor.

    Linux says for each thread how long it ran and how long it waited although it could have run
    (``/proc/…/schedstat``).  Where a thread waits for more than the share TAKEN of its time, twice
    in a row, there are fewer from then on; where none does, more again: if they have to wait then,
    that is tried at longer and longer intervals.

    Attributes:
        count: of the threads to be used; None for as many as numba has.
        next_look: when that is decided again, by `time.monotonic`.
        workers: the system's ids of numba's threads, besides the one that calls.
    """

    def __init__(self) -> None:
        self.count: int | None = None
        self.next_look = 0.0
        self.workers: frozenset[int] = frozenset()
        self._seen: dict[int, tuple[int, int]] = {}  # by thread: nanoseconds run, and waited
        self._interval = PERIOD  # until more threads are tried again
        self._tried_at = 0.0
        self._waited = False  # whether some thread had to, at the last look

    def look(self, most: int) -> None:
        """Decide anew, for as many as `most` threads."""
        now = time.monotonic()
        self.next_look = now + PERIOD
        shares = self._shares()
        if not shares:
            return
        used = most if self.count is None else min(self.count, most)
        waiting = sum(share > TAKEN for share in shares)
        before, self._waited = self._waited, bool(waiting)
        if waiting and used > 1:
            if not before:
                return  # once: a program that came and went
            if now - self._tried_at < 3 * PERIOD:  # it was too early for more
                self._interval = min(2 * self._interval, PATIENCE)
            fewer = max(used - waiting, used // 2)
            self.count, self._tried_at = fewer, now
        elif used < most and max(shares) < FREE and now - self._tried_at > self._interval:
            self.count = used + 1 if used + 1 < most else None
            self._tried_at = now
        elif self.count is None and now - self._tried_at > PATIENCE:
            self._interval = PERIOD

    def _shares(self) -> list[float]:
        """For each thread that wanted to run, the share of that time in which it waited."""
        found = []
        before, self._seen = self._seen, {}
        for thread in (threading.get_native_id(), *self.workers):
            try:
                with open(f"/proc/self/task/{thread}/schedstat", "rb") as file:
                    ran, waited = map(int, file.read().split()[:2])
            except (OSError, ValueError):
                continue  # another system, or a thread that has ended
            self._seen[thread] = ran, waited
            if thread in before:
                ran, waited = ran - before[thread][0], waited - before[thread][1]
                if ran + waited > LEAST_SEEN:
                    found.append(waited / (ran + waited))
        return found


def _threads_of_this_process() -> frozenset[int]:
    with suppress(OSError):
        return frozenset(map(int, os.listdir("/proc/self/task")))
    return frozenset()


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
        self.contention = Contention()
        self._waits_for_work = False  # whether threads take work when they can, not when told to
        self._starter: int | None = None  # the Python thread that started them
        self._entered: set[int] = set()  # Python threads that ran parallel loops on TBB's threads
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
                before = _threads_of_this_process()
                numba.get_num_threads()
                self.contention.workers = _threads_of_this_process() - before
                self._waits_for_work = numba.threading_layer() == "tbb"
                self._starter = threading.get_ident()
                self.state = USABLE

    def count(self, small: bool = False) -> int | None:
        """How many threads the next loop is to run on; None for as many as numba has.

        Args:
            small: the loop is too small to be shared out.
        """
        contention = self.contention
        if self._waits_for_work:
            self._entered.add(threading.get_ident())
        if small:
            return 1
        if self._waits_for_work:
            return None
        if time.monotonic() > contention.next_look:
            contention.look(numba.get_num_threads())
        return contention.count

    def _before_fork(self) -> None:
        self.one_at_a_time.acquire()  # no kernel is halfway when its threads go away
        if self.state is USABLE:
            layer = numba.threading_layer()
            # TBB can only be put to sleep for the time of a fork by the thread that woke it, and
            # not while another that used it is alive: a child would wait for ever, now and then.
            alive = {thread.ident for thread in threading.enumerate()}
            users = {threading.get_ident()} | (self._entered & alive)
            self._in_danger = layer == "omp" or (layer == "tbb" and users != {self._starter})

    def _after_in_parent(self) -> None:
        self._in_danger = False
        self.one_at_a_time.release()

    def _after_in_child(self) -> None:
        self.one_at_a_time = threading.RLock()
        self.contention = Contention()
        self._entered = set()
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
