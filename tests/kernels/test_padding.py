"""Padded copies, offsets into them, and panels of filters, each beside NumPy's indexing."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from scratchnet.kernels.padding import (
    Padding,
    contiguous_runs,
    last_repeated,
    offsets,
    packed,
    packed_pairs,
    rounded_up,
)
from tests.support.tiles import padded_copy

H, W, C = 4, 5, 2


@pytest.mark.parametrize("down", [(0, 3), (-2, 3), (1, 6), (-1, 5), (5, 7), (-4, -1)])
@pytest.mark.parametrize("across", [(0, 4), (-1, 4), (2, 8), (-3, 9), (-2, 0)])
def test_a_padded_copy_holds_the_pixels_asked_for(
    down: tuple[int, int], across: tuple[int, int]
) -> None:
    image = np.arange(1.0, 1 + H * W * C).reshape(H, W, C)
    padding = Padding.of((1, H, W, C), (down[0], across[0]), (down[1], across[1]))
    wide = np.pad(image, ((9, 9), (9, 9), (0, 0)))
    wanted = wide[9 + down[0] : 10 + down[1], 9 + across[0] : 10 + across[1]]
    found = padded_copy(image, padding)
    assert padding.image == image.size
    assert padding.copy_size == (found.size if padding.is_copied else 0)
    # without padding the image stands for itself
    assert padding.is_copied or (down[0], across[0]) == (0, 0)
    height, width = wanted.shape[:2]
    table = offsets(np.arange(height), np.arange(width), padding.stride, C)
    pixels = found[table[:, None] + np.arange(C)]
    np.testing.assert_array_equal(pixels, wanted.reshape(-1, C))


def test_a_copy_is_made_only_of_what_leaves_the_image() -> None:
    shape = (1, H, W, C)
    assert not Padding.of(shape, (0, 0), (H - 1, W - 1)).is_copied
    assert not Padding.around(shape, (2, 3), (3, 3), (1, 1), (1, 1), (0, 0)).is_copied
    assert Padding.around(shape, (4, 5), (3, 3), (1, 1), (1, 1), (1, 1)).is_copied
    padding = Padding.around(shape, (4, 5), (3, 3), (1, 1), (1, 1), (1, 1))
    assert padding.size == (H + 2) * (W + 2) * C


@pytest.mark.parametrize("columns", [[0, 1, 2], [0, 2, 4], [3], [1, 2]])
def test_runs_cover_the_pixels_in_order(columns: list[int]) -> None:
    rows, across = np.array([0, 2, 3]), np.array(columns)
    runs, length = contiguous_runs(rows, across, W * C, C)
    covered = (runs[:, None] + np.arange(length)).ravel()
    wanted = [(r * W + c) * C + i for r, c, i in product(rows, across, range(C))]
    assert covered.tolist() == wanted
    assert length == (len(columns) * C if np.ptp(across) == len(columns) - 1 else C)


def test_a_table_ends_with_its_last_entry_repeated() -> None:
    assert last_repeated(np.array([3, 5]), 4).tolist() == [3, 5, 5, 5, 5]
    assert last_repeated(np.array([[1, 2]]), 2).tolist() == [[1, 2], [1, 2]]


def test_rounding_up() -> None:
    assert [rounded_up(n, 4) for n in (0, 1, 4, 5)] == [0, 4, 4, 8]


@pytest.mark.parametrize("width", [2, 3, 8])
def test_filters_are_packed_into_panels(width: int) -> None:
    filters = np.random.default_rng(0).normal(size=(5, 7))
    panels = packed(filters, width)
    assert panels.shape == (-(-7 // width), 5, width)
    together = panels.swapaxes(0, 1).reshape(5, -1)
    np.testing.assert_array_equal(together[:, :7], filters)
    assert not together[:, 7:].any()


@pytest.mark.parametrize("width", [8, 16])
def test_filters_are_packed_in_pairs_of_rows(width: int) -> None:
    filters = np.arange(1, 31, dtype="f").reshape(10, 3)
    panel = packed_pairs(filters, width)
    assert panel.shape == (5, width // 2, 2)
    np.testing.assert_array_equal(panel[:, :3, 0], filters[::2])
    np.testing.assert_array_equal(panel[:, :3, 1], filters[1::2])
    assert not panel[:, 3:].any()
