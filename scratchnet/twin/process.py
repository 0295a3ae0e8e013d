"""The sides of a twin training, as the comparing process sees them: started, read, ended."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from scratchnet.twin.options import TwinOptions

Message = tuple[Any, ...]

# What `python -m scratchnet.twin.worker` does, but that no `random.py` or `numpy.py` in the current
# folder comes before Python's or NumPy's (-P), and that this very scratchnet is found.
_WORKER = f"""
import sys
packages = [i for i, path in enumerate(sys.path) if path.endswith("-packages")]
sys.path.insert(min(packages, default=len(sys.path)), {str(Path(__file__).parents[2])!r})
from scratchnet.twin.worker import main
main()
"""


class SideError(RuntimeError):
    """A side that could not run the program; the message says which, and shows its traceback."""


class ProgramError(SideError):
    """The program itself raised an error.

    Attributes:
        said: the traceback, without the side.
    """

    def __init__(self, side: str, said: str) -> None:
        super().__init__(f"The program failed on the side of {side}:\n{said}")
        self.said = said


class Side:
    """A process that runs the program and tells what it sees.

    Args:
        name: how to call it.
        module: "scratchnet" or "tensorflow".
        options: what to run.
        environment: variables that the process has besides those of this one.
        threads: of TensorFlow; as many as there are processors if not given.
        sabotage: ``"module:function"``, called with the module before the run: the tests plant
            mistakes by it.
        nudging: of TensorFlow; see `scratchnet.twin.wrapping.nudged`.
    """

    def __init__(
        self,
        name: str,
        module: str,
        options: TwinOptions,
        environment: dict[str, str] | None = None,
        threads: int | None = None,
        sabotage: str | None = None,
        nudging: bool = False,
    ) -> None:
        self.name = name
        self._errors = TemporaryFile()  # a pipe that nobody reads would fill up
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "MPLBACKEND": "Agg", **(environment or {})},
        )
        try:
            task = (module, options, sabotage, threads, nudging)
            pickle.dump(task, self._process.stdin)  # type: ignore[arg-type]
            self._process.stdin.flush()  # type: ignore[union-attr]
        except BrokenPipeError:
            pass  # it ended at once; `read` says why

    def read(self) -> Message:
        """The next message.

        Raises:
            SideError: the program failed on this side, or its process ended.
            ValueError: the file of `--model` is not what it must be.
        """
        try:
            message: Message = pickle.load(self._process.stdout)  # type: ignore[arg-type]
        except (EOFError, pickle.UnpicklingError):
            self._process.wait()
            code = self._process.returncode
            raise SideError(
                f"{self.name} ended early (exit code {code}):\n{self._said()}"
            ) from None
        if message[0] == "failed":
            raise ProgramError(self.name, message[1])
        if message[0] == "refused":
            raise ValueError(message[1])
        return message

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-4000:]

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            try:
                stream.close()  # type: ignore[union-attr]
            except BrokenPipeError:
                pass  # what it was to be told it does not need any more
