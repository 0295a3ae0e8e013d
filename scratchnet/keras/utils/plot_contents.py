"""What is shown of a model: its layers as boxes of text, and which leads to which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from scratchnet.engine import nest

if TYPE_CHECKING:
    from scratchnet.keras.models.graph import LayerGraph


@dataclass(frozen=True)
class Shown:
    """What to tell of each layer; the arguments of `plot_model`."""

    shapes: bool
    dtype: bool
    names: bool
    nested: bool
    activations: bool
    trainable: bool


@dataclass(frozen=True)
class Box:
    """A layer.

    Attributes:
        name: of the layer.
        bold, plain: the two parts of the title.
        rows: (what, value) below the title.
        mark: "Trainable", "Non-trainable", or "" if that is not shown.
    """

    name: str
    bold: str
    plain: str
    rows: list[tuple[str, str]]
    mark: str = ""


class Link(NamedTuple):
    """From item `source` to item `target`; of groups, from that exit and to that entry."""

    source: int
    target: int
    exit: int
    entry: int


@dataclass(frozen=True)
class Picture:
    """Boxes and groups, and the links between them.

    Attributes:
        items: boxes, and groups where nested models are shown.
        links: each once; a layer may lead to itself.
        entries: for each input of the model, the item that takes it, and which entry of that item.
        exits: for each output, likewise.
    """

    items: list[Box | Group]
    links: list[Link]
    entries: list[tuple[int, int]]
    exits: list[tuple[int, int]]

    def boxes(self) -> Iterator[Box]:
        """All boxes, those in groups included."""
        for item in self.items:
            if isinstance(item, Box):
                yield item
            else:
                yield from item.picture.boxes()


@dataclass(frozen=True)
class Group:
    """A model inside a model, shown in full."""

    name: str
    picture: Picture


def picture_of(model: Any, shown: Shown) -> Picture:
    """The layers of `model` and how they are connected; a model of another kind is one box."""
    graph = _layer_graph_of(model)
    if graph is None:
        return Picture([_box(model, shown)], [], [(0, 0)], [(0, 0)])
    items = [_item(layer, shown) for layer in graph.layers]
    links: dict[Link, None] = {}
    for source, target, output, input_ in graph.connections:
        exit_ = output if isinstance(items[source], Group) else 0
        entry = input_ if isinstance(items[target], Group) else 0
        links[Link(source, target, exit_, entry)] = None
    return Picture(items, list(links), graph.inputs, graph.outputs)


def _layer_graph_of(layer: Any) -> LayerGraph | None:
    """The graph of a model that knows it."""
    graph: LayerGraph | None = layer._layer_graph() if hasattr(layer, "_layer_graph") else None
    return graph


def _item(layer: Any, shown: Shown) -> Box | Group:
    if shown.nested and _layer_graph_of(layer) is not None:
        return Group(layer.name, picture_of(layer, shown))
    return _box(layer, shown)


# -- the text of a box ----------------------------------------------------------------------------


def _box(layer: Any, shown: Shown) -> Box:
    kind = type(layer).__name__
    bold, plain = (layer.name, f" ({kind})") if shown.names else (kind, "")
    mark = ""
    if shown.trainable and layer.weights:
        mark = "Trainable" if layer.trainable else "Non-trainable"
    return Box(layer.name, bold, plain, list(_rows(layer, kind, shown)), mark)


def _rows(layer: Any, kind: str, shown: Shown) -> Iterator[tuple[str, str]]:
    activation = getattr(layer, "activation", None)
    if shown.activations and activation is not None:
        name = getattr(activation, "name", None) or getattr(activation, "__name__", activation)
        yield "Activation", str(name)
    if shown.shapes and kind != "InputLayer":
        yield "Input shape", _property_of(layer, "input", "shape")
    if shown.shapes:
        yield "Output shape", _property_of(layer, "output", "shape")
    if shown.dtype:
        yield "Output dtype", _property_of(layer, "output", "dtype")


def _property_of(layer: Any, end: str, what: str) -> str:
    """The shape or dtype at one end of a layer, or ``?``."""
    try:
        tensors = getattr(layer, end)
    except (AttributeError, ValueError):  # called on no KerasTensor
        return "?"
    leaves = nest.flatten(tensors)
    if any(not hasattr(x, what) for x in leaves):
        return "?"
    found = nest.pack(tensors, [getattr(x, what) for x in leaves])
    if isinstance(found, dict):
        return ", ".join(f"{key}: {value}" for key, value in found.items())
    return str(found)
