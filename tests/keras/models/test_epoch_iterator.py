"""EpochIterator: which batches an epoch has, and when each of them is read."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from scratchnet.keras.models.epoch_iterator import EpochIterator


class Counted:
    """Batches 0, 1, … that tell when they are read; `__len__` only if asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.events: list[str] = []

    def __iter__(self) -> Iterator[int]:
        for i in range(self.count):
            self.events.append(f"read {i}")
            yield i
        self.events.append("end")


class Sized(Counted):
    def __len__(self) -> int:
        return self.count


def epoch_of(batches: EpochIterator, events: list[str]) -> list[Any]:
    executions = batches.enumerate_executions(lambda step: events.append(f"begin {step}"))
    return [(step, batch) for step, found in executions for batch in found]


def test_each_step_begins_before_its_batch_is_read() -> None:
    data = Sized(2)
    assert epoch_of(EpochIterator(data), data.events) == [(0, 0), (1, 1)]
    assert data.events == ["begin 0", "read 0", "begin 1", "read 1"]


def test_an_epoch_of_fewer_steps_is_continued_by_the_next() -> None:
    data = Sized(5)
    batches = EpochIterator(data, 2)
    assert batches.steps == 2
    assert epoch_of(batches, []) == [(0, 0), (1, 1)]
    assert epoch_of(batches, []) == [(0, 2), (1, 3)]
    with pytest.warns(UserWarning, match="ran out of data"):
        assert epoch_of(batches, []) == [(0, 4)]
    assert epoch_of(batches, []) == [(0, 0), (1, 1)]


def test_rewind_begins_with_the_first_batch() -> None:
    batches = EpochIterator(Sized(5), 2)
    epoch_of(batches, [])
    batches.rewind()
    assert epoch_of(batches, []) == [(0, 0), (1, 1)]


def test_without_a_length_the_end_is_found_by_reading_and_is_worth_a_warning() -> None:
    data = Counted(2)
    batches = EpochIterator(data)
    assert batches.steps is None
    for _ in range(2):
        with pytest.warns(UserWarning, match="ran out of data"):
            assert epoch_of(batches, data.events) == [(0, 0), (1, 1)]
        assert data.events == ["begin 0", "read 0", "begin 1", "read 1", "begin 2", "end"]
        data.events.clear()


def test_an_epoch_that_is_left_is_begun_anew() -> None:
    batches = EpochIterator(Sized(3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for step, (batch,) in batches.enumerate_executions(lambda step: None):
            assert step == batch == 0
            break
        assert epoch_of(batches, []) == [(0, 0), (1, 1), (2, 2)]


@pytest.mark.parametrize(("steps", "error"), [(0, ValueError), (1.5, TypeError)])
def test_a_number_of_steps_that_is_none_is_refused(steps: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="steps_per_epoch"):
        EpochIterator([1], steps, "fit", "steps_per_epoch")


def test_where_the_data_are_known_to_end_no_step_is_begun() -> None:
    batches, events = EpochIterator(Sized(5), 2), list[str]()
    epoch_of(batches, [])
    epoch_of(batches, [])
    with pytest.warns(UserWarning, match="ran out of data"):
        epoch_of(batches, events)
    assert events == ["begin 0"]
