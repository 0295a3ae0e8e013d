"""Files that appear whole or not at all: permissions, links, full disks, kills, threads."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.atomic_files import check_regular, replacing, uninterrupted
from tests.support.threads import CALLS, at_once


def write(path, text="new"):
    with replacing(path) as part:
        part.write_text(text)


def test_permissions_of_the_old_file_stay(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    for mode in (0o600, 0o640, 0o666, 0o755):
        path.chmod(mode)
        write(path)
        assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == "new"


def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.txt")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_a_symbolic_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    target, link, dangling = tmp_path / "real" / "a.txt", tmp_path / "link", tmp_path / "dangling"
    target.write_text("old")
    link.symlink_to(target)
    dangling.symlink_to(tmp_path / "real" / "b.txt")
    write(link)
    write(dangling)
    assert link.is_symlink()
    assert dangling.is_symlink()
    assert target.read_text() == (tmp_path / "real" / "b.txt").read_text() == "new"
    assert sorted(os.listdir(tmp_path / "real")) == ["a.txt", "b.txt"]


def test_the_longest_name_that_a_file_may_have(tmp_path):
    path = tmp_path / ("ä" * 125 + ".json")
    write(path)
    assert os.listdir(tmp_path) == [path.name]


KILLED = """
import sys
from pathlib import Path
from scratchnet.atomic_files import replacing
with replacing(Path(sys.argv[1])) as part:
    part.write_text("half")
    print("written", flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    process.stdout.readline()
    assert len(os.listdir(tmp_path)) == 2
    write(tmp_path / "b.txt")  # which is another file's
    write(path, "mine")  # while it lives, its part stays
    assert len(os.listdir(tmp_path)) == 3
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert path.read_text() == "mine"
    write(path)
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "b.txt"]


FULL = """
import resource, sys
import scratchnet as tf
model = tf.keras.Sequential([tf.keras.Input((50,)), tf.keras.layers.Dense(100)])
model.compile("adam", "mse")
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))  # the file system takes no more
try:
    getattr(model, sys.argv[1])(sys.argv[2])
except OSError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("method", "name"),
    [("save_weights", "a.weights.h5"), ("save_weights", "a.npz"), ("save", "a.keras")],
)
def test_a_full_disk_is_an_error_that_names_the_path(method, name, tmp_path):
    path = tmp_path / name
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", FULL, method, str(path)], capture_output=True, text=True, check=True
    )
    assert str(path) in done.stdout
    assert ".part" not in done.stdout
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [name]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_an_error_that_names_the_path(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=r"a\.txt'$") as caught:
        write(tmp_path / "a.txt")
    assert ".part" not in str(caught.value)


def test_a_folder_that_is_not_there_is_an_error_that_names_the_path(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing/a\.txt'$"):
        write(tmp_path / "missing" / "a.txt")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(IsADirectoryError, match=r"a\.txt"):
        write(tmp_path / "a.txt")
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
@pytest.mark.parametrize("ending", [".keras", ".h5", ".weights.h5"])
def test_a_named_pipe_is_not_replaced_by_a_file(ending, tmp_path):
    pipe, link = tmp_path / f"pipe{ending}", tmp_path / f"link{ending}"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    save = model.save_weights if "weights" in ending else model.save
    for path in (pipe, link):
        with pytest.raises(OSError, match=rf"device, not a file.*{path.name}"):
            save(path)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert sorted(tmp_path.iterdir()) == sorted([pipe, link])


def test_an_error_of_the_block_leaves_nothing_behind(tmp_path):
    def fail():
        with replacing(tmp_path / "a.txt") as part:
            part.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["a.weights.h5", "a.keras", "a.npz"])
def test_a_named_pipe_is_no_file_to_load(name, tmp_path):
    path = tmp_path / name
    os.mkfifo(path)
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    with pytest.raises(OSError, match="named pipe"):
        model.load_weights(path)
    if name == "a.keras":
        with pytest.raises(OSError, match="named pipe"):
            tf.keras.models.load_model(path)
    with pytest.raises(OSError, match="named pipe"):
        check_regular("here", path)
    check_regular("here", Path(__file__))
    check_regular("here", tmp_path / "missing")


def test_what_is_saved_can_be_read_back(tmp_path):
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    for name in ("a.weights.h5", "a.npz"):
        before = model.get_weights()
        model.save_weights(tmp_path / name)
        model.set_weights([w + 1 for w in before])
        model.load_weights(tmp_path / name)
        for was, now in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(was, now)


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


def test_ctrl_c_waits_for_what_belongs_together(tmp_path: Path) -> None:
    done: list[str] = []
    before = signal.getsignal(signal.SIGINT)

    def interrupted() -> None:
        with uninterrupted():
            done.append("first")
            signal.raise_signal(signal.SIGINT)
            done.append("second")
        done.append("after")

    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert done == ["first", "second"]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        with uninterrupted():
            pass
        with pytest.raises(ZeroDivisionError), uninterrupted():
            print(1 / 0)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_are_not_interrupted_anyway() -> None:
    before = signal.getsignal(signal.SIGINT)
    found: list[object] = []

    def other() -> None:
        with uninterrupted():
            found.append(signal.getsignal(signal.SIGINT))

    thread = Thread(target=other)
    thread.start()
    thread.join()
    assert found == [before]
