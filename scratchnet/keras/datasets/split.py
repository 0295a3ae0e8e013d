"""An ``.npz`` file of training and test data, read as data and nothing else."""

from __future__ import annotations

import zipfile
from pathlib import Path
from tokenize import TokenError
from typing import BinaryIO, TypeAlias

import numpy as np

from scratchnet.atomic_files import check_regular
from scratchnet.engine.dtypes import Array
from scratchnet.keras.configs.limits import MIB, UNZIPPING

Split: TypeAlias = tuple[tuple[Array, Array], tuple[Array, Array]]
KEYS = ("x_train", "y_train", "x_test", "y_test")

# What NumPy and zipfile raise for files that are cut off, altered, encrypted or no archive at all.
DAMAGE = (*UNZIPPING, ValueError, KeyError, MemoryError, SyntaxError, TokenError)


def read_split(path: Path) -> Split:
    """The four arrays of the file `path`.

    Pickled objects are refused: reading them would run code from the file.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``, as they are stored.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it is no ``.npz`` file, is damaged, or lacks an array.
    """
    check_regular("read_split", path)
    try:
        arrays = _read(path)
    except DAMAGE as error:
        raise ValueError(f"{path}: not a readable .npz file ({error})") from error
    missing = [key for key in KEYS if key not in arrays]
    if missing:
        raise ValueError(
            f"{path}: must hold the arrays {', '.join(KEYS)}; missing: {', '.join(missing)}"
        )
    x_train, y_train, x_test, y_test = (arrays[key] for key in KEYS)
    return (x_train, y_train), (x_test, y_test)


def check_sizes(file: BinaryIO) -> None:
    """Refuse what is small on the disk and large in memory, before it is unpacked."""
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if info.file_size > 256 * MIB and info.file_size > 100 * info.compress_size:
                raise ValueError(
                    f"{info.filename} unpacks to {info.file_size} bytes from {info.compress_size}"
                )
    file.seek(0)


def _read(path: Path) -> dict[str, Array]:
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError("it is no zip archive, or is cut off")
        check_sizes(file)
        with np.load(file, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in KEYS if key in stored}
    for key, array in arrays.items():
        if not isinstance(array, np.ndarray):  # a file in the archive that NumPy did not write
            raise ValueError(f"{key} is no array")
    return arrays
