"""From the name in a config to the class or function: Keras's published ones, or custom objects.

Nothing is imported because a file names it.
"""

from __future__ import annotations

import types
from typing import Any

from scratchnet.keras.configs.published import published
from scratchnet.keras.configs.registration import get_registered_object

_HERE = "scratchnet."
# The modules whose classes a file may name.
_MODULES = (
    *("keras", "keras.layers", "keras.models", "keras.initializers", "keras.regularizers"),
    *("keras.constraints", "keras.losses", "keras.metrics", "keras.optimizers"),
    *("keras.optimizers.schedules", "keras.random"),
)
# Functions come from these.
_FUNCTIONS = ("keras.activations", "keras.losses", "keras.metrics")
_FAMILY_TOOLS = ("get", "serialize", "deserialize")  # beside them
# Parts of Keras that a model is not made of.
_TOOLS = ("utils", "saving", "config", "backend", "callbacks", "datasets", "preprocessing", "ops")
# Where Keras's files say that operators and ops on KerasTensors, and functional models, are.
OPERATIONS = "keras.src.ops.numpy"
OTHER_OPERATIONS = tuple(f"keras.src.ops.{name}" for name in ("core", "linalg", "math", "nn"))
FUNCTIONAL = "keras.src.models.functional"
# Classes that Keras shows at its top level.
_TOP_LEVEL = ("Sequential", "Model", "DTypePolicy")


def public_module(cls: type) -> str | None:
    """``keras.layers`` for a class of ``scratchnet.keras.layers.dense``; None for your own."""
    if not cls.__module__.startswith(f"{_HERE}keras.") or cls.__name__ == "Functional":
        return None
    if cls.__name__ in _TOP_LEVEL:
        return "keras"
    for module in (OPERATIONS, *OTHER_OPERATIONS):
        if published(module).get(cls.__name__) is cls:
            return module
    parts = cls.__module__.removeprefix(_HERE).split(".")
    module = ".".join(parts[:3] if parts[2:3] == ["schedules"] else parts[:2])
    return module if published(module).get(cls.__name__) is cls else None


def find_class(data: dict[str, Any], custom_objects: dict[str, Any]) -> Any:
    """The class (or function) that `data`, the serialized config of an object, names.

    Raises:
        TypeError: it is neither Keras's nor yours.
        ValueError: Keras has it, but no model is made of it; or it is not here.
    """
    name, module = data["class_name"], data.get("module")
    registered = data.get("registered_name", name)
    if isinstance(registered, str):
        yours = get_registered_object(registered, custom_objects)
        if yours is not None:
            return yours
    if not isinstance(module, str) or not _is_keras(module):
        raise _unknown("class", name, data)
    if name in custom_objects and (name == "Lambda" or name not in published(module)):
        return custom_objects[name]  # of Keras's layers these cannot be made here
    found = _keras_class(module, name)
    if registered not in (None, "", name):
        raise ValueError(
            f"`registered_name={registered!r}` was provided, but {module}.{name} is Keras's own "
            "and has none"
        )
    return found


def _is_keras(module: str) -> bool:
    return module == "keras" or module.startswith("keras.")


def _keras_class(module: str, name: str) -> Any:
    if name == "Functional":  # Keras has moved it about
        return published(FUNCTIONAL)[name]
    if module in (OPERATIONS, *OTHER_OPERATIONS) and name in published(module):
        return published(module)[name]
    if module in _MODULES:
        found = published(module).get(name)
        if isinstance(found, type) and hasattr(found, "from_config"):
            return found
        if isinstance(found, types.FunctionType):
            raise ValueError(f"Cannot deserialize `{module}.{name}`: it is not a modeling class")
        raise ValueError(f"Could not deserialize '{module}.{name}': {_instead(module, name)}")
    if module.split(".")[1] in _TOOLS:
        raise ValueError(f"Cannot deserialize `{module}.{name}`: no model is made of such things")
    raise TypeError(f"Could not deserialize '{name}': there is no module {module}")


def _instead(module: str, name: str) -> str:
    classes = {k: v for k, v in published(module).items() if isinstance(v, type)}
    known = sorted(k for k, v in classes.items() if hasattr(v, "from_config"))
    return (
        f"it is not in scratchnet, which has {', '.join(known)}; to load such a file, write a "
        f"class of your own that takes its place, and give it as custom_objects={{{name!r}: …}}"
    )


def find_function(data: dict[str, Any], custom_objects: dict[str, Any]) -> Any:
    """The function that `data`, the serialized config of one, names.

    Raises:
        TypeError: it is neither Keras's nor yours.
        ValueError: Keras has it, but no model is made of it.
    """
    name, module = data["config"], data.get("module")
    if not isinstance(name, str):
        raise TypeError(f"the 'config' of a function must be its name, received {data}")
    yours = get_registered_object(name, custom_objects)
    if yours is not None:
        return yours
    if module == "builtins" or module in _FUNCTIONS:
        for here in _FUNCTIONS:
            found = published(here).get(name)
            if isinstance(found, types.FunctionType) and name not in _FAMILY_TOOLS:
                return found
        for known, thing in custom_objects.items():  # files of Keras 3.6 and before
            if known.endswith(f">{name}"):
                return thing
    elif isinstance(module, str) and _is_keras(module):
        raise ValueError(f"Cannot deserialize `{module}.{name}`: it is not a modeling function")
    raise _unknown("function", name, data)


def _unknown(kind: str, name: Any, data: dict[str, Any]) -> TypeError:
    return TypeError(
        f"Could not locate {kind} {name!r}: it is neither Keras's nor yours. Decorate your own "
        "classes and functions with @keras.saving.register_keras_serializable(), or give them as "
        f"custom_objects={{{name!r}: …}}; the file says {_shortened(data)}"
    )


def _shortened(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 300 else f"{text[:300]}…"
