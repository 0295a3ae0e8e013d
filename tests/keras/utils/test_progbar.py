"""The progress bar against Keras's, character for character."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import prints_the_same
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
