"""Boxes of text, groups and arrows, drawn with matplotlib.  Lengths are points, 72 to an inch."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from scratchnet.keras.utils.plot_contents import Box
from scratchnet.keras.utils.plot_layout import Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPLINES = ("ortho", "curved", "spline", "line", "polyline")
INK, MUTED, PAPER, GROUND = "#22272e", "#57606a", "#ffffff", "#f3f5f8"
MARKS = {"Trainable": "#1a7f37", "Non-trainable": "#b42318"}
TITLE, TEXT, SMALL = 11.0, 9.5, 9.0  # sizes of letters
TITLE_HEIGHT, ROW_HEIGHT, SIDE, COLUMN, HEAD = 24.0, 17.0, 12.0, 10.0, 7.0

Tracks = dict[tuple[float, float], float]


# -- boxes ----------------------------------------------------------------------------------------


@cache
def width_of(text: str, size: float, weight: str = "normal") -> float:
    """How much room a text takes."""
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
    room = SIDE / 2 if lines else 0.0  # above and below the rows
    return max(title, rows, mark) + 2 * SIDE, TITLE_HEIGHT + ROW_HEIGHT * lines + room


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
    room = abs(width if is_sideways else height) - 2 * SIDE
    size = SMALL * min(1.0, room / max(width_of(name, SMALL, "bold"), 1.0))
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
        room = (end - depth - HEAD) / (len(breadths) + 1)
        for k, breadth in enumerate(sorted(breadths)):
            tracks[breadth, depth] = depth + room * (k + 1)
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
