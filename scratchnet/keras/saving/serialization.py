"""Objects as plain data, in the form of Keras's configuration files.

{"module": "keras.layers", "class_name": "Dense", "config": {…}, "registered_name": None}
"""

from __future__ import annotations

import importlib
from typing import Any

_HERE = "scratchnet.keras"
# Classes that Keras shows at its top level.
_TOP = ("Sequential", "Model")


def serialize_keras_object(thing: Any) -> Any:
    """`thing` as plain data: its class, its `get_config`, and the shape a layer was built for.

    Plain values and None are handed back; a function becomes its name.
    """
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    if isinstance(thing, list | tuple):
        return type(thing)(serialize_keras_object(part) for part in thing)
    if not hasattr(thing, "get_config"):
        return getattr(thing, "__name__", type(thing).__name__)
    found = {
        "module": _public_module(type(thing)),
        "class_name": type(thing).__name__,
        "config": thing.get_config(),
        "registered_name": None,
    }
    built = thing.get_build_config() if hasattr(thing, "get_build_config") else None
    return found if built is None else {**found, "build_config": built}


def deserialize_keras_object(data: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The object that `serialize_keras_object` described, with new weights.

    Args:
        data: the description; anything that is none is handed back.
        custom_objects: your own classes, by name.

    Raises:
        TypeError: a class that is neither Keras's nor in `custom_objects`.
    """
    if not isinstance(data, dict) or "class_name" not in data:
        return data
    name = data["class_name"]
    cls = (custom_objects or {}).get(name) or _keras_class(data.get("module"), name)
    if cls is None:
        raise TypeError(
            f"deserialize_keras_object: the class {name!r} is neither Keras's nor in "
            f"`custom_objects`, received {data}"
        )
    made = cls.from_config(data["config"])
    shape = data.get("build_config", {}).get("input_shape")
    if shape is not None and not made.built:
        made.build(tuple(shape))
    return made


def _public_module(cls: type) -> str:
    """``keras.layers`` for a class of ``scratchnet.keras.layers.core``."""
    if not cls.__module__.startswith(f"{_HERE}."):
        return cls.__module__
    return "keras" if cls.__name__ in _TOP else "keras." + cls.__module__.split(".")[2]


def _keras_class(module: str | None, name: str) -> Any:
    if module is None or (module != "keras" and not module.startswith("keras.")):
        return None
    return getattr(importlib.import_module(f"scratchnet.{module}"), name, None)
