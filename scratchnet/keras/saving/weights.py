"""save_weights and load_weights: files that Keras reads and writes, too.

A ``.weights.h5`` file is a tree of groups. Each object's variables lie in ``vars``, by position;
the layers of a Sequential under ``layers``, named by their class in snake case and numbered, other
layers under the name of the attribute that holds them:

    vars                       (attribute name="sequential")
    layers/dense/vars/0       the kernel    (attribute name="dense_7", the layer's real name)
    layers/dense/vars/1       the bias
    layers/dense_1/vars/0     …
    optimizer/vars/0          the step counter

A ``.npz`` file holds the same arrays by the same paths.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.files import replacing
from scratchnet.keras.layers.state import State
from scratchnet.keras.naming import to_snake_case

Arrays = dict[str, dict[str, Array]]  # path of an object -> position -> array


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write the weights of `model` and the state of its optimizer; see `Model.save_weights`."""
    path = _checked_path(filepath)
    if not model.built:
        raise ValueError(
            f"save_weights: the model {model.name!r} is not built; call it on data, or `build` it"
        )
    if not overwrite and Path(path).exists():
        raise FileExistsError(f"save_weights: {path} exists and overwrite=False was given")
    objects = list(_objects(model, ""))
    arrays: Arrays = {}
    for where, thing in objects:
        thing.save_own_variables(arrays.setdefault(where, {}))
    names = {where: thing.name for where, thing in objects}
    if path.endswith(".npz"):
        flat = {
            _joined(where, "vars", i): a for where, part in arrays.items() for i, a in part.items()
        }
        with replacing(Path(path)) as part:
            np.savez(part, **flat)  # type: ignore[arg-type]  # names of arrays only
    else:
        with replacing(Path(path)) as part:
            _write_h5(part, arrays, names)


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False) -> None:
    """Read weights into `model`, and the state of its optimizer; see `Model.load_weights`."""
    path = _checked_path(filepath, loading=True)
    if not model.built:
        raise ValueError(
            f"load_weights: the model {model.name!r} is not built; call it on data, or `build` it"
        )
    if not Path(path).exists():
        raise FileNotFoundError(say("load_weights", "filepath", "must be a file that exists", path))
    arrays = _read_npz(path) if path.endswith(".npz") else _read_h5(path)
    failed: list[tuple[Any, Exception]] = []
    for where, thing in _objects(model, ""):
        try:
            thing.load_own_variables(arrays.get(where, {}))
        except (ValueError, KeyError) as error:
            failed.append((thing, error))
    if failed:
        _report(failed, skip_mismatch)


def _checked_path(filepath: Any, loading: bool = False) -> str:
    path = os.fspath(filepath)
    if path.endswith((".weights.h5", ".npz")):
        return str(path)
    if loading:
        raise ValueError(
            say("load_weights", "filepath", "must end in '.weights.h5' or '.npz'", path)
        )
    raise ValueError(say("save_weights", "filepath", "must end in '.weights.h5' or '.npz'", path))


def _report(failed: list[tuple[Any, Exception]], warn_only: bool) -> None:
    told = "\n".join(f"  {thing!r}: {error}" for thing, error in failed)
    text = f"load_weights: {len(failed)} objects could not be loaded:\n{told}"
    if not warn_only:
        raise ValueError(text)
    warnings.warn(text, stacklevel=4)


# -- which objects there are, and their paths -----------------------------------------------------


def _objects(holder: Any, path: str) -> Iterator[tuple[str, Any]]:
    """`holder` and all that it holds: (path, layer or optimizer), each once, in Keras's order."""
    seen: set[int] = set()
    yield from _walk(holder, path, seen)


def _walk(thing: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(thing) in seen:
        return
    seen.add(id(thing))
    yield path, thing
    for name, value in thing.held() if isinstance(thing, State) else ():
        if isinstance(value, State) or _is_optimizer(value):
            yield from _walk(value, _joined(path, name), seen)
        elif isinstance(value, list | tuple | dict):
            yield from _walk_parts(value, _joined(path, name), seen)


def _walk_parts(container: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """The layers in a list or dict, named by their classes and numbered."""
    counts: dict[str, int] = {}
    for part in container.values() if isinstance(container, dict) else container:
        inner = isinstance(part, list | tuple | dict)
        if not inner and not isinstance(part, State):
            continue
        name = "container" if inner else to_snake_case(type(part).__name__)
        count = counts.get(name, 0)
        counts[name] = count + 1
        walk = _walk_parts if inner else _walk
        yield from walk(part, _joined(path, f"{name}_{count}" if count else name), seen)


def _is_optimizer(value: Any) -> bool:
    return hasattr(value, "save_own_variables") and hasattr(value, "apply_gradients")


def _joined(*parts: str) -> str:
    return "/".join(part for part in parts if part)


# -- files ----------------------------------------------------------------------------------------


def _write_h5(path: Path, arrays: Arrays, names: dict[str, str]) -> None:
    import h5py  # slow to import, and needed here only

    with h5py.File(path, "w") as file:
        for where, part in arrays.items():
            group = file.create_group(_joined(where, "vars"))
            group.attrs["name"] = names[where]
            for i, array in part.items():
                group[i] = array


def _read_h5(path: str) -> Arrays:
    import h5py

    found: Arrays = {}

    def visit(name: str, thing: Any) -> None:
        if isinstance(thing, h5py.Dataset):
            _enter(found, name, np.asarray(thing[()]))

    try:
        with h5py.File(path, "r") as file:
            file.visititems(visit)
    except OSError as error:
        raise OSError(f"load_weights: {path!r} is not a readable .weights.h5 file") from error
    return found


def _read_npz(path: str) -> Arrays:
    found: Arrays = {}
    with np.load(path) as file:
        for name in file.files:
            _enter(found, name, file[name])
    return found


def _enter(found: Arrays, name: str, array: Array) -> None:
    """``layers/dense/vars/0`` is array "0" of the object ``layers/dense``."""
    where, _, position = name.rpartition("/")
    found.setdefault(where.removesuffix("vars").removesuffix("/"), {})[position] = array
