"""Objects as plain configs, in the form of Keras's configuration files, and back.

    {"module": "keras.layers", "class_name": "Dense", "config": {…}, "registered_name": None,
     "build_config": {"input_shape": (None, 3)}}

Plain values stay as they are, a function becomes its name. What is read back are classes and
functions that this library has or that you gave or registered: a file can name them, not bring
them, so loading runs no code from it.
"""

from __future__ import annotations

import types
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import DType
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Operators, Tensor, convert
from scratchnet.engine.tensor_shape import TensorShape
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.configs import shared_objects
from scratchnet.keras.configs.lookup import (
    OPERATIONS,
    OTHER_OPERATIONS,
    find_class,
    find_function,
    public_module,
)
from scratchnet.keras.configs.registration import (
    CustomObjectScope,
    all_custom_objects,
    get_registered_name,
)
from scratchnet.keras.keras_tensor import KerasTensor

_PLAIN = (str, int, float, bool, types.NoneType)
_POLICIES = ("DTypePolicy", "FloatDTypePolicy")


# -- writing --------------------------------------------------------------------------------------


def serialize_keras_object(obj: Any) -> Any:
    """`obj` as plain data (``keras.saving.serialize_keras_object``).

    Args:
        obj: an object with ``get_config``, a named function, a tensor, an array, a plain value;
            or a list, tuple or dict of them.

    Raises:
        TypeError: something else; a ``get_config`` that returns no dict.
        ValueError: a lambda: a file would have to hold its code.

    >>> from scratchnet import keras
    >>> serialize_keras_object(keras.regularizers.L2(0.5))["config"]
    {'l2': 0.5}
    >>> serialize_keras_object([np.float32(0.5), slice(1, 2)])[1]["class_name"]
    '__slice__'
    """
    if isinstance(obj, np.generic):
        return obj.item()
    if isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, list | tuple):
        parts = [serialize_keras_object(part) for part in obj]
        return tuple(parts) if isinstance(obj, tuple) else parts
    if isinstance(obj, dict):
        return {key: serialize_keras_object(part) for key, part in obj.items()}
    if isinstance(obj, TensorShape):
        return None if obj.rank is None else obj.as_list()
    special = _serialize_special(obj)
    if special is not None:
        return special
    if isinstance(obj, type):
        raise TypeError(
            say("serialize_keras_object", "obj", "must be an object, not its class", obj)
        )
    if hasattr(obj, "get_config"):
        return _serialize_by_get_config(obj)
    if hasattr(obj, "__name__"):
        return _serialize_function(obj)
    raise TypeError(
        f"Cannot serialize object {obj!r} of type {type(obj)}: its class needs a `get_config()` "
        "method that returns the arguments of its constructor"
    )


def _serialize_special(obj: Any) -> Any:
    """Arrays and other objects that are not serialized by `get_config`; None for all others."""
    if isinstance(obj, np.ndarray):
        if obj.ndim == 0:
            return obj.item()
        return _tagged("__numpy__", {"value": obj.tolist(), "dtype": obj.dtype.name})
    if isinstance(obj, Operators):
        array = convert(obj)._data
        return _tagged("__tensor__", {"value": array.tolist(), "dtype": array.dtype.name})
    if isinstance(obj, KerasTensor):
        config = {"shape": obj.shape, "dtype": obj.dtype, "keras_history": None}
        return _tagged("__keras_tensor__", config)
    if isinstance(obj, DType):
        return obj.name
    if isinstance(obj, bytes):
        return _tagged("__bytes__", {"value": obj.decode("utf-8")})
    if isinstance(obj, slice):
        ends = {name: getattr(obj, name) for name in ("start", "stop", "step")}
        return _tagged("__slice__", serialize_keras_object(ends))
    return _tagged("__ellipsis__", {}) if obj is Ellipsis else None


def _tagged(name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": name, "config": config}


def _serialize_by_get_config(obj: Any) -> dict[str, Any]:
    config = obj.get_config()
    if not isinstance(config, dict):
        raise TypeError(f"The `get_config()` of {obj} must return a dict, received {config!r}")
    cls = type(obj)
    module = public_module(cls)
    named = module in (None, OPERATIONS, *OTHER_OPERATIONS)
    found = {
        "module": module,
        "class_name": cls.__name__,
        "config": serialize_keras_object(config),
        "registered_name": get_registered_name(cls) if named else None,
    }
    if module is None and cls.__module__ != "__main__":
        found["module"] = cls.__module__
    if cls.__module__.startswith("scratchnet.keras."):
        found["module"] = module or getattr(cls, "keras_module", cls.__module__)
    for part in ("build_config", "compile_config"):
        getter = getattr(obj, f"get_{part}", None)
        if getter is not None and (more := getter()) is not None:
            found[part] = serialize_keras_object(more)
    return shared_objects.numbered(obj, found)


def _serialize_function(function: Any) -> dict[str, Any]:
    name = get_registered_name(function)
    if "<lambda>" in name:
        raise ValueError(
            "serialize_keras_object: a lambda cannot be saved, for its code would have to be in "
            "the file; write it with `def` and decorate it with "
            f"@keras.saving.register_keras_serializable(), received {function}"
        )
    names = {"config": name, "registered_name": "function"}
    return {"module": "builtins", "class_name": "function", **names}


# -- reading --------------------------------------------------------------------------------------


def deserialize_keras_object(
    config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool = True, **kwargs: Any
) -> Any:
    """An object made of what `serialize_keras_object` returned, with new weights.

    Args:
        config: what `serialize_keras_object` returned.
        custom_objects: your own classes and functions, by name.
        safe_mode: changes nothing: with False, too, no code is taken from a config.

    Raises:
        TypeError: no config; a class or function that is neither Keras's nor yours;
            arguments that its class does not take.
        ValueError: a lambda, or another thing that no model is made of.

    Reference: ``keras.saving.deserialize_keras_object``.

    >>> from scratchnet import keras
    >>> deserialize_keras_object(serialize_keras_object(keras.regularizers.L2(0.5))).l2
    0.5
    """
    if kwargs:
        raise TypeError(f"deserialize_keras_object: unknown arguments, received {kwargs}")
    return _deserialize(config, all_custom_objects(custom_objects))


def _deserialize(config: Any, known: dict[str, Any]) -> Any:
    if isinstance(config, str) and config in known:
        return known[config]
    if isinstance(config, _PLAIN):
        return config
    if isinstance(config, list | tuple):
        return [_deserialize(part, known) for part in config]
    if not isinstance(config, dict):
        raise TypeError(f"Could not parse config: {config!r}")
    if "class_name" not in config or "config" not in config:
        return {key: _deserialize(part, known) for key, part in config.items()}
    name = config["class_name"]
    if not isinstance(name, str):
        raise TypeError(f"'class_name' must be a string, received {name!r}")
    if name.startswith("__"):
        return _deserialize_special(name, config["config"], known)
    if name == "function":
        return find_function(config, known)
    if name in _POLICIES and config.get("module") == "keras":
        return config["config"]["name"]
    return _deserialize_object(config, known)


def _deserialize_special(name: str, config: Any, known: dict[str, Any]) -> Any:
    if name == "__lambda__":
        raise ValueError(
            "the file holds a Python lambda, whose code could do anything; code from a file is "
            "never run here, with `safe_mode=False` neither. Write the function with `def`, "
            "register it, and save the model again"
        )
    if name == "__keras_tensor__":
        return KerasTensor(config["shape"], config["dtype"])
    if name in ("__tensor__", "__numpy__"):
        if np.dtype(config["dtype"]).kind not in "biufc":
            raise ValueError(f"an array must hold numbers, received dtype {config['dtype']!r}")
        array = np.array(config["value"], config["dtype"])
        return array if name == "__numpy__" else Tensor(array)
    if name == "__bytes__":
        return config["value"].encode("utf-8")
    if name == "__slice__":
        return slice(*(_deserialize(config[end], known) for end in ("start", "stop", "step")))
    if name == "__ellipsis__":
        return Ellipsis
    raise TypeError(f"Could not parse config: there is no form {name!r}")


def _deserialize_object(data: dict[str, Any], known: dict[str, Any]) -> Any:
    """The object that the serialized config `data` stands for, built and compiled as it says."""
    inner = {} if data["config"] is None else data["config"]
    if not isinstance(inner, dict):
        raise TypeError(f"the 'config' of {data['class_name']} must be a dict, received {inner!r}")
    shared = shared_objects.remembered(data)
    if shared is not None:
        return shared
    cls = find_class(data, known)
    if isinstance(cls, types.FunctionType):
        return cls
    if not hasattr(cls, "from_config"):
        raise TypeError(f"{cls} cannot be made from a configuration: it has no `from_config()`")
    with CustomObjectScope(known):
        made = _from_config(cls, dict(inner))
        if data.get("build_config") and not made.built:
            made.build_from_config(data["build_config"])
            made.built = True
        if data.get("compile_config"):
            made.compile_from_config(data["compile_config"])
    shared_objects.remember(data, made)
    return made


def _from_config(cls: Any, inner: dict[str, Any]) -> Any:
    try:
        return cls.from_config(inner)
    except TypeError as error:
        if getattr(error, "_class_told", False):
            raise
        told = TypeError(
            f"{cls.__name__} could not be deserialized properly. If its constructor takes objects, "
            f"override `from_config()` to make them of their configs. {error}"
        )
        told._class_told = True  # type: ignore[attr-defined]  # those around it say no more
        raise told from error


def warn_unbuilt(name: str, error: Exception) -> None:
    """Warn that the build configuration of a model did not lead to weights."""
    warn(
        f"Model {name!r} had a build config, but the model cannot be built automatically: {error}. "
        "Override `get_build_config` and `build_from_config`"
    )
