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
    """Whether each variable has an array of its shape in `stored`, and nothing is left over."""
    if shapes is None:
        return True
    return {str(i): shape for i, shape in enumerate(shapes)} == {
        key: tuple(array.shape) for key, array in stored.items()
    }
