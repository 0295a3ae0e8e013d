"""The arrays that a file holds for one object; where they do not fit it, their shapes alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Shape = tuple[int, ...]
Shapes = list[Shape] | None  # of the variables of one object; None: it takes what there is
Stored = dict[str, Any]  # position -> an array, or ShapeOnly


@dataclass(frozen=True)
class ShapeOnly:
    """Instead of an array that is not read: its shape."""

    shape: Shape


def shapes_match(shapes: Shapes, stored: Stored) -> bool:
    """Whether each variable has an array of its shape in `stored`, and nothing is left over.

    The scalars of a LossScaleOptimizer may stand before them.
    """
    if shapes is None:
        return True
    wanted = {str(i): shape for i, shape in enumerate(shapes)}
    found = {key: tuple(array.shape) for key, array in stored.items()}
    if len(found) == len(wanted) + _LOSS_SCALE:
        inner = without_loss_scale(found)
        return inner == wanted and all(found[str(i)] == () for i in range(_LOSS_SCALE))
    return found == wanted


def without_loss_scale(stored: dict[str, Any]) -> dict[str, Any]:
    """Of what Keras's LossScaleOptimizer saved, that of the optimizer inside, renumbered."""
    return {str(i): stored.get(str(i + _LOSS_SCALE)) for i in range(len(stored) - _LOSS_SCALE)}


_LOSS_SCALE = 4  # its step counter, learning rate, steps since the last change, and scale
