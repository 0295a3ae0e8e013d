"""Files that appear whole or not at all, and files that are read only if they are files."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_HOST = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
_LONGEST = 255  # bytes of a file's name, on all common file systems


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; when the block ends well, that file takes the place of `path`.

    Whatever goes wrong inside — an error, a full disk, Ctrl-C — leaves `path` as it was, and a
    process that is killed leaves a file that the next one to write there removes.  The new file has
    the permissions of the old one; where `path` is a symbolic link, its target is replaced.

    Raises:
        OSError: as of the block, naming `path` instead of the file that is written to; `path` is a
            folder, named pipe, socket or device.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "a.txt") as part:
    ...         _ = part.write_text("all of it")
    ...     (Path(folder) / "a.txt").read_text()
    'all of it'
    """
    target = Path(os.path.realpath(path))
    # In the same folder, so that the last step is a rename; with the same ending, by which some
    # writers know their format.
    mark = f".part-{_HOST}-{os.getpid()}-{threading.get_ident()}-"
    part = target.with_name(mark + _end(target.name, _LONGEST - len(mark)))
    try:
        _remove_orphans(target)
        if target.is_dir():
            raise IsADirectoryError(21, "Is a directory", str(path))
        if target.exists() and not target.is_file():  # the rename would take its place
            raise OSError(22, "Is a named pipe, socket or device, not a file", str(path))
        _create_like(target, part)
        yield part
        os.replace(part, target)
    except OSError as error:
        # Nobody knows the name of the part, and a full disk names no file: say the one asked for.
        if error.errno is not None and error.filename in (None, part, str(part)):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Within it Ctrl-C is put off to its end, so that steps that belong together are all done.

    Outside of the main thread, which Python interrupts alone, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
    if came and callable(before):
        before(*came[-1])


def _end(name: str, size: int) -> str:
    """The end of `name` that takes no more than `size` bytes."""
    while len(os.fsencode(name)) > size:
        name = name[1:]
    return name


def _create_like(target: Path, part: Path) -> None:
    """Make `part`, empty, with the permissions of `target` if that exists."""
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    if target.exists():
        part.chmod(mode)  # whatever the umask took away


def _remove_orphans(target: Path) -> None:
    """Remove what processes of this machine that are no more have left of `target`."""
    pattern = re.compile(rf"\.part-{_HOST}-(\d+)-\d+-(.+)")
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(target.parent)):
            found = pattern.fullmatch(entry.name)
            if found and target.name.endswith(found[2]) and not _is_alive(int(found[1])):
                os.unlink(entry.path)


def _is_alive(pid: int) -> bool:
    if os.name == "nt":
        return True  # there `kill` would end it; such files stay
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is somebody else's
    return True


def check_regular(where: str, path: Path) -> None:
    """Refuse what is there but is no file: reading a pipe or a device may never end.

    Raises:
        OSError: a folder, named pipe, socket or device.
    """
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "a named pipe, socket or device"
        raise OSError(f"{where}: must be a file, received {str(path)!r}, which is {kind}")
