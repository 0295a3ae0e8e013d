"""The report: its text, its data, its page."""

from __future__ import annotations

import json

import numpy as np

from scratchnet.testing import check_vjp
from scratchnet.testing.report import Finding, Report, Row, ulps_between

X = np.random.default_rng(0).normal(size=(4, 5))


def wrong():
    return check_vjp(lambda x, w: x * w, lambda g, x, w: (g * w, -g * x), X, X + 1)


def test_the_text_says_what_where_and_why():
    text = str(wrong())
    assert "The gradient of `w` is wrong. Likely cause: sign" in text
    assert "got " in text
    assert "should be " in text
    assert "20 of 20 elements are wrong" in text
    assert "Right: `x`" in text
    assert all(len(line) < 100 for line in text.splitlines())
    right = check_vjp(np.sin, lambda g, x: g * np.cos(x), X, names=["x"])
    assert "right, compared with finite differences" in str(right)
    assert "`x`: 20 elements" in str(right)


def test_the_attributes_are_of_the_first_finding():
    report = wrong()
    assert not report
    assert (report.ok, report.argument, report.cause) == (False, "w", "sign")
    assert report.got == -report.expected or abs(report.got + report.expected) < 1e-6
    assert report.largest_error == report.findings[0].largest_error > 0
    assert report.findings[0].times > 1e3
    assert repr(report) == "<Report: sign in 'w'>"
    assert len(report.index) == 2
    empty = Report("check_vjp", "the witness", ())
    assert empty.ok
    assert (empty.argument, empty.index, empty.cause, empty.got) == (None, None, None, None)
    assert empty.largest_error == 0.0


def test_it_is_data():
    data = json.loads(json.dumps(wrong().to_dict()))
    assert data["ok"] is False
    assert data["findings"][0]["argument"] == "w"
    assert [row["verdict"] for row in data["arguments"]] == ["right", "sign"]
    infinite = Report("a", "b", (Finding("x", "unknown", "why", got=np.inf, expected=1.0),))
    assert json.loads(json.dumps(infinite.to_dict()))["findings"][0]["got"] == "inf"


def test_it_is_a_page():
    html = wrong()._repr_html_()
    assert "<table>" in html
    assert "Likely cause: sign" in html
    odd = Report("c", "t", (), (Row("<x>", (1,), "float64", 1, 0, 0.0, None, "right"),))
    assert "<x>" not in odd._repr_html_()


def test_ulps():
    got = ulps_between(np.array([1.0, 2.0]), np.array([1 + 2**-52, 2 - 2**-51]), np.float64)
    assert got.tolist() == [1.0, 2.0]
