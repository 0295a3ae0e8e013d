"""Register tiles for numba: a block of running sums that lives in vector registers.

A CPU core multiplies and adds fastest when its operands stay in registers.  `Tile` is a numba type
for such a block: `rows` x `columns` vector registers of several lanes each.  It is a small matrix
of rows x `width` sums, the accumulators of a GEMM micro-kernel, whose one step is

    outer(tile, x, at, offsets, row, w, wat)

        tile[r, :] += x[at + offsets[row + r]] * w[wat : wat + width]      for every row r

a rank-1 update: one number of `x` per row, from wherever the indirection buffer `offsets` says,
times one contiguous run of `w`.  Each number loaded is used `columns` times and each vector `rows`
times, which is why it can run at the speed of the arithmetic and not of the memory.  Written as a
loop, and compiled to one fused multiply-add per register:

    tile = zeros(y, columns)
    for k in range(K):
        tile = outer(tile, x, k, offsets, row, w, k * width)
    store(tile, y, 0, offsets_out, row, rows_left, numbers_left)

(`store` and its like are in `scratchnet.kernels.simd_memory`.)

How many columns is part of the type, for the compiler has to lay out the registers; so it is given
as a tuple of that length, `COLUMNS[n]`.  A tile with fewer columns has more rows
(`scratchnet.kernels.tile_shape`).

Nothing here checks an index: callers prove ranges first.  Without compilation (NUMBA_DISABLE_JIT=1)
the same names are the Python functions of `scratchnet.kernels.simd_python`, which do check, and
which are the shortest definition of what each does.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.extending import intrinsic, models, register_model

from scratchnet.kernels import simd_python
from scratchnet.kernels.tile_shape import register_bytes, tile_rows


class Tile(types.Type):  # type: ignore[misc]
    """The numba type: rows x columns registers of numbers of `dtype`; `rows` if not given."""

    def __init__(self, dtype: Any, columns: int, height: int | None = None) -> None:
        self.dtype = dtype
        self.columns, self.rows = columns, tile_rows(columns) if height is None else height
        self.itemsize = dtype.bitwidth // 8
        self.lanes = register_bytes() // self.itemsize
        number = {4: ir.FloatType(), 8: ir.DoubleType()}[self.itemsize]
        self.vector = ir.VectorType(number, self.lanes)
        self.registers = ir.ArrayType(self.vector, self.rows * columns)
        super().__init__(name=f"Tile({dtype}, {self.rows} x {columns})")

    @property
    def suffix(self) -> str:
        """How LLVM names this vector in its functions: v16f32."""
        return f"v{self.lanes}f{self.dtype.bitwidth}"


@register_model(Tile)
class _TileModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, tile: Tile) -> None:
        super().__init__(manager, tile, tile.registers)


def i64(value: int) -> Any:
    """A number in the code that is made."""
    return ir.Constant(ir.IntType(64), value)


def pointer_to(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> Any:
    """The address of element `at` of a one-dimensional contiguous array."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [at])


def vectors_at(builder: Any, tile: Tile, pointer: Any) -> list[Any]:
    """The numbers from `pointer` on, as many as a row of the tile has, a vector per column."""
    run = builder.bitcast(pointer, tile.vector.as_pointer())
    places = [builder.gep(run, [i64(c)]) for c in range(tile.columns)]
    return [builder.load(place, align=tile.itemsize) for place in places]


@intrinsic  # type: ignore[untyped-decorator]
def rows_of(typing: Any, columns: Any) -> Any:
    """How many rows a tile of so many columns has, a constant to the compiler."""
    rows = tile_rows(len(columns))

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return i64(rows)

    return types.int64(columns), generate


@intrinsic  # type: ignore[untyped-decorator]
def width_of(typing: Any, like: Any, columns: Any) -> Any:
    """How many numbers as in array `like` a row of a tile holds, a constant to the compiler."""
    tile = Tile(like.dtype, len(columns))

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return i64(tile.columns * tile.lanes)

    return types.int64(like, columns), generate


@intrinsic  # type: ignore[untyped-decorator]
def zeros(typing: Any, like: Any, columns: Any) -> Any:
    """A tile of zeros, of so many columns, for numbers as in array `like`."""
    tile = Tile(like.dtype, len(columns))

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ir.Constant(tile.registers, None)

    return tile(like, columns), generate


@intrinsic  # type: ignore[untyped-decorator]
def broadcast_rows(typing: Any, w: Any, wat: Any, columns: Any) -> Any:
    """A tile with ``w[wat : wat + width]`` in every row."""
    tile = Tile(w.dtype, len(columns))

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        run = pointer_to(context, builder, signature.args[0], args[0], args[1])
        sums = ir.Constant(tile.registers, ir.Undefined)
        for c, vector in enumerate(vectors_at(builder, tile, run)):
            for r in range(tile.rows):
                sums = builder.insert_value(sums, vector, r * tile.columns + c)
        return sums

    return tile(w, types.int64, columns), generate


@intrinsic  # type: ignore[untyped-decorator]
def outer(typing: Any, tile: Any, x: Any, at: Any, offsets: Any, row: Any, w: Any, wat: Any) -> Any:
    """``tile[r, :] += x[at + offsets[row + r]] * w[wat : wat + width]``; returns the tile."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, xs, xat, table, first, ws, wstart = args
        vectors = vectors_at(
            builder, tile, pointer_to(context, builder, signature.args[5], ws, wstart)
        )
        base = pointer_to(context, builder, signature.args[1], xs, xat)
        steps = pointer_to(context, builder, signature.args[3], table, first)
        places = [builder.load(builder.gep(steps, [i64(r)])) for r in range(tile.rows)]
        return _multiply_add(builder, tile, sums, base, places, vectors)

    return tile(tile, x, types.int64, offsets, types.int64, w, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def outer_pairs(
    typing: Any, tile: Any, x: Any, at: Any, offsets: Any, row: Any, w: Any, wat: Any
) -> Any:
    """``tile[r, 2 i + e] += x[at + offsets[row + r] + e] * w[wat + 2 i + e]``, e of 0 and 1.

    As `outer`, two numbers of a row at once, each in every other lane: for so few outputs that half
    of a row would be empty.  Returns the tile, which `add_pairs` adds up at the end.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, xs, xat, table, first, ws, wstart = args
        run = pointer_to(context, builder, signature.args[5], ws, wstart)
        vectors = vectors_at(builder, tile, run)
        base = pointer_to(context, builder, signature.args[1], xs, xat)
        steps = pointer_to(context, builder, signature.args[3], table, first)
        two = ir.VectorType(tile.vector.element, 2)
        lanes = ir.VectorType(ir.IntType(32), tile.lanes)
        places = ir.Constant(lanes, [i % 2 for i in range(tile.lanes)])
        for r in range(tile.rows):
            line = builder.gep(base, [builder.load(builder.gep(steps, [i64(r)]))])
            pair = builder.load(builder.bitcast(line, two.as_pointer()), align=tile.itemsize)
            numbers = builder.shuffle_vector(pair, ir.Constant(two, ir.Undefined), places)
            for c, vector in enumerate(vectors):
                i = r * tile.columns + c
                total = builder.extract_value(sums, i)
                total = builder.call(fma(builder, tile), [numbers, vector, total])
                sums = builder.insert_value(sums, total, i)
        return sums

    return tile(tile, x, types.int64, offsets, types.int64, w, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def add_pairs(typing: Any, tile: Any) -> Any:
    """A tile with ``tile[r, 2 i] + tile[r, 2 i + 1]`` in lane i, and again behind these."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        (sums,) = args
        lanes = ir.VectorType(ir.IntType(32), tile.lanes)
        even = [2 * i % tile.lanes for i in range(tile.lanes)]
        for i in range(tile.rows * tile.columns):
            total = builder.extract_value(sums, i)
            halves = [
                builder.shuffle_vector(total, total, ir.Constant(lanes, [j + e for j in even]))
                for e in (0, 1)
            ]
            sums = builder.insert_value(sums, builder.fadd(*halves), i)
        return sums

    return tile(tile), generate


@intrinsic  # type: ignore[untyped-decorator]
def outer_packed(typing: Any, tile: Any, x: Any, at: Any, w: Any, wat: Any) -> Any:
    """``tile[r, :] += x[at + r] * w[wat : wat + width]``; returns the tile.

    As `outer`, where the rows' numbers are one contiguous run, in a packed panel for example.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, xs, xat, ws, wstart = args
        vectors = vectors_at(
            builder, tile, pointer_to(context, builder, signature.args[3], ws, wstart)
        )
        base = pointer_to(context, builder, signature.args[1], xs, xat)
        places = [i64(r) for r in range(tile.rows)]
        return _multiply_add(builder, tile, sums, base, places, vectors)

    return tile(tile, x, types.int64, w, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def inner(typing: Any, tile: Any, x: Any, at: Any, offsets: Any, row: Any, w: Any, wat: Any) -> Any:
    """``tile[r, :] += x[at + offsets[row + r] :] * w[wat :]``, a row of each; returns the tile.

    What `outer` is to many outputs, this is to few: each lane is a partial sum of an inner product,
    and the lanes are summed at the end.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, xs, xat, table, first, ws, wstart = args
        run = pointer_to(context, builder, signature.args[5], ws, wstart)
        vectors = vectors_at(builder, tile, run)
        base = pointer_to(context, builder, signature.args[1], xs, xat)
        steps = pointer_to(context, builder, signature.args[3], table, first)
        for r in range(tile.rows):
            line = builder.gep(base, [builder.load(builder.gep(steps, [i64(r)]))])
            for c, number in enumerate(vectors_at(builder, tile, line)):
                i = r * tile.columns + c
                total = builder.extract_value(sums, i)
                total = builder.call(fma(builder, tile), [number, vectors[c], total])
                sums = builder.insert_value(sums, total, i)
        return sums

    return tile(tile, x, types.int64, offsets, types.int64, w, types.int64), generate


def fma(builder: Any, tile: Tile) -> Any:
    """LLVM's function that rounds once: ``a b + c`` of three vectors."""
    kind = ir.FunctionType(tile.vector, [tile.vector] * 3)
    return cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.{tile.suffix}")


def _multiply_add(
    builder: Any, tile: Tile, sums: Any, base: Any, places: list[Any], vectors: list[Any]
) -> Any:
    """Row r of the sums, plus the number at ``base[places[r]]`` times the vectors."""
    for r, place in enumerate(places):
        number = splat(builder, builder.load(builder.gep(base, [place])), tile.lanes)
        for c, vector in enumerate(vectors):
            i = r * tile.columns + c
            total = builder.extract_value(sums, i)
            total = builder.call(fma(builder, tile), [number, vector, total])
            sums = builder.insert_value(sums, total, i)
    return sums


def splat(builder: Any, number: Any, lanes: int) -> Any:
    """`number` in every lane of a vector."""
    nothing = ir.Constant(ir.VectorType(number.type, lanes), ir.Undefined)
    one = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    return builder.shuffle_vector(one, nothing, everywhere)


@intrinsic  # type: ignore[untyped-decorator]
def add(typing: Any, tile: Any, other: Any) -> Any:
    """The sum of two tiles."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, more = args
        for i in range(tile.rows * tile.columns):
            a, b = builder.extract_value(sums, i), builder.extract_value(more, i)
            sums = builder.insert_value(sums, builder.fadd(a, b), i)
        return sums

    return tile(tile, other), generate


@intrinsic  # type: ignore[untyped-decorator]
def relu(typing: Any, tile: Any) -> Any:
    """``tile[r, i] = 0`` where it is below 0; a nan stays.  Returns the tile."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        (sums,) = args
        zero = ir.Constant(tile.vector, None)
        for i in range(tile.rows * tile.columns):
            number = builder.extract_value(sums, i)
            number = builder.select(builder.fcmp_ordered("<=", number, zero), zero, number)
            sums = builder.insert_value(sums, number, i)
        return sums

    return tile(tile), generate


if config.DISABLE_JIT:
    rows_of, width_of = simd_python.rows_of, simd_python.width_of
    zeros, broadcast_rows = simd_python.zeros, simd_python.broadcast_rows
    outer, outer_packed, inner = simd_python.outer, simd_python.outer_packed, simd_python.inner
    add, relu = simd_python.add, simd_python.relu
    outer_pairs, add_pairs = simd_python.outer_pairs, simd_python.add_pairs
