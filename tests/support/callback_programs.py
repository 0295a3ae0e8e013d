"""One small fit with callbacks, and what comes out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(12, 3)).astype("f"), RNG.normal(size=(12, 2)).astype("f")


def linear(tf: Any, metrics: Any = None, rate: Any = 0.05) -> Any:
    keras = tf.keras
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(rate), "mse", metrics=metrics, run_eagerly=True)
    return model


def script(tf: Any, values: Any, name: str = "val_loss") -> Any:
    """A callback that puts given values into the logs, for those that come after it."""

    class Script(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs[name] = values[epoch]

    return Script()


def fit(model: Any, *callbacks: Any, epochs: int = 8, **options: Any) -> Any:
    given = {"batch_size": 12, "verbose": 0, **options}
    return model.fit(X, Y, epochs=epochs, callbacks=list(callbacks), **given)


def state(callback: Any) -> dict[str, Any]:
    """What a callback shows of itself, and its model and settings; functions by their names."""
    shown = {name: value for name, value in vars(callback).items() if not name.startswith("_")}
    shown |= {"model": callback.model, "params": callback.params}
    return {k: getattr(v, "__name__", v) for k, v in sorted(shown.items())}


def files() -> list[str]:
    """The files below the working directory, which are removed."""
    found = sorted(str(p) for p in Path().rglob("*") if p.is_file())
    for name in found:
        Path(name).unlink()
    return found


# Up and down, a plateau, ties, and what is no number.
RUNS: dict[str, list[float]] = {
    "up": [5, 4, 3, 3.5, 3.4, 3.6, 2, 1],
    "falling": [8, 7, 6, 5, 4, 3, 2, 1],
    "rising": [1, 2, 3, 4, 5, 6, 7, 8],
    "flat": [1.0] * 8,
    "tiny steps": [1 - 1e-5 * i for i in range(8)],
    "below float32": [1 - 1e-9 * i for i in range(8)],
    "nan": [3, 2, float("nan"), 1, float("inf"), 0.5, 0.6, 0.7],
}
