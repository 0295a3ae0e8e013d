"""The members of a good file of a model, and files made of changed ones."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from scratchnet.keras.configs import limits
from tests.support.saved_models import read

CONFIG, WEIGHTS = "config.json", "model.weights.h5"


def small(tf: Any) -> Any:
    k = tf.keras
    return k.Sequential([k.Input((3,)), k.layers.Dense(2, name="d"), k.layers.Dense(1, name="e")])


def packed(path: Path, members: dict[str, bytes], mode: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", mode) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def load(path: Any, **kwargs: Any) -> Any:
    return lambda tf: read(tf, path, **kwargs)


def changed(members: dict[str, bytes], path: Path, change: Any) -> Path:
    """A file whose configuration `change` has worked on; it may return another one."""
    config = json.loads(members[CONFIG])
    config = change(config) or config
    return packed(path, {**members, CONFIG: json.dumps(config).encode()})


def of_layer(**parts: Any) -> Any:
    """Changes the description of the first Dense layer."""

    def change(config: Any) -> None:
        config["config"]["layers"][1].update(parts)

    return change


def argument(**parts: Any) -> Any:
    """Changes arguments of the first Dense layer."""

    def change(config: Any) -> None:
        config["config"]["layers"][1]["config"].update(parts)

    return change


def first(**parts: Any) -> Any:
    return lambda config: config["config"]["layers"][0]["config"].update(parts)


@contextmanager
def little_memory(limit: int = 16 * limits.MIB) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


def weights_file(path: Path, fill_in: Any) -> Path:
    with h5py.File(path, "w") as file:
        fill_in(file)
    return path


def good(file: Any) -> None:
    shapes = {"layers/dense": [(3, 2), (2,)], "layers/dense_1": [(2, 1), (1,)]}
    for where, parts in shapes.items():
        for i, shape in enumerate(parts):
            file[f"{where}/vars/{i}"] = np.full(shape, 0.5, np.float32)


def unchanged(model: Any, before: list[Any]) -> None:
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def huge(path: Path) -> None:
    """A file with an array far larger than itself in the place of a kernel."""
    zeros = np.zeros((3000, 3000), np.float32)
    if path.suffix == ".npz":
        np.savez_compressed(path, **{"layers/dense/vars/0": zeros, "layers/dense/vars/1": zeros[0]})
    else:
        with h5py.File(path, "w") as file:
            file.create_dataset("layers/dense/vars/0", data=zeros, compression="gzip")
            file["layers/dense/vars/1"] = zeros[0]
            file.create_dataset("elsewhere/vars/0", data=zeros, compression="gzip")
    assert path.stat().st_size < limits.MIB
