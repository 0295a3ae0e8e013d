"""A picture of a model on a page: everything in its place, groups inside groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scratchnet.keras.utils.plot_boxes import (
    bent,
    draw_box,
    draw_group,
    draw_route,
    size_of,
    tracks_of,
)
from scratchnet.keras.utils.plot_contents import Box, Group, Picture
from scratchnet.keras.utils.plot_layout import Arrow, Layout, Point, arrange

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GROUP_SIDE, MARGIN, LOOP = 26.0, 18.0, 11.0


@dataclass
class Page:
    """What is drawn, along (breadth, depth); see `layered`.

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


# -- places ---------------------------------------------------------------------------------------


def page_of(picture: Picture, rankdir: str, splines: str) -> Page:
    """Everything in its place."""
    block = _block(picture, rankdir in ("LR", "RL"), is_inner=False)
    page = Page(block.size, rankdir, splines)
    _put(page, block, (0.0, 0.0))
    return page


@dataclass(frozen=True)
class _Block:
    """A picture with its layout; after its items come its entries and exits, as boxes of size 0."""

    picture: Picture
    inner: dict[int, _Block]  # of the items that are groups
    sizes: list[Point]
    arrows: list[Arrow]
    layout: Layout
    size: Point

    def port(self, kind: str, i: int) -> float:
        """Where entry or exit `i` is, counted from the middle along the breadth."""
        n = len(self.picture.items) + (len(self.picture.entries) if kind == "exit" else 0)
        return self.layout.middles[n + i][0] + GROUP_SIDE - self.size[0] / 2


def _block(picture: Picture, is_sideways: bool, is_inner: bool) -> _Block:
    inner = {
        i: _block(item.picture, is_sideways, is_inner=True)
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
    return _Block(picture, inner, sizes, arrows, layout, (layout.breadth + 2 * side, layout.depth))


def _turned(size: Point, is_sideways: bool) -> Point:
    """(breadth, depth) of (width, height)."""
    return size[::-1] if is_sideways else size


def _arrow(inner: dict[int, _Block], source: int, target: int, exit_: int, entry: int) -> Arrow:
    leave = inner[source].port("exit", exit_) if source in inner else 0.0
    enter = inner[target].port("entry", entry) if target in inner else 0.0
    return Arrow(source, target, leave, enter)


def _put(page: Page, block: _Block, corner: Point) -> None:
    """Put a block, and the blocks in it, on the page."""

    def moved(point: Point) -> Point:
        return (point[0] + corner[0], point[1] + corner[1])

    items, middles = block.picture.items, block.layout.middles[: len(block.picture.items)]
    for i, (item, middle) in enumerate(zip(items, middles, strict=True)):
        if isinstance(item, Group):
            breadth, depth = block.inner[i].size
            near = moved((middle[0] - breadth / 2, middle[1] - depth / 2))
            page.groups.append((item.name, near, (breadth, depth)))
            _put(page, block.inner[i], (near[0] + GROUP_SIDE, near[1]))
        else:
            page.boxes.append((item, moved(middle)))
    for arrow, route in zip(block.arrows, block.layout.routes, strict=True):
        # At the frame of a group, and at a port inside it, an arrow does not end but goes on.
        ends_here = arrow.target < len(items) and arrow.target not in block.inner
        page.routes.append(([moved(point) for point in route], ends_here))
    for link in block.picture.links:
        if link.source == link.target:
            loop = _loop(middles[link.source], block.sizes[link.source])
            page.routes.append(([moved(point) for point in loop], True))


def _loop(middle: Point, size: Point) -> list[Point]:
    """Out of the side of a box and in again."""
    side = middle[0] + size[0] / 2
    near, far = middle[1] - 6, middle[1] + 6
    return [(side, far), (side + LOOP, far), (side + LOOP, near), (side, near)]
