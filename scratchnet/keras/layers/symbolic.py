"""Layers called on KerasTensors: shapes and dtypes inferred by calling them on ones."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.base_variable import BaseVariable
from scratchnet.engine.dtypes import as_dtype
from scratchnet.engine.errors import OpError
from scratchnet.engine.op import StopRecording
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.configs.limits import take_trial
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.call_context import CONTEXT, any_batch
from scratchnet.keras.naming import name_scope
from scratchnet.keras.tracking import owned
from scratchnet.ops.random_seeds import untouched
from scratchnet.ops.trials import Shape, Trial, common_shapes, results


def any_symbolic(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a KerasTensor is among the arguments."""
    if not kwargs and all([type(x) is Tensor for x in args]):
        return False  # most calls
    return any(isinstance(x, KerasTensor) for x in nest.flatten([list(args), kwargs]))


def is_shape_tuple(value: Any) -> bool:
    """Whether `value` is one shape, such as ``(None, 3)``, rather than a structure of shapes."""
    return isinstance(value, tuple | list) and all(
        part is None or isinstance(part, int | np.integer) for part in value
    )


def map_shapes(function: Callable[[Any], Any], shapes: Any) -> Any:
    """`function` of each shape in a structure of shapes."""
    if is_shape_tuple(shapes):
        return function(tuple(shapes))
    if isinstance(shapes, dict):
        return {key: map_shapes(function, part) for key, part in shapes.items()}
    return type(shapes)(map_shapes(function, part) for part in shapes)


def _is_symbolic(x: Any) -> bool:
    return isinstance(x, KerasTensor)


def _tell(error: Exception, layer: Any, args: Any, kwargs: Any, trial: Trial) -> None:
    """Write None in the text of `error` for each size of `trial` that the program has not."""
    unknown = any(_is_symbolic(x) and None in x.shape for x in nest.flatten(args))
    if unknown and error.args and isinstance(error.args[0], str | int):
        other = _text_of_failure(lambda: _call_filled(layer, args, kwargs, _OTHER_SIZES))
        text = _with_none(str(error.args[0]), other, trial.size, trial.side)
        error.args = (text, *error.args[1:])
        if isinstance(error, OpError):
            error.message = error.args[0]


_USUAL = Trial(6, 32, 6), Trial(12, 64, 12)
_OTHER_SIZES = Trial(18, 48, 18)  # no product of two is one of those tried before
_NUMBER = re.compile(r"(?<![\w.])(\d+)(?!\w|\.\d)")
_ADDRESS = re.compile(r"0x[0-9a-f]+")


def _text_of_failure(trial: Callable[[], Any]) -> str:
    try:
        trial()
    except Exception as error:
        return str(error.args[0]) if error.args else ""
    return ""


def _with_none(text: str, other: str, batch: int, side: int) -> str:
    """`text`, the message of a failed trial, with None for each size that depends on the trial's.

    Args:
        text: the message.
        other: that of another trial; the sizes in which the two differ nobody has written.
        batch, side: the sizes that stood for None.
    """
    parts, others = _NUMBER.split(text), _NUMBER.split(other)  # each second one is a number
    words, other_words = [_ADDRESS.sub("", "|".join(p[::2])) for p in (parts, others)]
    if len(parts) == len(others) and words == other_words:
        pairs = zip(parts, others, strict=True)
        return "".join(
            "None" if i % 2 and part != other else part for i, (part, other) in enumerate(pairs)
        )
    if not {str(batch), str(side)} & set(parts[1::2]):
        return text
    return f"{text}\n\n(sizes that are None were tried as {batch}, of the batch, and {side})"


def _call_filled(layer: Any, args: Any, kwargs: Any, trial: Trial) -> Any:
    """What `layer` returns for stand-ins in place of KerasTensors.

    Without side effects: no tape records it, variables and random states are afterwards as they
    were.  `training` is False.
    """

    def ones(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return x
        kind = as_dtype(x.dtype).numpy
        take_trial(math.prod(trial.sizes(x.shape)) * kind.itemsize, layer.name)
        return Tensor(trial.filled(x.shape, kind))

    filled = [ones(x) for x in nest.flatten([args, kwargs])]
    args, kwargs = nest.pack([args, kwargs], filled)
    scope = name_scope(layer.name, layer, layer._parent_path)
    with _without_side_effects(layer), scope, any_batch():
        return layer.call(*args, **kwargs)


@contextmanager
def _without_side_effects(layer: Any) -> Iterator[None]:
    training, depth = CONTEXT.training, CONTEXT.depth
    inside = layer._flatten_layers()
    variables = [v for part in inside for v in owned(part, BaseVariable)]
    variables += [v for part in inside for v in part.variables]
    values = [v._data for v in variables]
    CONTEXT.training, CONTEXT.depth = False, depth + 1
    try:
        with StopRecording(), untouched():
            yield
    finally:
        CONTEXT.training, CONTEXT.depth = training, depth
        for variable, value in zip(variables, values, strict=True):
            variable._data = value
        layer._forget_losses()


def infer_by_calling(make: Callable[[Any, str], Any], layer: Any, args: Any, kwargs: Any) -> Any:
    """``make(shape, dtype)`` for all that `layer` returns, found by calls on ones.

    A size that differs between them, which differ where a shape has a None, is None.  The sizes
    that stand for None have many divisors, so that ``reshape(x, (-1, 6))`` finds whole rows; both
    grow, so that their products differ too.
    """
    outputs = _called_on_stand_ins(layer, args, kwargs, _USUAL)
    shapes = common_shapes([_shapes(output) for output in outputs])
    flat = zip(shapes, nest.flatten(outputs[0]), strict=True)
    return nest.pack(outputs[0], [make(shape, x.dtype.name) for shape, x in flat])


def build_by_calling(layer: Any, x: Any) -> None:
    """Make the weights of the layers that `layer` calls, by a call on ones in place of `x`."""
    _called_on_stand_ins(layer, (x,), {}, (Trial(2, 32, 2),))


def _called_on_stand_ins(layer: Any, args: Any, kwargs: Any, usual: tuple[Trial, ...]) -> list[Any]:
    """What `layer` returns for several stand-ins in place of KerasTensors.

    Raises:
        Exception: what it raises for the first, with None for the sizes of stand-ins in its text.
    """

    def call(trial: Trial) -> Any:
        return _call_filled(layer, args, kwargs, trial)

    given: list[Shape] = [x.shape for x in nest.flatten([args, kwargs]) if _is_symbolic(x)]
    weights = len(layer.variables)
    try:
        # Weights that are made during a trial may fit the size of that stand-in alone.
        return results(
            call, _shapes, usual, given, is_enough=lambda: len(layer.variables) == weights
        )
    except Exception as error:
        _tell(error, layer, args, kwargs, usual[0])
        raise


def _shapes(outputs: Any) -> list[Shape]:
    return [x._data.shape for x in nest.flatten(outputs)]
