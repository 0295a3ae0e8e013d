"""The checks of the arguments of a dataset's methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.data.element_spec import Spec, TensorSpec, tuple_like
from scratchnet.engine.dtypes import as_dtype, int64
from scratchnet.engine.errors import invalid, say
from scratchnet.engine.tensor import TensorLike, convert


def integer(where: str, name: str, value: TensorLike) -> int:
    """`value` (a Python or NumPy integer, or an int64 scalar tensor) as an int."""
    try:
        data = convert(value, int64)._data
    except (TypeError, ValueError) as error:
        raise type(error)(f"{say(where, name, 'must be one integer', value)}: {error}") from None
    if data.ndim:
        raise ValueError(say(where, name, "must be one integer", value))
    return int(data)


def boolean(where: str, name: str, value: object) -> bool:
    """`value` as a bool, which it must be already."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{where}: Expected bool for argument '{name}' not {value!r}.")
    return bool(value)


def function(where: str, name: str, value: object) -> Callable[..., Any]:
    """`value`, which must be callable."""
    if not callable(value):
        raise ValueError(
            f"{where}: Argument `{name}` must be a callable. Received {name}={value!r} "
            f"(of type {type(value)})"
        )
    return value


def in_parallel(where: str, num_parallel_calls: Any, deterministic: object) -> bool:
    """Check the two arguments that say how TensorFlow may run a step: no value depends on them.

    The answer is only printed: TensorFlow has other names for steps that may run in parallel.
    """
    if num_parallel_calls is not None:
        n = integer(where, "num_parallel_calls", num_parallel_calls)
        if n < 1 and n != -1:
            rule = "must be greater than zero, or -1 or None"
            raise invalid(where, "num_parallel_calls", rule, n)
    if deterministic is not None:
        boolean(where, "deterministic", deterministic)
    return num_parallel_calls is not None


def signature(output_types: Any, output_shapes: Any, output_signature: Any) -> Spec:
    """The spec that `Dataset.from_generator` is given, in one of its two ways."""
    if output_signature is None:
        if output_types is None:
            raise TypeError(
                "from_generator: To specify the output signature you need to provide either the "
                "`output_signature` argument or the `output_types` argument."
            )
        return _typed_shapes(output_types, output_shapes)
    for name, other in (("output_types", output_types), ("output_shapes", output_shapes)):
        if other is not None:
            raise TypeError(
                f"from_generator: The `{name}` argument can not be used together with the "
                "`output_signature` argument."
            )
    _check_specs(output_signature)
    return output_signature


def _check_specs(given: Any) -> None:
    if isinstance(given, dict | tuple):
        for part in given.values() if isinstance(given, dict) else given:
            _check_specs(part)
    elif not isinstance(given, TensorSpec):
        raise TypeError(
            "from_generator: `output_signature` must contain objects that are subclass of "
            f"`tf.TypeSpec` but found {type(given)} which is not."
        )


def _typed_shapes(types: Any, shapes: Any) -> Spec:
    """Specs in the structure of `types`; there, a tuple of sizes in `shapes` is one leaf."""
    if isinstance(types, dict):
        parts = {} if shapes is None else shapes
        return {key: _typed_shapes(part, parts.get(key)) for key, part in types.items()}
    if isinstance(types, tuple):
        parts = (None,) * len(types) if shapes is None else shapes
        if not isinstance(parts, tuple) or len(parts) != len(types):
            rule = f"must have the structure of output_types={types!r}"
            raise ValueError(say("from_generator", "output_shapes", rule, shapes))
        return tuple_like(types, map(_typed_shapes, types, parts))
    return TensorSpec(shapes, as_dtype(types))


def nodes_of(where: str, given: Any, kind: type) -> Any:
    """A structure of datasets (instances of `kind`) as the structure of their nodes."""
    if isinstance(given, list):
        raise TypeError(
            f"Invalid input to `{where}`. Inputs are expected to be (nested) structures of "
            "`tf.data.Dataset` objects. Python `list` is not supported and you should use `tuple` "
            "instead."
        )
    if isinstance(given, dict):
        return {key: nodes_of(where, part, kind) for key, part in given.items()}
    if isinstance(given, tuple):
        return tuple_like(given, [nodes_of(where, part, kind) for part in given])
    if not isinstance(given, kind):
        raise TypeError(
            f"Invalid input to `{where}`. Inputs are expected to be (nested) structures of "
            f"`tf.data.Dataset` objects but encountered object of type {type(given)}."
        )
    return given._node  # type: ignore[attr-defined]
