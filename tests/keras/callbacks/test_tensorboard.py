"""The callback TensorBoard: the same events as Keras's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.event_files import events
from tests.support.keras_programs import twins
from tests.test_summary import needs_tensorboard

X = np.random.default_rng(0).normal(size=(8, 3)).astype("f")
Y = X.sum(1, keepdims=True)


pytestmark = pytest.mark.filterwarnings("ignore:__array__ impl:DeprecationWarning")


def trained(tf: Any, folder: Path, **options: Any) -> dict[str, list[Any]]:
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1, name="d")])
    model.compile(tf.keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    log = tf.keras.callbacks.TensorBoard(str(folder / tf.__name__), **options)
    model.fit(X, Y, 3, 2, validation_data=(X, Y), shuffle=False, verbose=0, callbacks=[log])
    found = events(folder / tf.__name__)
    return {
        name: sorted((row for row in rows if "steps_per_second" not in row[0]), key=lambda r: r[:2])
        for name, rows in found.items()
    }


@needs_tensorboard
@pytest.mark.parametrize(
    "options",
    [
        {"write_graph": False},
        {"write_graph": False, "update_freq": 2, "write_steps_per_second": True},
        {"write_graph": False, "update_freq": "batch", "histogram_freq": 1, "write_images": True},
    ],
)
def test_events_are_keras_s(options: dict[str, Any], tmp_path: Path) -> None:
    theirs, ours = twins(lambda tf: trained(tf, tmp_path, **options))
    assert ours.keys() == theirs.keys()
    for folder, rows in theirs.items():
        assert [row[:3] for row in ours[folder]] == [row[:3] for row in rows]
        for mine, row in zip(ours[folder], rows, strict=True):
            if row[2] == "images":
                assert mine[3] == row[3]
            else:
                np.testing.assert_allclose(mine[3][0], row[3][0], rtol=1e-5, atol=2e-5)


@needs_tensorboard
def test_the_layers_are_written(tmp_path: Path) -> None:
    theirs, ours = twins(lambda tf: trained(tf, tmp_path)["train"])
    for side in (ours, theirs):
        (row,) = [row for row in side if row[2] == "graph_keras_model"]
        assert row[:2] == ("keras", 0)
        assert b'"class_name": "Sequential"' in row[3][0]


@needs_tensorboard
def test_what_is_not_here() -> None:
    import scratchnet

    make = scratchnet.keras.callbacks.TensorBoard
    for options in ({"embeddings_freq": 1}, {"update_freq": 0}):
        with pytest.raises(ValueError, match=next(iter(options))):
            make("logs", **options)
    for batches in (2, (2, 5), "3,4", [1, 1], "7"):
        with pytest.warns(UserWarning, match="`profile_batch` is passed over: nothing is profiled"):
            make("logs", profile_batch=batches)
    for batches in (-1, (5, 2), "a", (1, 2, 3), np.ones(2), None, ()):
        with pytest.raises(ValueError, match="`profile_batch` must be a non-negative integer"):
            make("logs", profile_batch=batches)
    for batches in (0, (0, 0), "0"):
        make("logs", profile_batch=batches)
