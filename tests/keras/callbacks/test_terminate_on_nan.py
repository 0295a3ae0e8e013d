"""TerminateOnNaN against Keras's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.callback_programs import X, Y, linear
from tests.support.keras_programs import complain_alike, prints_the_same

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
