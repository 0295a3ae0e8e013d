"""Pickles of data sets, read as data: what else a pickle may do is refused.

CIFAR's files are pickles, and IMDB's and Reuters's arrays of lists are pickles inside an ``.npz``.
A pickle can call any function that Python can import; these call three of NumPy's.
"""

from __future__ import annotations

import io
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from scratchnet.atomic_files import check_regular
from scratchnet.engine.dtypes import Array
from scratchnet.keras.datasets.split import DAMAGE, check_sizes

_REMEDY = "remove it to have it fetched again"


class _Refused(pickle.UnpicklingError):
    """It asks for what no data set needs."""


class _Marker:
    """What stands in a pickle for the class of arrays, which is not to be called."""


def _reconstruct(cls: Any, shape: Any, dtype: Any) -> Array:
    """An array without elements: what is in it, and its shape, come after it in the pickle."""
    if cls is not _Marker:
        raise _Refused(f"an array of {cls!r}")
    return np.empty(0, "i1")


def _dtype(name: Any, *flags: Any) -> np.dtype[Any]:
    text = name.decode("latin1") if isinstance(name, bytes) else name
    if not isinstance(text, str) or not re.fullmatch(r"[biufO][1248]", text):
        raise _Refused(f"the dtype {name!r}")
    return np.dtype(text, copy=True)


_KNOWN: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _Marker,
    ("numpy", "dtype"): _dtype,
    **{
        (f"numpy.{core}.multiarray", "_reconstruct"): _reconstruct
        for core in ("core", "_core")  # of NumPy 1 and 2
    },
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """What a pickle may call.

        Raises:
            _Refused: it is not among it.
        """
        if (module, name) not in _KNOWN:
            raise _Refused(f"it asks for {module}.{name}, which no data set needs")
        return _KNOWN[module, name]


def unpickled(file: BinaryIO, label: str) -> Any:
    """What the pickle in `file` holds: arrays, numbers, text, and lists and dicts of them.

    Args:
        file: a pickle of Python 2 or 3.
        label: what errors call it.

    Raises:
        ValueError: it asks for anything but arrays, is cut off or altered.

    >>> unpickled(io.BytesIO(pickle.dumps({"a": [1, 2]})), "a file")
    {'a': [1, 2]}
    >>> unpickled(io.BytesIO(pickle.dumps(print)), "a file")
    Traceback (most recent call last):
    ValueError: a file: Not allowed: it asks for builtins.print, which no data set needs
    """
    try:
        return _Unpickler(file, encoding="bytes").load()
    except _Refused as error:
        raise ValueError(f"{label}: Not allowed: {error}") from error
    except Exception as error:  # a pickle that is altered may fail in any way
        what = f"{type(error).__name__}: {error}"
        raise ValueError(f"{label}: not a readable pickle ({what}): {_REMEDY}") from error


def read_npz(path: Path, *keys: str) -> list[Array]:
    """The arrays of those names in the ``.npz`` file at `path`; arrays of lists, too.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it is damaged, lacks an array, or asks for anything but arrays.
    """
    check_regular("read_npz", path)
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError("it is no zip archive, or is cut off")
            check_sizes(file)
            with zipfile.ZipFile(file) as archive:
                return [_array(archive, key, path) for key in keys]
    except DAMAGE as error:
        if str(error).startswith(f"{path}"):
            raise ValueError(str(error)) from error
        raise ValueError(f"{path}: not a readable .npz file ({error}): {_REMEDY}") from error


def _array(archive: zipfile.ZipFile, key: str, path: Path) -> Array:
    name = f"{key}.npy"
    if name not in archive.namelist():
        raise ValueError(f"{path}: must hold the array {key}, which is missing: {_REMEDY}")
    file = io.BytesIO(archive.read(name))
    version = np.lib.format.read_magic(file)
    first = version == (1, 0)
    header = np.lib.format.read_array_header_1_0 if first else np.lib.format.read_array_header_2_0
    shape, _, dtype = header(file)
    if not dtype.hasobject:
        file.seek(0)
        return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
    found = unpickled(file, f"{path}: {key}")
    if not isinstance(found, np.ndarray) or found.shape != shape:
        raise ValueError(f"{path}: {key} is no array of shape {shape}: {_REMEDY}")
    return found
