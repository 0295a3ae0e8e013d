"""Configs as TensorFlow 1 and 2 and Keras 2 wrote them, in the form that is read here.

    {"class_name": "Dense", "config": {"units": 2, "batch_input_shape": [None, 3], …}}

They say no module, and so do the files that Keras 3 writes as HDF5. What an old version wrote and
none reads any more is left out where it changes nothing (``time_major: false``); where it would,
it stays, so that the layer refuses it by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scratchnet.keras.configs.lookup import OPERATIONS
from scratchnet.keras.configs.published import published
from scratchnet.keras.configs.registration import all_custom_objects, get_registered_object
from scratchnet.keras.configs.serialization import deserialize_keras_object

_LAYERS = "keras.layers"
_OPERATORS = ("Add", "Multiply", "Subtract")  # they are layers, too
_MODELS = {"Sequential": "keras", "Functional": "keras.src.models.functional"}
_RENAMED = {
    "Model": "Functional",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
}
_OF_ONE_KERNEL = ("kernel_initializer", "kernel_regularizer", "kernel_constraint", "filters")
# Arguments that say nothing, by the class; "" stands for every class.
_WITHOUT_MEANING: dict[str, tuple[str, ...]] = {
    "": ("implementation", "input_length", "fused"),
    # They have two kernels, with arguments of their own.
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _OF_ONE_KERNEL[:3]),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _OF_ONE_KERNEL),
    **dict.fromkeys(("SpatialDropout1D", "SpatialDropout2D"), ("trainable", "noise_shape")),
    "Lambda": ("module", "function_type", "output_shape_type", "output_shape_module"),
}
# Arguments that say nothing if they have this value, or None.
_NEUTRAL: dict[str, Any] = {
    **{"renorm": False, "virtual_batch_size": None, "adjustment": None, "mode": 0},
    **{"causal": False, "time_major": False, "groups": 1, "sparse": False, "ragged": False},
    "quantization_config": None,
}
# Which have no groups, and of which TensorFlow noted `groups` nevertheless.
_WITHOUT_GROUPS = (
    *("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"),
    *("Conv1DTranspose", "Conv2DTranspose"),
)
# Whose config holds other layers, and under which names.
_INNER = ("layer", "backward_layer", "cell", "cells")
_OPTIMIZERS = "keras.optimizers"
_OLD_OPTIMIZER_ARGUMENTS = ("jit_compile", "is_legacy_optimizer", "schedule_decay")


def deserialize_layer(data: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The layer that `data`, an entry of a model's ``layers``, stands for, in whichever form.

    Raises:
        ValueError: an entry in the old form, of a layer that is neither here nor yours.
        TypeError, ValueError: as of `deserialize_keras_object`.

    >>> old = {"class_name": "ReLU", "config": {"name": "r", "batch_input_shape": [None, 3]}}
    >>> deserialize_layer(old)
    <ReLU name=r, built=...>
    """
    return deserialize_keras_object(
        _current(data, all_custom_objects(custom_objects)), custom_objects
    )


def _current(data: Any, known: Mapping[str, Any]) -> Any:
    """`data`, the config of a layer in whichever form, as it is written now."""
    if is_old(data):
        found = upgraded(data, known)
        if found["module"] is None and not _is_yours(found["class_name"], known):
            name = found["class_name"]
            raise ValueError(
                f"Unknown layer: {name!r}: scratchnet has none, and none of yours is known by this "
                "name. Decorate your own classes with @keras.saving.register_keras_serializable(), "
                f"or give them as custom_objects={{{name!r}: …}}"
            )
        return found
    if not isinstance(data, dict) or not isinstance(data.get("config"), dict):
        return data
    name, module = data.get("class_name"), data.get("module")
    if not isinstance(name, str) or not isinstance(module, str) or not module.startswith("keras."):
        return data  # yours; of Keras 2.12 to 2.15 the others may have arguments of then
    return {**data, "config": _upgraded_config(name, data["config"], known, is_yours=False)}


def _is_yours(name: str, known: Mapping[str, Any]) -> bool:
    return name in known or get_registered_object(name) is not None


def is_old(data: Any) -> bool:
    """Whether `data` is the config of an object that does not say its module."""
    return (
        isinstance(data, dict) and "module" not in data and {"class_name", "config"} <= data.keys()
    )


def upgraded(data: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """`data`, the config of a layer in the old form, in the form of ``.keras`` files.

    Args:
        data: the config.
        known: your own classes and functions, by name.

    Raises:
        TypeError: a name that is none.
    """
    name, config = data["class_name"], data["config"]
    if not isinstance(name, str):
        raise TypeError(f"'class_name' must be a string, received {name!r}")
    is_yours = _is_yours(name, known)
    if not is_yours:
        name = _RENAMED.get(name, name)
    if isinstance(config, list) and name == "Sequential":  # as Keras wrote it before 2.2.3
        config = {"name": None, "layers": config}
    if isinstance(config, dict):
        config = _upgraded_config(name, config, known, is_yours)
    if is_yours:
        return {
            **data,
            "class_name": name,
            "config": config,
            "module": None,
            "registered_name": name,
        }
    module = _MODELS.get(name) or (_LAYERS if name in published(_LAYERS) else None)
    known_op = name in published(OPERATIONS) and (module is None or name in _OPERATORS)
    if known_op and isinstance(config, dict) and "trainable" not in config:
        module = OPERATIONS  # an operator such as ``+``, in a file of Keras 3
    registered = None if module else name
    return {
        **{key: part for key, part in data.items() if key not in ("name", "inbound_nodes")},
        **{"module": module, "class_name": name, "config": config, "registered_name": registered},
    }


def _upgraded_config(
    name: str, config: dict[str, Any], known: Mapping[str, Any], is_yours: bool
) -> dict[str, Any]:
    """The arguments `config` of the class `name`, with those of old versions as they are now."""
    config = dict(config)
    if name in _MODELS and not is_yours:
        if name == "Sequential":
            config["layers"] = _with_input(config.get("layers"))
        return config
    shape = config.pop("batch_input_shape", None)
    if shape is not None and name == "InputLayer":
        config["batch_shape"] = shape
    elif shape is not None and is_yours:
        config["input_shape"] = tuple(shape[1:])
    axis = config.get("axis")
    if isinstance(axis, list) and len(axis) == 1:
        config["axis"] = axis[0]
    if isinstance(config.get("dtype"), dict) and config["dtype"].get("class_name") == "Policy":
        config["dtype"] = config["dtype"]["config"]["name"]
    for key in _INNER:
        config |= {key: _inner(config[key], known)} if key in config else {}
    if is_yours:
        return {key: _function(key, part, known) for key, part in config.items()}
    for key in (*_WITHOUT_MEANING[""], *_WITHOUT_MEANING.get(name, ())):
        config.pop(key, None)
    for key, neutral in _NEUTRAL.items():
        used = key == "groups" and name not in _WITHOUT_GROUPS
        if key in config and not used and config[key] in (neutral, None):
            del config[key]
    if name == "Lambda":
        _upgrade_lambda(config)
        return config
    return {key: _function(key, _plain(key, part), known) for key, part in config.items()}


def _with_input(layers: Any) -> Any:
    """The layers of a Sequential, with an Input where the first one says the shape of its own.

    Keras 3 takes the axis of the batch in that shape for one of the sample.
    """
    if not isinstance(layers, list) or not layers or not is_old(layers[0]):
        return layers
    config = layers[0]["config"]
    if layers[0]["class_name"] == "InputLayer" or not isinstance(config, dict):
        return layers
    shape = config.get("batch_input_shape")
    if shape is None:
        return layers
    return [{"class_name": "InputLayer", "config": {"batch_shape": shape}}, *layers]


def _inner(part: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inner(x, known) for x in part]
    return _current(part, known)


def _function(key: str, part: Any, known: Mapping[str, Any]) -> Any:
    """Of a text that is the name of a function of yours, the function."""
    is_name = isinstance(part, str) and key != "name" and callable(known.get(part))
    return known[part] if is_name and not isinstance(known[part], type) else part


def _plain(key: str, part: Any) -> Any:
    """An argument without what only old versions said of it."""
    if not isinstance(part, dict):
        return part
    if part.get("type") == "ndarray" and "value" in part:  # a number, as Keras 2.1 wrote it
        return part["value"]
    inner = part.get("config")
    if key.endswith("_initializer") and is_old(part) and isinstance(inner, dict):
        return {**part, "config": {k: v for k, v in inner.items() if k != "dtype"}}
    return upgraded(part, {}) if key == "activation" and is_old(part) else part


def _upgrade_lambda(config: dict[str, Any]) -> None:
    """Of a lambda, whose code is a list there, the form that is refused with what to do."""
    for key in ("function", "output_shape", "mask"):
        part = config.get(key)
        is_code = isinstance(part, list) and len(part) == 3 and isinstance(part[0], str)
        if is_code:
            config[key] = {"class_name": "__lambda__", "config": {}}
    if config.get("output_shape") is None:
        config.pop("output_shape", None)


def upgraded_optimizer(data: Any) -> Any:
    """`data`, the config of an optimizer in whichever form, with the arguments that it has now.

    >>> upgraded_optimizer({"class_name": "Custom>Adam", "config": {"lr": 0.5, "decay": 0.0}})
    {'class_name': 'Adam', 'config': {'learning_rate': 0.5}}
    """
    if not isinstance(data, dict) or not isinstance(data.get("config"), dict):
        return data
    name = data.get("class_name")
    if not isinstance(name, str):
        return data
    plain = name.removeprefix("Custom>")
    is_keras = plain in published(_OPTIMIZERS) and get_registered_object(name) is None
    if not is_keras or not str(data.get("module") or "keras").startswith("keras"):
        return data
    config = {k: v for k, v in data["config"].items() if k not in _OLD_OPTIMIZER_ARGUMENTS}
    if "lr" in config:
        config["learning_rate"] = config.pop("lr")
    if not config.get("decay"):
        config.pop("decay", None)
    for key in ("epsilon", "weight_decay"):  # of which None stood for the default, False for none
        if key in config and (config[key] is None or config[key] is False):
            del config[key]
    upgraded = {**data, "class_name": plain, "config": config}
    if str(data.get("registered_name") or "").startswith("Custom>"):
        upgraded["registered_name"] = None
    return upgraded | ({"module": _OPTIMIZERS} if data.get("module") else {})


def inner_configs(part: Any) -> Iterator[dict[str, Any]]:
    """All configs of objects in `part`, from the outside in, without recursion."""
    waiting = [part]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if isinstance(part.get("config"), dict) and "class_name" in part:
                yield part
            waiting += part.values()
        elif isinstance(part, list | tuple):
            waiting += part
