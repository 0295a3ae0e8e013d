"""Limits on the memory that a config from a file may ask for: a small file must not take all."""

from __future__ import annotations

import lzma
import math
import os
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MIB = 2**20
# What zipfile and its decompressors raise for archives that are cut off, altered or encrypted.
UNZIPPING = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    struct.error,
    OverflowError,
    UnicodeDecodeError,
)
_SIZES = 2**28  # the most numbers that one sample may have
_KEYS = ("input_shape", "batch_shape", "batch_input_shape", "build_input_shape", "shapes_dict")
_TRIAL = 128 * MIB  # the most bytes that one trial call of a layer may be given
_TRIALS = 32 * _TRIAL  # and all of them together
_CALLS = 2**16  # the most layers in models in models whose output shapes are asked for


class _Limit(threading.local):
    left: int | None = None  # bytes that variables may still take; None: no limit
    excess = ""  # what is said of the variable that takes more
    trials_left = 0
    calls_left: int | None = None  # None: no limit


_LIMIT = _Limit()


@contextmanager
def weights_within(limit: int, excess: str) -> Iterator[None]:
    """In this context all new variables together may take `limit` bytes, and trials their share.

    Args:
        limit: bytes.
        excess: what the error says of the variable that takes more, ``"is …"``.

    Raises (by `take` and `take_trial`):
        ValueError: they take more.
    """
    outer = _LIMIT.left, _LIMIT.excess, _LIMIT.trials_left
    _LIMIT.left, _LIMIT.excess, _LIMIT.trials_left = limit, excess, _TRIALS
    try:
        yield
    finally:
        _LIMIT.left, _LIMIT.excess, _LIMIT.trials_left = outer


def memory_size() -> int:
    """The bytes of memory that this machine has; 16 GiB where it does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 2**34


@contextmanager
def calls_within() -> Iterator[None]:
    """In this context the layers inside of models are asked only so often for their output shapes.

    A model that calls another one twice, which calls a third one twice, and so on, asks the last of
    forty a million million times, and takes a few lines of a config.

    Raises (by `take_call`):
        ValueError: they are asked more often.
    """
    outer, _LIMIT.calls_left = _LIMIT.calls_left, _CALLS
    try:
        yield
    finally:
        _LIMIT.calls_left = outer


def take_call(name: str) -> None:
    """Note that the layer `name` of a model inside another one is asked for its output shape.

    Raises:
        ValueError: the models together ask too often.
    """
    if _LIMIT.calls_left is None:
        return
    _LIMIT.calls_left -= 1
    if _LIMIT.calls_left < 0:
        raise ValueError(
            f"the models inside call one another more than {_CALLS:,} times, received another call "
            f"of the layer {name!r}"
        )


def take(shape: Any, itemsize: int, path: str) -> None:
    """Note that a variable of that shape will be made.

    Raises:
        ValueError: no room is left for it.
    """
    if _LIMIT.left is None:
        return
    _LIMIT.left -= math.prod(shape) * itemsize
    if _LIMIT.left < 0:
        raise ValueError(f"the weight {path} of shape {tuple(shape)} {_LIMIT.excess}")


def take_trial(size: int, name: str) -> None:
    """Note that the layer `name` will be called on made-up data of `size` bytes.

    Raises:
        ValueError: that is too much, or no room is left for it.
    """
    if _LIMIT.left is None:
        return
    _LIMIT.trials_left -= size
    if size > _TRIAL or _LIMIT.trials_left < 0:
        raise ValueError(
            f"the tensors of the layer {name!r} are too large to find out by a trial what it "
            "returns; if it is your own, give it a `compute_output_shape`"
        )


def as_shape(value: Any) -> Any:
    """The shape that a file holds as a list, or a list or dict of shapes, with tuples again.

    Raises:
        ValueError: negative or huge sizes; something that is no shape.
    """
    if isinstance(value, dict):
        return {key: as_shape(part) for key, part in value.items()}
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise ValueError(f"a shape must be a list of sizes, received {value!r}")
    if any(isinstance(part, list | tuple | dict) for part in value):
        return [as_shape(part) for part in value]
    for size in value:
        if size is not None and (type(size) is not int or size < 0):
            raise ValueError(f"a shape must hold no such size as {size!r}, received {value}")
    if math.prod(size for size in value if size) > _SIZES:
        raise ValueError(f"a shape must not be as large as {value}")
    return tuple(value)


def check_shapes(config: Any) -> None:
    """Refuse a configuration with shapes that are none.

    Raises:
        ValueError: as `as_shape`.
    """
    if isinstance(config, dict):
        for key, part in config.items():
            if key in _KEYS and isinstance(part, list | tuple | dict):
                as_shape(part)
            check_shapes(part)
    elif isinstance(config, list | tuple):
        for part in config:
            check_shapes(part)
