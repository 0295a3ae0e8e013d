"""Weights in NumPy's own format: arrays called ``layers/dense/vars/0`` in a ``.npz`` file."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.keras.saving.h5 import Arrays
from scratchnet.keras.saving.limits import MIB
from scratchnet.keras.saving.tree import joined


def write_npz(target: Path, arrays: Arrays) -> None:
    """Write `arrays` to `target`."""
    flat = {joined(where, "vars", i): a for where, part in arrays.items() for i, a in part.items()}
    np.savez(target, **flat)  # type: ignore[arg-type]  # names of arrays only


def read_npz(source: str, label: str) -> Arrays:
    """The arrays in `source`.

    Raises:
        OSError: no readable ``.npz`` file.
        ValueError: pickled objects, which are never loaded; sizes that are none.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            for info in archive.infolist():
                _check(archive, info, label)
        found: Arrays = {}
        with np.load(source, allow_pickle=False) as file:
            for name in file.files:
                where, _, position = name.rpartition("/")
                owner = where.removesuffix("vars").removesuffix("/")
                found.setdefault(owner, {})[position] = file[name]
        return found
    except FileNotFoundError:
        raise
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise OSError(f"{label} is not a readable .npz file: {error}") from error


def _check(archive: zipfile.ZipFile, info: zipfile.ZipInfo, label: str) -> None:
    """Refuse an array of objects, and one that says to be larger than it is."""
    if info.file_size > 64 * MIB and info.file_size > 1000 * info.compress_size:
        raise ValueError(f"{label}: the array {info.filename} has {info.file_size} bytes unpacked")
    with archive.open(info) as file:
        shape, dtype = _header(file)
        if dtype.hasobject:
            raise ValueError(
                f"{label}: the array {info.filename} holds pickled Python objects, which could run "
                "any code and are never loaded"
            )
        if file.tell() + math.prod(shape) * dtype.itemsize != info.file_size:
            raise OSError(f"the array {info.filename} says to be of shape {shape}, and is not")


def _header(file: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    try:
        version = np.lib.format.read_magic(file)
        reads = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        shape, _, dtype = reads[version](file)
    except (ValueError, KeyError) as error:
        raise OSError(str(error)) from error
    return shape, dtype
