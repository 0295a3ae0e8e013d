"""Golden files of the first witness: they judge as TensorFlow does, where it is not installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet as tf
from scratchnet.engine.op import OPS
from scratchnet.explain import golden, run
from scratchnet.explain.page import assemble
from scratchnet.explain.page_data import PageData
from scratchnet.explain.witnesses import ask
from scratchnet.testing.golden import Golden
from tests.support.browser import Page
from tests.support.train_command import run as command
from tests.support.train_command import save


def said_of(said: dict[int, list[dict[str, Any]]]) -> dict[int, list[Any]]:
    """What TensorFlow said, or the file in its place: of which arguments, and whether it agrees."""
    found = {
        i: [(w["argument"], w["agrees"]) for w in all_ if w["who"] == "tensorflow"]
        for i, all_ in said.items()
    }
    return {i: all_ for i, all_ in found.items() if all_}


@pytest.mark.parametrize("name", ["seed_network", "functional", "residual"])
def test_a_golden_file_says_what_tensorflow_says(explained: Any, name: str, tmp_path: Path) -> None:
    trace, _, _ = explained(name)
    golden.record(trace, tensorflow).write(tmp_path / "golden.npz")
    kept = golden.read(tmp_path / "golden.npz")
    assert kept.witness == f"TensorFlow {tensorflow.__version__}"
    said = said_of(ask(trace, None, kept))
    assert said == said_of(ask(trace, tensorflow))
    assert all(agrees for all_ in said.values() for _, agrees in all_)


def step(scale: float = 1.0) -> Any:
    x, w = tf.Variable([[0.5, -1.5, 2.0]]), tf.Variable([[0.25], [1.0], [-0.5]])
    with tf.tracing() as trace, tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.tanh(x * scale) @ w)
        tape.gradient(loss, [x, w])
    return trace


def test_other_numbers_in_the_same_ops_are_judged_by_those_of_the_file() -> None:
    """Another machine trains to other last digits: its ops are run on what the file holds."""
    kept = golden.record(step(), tensorflow)
    said = said_of(ask(step(1.25), None, kept))
    assert said == said_of(ask(step(1.25), tensorflow))
    assert all(agrees for all_ in said.values() for _, agrees in all_)


@pytest.fixture
def wrong_tanh() -> Any:
    op = OPS["tanh"]
    right = op.vjps
    object.__setattr__(op, "vjps", (lambda g, record: g * (1 - record.output),))
    yield
    object.__setattr__(op, "vjps", right)


def test_a_wrong_vjp_is_seen_without_tensorflow(
    request: pytest.FixtureRequest, driver: Any, tmp_path: Path
) -> None:
    kept = golden.record(step(), tensorflow)
    request.getfixturevalue("wrong_tanh")
    trace = step()
    row = next(row for row in trace if row.op == "tanh")
    said = ask(trace, None, kept)
    assert said_of(said)[row.index] == [(None, True), (0, False)]
    data = PageData(trace, {"tensorflow": "2.21.0", "golden": "kept.npz"})
    data.add_witnesses(said)
    (tmp_path / "page.html").write_text(assemble(data.to_dict()), encoding="utf-8")
    page = Page(driver, tmp_path / "page.html")
    assert page.text("#verdict").startswith("✗ the witnesses DISAGREE in 2 of")
    assert "TensorFlow 2.21.0 from the golden file kept.npz" in page.text("#verdict")
    page.js("page.goNode(DATA.nodes.find((n) => n.op === 'tanh').id, 'backward')")
    assert "from the golden file kept.npz · gx: DISAGREES" in page.text(".witnesses")
    assert page.complaints() == []


def test_another_network_is_not_judged() -> None:
    kept = golden.record(step(), tensorflow)
    with tf.tracing() as trace, tf.GradientTape() as tape:
        x = tf.Variable([[0.5, -1.5]])
        tape.gradient(tf.reduce_sum(tf.square(x)), x)
    said = [w for all_ in ask(trace, None, kept).values() for w in all_ if w["who"] != "finite"]
    assert said
    assert {w["agrees"] for w in said} == {None}
    assert "the golden file has another op than square, or none, in place 1" in said[0]["reason"]


def test_what_tensorflow_cannot_compute_and_what_a_file_lacks_is_not_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = golden.record(step(), tensorflow)
    tanh = next(key for key in kept.items if "|tanh|" in key and key.endswith("|x0"))
    del kept.items[tanh]
    row = next(row for row in step() if row.op == "tanh")
    assert said_of(ask(step(), None, kept))[row.index] == [(None, None)]

    def refused(tf: Any, t: Any, attrs: Any) -> Any:
        raise RuntimeError("no such kernel")

    monkeypatch.setitem(golden.on_tensorflow.CALLS, "tanh", refused)
    assert not any("|tanh|" in name for name in golden.record(step(), tensorflow).names)


def test_of_a_long_answer_a_part_is_kept() -> None:
    x = tf.Variable(np.linspace(-2, 2, 200_000, dtype=np.float32))
    with tf.tracing() as trace, tf.GradientTape() as tape:
        tape.gradient(tf.reduce_sum(tf.tanh(x)), x)
    kept = golden.record(trace, tensorflow)
    key = next(key for key in kept.items if "|tanh|" in key and key.endswith("|y0"))
    assert kept.items[key].size <= golden.MOST
    assert all(agrees for all_ in said_of(ask(trace, None, kept)).values() for _, agrees in all_)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    Golden({}, {}, ["a call"], "TensorFlow").write(tmp_path / "program.npz")
    with pytest.raises(ValueError, match="--golden must be a file that scratchnet explain"):
        golden.read(tmp_path / "program.npz")


OTHER = """\
def build(tf):
    layers = tf.keras.layers
    return tf.keras.Sequential([tf.keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(9)])
"""


def test_the_command_records_and_judges_by_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: Any, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["explain", "--data", save(), "--epochs", "0", "--index", "1", "--no-open"]
    assert command(*words, "--record", "kept.npz", "--out", "a.html") == 0
    assert "Kept in kept.npz: what TensorFlow" in capsys.readouterr().out
    monkeypatch.setattr(run, "tensorflow", lambda: None)
    assert command(*words, "--golden", "kept.npz", "--out", "b.html") == 0
    assert command(*words, "--out", "c.html") == 0
    assert command(*words, "--record", "d.npz") == 2
    assert "--record must be left out where TensorFlow is not" in capsys.readouterr().err
    Path("other.py").write_text(OTHER)
    assert command(*words, "--model", "other.py", "--golden", "kept.npz", "--out", "d.html") == 0
    assert "no op of this step is in it, so nothing was compared" in capsys.readouterr().out
    version = tensorflow.__version__
    verdicts = []
    for name in "abcd":
        page = Page(driver, tmp_path / f"{name}.html")
        verdicts.append(page.text("#verdict"))
        assert page.complaints() == []
    assert verdicts[0].startswith(f"✓ TensorFlow {version} and finite differences: ")
    assert verdicts[1].startswith(
        f"✓ TensorFlow {version} from the golden file kept.npz and finite differences: "
    )
    assert verdicts[2].startswith("✓ finite differences alone (TensorFlow was not asked: ")
    assert verdicts[3].startswith(
        "✓ finite differences alone (no op of this step is in the golden file kept.npz: "
    )
