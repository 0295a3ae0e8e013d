"""Where the shapes in a file do not match those of a model, as a table."""

from __future__ import annotations

from typing import Any

from scratchnet.keras.saving.saved_objects import saved_objects
from scratchnet.keras.saving.stored_arrays import Shapes, Stored, shapes_match

Failure = tuple[str, Any, Stored, Exception]  # path, layer or optimizer, its arrays, the error


def mismatch_table(label: str, failures: list[Failure]) -> str:
    """Name, expected shape and found shape of each variable that does not fit.

    Args:
        label: the beginning of the text.
        failures: the objects at fault.
    """
    rows = [row for failure in failures for row in _rows(*failure)]
    head = ("name", "expected shape", "found shape")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(3)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, tuple("-" * width for width in widths), *rows]
    ]
    saveables = ", ".join(repr(saveable) for _, saveable, _, _ in failures)
    shown = "\n  ".join(lines)
    return (
        f"{label}: A total of {len(failures)} objects could not be loaded:\n\n  {shown}\n\n"
        f"These are: {saveables}"
    )


def _rows(
    where: str, saveable: Any, stored: Stored, error: Exception
) -> list[tuple[str, str, str]]:
    variables = _own(saveable)
    rows = []
    for i, variable in enumerate(variables):
        expected, found = tuple(variable.shape), stored.get(str(i))
        if found is None:
            rows.append((variable.path, str(expected), "not in the file"))
        elif tuple(found.shape) != expected:
            rows.append((variable.path, str(expected), str(found.shape)))
    known = {str(i) for i in range(len(variables))}
    for key in sorted(stored.keys() - known):
        name = f"{where}/vars/{key}" if where else f"vars/{key}"
        rows.append((name, "not in the model", str(stored[key].shape)))
    return rows or [(saveable.name, f"{type(error).__name__}: {error}", "")]


def _own(saveable: Any) -> list[Any]:
    return list(
        saveable._own_variables() if hasattr(saveable, "_own_variables") else saveable.variables
    )


def check_fit(saveable: Any, stored: Stored) -> None:
    """Refuse arrays of other shapes than the variables of `saveable` at their places.

    Their number is for `saveable` itself to judge, and so is all if it reads them in its own way.

    Raises:
        ValueError: another shape.
    """
    shapes = _shapes(saveable)
    if shapes is not None and len(shapes) == len(stored) and not shapes_match(shapes, stored):
        raise ValueError(f"a variable of {saveable.name} has another shape")


def wanted_shapes(model: Any) -> dict[str, Shapes]:
    """The shapes of the variables of all objects of `model`, by the paths of the objects."""
    return {where: _shapes(saveable) for where, saveable in saved_objects(model)}


def _shapes(saveable: Any) -> Shapes:
    """The shapes of the variables of `saveable`; None if it reads them in its own way."""
    if not type(saveable).load_own_variables.__module__.startswith("scratchnet."):
        return None
    return [tuple(variable.shape) for variable in _own(saveable)]
