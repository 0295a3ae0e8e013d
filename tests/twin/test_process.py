"""The processes of the two sides end with whoever started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scratchnet.twin.options import TwinOptions
from scratchnet.twin.process import Side
from tests.support.twin_programs import run


def test_a_side_that_dies_is_named(capsys):
    Path("job.py").write_text("import os\nos.write(2, b'last words')\nos._exit(7)\n")
    assert run("--script", "job.py") == 1
    assert capsys.readouterr().err == "scratchnet ended early (exit code 7):\nlast words\n"


def children(process):
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True
    ).stdout
    return [int(pid) for pid in found.split()]


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_command(how):
    process = subprocess.Popen(
        [sys.executable, "-m", "scratchnet", "twin", "--epochs", "1000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job hands on SIGINT as ignored; a user's terminal does not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 60
    while len(children(process)) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    sides = children(process)
    assert len(sides) == 3
    time.sleep(1)
    os.kill(process.pid, how)
    _, error = process.communicate(timeout=60)
    while any(map(is_alive, sides)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, sides))
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert error == "Interrupted.\n"


def test_a_side_ends_with_whoever_started_it():
    side = Side("scratchnet", "scratchnet", TwinOptions(epochs=1000))
    side._process.stdin.close()
    assert side._process.wait(60) == 1
    side._process.stdin = None
    side._process.stdout.close()
    side._errors.close()
