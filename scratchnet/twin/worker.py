"""The process of one side, as `Side` starts it.

Its stdin says what to run (one pickled task) and ends when the process that started it does; its
stdout carries what it sees, as a row of pickled messages:

    ("step", what was seen, its arrays)   ("epoch", logs)   ("done", …), see `Witness.said`
    ("failed", traceback)                 ("refused", message)

The program's own output goes to stderr.
"""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import threading
from typing import Any

from scratchnet.engine.dtypes import Array
from scratchnet.engine.listening import listening
from scratchnet.engine.program_error import users_traceback
from scratchnet.twin.observe import Observer, Seen
from scratchnet.twin.options import TwinOptions
from scratchnet.twin.program import NoBuildError, run
from scratchnet.twin.witness import Witness
from scratchnet.twin.wrapping import tell_listeners

# module, options, sabotage, threads, nudging
WorkerTask = tuple[str, TwinOptions, str | None, int | None, bool]


class Line:
    """The way back to the process that started this one."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb", buffering=1 << 20)
        os.dup2(2, 1)  # what the program prints must not come between the messages
        self._lock = threading.Lock()

    def send(self, *message: Any) -> None:
        """Send one message; waits until the other end has room for it."""
        with self._lock:
            pickle.dump(message, self._out, protocol=5)
            self._out.flush()


def _read_task() -> WorkerTask:
    stdin = os.fdopen(os.dup(0), "rb")
    task: WorkerTask = pickle.load(stdin)

    def leave_with_the_parent() -> None:
        stdin.read()  # returns when nobody holds the other end any more
        os._exit(1)

    threading.Thread(target=leave_with_the_parent, daemon=True).start()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)  # a program that reads its stdin finds nothing
    return task


def _module(name: str, threads: int | None, nudging: bool) -> Any:
    tf = importlib.import_module(name)
    if name == "tensorflow":
        tf.config.set_visible_devices([], "GPU")
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.threading.set_intra_op_parallelism_threads(threads or 0)
        tell_listeners(tf, nudging)
    return tf


def _run(
    line: Line,
    name: str,
    options: TwinOptions,
    sabotage: Any,
    threads: Any,
    nudging: bool,
    witness: Witness,
) -> None:
    tf = _module(name, threads, nudging)
    if sabotage is not None:
        module, _, function = sabotage.rpartition(":")
        getattr(importlib.import_module(module), function)(tf)

    def epoch_ended(logs: dict[str, float]) -> None:
        line.send("epoch", logs)

    def step(seen: list[Seen], arrays: list[Array]) -> None:
        line.send("step", seen, arrays)

    with listening(Observer(tf, step, epoch_ended)), listening(witness):
        run(tf, options, epoch_ended)


def main() -> None:
    """Run the task; say how it ended."""
    # Ctrl-C in a terminal reaches all processes in front: it is for the comparing one to answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line, witness = Line(), Witness()
    try:
        _run(line, *_read_task(), witness)
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more
    except NoBuildError as error:
        line.send("refused", str(error))
    except Exception as error:
        line.send("failed", users_traceback(error))
    except SystemExit as error:  # the user's script may leave by `sys.exit`
        if error.code:
            line.send("failed", users_traceback(error))
        else:
            line.send("done", *witness.said())
    else:
        line.send("done", *witness.said())
    os._exit(0)  # whatever threads the program has left
