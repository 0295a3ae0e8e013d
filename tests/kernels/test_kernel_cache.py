"""The folder of compiled kernels: where it is, and what is said where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest
from numba.core import config

from scratchnet.kernels import kernel_cache
from scratchnet.kernels.kernel_cache import cache_folder

ROOT = Path(__file__).parents[2]
MODULE = """
from scratchnet.kernels.jit import kernel

@kernel
def double(x):
    return x + x

@kernel
def half(x):
    return x / 2

def hits():
    return sum(double.jitted.stats.cache_hits.values())
"""
CALL = "from kernels_of_a_test import *; print(double(1.5), half(1.0), hits())"


def run(folder: Path, program: str = CALL, **env: str) -> tuple[str, str]:
    """What `program` writes to its two outputs, with the module above in `folder`."""
    folder.mkdir(exist_ok=True)
    (folder / "kernels_of_a_test.py").write_text(MODULE)
    kept = {k: v for k, v in os.environ.items() if k not in {"NUMBA_CACHE_DIR", "XDG_CACHE_HOME"}}
    path = os.pathsep.join([str(ROOT), str(folder)])
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**kept, "PYTHONPATH": path, **env},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout, result.stderr


def compiled(folder: Path) -> set[str]:
    return {p.relative_to(folder).parts[0] for p in folder.rglob("*.nb[ci]")}


# -- where ----------------------------------------------------------------------------------------

LAST = f"scratchnet/numba-{numba.__version__}"


@pytest.mark.parametrize(
    ("platform", "env", "expected"),
    [
        ("linux", {}, "home/.cache"),
        ("linux", {"XDG_CACHE_HOME": "/xdg"}, "/xdg"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "home/.cache"),
        ("darwin", {"XDG_CACHE_HOME": "/xdg"}, "home/Library/Caches"),
        ("win32", {}, "home/AppData/Local"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local"),
    ],
)
def test_the_folder_is_the_users_cache_folder(monkeypatch, tmp_path, platform, env, expected):
    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.setattr(kernel_cache.sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == tmp_path / expected / LAST


def test_numbas_own_variable_goes_before(monkeypatch, tmp_path):
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path


def test_kernels_are_kept_there_and_nowhere_else(tmp_path):
    sources, cache = tmp_path / "sources", tmp_path / "cache"
    assert run(sources, XDG_CACHE_HOME=str(cache)) == ("3.0 0.5 0\n", "")
    assert compiled(cache) == {"scratchnet"}
    assert not compiled(sources)
    assert run(sources, XDG_CACHE_HOME=str(cache)) == ("3.0 0.5 1\n", "")
    # Another copy of the same sources has files of its own.
    assert run(tmp_path / "copy", XDG_CACHE_HOME=str(cache)) == ("3.0 0.5 0\n", "")
    assert len(list((cache / LAST).iterdir())) == 2


def test_importing_writes_nothing(tmp_path):
    run(tmp_path / "sources", "import scratchnet", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert not (tmp_path / "cache").exists()


def test_processes_may_compile_the_same_kernel_at_one_moment(tmp_path):
    (tmp_path / "kernels_of_a_test.py").write_text(MODULE)
    env = os.environ | {
        "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)]),
    }
    started = [
        subprocess.Popen([sys.executable, "-c", CALL], env=env, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert all(p.communicate(timeout=300)[0].startswith("3.0 0.5 ") for p in started)
    assert run(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "cache")) == ("3.0 0.5 1\n", "")


# -- where there is none --------------------------------------------------------------------------


def test_a_folder_that_cannot_be_written_is_told_of_once(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    out, error = run(tmp_path / "sources", XDG_CACHE_HOME=str(tmp_path / "file"))
    assert out == "3.0 0.5 0\n"
    assert error.count("\n") == 1
    assert error.startswith("scratchnet: compiled kernels cannot be kept ([Errno ")
    assert str(tmp_path / "file") in error
    assert error.endswith("NUMBA_CACHE_DIR names another folder.\n")
    assert not compiled(tmp_path)


def test_a_user_without_a_home_is_told_the_same(tmp_path):
    homeless = (
        "from pathlib import Path\ndef home(): raise RuntimeError('no home')\nPath.home = home\n"
    )
    out, error = run(tmp_path, homeless + CALL)
    assert out == "3.0 0.5 0\n"
    assert error.count("\n") == 1
    assert "cannot be kept (no home)" in error


def test_kernels_typed_at_a_prompt_are_not_kept_and_nobody_expects_it(tmp_path):
    program = (
        "from scratchnet.kernels.jit import kernel\n"
        "def triple(x): return 3 * x\n"
        "print(kernel(triple)(2))"
    )
    assert run(tmp_path / "sources", program, XDG_CACHE_HOME=str(tmp_path / "cache")) == ("6\n", "")
    assert not (tmp_path / "cache").exists()
