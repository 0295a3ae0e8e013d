"""Stand-ins of several sizes: which are tried, and what is learned of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scratchnet.ops.describing import size_by_value
from scratchnet.ops.trials import Trial, common_shapes, results

USUAL = Trial.of(2), Trial.of(3)


def shape_of(
    function: Callable[[Any], Any], shape: tuple[int | None, ...] = (None, 4), **given: Any
) -> Any:
    """The shape that `function` of an array of `shape` is found to return."""

    def call(trial: Trial) -> Any:
        return function(trial.filled(shape, np.float32)).shape

    found = results(call, lambda result: [result], given.pop("usual", USUAL), [shape], **given)
    return common_shapes([[result] for result in found])[0]


def test_stand_ins() -> None:
    trial = Trial(2, 3, 5, value=7)
    assert trial.sizes((None, None, 4, None)) == (2, 3, 4, 3)
    assert trial.filled((None,), np.int32).tolist() == [7, 7]
    many = Trial.of(3, value=None).filled((2, None, 4), np.float32)
    np.testing.assert_array_equal(many, [np.eye(3, 4)] * 2)
    assert Trial.of(3, value=None).filled((None,), np.int64).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda x: x, (None, 4)),
        (lambda x: x[7], (4,)),
        (lambda x: x[[999]], (1, 4)),
        (lambda x: x.reshape(5, -1), (5, None)),
        (lambda x: x[:, :2].reshape(8, -1), (8, None)),
        (lambda x: x + np.ones((15, 1)), (15, 4)),
        (lambda x: np.ones((2, 15)) @ x, (2, 4)),
        (lambda x: x[:1], (None, 4)),
        (lambda x: x[:2], (None, 4)),
        (lambda x: x[5:8], (None, 4)),
        (lambda x: np.linalg.inv(x.T @ x), (4, 4)),
        (lambda x: np.sum(x, 0), (4,)),
        (lambda x: np.zeros(size_by_value() or 3), (None,)),
        (lambda x: np.zeros(size_by_value() or 3)[:2], (None,)),
        (lambda x: np.zeros(size_by_value() or 3)[5:6], (None,)),
        (lambda x: np.zeros(size_by_value() or 3).reshape(3), (3,)),
        (lambda x: np.zeros(size_by_value() or 3) + np.zeros(5), (5,)),
    ],
)
def test_sizes_that_are_found(function: Any, shape: Any) -> None:
    assert shape_of(function) == shape


def test_sizes_that_depend_on_values() -> None:
    def as_many_as_it_says(x: Any) -> Any:
        return np.zeros(int(x.flat[0]))

    assert shape_of(as_many_as_it_says, (4,)) == (1,)
    assert shape_of(as_many_as_it_says, (4,), values=True) == (None,)
    assert shape_of(as_many_as_it_says, (None,)) == (None,)


def test_a_control_of_another_rank_says_nothing() -> None:
    assert shape_of(lambda x: np.squeeze(x[:2])) == (2, 4)


def test_the_first_error_of_what_passes_nowhere() -> None:
    calls = []

    def wrong(x: Any) -> Any:
        calls.append(len(x))
        raise ValueError(f"refused {len(x)}")

    with pytest.raises(ValueError, match=r"^refused 2$"):
        shape_of(wrong)
    assert len(set(calls)) > 12
    assert len(calls) < 80


@pytest.mark.parametrize(
    ("error", "count"), [(TypeError("a"), 1), (KeyError("a"), 6), (NameError("a"), 1)]
)
def test_an_error_that_no_size_mends_comes_soon(error: Exception, count: int) -> None:
    calls = []

    def wrong(x: Any) -> Any:
        calls.append(x)
        raise error

    with pytest.raises(type(error)):
        shape_of(wrong)
    assert len(calls) == count


def test_large_stand_ins_are_not_made() -> None:
    largest = [0]

    def wrong(x: Any) -> Any:
        largest[0] = max(largest[0], x.size)
        raise ValueError(f"3000 of {len(x)}")

    with pytest.raises(ValueError, match="3000 of 2"):
        shape_of(wrong, (None, None, 100, 100))
    assert 90_000 < largest[0] <= 2**23


def test_one_stand_in_that_passes_may_not_be_enough() -> None:
    def only_fifteen(x: Any) -> Any:
        return np.ones((2, 15)) @ x

    assert shape_of(only_fifteen, is_enough=lambda: True) == (2, 4)
    with pytest.raises(ValueError, match="size 2 is different from 15"):
        shape_of(only_fifteen, is_enough=lambda: False)
    assert shape_of(lambda x: x[7], is_enough=lambda: False) == (4,)


def test_a_single_usual_trial() -> None:
    assert shape_of(lambda x: x, usual=USUAL[:1]) == (2, 4)
    assert shape_of(lambda x: x[7], usual=USUAL[:1]) == (4,)


def test_common_shapes() -> None:
    assert common_shapes([[(2, 4), (3,)], [(3, 4), (3, 1)], [(2, 4), (3,)]]) == [(None, 4), None]
    with pytest.raises(ValueError, match="2 tensors for one size and 3 for another"):
        common_shapes([[(), ()], [(), (), ()]])


def test_one_of_two_unknown_sizes_may_be_any() -> None:
    """Size 15 passes alone, where both are; which of them it must be is found out then."""
    assert shape_of(lambda x: x.reshape(len(x), 15), (None, None)) == (None, 15)
    assert shape_of(lambda x: x.T.reshape(x.shape[1], 15), (None, None)) == (None, 15)
