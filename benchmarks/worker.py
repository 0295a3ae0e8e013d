"""The process of one side: ``python -m benchmarks.worker``.

Its stdin says what to do, its stdout how it went, both as pickled tuples.  It sleeps between jobs.

    ("prepare", case)             -> ("done", {way: arrays to compare})
    ("nudged",)                   -> ("done", {way: [arrays to compare, …]})
    ("time", way, seconds)        -> ("done", seconds of one call)
    ("call", function, arguments) -> ("done", what it returns)
    ("forget",)                   -> ("done", None)
                                     ("failed", the error, its traceback)
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import signal
import traceback
from typing import Any

import numpy as np

from benchmarks.case import DEFINITION, FUNCTION, OURS, TORCH, Case, Library, Work, ways
from benchmarks.timing import timed


class Worker:
    """One library, and the case that it is prepared for.

    Args:
        module: "scratchnet", "tensorflow" or "torch".
        threads: that TensorFlow may use for one op; the others are told by their environment.
    """

    def __init__(self, module: str, threads: int) -> None:
        self.tf = importlib.import_module(module)
        self.works: dict[str, Work] = {}
        self.on_gpu = False
        if module == "tensorflow":
            # How many ops run at once is left to TensorFlow: as many as it sees processors.
            self.tf.config.threading.set_intra_op_parallelism_threads(threads)
            self.on_gpu = bool(self.tf.config.list_physical_devices("GPU"))
        elif module == "torch":
            self.tf.set_num_threads(threads)

    def library(self, way: str) -> Library:
        """What a program is given for a way of running."""
        if way == OURS:
            from scratchnet.engine.op import OPS

            return Library(self.tf, lambda name: OPS[name].function, lambda f: f)
        if way == TORCH:
            return Library(self.tf, vars(self.tf).__getitem__, lambda f: f)
        if way == DEFINITION:
            from scratchnet.ops.composed import TWINS

            return Library(self.tf, TWINS.__getitem__, lambda f: f)
        from reference.ops import REFERENCE

        compiled = self.tf.function if way == FUNCTION else lambda f: f
        return Library(self.tf, REFERENCE.__getitem__, compiled)

    def prepare(self, case: Case) -> dict[str, list[Any]]:
        """Make the work ready, and warm; return what must be equal."""
        results = {}
        programs = {DEFINITION: case.definition, TORCH: case.torch}
        own = self.tf.__name__ == "scratchnet"
        for way in (TORCH,) if self.tf.__name__ == "torch" else ways(case, own):
            program = programs.get(way, case.program)
            work = program(self.library(way), **case.args)  # type: ignore[misc]
            results[way] = arrays((work.check or work.run)())
            self.works[way] = work
            if way != DEFINITION:
                work.run()
        if own:
            # The sides prepare at the same time.  That the processors were taken then is not to
            # count: a hurried turn is over before scratchnet tries more threads by itself.
            from scratchnet.kernels.threads import THREADS

            THREADS.contention.count = None
        return results

    def nudged(self) -> dict[str, list[list[Any]]]:
        """What was prepared, for inputs changed by as much as rounding; {} if it does not say."""
        works = {way: work.nudged for way, work in self.works.items() if work.nudged is not None}
        return {way: [arrays(result) for result in again()] for way, again in works.items()}

    def time(self, way: str, seconds: float) -> float:
        """The median time of a call."""
        return timed(self._run_of(way), seconds)

    def _run_of(self, way: str) -> Any:
        run = self.works[way].run
        if not self.on_gpu:
            return run

        def run_to_the_end() -> None:  # a GPU works on after the call has returned
            run()
            self.tf.test.experimental.sync_devices()

        return run_to_the_end

    def call(self, function: Any, args: tuple[Any, ...]) -> Any:
        """Whatever else is to be found out in this process."""
        return function(self.tf, *args)

    def forget(self) -> None:
        """Free what was prepared."""
        self.works = {}
        gc.collect()


def arrays(result: Any) -> list[Any]:
    """The NumPy arrays in a result, whichever library it is of."""
    if isinstance(result, list | tuple):
        return [array for part in result for array in arrays(part)]
    if result is None:
        return []
    return [np.asarray(result.numpy() if hasattr(result, "numpy") else result)]


def serve(requests: Any, answers: Any) -> None:
    """Do what the requests say, until there are no more."""

    def answer(*message: Any) -> None:
        pickle.dump(message, answers, protocol=5)
        answers.flush()

    worker: Worker | None = None
    while True:
        try:
            command, *args = pickle.load(requests)
        except EOFError:
            return
        try:
            if command == "start":
                worker = Worker(*args)
                answer("done", worker.on_gpu)
            else:
                answer("done", getattr(worker, command)(*args))
        except Exception as error:
            answer("failed", f"{type(error).__name__}: {error}", traceback.format_exc())


def main() -> None:
    """Serve the process that started this one."""
    # Ctrl-C in a terminal reaches all processes in front: it is for the first one to answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the answers
    try:
        serve(requests, answers)
    except BrokenPipeError:
        pass  # nobody listens any more
    os._exit(0)  # whatever threads a library has left


if __name__ == "__main__":
    main()
