"""The report of a comparison: as a text, a table, a dict, a page."""

from __future__ import annotations

import json

from rich.console import Console

from scratchnet.testing.comparison_report import Comparison, Difference, Row

ROWS = (
    Row("forward", "0 exp", "output 0", (3,), 0.0, 0.0, 1e-7, 1e-6, "same"),
    Row("backward", "1 sin", "argument 0", (3,), 1e-7, 1.0, 0.0, 1e-6, "same"),
    Row("backward", "0 exp <b>", "argument 0", (2, 3), 0.5, 4e6, 2.5e-7, 1e-6, "differs"),
    Row("update", "", "w", (2,), float("inf"), float("inf"), 0.0, 1e-6, "differs"),
)
FIRST = Difference(
    "backward", "call 0, exp", (0, 2), 1.5, 1.0, 6, 6, 0.5, 1e-6, 2.5e-7, 4e6, ("exp",)
)
WRONG = Comparison((FIRST, FIRST), ROWS, 2, ("a note",))


def test_the_text_names_the_first_difference_with_both_values() -> None:
    assert str(WRONG).split("\n") == [
        "NOT THE SAME: 4 arrays of 2 calls compared with TensorFlow.",
        "It begins in backward: call 0, exp",
        "  1.5 at [0, 2], TensorFlow's 1: 0.5 apart, 4e+06 ulps, 2e+06 times TensorFlow's own "
        "spread; rounding explains 1e-06",
        "  6 of 6 elements differ",
        "  scratchnet's ops there: exp",
        "1 more differ after it.",
        "Note: a note",
    ]
    assert (bool(WRONG), WRONG.first, WRONG.compared) == (False, FIRST, 4)
    assert repr(WRONG) == "<Comparison: differs, backward>"
    same = Comparison((), ROWS[:2], 2)
    says = str(same).split("\n")
    assert says[0] == "The same: 2 arrays of 2 calls compared with TensorFlow."
    assert says[1:] == [
        "(A mistake in the program is made on both sides, so it is not seen here: check_gradients "
        "finds a gradient that is not that of its formula.)"
    ]
    assert (bool(same), same.first, repr(same)) == (True, None, "<Comparison: the same>")


def test_the_table_has_what_differs_first_and_then_what_comes_nearest() -> None:
    console = Console(width=120, record=True)
    console.print(WRONG.table(3))
    text = console.export_text()
    rows = [line for line in text.split("\n") if "backward" in line or "update" in line]
    assert [("update" in row, "exp <b>" in row, "sin" in row) for row in rows] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    assert "no spread" in rows[2]
    assert "1 more, nearer to TensorFlow's" in text


def test_json_and_html() -> None:
    found = json.loads(json.dumps(WRONG.to_dict(), allow_nan=False))
    assert found["differences"][0]["index"] == [0, 2]
    assert found["rows"][3]["error"] == "inf"
    assert (found["ok"], found["calls"], found["notes"]) == (False, 2, ["a note"])
    page = WRONG._repr_html_()
    assert "0 exp &lt;b&gt;" in page
    assert "<b>" not in page
