"""timeseries_dataset_from_array against Keras: windows, dtypes and order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.signatures import taken_alike

RNG = np.random.default_rng(0)
SERIES = RNG.normal(size=(23, 2))
TARGETS = np.arange(23)

CALLS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "all": (SERIES, TARGETS, {"sequence_length": 4}),
    "batches, strides": (
        SERIES.astype("f"),
        TARGETS,
        {"sequence_length": 3, "sequence_stride": 2, "sampling_rate": 3, "batch_size": 4},
    ),
    "a part": (
        TARGETS,
        SERIES,
        {"sequence_length": 3, "start_index": 2, "end_index": 15, "batch_size": 3},
    ),
    "no targets, single windows": (TARGETS, None, {"sequence_length": 5, "batch_size": None}),
    "fewer targets, lists": (TARGETS.tolist(), [1, 2, 3], {"sequence_length": 5, "batch_size": 2}),
    "shuffled": (
        SERIES,
        TARGETS,
        {"sequence_length": 4, "shuffle": True, "seed": 5, "batch_size": 2},
    ),
    "shuffled single windows": (
        SERIES,
        None,
        {"sequence_length": 4, "shuffle": True, "seed": 5, "batch_size": None},
    ),
}


def elements(tf: Any, data: Any, targets: Any, arguments: dict[str, Any]) -> list[np.ndarray]:
    """All arrays of two epochs."""
    tf.keras.utils.set_random_seed(2)
    made = tf.keras.utils.timeseries_dataset_from_array(data, targets, **arguments)
    return [a.numpy() for _ in range(2) for part in made for a in tf.nest.flatten(part)]


@pytest.mark.parametrize("name", CALLS)
def test_elements(name: str) -> None:
    ours, theirs = (elements(tf, *CALLS[name]) for tf in (scratchnet, tensorflow))
    for found, wanted in zip(ours, theirs, strict=True):
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    ("wrong", "value"),
    [
        *(("start_index", -1), ("start_index", 30), ("end_index", 30), ("end_index", 2)),
        *(("sampling_rate", 0), ("sampling_rate", 40), ("sequence_stride", 0)),
        ("sequence_stride", 40),
    ],
)
def test_numbers_out_of_range(wrong: str, value: int) -> None:
    given = {"sequence_length": 4, "start_index": 3, wrong: value}
    for tf in (scratchnet, tensorflow):
        with pytest.raises(ValueError, match=wrong):
            tf.keras.utils.timeseries_dataset_from_array(SERIES, TARGETS, **given)
    if wrong == "start_index":
        with pytest.raises(ValueError, match="`sequence_length` must be positive"):
            scratchnet.keras.utils.timeseries_dataset_from_array(SERIES, None, 0)


def test_what_is_taken() -> None:
    taken_alike(
        "utils",
        "timeseries_dataset_from_array",
        lacking={"timeseries_dataset_from_array": "format"},
    )
