"""Where nothing goes away, a line every two seconds tells of compiling; a notebook's counts."""

from __future__ import annotations

import io
import sys
from types import ModuleType

import pytest

from scratchnet.kernels import kernel_cache


def test_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    seconds = iter([0.0, 1.0, 2.5, 3.0, 4.6])
    monkeypatch.setattr(kernel_cache.time, "monotonic", lambda: next(seconds))
    progress = kernel_cache._Progress()
    for name in "abcde":
        progress.tell(name)
        progress.clear()
    assert said.getvalue() == (
        "scratchnet: compiling kernel 3, c (kept for the next time)\n"
        "scratchnet: compiling kernel 5, e (kept for the next time)\n"
    )


def test_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    progress = kernel_cache._Progress()
    progress.tell("first")
    progress.clear()
    progress.tell("second")
    text = "scratchnet: compiling kernel {} (kept for the next time)"
    one, two = text.format("1, first"), text.format("2, second")
    assert said.getvalue() == f"\r{one}\r{' ' * len(one)}\r\r{two}"
