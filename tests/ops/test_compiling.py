"""What is said of kernels that are compiled in a work of known parts."""

from __future__ import annotations

import sys

import pytest

from scratchnet.kernels import kernel_cache
from scratchnet.ops.compiling import in_parts


def test_the_part_is_said_and_forgotten(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    progress = kernel_cache._Progress()
    monkeypatch.setattr(kernel_cache, "_PROGRESS", progress)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    progress._told_at = -1e9  # long ago: the next line is shown
    in_parts("warmup", [lambda: progress.tell("a"), lambda: None])
    assert capsys.readouterr().err == (
        "scratchnet: compiling kernel 1, a, part 1 of 2 of warmup (kept for the next time)\n"
    )
    with pytest.raises(ZeroDivisionError):
        in_parts("warmup", [lambda: 1 // 0])
    progress._told_at = -1e9
    progress.tell("b")
    assert capsys.readouterr().err == (
        "scratchnet: compiling kernel 2, b (kept for the next time)\n"
    )
