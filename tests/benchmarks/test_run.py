"""`python -m benchmarks`: runs with planted mistakes, models of a user's, hurried runs."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

import benchmarks.run
from benchmarks.__main__ import app
from benchmarks.case import EAGER, Case
from benchmarks.measure import HURRIED, measure
from benchmarks.programs.convolution import Shape
from benchmarks.sections import ops
from benchmarks.sides import ONEDNN, Sides
from tests.support import benchmark_faults as faults

MODEL = """
def build(tf):
    x = tf.keras.Input((6, 6, 2))
    h = tf.keras.layers.Conv2D(2, 3, padding="same", activation="relu")(x)
    return tf.keras.Model(x, tf.keras.layers.Add()([x, tf.keras.layers.Dropout(0.5)(h)]))
"""


@pytest.mark.parametrize(
    "case",
    [
        Case("off", "ops", faults.squares, {"off": 1e-4}, goals={EAGER: "op"}),
        Case("wrong once", "ops", faults.wrong_once, goals={EAGER: "op"}),
    ],
    ids=lambda case: case.name,
)
def test_a_planted_wrong_result_has_no_ratio_and_ends_with_1(case, sides, tmp_path, monkeypatch):
    good = Case("good", "ops", faults.squares, goals={EAGER: "op"})
    shown = run_command(["--only", "ops", "--quick"], [good, case], sides, tmp_path, monkeypatch)
    assert shown.exit_code == 1
    assert "scratchnet is not the same as TensorFlow (oneDNN on, eager)" in shown.stdout
    kept = json.loads((tmp_path / "results.json").read_text())
    right, wrong = kept["rows"]
    assert right["ratio"][EAGER]["median"] > 0
    assert wrong["ratio"] == wrong["rounds"] == {}
    assert kept["errors"]
    line = next(line for line in shown.stdout.splitlines() if line.strip().startswith(case.name))
    assert "ERROR" in line
    assert "(" not in line
    (judged,) = [goal for goal in kept["goals"] if goal["worst"] is not None]
    assert judged["worst_of"] == "good"


def run_command(arguments, cases, sides, folder, monkeypatch):
    """The command with sides that have been started, and with these cases for its section ops."""

    @contextmanager
    def already_started(threads, names):
        yield sides

    monkeypatch.setattr(benchmarks.run, "started", already_started)
    if cases is not None:
        monkeypatch.setitem(benchmarks.run.SECTIONS, "ops", lambda bench: bench.measure(cases))
    return CliRunner().invoke(app, [*arguments, "--out", str(folder), "--threads", "1"])


def test_who_interrupts_a_run_keeps_what_is_finished(sides, tmp_path, monkeypatch):
    def interrupted(bench):
        bench.measure([Case("good", "ops", faults.squares, goals={EAGER: "op"})])
        raise KeyboardInterrupt

    monkeypatch.setitem(benchmarks.run.SECTIONS, "ops", interrupted)
    shown = run_command(["--only", "ops", "--quick"], None, sides, tmp_path, monkeypatch)
    assert shown.exit_code == 130
    assert "INTERRUPTED" in shown.stdout
    assert "good" in shown.stdout
    assert shown.stderr.splitlines()[-2:] == ["ops 1/1: good", "Interrupted."]
    (kept,) = json.loads((tmp_path / "results.json").read_text())["rows"]
    assert kept["ratio"][EAGER]["median"] > 0


def test_what_only_one_setting_can_do_is_noted(sides, monkeypatch, tmp_path):
    row = measure(Case("a", "ops", faults.fails_on, {"module": "scratchnet"}), sides, HURRIED)
    assert row.error.startswith("scratchnet: RuntimeError: there is no code for that")
    row = measure(Case("a", "ops", faults.fails_on, {"module": "tensorflow"}), sides, HURRIED)
    assert row.error.startswith("TensorFlow (oneDNN on): RuntimeError")
    dilated = Shape((1, 8, 8, 2), (3, 3, 2, 3), dilations=2)
    case = ops.convolution_cases("dilated", dilated, "sizes", "size")[1]
    row = measure(case, sides, HURRIED)  # TensorFlow can do it with oneDNN only
    assert row.error is None
    assert set(row.times[EAGER]) == {ONEDNN}
    assert "TensorFlow (oneDNN off)" in row.unable[0]


def test_a_model_of_the_users_layer_by_layer(sides, tmp_path, monkeypatch):
    file = tmp_path / "mine.py"
    file.write_text(MODEL)
    monkeypatch.setattr("benchmarks.bench.QUICK", HURRIED)
    two = Sides(sides.ours, sides.theirs[:1])  # quicker than all three
    shown = run_command([str(file), "--quick"], None, two, tmp_path, monkeypatch)
    assert shown.exit_code == 0, shown.stdout
    names = [row["name"] for row in json.loads((tmp_path / "results.json").read_text())["rows"]]
    assert len(names) == 2 * (3 + 1)  # the layers and the whole model, both ways
    assert any(name.endswith("of (32, 6, 6, 2) + (32, 6, 6, 2), backward") for name in names)
    assert (tmp_path / "mine.py").read_text() == MODEL


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "must define a function build(tf)"),
        ("def build(tf):\n    return tf.nothing", "mine.py:2: AttributeError"),
        ("def build(tf):\n    return 3", "must return a keras.Model, received int"),
        (
            "def build(tf):\n    return tf.keras.Sequential([tf.keras.layers.Dense(2)])",
            "must return a Sequential model with an Input",
        ),
    ],
)
def test_a_file_that_is_no_model_is_refused(text, message, sides, tmp_path, monkeypatch):
    file = tmp_path / "mine.py"
    file.write_text(text)
    shown = run_command([str(file)], None, sides, tmp_path, monkeypatch)
    assert shown.exit_code == 2
    assert message in shown.stderr
    assert len(shown.stderr.splitlines()) == 1
