"""From the config in a file to a model, with errors that name the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scratchnet.engine.errors import OpError
from scratchnet.keras.configs import shared_objects
from scratchnet.keras.configs.limits import calls_within, check_shapes
from scratchnet.keras.configs.old_layouts import deserialize_layer

# What is said of a weight for which a small file asks more memory than its weights take.
TOO_LARGE = "is larger than the weights in the file"


@contextmanager
def naming(label: str, what: str) -> Iterator[None]:
    """Begin the text of an error with `label`; `what` is where the config is."""
    try:
        yield
    except OpError as error:
        raise type(error)(f"{label}: {error}") from error
    except (TypeError, ValueError, NotImplementedError) as error:
        kind = next(k for k in (TypeError, NotImplementedError, ValueError) if isinstance(error, k))
        raise kind(f"{label}: {error}") from error
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise ValueError(f"{label}: {what} does not describe a model: {told}") from error


def revived(config: Any, custom_objects: dict[str, Any] | None, what: str) -> Any:
    """The model that `config` describes, with new weights.

    Raises:
        ValueError: it describes no model; shapes that are none.
        TypeError: a class or function that is neither Keras's nor yours.
    """
    check_shapes(config)
    with shared_objects.remembering(), calls_within():
        model = deserialize_layer(config, custom_objects)
    if not hasattr(model, "get_compile_config"):
        raise ValueError(f"{what} must describe a model, and describes {model!r}")
    return model
