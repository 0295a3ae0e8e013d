"""What is done to gradients before a step: checks, clipping; and to weights: weight decay."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import WHY_NONE, InvalidArgumentError, say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor
from scratchnet.engine.tracebacks import warn


def clip_by_norm(g: Array, limit: float) -> Array:
    """`g`, scaled so that its Euclidean norm is at most `limit`."""
    norm = np.sqrt(np.sum(np.square(g)))  # of nan it is nan, and so all becomes nan
    return np.asarray((g * g.dtype.type(limit)) / np.maximum(norm, g.dtype.type(limit)), g.dtype)


def clip_by_global_norm(gs: list[Array], limit: float) -> list[Array]:
    """All of `gs`, scaled by one factor so that the norm of all together is at most `limit`."""
    norm = np.sqrt(np.sum([np.sum(np.square(g)) for g in gs]))
    kind = norm.dtype.type
    # The last term is 0, or nan where the norm is not finite: then all becomes nan.
    scale = kind(limit) * np.minimum(1 / norm, kind(1 / limit)) + (norm - norm)
    return [np.asarray(g * scale, g.dtype) for g in gs]


def clip_by_value(g: Array, limit: float) -> Array:
    """`g` with each element brought into [-limit, limit]."""
    return np.clip(g, g.dtype.type(-limit), g.dtype.type(limit))


def check_missing_gradients(variables: list[Any], all_missing: bool) -> None:
    """Warn of `variables`, which have no gradient; refuse a step without any gradient."""
    if all_missing:
        raise ValueError(f"No gradients provided for any variable. A gradient is {WHY_NONE}.")
    if variables:
        names = [path_of(v) for v in variables]
        warn(
            f"Gradients do not exist for variables {names} when minimizing the loss. If using "
            "`model.compile()`, did you forget to provide a `loss` argument? A gradient is "
            f"{WHY_NONE}."
        )


def check_gradients(pairs: list[tuple[Tensor, Any]]) -> None:
    """Refuse a gradient of another shape than its variable, or of integers for one of floats."""
    for g, v in pairs:
        if g._data.shape != v._data.shape:
            raise InvalidArgumentError(
                f"apply_gradients: the gradient of {path_of(v)} must have its shape: Incompatible "
                f"shapes: {list(v._data.shape)} vs. {list(g._data.shape)}"
            )
        if v._data.dtype.kind == "f" and g._data.dtype.kind != "f":
            raise TypeError(
                f"apply_gradients: the gradient of {path_of(v)}, of dtype {v._data.dtype}, must be "
                f"floating, received one of dtype {g._data.dtype}"
            )


def check_clippable(arrays: list[Array]) -> None:
    """Refuse to clip complex gradients."""
    for g in arrays:
        if g.dtype.kind == "c":
            raise InvalidArgumentError(
                "apply_gradients: `clipnorm`, `global_clipnorm` and `clipvalue` must not be given "
                f"where a gradient is complex, received one of dtype {g.dtype}"
            )


def check_factor_fits(where: str, name: str, factor: Any, variables: list[Any]) -> None:
    """Refuse a factor that is an array and does not broadcast to each of the variables."""
    shape = np.shape(factor._data if isinstance(factor, Operators) else factor)
    for v in variables:
        if not _broadcasts_to(shape, v._data.shape):
            rule = f"must be one number, or fit {path_of(v)} of shape {list(v._data.shape)}"
            raise InvalidArgumentError(f"{say(where, name, rule, factor)}: Incompatible shapes")


def _broadcasts_to(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(small, large) == large
    except ValueError:
        return False


def path_of(variable: Any) -> str:
    """The path of a Keras variable; the name of any other."""
    return str(getattr(variable, "path", variable.name))


def apply_weight_decay(variable: Any, weight_decay: float, rate: Array) -> None:
    """Multiply `variable` by ``1 - rate weight_decay``."""
    w = variable._data
    kind = w.dtype.type
    # As in Keras, a float32 on its way to whatever dtype w has.
    variable._data = np.asarray(w - w * kind(np.float32(weight_decay)) * kind(rate))
