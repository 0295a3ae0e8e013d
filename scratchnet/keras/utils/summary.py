"""The table that `Model.summary` prints."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from typing import Any

from scratchnet.engine.errors import say
from scratchnet.keras.config import Shape, check_flags, check_integers
from scratchnet.keras.utils.lazy_rich import import_rich
from scratchnet.keras.variable import Variable

_NUMBER, _NONE, _CLASS, _YES, _NO = "color(34)", "color(45)", "color(33)", "color(34)", "color(9)"


def readable_memory_size(size: float) -> str:
    """A number of bytes with its unit.

    >>> readable_memory_size(4 * 1_199_882)
    '4.58 MB'
    """
    units = ["B", "KB", "MB", "GB", "TB"]
    for unit in units:
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} PB"


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: list[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> None:
    """Print the table of the layers of `model`; see `Model.summary`."""
    if line_length is not None:
        check_integers("summary", 0, 2**31 - 1, line_length=line_length)
    check_flags("summary", expand_nested=expand_nested, show_trainable=show_trainable)
    import_rich()
    from rich.console import Console  # slow to import, and needed here only
    from rich.markup import escape

    graph = getattr(model, "_graph", None)
    nodes = None if graph is None or graph.is_chain else graph.depths
    table = _table(show_trainable, nodes is not None, line_length, positions)
    for layer in _in_range(model.layers if graph is None else graph.layers, layer_range):
        for row in _rows(layer, show_trainable, expand_nested, nodes):
            table.add_row(*row)
    console = (
        Console(highlight=False, force_terminal=False, color_system=None)
        if print_fn
        else Console(highlight=False)
    )
    if print_fn:
        console.begin_capture()
    console.print(f'[bold]Model: "{escape(model.name)}"[/]')
    console.print(table)
    for name, variables in _totals(model):
        count, size = _count(variables)
        console.print(
            f"[bold] {name} params: [/][{_NUMBER}]{count:,}[/] ({readable_memory_size(size)})"
        )
    if print_fn:
        print_fn(console.end_capture())


def _table(
    show_trainable: bool,
    show_connections: bool,
    line_length: int | None,
    positions: list[float] | None,
) -> Any:
    from rich.table import Column, Table

    names, sides = ["Layer (type)", "Output Shape", "Param #"], ["left", "left", "right"]
    if isinstance(positions, list) and not positions:
        positions = None
    ends, width = [0.45, 0.80, 1.0] if positions is None else positions, 88
    if show_connections:
        names, sides, width = [*names, "Connected to"], [*sides, "left"], 108
        ends = [0.3, 0.56, 0.74, 1.0] if positions is None else positions
    if show_trainable:
        names, sides, width = [*names, "Trainable"], [*sides, "center"], width + 12
        ends = [end * 0.90 for end in ends] + [1.0]
    _check_ends(ends, names)
    total = line_length or min(width, shutil.get_terminal_size().columns - 4)
    widths: list[int] = []
    for end in ends:
        widths.append(int(end * total) - sum(widths))
    if min(widths) < 4:
        raise ValueError(f"summary: a width of {total} has no room for the columns {widths}")
    columns = [
        Column(name, justify=side, width=size)  # type: ignore[arg-type]
        for name, side, size in zip(names, sides, widths, strict=False)
    ]
    return Table(*columns, width=total, show_lines=True)


def _check_ends(ends: Any, names: list[str]) -> None:
    rule = f"must say where each of the columns ends: {', '.join(names)}"
    if not isinstance(ends, list | tuple):
        raise TypeError(say("summary", "positions", rule, ends))
    if len(ends) < len(names):
        raise IndexError(say("summary", "positions", rule, ends))
    if not all(hasattr(end, "__float__") for end in ends):
        raise ValueError(say("summary", "positions", rule, ends))


def _rows(
    layer: Any, show_trainable: bool, expand: bool, nodes: Any = None, depth: int = 0
) -> list[list[str]]:
    """The row of `layer`, and those of the layers inside it if they are shown.

    Args:
        layer, show_trainable, expand: what to tell.
        nodes: the calls whose inputs to list; none if not given.
        depth: in how many other layers this one lies.
    """
    from rich.markup import escape

    prefix = "   " * depth + "└ " if depth else ""
    name = escape(prefix + layer.name) + f" ([{_CLASS}]{escape(type(layer).__name__)}[/])"
    params = f"{layer.count_params():,}" if layer.built else "0"
    row = [
        name,
        _shape_of(layer),
        f"[{_NUMBER}]{params}[/]" + ("" if layer.built else " (unbuilt)"),
    ]
    if nodes is not None:
        row.append(_connections(layer, nodes))
    if show_trainable:
        row.append(_trainable_mark(layer))
    inner = getattr(layer, "layers", None) if expand else None
    return [row] + [
        r for part in inner or () for r in _rows(part, show_trainable, expand, nodes, depth + 1)
    ]


def _connections(layer: Any, nodes: Any) -> str:
    """What `layer` takes, in all its calls among `nodes`: ``name[call][output]``."""
    taken = [
        f"{x.layer.name}[[{_NUMBER}]{x.node.index}[/]][[{_NUMBER}]{x.index}[/]]"
        for node in layer._nodes
        if node in nodes
        for x in node.inputs
    ]
    return ", ".join(taken) or "-"


def _trainable_mark(layer: Any) -> str:
    if not layer.weights:
        return "[bold]-[/]"
    return f"[bold][{_YES}]Y[/][/]" if layer.trainable else f"[bold][{_NO}]N[/][/]"


def _shape_of(layer: Any) -> str:
    """The output shape in its model, or for what it was built for; ``?`` if neither is known."""
    if layer._nodes:
        found = [_colored(x.shape) for x in layer._nodes[-1].outputs]
        return found[0] if len(found) == 1 else f"[{', '.join(found)}]"
    if layer.build_shape is None:
        return "?"
    try:
        return _colored(layer.compute_output_shape(layer.build_shape))
    except Exception:  # a layer of the user's that cannot say: Keras prints the same
        return "?"


def _colored(shape: Shape) -> str:
    sizes = [f"[{_NONE if size is None else _NUMBER}]{size}[/]" for size in shape]
    return f"({', '.join(sizes)})"


def _totals(model: Any) -> list[tuple[str, list[Variable]]]:
    trainable, fixed = model.trainable_weights, model.non_trainable_weights
    optimizer = model.optimizer
    has_state = model.compiled and optimizer is not None and optimizer.built
    remembered = optimizer.variables if has_state else []
    totals = [
        ("Total", trainable + fixed + remembered),
        ("Trainable", trainable),
        ("Non-trainable", fixed),
    ]
    return [*totals, ("Optimizer", remembered)] if has_state else totals


def _count(variables: Iterable[Variable]) -> tuple[int, int]:
    """(scalars, bytes) of all."""
    arrays = [v._data for v in variables]
    return sum(a.size for a in arrays), sum(a.nbytes for a in arrays)


def _in_range(layers: list[Any], names: Any) -> list[Any]:
    """The layers from the first to the last that the two patterns in `names` match."""
    if names is None:
        return layers
    if len(names) != 2 or not all(isinstance(name, str) for name in names):
        raise ValueError(say("summary", "layer_range", "must be two names", names))
    first, last = ([i for i, v in enumerate(layers) if re.match(name, v.name)] for name in names)
    if not first or not last:
        raise ValueError(say("summary", "layer_range", "must fit names of layers", names))
    if min(first) > max(last):
        return layers[min(last) : max(first) + 1]
    return layers[min(first) : max(last) + 1]
