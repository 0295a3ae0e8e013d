"""Places for cells that are already in ranks and in order: straight ways first.

Cells are joined to *threads*, ways from rank to rank that run straight, after Brandes and Köpf
(Fast and Simple Horizontal Coordinate Assignment, 2001).  Threads never cross, so each can be
pushed to one side as far as its neighbours allow.  That is done four times, from above and from
below, to the left and to the right; each cell gets the mean of the middle two of its places.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

BOX_GAP, LANE_GAP = 30.0, 16.0
LANE_END, BOXES, LANES = 1, 2, 3  # what an arrow joins; lanes are kept straight before all others


class Joint(NamedTuple):
    """A neighbour; the arrow between is straight where the two middles are `shift` apart."""

    cell: Cell
    shift: float
    kind: int


@dataclass(eq=False)
class Cell:
    """A box, or a lane, in its rank.

    Attributes:
        breadth, depth: its size.
        middle: (breadth, depth), once it has a place.
        before, after: what it is joined to in the rank before and in the rank after.
    """

    breadth: float
    depth: float
    is_lane: bool = False
    rank: int = 0
    middle: tuple[float, float] = (0.0, 0.0)
    before: list[Joint] = field(default_factory=list)
    after: list[Joint] = field(default_factory=list)


Numbers = dict[Cell, float]


def place(ranks: list[list[Cell]]) -> None:
    """Set the breadth of each middle, from 0 on; cells of a rank keep their order and gaps."""
    trials = [_pushed(ranks, down, left) for down in (True, False) for left in (True, False)]
    for trial, left in zip(trials, (True, False) * 2, strict=True):
        _slide(trial, min(trials, key=_width), left)
    for rank in ranks:
        for cell in rank:
            low, high = sorted(trial[cell] for trial in trials)[1:3]
            cell.middle = ((low + high) / 2, 0.0)
    edge = min((c.middle[0] - c.breadth / 2 for rank in ranks for c in rank), default=0.0)
    for rank in ranks:
        for cell in rank:
            cell.middle = (cell.middle[0] - edge, 0.0)


def _ends(places: Numbers) -> tuple[float, float]:
    low = min((x - cell.breadth / 2 for cell, x in places.items()), default=0.0)
    return low, max((x + cell.breadth / 2 for cell, x in places.items()), default=0.0)


def _width(places: Numbers) -> float:
    low, high = _ends(places)
    return high - low


def _slide(places: Numbers, narrowest: Numbers, left: bool) -> None:
    """Let `places` begin, or end, where the narrowest places do."""
    end = 0 if left else 1
    by = _ends(narrowest)[end] - _ends(places)[end]
    for cell in places:
        places[cell] += by


def _pushed(ranks: list[list[Cell]], down: bool, left: bool) -> Numbers:
    """Threads made from rank to rank, and pushed to one side."""
    sign = 1.0 if left else -1.0
    rows = [rank if left else rank[::-1] for rank in (ranks if down else ranks[::-1])]
    roots, shifts = _threads(rows, down, sign)
    places = _packed(rows, roots, shifts)
    return {cell: sign * (places[root] + shifts[cell]) for cell, root in roots.items()}


def _threads(rows: list[list[Cell]], down: bool, sign: float) -> tuple[dict[Cell, Cell], Numbers]:
    """(the first cell of the thread of each cell, how far aside of it the cell is)."""
    roots = {cell: cell for row in rows for cell in row}
    shifts = dict.fromkeys(roots, 0.0)
    for upper, lower in pairwise(rows):
        at = {cell: i for i, cell in enumerate(upper)}
        joints = [cell.before if down else cell.after for cell in lower]
        lanes = [(at[x.cell], j) for j, xs in enumerate(joints) for x in xs if x.kind == LANES]
        last = -1
        for j, cell in enumerate(lower):
            for joint in _best(joints[j], at):
                i = at[joint.cell]
                crosses = joint.kind < LANES and any((i - a) * (j - b) < 0 for a, b in lanes)
                if i > last and not crosses:
                    roots[cell] = roots[joint.cell]
                    shifts[cell] = shifts[joint.cell] + sign * joint.shift
                    last = i
                    break
    return roots, shifts


def _best(joints: list[Joint], at: dict[Cell, int]) -> list[Joint]:
    """The one or two in the middle of those of the kind that is kept straight first."""
    kind = max((joint.kind for joint in joints), default=0)
    same = sorted((x for x in joints if x.kind == kind), key=lambda joint: at[joint.cell])
    return [same[(len(same) - 1) // 2], same[len(same) // 2]] if same else []


def _packed(rows: list[list[Cell]], roots: dict[Cell, Cell], shifts: Numbers) -> Numbers:
    """The least places of the threads that keep the gaps."""
    apart: dict[tuple[Cell, Cell], float] = {}
    for row in rows:
        for a, b in pairwise(row):
            gap = LANE_GAP if a.is_lane or b.is_lane else BOX_GAP
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
