"""The cells of a row, and goals in words."""

from __future__ import annotations

import pytest

from benchmarks.measure import Row
from benchmarks.report import HEADS, _cells, in_words
from benchmarks.targets import Goal, Value, Verdict
from tests.support.benchmark_rows import made_up_row


def test_the_cells_of_a_row():
    texts = dict(zip([head.replace("\n", " ") for head in HEADS], HEADS, strict=True))
    cells = _cells(made_up_row())
    assert cells[texts["scratchnet"]] == "1000"
    assert cells[texts["NumPy definition"]] == "50000"
    assert cells[texts["TensorFlow eager"]] == "2500"
    assert cells[texts["TensorFlow GPU"]] == "100"
    assert cells[texts["times as fast as eager"]] == "2.50 (2.25–2.75)"
    assert cells[texts["GFLOP/s"]] == "2"
    assert cells[texts["of peak"]] == "50%"
    assert _cells(Row(made_up_row().case, error="not the same")) == {}


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.69, "no"), (1.7, "yes"), (2.2, "yes, and the aim"), (float("nan"), "no")],
)
def test_yes_or_no(value, words):
    assert in_words(Verdict(Goal("a", "b", 1.7, 2.2), Value("a", "c", value))) == words
    if value >= 1.7:
        assert in_words(Verdict(Goal("a", "b", 1.7), Value("a", "c", value))) == "yes"
