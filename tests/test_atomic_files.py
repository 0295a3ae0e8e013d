"""Files are replaced as a whole or not at all, by several threads too."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier

import pytest

from scratchnet.atomic_files import replacing
from tests.support.threads import CALLS, at_once


def test_replacing_keeps_the_old_file_if_anything_goes_wrong(tmp_path):
    path = tmp_path / "model.weights.h5"
    path.write_text("old")

    def interrupted():
        with replacing(path) as part:
            part.write_text("half")
            assert part.name.endswith(".weights.h5")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    with replacing(path) as part:
        part.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_threads_that_write_one_file_do_not_mix(tmp_path: Path) -> None:
    path, met = tmp_path / "a.txt", Barrier(CALLS, timeout=20)

    def write(i: int) -> Path:
        with replacing(path) as part:
            with part.open("w") as file:
                file.write(f"{i}" * 50)
                file.flush()
                met.wait()
                file.write(f"{i}" * 50)
            met.wait()
        return part

    assert len(set(at_once(write))) == CALLS
    assert path.read_text() in [f"{i}" * 100 for i in range(CALLS)]
    assert list(tmp_path.iterdir()) == [path]
