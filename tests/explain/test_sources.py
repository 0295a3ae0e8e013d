"""The source lines that the page shows are those of the files."""

from __future__ import annotations

from pathlib import Path

import pytest

import scratchnet
from scratchnet.engine.op import OPS, Op, Site
from scratchnet.explain.sources import line_of, sources

ROOT = Path(scratchnet.__file__).parents[1]


@pytest.mark.parametrize("name", ["conv2d", "fused_conv2d", "max_pool2d", "matmul", "concat"])
def test_they_stand_where_the_page_says(name: str) -> None:
    parts = sources(OPS[name])
    assert {"function", "forward", "vjp 0"} <= {part["title"] for part in parts}
    for part in parts:
        file, _, line = part["place"].rpartition(":")
        lines = (ROOT / file).read_text().splitlines()
        first = part["text"].splitlines()[0]
        assert lines[int(line) - 1] == first
        assert "def " in part["text"] or "lambda" in part["text"]


def test_the_titles_of_an_op_with_all_parts() -> None:
    titles = [part["title"] for part in sources(OPS["fused_conv2d"])]
    kinds = ["function", "forward", "prologue", "vjp 0", "vjp 1", "vjp 2", "composed"]
    assert titles == kinds


def test_a_reason_stands_in_the_place_of_a_vjp_that_is_not() -> None:
    parts = {part["title"]: part for part in sources(OPS["drop"])}
    assert parts["vjp 1"]["text"] == "# none: a mask is true or false"
    assert parts["vjp 1"]["place"] == ""


def test_what_has_no_source_is_left_out() -> None:
    made: dict[str, object] = {}
    exec("def typed(x): return x, None", made)
    op = Op("typed", made["typed"], made["typed"], vjps=(len,))  # type: ignore[arg-type]
    assert sources(op) == []


def test_the_line_of_the_users_program() -> None:
    line = test_the_line_of_the_users_program.__code__.co_firstlineno
    assert line_of(Site(__file__, line)) == "def test_the_line_of_the_users_program() -> None:"
    assert line_of(None) == ""
    assert line_of(Site("nowhere.py", 3)) == ""
