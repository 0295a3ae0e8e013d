"""Whole models and their weights in HDF5, as TensorFlow 1 and 2 and Keras 2 and 3 write them.

    (attributes)     keras_version, backend, model_config and training_config, which are JSON
    model_weights    (attribute layer_names)
        dense        (attribute weight_names): the weights of a layer, those of an inner model too
    optimizer_weights                          (attribute weight_names)

A file of weights alone has what is in ``model_weights``. A weight is found by its position in these
lists, or by the name of its layer; the names of the weights themselves say nothing.
"""

from __future__ import annotations

import json
import math
import os
import re
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from scratchnet.engine.tracebacks import warn
from scratchnet.keras import losses, metrics
from scratchnet.keras.configs.limits import MIB, weights_within
from scratchnet.keras.configs.lookup import OPERATIONS, OTHER_OPERATIONS
from scratchnet.keras.configs.old_layouts import inner_configs
from scratchnet.keras.configs.registration import CustomObjectScope, all_custom_objects
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.initializers.postponed import postponing
from scratchnet.keras.saving.archive import parsed
from scratchnet.keras.saving.h5 import child, dataset_of_numbers, opened
from scratchnet.keras.saving.revival import TOO_LARGE, naming, revived
from scratchnet.keras.saving.stored_arrays import Shape
from scratchnet.version import KERAS_VERSION

_MODEL, _OPTIMIZER, _TOP = "model_weights", "optimizer_weights", "top_level_model_weights"
_LONGEST = 64512  # bytes of an attribute; longer lists are several of them
# How to use a file whose model cannot be made.
_WITHOUT = "`load_weights` reads its weights into a model made in Python, by_name=True those of it"


class _Stored(NamedTuple):
    """An array in the file: where it is, and its shape."""

    path: str
    shape: Shape


Layout = list[tuple[str, list[_Stored]]]  # layer -> its weights, in their order
Plan = list[tuple[Any, _Stored]]  # variable -> the array that it gets


# -- writing ---------------------------------------------------------------------------------------


def write_model(target: Any, model: Any, include_optimizer: bool) -> None:
    """Write all of `model` to `target`, a binary file.

    Raises:
        TypeError, ValueError: something in the model cannot be serialized.
    """
    import h5py  # slow to import, and needed here only

    config = {"class_name": type(model).__name__, "config": _old_config(model.get_config())}
    optimizer = model.optimizer if include_optimizer and model.compiled else None
    with h5py.File(target, "w") as file:
        file.attrs["backend"], file.attrs["keras_version"] = "tensorflow", KERAS_VERSION
        file.attrs["model_config"] = json.dumps(config).encode()
        if optimizer is not None:
            file.attrs["training_config"] = json.dumps(_training_config(model)).encode()
        weights = file.create_group(_MODEL)
        _write_names(weights, "layer_names", [layer.name for layer in model.layers])
        weights.attrs["backend"] = b"tensorflow"
        weights.attrs["keras_version"] = KERAS_VERSION.encode()
        for layer in model.layers:
            _write_arrays(weights.create_group(layer.name), _weights(layer))
        _write_arrays(weights.create_group(_TOP), model._own_variables())
        if optimizer is not None:
            _write_arrays(file.create_group(_OPTIMIZER), optimizer.variables)


def _weights(layer: Any) -> list[Any]:
    """The weights in the order of these files: those of an inner model, too, trainable ones first.

    Counters of random generators are not among them.
    """
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _write_arrays(group: Any, variables: Iterable[Any]) -> None:
    arrays: dict[str, Any] = {}
    for variable in variables:
        path, count = variable.path, 1
        while path in arrays:
            path, count = f"{variable.path}_{count}", count + 1
        arrays[path] = variable.numpy()
    _write_names(group, "weight_names", list(arrays))
    for path, array in arrays.items():
        group.create_dataset(path, data=array)


def _write_names(group: Any, attribute: str, names: list[str]) -> None:
    coded = [name.encode() for name in names]
    data = np.asarray(coded)
    parts = 1
    while any(part.nbytes > _LONGEST for part in np.array_split(data, parts)):
        parts += 1
    if parts == 1:
        group.attrs[attribute] = coded
        return
    for i, part in enumerate(np.array_split(data, parts)):
        group.attrs[f"{attribute}{i}"] = part


def _old_config(config: Any) -> Any:
    """The config of a model in the form of these files: its layers say no module."""
    config = serialize_keras_object(config)
    if isinstance(config.get("layers"), list):
        config["layers"] = [_old_layer(layer) for layer in config["layers"]]
    return config


def _old_layer(data: Any) -> Any:
    # An operator such as ``+`` keeps its module: without it Keras takes it for a layer.
    if not isinstance(data, dict) or data.get("module") in (OPERATIONS, *OTHER_OPERATIONS):
        return data
    graph = {key: data[key] for key in ("name", "inbound_nodes") if key in data}
    config = data.get("config")
    if isinstance(config, dict) and "layers" in config:
        config = _old_config(config)
    return {
        "class_name": data.get("registered_name") or data["class_name"],
        "config": config,
        **graph,
    }


def _training_config(model: Any) -> dict[str, Any]:
    config = {key: _old_object(part) for key, part in model.get_compile_config().items()}
    # Keras reads no "mse" there, which it writes, but the name of the function itself.
    config["loss"] = _each_name(config.get("loss"), _loss_function)
    optimizer = config.pop("optimizer", None)
    return {**config, "optimizer_config": optimizer}


def _each_name(part: Any, change: Callable[[str], Any]) -> Any:
    """`part`, names and configs of losses or metrics, with `change` of each name."""
    if isinstance(part, list | tuple):
        return [_each_name(x, change) for x in part]
    if isinstance(part, dict) and "class_name" not in part:
        return {key: _each_name(x, change) for key, x in part.items()}
    return change(part) if isinstance(part, str) else part


def _loss_function(name: str) -> str:
    found = losses.LOSSES.table.get(name)
    return found.__name__ if isinstance(found, types.FunctionType) else name


def _metric_class(name: str) -> Any:
    """A metric by the name of its class, as Keras calls it after loading such a file."""
    found = metrics.METRICS.table.get(name)
    by_shapes = name in ("accuracy", "acc", "crossentropy", "ce")  # which class it is
    if by_shapes or not isinstance(found, type) or name in all_custom_objects(None):
        return name
    return {"class_name": found.__name__, "config": {}}


def _old_object(part: Any) -> Any:
    """Losses, metrics and their like in the form of these files: a function is its name."""
    if isinstance(part, list | tuple):
        return [_old_object(x) for x in part]
    if not isinstance(part, dict):
        return part
    if "class_name" not in part:
        return {key: _old_object(x) for key, x in part.items()}
    if part["class_name"] == "function":
        return part["config"]
    name = part.get("registered_name") or part["class_name"]
    return {"class_name": name, "config": part["config"]}


# -- reading ---------------------------------------------------------------------------------------


def read_model(path: str, label: str, custom_objects: dict[str, Any] | None, compile: bool) -> Any:
    """The model in the file at `path`; see `load_model`.

    Raises:
        ValueError, TypeError, OSError: as of `load_model`.
    """
    with _opened(path, label) as file:
        texts = {
            name: _text(file.file, name, label)
            for name in ("model_config", "training_config", "keras_version")
        }
        layout = file.layout(_MODEL)
        optimizer_weights = file.arrays(_OPTIMIZER)
    if texts["model_config"] is None:
        raise ValueError(
            f"{label}: No model config found in the file: it holds weights alone, or no model; "
            "make the model in Python, and `load_weights` there"
        )
    config = parsed(texts["model_config"], f"{label}: model_config", _plain_object)
    _complete_gru(config, layout)
    _warn_of_hard_sigmoid(texts["keras_version"], texts["model_config"], label)
    limit = 64 * MIB + 8 * os.path.getsize(path)
    with postponing():
        try:
            with naming(label, "model_config"), weights_within(limit, TOO_LARGE):
                model = revived(config, custom_objects, "model_config")
        except (TypeError, ValueError, NotImplementedError) as error:
            raise type(error)(f"{error} ({_WITHOUT})") from error
        _assign(path, label, _by_position(model, layout, label, skip_mismatch=False))
    if compile:
        with CustomObjectScope(custom_objects):
            _compile(model, texts["training_config"], label)
        if model.optimizer is not None and optimizer_weights:
            _assign(path, label, _optimizer_plan(model.optimizer, optimizer_weights, label))
    return model


def read_weights(model: Any, path: str, label: str, by_name: bool, skip_mismatch: bool) -> None:
    """Give the layers of `model` the weights in the file at `path`; see `load_weights`.

    Raises:
        ValueError: weights that do not fit; then nothing was changed.
        OSError: no readable HDF5 file.
    """
    with _opened(path, label) as file:
        layout = file.layout("" if file.has_names("", "layer_names") else _MODEL)
    choose = _by_name if by_name else _by_position
    _assign(path, label, choose(model, layout, label, skip_mismatch))


def has_layer_names(path: str, label: str) -> bool:
    """Whether the HDF5 file at `path` is of this layout, whatever its name."""
    with _opened(path, label) as file:
        return file.has_names("", "layer_names") or file.has_names(_MODEL, "layer_names")


class _File:
    """An open file, of which groups, names of arrays and the arrays themselves are read."""

    def __init__(self, h5py: Any, file: Any, label: str) -> None:
        self.h5py, self.file, self.label = h5py, file, label

    def group(self, path: str) -> Any:
        """The group at `path`, or None."""
        found = self._at(path)
        if found is not None and not isinstance(found, self.h5py.Group):
            raise ValueError(f"{self.label}: Invalid H5 file, expected a Group at {path!r}")
        return found

    def _at(self, path: str) -> Any:
        found = self.file
        for name in [part for part in path.split("/") if part]:
            if not isinstance(found, self.h5py.Group):
                raise ValueError(f"{self.label}: a group was expected above {name!r} in {path!r}")
            found = child(self.h5py, found, name, self.label)
            if found is None:
                return None
        return found

    def dataset(self, path: str) -> Any:
        """The dataset at `path`, which holds numbers."""
        found = self._at(path)
        if found is None:
            raise ValueError(f"{self.label}: the array {path!r}, which it lists, is not in it")
        return dataset_of_numbers(self.h5py, found, self.label)

    def has_names(self, path: str, attribute: str) -> bool:
        group = self.group(path)
        return group is not None and (attribute in group.attrs or f"{attribute}0" in group.attrs)

    def names(self, path: str, attribute: str) -> list[str]:
        """A list of names, which may be in several attributes."""
        group = self.group(path)
        if group is None:
            return []
        if attribute in group.attrs:
            return _texts(group, attribute, self.label)
        found: list[str] = []
        for i in range(len(group.attrs)):
            if f"{attribute}{i}" not in group.attrs:
                break
            found += _texts(group, f"{attribute}{i}", self.label)
        return found

    def arrays(self, path: str) -> list[_Stored]:
        """The arrays that the group at `path` lists."""
        paths = [f"{path}/{name}" for name in self.names(path, "weight_names")]
        return [_Stored(p, tuple(self.dataset(p).shape)) for p in paths]

    def layout(self, path: str) -> Layout:
        """Of each layer, the arrays; at the end those of the model itself, if it is said."""
        found: Layout = []
        for name in self.names(path, "layer_names"):
            if self.group(f"{path}/{name}") is None:
                raise ValueError(f"{self.label}: the layer {name!r}, which it lists, is not in it")
            found.append((name, self.arrays(f"{path}/{name}")))
        if self.group(path) is not None and self.group(f"{path}/{_TOP}") is not None:
            found.append((_TOP, self.arrays(f"{path}/{_TOP}")))
        return found


@contextmanager
def _opened(path: str, label: str) -> Iterator[_File]:
    import h5py

    with opened(path, label) as file:
        yield _File(h5py, file, label)


def _texts(group: Any, name: str, label: str) -> list[str]:
    """The texts in an attribute.

    Raises:
        ValueError: it holds something else, or says to be far larger than it is.
    """
    stored = group.attrs.get_id(name)
    size = math.prod(stored.shape or (1,)) * max(stored.get_type().get_size(), 1)
    if size > MIB and size > 4 * stored.get_storage_size():
        raise ValueError(f"{label}: Not allowed: the attribute {name} says to take {size} bytes")
    value = group.attrs[name]
    parts = value.ravel().tolist() if isinstance(value, np.ndarray) else [value]
    try:
        return [x.decode() if isinstance(x, bytes) else _text_only(x) for x in parts]
    except (UnicodeDecodeError, TypeError) as error:
        raise ValueError(f"{label}: the attribute {name} holds other things than text") from error


def _text_only(x: Any) -> str:
    if not isinstance(x, str):
        raise TypeError
    return x


def _text(group: Any, name: str, label: str) -> str | None:
    if name not in group.attrs:
        return None
    found = _texts(group, name, label)
    return found[0] if len(found) == 1 else None


def _plain_object(data: dict[str, Any]) -> Any:
    """Of the JSON of these files, what stands for a tuple or a shape."""
    if data.get("class_name") in ("__tuple__", "TensorShape") and "items" in data:
        return data["items"]
    if data.get("class_name") == "__ellipsis__":
        return {**data, "config": {}}
    return data


def _complete_gru(config: Any, layout: Layout) -> None:
    """Say `reset_after` of each GRU of a file of before it was an argument: as its bias is."""
    top = config.get("config") if isinstance(config, dict) else None
    layers = top.get("layers") if isinstance(top, dict) else top
    shapes = {
        name: [s.shape for s in arrays if "bias" in s.path.rpartition("/")[2]]
        for name, arrays in layout
    }
    for layer in layers if isinstance(layers, list) else ():
        for data in inner_configs(layer) if _has_config(layer) else ():
            if data["class_name"] in ("GRU", "GRUCell") and "reset_after" not in data["config"]:
                outer = (
                    layer["config"].get("name") if isinstance(layer.get("config"), dict) else None
                )
                found = shapes.get(str(outer), [])
                data["config"]["reset_after"] = any(len(shape) == 2 for shape in found)


def _has_config(layer: Any) -> bool:
    return isinstance(layer, dict) and isinstance(layer.get("config"), dict)


def _warn_of_hard_sigmoid(version: str | None, text: str, label: str) -> None:
    if '"hard_sigmoid"' in text and not (version or "1").startswith("3"):
        warn(
            f"{label}: Keras {version or '1'} wrote it, whose hard_sigmoid was clip(0.2 x + 0.5, "
            "0, 1); here, as in Keras 3, it is clip((x + 3) / 6, 0, 1), so predictions may differ "
            "from those of then; custom_objects={'hard_sigmoid': …} takes a function of your own"
        )


# -- which array is whose --------------------------------------------------------------------------


def _by_position(model: Any, layout: Layout, label: str, skip_mismatch: bool) -> Plan:
    """The layers that have weights, one after the other, as those in the file."""
    layers = [layer for layer in model.layers if _weights(layer)]
    stored = [(name, arrays) for name, arrays in layout if arrays and name != _TOP]
    if len(layers) != len(stored):
        hint = "" if layout else "; if Keras 3 wrote these weights, let the file end in .weights.h5"
        raise ValueError(
            f"{label}: Layer count mismatch when loading weights from file. Model expected "
            f"{len(layers)} layers, found {len(stored)} saved layers{hint}."
        )
    plan: Plan = []
    for i, (layer, (name, arrays)) in enumerate(zip(layers, stored, strict=True)):
        weights, what = _weights(layer), f"layer #{i} (named {layer.name})"
        if len(weights) != len(arrays):
            raise ValueError(
                f"{label}: Weight count mismatch for layer #{i} (named {layer.name} in the current "
                f"model, {name} in the save file). Layer expects {len(weights)} weight(s). "
                f"Received {len(arrays)} saved weight(s)"
            )
        plan += _fitting(weights, arrays, f"{label}: %s{what}", skip_mismatch)
    return plan + _of_model(model, layout, label, skip_mismatch, may_skip=False)


def _by_name(model: Any, layout: Layout, label: str, skip_mismatch: bool) -> Plan:
    """The layers that have a name that is in the file, too."""
    layers: dict[str, list[Any]] = {}
    for layer in model.layers:
        layers.setdefault(layer.name, []).append(layer)
    plan: Plan = []
    for i, (name, arrays) in enumerate(layout):
        for layer in layers.get(name, []) if name != _TOP else ():
            weights, what = _weights(layer), f"layer #{i} (named {layer.name})"
            if len(weights) == len(arrays):
                plan += _fitting(weights, arrays, f"{label}: %s{what}", skip_mismatch)
                continue
            counts = (
                f"Layer expects {len(weights)} weight(s). Received {len(arrays)} saved weight(s)"
            )
            if not skip_mismatch:
                raise ValueError(f"{label}: Weight count mismatch for {what}. {counts}")
            warn(
                f"{label}: Skipping loading of weights for {what} due to mismatch in number of "
                f"weights. {counts}"
            )
    return plan + _of_model(model, layout, label, skip_mismatch, may_skip=True)


def _of_model(model: Any, layout: Layout, label: str, skip_mismatch: bool, may_skip: bool) -> Plan:
    """The weights that the model holds itself, if the file says of them."""
    arrays = dict(layout).get(_TOP)
    if arrays is None:
        return []
    weights = model._own_variables()
    if len(weights) == len(arrays):
        return _fitting(weights, arrays, f"{label}: %stop-level model", skip_mismatch)
    text = (
        f"Model expects {len(weights)} top-level weight(s). Received {len(arrays)} saved top-level "
        "weight(s)"
    )
    if not (skip_mismatch and may_skip):
        raise ValueError(f"{label}: Weight count mismatch for top-level weights of model. {text}")
    warn(f"{label}: Skipping loading top-level weights for model due to mismatch in number. {text}")
    return []


def _fitting(weights: list[Any], arrays: list[_Stored], text: str, skip_mismatch: bool) -> Plan:
    """The pairs of one layer, all of the same shape.

    Raises:
        ValueError: another shape, unless it is to be skipped.
    """
    plan: Plan = []
    for weight, stored in zip(weights, arrays, strict=True):
        if tuple(weight.shape) == stored.shape:
            plan.append((weight, stored))
            continue
        shapes = (
            f" for weight {weight.path}. Weight expects shape {tuple(weight.shape)}. Received "
            f"saved weight with shape {stored.shape}"
        )
        if not skip_mismatch:
            raise ValueError(text % "Shape mismatch in " + shapes)
        warn(text % "Skipping loading weights for " + f" due to mismatch in shape{shapes}")
    return plan


def _assign(path: str, label: str, plan: Plan) -> None:
    """Give the variables their arrays, after all of these were read."""
    if not plan:
        return
    with _opened(path, label) as file:
        arrays = [np.asarray(file.dataset(stored.path)[()]) for _, stored in plan]
    for (variable, _), array in zip(plan, arrays, strict=True):
        variable.assign(array.astype(variable.dtype))


# -- how it was compiled ---------------------------------------------------------------------------


def _compile(model: Any, text: str | None, label: str) -> None:
    if text is None:
        warn(
            f"{label}: No training configuration found in the save file, so the model was *not* "
            "compiled. Compile it manually."
        )
        return
    config = parsed(text, f"{label}: training_config", _plain_object)
    if not isinstance(config, dict):
        raise ValueError(f"{label}: training_config must be a dict, received {config!r}")
    arguments = {"optimizer": config.get("optimizer_config")}
    arguments |= {name: config[name] for name in ("loss", "loss_weights") if name in config}
    for name in ("metrics", "weighted_metrics"):
        arguments |= {name: _each_name(config[name], _metric_class)} if name in config else {}
    model.compile_from_config(arguments)


# Names of slot variables that stand before those of the variables that they belong to, in files of
# TensorFlow from 2.11 on: there each variable's slots follow one another, as now.
_BY_VARIABLE = re.compile(r"(^|/)(m|v|momentum|velocity|accum\w*|linear|norm|u|delta\w*)/")
# Optimizers whose slots now are listed variable by variable, and in older files slot by slot.
_REGROUPED = ("Adam", "AdamW", "Nadam", "Adamax", "Adadelta", "Ftrl")


def _optimizer_plan(optimizer: Any, stored: list[_Stored], label: str) -> Plan:
    """The state of the optimizer; of files of Keras 2 in whose order it was.

    What does not fit is left as it is, with a warning.
    """
    variables = list(optimizer.variables)
    if [tuple(v.shape) for v in variables] == [s.shape for s in stored]:
        return list(zip(variables, stored, strict=True))
    steps = [s for s in stored[:1] if s.shape == ()]
    slots = [s for s in stored[len(steps) :] if "learning_rate" not in s.path]
    own = [v for v in variables if v.path.rpartition("/")[2] not in ("iteration", "learning_rate")]
    wanted = [tuple(v.shape) for v in own]
    count = len(optimizer._trainable_variables)
    each = len(own) // max(count, 1)
    grouped = type(optimizer).__name__ in _REGROUPED and each > 1
    if grouped and not any(_BY_VARIABLE.search(s.path.partition("/")[2]) for s in slots):
        at = [j * count + i for i in range(count) for j in range(2)]
        at += range(2 * count, each * count)  # those of amsgrad stand at the end now, too
        slots = [slots[i] for i in at if i < len(slots)]
    slots = slots[: len(own)]
    plan: Plan = list(zip(variables[:1], steps, strict=False))
    if not slots or [s.shape for s in slots] == wanted:  # none before the first step
        return plan + list(zip(own, slots, strict=False))
    warn(
        f"{label}: Error in loading the saved optimizer state. As a result, your model is starting "
        f"with a freshly initialized optimizer: {type(optimizer).__name__} has variables of shapes "
        f"{wanted}, the file has {[s.shape for s in slots]}"
    )
    return plan
