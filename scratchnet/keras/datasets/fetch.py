"""Files from the network, kept where Keras keeps them.

A file is looked for in ``$KERAS_HOME/datasets`` (``~/.keras/datasets`` without that variable), and
downloaded if it is not there or not what it should be.  Nothing waits long for a network that is
not there: everything up to the first byte, name look-up included, has one deadline.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from stat import S_ISDIR
from threading import Thread
from typing import Any
from urllib.request import urlopen

from scratchnet.atomic_files import replacing
from scratchnet.keras.utils.lazy_rich import import_rich

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
PATIENCE = 5.0  # seconds to wait for the first byte, and then for each next one
CHUNK = 1 << 16


def keras_home() -> Path:
    """The folder in which Keras keeps its files."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()


def fetch(name: str, origin: str, sha256: str | None = None, folder: str = "datasets") -> Path:
    """The path of the file `name` in the cache, downloaded from `origin` where it must be.

    Args:
        name: the name of the file, without folders.
        origin: its address.
        sha256: the digest that it must have, in hexadecimal.
        folder: where in the cache it lies.

    Raises:
        ValueError: `name` holds a folder; what came has another digest.
        ConnectionError: no answer, or the answer broke off.

    Reference: ``keras.utils.get_file``.
    """
    if not name or Path(name).name != name or name == "..":
        raise ValueError(
            "Paths are no longer accepted as the `fname` argument: it must be the name of a file, "
            f"received {name!r}"
        )
    damaged = ""
    for home in (keras_home(), _spare_home()):
        path = home / folder / name
        if path.is_file() and (home == keras_home() or _is_ours(home)):
            if sha256 is None or _digest(path) == sha256:
                return path
            damaged = f"{path} is damaged (its SHA-256 is not {sha256}) and "
    target = _writable_home() / folder / name
    try:
        _download(origin, target, sha256)
    except (ConnectionError, ValueError) as error:
        raise type(error)(f"{damaged}{error}") from error
    return target


def _spare_home() -> Path:
    return Path(tempfile.gettempdir()) / ".keras"


def _is_ours(home: Path) -> bool:
    """Whether nobody but this user can have put files there: all may write to ``/tmp``."""
    if not hasattr(os, "getuid"):
        return True  # Windows: each user has such a folder of their own
    found = home.lstat()
    return S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022


def _writable_home() -> Path:
    """Keras's folder, or one in the folder of temporary files where that one cannot be written."""
    try:
        keras_home().mkdir(parents=True, exist_ok=True)
        if os.access(keras_home(), os.W_OK):
            return keras_home()
    except OSError:
        pass  # a home that cannot be made, as that of a system account
    home = _spare_home()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_ours(home):
        raise ConnectionError(
            f"{keras_home()} cannot be written, and others can write to {home}: set KERAS_HOME to "
            "a folder of your own"
        )
    return home


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(origin: str, target: Path, sha256: str | None) -> None:
    """Fetch `origin` into `target`, which appears whole or not at all."""
    answer = _ask(origin)
    target.parent.mkdir(parents=True, exist_ok=True)
    with answer, replacing(target) as part:
        with part.open("wb") as file:
            for data in _shown(origin, answer):
                file.write(data)
        if sha256 is not None and (found := _digest(part)) != sha256:
            raise ValueError(
                f"Incomplete or corrupted file detected. The SHA-256 of {origin} must be {sha256}, "
                f"received {found}"
            )


def _ask(origin: str) -> Any:
    """The open answer to a request for `origin`.

    A thread asks, since looking up a name cannot be told when to stop; a late answer is dropped.
    """
    answers: SimpleQueue[Any] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(urlopen(origin, timeout=PATIENCE))
        except Exception as error:  # whatever it is, it is said by the thread that waits
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=PATIENCE)
    except Empty:
        answer = TimeoutError(f"no answer within {PATIENCE:g} seconds")
    if isinstance(answer, Exception):
        reason = getattr(answer, "reason", None) or answer
        raise ConnectionError(f"URL fetch failure on {origin}: {reason}") from answer
    return answer


def _shown(origin: str, answer: Any) -> Iterator[bytes]:
    """The body of `answer`, piece by piece, under a progress bar.

    Raises:
        ConnectionError: it breaks off, or is shorter than announced.
    """
    import_rich()
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    size, got = answer.length, 0
    columns = ("{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(f"Downloading {origin.rsplit('/', 1)[-1]}", total=size)
        try:
            while data := answer.read(CHUNK):
                yield data
                got += len(data)
                bar.update(task, completed=got)
        except OSError as error:
            raise ConnectionError(f"URL fetch failure on {origin}: {error}") from error
    if size is not None and got < size:
        raise ConnectionError(f"URL fetch failure on {origin}: {got} of {size} bytes came")
