"""Drawing with matplotlib: boxes of text, groups, and arrows, each in its place on a page.

Lengths are points, 72 to an inch.  matplotlib is imported only when something is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from scratchnet.keras.utils.plot_contents import Box, Group, Picture
from scratchnet.keras.utils.plot_layout import Arrow, Layout, Point, arrange

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPLINES = ("ortho", "curved", "spline", "line", "polyline")
INK, MUTED, PAPER, GROUND = "#22272e", "#57606a", "#ffffff", "#f3f5f8"
MARKS = {"Trainable": "#1a7f37", "Non-trainable": "#b42318"}
TITLE, TEXT, SMALL = 11.0, 9.5, 9.0  # sizes of letters
TITLE_HEIGHT, ROW_HEIGHT, SIDE, COLUMN, HEAD = 24.0, 17.0, 12.0, 10.0, 7.0
GROUP_SIDE, MARGIN, LOOP = 26.0, 18.0, 11.0

Tracks = dict[tuple[float, float], float]


# -- boxes ----------------------------------------------------------------------------------------


@cache
def width_of(text: str, size: float, weight: str = "normal") -> float:
    """How wide a text is."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    letters = FontProperties(size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(text, letters, ismath=False)[0])


def size_of(box: Box) -> Point:
    """(width, height) of a box."""
    title = width_of(box.bold, TITLE, "bold") + width_of(box.plain, TITLE)
    rows = _column(box) + max((width_of(value, TEXT) for _, value in box.rows), default=0.0)
    mark = width_of(box.mark, TEXT, "bold")
    lines = len(box.rows) + bool(box.mark)
    space = SIDE / 2 if lines else 0.0  # above and below the rows
    return max(title, rows, mark) + 2 * SIDE, TITLE_HEIGHT + ROW_HEIGHT * lines + space


def _column(box: Box) -> float:
    """Where the values of the rows begin."""
    return max((width_of(what, TEXT) + COLUMN for what, _ in box.rows), default=0.0)


def draw_box(axes: Axes, box: Box, middle: Point) -> None:
    """The title, light on dark, and the rows below it."""
    from matplotlib.patches import Rectangle

    width, height = size_of(box)
    left, top = middle[0] - width / 2, middle[1] - height / 2
    frame = Rectangle((left, top), width, height, facecolor=PAPER, edgecolor=INK, zorder=3)
    axes.add_patch(frame)
    bar = Rectangle((left, top), width, TITLE_HEIGHT, facecolor=INK, edgecolor=INK, zorder=3)
    axes.add_patch(bar)
    title = width_of(box.bold, TITLE, "bold") + width_of(box.plain, TITLE)
    x, y = middle[0] - title / 2, top + TITLE_HEIGHT / 2
    _write(axes, x, y, box.bold, TITLE, PAPER, "bold")
    _write(axes, x + width_of(box.bold, TITLE, "bold"), y, box.plain, TITLE, PAPER)
    y = top + TITLE_HEIGHT + SIDE / 4 + ROW_HEIGHT / 2
    for what, value in box.rows:
        _write(axes, left + SIDE, y, what, TEXT, MUTED)
        _write(axes, left + SIDE + _column(box), y, value, TEXT, INK)
        y += ROW_HEIGHT
    if box.mark:
        _write(axes, left + SIDE, y, box.mark, TEXT, MARKS[box.mark], "bold")


def _write(
    axes: Axes, x: float, y: float, text: str, size: float, color: str, weight: str = "normal"
) -> None:
    axes.text(
        *(x, y, text),
        fontsize=size,
        color=color,
        weight=weight,
        va="center_baseline",
        parse_math=False,  # a "$" in a name is a "$"
        zorder=4,
    )


def draw_group(
    axes: Axes, name: str, corner: Point, far: Point, middle: Point, is_sideways: bool
) -> None:
    """A dashed frame between two corners; its name in the `middle` of the side with no arrows."""
    from matplotlib.patches import Rectangle

    width, height = far[0] - corner[0], far[1] - corner[1]
    axes.add_patch(
        Rectangle(
            corner,
            *(width, height),
            facecolor=GROUND,
            edgecolor=MUTED,
            linestyle=(0, (4, 3)),
            zorder=1,
        )
    )
    space = abs(width if is_sideways else height) - 2 * SIDE
    size = SMALL * min(1.0, space / max(width_of(name, SMALL, "bold"), 1.0))
    axes.text(
        *(*middle, name),
        fontsize=size,
        color=MUTED,
        weight="bold",
        ha="center",
        va="center",
        rotation=0 if is_sideways else 90,
        parse_math=False,
        zorder=4,
    )


# -- arrows ---------------------------------------------------------------------------------------


def tracks_of(routes: list[list[Point]]) -> Tracks:
    """For (breadth, depth) where arrows begin to cross a gap: the depth at which they turn aside.

    Arrows that begin at one point share it; others must not run on top of each other.
    """
    starts: dict[tuple[float, float], set[float]] = {}  # (beginning, end) of a gap -> breadths
    for points in routes:
        for a, b in _crossings(points):
            if abs(a[0] - b[0]) > 0.5:
                upper, lower = sorted((a, b), key=_depth)
                starts.setdefault((upper[1], lower[1]), set()).add(upper[0])
    tracks: Tracks = {}
    for (depth, end), breadths in starts.items():
        space = (end - depth - HEAD) / (len(breadths) + 1)
        for k, breadth in enumerate(sorted(breadths)):
            tracks[breadth, depth] = depth + space * (k + 1)
    return tracks


def _depth(point: Point) -> float:
    return point[1]


def _crossings(points: list[Point]) -> list[tuple[Point, Point]]:
    """The pairs of points between which a route crosses a gap between two ranks."""
    return list(zip(points[1:-1:2], points[2:-1:2], strict=True))


def bent(points: list[Point], tracks: Tracks, splines: str) -> tuple[list[Point], bool]:
    """(the points to draw a line through, whether three after each first one bend a curve)."""
    line = [points[0]]
    crossings = _crossings(points)
    curved = splines in ("curved", "spline")
    for a, b in crossings:
        turn = (a[1] + b[1]) / 2
        if splines == "ortho":
            turn = tracks.get(min(a, b, key=_depth), turn)
        between = [] if splines in ("line", "polyline") else [(a[0], turn), (b[0], turn)]
        line += [a, *between, b]
    return [*line, points[-1]], curved


def draw_route(axes: Axes, line: list[Point], curved: bool, has_head: bool) -> None:
    """A line through points, with a head at its end."""
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    line = [line[0]] + [b for a, b in pairwise(line) if curved or _distance(a, b) > 0.01]
    codes = [Path.MOVETO, *[Path.LINETO] * (len(line) - 1)]
    if curved:
        for start in range(2, len(line) - 2, 4):
            codes[start : start + 3] = [Path.CURVE4] * 3
    if has_head:
        end = line[-1]
        before = next(point for point in reversed(line) if _distance(point, end) > 0.01)
        axes.add_patch(Polygon(_head(before, end), color=MUTED, linewidth=0, zorder=2))
        line = [*line[:-1], _short_of(before, end)]
    path = Path(line, codes)
    axes.add_patch(PathPatch(path, fill=False, edgecolor=MUTED, linewidth=1.3, zorder=2))


def _short_of(before: Point, end: Point) -> Point:
    """The place on the way to `end` where its head begins."""
    share = HEAD / _distance(before, end)
    return end[0] - (end[0] - before[0]) * share, end[1] - (end[1] - before[1]) * share


def _distance(a: Point, b: Point) -> float:
    return math.hypot(b[0] - a[0], b[1] - a[1])


def _head(before: Point, end: Point) -> list[Point]:
    x, y = _short_of(before, end)
    across, along = (end[0] - x) * 0.45, (end[1] - y) * 0.45
    return [end, (x - along, y + across), (x + along, y - across)]


# -- the page -------------------------------------------------------------------------------------


@dataclass
class Page:
    """What is drawn, along (breadth, depth); see `scratchnet.keras.utils.plot_layout`.

    Attributes:
        size: of all.
        boxes: with their middles.
        groups: (name, nearest corner, size).
        routes: the points of each arrow, and whether it has a head.
        rankdir: where depth goes on paper.
        splines: how arrows cross the gaps.
    """

    size: Point
    rankdir: str
    splines: str
    boxes: list[tuple[Box, Point]] = field(default_factory=list)
    groups: list[tuple[str, Point, Point]] = field(default_factory=list)
    routes: list[tuple[list[Point], bool]] = field(default_factory=list)

    @property
    def is_sideways(self) -> bool:
        """Whether depth goes from left to right, or back."""
        return self.rankdir in ("LR", "RL")

    def on_paper(self, point: Point) -> Point:
        """(x from the left, y from the top) of (breadth, depth)."""
        breadth, depth = point
        if self.rankdir in ("BT", "RL"):
            depth = self.size[1] - depth
        return (depth, breadth) if self.is_sideways else (breadth, depth)

    def drawn(self) -> Figure:
        """A figure that the page just fills."""
        from matplotlib.figure import Figure  # not pyplot: no window system, no state

        low, high = self.on_paper((0.0, 0.0)), self.on_paper(self.size)
        width, height = (abs(a - b) + 2 * MARGIN for a, b in zip(low, high, strict=True))
        figure = Figure(figsize=(width / 72, height / 72), facecolor="white")
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_xlim(-MARGIN, width - MARGIN)
        axes.set_ylim(height - MARGIN, -MARGIN)
        axes.set_axis_off()
        for name, corner, size in self.groups:
            far = (corner[0] + size[0], corner[1] + size[1])
            middle = (corner[0] + GROUP_SIDE / 2, corner[1] + size[1] / 2)
            ends, at = (self.on_paper(corner), self.on_paper(far)), self.on_paper(middle)
            draw_group(axes, name, *ends, at, self.is_sideways)
        tracks = tracks_of([points for points, _ in self.routes])
        for points, has_head in self.routes:
            line, curved = bent(points, tracks, self.splines)
            draw_route(axes, [self.on_paper(point) for point in line], curved, has_head)
        for box, middle in self.boxes:
            draw_box(axes, box, self.on_paper(middle))
        return figure


# -- layout, with groups inside groups ------------------------------------------------------------


def page_of(picture: Picture, rankdir: str, splines: str) -> Page:
    """A page with everything in its place."""
    laid_out = _lay_out(picture, rankdir in ("LR", "RL"), is_inner=False)
    page = Page(laid_out.size, rankdir, splines)
    _put(page, laid_out, (0.0, 0.0))
    return page


@dataclass(frozen=True)
class _LaidOut:
    """A picture with its layout; after its items come its entries and exits, as boxes of size 0."""

    picture: Picture
    inner: dict[int, _LaidOut]  # of the items that are groups
    sizes: list[Point]
    arrows: list[Arrow]
    layout: Layout
    size: Point

    def port(self, kind: str, i: int) -> float:
        """Where entry or exit `i` is, counted from the middle along the breadth."""
        n = len(self.picture.items) + (len(self.picture.entries) if kind == "exit" else 0)
        return self.layout.middles[n + i][0] + GROUP_SIDE - self.size[0] / 2


def _lay_out(picture: Picture, is_sideways: bool, is_inner: bool) -> _LaidOut:
    inner = {
        i: _lay_out(item.picture, is_sideways, is_inner=True)
        for i, item in enumerate(picture.items)
        if isinstance(item, Group)
    }
    sizes = [
        _turned(size_of(item), is_sideways) if isinstance(item, Box) else inner[i].size
        for i, item in enumerate(picture.items)
    ]
    n = len(sizes)
    arrows = [_arrow(inner, *link) for link in picture.links if link.source != link.target]
    first, last = range(n, n), range(n, n)
    if is_inner:
        first = range(n, n + len(picture.entries))
        last = range(first.stop, first.stop + len(picture.exits))
        into = zip(first, picture.entries, strict=True)
        arrows += [_arrow(inner, i, item, 0, entry) for i, (item, entry) in into]
        out = zip(last, picture.exits, strict=True)
        arrows += [_arrow(inner, item, i, exit_, 0) for i, (item, exit_) in out]
        sizes = sizes + [(0.0, 0.0)] * (last.stop - n)
    layout = arrange(sizes, arrows, first, last)
    side = GROUP_SIDE if is_inner else 0.0
    return _LaidOut(
        picture, inner, sizes, arrows, layout, (layout.breadth + 2 * side, layout.depth)
    )


def _turned(size: Point, is_sideways: bool) -> Point:
    """(breadth, depth) of (width, height)."""
    return size[::-1] if is_sideways else size


def _arrow(inner: dict[int, _LaidOut], source: int, target: int, exit_: int, entry: int) -> Arrow:
    leave = inner[source].port("exit", exit_) if source in inner else 0.0
    enter = inner[target].port("entry", entry) if target in inner else 0.0
    return Arrow(source, target, leave, enter)


def _put(page: Page, laid_out: _LaidOut, corner: Point) -> None:
    """Put a picture, and the pictures in its groups, on the page."""

    def moved(point: Point) -> Point:
        return (point[0] + corner[0], point[1] + corner[1])

    items, middles = laid_out.picture.items, laid_out.layout.middles[: len(laid_out.picture.items)]
    for i, (item, middle) in enumerate(zip(items, middles, strict=True)):
        if isinstance(item, Group):
            breadth, depth = laid_out.inner[i].size
            near = moved((middle[0] - breadth / 2, middle[1] - depth / 2))
            page.groups.append((item.name, near, (breadth, depth)))
            _put(page, laid_out.inner[i], (near[0] + GROUP_SIDE, near[1]))
        else:
            page.boxes.append((item, moved(middle)))
    for arrow, route in zip(laid_out.arrows, laid_out.layout.routes, strict=True):
        # At the frame of a group, and at a port inside it, an arrow does not end but goes on.
        ends_here = arrow.target < len(items) and arrow.target not in laid_out.inner
        page.routes.append(([moved(point) for point in route], ends_here))
    for link in laid_out.picture.links:
        if link.source == link.target:
            loop = _loop(middles[link.source], laid_out.sizes[link.source])
            page.routes.append(([moved(point) for point in loop], True))


def _loop(middle: Point, size: Point) -> list[Point]:
    """Out of the side of a box and in again."""
    side = middle[0] + size[0] / 2
    near, far = middle[1] - 6, middle[1] + 6
    return [(side, far), (side + LOOP, far), (side + LOOP, near), (side, near)]
