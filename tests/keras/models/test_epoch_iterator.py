"""EpochIterator: which batches an epoch has, and when each of them is read."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import tensorflow
from keras.src.backend.tensorflow.trainer import TFEpochIterator

import scratchnet
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
        assert batches.steps == 3  # as in Keras, with the step that found none


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


@pytest.mark.parametrize("length", [1, 5, 6, 7])
@pytest.mark.parametrize("every", [1, 2, 3])
@pytest.mark.parametrize("steps", [None, 1, 2, 5, 6])
@pytest.mark.parametrize("known", [True, False])
def test_which_batches_each_epoch_has(
    length: int, every: int, steps: int | None, known: bool
) -> None:
    """By Keras's own iterator: the batches, how often the data are begun, and the warnings.

    Of a Dataset, whose length the one knows beforehand or not.
    """

    def epochs(tf: Any, iterator: Any) -> list[Any]:
        found: list[Any] = []
        for _ in range(4):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                found.append([*iterator(), ["ran out" in str(w.message) for w in caught]])
        return found

    def data(tf: Any) -> Any:
        made = tf.data.Dataset.range(length)
        return made if known else made.filter(lambda x: x >= 0)

    theirs = TFEpochIterator(
        x=data(tensorflow), steps_per_epoch=steps, steps_per_execution=every,
        distribute_strategy=tensorflow.distribute.get_strategy(),
    )  # fmt: skip

    def of_keras() -> Iterator[int]:
        with theirs.catch_stop_iteration():
            for *_, iterator in theirs:
                for i in range(every):
                    try:
                        batch = next(iterator)
                    except (StopIteration, tensorflow.errors.OutOfRangeError):
                        if i == 0:
                            raise
                        break
                    yield int(batch)

    ours = EpochIterator(data(scratchnet), steps, steps_per_execution=every)
    ours.rewind()

    def of_ours() -> Iterator[int]:
        for _, batches in ours.enumerate_executions(lambda step: None):
            yield from map(int, batches)

    assert epochs(scratchnet, of_ours) == epochs(tensorflow, of_keras)


def test_the_number_of_an_execution_is_that_of_its_last_batch() -> None:
    begun: list[int] = []
    batches = EpochIterator(Sized(7), steps_per_execution=3)
    found = [
        (step, list(execution)) for step, execution in batches.enumerate_executions(begun.append)
    ]
    assert found == [(2, [0, 1, 2]), (5, [3, 4, 5]), (8, [6])]
    assert begun == [0, 3, 6]
    assert batches.steps == 7


def test_a_py_dataset_is_told_of_the_ends_of_epochs() -> None:
    class Told(Sized):
        def on_epoch_begin(self) -> None:
            self.events.append("epoch begins")

        def on_epoch_end(self) -> None:
            self.events.append("epoch ends")

    data = Told(2)
    batches = EpochIterator(data)
    batches.rewind()
    assert data.events == ["epoch ends"]
    for _ in range(2):
        data.events.clear()
        assert epoch_of(batches, data.events) == [(0, 0), (1, 1)]
        assert data.events == [
            *("epoch begins", "begin 0", "read 0", "begin 1", "read 1", "epoch ends")
        ]

    class Endless(Told):
        __len__ = None

    short = Endless(1)
    with pytest.warns(UserWarning, match="ran out of data"):
        epoch_of(EpochIterator(short), short.events)
    assert short.events == ["epoch begins", "begin 0", "read 0", "begin 1", "end", "epoch ends"]


def test_errors_name_the_method_and_the_argument() -> None:
    with pytest.raises(ValueError, match=r"^EpochIterator: `steps` must be an integer of at least"):
        EpochIterator([1], 0)
    with pytest.raises(TypeError, match=r"^predict: `steps` must be an integer of at least 1, rec"):
        EpochIterator([1], True, "predict")
    with pytest.warns(UserWarning) as caught:  # noqa: PT030  # the whole text follows
        epoch_of(EpochIterator(Counted(1)), [])
    assert str(caught[0].message) == (
        "Your input ran out of data; interrupting training. Make sure that your dataset or "
        "generator can generate at least `steps_per_epoch * epochs` batches. You may need to use "
        "the `.repeat()` function when building your dataset."
    )
