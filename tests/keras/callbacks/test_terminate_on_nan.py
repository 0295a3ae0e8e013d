"""TerminateOnNaN against Keras's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.callback_programs import X, Y, linear, state
from tests.support.keras_programs import complain_alike, prints_the_same, same

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_terminate_on_nan(bad: float) -> None:
    def program(tf: Any) -> None:
        x = X.copy()
        x[9] = bad
        model = linear(tf)
        stop = tf.keras.callbacks.TerminateOnNaN()
        history = model.fit(
            x, Y, batch_size=4, epochs=3, shuffle=False, verbose=0, callbacks=[stop]
        )
        print(history.epoch, sorted(history.history), model.stop_training)

    prints_the_same(program)


def nan_raised(tf: Any) -> None:
    stop = tf.keras.callbacks.TerminateOnNaN(raise_error=True)
    stop.on_batch_end(3, {"loss": 1.0})
    stop.on_batch_end(3, {})
    stop.on_batch_end(3, {"loss": np.inf})


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "nan": (nan_raised, "NaN or Inf loss encountered at batch 3. Loss value: inf. Terminating", ""),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str, folder: Path) -> None:
    complain_alike(*COMPLAINTS[name])


def test_state_of_a_new_one() -> None:
    def program(tf: Any) -> list[Any]:
        make = tf.keras.callbacks.TerminateOnNaN
        return [state(make()), state(make(True))]

    same(program)


def test_batch_by_batch() -> None:
    """What it says, and whether the training stops."""

    def program(tf: Any) -> None:
        stop, model = tf.keras.callbacks.TerminateOnNaN(), linear(tf)
        stop.set_model(model)
        nan = float("nan")
        for batch, logs in enumerate([None, {}, {"loss": 1.0}, {"mae": nan}, {"loss": nan}]):
            stop.on_batch_end(batch, logs)
            print(batch, model.stop_training)

    prints_the_same(program)
