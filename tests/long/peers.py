"""A process that answers questions, and may die of one: it is started again for the next.

``python -m tests.long.peers MODULE`` calls ``MODULE.serve()`` for a function and answers with it.
Questions and answers are pickled, each with its length before it.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
START = 120.0  # seconds
# A quiet TensorFlow, on the CPU, without oneDNN.
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TF_ENABLE_ONEDNN_OPTS": "0"}


class Peer:
    """The process.

    Args:
        module: with `serve`.
        environment: added to that of this process.
    """

    def __init__(self, module: str, environment: dict[str, str] | None = None) -> None:
        self.module, self.environment = module, environment or {}
        self.process: subprocess.Popen[bytes] | None = None

    def _start(self) -> None:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.long.peers", self.module],
            env=os.environ | {"PYTHONPATH": path} | self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        said = self._read(START)
        if said != "ready":
            self.end()
            raise RuntimeError(f"{self.module} does not start: {said}")

    def send(self, question: Any) -> None:
        """Ask, and do not wait."""
        if self.process is None:
            self._start()
        with contextlib.suppress(BrokenPipeError):
            write(self.process.stdin, question)  # type: ignore[union-attr]

    def receive(self, seconds: float) -> Any:
        """The answer to what was sent; a string that says how the process was lost instead."""
        said = self._read(seconds)
        if isinstance(said, str):
            self.end()
        return said

    def ask(self, question: Any, seconds: float) -> Any:
        self.send(question)
        return self.receive(seconds)

    def _read(self, seconds: float) -> Any:
        assert self.process is not None
        assert self.process.stdout is not None
        end, raw, size = time.monotonic() + seconds, b"", 8
        file = self.process.stdout.fileno()
        while len(raw) < size:
            ready, _, _ = select.select([file], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                return f"no answer in {seconds} s"
            part = os.read(file, size - len(raw))
            if not part:
                code = self.process.wait()
                return f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            raw += part
            if len(raw) == size == 8:
                size += int.from_bytes(raw, "little")
        return pickle.loads(raw[8:])

    def end(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()
            self.process = None


def write(file: Any, value: Any) -> None:
    raw = pickle.dumps(value)
    file.write(len(raw).to_bytes(8, "little") + raw)
    file.flush()


def main(module: str) -> None:
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what anybody prints is no answer
    answer = importlib.import_module(module).serve()
    write(answers, "ready")
    while size := questions.read(8):
        write(answers, answer(pickle.loads(questions.read(int.from_bytes(size, "little")))))


if __name__ == "__main__":
    main(sys.argv[1])
