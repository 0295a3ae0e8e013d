"""How masks pass through the calls of layers.

Before a call, the masks of its inputs become its arguments ``mask`` (of the one tensor that there
is) or ``x_mask``, ``y_mask`` (of several tensors ``x`` and ``y``), where `call` has them and they
are not given.  After it, `compute_mask` makes the mask of the output out of that of the first
input, if the layer supports masking; if not, the mask ends there, with a warning.
"""

from __future__ import annotations

from typing import Any

from scratchnet.engine import nest
from scratchnet.engine.base_variable import BaseVariable
from scratchnet.engine.tensor import Tensor
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.keras_mask import get_mask, set_mask
from scratchnet.keras.keras_tensor import KerasTensor

_TENSORS = (Tensor, KerasTensor, BaseVariable)


def take_masks(
    names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any], fill: bool
) -> Any:
    """The mask of the first input, or the structure of those of several.

    Args:
        names: the parameters of `call`.
        args, kwargs: its arguments.
        fill: whether to add the mask arguments to `kwargs`.
    """
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    tensors = [name for name, value in given.items() if _is_tensors(value)]
    for name in tensors if fill else ():
        argument = "mask" if len(tensors) == 1 else f"{name}_mask"
        if argument in names and given.get(argument) is None:
            mask = _masks_of(given[name])
            if any(part is not None for part in nest.flatten(mask)):
                kwargs[argument] = mask
    if kwargs.get("mask") is not None:
        return kwargs["mask"]
    return _masks_of(_first(args, kwargs))


def _first(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[0] if args else next(iter(kwargs.values()), None)


def _is_tensors(value: Any) -> bool:
    if not nest.is_nested(value):
        return isinstance(value, _TENSORS)
    parts = nest.flatten(value)
    return bool(parts) and all(part is None or isinstance(part, _TENSORS) for part in parts)


def _masks_of(inputs: Any) -> Any:
    if not nest.is_nested(inputs):
        return get_mask(inputs)
    return nest.pack(inputs, [get_mask(part) for part in nest.flatten(inputs)])


def pass_mask(
    layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any, mask: Any
) -> None:
    """Give the `outputs` of `layer` their masks, where they have none.

    Args:
        layer: the layer that was called.
        args, kwargs: what it was called with.
        outputs: what it returned.
        mask: what `take_masks` returned.
    """
    if not layer.supports_masking:
        if any(part is not None for part in nest.flatten(mask)):
            warn(
                f"Layer '{layer.name}' (of type {type(layer).__name__}) was passed an input with a "
                "mask attached to it. However, this layer does not support masking and will "
                "therefore destroy the mask information. Downstream layers will not see the mask."
            )
        return
    flat = nest.flatten(outputs)
    if all(get_mask(y) is not None for y in flat):
        return
    masks = layer.compute_mask(_first(args, kwargs), mask)
    for y, part in zip(flat, nest.flatten(masks) if masks is not None else (), strict=False):
        if part is not None and get_mask(y) is None:
            set_mask(y, part)
