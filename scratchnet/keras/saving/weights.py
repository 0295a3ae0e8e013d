"""save_weights and load_weights: files that Keras reads and writes, too.

Loading is all or nothing: if one object does not fit, none is changed.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from scratchnet.atomic_files import check_regular, replacing
from scratchnet.engine.errors import say
from scratchnet.engine.tracebacks import filters_tracebacks, warn
from scratchnet.keras.saving import legacy_h5
from scratchnet.keras.saving.archive import WEIGHTS, Archive, path_of
from scratchnet.keras.saving.h5 import Arrays, read_h5, write_h5
from scratchnet.keras.saving.mismatch_table import Failure, check_fit, mismatch_table, wanted_shapes
from scratchnet.keras.saving.npz import read_npz, write_npz
from scratchnet.keras.saving.saved_objects import saved_objects


@filters_tracebacks
def save_weights(
    model: Any, filepath: Any, overwrite: bool = True, max_shard_size: float | None = None
) -> None:
    """Write the weights of `model` and the state of its optimizer.

    Args:
        model: a model that is built.
        filepath: ends in ``.weights.h5`` (Keras's own layout: Keras reads it) or ``.npz``.
        overwrite: whether a file that exists is replaced.
        max_shard_size: must be None: all goes into one file.

    Raises:
        ValueError: another ending; the model is not built.
        FileExistsError: the file exists, with `overwrite` False.

    Reference: ``keras.saving.save_weights``.
    """
    path = path_of("save_weights", filepath)
    if max_shard_size is not None:
        raise ValueError(say("save_weights", "max_shard_size", "must be None here", max_shard_size))
    if not path.endswith((".weights.h5", ".npz")):
        raise ValueError(
            say("save_weights", "filepath", "must end in '.weights.h5' or '.npz'", path)
        )
    _check_built("save_weights", model)
    check_overwrite("save_weights", path, overwrite)
    arrays, names = state_of(model)
    # To memory first: HDF5 ends the whole process where the disk is full while it writes.
    file = io.BytesIO()
    if path.endswith(".npz"):
        write_npz(file, arrays)
    else:
        write_h5(file, arrays, names)
    with replacing(Path(path)) as part:
        part.write_bytes(file.getbuffer())


def check_overwrite(where: str, path: str, overwrite: bool) -> None:
    """Refuse to replace a file, if `overwrite` is False.

    Raises:
        FileExistsError: it exists.
    """
    if not overwrite and Path(path).exists():
        raise FileExistsError(f"{where}: {path} exists and overwrite=False was given")


def state_of(model: Any) -> tuple[Arrays, dict[str, str]]:
    """The arrays of all objects of `model`, and the names of the objects, by their paths."""
    arrays: Arrays = {}
    names: dict[str, str] = {}
    for where, saveable in saved_objects(model):
        names[where] = saveable.name
        saveable.save_own_variables(arrays.setdefault(where, {}))
    return arrays, names


@filters_tracebacks
def load_weights(
    model: Any,
    filepath: Any,
    skip_mismatch: bool = False,
    by_name: bool | None = None,
    **kwargs: Any,
) -> None:
    """Read what `save_weights` or `save_model` wrote, here or in Keras, of any version.

    Args:
        model: a model that is built.
        filepath: ends in ``.weights.h5``, ``.keras`` or ``.npz``; another ``.h5`` or ``.hdf5`` is
            of the format of before, a whole model or weights alone.
        skip_mismatch: leave objects (in an ``.h5``, weights) that do not fit as they are, with a
            warning.
        by_name: only for an ``.h5``: instead of giving the layers the weights in their order, give
            them to the layers that have the names in the file.

    Raises:
        ValueError: another ending; the model is not built; objects that do not fit (then nothing
            was changed); an unknown argument; a file with anything but weights.
        FileNotFoundError: there is no such file.
        OSError: the file is not readable, or is a folder, named pipe, socket or device.

    Reference: ``keras.saving.load_weights``.
    """
    path = path_of("load_weights", filepath)
    if kwargs:
        raise ValueError(
            f"load_weights: Invalid keyword arguments: {kwargs} (`objects_to_skip` is not "
            "supported; `skip_mismatch` and `by_name` are)"
        )
    label = f"load_weights: {path!r}"
    is_legacy = path.endswith((".h5", ".hdf5")) and not path.endswith(".weights.h5")
    if by_name is not None and not is_legacy:
        rule = "only supports loading legacy '.h5' or '.hdf5' files, here must be None"
        raise ValueError(f"{label}: {say('load_weights', 'by_name', rule, by_name)}")
    if not path.endswith((".h5", ".hdf5", ".npz", ".keras")):
        rule = "must end in '.weights.h5', '.keras', '.npz' or '.h5'"
        raise ValueError(say("load_weights", "filepath", rule, path))
    _check_built("load_weights", model)
    if not Path(path).exists():
        raise FileNotFoundError(say("load_weights", "filepath", "must be a file that exists", path))
    check_regular("load_weights", Path(path))
    if is_legacy or (path.endswith(".h5") and legacy_h5.has_layer_names(path, label)):
        legacy_h5.read_weights(model, path, label, bool(by_name), skip_mismatch)
        return
    wanted = wanted_shapes(model)
    if path.endswith(".npz"):
        arrays = read_npz(path, label, wanted)
    elif path.endswith(".keras"):
        with Archive(path, label) as archive:
            arrays = read_h5(archive.opened(WEIGHTS), label, wanted)
    else:
        arrays = read_h5(path, label, wanted)
    assign_all(model, arrays, label, skip_mismatch)


def _check_built(where: str, model: Any) -> None:
    if not model.built:
        raise ValueError(
            f"{where}: the model {model.name!r} is not built; call it on data, or `build` it"
        )


def assign_all(model: Any, arrays: Arrays, label: str, skip_mismatch: bool = False) -> None:
    """Give all objects of `model` their arrays; with one that does not fit, none of them.

    Args:
        model: the model.
        arrays: by the paths of the objects.
        label: what errors begin with.
        skip_mismatch: leave objects that do not fit as they are, with a warning.

    Raises:
        ValueError: objects that do not fit, listed in a table.
    """
    before = [
        (v, v._data) for _, saveable in saved_objects(model) for v in _all_variables(saveable)
    ]
    failures: list[Failure] = []
    for where, saveable in saved_objects(model):
        stored = arrays.get(where, {})
        mine = [(v, v._data) for v in _all_variables(saveable)]
        try:
            check_fit(saveable, stored)
            saveable.load_own_variables(stored)
        except Exception as error:  # whatever a `load_own_variables` of the user's raises
            _restore(mine)
            failures.append((where, saveable, stored, error))
    if not failures:
        return
    text = mismatch_table(label, failures)
    if skip_mismatch:
        warn(text)
        return
    _restore(before)
    raise ValueError(text)


def _all_variables(saveable: Any) -> list[Any]:
    return list(saveable.variables)


def _restore(values: list[tuple[Any, Any]]) -> None:
    # Assigning replaces the array of a variable and never writes into it.
    for variable, array in values:
        variable._data = array
