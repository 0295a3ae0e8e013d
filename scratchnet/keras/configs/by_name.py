"""ByName: what `get` and `deserialize` of losses, metrics, initializers … find."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from scratchnet.keras.configs.registration import all_custom_objects
from scratchnet.keras.configs.serialization import deserialize_keras_object
from scratchnet.unsupported import unknown


class ByName:
    """The classes and functions of one kind, by their names.

    Activations and optimizers have a `get` of their own, as in Keras: the name of an activation is
    never that of a custom object, names of optimizers may be written in any case.

    Args:
        kind: what errors call it: ``"loss"``.
        table: name -> class or function; several names may stand for one.

    >>> from scratchnet import keras
    >>> keras.losses.get("mse") is keras.losses.mean_squared_error
    True
    >>> keras.regularizers.get("l2"), keras.metrics.get(None)
    (<scratchnet.keras.regularizers.L2 object at ...>, None)
    """

    def __init__(self, kind: str, table: Mapping[str, Any]) -> None:
        self.kind, self.table = kind, dict(table)

    def get(self, identifier: Any) -> Any:
        """The object or function that `identifier` names.

        Args:
            identifier: a name, or a config; functions and objects are handed back, a class
                is called without arguments, None stays None.

        Raises:
            ValueError: an unknown name, or something that cannot be called.
            TypeError: the config of an unknown class or function.
        """
        if identifier is None:
            return None
        found = self.deserialize(identifier)
        if not callable(found):
            raise ValueError(f"Could not interpret {self.kind} identifier: {identifier}")
        return found() if isinstance(found, type) else found

    def deserialize(self, config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
        """The object that a config stands for, as `serialize` returns it, or a name.

        Args:
            config: a name, or a config; anything else is handed back.
            custom_objects: your own classes and functions, by name.

        Returns:
            For the name of a class, an object of it with default arguments; a function itself.

        Raises:
            ValueError: an unknown name, a dict that is no config.
            TypeError: the config of an unknown class or function.
        """
        custom = all_custom_objects(custom_objects)
        if isinstance(config, str):
            found = custom.get(config, self.table.get(config))
            if found is None:
                raise unknown(self.kind, config, self.table)
            return found() if isinstance(found, type) else found
        if not isinstance(config, dict):
            return config
        name = config.get("class_name")
        if name is None:
            raise ValueError(f"Unknown `config` as a `dict`, config={config}")
        module = config.get("module") or "keras"
        found = self.table.get(name) if str(module).startswith("keras") else None
        if found is None or name in custom or config.get("registered_name") in custom:
            if "module" not in config and name not in custom:
                raise ValueError(f"Could not interpret {self.kind} identifier: {config}")
            return deserialize_keras_object(config, custom_objects)
        if isinstance(found, types.FunctionType):
            return found
        return found.from_config(dict(config.get("config") or {}))
