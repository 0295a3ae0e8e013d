"""A layered drawing: boxes in ranks, so that arrows lead from one rank to a later one.

Only numbers, no picture.  Ranks follow each other along the *depth* axis, boxes of one rank lie
side by side along the *breadth* axis.  An arrow that skips ranks gets a *lane* in each of them, a
box without depth, so that no arrow ever runs through a box.

1. ranks: a box comes after all that lead to it      3. order: few crossings inside the gaps
2. lanes: where arrows skip ranks                    4. places: as straight as can be
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from scratchnet.keras.utils.plot_coordinates import BOXES, LANE_END, LANES, Cell, Joint, place

Point = tuple[float, float]  # (breadth, depth)
Lanes = dict[tuple[Cell, float, bool, int], Cell]  # by where arrows begin, and by rank

RANK_GAP, TRACK_GAP = 34.0, 7.0
SWEEPS = 12


@dataclass(frozen=True)
class Arrow:
    """From box `source` to box `target`.

    `leave` and `enter` say where it touches them, counted from their middles along the breadth.
    """

    source: int
    target: int
    leave: float = 0.0
    enter: float = 0.0


@dataclass(frozen=True)
class Layout:
    """Where everything is.

    Attributes:
        breadth, depth: the size of the drawing.
        middles: of the boxes.
        routes: for each arrow, the points that it goes through; between the second and the third,
            the fourth and the fifth, … it crosses a gap between two ranks.
    """

    breadth: float
    depth: float
    middles: list[Point]
    routes: list[list[Point]]


def arrange(
    sizes: list[tuple[float, float]],
    arrows: list[Arrow],
    first: Iterable[int] = (),
    last: Iterable[int] = (),
) -> Layout:
    """Places for boxes of these (breadth, depth) and for the arrows between them.

    Args:
        sizes: of the boxes.
        arrows: between different boxes; they may lead in circles.
        first, last: boxes that must lie in the first and in the last rank.
    """
    cells = [Cell(*size) for size in sizes]
    turned = _against_the_current(len(sizes), arrows)
    pairs = [
        (a.target, a.source) if i in turned else (a.source, a.target) for i, a in enumerate(arrows)
    ]
    _set_ranks(cells, pairs, set(first), set(last))
    lanes: Lanes = {}
    chains = [_chain(cells, lanes, arrow, i in turned) for i, arrow in enumerate(arrows)]
    ranks = _ordered(cells + list(lanes.values()))
    place(ranks)
    ends = _spread_depth(ranks)
    routes = [
        _route(arrow, chain, ends, i in turned)
        for i, (arrow, chain) in enumerate(zip(arrows, chains, strict=True))
    ]
    breadth = max((c.middle[0] + c.breadth / 2 for rank in ranks for c in rank), default=0.0)
    return Layout(breadth, ends[-1][1] if ends else 0.0, [c.middle for c in cells], routes)


# -- 1. ranks -------------------------------------------------------------------------------------


def _against_the_current(count: int, arrows: list[Arrow]) -> set[int]:
    """The numbers of the arrows to turn round, so that no circle is left."""
    leaving: dict[int, list[int]] = {box: [] for box in range(count)}
    for i, arrow in enumerate(arrows):
        leaving[arrow.source].append(i)
    turned: set[int] = set()
    state = dict.fromkeys(range(count), "new")
    for start in range(count):
        path = [(start, iter(leaving[start]))] if state[start] == "new" else []
        state[start] = "open" if path else state[start]
        while path:
            box, rest = path[-1]
            i = next(rest, -1)
            if i < 0:
                state[box] = "done"
                path.pop()
            elif state[arrows[i].target] == "open":
                turned.add(i)
            elif state[arrows[i].target] == "new":
                state[arrows[i].target] = "open"
                path.append((arrows[i].target, iter(leaving[arrows[i].target])))
    return turned


def _set_ranks(
    cells: list[Cell], pairs: list[tuple[int, int]], first: set[int], last: set[int]
) -> None:
    """The longest way from the beginning; a box that nothing leads to waits for its first use."""
    changed = True
    while changed:
        changed = False
        for source, target in pairs:
            if cells[target].rank <= cells[source].rank:
                cells[target].rank = cells[source].rank + 1
                changed = True
    led_to = {target for _, target in pairs}
    for box in set(range(len(cells))) - led_to - first - last:
        uses = [cells[target].rank for source, target in pairs if source == box]
        cells[box].rank = min(uses, default=1) - 1
    bottom = max((cell.rank for cell in cells), default=0)
    for box in last:
        cells[box].rank = bottom


# -- 2. lanes -------------------------------------------------------------------------------------


def _chain(cells: list[Cell], lanes: Lanes, arrow: Arrow, turned: bool) -> list[Cell]:
    """The cells that an arrow goes through, from rank to rank, linked as neighbours.

    Arrows that begin at one point share their lanes, and part where their ways do.
    """
    ends = [(cells[arrow.source], arrow.leave), (cells[arrow.target], arrow.enter)]
    (upper, leave), (lower, enter) = reversed(ends) if turned else ends
    keys = [(upper, leave, turned, rank) for rank in range(upper.rank + 1, lower.rank)]
    known = [lanes.setdefault(key, Cell(0.0, 0.0, is_lane=True, rank=key[-1])) for key in keys]
    chain = [upper, *known, lower]
    for a, b in pairwise(chain):
        if b.is_lane and b.before:
            continue  # known from another arrow
        kind = (BOXES, LANE_END, LANES)[a.is_lane + b.is_lane]
        shift = (leave if a is upper else 0.0) - (enter if b is lower else 0.0)
        b.before.append(Joint(a, shift, kind))
        a.after.append(Joint(b, -shift, kind))
    return chain


# -- 3. order -------------------------------------------------------------------------------------


def _ordered(cells: list[Cell]) -> list[list[Cell]]:
    """The ranks, with their cells in an order with few crossings."""
    ranks: list[list[Cell]] = [[] for _ in range(max((c.rank for c in cells), default=-1) + 1)]
    for cell in cells:
        ranks[cell.rank].append(cell)
    best, fewest = [rank[:] for rank in ranks], _crossings(ranks)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for rank in ranks if down else reversed(ranks):
            _sort(rank, ranks, down)
        crossings = _crossings(ranks)
        if crossings < fewest:
            best, fewest = [rank[:] for rank in ranks], crossings
    return best


def _sort(rank: list[Cell], ranks: list[list[Cell]], down: bool) -> None:
    """Sort a rank by the mean place of the neighbours; who has none keeps the place."""
    places = {cell: i for other in ranks for i, cell in enumerate(other)}

    def wanted(cell: Cell) -> float:
        found = [places[joint.cell] for joint in (cell.before if down else cell.after)]
        return sum(found) / len(found) if found else places[cell]

    rank.sort(key=wanted)


def _crossings(ranks: list[list[Cell]]) -> int:
    total = 0
    for upper, lower in pairwise(ranks):
        places = {cell: i for i, cell in enumerate(lower)}
        lines = [(i, places[joint.cell]) for i, a in enumerate(upper) for joint in a.after]
        total += sum((a - c) * (b - d) < 0 for a, b in lines for c, d in lines)
    return total // 2


# -- 4. places, with those of layered_places.py ----------------------------------------------------


def _spread_depth(ranks: list[list[Cell]]) -> list[Point]:
    """Set the depth of each middle; (beginning, end) of each rank."""
    ends: list[Point] = []
    gap = 0.0
    for rank in ranks:
        start = ends[-1][1] + gap if ends else 0.0
        ends.append((start, start + max((cell.depth for cell in rank), default=0.0)))
        for cell in rank:
            cell.middle = (cell.middle[0], sum(ends[-1]) / 2)
        turning = sum(any(not _is_straight(cell, joint) for joint in cell.after) for cell in rank)
        gap = RANK_GAP + TRACK_GAP * max(turning - 2, 0)
    return ends


def _is_straight(cell: Cell, joint: Joint) -> bool:
    return abs(joint.cell.middle[0] + joint.shift - cell.middle[0]) < 0.5


def _route(arrow: Arrow, chain: list[Cell], ends: list[Point], turned: bool) -> list[Point]:
    upper, *lanes, lower = chain
    leave, enter = (arrow.enter, arrow.leave) if turned else (arrow.leave, arrow.enter)
    x, y = upper.middle
    points = [(x + leave, y + upper.depth / 2), (x + leave, ends[upper.rank][1])]
    for lane in lanes:
        points += [(lane.middle[0], depth) for depth in ends[lane.rank]]
    x, y = lower.middle
    points += [(x + enter, ends[lower.rank][0]), (x + enter, y - lower.depth / 2)]
    return points[::-1] if turned else points
