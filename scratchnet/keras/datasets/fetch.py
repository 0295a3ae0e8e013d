"""Files from the network, kept where Keras keeps them.

A file is looked for in ``$KERAS_HOME/datasets`` (``~/.keras/datasets`` without that variable), and
downloaded if it is not there or not what it should be.  Nothing waits long for a network that is
not there: everything up to the first byte, name look-up included, has one deadline.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from stat import S_ISDIR
from threading import Thread
from typing import Any
from urllib.error import HTTPError

from scratchnet.atomic_files import replacing
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.utils.lazy_rich import import_rich

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
PATIENCE = 5.0  # seconds to wait for the first byte, and then for each next one
CHUNK = 1 << 16


def keras_home() -> Path:
    """The folder in which Keras keeps its files."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()


def fetch(
    name: str,
    origin: str,
    digest: str | None = None,
    folder: str = "datasets",
    home: Path | None = None,
    again: bool = False,
) -> Path:
    """The path of the file `name` in the cache, downloaded from `origin` where it must be.

    Args:
        name: the name of the file, without folders.
        origin: its address.
        digest: that it must have, in hexadecimal: SHA-256, or MD5 with 32 digits.
        folder: where in the cache it lies.
        home: the cache; that of Keras if it is None.
        again: download it even if it is there.

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
    for place in (home or keras_home(), _spare_home()):
        path = place / folder / name
        if path.is_file() and not again and (place != _spare_home() or _is_ours(place)):
            if digest is None or _digest(path, digest) == digest:
                return path
            damaged = f"{path} is damaged (its {_algorithm(digest)[1]} is not {digest}) and "
    target = _writable_home(home or keras_home()) / folder / name
    try:
        _download(origin, target, digest)
    except ConnectionError as error:
        offline = not isinstance(error.__cause__, HTTPError) and not origin.startswith("file:")
        advice = f"; {'without a network, ' if offline else ''}put the file there by hand: {target}"
        raise type(error)(f"{damaged}{error}{advice}") from error
    except ValueError as error:
        raise ValueError(f"{damaged}{error}") from error
    return target


def _spare_home() -> Path:
    return Path(tempfile.gettempdir()) / ".keras"


def _is_ours(home: Path) -> bool:
    """Whether nobody but this user can have put files there: all may write to ``/tmp``."""
    if not hasattr(os, "getuid"):
        return True  # Windows: each user has such a folder of their own
    found = home.lstat()
    return S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022


def _writable_home(wanted: Path) -> Path:
    """The folder `wanted`, or one in the folder of temporary files where it cannot be written."""
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        if os.access(wanted, os.W_OK):
            return wanted
    except OSError:
        pass  # a home that cannot be made, as that of a system account
    home = _spare_home()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_ours(home):
        raise ConnectionError(
            f"{wanted} cannot be written, and others can write to {home}: set KERAS_HOME to "
            "a folder of your own"
        )
    return home


def _algorithm(digest: str) -> tuple[str, str]:
    """Which one made `digest`: its name for hashlib, and for people."""
    return ("md5", "MD5") if len(digest) == 32 else ("sha256", "SHA-256")


def _digest(path: Path, like: str) -> str:
    """The digest of the file at `path` by the algorithm that made `like`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, _algorithm(like)[0]).hexdigest()


def _download(origin: str, target: Path, digest: str | None) -> None:
    """Fetch `origin` into `target`, which appears whole or not at all."""
    answer = _ask(origin)
    target.parent.mkdir(parents=True, exist_ok=True)
    with answer, replacing(target) as part:
        with part.open("wb") as file:
            for data in _shown(origin, answer):
                file.write(data)
        if digest is not None and (found := _digest(part, digest)) != digest:
            raise ValueError(
                f"Incomplete or corrupted file detected. The {_algorithm(digest)[1]} of {origin} "
                f"must be {digest}, received {found}"
            )


def urlopen(origin: str, timeout: float) -> Any:
    """That of `urllib.request`, which a program that downloads nothing need not import."""
    from urllib.request import urlopen

    return urlopen(origin, timeout=timeout)


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
        if isinstance(answer, HTTPError):
            reason = f"{answer.code} -- {reason}"
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

    if hasattr(answer, "length"):
        size, got = answer.length, 0
    else:  # of ``file://``
        size, got = int(answer.headers["Content-Length"]), 0
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


def extract_archive(archive: Path, folder: Path, kind: str) -> bool:
    """Unpack the tar or zip file `archive` into `folder`, which appears whole or not at all.

    Members that reach out of the folder are left out, with a warning; no link is followed.

    Args:
        archive: the file.
        folder: what was unpacked there before is replaced.
        kind: ``"tar"`` or ``"zip"``.

    Returns:
        Whether it is an archive of that kind.

    Raises:
        ValueError: it is damaged.
    """
    is_kind = tarfile.is_tarfile if kind == "tar" else zipfile.is_zipfile
    if not is_kind(archive):
        return False
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as place:
        part = Path(place) / "part"
        part.mkdir()
        try:
            if kind == "tar":
                with tarfile.open(archive) as tar:
                    _extract(tar.getmembers(), part, _from_tar(tar))
            else:
                with zipfile.ZipFile(archive) as zipped:
                    _extract(zipped.infolist(), part, _from_zip(zipped))
        except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise ValueError(f"{archive} is damaged ({error})") from error
        if folder.exists():
            folder.rename(Path(place) / "old")
        part.rename(folder)
    return True


def _extract(members: list[Any], part: Path, write: Callable[[Any, Path], bool]) -> None:
    for member in members:
        name = getattr(member, "name", None) or member.filename
        target = part / name
        inside = Path(os.path.realpath(target)).is_relative_to(os.path.realpath(part))
        if not inside or not write(member, target):
            warn(f"Skipping invalid path during archive extraction: {name!r}.")


def _from_tar(tar: tarfile.TarFile) -> Callable[[Any, Path], bool]:
    def write(member: tarfile.TarInfo, target: Path) -> bool:
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
            return True
        data = tar.extractfile(member) if member.isfile() else None
        if data is None:  # a link, a device
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        with data, target.open("wb") as file:
            shutil.copyfileobj(data, file)
        return True

    return write


def _from_zip(zipped: zipfile.ZipFile) -> Callable[[Any, Path], bool]:
    def write(member: zipfile.ZipInfo, target: Path) -> bool:
        if member.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            return True
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipped.open(member) as data, target.open("wb") as file:
            shutil.copyfileobj(data, file)
        return True

    return write
