"""Weights in NumPy's own format: arrays called ``layers/dense/vars/0`` in a ``.npz`` file."""

from __future__ import annotations

import math
import zipfile
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.keras.configs.limits import MIB, UNZIPPING
from scratchnet.keras.saving.h5 import Arrays
from scratchnet.keras.saving.saved_objects import join_path
from scratchnet.keras.saving.stored_arrays import ShapeOnly, Shapes, shapes_match


def write_npz(target: BinaryIO, arrays: Arrays) -> None:
    """Write `arrays` to `target`, a binary file."""
    flat = {
        join_path(where, "vars", i): a for where, part in arrays.items() for i, a in part.items()
    }
    np.savez(target, **flat)  # names of arrays only


def read_npz(source: str, label: str, wanted: dict[str, Shapes]) -> Arrays:
    """The arrays in `source` of the objects that are `wanted`.

    Only the arrays of an object that all fit are read: a small file can hold huge ones.

    Args:
        source: the path.
        label: what errors call it.
        wanted: by the path of each object the shapes of its variables.

    Raises:
        OSError: no readable ``.npz`` file.
        ValueError: pickled objects, which are never loaded; other things than numbers; sizes that
            are none.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            found: dict[str, dict[str, zipfile.ZipInfo]] = {}
            shapes = {info: _check(archive, info, label) for info in archive.infolist()}
            for info in shapes:
                where, _, position = info.filename.removesuffix(".npy").rpartition("/")
                found.setdefault(where, {})[position] = info
            stored: Arrays = {}
            for path in wanted:
                infos = found.get(join_path(path, "vars"), {})
                stored[path] = {position: shapes[info] for position, info in infos.items()}
                if shapes_match(wanted[path], stored[path]):
                    stored[path] = {k: _read(archive, info) for k, info in infos.items()}
        return stored
    except FileNotFoundError:
        raise
    except (*UNZIPPING, OSError) as error:
        raise OSError(f"{label} is not a readable .npz file: {error}") from error


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    with archive.open(info) as file:
        try:
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
        except ValueError as error:
            raise OSError(f"the array {info.filename} is damaged: {error}") from error


def _check(archive: zipfile.ZipFile, info: zipfile.ZipInfo, label: str) -> ShapeOnly:
    """The shape of an array; one of other things than numbers or of a false size is refused."""
    if info.file_size > 64 * MIB and info.file_size > 1000 * info.compress_size:
        raise ValueError(f"{label}: the array {info.filename} has {info.file_size} bytes unpacked")
    with archive.open(info) as file:
        shape, dtype = _header(file)
        if dtype.hasobject:
            raise ValueError(
                f"{label}: the array {info.filename} holds pickled Python objects, which could run "
                "any code and are never loaded"
            )
        if dtype.kind not in "biuf":
            raise ValueError(
                f"{label}: Not allowed: the array {info.filename} holds values of dtype {dtype}, "
                "not plain numbers"
            )
        if file.tell() + math.prod(shape) * dtype.itemsize != info.file_size:
            raise OSError(f"the array {info.filename} says to be of shape {shape}, and is not")
    return ShapeOnly(shape)


def _header(file: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    try:
        version = np.lib.format.read_magic(file)
        reads = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        shape, _, dtype = reads[version](file)
    except (ValueError, KeyError, SyntaxError, TokenError) as error:  # a header is Python text
        raise OSError(str(error)) from error
    return shape, dtype
