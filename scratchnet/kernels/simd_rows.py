"""Tiles whose rows are contiguous runs of memory, scaled by one number: for sparse cotangents.

The tile of `scratchnet.kernels.simd` multiplies many numbers with one run.  Where most numbers are
zeros, it is better to take the others one by one, each with all runs of its receptive field (an
axpy per row):

    tile = add_scaled(tile, number, x, at, steps, first)

        tile[r, :] += number * x[at + steps[first + r] :]      for every row r

    add_to_rows(tile, number, y, at, steps, first)

        y[at + steps[first + r] :] += number * tile[r, :]

How many rows and columns such a tile has is given as two tuples of these lengths.  Nothing here
checks an index: callers prove ranges first.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import config
from numba.extending import intrinsic

from scratchnet.kernels import simd_python
from scratchnet.kernels.simd import Tile, fma, i64, pointer_to, splat, vectors_at


@intrinsic  # type: ignore[untyped-decorator]
def zero_rows(typing: Any, like: Any, height: Any, columns: Any) -> Any:
    """A tile of zeros, for numbers as in array `like`."""
    tile = Tile(like.dtype, len(columns), len(height))

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ir.Constant(tile.registers, None)

    return tile(like, height, columns), generate


@intrinsic  # type: ignore[untyped-decorator]
def load_rows(
    typing: Any, x: Any, at: Any, steps: Any, first: Any, height: Any, columns: Any
) -> Any:
    """A tile with ``tile[r, :] = x[at + steps[first + r] :]``."""
    tile = Tile(x.dtype, len(columns), len(height))

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        xs, xat, table, row, *_ = args
        kinds = signature.args
        lines = _lines(context, builder, tile, (kinds[0], xs, xat), (kinds[2], table, row))
        sums = ir.Constant(tile.registers, ir.Undefined)
        for r, line in enumerate(lines):
            for c, vector in enumerate(vectors_at(builder, tile, line)):
                sums = builder.insert_value(sums, vector, r * tile.columns + c)
        return sums

    return tile(x, types.int64, steps, types.int64, height, columns), generate


@intrinsic  # type: ignore[untyped-decorator]
def add_scaled(typing: Any, tile: Any, number: Any, x: Any, at: Any, steps: Any, first: Any) -> Any:
    """``tile[r, :] += number * x[at + steps[first + r] :]``; returns the tile."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, value, xs, xat, table, row = args
        many = splat(builder, value, tile.lanes)
        kinds = signature.args
        lines = _lines(context, builder, tile, (kinds[2], xs, xat), (kinds[4], table, row))
        for r, line in enumerate(lines):
            for c, vector in enumerate(vectors_at(builder, tile, line)):
                i = r * tile.columns + c
                total = builder.extract_value(sums, i)
                total = builder.call(fma(builder, tile), [many, vector, total])
                sums = builder.insert_value(sums, total, i)
        return sums

    return tile(tile, tile.dtype, x, types.int64, steps, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def add_to_rows(
    typing: Any, tile: Any, number: Any, y: Any, at: Any, steps: Any, first: Any
) -> Any:
    """``y[at + steps[first + r] :] += number * tile[r, :]``, row after row."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, value, ys, yat, table, row = args
        many = splat(builder, value, tile.lanes)
        kinds = signature.args
        lines = _lines(context, builder, tile, (kinds[2], ys, yat), (kinds[4], table, row))
        for r, line in enumerate(lines):
            olds = vectors_at(builder, tile, line)
            run = builder.bitcast(line, tile.vector.as_pointer())
            for c, old in enumerate(olds):
                factor = builder.extract_value(sums, r * tile.columns + c)
                new = builder.call(fma(builder, tile), [many, factor, old])
                builder.store(new, builder.gep(run, [i64(c)]), align=tile.itemsize)
        return context.get_dummy_value()

    return types.void(tile, tile.dtype, y, types.int64, steps, types.int64), generate


def _lines(context: Any, builder: Any, tile: Tile, run: Any, steps: Any) -> list[Any]:
    """Where the rows begin; `run` and `steps` are arrays: their type, themselves, a place."""
    base, table = pointer_to(context, builder, *run), pointer_to(context, builder, *steps)
    return [
        builder.gep(base, [builder.load(builder.gep(table, [i64(r)]))]) for r in range(tile.rows)
    ]


if config.DISABLE_JIT:
    zero_rows, load_rows = simd_python.zero_rows, simd_python.load_rows
    add_scaled, add_to_rows = simd_python.add_scaled, simd_python.add_to_rows
