"""Loads and stores of register tiles: the other half of `scratchnet.kernels.simd`."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.extending import intrinsic

from scratchnet.kernels import simd_python
from scratchnet.kernels.simd import Tile, i64, pointer_to, splat, vectors_at


@intrinsic  # type: ignore[untyped-decorator]
def accumulate(typing: Any, tile: Any, y: Any, at: Any, offsets: Any, row: Any, first: Any) -> Any:
    """``y[at + offsets[row + r] + i] += tile[r, i]`` for every row ``r >= first`` and number i."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, ys, yat, table, row, first = args
        base = pointer_to(context, builder, signature.args[1], ys, yat)
        steps = pointer_to(context, builder, signature.args[3], table, row)
        for r in range(tile.rows):
            with builder.if_then(builder.icmp_signed(">=", i64(r), first)):
                line = builder.gep(base, [builder.load(builder.gep(steps, [i64(r)]))])
                olds = vectors_at(builder, tile, line)
                line = builder.bitcast(line, tile.vector.as_pointer())
                for c, old in enumerate(olds):
                    new = builder.fadd(old, builder.extract_value(sums, r * tile.columns + c))
                    builder.store(new, builder.gep(line, [i64(c)]), align=tile.itemsize)
        return context.get_dummy_value()

    signature = types.void(tile, y, types.int64, offsets, types.int64, types.int64)
    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]
def store(
    typing: Any, tile: Any, y: Any, at: Any, offsets: Any, row: Any, rows_left: Any, left: Any
) -> Any:
    """``y[at + offsets[row + r] + i] = tile[r, i]`` for ``r < rows_left`` and ``i < left``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, ys, yat, table, first, rows, numbers = args
        base = pointer_to(context, builder, signature.args[1], ys, yat)
        steps = pointer_to(context, builder, signature.args[3], table, first)
        masks = [_below(builder, numbers, c, tile) for c in range(tile.columns)]
        for r in range(tile.rows):
            with builder.if_then(builder.icmp_signed("<", i64(r), rows)):
                line = builder.gep(base, [builder.load(builder.gep(steps, [i64(r)]))])
                for c, mask in enumerate(masks):
                    value = builder.extract_value(sums, r * tile.columns + c)
                    where = builder.gep(line, [i64(c * tile.lanes)])
                    _masked_store(builder, value, where, mask, tile)
        return context.get_dummy_value()

    signature = types.void(tile, y, types.int64, offsets, types.int64, types.int64, types.int64)
    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]
def store_max(
    typing: Any,
    tile: Any,
    y: Any,
    argmax: Any,
    at: Any,
    offsets: Any,
    pixels: Any,
    row: Any,
    rows_left: Any,
    left: Any,
    lowest: Any,
    window: Any,
) -> Any:
    """Max pooling of the tile's rows, `window` at a time: the maxima to `y`, and their argmax.

    For the rows r to r + window, if ``r < rows_left``, and for ``i < left``:
    ``y[at + offsets[row + r] + i]`` is the largest of their numbers i, and ``argmax[...]`` the
    ``pixels[row + r]`` of the first row that has it.  Nothing is smaller than `lowest`, and no nan
    is larger than anything: as in `scratchnet.kernels.pool2d.max_pool`.
    """
    size = len(window)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, ys, indices, start, table, numbers_of_rows, first, rows, numbers, least, _ = args
        kinds = signature.args
        base = pointer_to(context, builder, kinds[1], ys, start)
        index_base = pointer_to(context, builder, kinds[2], indices, start)
        steps = pointer_to(context, builder, kinds[4], table, first)
        pixel = pointer_to(context, builder, kinds[5], numbers_of_rows, first)
        masks = [_below(builder, numbers, c, tile) for c in range(tile.columns)]
        for r in range(0, tile.rows - size + 1, size) if size else ():
            with builder.if_then(builder.icmp_signed("<", i64(r), rows)):
                step = builder.load(builder.gep(steps, [i64(r)]))
                for c, mask in enumerate(masks):
                    best, index = _max(builder, tile, sums, r, size, c, pixel, least)
                    there = [builder.add(step, i64(c * tile.lanes))]
                    _masked_store(builder, best, builder.gep(base, there), mask, tile)
                    _masked_store(builder, index, builder.gep(index_base, there), mask, tile)
        return context.get_dummy_value()

    int64 = types.int64
    signature = types.void(
        *(tile, y, argmax, int64, offsets, pixels, int64, int64, int64, tile.dtype, window)
    )
    return signature, generate


def _max(
    builder: Any, tile: Tile, sums: Any, row: int, size: int, column: int, pixel: Any, least: Any
) -> tuple[Any, Any]:
    """In a column of the `size` rows from `row` on: the maximum of each lane, and its argmax."""
    pixels = [
        splat(builder, builder.load(builder.gep(pixel, [i64(r)])), tile.lanes)
        for r in range(row, row + size)
    ]
    best, argmax = splat(builder, least, tile.lanes), pixels[0]
    for i, index in enumerate(pixels):
        number = builder.extract_value(sums, (row + i) * tile.columns + column)
        larger = builder.fcmp_ordered(">", number, best)
        best = builder.select(larger, number, best)
        argmax = builder.select(larger, index, argmax)
    return best, argmax


@intrinsic  # type: ignore[untyped-decorator]
def load(typing: Any, y: Any, at: Any, offsets: Any, row: Any, left: Any, columns: Any) -> Any:
    """A tile as `store` left it: ``tile[r, i] = y[at + offsets[row + r] + i]`` for ``i < left``."""
    tile = Tile(y.dtype, len(columns))

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        ys, yat, table, first, numbers, _ = args
        base = pointer_to(context, builder, signature.args[0], ys, yat)
        steps = pointer_to(context, builder, signature.args[2], table, first)
        masks = [_below(builder, numbers, c, tile) for c in range(tile.columns)]
        sums = ir.Constant(tile.registers, ir.Undefined)
        for r in range(tile.rows):
            line = builder.gep(base, [builder.load(builder.gep(steps, [i64(r)]))])
            for c, mask in enumerate(masks):
                where = builder.gep(line, [i64(c * tile.lanes)])
                value = _masked_load(builder, where, mask, tile)
                sums = builder.insert_value(sums, value, r * tile.columns + c)
        return sums

    return tile(y, types.int64, offsets, types.int64, types.int64, columns), generate


@intrinsic  # type: ignore[untyped-decorator]
def store_sums(typing: Any, tile: Any, y: Any, at: Any, offsets: Any, row: Any, left: Any) -> Any:
    """``y[at + offsets[row + r]] = Σ tile[r, :]`` for ``r < left``, of a tile of one column."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, ys, yat, table, first, rows = args
        base = pointer_to(context, builder, signature.args[1], ys, yat)
        steps = pointer_to(context, builder, signature.args[3], table, first)
        number = tile.vector.element
        kind = ir.FunctionType(number, [number, tile.vector])
        name = f"llvm.vector.reduce.fadd.{tile.suffix}"
        add_up = cgutils.get_or_insert_function(builder.module, kind, name)
        for r in range(tile.rows):
            with builder.if_then(builder.icmp_signed("<", i64(r), rows)):
                place = builder.gep(base, [builder.load(builder.gep(steps, [i64(r)]))])
                values = [ir.Constant(number, 0.0), builder.extract_value(sums, r)]
                total = builder.call(add_up, values, fastmath=("reassoc",))  # pairwise
                builder.store(total, place, align=tile.itemsize)
        return context.get_dummy_value()

    return types.void(tile, y, types.int64, offsets, types.int64, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def lanes_of(typing: Any, x: Any) -> Any:
    """How many numbers of array `x` a vector register holds."""
    lanes = Tile(x.dtype, 1).lanes

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return i64(lanes)

    return types.int64(x), generate


@intrinsic  # type: ignore[untyped-decorator]
def copy_vector(typing: Any, x: Any, at: Any, y: Any, to: Any) -> Any:
    """``y[to + i] = x[at + i]``, i below `lanes_of`."""
    tile = Tile(x.dtype, 1)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        xs, xat, ys, yat = args
        run = pointer_to(context, builder, signature.args[0], xs, xat)
        line = pointer_to(context, builder, signature.args[2], ys, yat)
        builder.store(
            vectors_at(builder, tile, run)[0],
            builder.bitcast(line, tile.vector.as_pointer()),
            align=tile.itemsize,
        )
        return context.get_dummy_value()

    return types.void(x, types.int64, y, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def transpose_square(typing: Any, x: Any, at: Any, row: Any, y: Any, to: Any, step: Any) -> Any:
    """``y[to + i step + j] = x[at + j row + i]``, i and j below `lanes_of`: a square transposed.

    In registers: the off-diagonal blocks of half the side are swapped, then, within each block,
    those of a quarter, ….
    """
    tile = Tile(x.dtype, 1)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        xs, xat, x_row, ys, yat, y_step = args
        base = pointer_to(context, builder, signature.args[0], xs, xat)
        lines = [builder.gep(base, [builder.mul(x_row, i64(j))]) for j in range(tile.lanes)]
        square = [vectors_at(builder, tile, line)[0] for line in lines]
        side = tile.lanes // 2
        while side:
            square = _blocks_swapped(builder, square, side)
            side //= 2
        base = pointer_to(context, builder, signature.args[3], ys, yat)
        for i, vector in enumerate(square):
            line = builder.gep(base, [builder.mul(y_step, i64(i))])
            builder.store(
                vector, builder.bitcast(line, tile.vector.as_pointer()), align=tile.itemsize
            )
        return context.get_dummy_value()

    int64 = types.int64
    return types.void(x, int64, int64, y, int64, int64), generate


def _blocks_swapped(builder: Any, square: list[Any], side: int) -> list[Any]:
    """Blocks of `side` rows and columns: the upper right ones and the lower left are swapped."""
    lanes = len(square)
    places = ir.VectorType(ir.IntType(32), lanes)
    left = [i if i % (2 * side) < side else i - side + lanes for i in range(lanes)]
    right = [i + side if i % (2 * side) < side else i + lanes for i in range(lanes)]
    swapped = list(square)
    for r in (r for r in range(lanes) if r % (2 * side) < side):
        upper, lower = square[r], square[r + side]
        swapped[r] = builder.shuffle_vector(upper, lower, ir.Constant(places, left))
        swapped[r + side] = builder.shuffle_vector(upper, lower, ir.Constant(places, right))
    return swapped


def _below(builder: Any, count: Any, column: int, tile: Tile) -> Any:
    """A mask: lane i of this column is on if its place in the row is below `count`."""
    kind = ir.VectorType(ir.IntType(64), tile.lanes)
    places = ir.Constant(kind, [column * tile.lanes + i for i in range(tile.lanes)])
    return builder.icmp_signed("<", places, splat(builder, count, tile.lanes))


def _masked_load(builder: Any, where: Any, mask: Any, tile: Tile) -> Any:
    pointer = tile.vector.as_pointer()
    masks = ir.VectorType(ir.IntType(1), tile.lanes)
    function = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(tile.vector, [pointer, ir.IntType(32), masks, tile.vector]),
        f"llvm.masked.load.{tile.suffix}.p0",
    )
    align = ir.Constant(ir.IntType(32), tile.itemsize)
    nothing = ir.Constant(tile.vector, None)
    return builder.call(function, [builder.bitcast(where, pointer), align, mask, nothing])


def _masked_store(builder: Any, value: Any, where: Any, mask: Any, tile: Tile) -> None:
    """`value`, a vector of the tile's numbers or of as many int32, to `where` the mask is on."""
    pointer = value.type.as_pointer()
    masks = ir.VectorType(ir.IntType(1), tile.lanes)
    is_number = value.type == tile.vector
    function = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(ir.VoidType(), [value.type, pointer, ir.IntType(32), masks]),
        f"llvm.masked.store.{tile.suffix if is_number else f'v{tile.lanes}i32'}.p0",
    )
    align = ir.Constant(ir.IntType(32), tile.itemsize if is_number else 4)
    builder.call(function, [value, builder.bitcast(where, pointer), align, mask])


if config.DISABLE_JIT:
    accumulate, store, load = simd_python.accumulate, simd_python.store, simd_python.load
    transpose_square, lanes_of = simd_python.transpose_square, simd_python.lanes_of
    copy_vector = simd_python.copy_vector
    store_sums, store_max = simd_python.store_sums, simd_python.store_max
