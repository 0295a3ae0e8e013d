"""Layered graph drawing, after Sugiyama: where boxes and arrows go, as numbers and no picture.

Boxes lie in *ranks*, so that arrows lead from one rank to a later one.  Ranks follow each other
along the *depth* axis, boxes of one rank lie side by side along the *breadth* axis.  An arrow that
skips ranks gets a *dummy vertex* in each of them, a box without a size, so that no arrow ever runs
through a box.

1. cycle removal: arrows are reversed       4. crossing reduction: the order within the ranks
2. rank assignment: by the longest path     5. coordinate assignment: as straight as can be
3. dummy vertices: where ranks are skipped  6. edge routing: the points of each arrow

Reference: Sugiyama, Tagawa and Toda, Methods for Visual Understanding of Hierarchical System
Structures, 1981; Brandes and Köpf, Fast and Simple Horizontal Coordinate Assignment, 2001.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

Point = tuple[float, float]  # (breadth, depth)

BOX_GAP, DUMMY_GAP, RANK_GAP, TRACK_GAP = 30.0, 16.0, 34.0, 7.0
SWEEPS = 12
# Kinds of segments: between a box and a dummy, two boxes, two dummies.  The higher a kind, the
# sooner it is kept straight; Brandes and Köpf call the last one inner segments.
MIXED, OUTER, INNER = 1, 2, 3


@dataclass(frozen=True)
class Arrow:
    """From box `source` to box `target`.

    `leave` and `enter` are its ports: where it touches them, counted from their middles along the
    breadth.
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


class Segment(NamedTuple):
    """The part of an arrow that leads to `vertex`, a neighbour in the next rank or the one before.

    It is straight where the middles of its two ends are `shift` apart.
    """

    vertex: Vertex
    shift: float
    kind: int


@dataclass(eq=False)
class Vertex:
    """A box, or a dummy, in its rank.

    Attributes:
        breadth, depth: its size.
        middle: (breadth, depth), once it has coordinates.
        before, after: the segments to the rank before and to the rank after.
    """

    breadth: float
    depth: float
    is_dummy: bool = False
    rank: int = 0
    middle: Point = (0.0, 0.0)
    before: list[Segment] = field(default_factory=list)
    after: list[Segment] = field(default_factory=list)


Dummies = dict[tuple[Vertex, float, bool, int], Vertex]  # by where arrows begin, and by rank
Breadths = dict[Vertex, float]


def arrange(
    sizes: list[tuple[float, float]],
    arrows: list[Arrow],
    first: Iterable[int] = (),
    last: Iterable[int] = (),
) -> Layout:
    """Places for boxes of these (breadth, depth) and for the arrows between them.

    Args:
        sizes: of the boxes.
        arrows: between different boxes; they may form cycles.
        first, last: boxes that must lie in the first and in the last rank.
    """
    boxes = [Vertex(*size) for size in sizes]
    reversed_arrows = _remove_cycles(len(sizes), arrows)
    pairs = [
        (a.target, a.source) if i in reversed_arrows else (a.source, a.target)
        for i, a in enumerate(arrows)
    ]
    _assign_ranks(boxes, pairs, set(first), set(last))
    dummies: Dummies = {}
    paths = [
        _add_segments(boxes, dummies, arrow, i in reversed_arrows) for i, arrow in enumerate(arrows)
    ]
    ranks = _reduce_crossings(boxes + list(dummies.values()))
    _assign_breadths(ranks)
    ends = _assign_depths(ranks)
    routes = [
        _route(arrow, path, ends, i in reversed_arrows)
        for i, (arrow, path) in enumerate(zip(arrows, paths, strict=True))
    ]
    breadth = max((v.middle[0] + v.breadth / 2 for rank in ranks for v in rank), default=0.0)
    return Layout(breadth, ends[-1][1] if ends else 0.0, [v.middle for v in boxes], routes)


# -- 1. cycle removal -----------------------------------------------------------------------------


def _remove_cycles(count: int, arrows: list[Arrow]) -> set[int]:
    """The numbers of the arrows to reverse, so that no cycle is left: the back edges.

    Found by a depth-first search without recursion.
    """
    leaving: dict[int, list[int]] = {box: [] for box in range(count)}
    for i, arrow in enumerate(arrows):
        leaving[arrow.source].append(i)
    back_edges: set[int] = set()
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
                back_edges.add(i)
            elif state[arrows[i].target] == "new":
                state[arrows[i].target] = "open"
                path.append((arrows[i].target, iter(leaving[arrows[i].target])))
    return back_edges


# -- 2. rank assignment ---------------------------------------------------------------------------


def _assign_ranks(
    boxes: list[Vertex], pairs: list[tuple[int, int]], first: set[int], last: set[int]
) -> None:
    """The longest path from a source; a source itself lies just before its first use."""
    changed = True
    while changed:
        changed = False
        for source, target in pairs:
            if boxes[target].rank <= boxes[source].rank:
                boxes[target].rank = boxes[source].rank + 1
                changed = True
    led_to = {target for _, target in pairs}
    for box in set(range(len(boxes))) - led_to - first - last:
        uses = [boxes[target].rank for source, target in pairs if source == box]
        boxes[box].rank = min(uses, default=1) - 1
    bottom = max((box.rank for box in boxes), default=0)
    for box in last:
        boxes[box].rank = bottom


# -- 3. dummy vertices ----------------------------------------------------------------------------


def _add_segments(
    boxes: list[Vertex], dummies: Dummies, arrow: Arrow, is_reversed: bool
) -> list[Vertex]:
    """The vertices that an arrow goes through, from rank to rank, joined by segments.

    Arrows that begin at one port share their dummies, and part where their ways do.
    """
    ends = [(boxes[arrow.source], arrow.leave), (boxes[arrow.target], arrow.enter)]
    (upper, leave), (lower, enter) = reversed(ends) if is_reversed else ends
    keys = [(upper, leave, is_reversed, rank) for rank in range(upper.rank + 1, lower.rank)]
    between = [dummies.setdefault(k, Vertex(0.0, 0.0, is_dummy=True, rank=k[-1])) for k in keys]
    path = [upper, *between, lower]
    for a, b in pairwise(path):
        if b.is_dummy and b.before:
            continue  # known from another arrow
        kind = (OUTER, MIXED, INNER)[a.is_dummy + b.is_dummy]
        shift = (leave if a is upper else 0.0) - (enter if b is lower else 0.0)
        b.before.append(Segment(a, shift, kind))
        a.after.append(Segment(b, -shift, kind))
    return path


# -- 4. crossing reduction ------------------------------------------------------------------------


def _reduce_crossings(vertices: list[Vertex]) -> list[list[Vertex]]:
    """The ranks, with their vertices in an order with few crossings, by the barycenter heuristic.

    Sweeps down and up sort one rank after the other; the best order seen is kept.
    """
    ranks: list[list[Vertex]] = [[] for _ in range(max((v.rank for v in vertices), default=-1) + 1)]
    for vertex in vertices:
        ranks[vertex.rank].append(vertex)
    best, fewest = [rank[:] for rank in ranks], _count_crossings(ranks)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for rank in ranks if down else reversed(ranks):
            _sort_by_barycenter(rank, ranks, down)
        crossings = _count_crossings(ranks)
        if crossings < fewest:
            best, fewest = [rank[:] for rank in ranks], crossings
    return best


def _sort_by_barycenter(rank: list[Vertex], ranks: list[list[Vertex]], down: bool) -> None:
    """Sort a rank by the mean position of the neighbours; who has none keeps its position."""
    positions = {vertex: i for other in ranks for i, vertex in enumerate(other)}

    def barycenter(vertex: Vertex) -> float:
        found = [positions[s.vertex] for s in (vertex.before if down else vertex.after)]
        return sum(found) / len(found) if found else positions[vertex]

    rank.sort(key=barycenter)


def _count_crossings(ranks: list[list[Vertex]]) -> int:
    total = 0
    for upper, lower in pairwise(ranks):
        positions = {vertex: i for i, vertex in enumerate(lower)}
        lines = [(i, positions[s.vertex]) for i, a in enumerate(upper) for s in a.after]
        total += sum((a - c) * (b - d) < 0 for a, b in lines for c, d in lines)
    return total // 2


# -- 5. coordinate assignment ---------------------------------------------------------------------


def _assign_breadths(ranks: list[list[Vertex]]) -> None:
    """Set the breadth of each middle, from 0 on; the vertices of a rank keep their order and gaps.

    After Brandes and Köpf: vertices are aligned in *blocks*, which run straight from rank to rank
    and never cross, so that each can be pushed to one side as far as its neighbours allow.  That is
    done four times, from above and from below, to the left and to the right; each vertex gets the
    mean of the middle two of its four coordinates.
    """
    directions = [(down, left) for down in (True, False) for left in (True, False)]
    candidates = [_extremal_breadths(ranks, down, left) for down, left in directions]
    for candidate, (_, left) in zip(candidates, directions, strict=True):
        _align(candidate, min(candidates, key=_width), left)
    for rank in ranks:
        for vertex in rank:
            low, high = sorted(candidate[vertex] for candidate in candidates)[1:3]
            vertex.middle = ((low + high) / 2, 0.0)
    edge = min((v.middle[0] - v.breadth / 2 for rank in ranks for v in rank), default=0.0)
    for rank in ranks:
        for vertex in rank:
            vertex.middle = (vertex.middle[0] - edge, 0.0)


def _edges(breadths: Breadths) -> tuple[float, float]:
    low = min((x - vertex.breadth / 2 for vertex, x in breadths.items()), default=0.0)
    return low, max((x + vertex.breadth / 2 for vertex, x in breadths.items()), default=0.0)


def _width(breadths: Breadths) -> float:
    low, high = _edges(breadths)
    return high - low


def _align(breadths: Breadths, narrowest: Breadths, left: bool) -> None:
    """Let `breadths` begin, or end, where the narrowest ones do."""
    side = 0 if left else 1
    offset = _edges(narrowest)[side] - _edges(breadths)[side]
    for vertex in breadths:
        breadths[vertex] += offset


def _extremal_breadths(ranks: list[list[Vertex]], down: bool, left: bool) -> Breadths:
    """Blocks made from rank to rank, and pushed to one side."""
    sign = 1.0 if left else -1.0
    rows = [rank if left else rank[::-1] for rank in (ranks if down else ranks[::-1])]
    roots, shifts = _vertical_alignment(rows, down, sign)
    places = _horizontal_compaction(rows, roots, shifts)
    return {vertex: sign * (places[root] + shifts[vertex]) for vertex, root in roots.items()}


def _vertical_alignment(
    rows: list[list[Vertex]], down: bool, sign: float
) -> tuple[dict[Vertex, Vertex], Breadths]:
    """(the root of each vertex's block, how far aside of the root the vertex is).

    A segment that crosses an inner one (a type 1 conflict) is not kept straight.
    """
    roots = {vertex: vertex for row in rows for vertex in row}
    shifts = dict.fromkeys(roots, 0.0)
    for upper, lower in pairwise(rows):
        position = {vertex: i for i, vertex in enumerate(upper)}
        segments = [vertex.before if down else vertex.after for vertex in lower]
        inner = [
            (position[s.vertex], j) for j, ss in enumerate(segments) for s in ss if s.kind == INNER
        ]
        last = -1
        for j, vertex in enumerate(lower):
            for segment in _medians(segments[j], position):
                i = position[segment.vertex]
                conflicts = segment.kind < INNER and any((i - a) * (j - b) < 0 for a, b in inner)
                if i > last and not conflicts:
                    roots[vertex] = roots[segment.vertex]
                    shifts[vertex] = shifts[segment.vertex] + sign * segment.shift
                    last = i
                    break
    return roots, shifts


def _medians(segments: list[Segment], position: dict[Vertex, int]) -> list[Segment]:
    """The one or two in the middle of those of the kind that is kept straight first."""
    kind = max((segment.kind for segment in segments), default=0)
    same = sorted((s for s in segments if s.kind == kind), key=lambda s: position[s.vertex])
    return [same[(len(same) - 1) // 2], same[len(same) // 2]] if same else []


def _horizontal_compaction(
    rows: list[list[Vertex]], roots: dict[Vertex, Vertex], shifts: Breadths
) -> Breadths:
    """The least breadths of the roots that keep the gaps."""
    apart: dict[tuple[Vertex, Vertex], float] = {}
    for row in rows:
        for a, b in pairwise(row):
            gap = DUMMY_GAP if a.is_dummy or b.is_dummy else BOX_GAP
            least = (a.breadth + b.breadth) / 2 + gap + shifts[a] - shifts[b]
            pair = roots[a], roots[b]
            apart[pair] = max(apart.get(pair, least), least)
    places = dict.fromkeys(roots.values(), 0.0)
    moved = True
    while moved:
        moved = False
        for (a, b), least in apart.items():
            if places[b] < places[a] + least:
                places[b] = places[a] + least
                moved = True
    return places


def _assign_depths(ranks: list[list[Vertex]]) -> list[Point]:
    """Set the depth of each middle; (beginning, end) of each rank."""
    ends: list[Point] = []
    gap = 0.0
    for rank in ranks:
        start = ends[-1][1] + gap if ends else 0.0
        ends.append((start, start + max((vertex.depth for vertex in rank), default=0.0)))
        for vertex in rank:
            vertex.middle = (vertex.middle[0], sum(ends[-1]) / 2)
        bending = sum(any(not _is_straight(v, segment) for segment in v.after) for v in rank)
        gap = RANK_GAP + TRACK_GAP * max(bending - 2, 0)
    return ends


def _is_straight(vertex: Vertex, segment: Segment) -> bool:
    return abs(segment.vertex.middle[0] + segment.shift - vertex.middle[0]) < 0.5


# -- 6. edge routing ------------------------------------------------------------------------------


def _route(arrow: Arrow, path: list[Vertex], ends: list[Point], is_reversed: bool) -> list[Point]:
    upper, *dummies, lower = path
    leave, enter = (arrow.enter, arrow.leave) if is_reversed else (arrow.leave, arrow.enter)
    x, y = upper.middle
    points = [(x + leave, y + upper.depth / 2), (x + leave, ends[upper.rank][1])]
    for dummy in dummies:
        points += [(dummy.middle[0], depth) for depth in ends[dummy.rank]]
    x, y = lower.middle
    points += [(x + enter, ends[lower.rank][0]), (x + enter, y - lower.depth / 2)]
    return points[::-1] if is_reversed else points
