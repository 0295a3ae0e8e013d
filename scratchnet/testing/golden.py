"""Golden files: what TensorFlow found of a program, to compare with where it is not installed."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.atomic_files import replacing
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.version import SCRATCHNET_VERSION


class GoldenError(ValueError):
    """A file that is no golden file; the message is the whole story."""


FORMAT = "scratchnet golden file 1"


@dataclass
class Golden:
    """What TensorFlow found, as a file keeps it: arrays, and one text that says what they are.

    Attributes:
        items: the arrays, by key.
        bounds: for each, what rounding explains, and TensorFlow's own spread.
        names: of the calls.
        witness: what it is, in words.
        origin: what it was recorded with: ``seed``, ``program`` (a digest of its text), and the
            versions of ``scratchnet`` and ``tensorflow``.  Files of before have none.
    """

    items: dict[str, Array]
    bounds: dict[str, tuple[float, float]]
    names: list[str]
    witness: str
    origin: dict[str, Any] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        keys = list(self.items)
        about = {
            "format": FORMAT,
            "witness": self.witness,
            "origin": self.origin,
            "calls": self.names,
            "items": keys,
            "bounds": [self.bounds[name] for name in keys],
        }
        arrays = {f"item{i}": self.items[name] for i, name in enumerate(keys)}
        with replacing(path) as part, open(part, "wb") as file:
            arrays["about"] = np.array(json.dumps(about))
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]

    @classmethod
    def read(cls, path: Path) -> Golden:
        """What a file holds.

        Raises:
            FileNotFoundError: it is not there.
            GoldenError: it was not written by `write`.
        """
        text = say("compare", "against", "must be a file that compare(…, record=FILE) wrote", path)
        if not path.is_file():
            why = "it is a folder" if path.is_dir() else "there is no such file"
            raise FileNotFoundError(f"{text}: {why}")
        try:
            with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
                about = json.loads(str(file["about"]))
                if about["format"] != FORMAT:
                    raise ValueError(about["format"])
                keys = about["items"]
                items = {name: file[f"item{i}"] for i, name in enumerate(keys)}
                bounds = {
                    name: (float(bound), float(spread))
                    for name, (bound, spread) in zip(keys, about["bounds"], strict=True)
                }
                calls, witness = list(about["calls"]), str(about["witness"])
                return cls(items, bounds, calls, witness, dict(about.get("origin", {})))
        except _UNREADABLE as error:
            if _is_damaged(path, error):
                text += f". It is damaged ({error}): record it anew, or fetch it once more"
            raise GoldenError(text) from error


_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, struct.error)
_UNREADABLE = (*_DAMAGED, ValueError, KeyError, TypeError, OSError, NotImplementedError)


def _is_damaged(path: Path, error: BaseException) -> bool:
    """Whether it begins as a file of NumPy's does, and cannot be unpacked."""
    if not isinstance(error, (*_DAMAGED, NotImplementedError)):
        return False
    with open(path, "rb") as file:
        return file.read(4) == b"PK\x03\x04"


def origin_of(program: Callable[..., Any], seed: int) -> dict[str, Any]:
    """What a file recorded now comes from: see `Golden`."""
    return {
        "seed": seed,
        "program": _digest(program),
        "scratchnet": SCRATCHNET_VERSION,
        "tensorflow": str(importlib.import_module("tensorflow").__version__),
    }


def _digest(program: Callable[..., Any]) -> str:
    """Of the text of a program; of one without a text, as from a prompt, nothing."""
    try:
        text = inspect.getsource(program)
    except (OSError, TypeError):
        return ""
    lines = [line.strip() for line in text.splitlines()]
    return hashlib.sha256("\n".join(line for line in lines if line).encode()).hexdigest()


def other_origin(golden: Golden, program: Callable[..., Any]) -> list[str]:
    """Why numbers may differ that are right: what the file was recorded with is not what runs."""
    origin, found = golden.origin, []
    digest = _digest(program)
    if origin.get("program") and digest and origin["program"] != digest:
        found.append(
            "the golden file was recorded from another program: the text of this one is not the "
            "same. If that is meant, record it anew"
        )
    if origin.get("scratchnet", SCRATCHNET_VERSION) != SCRATCHNET_VERSION:
        found.append(
            f"the golden file was recorded with scratchnet {origin['scratchnet']} and TensorFlow "
            f"{origin.get('tensorflow')}, and this is scratchnet "
            f"{SCRATCHNET_VERSION}"
        )
    return found
