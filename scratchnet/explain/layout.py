"""Where the ops of a tape are drawn: a column for each step of the way, a lane for each branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any


def layout(
    order: Sequence[int], before: Mapping[int, Sequence[int]], last: Sequence[int] = ()
) -> dict[str, Any]:
    """Columns and lanes of a graph without cycles.

    Args:
        order: the nodes, each after those that it depends on.
        before: of each node those that it depends on, the one whose lane it goes on first.
        last: nodes that are given a lane after all others.

    Returns:
        ``columns`` and ``lanes`` by node, and ``routes``: of each edge that passes by columns, as
        ``(from, to)``, the lane in which it does.

    >>> found = layout([0, 1, 2, 3], {1: [0], 2: [1], 3: [2, 0]})  # a residual block
    >>> found["columns"], found["lanes"], found["routes"]
    ({0: 0, 1: 1, 2: 2, 3: 3}, {0: 0, 1: 0, 2: 0, 3: 0}, {(0, 3): 1})
    """
    columns: dict[int, int] = {}
    for node in order:
        columns[node] = max((columns[b] + 1 for b in before.get(node, ())), default=0)
    from_first = _pull(order, before, columns)
    taken: set[tuple[int, int]] = set()
    lanes: dict[int, int] = {}
    late = {node: (node not in from_first) + 2 * (node in last) for node in order}
    for node in sorted(order, key=lambda node: late[node]):
        placed = [b for b in before.get(node, ()) if b in lanes]
        placed.sort(key=lambda b: b not in from_first)  # the way of the data before that of labels
        wanted = lanes[placed[0]] if placed else 0
        lanes[node] = _free(taken, [columns[node]], wanted)
        taken.add((columns[node], lanes[node]))
    routes: dict[tuple[int, int], int] = {}
    for node in order:
        for b in dict.fromkeys(before.get(node, ())):
            between = range(columns[b] + 1, columns[node])
            if between:
                lane = _free(taken, between, lanes[b])
                routes[b, node] = lane
                taken.update((column, lane) for column in between)
    return {"columns": columns, "lanes": lanes, "routes": routes}


def _pull(
    order: Sequence[int], before: Mapping[int, Sequence[int]], columns: dict[int, int]
) -> set[int]:
    """Move what does not come from the first node beside what it is for: labels to the loss.

    Returns the nodes that do come from it.
    """
    from_first = set(order[:1])
    for node in order:
        if any(b in from_first for b in before.get(node, ())):
            from_first.add(node)
    after: dict[int, list[int]] = {}
    for node in order:
        for b in before.get(node, ()):
            after.setdefault(b, []).append(node)
    for node in reversed(order):
        if node not in from_first and node in after:
            columns[node] = min(columns[n] for n in after[node]) - 1
    return from_first


def _free(taken: set[tuple[int, int]], columns: Sequence[int], wanted: int) -> int:
    """The lane nearest to `wanted`, below it first, in which all `columns` are free."""
    for distance in count():
        for lane in (wanted + distance, wanted - distance):
            if lane >= 0 and not any((column, lane) in taken for column in columns):
                return lane
    raise AssertionError("unreachable")  # pragma: no cover
