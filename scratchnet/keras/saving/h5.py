"""Weights in HDF5: for each object of a model a group ``vars``, its variables by position.

    vars                       (attribute name="sequential")
    layers/dense/vars/0        the kernel    (attribute name="dense_7", the layer's real name)
    layers/dense/vars/1        the bias
    layers/dense_1/vars/0      …
    optimizer/vars/0           the step counter

Reading takes numbers only: no link is followed, no other file opened, no object made.
"""

from __future__ import annotations

import io
import math
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from scratchnet.keras.configs.limits import MIB
from scratchnet.keras.saving.saved_objects import join_path
from scratchnet.keras.saving.stored_arrays import ShapeOnly, Shapes, Stored, shapes_match

_GLOBAL_HEAP, _LOCAL_HEAP = b"GCOL\x01", b"HEAP\x00"  # what they begin with
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"  # what a file begins with
_LAYERS_THEN = "_layer_checkpoint_dependencies"  # what TensorFlow 2.12 and 2.13 called "layers"
Arrays = dict[str, Stored]  # path of an object -> position -> array


def write_h5(target: Any, arrays: Arrays, names: dict[str, str]) -> None:
    """Write `arrays` to `target`, a path or a binary file; `names` are those of the objects."""
    import h5py  # slow to import, and needed here only

    with h5py.File(target, "w") as file:
        for where, part in arrays.items():
            group = file.create_group(join_path(where, "vars"))
            group.attrs["name"] = names[where]
            for key, array in part.items():
                group[key] = array


def read_h5(source: Any, label: str, wanted: dict[str, Shapes]) -> Arrays:
    """The arrays of the objects that are `wanted`; none for those that the file does not have.

    Only the arrays of an object that all fit are read: a small file can hold huge ones.

    Args:
        source: a path or a binary file.
        label: what errors call it.
        wanted: by the path of each object the shapes of its variables.

    Raises:
        OSError: no readable HDF5 file.
        ValueError: links, other files' data, other things than numbers, sizes that are none.
    """
    import h5py

    with opened(source, label) as file:
        return {path: _variables(h5py, file, path, label, wanted[path]) for path in wanted}


@contextmanager
def opened(source: Any, label: str) -> Iterator[Any]:
    """The HDF5 file, to read from, after `check_heaps`; errors as of `explained`."""
    import h5py

    with explained(label):
        check_heaps(source)
        with h5py.File(source, "r") as file:
            yield file


@contextmanager
def explained(label: str) -> Iterator[None]:
    """Say of whatever h5py raises for a damaged file that `label` is one."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, RuntimeError, KeyError, MemoryError, OverflowError) as error:
        raise OSError(f"{label} is not a readable HDF5 file: {error}") from error


def check_heaps(source: Any) -> None:
    """Refuse a file in which HDF5 would go round for ever in a heap, or out of memory.

    Global heaps hold the texts of attributes: after a head of 16 bytes, objects of an index, a
    count of references and a size, with the bytes of the object behind.  The last one, of index 0,
    is the free space.  Where its size is 0, or a size wraps around at 2^64, HDF5 makes no step.

    An attribute says how long its text is (4 bytes), at which byte of the file the heap begins (8)
    and the index (4).  HDF5 takes memory for the length before it looks at the object's size.

    Local heaps hold the names in groups: after a head, version and reserved bytes (8 in all), the
    size of the data, the offset in it of its first free part, and its address (8 bytes each).  A
    free part begins with the offset of the next, which is 1 after the last.  HDF5 keeps each part,
    the same one again where one leads back to it.

    Args:
        source: a path or an `io.BytesIO`.

    Raises:
        OSError: there is such a heap, or a text longer than the file.
    """
    if isinstance(source, io.BytesIO):
        _check_heaps(source.getvalue())
        return
    with open(source, "rb") as file:
        if os.fstat(file.fileno()).st_size:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
                _check_heaps(raw)


def _check_heaps(raw: Any) -> None:
    _check_global_heaps(raw)
    _check_local_heaps(raw)


def _check_global_heaps(raw: Any) -> None:
    at = raw.find(_GLOBAL_HEAP)
    while at >= 0:
        if _is_endless(raw, at):
            raise OSError(f"the global heap at byte {at} has an object without an end")
        _check_texts(raw, at)
        at = raw.find(_GLOBAL_HEAP, at + 1)


def _check_local_heaps(raw: Any) -> None:
    """Refuse local heaps whose list of free parts has no end."""
    steps, at = 0, raw.find(_LOCAL_HEAP)
    while at >= 0:
        size, free, data = (
            int.from_bytes(raw[i : i + 8], "little") for i in range(at + 8, at + 32, 8)
        )
        seen: set[int] = set()
        while free != 1 and free + 16 <= size and data + free + 16 <= len(raw):
            steps += 1
            if free in seen or steps > len(raw):  # more than all parts of all heaps, side by side
                raise OSError(f"the local heap at byte {at} has free parts without an end")
            seen.add(free)
            free = int.from_bytes(raw[data + free : data + free + 8], "little")
        at = raw.find(_LOCAL_HEAP, at + 1)


def _check_texts(raw: Any, heap: int) -> None:
    """Refuse attributes whose text is in `heap` and said to be longer than the file.

    The same bytes may stand for something else: so these are at a multiple of 8, as in the headers
    of objects that h5py writes, and the index is that of an object in the heap.
    """
    address = heap.to_bytes(8, "little")
    indices = {index for _, index, _ in _objects(raw, heap)} - {0}
    at = raw.find(address, 4) if heap else -1
    while at >= 0:
        length, index = (int.from_bytes(raw[i : i + 4], "little") for i in (at - 4, at + 8))
        if length > len(raw) and index in indices and at % 8 == 4:
            rule = f"has an object of {length} bytes, more than the whole file"
            raise OSError(f"the global heap at byte {heap} {rule}")
        at = raw.find(address, at + 1)


def _objects(raw: Any, begin: int) -> Iterator[tuple[int, int, int]]:
    """(where, index, size) of the objects of the heap that begins there; endless heaps, too."""
    size = int.from_bytes(raw[begin + 8 : begin + 16], "little")
    at, end = 16, min(size, len(raw) - begin)
    while at + 16 <= end:
        head = raw[begin + at : begin + at + 16]
        index, length = (int.from_bytes(part, "little") for part in (head[:2], head[8:]))
        yield at, index, length
        at += _step(index, length)


def _step(index: int, length: int) -> int:
    """To the next object."""
    return (16 + (length + 7) // 8 * 8 if index else length) % 2**64


def _is_endless(raw: Any, begin: int) -> bool:
    """Whether a walk through the objects of the heap that begins there has no end."""
    for at, index, length in _objects(raw, begin):
        step = _step(index, length)
        if not step or at + step >= 2**63:
            return True
    return False


def _variables(h5py: Any, file: Any, path: str, label: str, shapes: Shapes) -> Stored:
    group = file
    for name in join_path(path, "vars").split("/"):
        name = _LAYERS_THEN if name == "layers" and _LAYERS_THEN in file else name
        if not isinstance(group, h5py.Group):
            raise ValueError(f"{label}: a group was expected above {name!r}, found {group}")
        group = child(h5py, group, name, label)
        if group is None:
            return {}
    if not isinstance(group, h5py.Group):
        raise ValueError(f"{label}: {path}/vars must be a group, found {group}")
    stored = {key: dataset_of_numbers(h5py, child(h5py, group, key, label), label) for key in group}
    is_wanted = shapes_match(shapes, stored)
    return {k: np.asarray(x[()]) if is_wanted else ShapeOnly(x.shape) for k, x in stored.items()}


def child(h5py: Any, group: Any, name: str, label: str) -> Any:
    """What is called `name` in `group`; None if nothing is.

    Raises:
        ValueError: it is a link, which may lead to another file.
    """
    link = group.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink):
        kind = type(link).__name__
        raise ValueError(f"{label}: Not allowed: H5 file with {kind} at {group.name}/{name}")
    return group[name]


def dataset_of_numbers(h5py: Any, data: Any, label: str) -> Any:
    """`data`, which must hold numbers.

    Raises:
        ValueError: it is no dataset, holds other things or says to be far larger than it is.
    """
    if not isinstance(data, h5py.Dataset):
        raise ValueError(f"{label}: Invalid H5 file, expected a Dataset, received {data}")
    reason = None
    if data.external or data.is_virtual:
        reason = "with data in other files"
    elif data.dtype.kind not in "biuf" or data.attrs.get("dtype") == "bfloat16":
        reason = f"with values of dtype {data.attrs.get('dtype', data.dtype)}, not plain numbers"
    elif data.shape is None:
        reason = "without a shape"
    else:
        size, stored = math.prod(data.shape) * data.dtype.itemsize, data.id.get_storage_size()
        if size > 64 * MIB and size > 1000 * stored:
            reason = f"of shape {data.shape}, of which {stored} bytes are stored"
    if reason is not None:
        raise ValueError(f"{label}: Not allowed: H5 dataset {data.name} {reason}")
    return data
