"""save_model and load_model: ``.keras`` files, a zip of three members, and HDF5, see `legacy_h5`.

metadata.json        which version of the format it is, and when it was written
config.json          its config, see `scratchnet.keras.configs`
model.weights.h5     its weights and the state of its optimizer, see `h5`
"""

from __future__ import annotations

import datetime
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from scratchnet.atomic_files import check_regular, replacing
from scratchnet.engine.errors import say
from scratchnet.engine.tracebacks import filters_tracebacks, warn
from scratchnet.keras.configs import shared_objects
from scratchnet.keras.configs.limits import MIB, memory_size, weights_within
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.initializers.postponed import postponing
from scratchnet.keras.saving import legacy_h5
from scratchnet.keras.saving.archive import CONFIG, METADATA, WEIGHTS, Archive, parsed, path_of
from scratchnet.keras.saving.h5 import HDF5_SIGNATURE, read_h5, write_h5
from scratchnet.keras.saving.mismatch_table import wanted_shapes
from scratchnet.keras.saving.revival import TOO_LARGE, naming, revived
from scratchnet.keras.saving.saved_objects import join_path, saved_objects
from scratchnet.keras.saving.weights import assign_all, check_overwrite, state_of
from scratchnet.version import KERAS_VERSION


@filters_tracebacks
def save_model(
    model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
) -> None:
    """Write all of `model` to one file: layers, weights, how it was compiled, the optimizer.

    Args:
        model: the model.
        filepath: ends in ``.keras``; in ``.h5`` or ``.hdf5`` for the format of before, which Keras
            still reads, too.
        overwrite: whether a file that exists is replaced.
        zipped: must be True or None.
        **kwargs: `include_optimizer`, False for an HDF5 file that says nothing of `compile`;
            `save_format`, which old programs give and which says nothing, the ending says all.

    Raises:
        ValueError: another ending; an unknown argument; a lambda in the model.
        FileExistsError: the file exists, with `overwrite` False. (Keras asks on the terminal.)
        NotImplementedError: a layer with arguments that are no plain values and without
            ``get_config``.
        TypeError: something in the model cannot be serialized.

    Reference: ``keras.saving.save_model``.
    """
    path = path_of("save_model", filepath)
    include_optimizer = _check_arguments(path, zipped, kwargs)
    check_overwrite("save_model", path, overwrite)
    if not model.built:
        warn(
            f"save_model: the model {model.name!r} is a model that has not yet been built, so its "
            "weights are not in the file; call it on data first"
        )
    # To memory first: HDF5 ends the whole process where the disk is full while it writes.
    file = io.BytesIO()
    if path.endswith(_HDF5):
        legacy_h5.write_model(file, model, include_optimizer)
        Path(path).parent.mkdir(parents=True, exist_ok=True)  # as Keras does for these files
        with replacing(Path(path)) as part:
            part.write_bytes(file.getbuffer())
        return
    config = json.dumps(_config_of(model))
    now = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    metadata = {"keras_version": KERAS_VERSION, "date_saved": now, "written_by": "scratchnet"}
    write_h5(file, *state_of(model))
    assets = {
        f"assets/{join_path(where, name)}": text
        for where, layer in _with_assets(model)
        for name, text in layer.saved_assets().items()
    }
    with replacing(Path(path)) as part, zipfile.ZipFile(part, "w") as archive:
        archive.writestr(METADATA, json.dumps(metadata))
        archive.writestr(CONFIG, config)
        archive.writestr(WEIGHTS, file.getvalue())
        for name, text in assets.items():
            archive.writestr(name, text)


def _check_arguments(path: str, zipped: bool | None, kwargs: dict[str, Any]) -> bool:
    """The argument `include_optimizer`."""
    include_optimizer = bool(kwargs.pop("include_optimizer", True))
    if not include_optimizer and not path.endswith(_HDF5):
        rule = "must be True: a model is saved whole; `save_weights` of a model never compiled"
        raise ValueError(say("save_model", "include_optimizer", f"{rule} has no optimizer", False))
    save_format = kwargs.pop("save_format", None)
    if kwargs:
        raise ValueError(
            f"save_model: The following argument(s) are not supported: {list(kwargs)} (the format "
            "follows from the ending of `filepath`)"
        )
    if not path.endswith((".keras", *_HDF5)):
        raise ValueError(
            "Invalid filepath extension for saving: " + say("save_model", "filepath", _ENDING, path)
        )
    if save_format:
        warn(
            "save_model: the ending of `filepath` alone says the format, `save_format` is not "
            f"looked at, received save_format={save_format!r}"
        )
    if zipped not in (None, True):
        raise ValueError(say("save_model", "zipped", "must be True or None here", zipped))
    return include_optimizer


_HDF5 = (".h5", ".hdf5")
_ENDING = "must end in '.keras' or '.h5'"


def _config_of(model: Any) -> Any:
    with shared_objects.numbering():
        return shared_objects.without_lone_numbers(serialize_keras_object(model))


@filters_tracebacks
def load_model(
    filepath: Any,
    custom_objects: dict[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """The model that `save_model`, here or in Keras, wrote: it goes on where that one stopped.

    No code from the file is run: it can only name classes and functions that are here already.
    HDF5 files are read as TensorFlow 1 and 2 and Keras 2 and 3 wrote them.

    What cannot be made of how the model was compiled refuses no file: the model is loaded without
    that metric, or uncompiled, with a warning that says what is missing.  A layer that is not here
    does; `load_weights` reads the weights of the same file into a model made in Python.

    Args:
        filepath: ends in ``.keras``, ``.h5`` or ``.hdf5``.
        custom_objects: your own classes and functions by name, if they are not registered; by the
            name ``"Lambda"``, or of a layer that is not here, one of yours that takes its place.
        compile: compile the model as the saved one was, with the state of its optimizer.
        safe_mode: changes nothing: with False, too, a Python lambda in the file is refused.

    Raises:
        ValueError: no such file, or no ``.keras`` or HDF5 file of a model; members that are damaged
            or refused; weights that do not fit the layers; a Python lambda.
        TypeError: a layer, or a function that it uses, that is neither Keras's nor yours.
        InvalidArgumentError: arguments that an op refuses.
        KeyError: no config.json in the file.
        FileNotFoundError: no such HDF5 file.
        OSError: damaged weights; no readable HDF5 file.

    Reference: ``keras.saving.load_model``.
    """
    path = path_of("load_model", filepath)
    _check_file(path)
    label = f"load_model: {path!r}"
    if path.endswith(_HDF5):
        return legacy_h5.read_model(path, label, custom_objects, compile)
    with Archive(path, label) as archive:
        config = archive.json(CONFIG)
        weights = archive.opened(WEIGHTS)
        texts = archive.texts("assets/")
    if not compile and isinstance(config, dict):
        config["compile_config"] = None
    limit = 64 * MIB + 8 * weights.getbuffer().nbytes
    with postponing():
        with naming(label, CONFIG), weights_within(limit, TOO_LARGE):
            model = revived(config, custom_objects, CONFIG)
        arrays = read_h5(weights, label, wanted_shapes(model))
        assign_all(model, arrays, label)
        for where, layer in _with_assets(model):
            layer.take_assets(texts.get(f"assets/{where}", {}))
    return model


def _with_assets(model: Any) -> list[tuple[str, Any]]:
    """The layers that keep texts beside the weights, such as a vocabulary, and their paths."""
    return [(where, held) for where, held in saved_objects(model) if hasattr(held, "take_assets")]


def _check_file(path: str) -> None:
    exists = Path(path).exists()
    if path.endswith(_HDF5):
        if not exists:
            raise FileNotFoundError(
                say("load_model", "filepath", "must be a file that exists", path)
            )
        check_regular("load_model", Path(path))
        return
    if not path.endswith(".keras") or Path(path).is_dir():
        raise ValueError(
            "File format not supported: "
            + say("load_model", "filepath", f"{_ENDING}; a SavedModel cannot be read", path)
        )
    if not exists:
        raise ValueError("File not found: " + say("load_model", "filepath", "must exist", path))
    check_regular("load_model", Path(path))
    with open(path, "rb") as file:
        if file.read(8) == HDF5_SIGNATURE:
            rule = "must be a zip file where it ends in '.keras'; this is HDF5: rename it to '.h5'"
            raise ValueError(say("load_model", "filepath", rule, path))


@filters_tracebacks
def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """A model made of what ``to_json`` returned, with new weights.

    Args:
        json_string: what ``to_json`` returned.
        custom_objects: your own classes and functions by name, if they are not registered.

    Raises:
        JSONDecodeError: it is no JSON.
        TypeError, ValueError: as of `load_model`; weights that would take more than half of the
            memory of this machine.

    Reference: ``keras.models.model_from_json``.
    """
    most = memory_size() // 2
    too_much = f"is one too many: together they take more than {most // MIB:,} MiB, half the memory"
    with naming("model_from_json", "`json_string`"), weights_within(most, too_much):
        config = parsed(json_string, "model_from_json: `json_string`")
        return revived(config, custom_objects, "`json_string`")


def refuse_export(filepath: Any, format: str) -> None:
    """What ``model.export`` does: it says what there is instead.

    Raises:
        ValueError: an unknown `format`.
        NotImplementedError: a known one.
    """
    known = ("tf_saved_model", "onnx", "openvino", "litert", "torch")
    if format not in known:
        raise ValueError(
            f"export: Unrecognized format={format}. Supported formats are: {list(known)}, in Keras"
        )
    raise NotImplementedError(
        f"export: a model cannot be written as {format!r} here; `save` it as '.keras', load that "
        f"in Keras and export it there; received filepath={filepath!r}"
    )
