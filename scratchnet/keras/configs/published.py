"""The classes and functions that a configuration may name, by the module in which Keras has them.

``keras.layers`` -> ``Dense`` -> the class. All of `scratchnet.keras` uses configurations, so this
package can import none of it; `scratchnet.keras` itself, which imports the rest, fills the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TABLE: dict[str, dict[str, Any]] = {}


def publish(module: str, names: Mapping[str, Any]) -> None:
    """Let configurations name these members of `module`, which is called as in Keras.

    Args:
        module: ``"keras.layers"``.
        names: name -> class or function.
    """
    _TABLE.setdefault(module, {}).update(names)


def published(module: str) -> dict[str, Any]:
    """The members of `module` by name; none of a module that shows nothing.

    >>> published("keras.regularizers")["L2"](0.5).l2
    0.5
    """
    return _TABLE.get(module, {})
