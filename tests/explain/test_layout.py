"""Where ops are drawn: no two on one place, branches side by side, edges around cards."""

from __future__ import annotations

import numpy as np

from scratchnet.explain.layout import layout


def test_a_chain_is_a_row() -> None:
    found = layout([0, 1, 2], {1: [0], 2: [1]})
    assert list(found["columns"].values()) == [0, 1, 2]
    assert set(found["lanes"].values()) == {0}
    assert found["routes"] == {}


def test_branches_lie_side_by_side() -> None:
    found = layout([0, 1, 2, 3], {1: [0], 2: [0], 3: [1, 2]})
    assert found["columns"] == {0: 0, 1: 1, 2: 1, 3: 2}
    assert found["lanes"] == {0: 0, 1: 0, 2: 1, 3: 0}


def test_labels_stand_beside_the_loss_and_below_the_data() -> None:
    found = layout([0, 1, 2, 3, 4], {1: [0], 2: [1], 4: [3, 2]})  # 3 is a cast of the label
    assert found["columns"][3] == found["columns"][4] - 1
    assert found["lanes"] == {0: 0, 1: 0, 2: 0, 4: 0, 3: 1}


def test_what_is_aside_gets_a_lane_last() -> None:
    found = layout([0, 1, 2], {1: [0], 2: [0]}, last=[1])
    assert found["lanes"] == {0: 0, 2: 0, 1: 1}


def test_no_two_are_on_one_place_and_no_edge_goes_through_a_card() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        order = list(range(int(rng.integers(2, 20))))
        before = {
            n: sorted({int(b) for b in rng.integers(0, n, rng.integers(0, 4))}) for n in order if n
        }
        found = layout(order, before, last=[n for n in order if rng.random() < 0.1])
        columns, lanes = found["columns"], found["lanes"]
        places = {(columns[n], lanes[n]) for n in order}
        assert len(places) == len(order)
        for n, parents in before.items():
            for b in parents:
                assert columns[b] < columns[n]
                assert ((b, n) in found["routes"]) == (columns[n] - columns[b] > 1)
        passed = set()
        for (b, n), lane in found["routes"].items():
            for column in range(columns[b] + 1, columns[n]):
                assert (column, lane) not in places | passed
                passed.add((column, lane))
