"""The decorator of all kernels: threads, the cache on disk, numba's switches."""

from __future__ import annotations

import os
import subprocess
import sys
import timeit
from pathlib import Path

import numba
import numpy as np
import pytest
from numba import prange

from scratchnet.kernels.jit import Kernel, kernel

ROOT = Path(__file__).parents[2]

KERNELS = '''
"""Kernels to be compiled by another process."""
import threading
import numba
import numpy as np
from numba import prange
from scratchnet.kernels.jit import kernel

@kernel
def double(x):
    return x + x

@kernel(parallel=True)
def fill(x, value):
    for i in prange(x.size):
        x[i] = double(value)

def hits():
    return sum(double.jitted.stats.cache_hits.values())
'''


def run(folder: Path, program: str, **env: str) -> str:
    """What `program` prints, run beside `KERNELS` by a Python of its own; it must end well."""
    (folder / "kernels_of_a_test.py").write_text(KERNELS)
    path = os.pathsep.join([str(ROOT), str(folder)])
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"from kernels_of_a_test import *\n{program}"],
        env={**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": str(folder / "numba"), **env},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


# -- threads --------------------------------------------------------------------------------------

HAMMER = """
def work(value, nested):
    x = np.zeros(50_000)
    inner = [threading.Thread(target=work, args=(value + 10, False)) for _ in range(nested)]
    for thread in inner:
        thread.start()
    for _ in range(200):
        FILL(x, value)
        assert (x == 2 * value).all()
    for thread in inner:
        thread.join()
    done.append(value)

done = []
fill(np.zeros(2), 0.0)
threads = [threading.Thread(target=work, args=(float(i), True)) for i in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(done), numba.threading_layer())
"""


def test_threads_share_parallel_kernels(tmp_path: Path) -> None:
    program = HAMMER.replace("FILL", "fill")
    said = run(tmp_path, program, NUMBA_THREADING_LAYER="workqueue", NUMBA_NUM_THREADS="2")
    assert said == "[0.0, 1.0, 10.0, 11.0] workqueue\n"


def test_a_signal_handler_may_call_the_kernel_that_it_interrupts(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        "import signal\n"
        "calls = []\n"
        "def handler(*_):\n"
        "    fill(np.zeros(4), 1.0)\n"
        "    calls.append(1)\n"
        "signal.signal(signal.SIGALRM, handler)\n"
        "fill(np.zeros(4), 1.0)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)\n"
        "while len(calls) < 50:\n"
        "    fill(np.zeros(10_000), 1.0)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "print('done')",
        NUMBA_THREADING_LAYER="workqueue",
    )
    assert said == "done\n"


# -- the cache on disk ----------------------------------------------------------------------------

CALL = "print(double(1.5), hits())"


def test_a_second_process_loads_what_the_first_compiled(tmp_path: Path) -> None:
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    assert run(tmp_path, CALL, **cache) == "3.0 0\n"
    assert run(tmp_path, CALL, **cache) == "3.0 1\n"
    # Code compiled without the checks of indices must not serve a run that asks for them.
    assert run(tmp_path, CALL, NUMBA_BOUNDSCHECK="1", **cache) == "3.0 0\n"


def test_a_change_in_any_kernel_source_makes_the_cache_stale(tmp_path: Path) -> None:
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    edit = "import scratchnet.kernels.kernel_cache as c\nc._sources = lambda: 'edited'\n"
    assert run(tmp_path, CALL, **cache) == "3.0 0\n"
    assert run(tmp_path, edit + CALL, **cache) == "3.0 0\n"
    assert run(tmp_path, edit + CALL, **cache) == "3.0 1\n"


@pytest.mark.parametrize("locators", ["UserProvidedCacheLocator", ""])
def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path, locators: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "file" / "cache")}
    said = run(tmp_path, CALL, NUMBA_CACHE_LOCATOR_CLASSES=locators, **cache)
    assert said == "3.0 0\n"


def test_a_folder_that_goes_away_before_the_save_is_no_error(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    spoil = f"import shutil\nshutil.rmtree({str(cache)!r})\nopen({str(cache)!r}, 'w').close()\n"
    assert run(tmp_path, spoil + CALL, NUMBA_CACHE_DIR=str(cache)) == "3.0 0\n"


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flip(data: bytes) -> bytes:
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("pattern", ["*double*.nbi", "*double*.nbc"])
@pytest.mark.parametrize("damage", [_cut, _flip, lambda data: b"", lambda data: b"junk" * 99])
def test_a_damaged_file_is_compiled_again_and_mended(tmp_path, pattern, damage) -> None:
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    run(tmp_path, CALL, **cache)
    (path,) = (tmp_path / "cache").rglob(pattern)
    path.write_bytes(damage(path.read_bytes()))
    assert run(tmp_path, CALL, **cache) == "3.0 0\n"
    assert run(tmp_path, CALL, **cache) == "3.0 1\n"


def test_a_file_of_another_signature_is_not_used(tmp_path: Path) -> None:
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    run(tmp_path, "double(1.5); double(3)", **cache)
    first, second = sorted((tmp_path / "cache").rglob("*double*.nbc"))
    first.write_bytes(second.read_bytes())
    assert run(tmp_path, "print(double(1.5), double(3))", **cache) == "3.0 6\n"


# -- numba's switches, and calls ------------------------------------------------------------------


def test_without_jit_kernels_are_python_and_do_not_warn(tmp_path: Path) -> None:
    program = "x = np.zeros(3, np.uint64)\nfill(x, np.uint64(2**63 + 1))\nprint(x)"
    assert run(tmp_path, program, NUMBA_DISABLE_JIT="1") == "[2 2 2]\n"


def test_bounds_are_checked_on_request(tmp_path: Path) -> None:
    program = (
        "@kernel\n"
        "def read(x, i):\n"
        "    return x[i]\n"
        "try:\n"
        "    read(np.zeros(3), 7)\n"
        "except IndexError as error:\n"
        "    print('refused')"
    )
    assert run(tmp_path, program, NUMBA_BOUNDSCHECK="1") == "refused\n"


@kernel
def scale(x: np.ndarray, factor: float) -> None:
    """Times a factor, in place."""
    for i in range(x.size):
        x[i] *= factor


@kernel(parallel=True)
def scale_rows(x: np.ndarray, factor: float) -> None:
    for i in prange(x.shape[0]):
        scale(x[i], factor + i)


@numba.njit
def scale_both(x: np.ndarray) -> None:
    scale(x[0], 2.0)
    scale_rows(x, 1.0)


def test_kernels_call_kernels() -> None:
    x = np.ones((3, 2))
    scale_both(x)
    np.testing.assert_array_equal(x, [[2, 2], [2, 2], [3, 3]])


def test_a_kernel_says_what_it_is() -> None:
    assert isinstance(scale, Kernel)
    assert (scale.__name__, scale.__doc__) == ("scale", "Times a factor, in place.")
    assert not scale.parallel
    assert scale_rows.parallel


def test_nothing_is_assumed_about_inf_and_nan_and_nothing_raised() -> None:
    @kernel
    def divide(x: float, y: float) -> float:
        return x / y

    assert divide(1.0, 0.0) == np.inf
    assert np.isnan(divide(0.0, 0.0))


def test_a_call_costs_less_than_a_microsecond_more_than_numbas() -> None:
    x = np.ones(1)

    def seconds(f: object) -> float:
        return min(timeit.repeat(lambda: f(x, 1.0), number=2000, repeat=20)) / 2000

    scale(x, 1.0)
    assert seconds(scale) - seconds(scale.jitted) < 1e-6


# -- progress -------------------------------------------------------------------------------------

WATCHED = """
import io, sys
class Terminal(io.StringIO):
    isatty = lambda self: True
said = sys.stderr = Terminal()
double(1.0)
first = said.getvalue()
double(2.0)
print([first, said.getvalue() == first])
"""


def test_a_terminal_is_told_of_compiling_and_only_then(tmp_path):
    text, silent = eval(run(tmp_path, WATCHED))
    assert text.startswith("\r\x1b[Kscratchnet: compiling kernel 1, double")
    assert text.endswith("\r\x1b[K")  # the line goes away
    assert silent
    text, _ = eval(run(tmp_path, WATCHED))
    assert text == ""  # from the file of the first run
    assert run(tmp_path, "double(1)") == ""  # no terminal, no word
