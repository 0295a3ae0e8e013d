"""Tile schedules, carried out in NumPy: every output pixel is made once, of the right numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchnet.kernels.conv2d import axes, phases
from scratchnet.kernels.tiling import (
    Tiling,
    best_tiling,
    best_tiling_of,
    pooled_tiling,
    receptive_fields,
    windows_of,
)
from tests.support.tiles import padded_copy

Pair = tuple[int, int]
C, O, ROWS = 3, 2, 6

# image, window, output, strides, dilations, (top, left)
GEOMETRIES: list[tuple[Pair, Pair, Pair, Pair, Pair, Pair]] = [
    ((5, 6), (3, 3), (5, 6), (1, 1), (1, 1), (1, 1)),  # SAME, groups of border pixels
    ((40, 40), (3, 3), (40, 40), (1, 1), (1, 1), (1, 1)),  # large: the border is little
    ((7, 6), (3, 2), (5, 5), (1, 1), (1, 1), (0, 0)),  # VALID
    ((7, 6), (3, 2), (4, 3), (2, 2), (1, 1), (1, 0)),  # strided
    ((8, 7), (2, 3), (7, 3), (1, 1), (1, 2), (0, 0)),  # dilated
    ((2, 2), (3, 3), (4, 4), (1, 1), (1, 1), (2, 2)),  # windows that leave the image on all sides
    ((1, 1), (1, 1), (1, 1), (1, 1), (1, 1), (0, 0)),
]


def naive(image: np.ndarray, filters: np.ndarray, geometry: Any) -> np.ndarray:
    """Convolution by its definition: a sum over the window at every output pixel."""
    (H, W), (kh, kw), out, strides, dilations, before = geometry
    y = np.zeros((*out, O))
    for i, j, a, b in np.ndindex(*out, kh, kw):
        h = i * strides[0] + a * dilations[0] - before[0]
        w = j * strides[1] + b * dilations[1] - before[1]
        if 0 <= h < H and 0 <= w < W:
            y[i, j] += image[h, w] @ filters[a, b]
    return y


def carried_out(tiling: Tiling, image: np.ndarray, filters: np.ndarray, size: int) -> Any:
    """What the schedule makes, and how often it makes each pixel."""
    x, k, s = padded_copy(image, tiling.padding), filters.reshape(-1, O), tiling.schedule
    y, times = np.zeros(size), np.zeros(size, int)
    updates = 0
    for tile, filled in enumerate(s.filled):
        own = range(s.begin[tile], s.end[tile])
        updates += sum(s.lengths[run] for run in own)
        for row in range(tile * ROWS, tile * ROWS + filled):
            total = np.zeros(O)
            for run in own:
                at = s.origins[row] + s.runs[run] + np.arange(s.lengths[run])
                total += x[at] @ k[s.filter_rows[run] + np.arange(s.lengths[run])]
            y[s.out[row] : s.out[row] + O] = total
            times[s.out[row] : s.out[row] + O] += 1
    assert updates == tiling.work
    return y, times


def drawn(geometry: Any) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    image, filters = (
        rng.integers(-3, 4, (*geometry[0], C)),
        rng.integers(-3, 4, (*geometry[1], C, O)),
    )
    return image * 1.0, filters * 1.0


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_a_schedule_is_a_convolution(geometry: Any) -> None:
    image, filters = drawn(geometry)
    axis_h, axis_w = axes(*geometry)
    oh, ow = geometry[2]
    tiling = best_tiling(axis_h, axis_w, C, ow * O, O, ROWS)
    y, times = carried_out(tiling, image, filters, oh * ow * O)
    assert (times == 1).all()
    np.testing.assert_array_equal(y.reshape(oh, ow, O), naive(image, filters, geometry))


def test_a_small_image_is_padded_and_a_large_one_is_not() -> None:
    small, large = (best_tiling(*axes(*g), C, g[2][1] * O, O, ROWS) for g in GEOMETRIES[:2])
    assert small.padding.is_copied
    assert not large.padding.is_copied


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("most", [1, 2, 7, 40])
def test_a_schedule_of_several_images(geometry: Any, most: int) -> None:
    image, filters = drawn(geometry)
    oh, ow = geometry[2]
    axis_h, axis_w = axes(*geometry)
    strides = ow * O, oh * ow * O
    tiling = best_tiling_of((axis_h,), (axis_w,), C, strides, O, ROWS, most, most)
    assert 1 <= tiling.images <= most
    images = [np.roll(image, i) for i in range(tiling.images)]
    assert tiling.padding.image == tiling.images * image.size
    x = np.stack(images) if tiling.images > 1 else image
    y, times = carried_out(tiling, x, filters, tiling.images * oh * ow * O)
    assert (times == 1).all()
    wanted = np.stack([naive(part, filters, geometry) for part in images])
    np.testing.assert_array_equal(y.reshape(wanted.shape), wanted)


def test_small_images_are_tiled_together() -> None:
    geometry = ((5, 5), (3, 3), (5, 5), (1, 1), (1, 1), (1, 1))
    axis_h, axis_w = axes(*geometry)
    one, many = (
        best_tiling_of((axis_h,), (axis_w,), 8, (5 * O, 25 * O), O, ROWS, n, 2 * n) for n in (1, 32)
    )
    assert one.images == 1 < many.images
    assert many.work / many.images < 0.8 * one.work


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("most", [1, 7])
def test_a_schedule_of_all_phases_is_the_input_gradient(geometry: Any, most: int) -> None:
    (H, W), window, out, strides, dilations, before = geometry
    rng = np.random.default_rng(1)
    g, k = rng.integers(-3, 4, (7, *out, C)) * 1.0, rng.integers(-3, 4, (*window, O, C)) * 1.0
    (a, phases_h), (b, phases_w) = (
        phases(*sizes)
        for sizes in zip((H, W), window, strides, dilations, before, out, strict=True)
    )
    assert (sorted(a), sorted(b)) == (list(range(window[0])), list(range(window[1])))
    filters = k[np.ix_(a, b)].swapaxes(2, 3)
    tiling = best_tiling_of(phases_h, phases_w, C, (W * O, H * W * O), O, ROWS, most, 7)
    size = tiling.images * H * W * O
    gx, times = carried_out(tiling, g[: tiling.images], filters, size)
    assert (times == 1).all()
    padded = np.zeros((tiling.images, H, W, O))
    for i, j, a, b in np.ndindex(*out, *window):
        h = i * strides[0] + a * dilations[0] - before[0]
        w = j * strides[1] + b * dilations[1] - before[1]
        if 0 <= h < H and 0 <= w < W:
            padded[:, h, w] += g[: tiling.images, i, j] @ k[a, b].T
    np.testing.assert_array_equal(gx.reshape(padded.shape), padded)


@pytest.mark.parametrize("pool", [(1, 1), (2, 2), (1, 3), (2, 3)])
@pytest.mark.parametrize("geometry", GEOMETRIES[:1] + GEOMETRIES[2:5])
def test_tiles_of_whole_windows(geometry: Any, pool: Pair) -> None:
    image, filters = drawn(geometry)
    axis_h, axis_w = axes(*geometry)
    tiling = pooled_tiling(axis_h, axis_w, C, O, ROWS, pool)
    x, k, s = padded_copy(image, tiling.padding), filters.reshape(-1, O), tiling.schedule
    wanted = naive(image, filters, geometry).reshape(-1, O)
    cells, found = pool[0] * pool[1], []
    for tile, filled in enumerate(s.filled):
        assert filled % cells == 0
        for row in range(tile * ROWS, tile * ROWS + filled):
            runs = range(s.begin[tile], s.end[tile])
            places = [s.origins[row] + s.runs[run] + np.arange(s.lengths[run]) for run in runs]
            weights = [s.filter_rows[run] + np.arange(s.lengths[run]) for run in runs]
            total = x[np.concatenate(places)] @ k[np.concatenate(weights)]
            np.testing.assert_array_equal(total, wanted[s.pixels[row]])
            found.append((s.out[row] // O, s.pixels[row]))
    windows = windows_of(geometry[2], pool)
    assert found == [(n, pixel) for n, window in enumerate(windows) for pixel in window]


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_receptive_fields_lie_side_by_side_in_memory(geometry: Any) -> None:
    image, filters = drawn(geometry)
    (H, W), window, out, *_ = geometry
    fields = receptive_fields((H, W, C), *geometry[1:])
    x = padded_copy(image, fields.padding)
    places = fields.origins[:, None, None] + fields.runs[:, None] + np.arange(fields.length)
    columns = x[places].reshape(out[0] * out[1], -1)  # im2col
    y = columns @ filters.reshape(-1, O)
    np.testing.assert_array_equal(y.reshape(*out, O), naive(image, filters, geometry))
    tap_offsets = fields.tap_offsets(C)
    assert len(tap_offsets) == window[0] * window[1]
    again = x[fields.origins[:, None, None] + tap_offsets[:, None] + np.arange(C)]
    np.testing.assert_array_equal(again.reshape(columns.shape), columns)
