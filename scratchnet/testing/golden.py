"""Golden files: what TensorFlow found of a program, to compare with where it is not installed."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scratchnet.atomic_files import replacing
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say


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
    """

    items: dict[str, Array]
    bounds: dict[str, tuple[float, float]]
    names: list[str]
    witness: str

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        keys = list(self.items)
        about = {
            "format": FORMAT,
            "witness": self.witness,
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
        if not path.is_file():
            raise FileNotFoundError(
                say("compare", "against", "must be a file that compare(…, record=FILE) wrote", path)
            )
        try:
            with np.load(path, allow_pickle=False) as file:
                about = json.loads(str(file["about"]))
                if about["format"] != FORMAT:
                    raise ValueError(about["format"])
                keys = about["items"]
                items = {name: file[f"item{i}"] for i, name in enumerate(keys)}
                bounds = {
                    name: (float(bound), float(spread))
                    for name, (bound, spread) in zip(keys, about["bounds"], strict=True)
                }
                return cls(items, bounds, list(about["calls"]), str(about["witness"]))
        except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise GoldenError(
                say("compare", "against", "must be a file that compare(…, record=FILE) wrote", path)
            ) from error
