"""Where a sliding window lands, beside a window that is really moved."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

import scratchnet as sn
from scratchnet.ops.window import output_size, same_padding, two, window_pads

GEOMETRIES = list(product(range(1, 9), range(1, 5), range(1, 4), range(1, 4)))  # n, k, s, d


def positions(n: int, k: int, s: int, d: int, before: int, after: int) -> list[int]:
    """Where a window of `k` pixels, `d` apart, can stand on a padded axis: every `s` pixels."""
    last = n + after - (k - 1) * d - 1
    return list(range(-before, last + 1, s))


def test_an_output_is_as_long_as_the_window_has_places() -> None:
    for (n, k, s, d), before, after in product(GEOMETRIES, range(3), range(3)):
        if (k - 1) * d + 1 <= n + before + after:
            found = output_size(n, k, s, d, before, after)
            assert found == len(positions(n, k, s, d, before, after))


def test_same_padding_is_the_least_that_gives_every_step_a_window() -> None:
    for n, k, s, d in GEOMETRIES:
        before, after = same_padding(n, k, s, d)
        wanted = -(-n // s)
        assert 0 <= after - before <= 1
        assert output_size(n, k, s, d, before, after) == wanted
        if before + after:
            less = before + after - 1
            assert len(positions(n, k, s, d, less // 2, less - less // 2)) < wanted


def pads(padding: Any, size: Any = (5, 6), window: Any = (3, 2), dilations: Any = (1, 1)) -> Any:
    return window_pads("f", size, window, (1, 1), dilations, padding)


def test_the_kinds_of_padding() -> None:
    assert pads("VALID") == ((0, 0), (0, 0))
    assert pads("SAME") == ((1, 1), (0, 1))
    assert pads([[0, 0], [1, 2], [3, 0], [0, 0]]) == ((1, 2), (3, 0))


@pytest.mark.parametrize(
    ("padding", "error", "said"),
    [
        ("same", sn.errors.InvalidArgumentError, "must be 'SAME', 'VALID' or a 4x2 list"),
        (None, TypeError, "'SAME' or 'VALID', received padding=None"),
        ([1, 1, 1, 1], ValueError, "must be"),
        ([[0, 0], [1, 1], [1, 1]], ValueError, "must be"),
        ([[1, 0], [1, 1], [1, 1], [0, 0]], sn.errors.InvalidArgumentError, "batch or channels"),
        ([[0, 0], [-1, 1], [1, 1], [0, 0]], sn.errors.InvalidArgumentError, "counts >= 0"),
    ],
)
def test_paddings_that_are_none(padding: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=f"f: `padding` .*{said}"):
        pads(padding)


def test_a_window_must_fit() -> None:
    with pytest.raises(sn.errors.InvalidArgumentError, match=r"received 5 rows .* a window of 6"):
        pads("VALID", window=(6, 1))
    with pytest.raises(sn.errors.InvalidArgumentError, match=r"6 columns .* with dilation 3"):
        pads("VALID", window=(1, 3), dilations=(1, 3))
    assert pads([[0, 0], [1, 0], [0, 0], [0, 0]], window=(6, 1)) == ((1, 0), (0, 0))


def test_two_numbers_in_three_ways_of_writing() -> None:
    assert two("f", "strides", 2) == two("f", "strides", [2]) == (2, 2)
    assert two("f", "strides", (2, 3)) == two("f", "strides", [1, 2, 3, 1]) == (2, 3)
    for value, error in (
        (0, sn.errors.InvalidArgumentError),
        ([1, 2, 3], ValueError),
        ([2, 1, 1, 1], sn.errors.UnimplementedError),
        ([1, 1, 1, 2], sn.errors.UnimplementedError),
        (1.0, TypeError),
    ):
        with pytest.raises(error, match="f: `strides` "):
            two("f", "strides", value)
