"""Commands in processes of their own, none of which outlives the test that started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 120  # seconds after which a command that says nothing has failed


class Launcher:
    """Starts ``python -m …`` in a folder; `close` ends whatever still runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []
        # The accelerators and the way of rounding are the test suite's (conftest.py).
        self.environment = os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
        self.environment.pop("TF_CONFIG", None)

    def start(self, *words: object, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", *map(str, words)],
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # so that its own children end with it
            # A shell's background job hands on SIGINT as ignored; a user's terminal does not.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        self.started.append(process)
        return process

    def close(self) -> None:
        for process in self.started:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.communicate()


def outcome(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """The exit code of a process, its output and its errors, when it has ended."""
    out, error = process.communicate(timeout=PATIENCE)
    return process.returncode, out, error


def done(process: subprocess.Popen[str]) -> str:
    """The output of a process that must end well."""
    code, out, error = outcome(process)
    assert code == 0, f"{process.args}\n{out}\n{error}"
    return out


def wait_until(condition, process: subprocess.Popen[str]) -> None:
    """Until `condition()` holds, which must be before the process ends."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens at."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports
