"""A student's first script, in a process of its own.

``python -m benchmarks.fresh MODULE STEPS [NETWORK]`` imports a library, builds the seed network or
a known one, trains one batch and says so; trains on, and says how much memory that took at the
most.  Nothing else is imported that would count for either side.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

BATCH, LOSS = 128, "sparse_categorical_crossentropy"


def build(tf: Any) -> Any:
    """The seed network, as a notebook writes it; a test holds it equal to the one trained."""
    layers = tf.keras.layers
    return tf.keras.Sequential(
        [
            tf.keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def peak_memory() -> int:
    """The most memory that this process had at once, in bytes.

    Raises:
        OSError: the system does not say.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        pass  # not Linux; and on Linux `ru_maxrss` would count the process that started this one
    try:
        import resource
    except ImportError as error:
        raise OSError("this system does not say how much memory a process took") from error
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def known(tf: Any, name: str) -> tuple[Any, str, int]:
    """A network of `benchmarks.programs.networks`, its loss, and how many samples a step takes."""
    from benchmarks.programs.networks import NETWORKS

    network = NETWORKS[name]
    return network.build(tf.keras), network.loss, network.batch


def main(module: str, steps: int, name: str | None = None) -> None:
    """Train `steps` batches."""
    tf = importlib.import_module(module)
    import numpy as np  # after the library, which imports it, too

    tf.keras.utils.set_random_seed(0)
    model, loss, batch = (build(tf), LOSS, BATCH) if name is None else known(tf, name)
    rng, size = np.random.default_rng(0), tuple(model.inputs[0].shape)[1:]
    x, y = rng.random((batch * steps, *size), np.float32), rng.integers(0, 10, batch * steps)
    model.compile("adam", loss, metrics=["accuracy"])
    (first,) = model.fit(x[:batch], y[:batch], batch_size=batch, verbose=0).history["loss"]
    print(json.dumps({"loss": first}), flush=True)
    if steps > 1:
        model.fit(x, y, batch_size=batch, verbose=0)
        print(json.dumps({"bytes": peak_memory()}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
