"""Where a sliding window lands, beside a window that is really moved."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import scratchnet as sn
from scratchnet.ops import window
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


def test_a_window_that_just_fits() -> None:
    for size, k, d, padding in product(range(1, 6), range(1, 4), range(1, 3), range(3)):
        need = (k - 1) * d + 1
        for rows in (True, False):
            pair = lambda n, rows=rows: (n, 9) if rows else (9, n)  # noqa: E731
            ends = [[0, padding], [0, 0]] if rows else [[0, 0], [padding, 0]]
            arguments = ([[0, 0], *ends, [0, 0]], pair(size), (k, 1) if rows else (1, k))
            gaps = (d, 1) if rows else (1, d)
            if need <= size + padding:
                assert pads(*arguments, gaps) == tuple(map(tuple, ends))
                continue
            said = f"received {size} {'rows' if rows else 'columns'} with padding "
            said += f"{tuple(ends[0 if rows else 1])} and a window of {k}"
            said += f" with dilation {d}" if d > 1 else ""
            with pytest.raises(sn.errors.InvalidArgumentError) as caught:
                pads(*arguments, gaps)
            assert str(caught.value) == (f"f: the window must fit into the padded `input`, {said}")


def test_explicit_padding_of_other_forms() -> None:
    zero = [0, 0]
    assert pads(np.array([zero, [1, 2], [3, 0], zero])) == ((1, 2), (3, 0))
    assert pads(((0, 0), (1, 2), (3, 0), (0, 0))) == ((1, 2), (3, 0))
    for bad in ([zero] * 5, [zero, [1], [1, 1], zero], [zero, [1, 2, 3], zero, zero], np.array(3)):
        with pytest.raises(ValueError, match=r"must be \[\[0, 0\], \[top, bottom\]"):
            pads(bad)
    for channels in ([zero, zero, zero, [0, 1]], [[0, 1], zero, zero, zero]):
        with pytest.raises(sn.errors.InvalidArgumentError, match="no padding of batch or channels"):
            pads(channels)
    for k in range(4):
        negative = [zero, [0, 1], [0, 1], zero]
        negative[1 + k // 2] = [-1, 2] if k % 2 else [2, -1]
        with pytest.raises(sn.errors.InvalidArgumentError, match="must hold counts >= 0"):
            pads(negative)
    assert window.before(((1, 2), (3, 4))) == (1, 3)


def test_images_and_their_sizes() -> None:
    x = sn.zeros((1, 2, 3, 4))
    assert window.images("f", "input", x) is x
    for shape in ((2, 3, 4), (1, 1, 2, 3, 4), ()):
        with pytest.raises(sn.errors.InvalidArgumentError, match=r"must have rank 4, \(N, H, W"):
            window.images("f", "input", sn.zeros(shape))
    assert window.four_sizes("f", "shape", [0, 1, 2, 3]) == (0, 1, 2, 3)
    assert window.four_sizes("f", "shape", [1, 1, 2, 3], least=1) == (1, 1, 2, 3)
    for value, least in (([0, 1, 2, 3], 1), ([1, 2, 3], 0), ([1, 2, 3, 4, 5], 0)):
        with pytest.raises(sn.errors.InvalidArgumentError, match=f"must be four sizes >= {least}"):
            window.four_sizes("f", "shape", value, least)
    with pytest.raises(sn.errors.InvalidArgumentError, match="sizes >= 0"):
        window.four_sizes("f", "shape", [-1, 1, 2, 3])
    with pytest.raises(sn.errors.InvalidArgumentError, match="must be a list"):
        window.four_sizes("f", "shape", 4)
    assert window.fits("f", "g", x, (1, 2, 3, 4), "pool") is x
    with pytest.raises(sn.errors.InvalidArgumentError) as caught:
        window.fits("f", "g", x, (1, 2, 3, 5), "pool")
    assert str(caught.value) == (
        "f: `g` must have the shape (1, 2, 3, 5) of the pool, received g=(1, 2, 3, 4)"
    )


def test_where_the_channels_are() -> None:
    window.channels_last("f", "NHWC")
    window.channels_last("f", None)
    with pytest.raises(sn.errors.UnimplementedError, match="`data_format` must be 'NHWC'"):
        window.channels_last("f", "NCHW")
    for value in ("nhwc", 3, ["NHWC"]):
        with pytest.raises(sn.errors.InvalidArgumentError, match="`data_format` must be 'NHWC'"):
            window.channels_last("f", value)


def test_what_the_kernels_take() -> None:
    x = np.arange(6.0).reshape(2, 3)
    assert window.as_kernel_input(x) is x
    assert window.as_kernel_input(np.arange(3)).dtype == np.int64
    fixed = x.copy()
    fixed.flags.writeable = False
    for array in (x.T, fixed, x.astype(np.float16), x[:, ::2], x.T.astype(np.float32)):
        taken = window.as_kernel_input(array)
        assert taken.flags.c_contiguous
        assert taken.flags.writeable
        assert taken.dtype == (np.float32 if array.dtype == np.float16 else array.dtype)
        np.testing.assert_array_equal(taken, array)
