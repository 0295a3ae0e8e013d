"""get_file: a file from the network, kept in Keras's cache."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scratchnet.engine.errors import say
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.datasets.fetch import extract_archive, fetch, keras_home
from scratchnet.ops.arguments import one_of

_ALGORITHMS = {"sha256": 64, "md5": 32}  # and how many digits theirs have
_ARCHIVES: dict[Any, tuple[str, ...]] = {
    **{"auto": ("tar", "zip"), "tar": ("tar",), "zip": ("zip",), None: ()},
}


def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: Any = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """The path of a file in the cache, downloaded from `origin` if it is not there.

    It appears whole or not at all, and so does what is unpacked; members of an archive that reach
    out of their folder, and links, are left out.

    Args:
        fname: the name of the file in the cache, without folders; that in `origin` if not given.
        origin: its address.
        untar: an older form of ``extract=True, archive_format="tar"``.
        md5_hash: an older form of `file_hash`.
        file_hash: the digest that it must have, in hexadecimal: SHA-256 or MD5.
        cache_subdir: the folder in the cache; or an absolute path.
        hash_algorithm: ``"sha256"``, ``"md5"`` or ``"auto"``: as the length of `file_hash` says.
        extract: unpack the archive that it is, a tar or zip file.
        archive_format: ``"tar"``, ``"zip"``, ``"auto"`` for either, None for neither; or a list.
        cache_dir: the cache; ``$KERAS_HOME`` or ``~/.keras`` if not given.
        force_download: download it even if it is there.

    Returns:
        The path of the file; with `extract` that of the folder: ``a_extracted`` for ``a.tar.gz``,
        ``a`` for a name `fname` without an ending.

    Raises:
        ValueError: no `origin`; an `fname` with a folder; a digest or format of no such kind; what
            came has another digest.
        ConnectionError: it is not in the cache and cannot be fetched.

    Reference: ``keras.utils.get_file``.
    """
    if origin is None:
        raise ValueError(
            'Please specify the "origin" argument: '
            + say("get_file", "origin", "must be the address of the file", origin)
        )
    digest = _digest_of(md5_hash, file_hash, hash_algorithm)
    formats = ("tar",) if untar else _formats(archive_format)
    given = os.fspath(fname) if fname is not None else ""
    name = given or os.path.basename(urlsplit(origin).path)
    if not name:
        rule = "must be given: the address ends in no name of a file"
        raise ValueError(f"Can't parse the file name: {say('get_file', 'fname', rule, fname)}")
    home = keras_home() if cache_dir is None else Path(cache_dir).expanduser()
    target, folder = name, name
    if extract or untar:
        if given and "." in name:
            folder = f"{name[: name.find('.')]}_extracted"
        else:
            target = f"{name}_archive"
    path = fetch(target, origin, digest, os.fspath(cache_subdir), home, force_download)
    if not (extract or untar):
        return str(path)
    if not any(extract_archive(path, path.with_name(folder), kind) for kind in formats):
        warn("Could not extract archive.")
    return str(path.with_name(folder))


def _digest_of(md5_hash: Any, file_hash: Any, algorithm: Any) -> str | None:
    """The digest as text; None for none."""
    if file_hash is None and md5_hash is not None:
        file_hash, algorithm = md5_hash, "md5"
    if not one_of(algorithm, ("auto", *_ALGORITHMS)):
        rule = "must be 'auto', 'sha256' or 'md5'"
        raise ValueError(say("get_file", "hash_algorithm", rule, algorithm))
    if file_hash is None:
        return None
    sizes = _ALGORITHMS.values() if algorithm == "auto" else (_ALGORITHMS[algorithm],)
    if not isinstance(file_hash, str) or len(file_hash) not in sizes:
        rule = f"must have {' or '.join(map(str, sizes))} hexadecimal digits"
        raise ValueError(say("get_file", "file_hash", rule, file_hash))
    return file_hash.lower()


def _formats(given: Any) -> tuple[str, ...]:
    kinds = tuple(given) if isinstance(given, list | tuple) else _ARCHIVES.get(given)
    if kinds is None or not set(kinds) <= {"tar", "zip"}:
        rule = "must be 'auto', 'tar', 'zip', None or a list of them"
        raise ValueError(say("get_file", "archive_format", rule, given))
    return kinds
