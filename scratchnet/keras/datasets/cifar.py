"""What the files of CIFAR-10 and CIFAR-100 have in common: pickles of 32 x 32 images in a tar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.keras.datasets.fetch import extract_archive, fetch
from scratchnet.keras.datasets.pickled import unpickled

_HOST = "https://www.cs.toronto.edu/~kriz"


def fetch_folder(name: str, origin: str, sha256: str, inner: str, files: list[str]) -> Path:
    """The folder with the unpacked `files`, where Keras has it.

    Args:
        name: of the folder in the cache; the archive is called ``name_archive`` there.
        origin: the name of the archive at its origin.
        sha256: its digest.
        inner: the folder in the archive.
        files: what it must hold.

    Raises:
        ConnectionError: the archive is not in the cache and cannot be fetched.
        ValueError: what was fetched is another file, or no archive of these.
    """
    archive = fetch(f"{name}_archive", f"{_HOST}/{origin}", sha256)
    folder = archive.with_name(name)
    if not all((folder / inner / file).is_file() for file in files):
        extract_archive(archive, folder, "tar")
    missing = [file for file in files if not (folder / inner / file).is_file()]
    if missing:
        raise ValueError(f"{archive}: must hold {inner}/{missing[0]}, which is missing")
    return folder / inner


def read_batch(path: Path, labels: str) -> tuple[Array, Array]:
    """The images (N, 32, 32, 3) of uint8 and the labels (N, 1) of one file.

    Raises:
        ValueError: it is no such file, or asks for anything but arrays.
    """
    with path.open("rb") as file:
        found = unpickled(file, str(path))
    data, values = _entry(found, "data"), _entry(found, labels)
    good = isinstance(data, np.ndarray) and data.dtype == np.uint8 and data.shape[1:] == (3072,)
    if not good or not isinstance(values, list) or len(values) != len(data):
        raise ValueError(
            f"{path}: must hold images of 3072 bytes under 'data' and as many labels under "
            f"{labels!r}: remove the folder to have it unpacked again"
        )
    images = data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), np.reshape(np.array(values), (-1, 1))


def _entry(found: Any, name: str) -> Any:
    return found.get(name.encode(), found.get(name)) if isinstance(found, dict) else None
