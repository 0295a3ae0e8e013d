"""What `get` and `deserialize` of losses, metrics, regularizers … share."""

from __future__ import annotations

import types
from typing import Any

from scratchnet.keras.configs.registration import all_custom_objects
from scratchnet.keras.configs.serialization import deserialize_keras_object
from scratchnet.unsupported import unknown


def deserialize_known(
    kind: str, config: Any, by_name: dict[str, Any], custom_objects: dict[str, Any] | None = None
) -> Any:
    """The object that `config` describes or names.

    Args:
        kind: what errors call it: ``"loss"``.
        config: a name, or a description; anything else is handed back.
        by_name: the classes and functions that have a name.
        custom_objects: your own, by name.

    Returns:
        For the name of a class, an object of it with default arguments; a function itself.

    Raises:
        ValueError: an unknown name, a dict that is no description.
        TypeError: the description of an unknown class or function.
    """
    yours = all_custom_objects(custom_objects)
    if isinstance(config, str):
        found = yours.get(config, by_name.get(config))
        if found is None:
            raise unknown(kind, config, by_name)
        return found() if isinstance(found, type) else found
    if not isinstance(config, dict):
        return config
    name = config.get("class_name")
    if name is None:
        raise ValueError(f"Unknown `config` as a `dict`, config={config}")
    module = config.get("module") or "keras"
    found = by_name.get(name) if str(module).startswith("keras") else None
    if found is None or name in yours or config.get("registered_name") in yours:
        if "module" not in config and name not in yours:
            raise ValueError(f"Could not interpret {kind} identifier: {config}")
        return deserialize_keras_object(config, custom_objects)
    return found if _is_function(found) else found.from_config(dict(config.get("config") or {}))


def _is_function(thing: Any) -> bool:
    return isinstance(thing, types.FunctionType)
