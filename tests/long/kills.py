"""Processes killed with SIGKILL while they save in a loop: the old file or the new one, whole."""

from __future__ import annotations

import os
import signal
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import scratchnet as tf
from tests.long.forms import Form

NAMES = ("a.keras", "a.h5", "a.weights.h5", "a.npz")
WHOLE = ("a.keras", "a.h5")  # models
LONGEST = 0.08  # seconds from the first save to the kill: some saves of each kind


def model() -> Any:
    k = tf.keras
    made = k.Sequential([k.Input((20,)), k.layers.Dense(50), k.layers.Dense(3)])
    made.compile("adam", "mse")
    return made


def fill(made: Any, number: int) -> None:
    """All weights the same: a file that mixes two saves shows two numbers."""
    made.set_weights([np.full(w.shape, number, w.dtype) for w in made.get_weights()])


def save(made: Any, path: Path) -> None:
    made.save(path) if path.name in WHOLE else made.save_weights(path)


def number_in(made: Any, path: Path) -> int:
    """The number that all weights of the file are.

    Raises:
        ValueError: there is more than one.
    """
    if path.name in WHOLE:
        made = tf.keras.models.load_model(path)
    else:
        made.load_weights(path)
    found = {float(v) for w in made.get_weights() for v in np.unique(w)}
    if len(found) != 1:
        raise ValueError(f"weights of several saves: {sorted(found)}")
    return int(found.pop())


def save_for_ever(made: Any, path: Path, says: int) -> None:
    """Save 1, 2, 3, … and write each number when it is saved."""
    number = 1
    while True:
        fill(made, number)
        save(made, path)
        os.write(says, f"{number}\n".encode())
        number += 1


def killed(made: Any, path: Path, after: float) -> int:
    """The last number that a child had saved when it was killed, `after` its first."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reads)
            save_for_ever(made, path, writes)
        finally:
            os._exit(1)
    os.close(writes)
    with os.fdopen(reads) as lines:
        said = lines.readline()
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        said += lines.read()
    return int(said.split("\n")[-2])  # what stands before the last end of line


def run(form: Form) -> None:
    warnings.simplefilter("ignore", UserWarning)  # of optimizers that have no state yet
    made = model()
    for i in form.numbers():
        rng = form.rng(i)
        name = NAMES[int(rng.integers(len(NAMES)))]
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            last = killed(made, path, float(rng.uniform(0, LONGEST)))
            form.count("saves", last)
            form.count(f"kills while saving {name}")
            left = set(os.listdir(folder)) - {name}
            form.count("kills that left a part behind", bool(left))
            try:
                number = number_in(made, path)
            except Exception as error:
                form.found(i, "a file that is not whole", f"{name}: {error!r}")
                continue
            if number not in (last, last + 1):
                form.found(i, "a save lost", f"{name}: {number} in the file, {last} was saved")
            form.count("files with the save under way", number == last + 1)
            save(made, path)
            left = set(os.listdir(folder)) - {name}
            if left:
                form.found(i, "parts left after the next save", f"{name}: {sorted(left)}")
