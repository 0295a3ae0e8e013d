"""`python -m benchmarks`: equality before ratios, what becomes of timings, the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
from typer.testing import CliRunner

import benchmarks.run
import scratchnet
from benchmarks.__main__ import app
from benchmarks.bench import Bench
from benchmarks.case import DEFINITION, EAGER, FUNCTION, OURS, Bound, Case, ways
from benchmarks.equality import UnequalError, assert_equal
from benchmarks.fresh import build, peak_memory
from benchmarks.measure import HURRIED, Row, _widened, measure
from benchmarks.options import Options, processors
from benchmarks.programs import small, training
from benchmarks.programs.convolution import Shape
from benchmarks.report import HEADS, _cells, in_words
from benchmarks.run import check_for_tensorflow
from benchmarks.sections import ops, sizes, steps
from benchmarks.sections.scaling import FLAT, growth
from benchmarks.sides import GPU, ONEDNN, PLAIN, SCRATCHNET, SideError, Sides, environment, started
from benchmarks.targets import GOALS, Goal, Value, Verdict, verdicts
from benchmarks.timing import faster, ratio, timed
from scratchnet.train.network import seed_network
from tests.support import benchmark_faults as faults

# -- equality -------------------------------------------------------------------------------------


def floats(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


def test_what_rounding_does_is_equal():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((50, 4000), np.float32), rng.standard_normal((4000, 50), np.float32)
    exact = (a.astype(np.float64) @ b).astype(np.float32)
    in_a_row = np.add.accumulate(a[:, :, None] * b[None], axis=1)[:, -1]  # the worst order
    assert np.abs(in_a_row - exact).max() > 0
    assert_equal([in_a_row], [exact], Bound(terms=4000))


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        ([floats(1, 2)], [floats(1, 2), floats(1)], "1 arrays where TensorFlow has 2"),
        ([floats(1, 2)], [floats(1, 2, 3)], r"float32\(2,\), TensorFlow's float32\(3,\)"),
        ([floats(1.0)], [np.array([1.0])], "TensorFlow's float64"),
        (
            [floats(1, 2.00001)],
            [floats(1, 2)],
            "array 0: off by 5.01e-06 of its size, allowed 2.38e-07",
        ),
        ([floats(1, np.nan)], [floats(1, 2)], "off by nan"),
        ([np.array([1, 2])], [np.array([1, 3])], "off by 1 of its size, allowed 0"),
        ([floats(0), floats(1e-3)], [floats(0), floats(0)], "array 1: off by 0.001"),
    ],
)
def test_what_rounding_does_not_do_is_not_equal(ours, theirs, message):
    with pytest.raises(UnequalError, match=message):
        assert_equal(ours, theirs, Bound())


def test_a_bound_by_norm_lets_one_element_go_another_way_but_not_all():
    theirs = np.random.default_rng(0).standard_normal(100_000).astype(np.float32)
    ours = theirs.copy()
    ours[0] = -ours[0]
    assert_equal([ours], [theirs], Bound(norm=2e-3))
    with pytest.raises(UnequalError, match=r"off by 0\.01 of its size, allowed 0\.002"):
        assert_equal([1.01 * theirs], [theirs], Bound(norm=2e-3))


def test_what_tensorflows_settings_are_apart_widens_a_bound_by_norm():
    on, off = {EAGER: [floats(1, 0)]}, {EAGER: [floats(1.01, 0)]}
    assert _widened(Bound(norm=0.002), [on, off]).norm == pytest.approx(0.022, rel=1e-3)
    assert _widened(Bound(norm=0.002), [on]) == Bound(norm=0.002)
    assert _widened(Bound(terms=9), [on, off]) == Bound(terms=9)


# -- what becomes of timings ----------------------------------------------------------------------


def test_a_ratio_is_of_pairs():
    # The machine was half as fast in the second round: the medians alone would not say 2.
    found = ratio([1.0, 2.0, 4.0, 1.0], [2.0, 4.0, 8.0, 2.0])
    assert (found.median, found.low, found.high) == (2.0, 2.0, 2.0)
    assert str(ratio([2.0], [3.0])) == "1.50 (one round)"
    assert str(ratio([1.0, 1.0, 1.0], [1.0, 2.0, 4.0])) == "2.00 (1.50–3.00)"
    with pytest.raises(ValueError, match="in pairs, received 1 and 2"):
        ratio([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="in pairs, received 0 and 0"):
        ratio([], [])


def made_up_row() -> Row:
    times = {
        OURS: {SCRATCHNET: [1.0, 2.0, 1.0]},
        DEFINITION: {SCRATCHNET: [50.0]},
        EAGER: {ONEDNN: [3.0, 6.0, 9.0], PLAIN: [2.0, 6.0, 2.5], GPU: [0.1, 0.1, 0.1]},
        FUNCTION: {ONEDNN: [1.0, 1.0, 1.0], PLAIN: [2.0, 2.0, 0.1], GPU: [0.2, 0.2, 0.2]},
    }
    goals = {EAGER: "tape eager", FUNCTION: "tape function"}
    return Row(Case("loop", "steps", faults.squares, goals=goals, flops=2e9), times)


def test_tensorflow_is_taken_at_its_faster_setting_and_not_on_the_gpu():
    row = made_up_row()
    assert faster({"a": [1.0, 9.0, 9.0], "b": [5.0, 5.0, 5.0]}) == "b"
    assert [row.seconds(way) for way in (OURS, EAGER, FUNCTION)] == [1.0, 2.5, 1.0]
    assert row.ratio(EAGER).median == 2.5  # of 2, 3 and 2.5
    assert row.ratio(FUNCTION).median == 1.0  # of 1, 0.5 and 1
    assert row.gpu() == 0.1
    assert row.values() == [
        Value("tape eager", "loop", 2.5),
        Value("tape function", "loop", 1.0),
    ]
    kept = row.as_json()
    assert kept["faster_setting"] == {EAGER: PLAIN, FUNCTION: ONEDNN}
    assert kept["rounds"][EAGER][ONEDNN] == [3.0, 6.0, 9.0]
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept


def test_the_cells_of_a_row():
    bench = Bench(Options(), sides=None, peaks=[4e9, 3e9])
    texts = dict(zip([head.replace("\n", " ") for head in HEADS], HEADS, strict=True))
    cells = _cells(made_up_row(), bench)
    assert cells[texts["scratchnet"]] == "1000"
    assert cells[texts["NumPy definition"]] == "50000"
    assert cells[texts["TensorFlow eager"]] == "2500"
    assert cells[texts["TensorFlow GPU"]] == "100"
    assert cells[texts["times as fast as eager"]] == "2.50 (2.25–2.75)"
    assert cells[texts["GFLOP/s"]] == "2"
    assert cells[texts["of peak"]] == "50%"
    assert _cells(Row(made_up_row().case, error="not the same"), bench) == {}


def test_a_turn_is_the_median_of_calls():
    calls = []
    assert timed(lambda: calls.append(1), seconds=1.0, most=5) < 1e-3
    assert len(calls) == 5
    timed(lambda: calls.append(1), seconds=0.0)
    assert len(calls) == 6


def test_growth_is_not_made_larger_by_what_it_fell_before():
    assert growth([4.0, 2.0, 3.0]) == 1.5
    assert growth([4.0, 3.0, 2.0]) == FLAT
    assert growth([1.0, 1.05, 5.0, 1.0]) == 5.0


def test_a_machine_that_was_not_quiet_is_noted():
    bench = Bench(Options(), sides=None, peaks=[4e9, 2e9])
    bench.look_for_company()
    assert "fell to 50%" in bench.notes[0]
    quiet = Bench(Options(), sides=None, peaks=[4e9, 3.9e9])
    quiet.look_for_company()
    assert quiet.notes == []


# -- goals ----------------------------------------------------------------------------------------


def test_a_goal_is_judged_by_its_worst_value():
    values = [Value("fit", "batch 128", 2.5), Value("fit", "batch 32", 1.8)]
    found = {verdict.goal.name: verdict for verdict in verdicts(values)}
    assert len(found) == len(GOALS)
    assert found["fit"].worst == values[1]
    assert in_words(found["fit"]) == "yes"
    assert in_words(found["op"]) == "not measured"
    with pytest.raises(ValueError, match="no goal of the name \\['speed'\\]"):
        verdicts([Value("speed", "x", 1.0)])


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.69, "no"), (1.7, "yes"), (2.2, "yes, and the aim"), (float("nan"), "no")],
)
def test_yes_or_no(value, words):
    assert in_words(Verdict(Goal("a", "b", 1.7, 2.2), Value("a", "c", value))) == words
    if value >= 1.7:
        assert in_words(Verdict(Goal("a", "b", 1.7), Value("a", "c", value))) == "yes"


def test_every_case_counts_for_a_goal_that_there_is_and_has_a_name_of_its_own():
    cases = [*ops.cases(), *sizes.cases(False), *steps.cases(False)]
    assert {goal for case in cases for goal in case.goals.values()} <= {g.name for g in GOALS}
    assert len({(case.section, case.name) for case in cases}) == len(cases)
    assert all(way in case.ways for case in cases for way in case.goals)
    assert {case.name for case in sizes.cases(True)} < {case.name for case in sizes.cases(False)}
    assert sum("op" in case.goals.values() for case in cases) == len(ops.cases())


def test_flops_are_those_of_the_shapes():
    shape = Shape((2, 10, 9, 3), (3, 2, 3, 8), strides=2, dilations=2)
    y = scratchnet.nn.conv2d(
        np.zeros(shape.images, np.float32), np.zeros(shape.filters, np.float32), **shape.options
    )
    assert shape.out == tuple(y.shape)
    assert shape.flops == 2 * y.numpy().size * 3 * 2 * 3
    same = Shape((1, 7, 7, 1), (3, 3, 1, 1), strides=2, padding="SAME")
    assert same.out == (1, 4, 4, 1)
    forward = 2 * (26 * 26 * 32 * 9 + 24 * 24 * 64 * 288 + 9216 * 128 + 1280)
    assert training.flops(28, 4, training=False) == 4 * forward
    assert training.flops(28, 1) == 3 * forward - 2 * 26 * 26 * 32 * 9


# -- fresh processes ------------------------------------------------------------------------------


def test_the_fresh_script_trains_the_seed_network_and_imports_nothing_first():
    ours, job = build(scratchnet), seed_network((28, 28, 1))
    for mine, its in zip(ours.layers, job.layers, strict=True):
        assert type(mine) is type(its)
        kept = mine.get_config(), its.get_config()
        assert kept[0] | {"name": ""} == kept[1] | {"name": ""}
    program = "import sys, benchmarks.fresh; print('numpy' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert shown.stdout.strip() == "False"


def test_peak_memory_sees_what_was_taken():
    before = peak_memory()
    assert before > 10e6
    taken = np.ones(before // 8 + 25_000_000)  # more than there ever was
    assert peak_memory() > max(before, taken.nbytes)


def test_every_pool_of_threads_has_one_size():
    variables = environment(PLAIN, 3)
    assert {variables[f"{pool}_NUM_THREADS"] for pool in ("OMP", "OPENBLAS", "NUMBA")} == {"3"}
    assert variables["TF_ENABLE_ONEDNN_OPTS"] == "0"
    assert environment(ONEDNN, 3)["TF_ENABLE_ONEDNN_OPTS"] == "1"
    assert environment(ONEDNN, 3)["CUDA_VISIBLE_DEVICES"] == "-1"
    assert environment(GPU, 3).get("CUDA_VISIBLE_DEVICES") == os.environ.get("CUDA_VISIBLE_DEVICES")


# -- the command ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "ops,opps"], "--only must be names of steps, ops, sizes, scaling, memory"),
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


def test_a_quick_run_leaves_out_the_slowest_unless_it_is_asked_for():
    assert "scaling" in Options().sections
    assert "scaling" not in Options(quick=True).sections
    assert Options(quick=True, only="scaling, ops").sections == ("ops", "scaling")


# -- with both libraries --------------------------------------------------------------------------


@pytest.fixture(scope="package")
def sides():
    with started(1) as found:
        yield found


MODEL = """
def build(tf):
    x = tf.keras.Input((6, 6, 2))
    h = tf.keras.layers.Conv2D(2, 3, padding="same", activation="relu")(x)
    return tf.keras.Model(x, tf.keras.layers.Add()([x, tf.keras.layers.Dropout(0.5)(h)]))
"""


def test_a_quick_run_that_is_late_hurries_and_then_leaves_out(sides):
    cases = [Case(name, "ops", faults.squares, goals={EAGER: "op"}) for name in ("a", "b")]
    late = Bench(Options(quick=True), sides, begun=time.monotonic() - 100)
    (first, _) = late.measure(cases)
    assert first.ratio(EAGER).rounds == 1
    too_late = Bench(Options(quick=True), sides, begun=time.monotonic() - 150)
    assert too_late.measure(cases) == []
    assert too_late.notes == ["ops: 2 cases left out, for want of time"]
    assert not Bench(Options(), sides, begun=time.monotonic() - 150).is_late


def test_measured_with_both_libraries(sides):
    right = Case("right", "ops", faults.squares, goals={EAGER: "op"}, definition=faults.squares)
    row = measure(right, sides, HURRIED)
    assert row.error is not None  # `square` has no definition in small ops
    pools = [case for case in ops.cases() if case.name.startswith("softmax")]
    for case in pools:
        row = measure(case, sides, HURRIED)
        assert row.error is None
        assert set(row.times) == {OURS, DEFINITION, EAGER, FUNCTION} == {DEFINITION, *ways_of(case)}
        assert set(row.times[EAGER]) == {ONEDNN, PLAIN}
        assert row.values()[0].value > 0
    update = {"optimizer": "adam", "shapes": ((3, 2), (2,))}
    rule = Case("adam", "ops", small.update, update, definition=small.update_in_numpy)
    assert measure(rule, sides, HURRIED).error is None


def ways_of(case: Case) -> set[str]:
    return {way for ours in (True, False) for way in ways(case, ours)}


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


def test_a_side_that_dies_is_named():
    with started(1, names=()) as alone:
        alone.ours.send("call", faults.leave, ())
        with pytest.raises(SideError, match="scratchnet ended early \\(exit code 3\\)"):
            alone.ours.read()
