"""The threads of parallel kernels, and processes that are forked while there are some."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import scratchnet.kernels
from scratchnet.kernels import threads
from scratchnet.kernels.jit import Kernel

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")

KERNELS = '''
"""Kernels to be compiled by another process."""
import multiprocessing, os, signal, sys, threading
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

def work(value):
    x = np.zeros(10_000)
    for _ in range(20):
        fill(x, value)
        assert (x == 2 * value).all()
    return value

def forked(work):
    """Whether a forked child, which has a minute, does it and ends well."""
    child = os.fork()
    if not child:
        signal.alarm(60)
        try:
            work(3.0)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0
'''

LAYERS = [
    "omp",
    "workqueue",
    pytest.param(
        "tbb", marks=pytest.mark.skipif(not threads.load_tbb(), reason="needs the package tbb")
    ),
]


def run(folder: Path, layer: str, program: str) -> str:
    """What `program` prints, run beside `KERNELS` on a threading layer; it must end well."""
    (folder / "kernels_of_a_test.py").write_text(KERNELS)
    result = subprocess.run(
        [sys.executable, "-c", f"from kernels_of_a_test import *\n{program}"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), str(folder)]),
            "NUMBA_THREADING_LAYER": layer,
            "NUMBA_NUM_THREADS": "2",
        },
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("layer", LAYERS)
def test_a_forked_child_computes(tmp_path: Path, layer: str) -> None:
    said = run(
        tmp_path,
        layer,
        "before = forked(work)\n"  # the threads are started in the child
        "work(1.0)\n"
        "print(before, forked(work), forked(lambda x: forked(work) or 1 / 0), work(2.0))\n"
        "print(numba.threading_layer())",
    )
    assert said == f"True True True 2.0\n{layer}\n"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_pool_of_forked_processes_computes(tmp_path: Path, layer: str) -> None:
    said = run(
        tmp_path,
        layer,
        "work(1.0)\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    print(pool.map_async(work, [1.0, 2.0, 3.0]).get(timeout=60), work(4.0))",
    )
    assert said == "[1.0, 2.0, 3.0] 4.0\n"


@pytest.mark.parametrize("layer", LAYERS)
def test_any_thread_may_fork_while_others_compute(tmp_path: Path, layer: str) -> None:
    said = run(
        tmp_path,
        layer,
        "work(1.0)\n"
        "going = True\n"
        "def compute():\n"
        "    while going:\n"
        "        work(1.0)\n"
        "other = threading.Thread(target=compute)\n"
        "other.start()\n"
        "found = [forked(work) for _ in range(5)]\n"
        "forking = threading.Thread(target=lambda: found.extend(forked(work) for _ in range(5)))\n"
        "forking.start()\n"
        "forking.join()\n"
        "going = False\n"
        "other.join()\n"
        "print(all(found), len(found))",
    )
    assert said.splitlines()[-1] == "True 10"


@pytest.mark.skipif(not threads.load_tbb(), reason="needs the package tbb")
def test_on_tbb_a_child_has_no_threads_while_another_thread_could_use_them(tmp_path: Path) -> None:
    """TBB cannot end its threads before such a fork, and a child hangs in one of some hundreds."""
    said = run(
        tmp_path,
        "tbb",
        "from scratchnet.kernels.threads import THREADS, UNUSABLE, USABLE\n"
        "def alone(x):\n"
        "    assert THREADS.state is UNUSABLE\n"
        "    work(x)\n"
        "def together(x):\n"
        "    assert THREADS.state is USABLE\n"
        "    work(x)\n"
        "work(1.0)\n"
        "found = [forked(together)]\n"
        "entered, going = threading.Event(), threading.Event()\n"
        "other = threading.Thread(target=lambda: (work(1.0), entered.set(), going.wait()))\n"
        "other.start()\n"
        "entered.wait()\n"
        "found.append(forked(alone))\n"
        "going.set()\n"
        "other.join()\n"
        "found.append(forked(together))\n"
        "print(found)",
    )
    assert said.splitlines()[-1] == "[True, True, True]"


TRAINING = """
import scratchnet as tf

def train(_):
    tf.keras.utils.set_random_seed(1)
    layers = tf.keras.layers
    model = tf.keras.Sequential([
        tf.keras.Input((12, 12, 3)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(128, 12, 12, 3)).astype(np.float32), rng.integers(0, 10, 128)
    model.fit(x, y, batch_size=64, epochs=2, verbose=0)
    return [w.tobytes() for w in model.get_weights()]

first = train(0)
with multiprocessing.get_context("fork").Pool(1) as pool:
    print(pool.map_async(train, [0]).get(timeout=150) == [first])
"""


def test_a_child_forked_after_a_training_trains_to_the_same_bits(tmp_path: Path) -> None:
    assert run(tmp_path, "omp", TRAINING) == "True\n"


def test_no_parallel_kernel_calls_another() -> None:
    # The serial form of the outer one would have to call the serial form of the inner one.
    parallel = []
    for module in pkgutil.iter_modules(scratchnet.kernels.__path__, "scratchnet.kernels."):
        names = vars(importlib.import_module(module.name))
        parallel += [x for x in names.values() if isinstance(x, Kernel) and x.parallel]
    assert len(parallel) > 10
    for outer in parallel:
        called = [outer.py_func.__globals__.get(x) for x in outer.py_func.__code__.co_names]
        # (`erf` calls `math.erf`, which has its own name.)
        others = [x for x in called if isinstance(x, Kernel) and x is not outer]
        assert not [x for x in others if x.parallel], outer


@pytest.mark.skipif(sys.platform != "linux", reason="TBB is looked for on Linux")
def test_a_damaged_library_is_not_loaded(tmp_path, monkeypatch) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "libtbb.so.12").write_bytes(b"no library")
    for name in ("prefix", "base_prefix"):
        monkeypatch.setattr(threads.sys, name, str(tmp_path))
    monkeypatch.setattr(threads.site, "getuserbase", lambda: str(tmp_path / "none"))
    assert not threads.load_tbb()
