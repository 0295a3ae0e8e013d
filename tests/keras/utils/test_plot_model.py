"""plot_model: the boxes, texts and arrows of Keras's graph, and places that can be read."""

from __future__ import annotations

import html
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import given
from hypothesis import strategies as st
from keras.src.utils import model_visualization as theirs
from matplotlib import patches
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch, Polygon

import scratchnet
from scratchnet.keras.utils import plot_drawing, plot_model
from scratchnet.keras.utils.plot_contents import Box, Group, Link, Picture, Shown, picture_of
from scratchnet.keras.utils.plot_drawing import (
    GROUP_SIDE,
    HEAD,
    Page,
    bent,
    page_of,
    size_of,
    tracks_of,
)
from scratchnet.keras.utils.plot_layout import Arrow, arrange
from tests.support.keras_programs import fresh

# -- models, each written once --------------------------------------------------------------------


def seed_net(keras: Any) -> Any:
    k = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            k.Conv2D(32, [3, 3], activation="relu"),
            k.MaxPooling2D(pool_size=(2, 2)),
            k.Dropout(0.25),
            k.Flatten(),
            k.Dense(10, activation="softmax"),
        ]
    )


def one_layer(keras: Any) -> Any:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


def residual(keras: Any) -> Any:
    k = keras.layers
    images = keras.Input((16, 16, 3), name="images")
    x = k.Conv2D(8, 3, padding="same", activation="relu")(images)
    for _ in range(2):
        y = k.BatchNormalization()(k.Conv2D(8, 3, padding="same")(x))
        x = k.Add()([k.ReLU()(y), x])
    model = keras.Model(images, k.Dense(10)(k.GlobalAveragePooling2D()(x)))
    model.layers[1].trainable = False
    return model


def branches(keras: Any) -> Any:
    k = keras.layers
    x = keras.Input((8, 8, 4), name="x")
    parts = [k.Conv2D(2, n, padding="same")(k.Conv2D(2, 1)(x)) for n in (1, 3, 5)]
    y = k.Concatenate()([*parts, k.MaxPooling2D(3, 1, padding="same")(x)])
    return keras.Model(x, k.Multiply()([k.Conv2D(4, 1)(y), x]))


def several(keras: Any) -> Any:
    """Three inputs, two outputs, a shared layer, an input that is needed late."""
    k = keras.layers
    a, b, late = keras.Input((8,), name="a"), keras.Input((4,), name="b"), keras.Input((4,))
    shared = k.Dense(6, name="shared", activation="relu")
    trunk = k.Dense(5)(k.Concatenate()([shared(k.Dense(4)(a)), shared(b), a]))
    score = k.Dense(1, name="score")(k.Concatenate()([trunk, late]))
    return keras.Model([a, b, late], [score, k.Dense(3, name="label")(trunk)])


def crossing(keras: Any) -> Any:
    k = keras.layers
    ins = [keras.Input((n,), name=f"in_{n}") for n in range(1, 6)]
    dense = [k.Dense(3)(x) for x in ins]
    sums = [k.Add()([dense[i], dense[j]]) for i, j in ((0, 4), (1, 3), (2, 0), (4, 1))]
    return keras.Model(ins, [k.Concatenate()(sums), sums[0], k.Dense(1)(sums[3])])


def circle(keras: Any) -> Any:
    """Layers that are called again on what comes after them, and on their own output."""
    k = keras.layers
    x = keras.Input((4,), name="x")
    again, relu, own = k.Dense(4, name="again"), k.ReLU(), k.Dense(4, name="own")
    return keras.Model(x, k.Add()([own(own(again(relu(again(x))))), x]))


def all_to_all(keras: Any) -> Any:
    k = keras.layers
    outputs = [keras.Input((4,), name="x")]
    for _ in range(8):
        joined = k.Concatenate()(outputs) if len(outputs) > 1 else outputs[0]
        outputs.append(k.Dense(4)(joined))
    return keras.Model(outputs[0], outputs[-1])


def nested(keras: Any) -> Any:
    """A model with two outputs used twice, a Sequential used twice, a Sequential in a model."""
    k = keras.layers
    image = keras.Input((8, 8, 1), name="image")
    pooled = k.MaxPooling2D()(k.Conv2D(4, 3)(image))
    encoder = keras.Model(image, [k.Flatten()(pooled), pooled], name="encoder")
    head = keras.Sequential([keras.Input((36,)), k.Dense(16), k.Dense(8)], name="head")
    inmost = keras.Sequential([keras.Input((8,)), k.Dense(3)], name="inmost")
    inner = keras.Input((8,), name="inner")
    wrapper = keras.Model(inner, inmost(inner), name="wrapper")
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    (flat, maps), (other, _) = encoder(left), encoder(right)
    total = k.Add()([head(flat), head(other)])
    joined = k.Concatenate()([total, k.GlobalAveragePooling2D()(maps)])
    return keras.Model([left, right], [k.Dense(2)(joined), wrapper(total)])


def nested_in_sequence(keras: Any) -> Any:
    k = keras.layers
    x = keras.Input((4,), name="x")
    block = keras.Model(x, k.Add()([x, k.Dense(4)(x)]), name="block")
    return keras.Sequential([keras.Input((4,)), k.Dense(4), block, k.Dense(2)])


def operators(keras: Any) -> Any:
    """Operators between layers, on numbers, on one tensor twice, and in a model inside."""
    k = keras.layers
    inner = keras.Input((4,), name="inner")
    block = keras.Model(inner, k.Dense(4)(inner) + inner, name="block")
    x = keras.Input((4,), name="x")
    y = 2.0 * block(x) - x
    return keras.Model(x, [-y[:, :2], (y * y) / 3.0])


def own_class(keras: Any) -> Any:
    class Net(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(name="net")
            self.dense = keras.layers.Dense(2)

        def call(self, x: Any) -> Any:
            return self.dense(x)

    net = Net()
    net(np.ones((1, 3), "f"))
    return net


MODELS = {
    f.__name__: f
    for f in (
        *(seed_net, one_layer, residual, branches, several, crossing, circle, all_to_all),
        *(nested, nested_in_sequence, operators, own_class),
    )
}

EVERYTHING = {
    "show_shapes": True,
    "show_dtype": True,
    "show_layer_names": True,
    "show_layer_activations": True,
    "show_trainable": True,
}


def made(name: str, tf: Any) -> Any:
    fresh(tf)
    return MODELS[name](tf.keras)


def shown(expand_nested: bool = False, **options: bool) -> Shown:
    return Shown(
        shapes=options.get("show_shapes", False),
        dtype=options.get("show_dtype", False),
        names=options.get("show_layer_names", False),
        nested=expand_nested,
        activations=options.get("show_layer_activations", False),
        trainable=options.get("show_trainable", False),
    )


# -- Keras's graph, without Graphviz --------------------------------------------------------------


class Dot:
    """What Keras needs of pydot's Dot, Cluster, Node and Edge: it keeps what it is told."""

    def __init__(self, *ends: str, label: str = "", **settings: Any) -> None:
        self.ends, self.label = ends, label
        self.nodes: list[Dot] = []
        self.edges: list[Dot] = []
        self.inner: list[Dot] = []
        self.set = self.set_node_defaults = lambda *a, **k: None
        self.add_node, self.add_edge, self.add_subgraph = (
            self.nodes.append,
            self.edges.append,
            self.inner.append,
        )

    def get_edge(self, source: str, target: str) -> bool:
        return any(edge.ends == (source, target) for edge in self.edges)

    def all(self, what: str) -> list[Dot]:
        found: list[Dot] = list(getattr(self, what))
        return found + [x for dot in self.inner for x in dot.all(what)]


class Pydot:
    Dot = Cluster = Node = Edge = Dot


def cells(label: str) -> tuple[str, ...]:
    """The texts of the cells of a label of Keras's."""
    found = re.findall(r"<td.*?>(.*?)</td>", label, re.S)
    return tuple(html.unescape(re.sub(r"<.*?>", "", cell)) for cell in found)


def texts(box: Box) -> tuple[str, ...]:
    rows = [f"{what}: {value}" for what, value in box.rows]
    return (box.bold + box.plain, *rows, *([box.mark] if box.mark else []))


def ends(picture: Picture, item: int, port: int, kind: str) -> str:
    """The name of the layer behind an exit or an entry of an item."""
    part = picture.items[item]
    if isinstance(part, Box):
        return part.name
    return ends(part.picture, *getattr(part.picture, kind)[port], kind)


def edges(picture: Picture) -> set[tuple[str, str]]:
    found = {
        (
            ends(picture, link.source, link.exit, "exits"),
            ends(picture, link.target, link.entry, "entries"),
        )
        for link in picture.links
    }
    return found.union(*(edges(p.picture) for p in picture.items if isinstance(p, Group)))


@pytest.mark.parametrize("expand_nested", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_the_boxes_and_arrows_are_those_that_keras_gives_to_graphviz(
    name: str, expand_nested: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theirs, "pydot", Pydot)
    options = {**EVERYTHING, "expand_nested": expand_nested}
    dot = theirs.model_to_dot(made(name, tensorflow), **options)
    picture = picture_of(made(name, scratchnet), shown(**options))
    nodes = dot.all("nodes")
    assert sorted(texts(box) for box in picture.boxes()) == sorted(cells(x.label) for x in nodes)
    named = {node.ends[0]: cells(node.label)[0].split(" ")[0] for node in nodes}
    expected = {(named[a], named[b]) for a, b in (edge.ends for edge in dot.all("edges"))}
    assert edges(picture) == expected


@pytest.mark.parametrize("option", [*EVERYTHING, None])
def test_each_option_shows_what_it_shows_in_keras(
    option: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theirs, "pydot", Pydot)
    options = dict.fromkeys(EVERYTHING, False) | ({option: True} if option else {})
    for name in ("residual", "nested", "operators", "own_class"):
        dot = theirs.model_to_dot(made(name, tensorflow), **options)
        picture = picture_of(made(name, scratchnet), shown(**options))
        expected = sorted(cells(node.label) for node in dot.nodes)
        assert sorted(texts(box) for box in picture.boxes()) == expected


def test_the_arguments_are_keras_s() -> None:
    def parameters(function: Any) -> list[Any]:
        return [
            (p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()
        ]

    assert parameters(plot_model) == parameters(tensorflow.keras.utils.plot_model)


# -- every length ---------------------------------------------------------------------------------

# What is drawn, with letters all six tenths as wide as they are high: a line for each part.
# Written by `python -m tests.keras.utils.test_plot_model`, and looked at.
PLACES = Path(__file__).with_name("plot_places.txt")
DRAWN = [
    ("nested", "TB", "ortho"),
    ("nested", "RL", "ortho"),
    ("several", "BT", "curved"),
    ("several", "LR", "polyline"),
    ("circle", "TB", "ortho"),
    ("circle", "LR", "spline"),
    ("crossing", "TB", "line"),
    ("own_class", "TB", "ortho"),
]


def _rounded(*numbers: Any) -> str:
    return " ".join(f"{round(float(x), 2) + 0.0:g}" for x in np.ravel(numbers))


def _parts(figure: Any) -> Iterator[str]:
    """What a figure holds, in the order in which it was put there."""
    (axes,) = figure.axes
    yield f"page {_rounded(figure.get_size_inches() * 72, axes.get_xlim(), axes.get_ylim())}"
    for part in (*axes.patches, *axes.texts):
        color = to_hex(part.get_facecolor() if hasattr(part, "get_facecolor") else part.get_color())
        how = f"{color} {part.zorder:g}"
        match part:
            case PathPatch():
                path = part.get_path()
                codes = "".join(map(str, path.codes.tolist()))
                yield f"line {codes} {_rounded(path.vertices)} {to_hex(part.get_edgecolor())} {how}"
            case Polygon():
                yield f"head {_rounded(part.get_xy())} {how}"
            case patches.Rectangle():
                box = _rounded(*part.get_xy(), part.get_width(), part.get_height())
                yield f"rectangle {box} {to_hex(part.get_edgecolor())} {how}"
            case _:
                place = _rounded(*part.get_position(), part.get_fontsize(), part.get_rotation())
                yield f"text {part.get_text()!r} {place} {part.get_ha()} {part.get_va()} {how}"


def places() -> str:
    """What is drawn of each of DRAWN."""
    found = []
    for name, rankdir, splines in DRAWN:
        picture = picture_of(made(name, scratchnet), shown(True, **EVERYTHING))
        found += [
            f"-- {name} {rankdir} {splines}",
            *_parts(page_of(picture, rankdir, splines).drawn()),
        ]
    return "\n".join(found) + "\n"


def of_six_tenths(text: str, size: float, weight: str = "normal") -> float:
    return 0.6 * size * len(text)


def test_every_part_is_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot_drawing, "width_of", of_six_tenths)
    assert places().splitlines() == PLACES.read_text().splitlines()


# -- places ---------------------------------------------------------------------------------------

Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


def around(middle: tuple[float, float], size: tuple[float, float]) -> Rectangle:
    (x, y), (width, height) = middle, size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def apart(a: Rectangle, b: Rectangle, gap: float = 0.0) -> bool:
    return (
        a[2] + gap <= b[0] + 1e-6
        or b[2] + gap <= a[0] + 1e-6
        or a[3] + gap <= b[1] + 1e-6
        or b[3] + gap <= a[1] + 1e-6
    )


def inside(a: Rectangle, b: Rectangle) -> bool:
    return a[0] >= b[0] and a[1] >= b[1] and a[2] <= b[2] and a[3] <= b[3]


def box_places(page: Page) -> dict[str, Rectangle]:
    return {box.name: around(page.on_paper(middle), size_of(box)) for box, middle in page.boxes}


def group_places(page: Page) -> dict[str, Rectangle]:
    found = {}
    for name, near, size in page.groups:
        corners = page.on_paper(near), page.on_paper((near[0] + size[0], near[1] + size[1]))
        (x, y), (u, v) = corners
        found[name] = (min(x, u), min(y, v), max(x, u), max(y, v))
    return found


def lines(page: Page) -> list[list[tuple[float, float]]]:
    tracks = tracks_of([points for points, _ in page.routes])
    return [
        [page.on_paper(point) for point in bent(points, tracks, page.splines)[0]]
        for points, _ in page.routes
    ]


def crosses(line: list[tuple[float, float]], box: Rectangle) -> bool:
    """Whether a line of horizontal and vertical pieces goes through the inside of a box."""
    left, top, right, bottom = (box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1)
    for (x, y), (u, v) in pairwise(line):
        if min(x, u) < right and max(x, u) > left and min(y, v) < bottom and max(y, v) > top:
            return True
    return False


@pytest.mark.parametrize("rankdir", ["TB", "LR", "BT", "RL"])
@pytest.mark.parametrize("name", MODELS)
def test_no_box_overlaps_another_and_no_arrow_runs_through_one(name: str, rankdir: str) -> None:
    for options in ({}, EVERYTHING):
        picture = picture_of(made(name, scratchnet), shown(expand_nested=True, **options))
        page = page_of(picture, rankdir, "ortho")
        boxes = box_places(page)
        assert all(apart(a, b, gap=12) for a, b in combinations(boxes.values(), 2))
        for line in lines(page):
            assert all(
                x == pytest.approx(u) or y == pytest.approx(v) for (x, y), (u, v) in pairwise(line)
            )
            assert not any(crosses(line, box) for box in boxes.values())
        high = page.on_paper(page.size)
        if rankdir in ("TB", "LR"):
            assert all(
                inside(box, (-1e-6, -1e-6, high[0] + 1e-6, high[1] + 1e-6))
                for box in boxes.values()
            )


def names_in(group: Group) -> set[str]:
    return {box.name for box in group.picture.boxes()}


@pytest.mark.parametrize("rankdir", ["TB", "LR"])
@pytest.mark.parametrize("name", ["nested", "nested_in_sequence"])
def test_a_group_frames_its_own_boxes_and_no_others(name: str, rankdir: str) -> None:
    picture = picture_of(made(name, scratchnet), shown(expand_nested=True))
    page = page_of(picture, rankdir, "ortho")
    boxes, frames = box_places(page), group_places(page)
    groups = [item for item in picture.items if isinstance(item, Group)]
    assert groups
    for group in groups:
        for box, place in boxes.items():
            if box in names_in(group):
                assert inside(place, frames[group.name])
            else:
                assert apart(place, frames[group.name])
    assert all(apart(frames[a.name], frames[b.name]) for a, b in combinations(groups, 2))
    if name == "nested":
        assert inside(frames["inmost"], frames["wrapper"])


def test_arrows_lead_from_their_source_to_their_target() -> None:
    page = page_of(picture_of(made("several", scratchnet), shown()), "TB", "ortho")
    boxes = box_places(page)
    picture = picture_of(made("several", scratchnet), shown())
    for link, line in zip(picture.links, lines(page), strict=True):
        source, target = (boxes[picture.items[i].name] for i in (link.source, link.target))
        assert line[0] == pytest.approx(((source[0] + source[2]) / 2, source[3]))
        assert line[-1] == pytest.approx(((target[0] + target[2]) / 2, target[1]))
        assert line[-1][1] - line[-2][1] >= 0  # it arrives from above


@pytest.mark.parametrize("rankdir", ["TB", "LR", "BT", "RL"])
def test_a_layer_called_on_its_own_output_has_a_loop_at_its_side(rankdir: str) -> None:
    picture = picture_of(made("circle", scratchnet), shown())
    page = page_of(picture, rankdir, "ortho")
    # Back to where it began, which no other arrow comes.
    near = [np.hypot(*np.subtract(points[0], points[-1])) < 15 for points, _ in page.routes]
    loops = [i for i, is_near in enumerate(near) if is_near]
    assert [link.source == link.target for link in picture.links].count(True) == len(loops) == 1
    (points, has_head), line = page.routes[loops[0]], lines(page)[loops[0]]
    assert has_head
    left, top, right, bottom = box_places(page)["own"]
    for x, y in (line[0], line[-1]):  # on the edge of the box, near the middle of its side
        on_edge, along = (x - right, y - (top + bottom) / 2)
        if page.is_sideways:
            on_edge, along = (y - bottom, x - (left + right) / 2)
        assert on_edge == pytest.approx(0)
        assert abs(along) == pytest.approx(6)
    assert not crosses(line, (left, top, right, bottom))
    assert max(x for x, _ in points) > points[0][0]  # it goes out and comes back


def test_arrows_that_begin_apart_do_not_turn_aside_on_one_line() -> None:
    page = page_of(picture_of(made("crossing", scratchnet), shown()), "TB", "ortho")
    turns: dict[float, set[float]] = {}
    for line in lines(page):
        for (x, y), (u, v) in pairwise(line):
            if abs(x - u) > 0.5:
                assert y == v
                turns.setdefault(round(y, 3), set()).add(round(line[0][0], 3))
    assert turns
    assert all(len(starts) == 1 for starts in turns.values())


def test_a_chain_is_straight_and_so_is_a_way_round_it() -> None:
    page = page_of(picture_of(made("residual", scratchnet), shown()), "TB", "ortho")
    boxes = box_places(page)
    middles = {name: (box[0] + box[2]) / 2 for name, box in boxes.items()}
    for chain in (
        ("conv2d_1", "batch_normalization", "re_lu"),
        ("dense", "global_average_pooling2d"),
    ):
        assert len({round(middles[name], 3) for name in chain}) == 1
    around_it = [line for line in lines(page) if len(line) > 8]
    assert len(around_it) == 2
    assert all(len({round(x, 3) for x, _ in line[2:-2]}) <= 3 for line in around_it)


def test_arrows_from_one_layer_share_their_way() -> None:
    page = page_of(picture_of(made("all_to_all", scratchnet), shown()), "TB", "ortho")
    widest = max(right - left for left, _, right, _ in box_places(page).values())
    ways = {
        round(x, 3) for line in lines(page) for x, _ in line if abs(x - line[0][0]) > widest / 2
    }
    assert len(ways) < len(page.boxes)  # not one for each of the 37 arrows
    assert page.size[0] < 4 * widest


@st.composite
def graphs(draw: Any) -> tuple[list[tuple[float, float]], list[Arrow]]:
    count = draw(st.integers(1, 12))
    sizes = [(draw(st.floats(5, 200)), draw(st.floats(5, 80))) for _ in range(count)]
    box = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(box, box), max_size=20, unique=True))
    return sizes, [Arrow(a, b) for a, b in pairs if a != b]


@given(graphs())
def test_any_graph_even_one_with_circles_has_boxes_apart_and_ways_between_them(graph: Any) -> None:
    sizes, arrows = graph
    layout = arrange(sizes, arrows)
    boxes = [around(*pair) for pair in zip(layout.middles, sizes, strict=True)]
    assert all(apart(a, b, gap=15) for a, b in combinations(boxes, 2))
    assert all(inside(b, (-1e-6, -1e-6, layout.breadth + 1e-6, layout.depth + 1e-6)) for b in boxes)
    tracks = tracks_of(layout.routes)
    for arrow, route in zip(arrows, layout.routes, strict=True):
        line, _ = bent(route, tracks, "ortho")
        assert not any(crosses(line, box) for box in boxes)
        for (x, y), i in ((line[0], arrow.source), (line[-1], arrow.target)):
            assert x == pytest.approx(layout.middles[i][0])
            assert min(abs(y - boxes[i][1]), abs(y - boxes[i][3])) < 1e-6
        turn = next((y for x, y in line[::-1] if abs(x - line[-1][0]) > 0.5), None)
        gap = HEAD if turn is None else abs(line[-1][1] - turn)  # room for the head
        assert gap > HEAD - 1e-6


# -- the drawing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rankdir", ["TB", "LR"])
def test_every_text_is_drawn_and_lies_inside_its_box(rankdir: str) -> None:
    picture = picture_of(made("nested", scratchnet), shown(expand_nested=True, **EVERYTHING))
    page = page_of(picture, rankdir, "ortho")
    figure = page.drawn()
    expected = [name for name, _, _ in page.groups]
    for box in picture.boxes():
        expected += [box.bold, box.plain, *(text for row in box.rows for text in row)]
        expected += [box.mark] if box.mark else []
    (axes,) = figure.axes
    assert sorted(text.get_text() for text in axes.texts) == sorted(expected)
    renderer = FigureCanvasAgg(figure).get_renderer()
    to_page = axes.transData.inverted()
    boxes, frames = box_places(page).values(), group_places(page)
    for text in axes.texts:
        (x, y), (u, v) = to_page.transform(text.get_window_extent(renderer).get_points())
        place = (min(x, u), min(y, v), max(x, u), max(y, v))
        if text.get_text() in frames:
            assert inside(place, frames[text.get_text()])
            assert all(apart(place, box) for box in boxes)
        else:
            assert any(inside(place, box) for box in boxes), text.get_text()


def test_a_long_name_of_a_short_group_is_drawn_smaller() -> None:
    box = Box("d", "d", "", [])
    inner = Picture([box], [], [(0, 0)], [(0, 0)])
    name = "a_group_with_a_name_that_is_much_longer_than_the_group_is_high"
    picture = Picture([Group(name, inner)], [], [(0, 0)], [(0, 0)])
    page = page_of(picture, "TB", "ortho")
    figure = page.drawn()
    (text,) = [text for text in figure.axes[0].texts if text.get_text() == name]
    extent = text.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    assert extent.height / figure.dpi * 72 <= page.groups[0][2][1]
    assert extent.width / figure.dpi * 72 <= GROUP_SIDE


def test_names_are_not_taken_for_formulas() -> None:
    picture = Picture(
        [Box("n", "a$_b$", "", [("c^2", "$x$")])], [Link(0, 0, 0, 0)], [(0, 0)], [(0, 0)]
    )
    figure = page_of(picture, "TB", "ortho").drawn()
    assert {"a$_b$", "c^2", "$x$"} <= {text.get_text() for text in figure.axes[0].texts}
    assert not any(text.get_parse_math() for text in figure.axes[0].texts)


BEGINNINGS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "": b"\x89PNG"}


@pytest.mark.parametrize("splines", ["ortho", "curved", "spline", "line", "polyline"])
def test_all_kinds_of_lines_are_drawn(splines: str, tmp_path: Any) -> None:
    for name in ("circle", "nested"):
        path = tmp_path / f"{name}.png"
        plot_model(made(name, scratchnet), path, expand_nested=True, splines=splines, dpi=40)
        assert path.stat().st_size > 1000


@pytest.mark.parametrize("ending", BEGINNINGS)
def test_the_ending_of_the_file_says_its_format(ending: str, tmp_path: Any) -> None:
    path = tmp_path / ("model" + ("." if ending else "") + ending)
    assert plot_model(made("one_layer", scratchnet), str(path)) is None
    assert path.read_bytes().startswith(BEGINNINGS[ending])
    assert list(tmp_path.iterdir()) == [path]


def test_dpi_scales_the_pixels(tmp_path: Any) -> None:
    from matplotlib.image import imread

    shapes = []
    for dpi in (100, 200):
        plot_model(made("one_layer", scratchnet), tmp_path / "a.png", dpi=dpi)
        shapes.append(np.array(imread(tmp_path / "a.png").shape[:2]))
    assert np.abs(shapes[1] - 2 * shapes[0]).max() <= 2


def test_the_default_file_is_model_png(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plot_model(made("one_layer", scratchnet))
    assert (tmp_path / "model.png").exists()


def unbuilt(keras: Any) -> Any:
    return keras.Sequential([keras.layers.Dense(2)])


REFUSED = {
    "unbuilt": lambda keras: keras.utils.plot_model(unbuilt(keras)),
    "layer_range": lambda keras: keras.utils.plot_model(one_layer(keras), layer_range=["a", "b"]),
    "unknown": lambda keras: keras.utils.plot_model(one_layer(keras), foo=3),
}

WORDS = {
    "unbuilt": "This model has not yet been built. Build the model first by calling `build()` or",
    "layer_range": "Argument `layer_range` is no longer supported.",
    "unknown": "Unrecognized keyword arguments: {'foo': 3}",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_keras_refuses_is_refused_in_its_words(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theirs, "pydot", Pydot)
    monkeypatch.setattr(theirs, "check_graphviz", lambda: True)
    for keras in (tensorflow.keras, scratchnet.keras):
        with pytest.raises(ValueError, match=re.escape(WORDS[name])):
            REFUSED[name](keras)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"rankdir": "XX"}, "`rankdir` must be one of"),
        ({"splines": "none"}, "`splines` must be one of"),
        ({"to_file": "model.docx"}, "`to_file` must end in one of"),
        ({"dpi": 0}, "`dpi` must be 1 to"),
        ({"dpi": 10**6}, "`dpi` must be 1 to"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        plot_model(made("one_layer", scratchnet), **options)


def test_as_many_pixels_as_matplotlib_draws(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plot_model_module = sys.modules[plot_model.__module__]
    assert plot_model_module.MOST_PIXELS == 65535  # "It must be less than 2^16 in each direction"
    figure = page_of(picture_of(made("one_layer", scratchnet), shown()), "TB", "ortho").drawn()
    most = max(figure.get_size_inches())
    monkeypatch.setattr(plot_model_module, "MOST_PIXELS", most * 30.5)
    path = tmp_path / "a.png"
    plot_model(made("one_layer", scratchnet), path, dpi=30)
    for dpi in (31, 0, -1):
        with pytest.raises(ValueError, match=r"^plot_model: `dpi` must be 1 to 30 for this"):
            plot_model(made("one_layer", scratchnet), path, dpi=dpi)


def test_a_notebook_gets_the_image(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    display = SimpleNamespace(Image=lambda filename: f"image of {filename}")
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "IPython" or None)
    for ending, wanted in (("png", f"image of {tmp_path / 'a.png'}"), ("pdf", None)):
        found = plot_model(made("one_layer", scratchnet), tmp_path / f"a.{ending}", dpi=30)
        assert found == wanted


def test_no_model_no_path_and_no_folder_are_refused_by_name() -> None:
    with pytest.raises(AttributeError, match="plot_model: `model` must be a model, received"):
        plot_model(5)
    with pytest.raises(TypeError, match="plot_model: `to_file` must be a path"):
        plot_model(made("one_layer", scratchnet), 5)
    with pytest.raises(TypeError, match="plot_model: `dpi` must be a number"):
        plot_model(made("one_layer", scratchnet), dpi="a")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError, match=r": '/nonexist/x\.png'$"):
        plot_model(made("one_layer", scratchnet), "/nonexist/x.png")


def test_a_dot_is_refused_with_what_there_is_instead() -> None:
    with pytest.raises(NotImplementedError, match="plot_model"):
        scratchnet.keras.utils.model_to_dot(made("one_layer", scratchnet))


if __name__ == "__main__":
    plot_drawing.width_of = of_six_tenths  # type: ignore[assignment]
    PLACES.write_text(places())
