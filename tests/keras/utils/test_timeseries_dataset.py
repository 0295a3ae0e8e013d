"""timeseries_dataset_from_array against Keras: windows, dtypes and order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import fresh
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


RANGES: list[tuple[str, int, str]] = [
    ("start_index", -1, "must be at least 0 and less than 23"),
    ("start_index", 23, "must be at least 0 and less than 23"),
    ("end_index", 0, "must be greater than start_index=0 and less than 23"),
    ("end_index", 23, "must be greater than start_index=0 and less than 23"),
    ("sampling_rate", 0, "must be positive and less than 23, the length of `data`"),
    ("sampling_rate", 23, "must be positive and less than 23, the length of `data`"),
    ("sequence_stride", 0, "must be positive and less than 23, the length of `data`"),
    ("sequence_stride", 23, "must be positive and less than 23, the length of `data`"),
    ("sequence_length", 0, "must be positive"),
]


@pytest.mark.parametrize("case", RANGES, ids=str)
def test_ranges_from_one_end_to_the_other(case: Any) -> None:
    name, value, rule = case
    make = scratchnet.keras.utils.timeseries_dataset_from_array
    text = f"^timeseries_dataset_from_array: `{name}` {rule}, received {name}={value}$"
    with pytest.raises(ValueError, match=text):
        make(TARGETS, None, **{"sequence_length": 1, name: value})
    near = value - 1 if value == 23 else value + 1
    found = list(make(TARGETS, None, **{"sequence_length": 1, name: near}))
    wanted = tensorflow.keras.utils.timeseries_dataset_from_array(
        TARGETS, None, **{"sequence_length": 1, name: near}
    )
    for x, y in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(x.numpy(), y.numpy())


def test_an_end_before_the_start() -> None:
    make = scratchnet.keras.utils.timeseries_dataset_from_array
    with pytest.raises(ValueError, match="must be greater than start_index=5 and less than 23"):
        make(TARGETS, None, 2, start_index=5, end_index=5)
    assert [x.numpy().tolist() for x in make(TARGETS, None, 1, start_index=5, end_index=6)] == [
        [[5]]
    ]


@pytest.mark.parametrize(
    ("length", "options"),
    [(60, {"batch_size": 2}), (60, {"batch_size": 7}), (1100, {"batch_size": None})],
    ids=str,
)
def test_the_order_of_more_windows_than_are_mixed_at_once(
    length: int, options: dict[str, Any]
) -> None:
    found = []
    for tf in (tensorflow, scratchnet):
        fresh(tf)
        data = tf.keras.utils.timeseries_dataset_from_array(
            np.arange(length), None, 2, shuffle=True, seed=3, **options
        )
        found.append([x.numpy().tolist() for x in data])
    assert found[0] == found[1]
    np.random.seed(4)
    make = scratchnet.keras.utils.timeseries_dataset_from_array
    drawn = [next(iter(make(np.arange(9), None, 2, shuffle=True))).numpy() for _ in range(3)]
    assert len({x.tobytes() for x in drawn}) > 1


@pytest.mark.parametrize("wrong", [3, 1.5, np.ones(()), scratchnet.constant(1)], ids=str)
def test_what_has_no_axis_of_time(wrong: Any) -> None:
    make = scratchnet.keras.utils.timeseries_dataset_from_array
    for name, given in (("data", (wrong, None)), ("targets", ([1, 2, 3], wrong))):
        text = f"`{name}` must be an array, a tensor or a list, with an axis of time, received"
        with pytest.raises(TypeError, match=f"^timeseries_dataset_from_array: {text} {name}="):
            make(*given, 2)


def test_shuffle_and_its_seed() -> None:
    make = scratchnet.keras.utils.timeseries_dataset_from_array
    for options, error, text in (
        ({"shuffle": np.ones(2)}, ValueError, "`shuffle` must be True or False, received"),
        ({"shuffle": True, "seed": "a"}, TypeError, "`seed` must be an integer, received seed='a'"),
        ({"shuffle": True, "seed": -1}, ValueError, r"`seed` must be in \[0, 2\*\*32\), received"),
    ):
        with pytest.raises(error, match=f"^timeseries_dataset_from_array: {text}"):
            make([1, 2, 3], None, 2, **options)
