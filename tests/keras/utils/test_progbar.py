"""The progress bar against Keras's, character for character."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike, prints_the_same, same
from tests.support.signatures import taken_alike
from tests.support.training_programs import X, Y, dataset, linear, without_times

PRINTS: dict[str, Any] = {
    "fit 1": lambda tf: linear(tf).fit(X, Y, batch_size=4, epochs=2),
    "fit 1 one epoch": lambda tf: linear(tf, metrics=["mae"]).fit(X, Y, verbose=1),
    "fit 2": lambda tf: linear(tf, metrics=["mae"]).fit(X, Y, batch_size=4, epochs=2, verbose=2),
    "fit 0": lambda tf: linear(tf).fit(X, Y, verbose=0),
    "validated 1": lambda tf: linear(tf).fit(X, Y, batch_size=4, epochs=2, validation_split=0.25),
    "validated 2": lambda tf: linear(tf).fit(X, Y, epochs=1, validation_split=0.25, verbose=2),
    "later": lambda tf: linear(tf).fit(X, Y, initial_epoch=2, epochs=4, verbose=2),
    "evaluate 1": lambda tf: linear(tf, metrics=["mae"]).evaluate(X, Y, batch_size=4),
    "evaluate 2": lambda tf: linear(tf, metrics=["mae"]).evaluate(X, Y, batch_size=4, verbose=2),
    "predict 1": lambda tf: linear(tf).predict(X, batch_size=4),
    "predict 2": lambda tf: linear(tf).predict(X, batch_size=4, verbose=2),
    "small values": lambda tf: linear(tf).fit(X * 1e-4, Y * 1e-4, verbose=2),
    "short epochs": lambda tf: linear(tf).fit(
        X, Y, batch_size=4, epochs=2, steps_per_epoch=3, verbose=2
    ),
    "unknown length": lambda tf: linear(tf).fit(
        dataset(tf).filter(lambda x, y: True), epochs=2, shuffle=False, verbose=2
    ),
    "two digits": lambda tf: linear(tf).fit(X, Y, batch_size=2, epochs=1),
}


@pytest.mark.parametrize("name", PRINTS)
@pytest.mark.filterwarnings("ignore:.*ran out of data:UserWarning")
def test_progress(name: str) -> None:
    prints_the_same(PRINTS[name], without_times)


class Clock:
    """A time of its own, that goes on by a step at each look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 1e9, step

    def time(self) -> float:
        self.now += self.step
        return self.now


@pytest.mark.parametrize(
    "step", [1e-5, 3e-4, 2**-9, 0.02, 0.7, 1.0, 2.0, 10.0, 75.0, 600.0, 4000.0]
)
@pytest.mark.parametrize("target", [7, 120, None])
@pytest.mark.parametrize("verbose", [1, 2])
def test_progbar(
    step: float, target: int | None, verbose: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Character for character, at equal times."""
    from keras.src.utils import progbar as theirs

    from scratchnet.keras.utils import progbar as ours

    def program(tf: Any) -> None:
        clock = Clock(step)
        for module in (theirs, ours):
            monkeypatch.setattr(module, "time", clock)
        bar = tf.keras.utils.Progbar(target, verbose=verbose, stateful_metrics=["b"])
        for i in range(1, 7):
            bar.update(i, [("a", 0.5 / i), ("b", -1e-4 * i), ("c", np.array([1.0, 2.0]) * i)])
        bar.add((target or 7) - 6, [("a", 2.0), ("b", 7.0)])
        bar.update(target or 8, [("a", 1.0)], finalize=True)

    prints_the_same(program)


def test_what_is_taken() -> None:
    taken_alike("utils", "Progbar")


def patched(monkeypatch: pytest.MonkeyPatch, start: float, step: float) -> None:
    """Both modules look at the same clock, from its beginning."""
    from keras.src.utils import progbar as theirs

    from scratchnet.keras.utils import progbar as ours

    clock = Clock(step)
    clock.now = start
    for module in (theirs, ours):
        monkeypatch.setattr(module, "time", clock)


# options, seconds between two looks at a clock that begins at the second, updates
DRAWN: dict[str, tuple[dict[str, Any], float, float, list[tuple[Any, ...]]]] = {
    "a millisecond": ({"target": 1}, 1e-3, 0.0, [(1, [], True)]),
    "less": ({"target": 1}, 0.99e-3, 0.0, [(1, [], True)]),
    "just the interval": ({"target": 9, "interval": 2.0}, 1.0, 0.0, [(1,), (2,), (3,), (4,)]),
    "always": ({"target": 9, "interval": 0}, 1.0, 0.0, [(1,), (2,), (2,), (5,)]),
    "a minute left": ({"target": 61}, 1.0, 1e6, [(1,)]),
    "more than one": ({"target": 62}, 1.0, 1e6, [(1,)]),
    "an hour left": ({"target": 3601}, 1.0, 1e6, [(1,)]),
    "more than an hour": ({"target": 3662}, 1.0, 1e6, [(1,), (2,)]),
    "many hours": ({"target": 3662 * 12}, 1.0, 1e6, [(1,), (700,)]),
    "width": ({"target": 5, "width": 7}, 1.0, 1e6, [(0,), (1,), (3,), (5,)]),
    "unit": ({"target": 3, "unit_name": "image"}, 1.0, 1e6, [(1,), (3,)]),
    "silent": ({"target": 3, "verbose": 0}, 1.0, 1e6, [(1, [("a", 1.0)]), (3, [("a", 1.0)])]),
    "one line": (
        {"target": 3, "verbose": 2},
        1.0,
        1e6,
        [(1, [("a", 1e-3), ("b", 1.001e-3)]), (3, [("a", 1e-3), ("b", 1.001e-3)])],
    ),
    "one line of unknown length": ({"target": None, "verbose": 2}, 1.0, 1e6, [(1,), (3, [], True)]),
    "small values": (
        {"target": 3},
        1.0,
        1e6,
        [(1, [("a", 1e-3), ("b", -1.001e-3), ("c", 0.0), ("d", -5e-5)])],
    ),
    "shorter lines": (
        {"target": 4, "stateful_metrics": ["a"]},
        1.0,
        1e6,
        [(1, [("a", 123456.0)]), (2, [("a", 1.0)]), (3, [("a", 12345678.0)]), (4, [("a", 2.0)])],
    ),
    "steps of several": (
        {"target": 9},
        1.0,
        1e6,
        [(2, [("a", 1.0)]), (5, [("a", 2.0)]), (5, [("a", 7.0)]), (9, [("a", 4.0)])],
    ),
    "not the last": ({"target": 3}, 1.0, 1e6, [(3, [("a", 1.0)], False), (4, [("a", 2.0)], False)]),
    "beyond": ({"target": 3}, 1.0, 1e6, [(4, [("a", 1.0)])]),
    "of 0": ({"target": 0}, 1.0, 1e6, [(1, [("a", 1.0)]), (2, None, True)]),
    "from 0": ({"target": 2}, 1.0, 1e6, [(0, [("a", 1.0)]), (1, [("a", 2.0)])]),
    "first late": ({"target": 200}, 1.0, 1e6, [(7,), (8,), (100,)]),
}


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn_when(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options, step, start, updates = DRAWN[name]

    def program(tf: Any) -> None:
        patched(monkeypatch, start, step)
        bar = tf.keras.utils.Progbar(**options)
        for arguments in updates:
            bar.update(*arguments)
        bar.add(1, [("last", 3.0)])

    prints_the_same(program)


@pytest.mark.parametrize("where", ["posix", "ipykernel", "PYCHARM_HOSTED", "terminal", "file"])
def test_lines_are_drawn_over_where_that_can_be(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def program(tf: Any) -> None:
        patched(monkeypatch, 1e6, 1.0)
        for module in ("posix", "ipykernel"):
            monkeypatch.delitem(sys.modules, module, raising=False)
        monkeypatch.delenv("PYCHARM_HOSTED", raising=False)
        if where in ("posix", "ipykernel"):
            monkeypatch.setitem(sys.modules, where, sys)
        elif where == "PYCHARM_HOSTED":
            monkeypatch.setenv(where, "1")
        elif where == "terminal":
            monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        bar = tf.keras.utils.Progbar(3)
        bar.update(1)
        bar.update(2)

    prints_the_same(program)


def test_a_terminal_without_the_letter_of_the_bar() -> None:
    def program(tf: Any) -> bytes:
        out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        with contextlib.redirect_stdout(out):
            tf.keras.utils.Progbar(4).update(2, [("ä", 1.0)])
        return out.buffer.getvalue().split(b" ")[1]

    same(program)


def test_names_of_one_kind() -> None:
    both = {"stateful_metrics": ["a"], "stateless_metrics": ["b"]}
    complain_alike(lambda tf: tf.keras.utils.Progbar(3, **both), "stateful_metrics", "at most one")
    bar = scratchnet.keras.utils.Progbar(3)
    assert (bar.stateful_metrics, bar.stateless_metrics) == (set(), None)


def test_averages_of_the_named_values_only() -> None:
    def program(tf: Any) -> None:
        bar = tf.keras.utils.Progbar(5, verbose=2, stateless_metrics=["a"])
        for i in (1, 2, 4):
            bar.update(i, [("a", float(i)), ("b", float(i))], finalize=i == 4)

    prints_the_same(program, lambda text: text[text.index("- a") :])


def test_what_is_drawn_is_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Out(io.StringIO):
        seen = ""

        def flush(self) -> None:
            self.seen = self.getvalue()

    out = Out()
    monkeypatch.setattr(sys, "stdout", out)
    scratchnet.keras.utils.Progbar(3, interval=0).update(1)
    assert "1/3" in out.seen
