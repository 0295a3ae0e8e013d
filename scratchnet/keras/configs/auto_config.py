"""The config of a class without a `get_config`: the arguments of its constructor."""

from __future__ import annotations

import inspect
from typing import Any

from scratchnet.engine import nest

_PLAIN = (str, int, float, bool, type(None))


class Arguments:
    """What a constructor was called with, defaults included.

    Args:
        cls: the class.
        args, kwargs: as given to it.

    `config` is None, and `reason` says why, where they cannot be saved as plain data.
    """

    def __init__(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.config: dict[str, Any] | None = None
        self.reason = "arguments that do not fit its `__init__()`"
        signature = inspect.signature(cls.__init__)
        try:
            bound = signature.bind(None, *args, **kwargs)
        except TypeError:
            return
        bound.apply_defaults()
        given = dict(list(bound.arguments.items())[1:])  # without `self`
        for name, parameter in list(signature.parameters.items())[1:]:
            if parameter.kind is parameter.VAR_KEYWORD:
                given |= given.pop(name)
            elif parameter.kind is parameter.POSITIONAL_ONLY or (
                parameter.kind is parameter.VAR_POSITIONAL and given.pop(name)
            ):
                self.reason = f"positional arguments only (`{name}`)"
                return
        given.pop("name", None)
        for name, value in given.items():
            if not all(isinstance(leaf, _PLAIN) for leaf in nest.flatten(value)):
                self.reason = f"an argument that is no plain value, {name}={value!r}"
                return
        self.config = given


def automatic_config(thing: Any) -> dict[str, Any]:
    """The arguments that made `thing`, and its name if the constructor takes one.

    Raises:
        NotImplementedError: they are no plain data, so `thing` must override ``get_config``.
    """
    arguments: Arguments = thing._arguments
    where = type(thing).__name__
    if arguments.config is None:
        raise NotImplementedError(
            f"{where}: the object was created by passing {arguments.reason}, so override "
            "`get_config()` to return the arguments that make it again: "
            "{**super().get_config(), 'units': self.units}"
        )
    takes = inspect.signature(thing.__init__).parameters
    is_open = "kwargs" in takes and takes["kwargs"].kind is inspect.Parameter.VAR_KEYWORD
    name = {"name": thing.name} if is_open or "name" in takes else {}
    return {**name, **arguments.config}
