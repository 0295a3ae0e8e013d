"""Options: sections, and those that cannot be."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from benchmarks.__main__ import app
from benchmarks.options import NAMES, Options, processors
from benchmarks.run import check_for_tensorflow


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "ops,opps"], "--only must be names of networks, steps, ops, sizes, scaling"),
        (["--only", ""], "--only must be names of"),
        (["--threads", "0"], "--threads must be from 1 to the number of processors, which is"),
        (["--threads", str(processors() + 1)], f"received {processors() + 1}"),
        (["--threads", "two"], "must be an integer, received two"),
        (["no_such.py"], "MODEL_FILE must be a Python file that exists, received no_such.py"),
        ([__file__, "--only", "ops"], "--only must be given without MODEL_FILE"),
        (["--out", __file__], "--out must be a folder that can be written to"),
    ],
)
def test_a_wrong_option_is_one_clear_line(arguments, message):
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 2
    assert message in shown.stderr
    assert "Traceback" not in shown.stderr


def test_without_tensorflow_there_is_one_clear_line(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r'`pip install "\.\[reference\]"`'):
        check_for_tensorflow()
    shown = CliRunner().invoke(app, ["--only", "ops"])
    assert shown.exit_code == 2
    assert len(shown.stderr.splitlines()) == 1


def test_a_quick_run_has_every_section():
    assert Options().sections == Options(quick=True).sections == NAMES
    assert Options(quick=True, only="scaling, ops").sections == ("ops", "scaling")
