"""Checkpoints: everything that a training needs to go on as if nothing had happened.

A checkpoint is one ``.npz`` file, which appears whole or not at all: the weights, the states of the
dropout layers and of the optimizer, how far the training is, and which training it is.  The order
of the images is not in it; it follows from the seed.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.atomic_files import replacing
from scratchnet.engine.dtypes import Array
from scratchnet.keras.datasets.split import DAMAGE

FILE = "checkpoint.npz"


@dataclass
class Progress:
    """How far a training is."""

    epoch: int = 0  # finished epochs
    step: int = 0  # finished steps of the next one
    loss: float = 0.0  # sum over the images of these steps
    hits: float = 0.0  # how many of them were recognized
    seconds: float = 0.0  # since the training began, without the time between two sittings
    history: dict[str, list[float]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"epoch {self.epoch + 1}, after {self.step} steps"


def save(
    path: Path, run: Mapping[str, Any], epochs: int, progress: Progress, arrays: list[Array]
) -> None:
    """Write a checkpoint.

    Args:
        path: of the file.
        run: what identifies the training; JSON can say it.
        epochs: how many it is to have.
        progress: how far it is.
        arrays: the values of its variables.
    """
    about = json.dumps({"run": dict(run), "epochs": epochs, "progress": asdict(progress)})
    named: dict[str, Any] = {f"variable_{i}": array for i, array in enumerate(arrays)}
    with replacing(path) as part, part.open("wb") as file:
        np.savez(file, about=np.array(about), **named)


def load(path: Path, run: Mapping[str, Any]) -> tuple[Progress, list[Array]]:
    """Read a checkpoint of the training `run`.

    Raises:
        OSError: there is none, or it cannot be read.
        ValueError: it is damaged, or of another training; the message says where they differ.
    """
    about, arrays = _read(path)
    wrong = [
        f"{name} {about['run'].get(name)}" for name in run if about["run"].get(name) != run[name]
    ]
    if wrong:
        raise ValueError(
            f"--resume must come with the options of the training that it goes on with; {path} is "
            f"of one with {', '.join(wrong)}"
        )
    return Progress(**about["progress"]), arrays


def is_unfinished(path: Path) -> bool:
    """Whether there is a checkpoint at `path`, and its training had more epochs before it.

    Raises:
        ValueError: it is damaged.
    """
    if not path.exists():
        return False
    about, _ = _read(path)
    return bool(about["progress"]["epoch"] < about["epochs"])


def _read(path: Path) -> tuple[dict[str, Any], list[Array]]:
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError("it is no zip archive, or is cut off")
            with np.load(file, allow_pickle=False) as stored:
                arrays = [stored[f"variable_{i}"] for i in range(len(stored) - 1)]
                return json.loads(str(stored["about"])), arrays
    except DAMAGE as error:
        raise ValueError(
            f"{path}: not a readable checkpoint ({error}): remove the file, or choose another --out"
        ) from error
