"""Register tiles for numba: a block of running sums that lives in vector registers.

A CPU core multiplies and adds fastest when its operands stay in registers.  `Tile` is a numba type
for such a block: ROWS x COLUMNS vector registers, each holding several numbers side by side.  It is
a small matrix of ROWS x `width` sums, and the one thing it is good at is

    outer(tile, x, at, offsets, row, w, wat)

        tile[r, :] += x[at + offsets[row + r]] * w[wat : wat + width]      for every row r

an outer product: ROWS numbers of `x`, from wherever `offsets` says, times one run of `w`.  Each
number loaded is used COLUMNS times and each vector ROWS times, which is why it can run at the speed
of the arithmetic and not of the memory.  Written as a loop, and compiled to one fused multiply-add
per register:

    tile = zeros(y)
    for k in range(K):
        tile = outer(tile, x, k, offsets, row, w, k * width)
    store(tile, y, 0, offsets_out, row, rows_left, numbers_left)

Nothing here checks an index: callers prove ranges first.  Without compilation (NUMBA_DISABLE_JIT=1)
the same four names are the Python functions of `scratchnet.kernels.simd_python`, which do check,
and which are the shortest definition of what each does.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils, config
from numba.extending import intrinsic, models, register_model

# 12 registers of sums, 2 of a run of `w`, 1 to broadcast into: AVX2 has 16.
ROWS, COLUMNS = 6, 2


@cache
def register_bytes() -> int:
    """How wide this CPU's vector registers are: 64 bytes with AVX-512, else 32."""
    return 64 if binding.get_host_cpu_features().get("avx512f") else 32


def width(itemsize: int) -> int:
    """How many numbers of `itemsize` bytes a row of a tile holds."""
    return COLUMNS * register_bytes() // itemsize


class Tile(types.Type):  # type: ignore[misc]
    """The numba type: ROWS x COLUMNS registers of numbers of `dtype`."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        self.itemsize = dtype.bitwidth // 8
        self.lanes = register_bytes() // self.itemsize
        number = {4: ir.FloatType(), 8: ir.DoubleType()}[self.itemsize]
        self.vector = ir.VectorType(number, self.lanes)
        self.registers = ir.ArrayType(self.vector, ROWS * COLUMNS)
        super().__init__(name=f"Tile({dtype})")

    @property
    def suffix(self) -> str:
        """How LLVM names this vector in its functions: v16f32."""
        return f"v{self.lanes}f{self.dtype.bitwidth}"


@register_model(Tile)
class _TileModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, tile: Tile) -> None:
        super().__init__(manager, tile, tile.registers)


def _i64(value: int) -> Any:
    return ir.Constant(ir.IntType(64), value)


def _pointer(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> Any:
    """The address of element `at` of a one-dimensional contiguous array."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [at])


@intrinsic  # type: ignore[untyped-decorator]
def zeros(typing: Any, like: Any) -> Any:
    """A tile of zeros, for numbers as in array `like`."""
    tile = Tile(like.dtype)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ir.Constant(tile.registers, None)

    return tile(like), generate


@intrinsic  # type: ignore[untyped-decorator]
def outer(typing: Any, tile: Any, x: Any, at: Any, offsets: Any, row: Any, w: Any, wat: Any) -> Any:
    """``tile[r, :] += x[at + offsets[row + r]] * w[wat : wat + width]``; returns the tile."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, xs, xat, table, first, ws, wstart = args
        fma = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(tile.vector, [tile.vector] * 3),
            f"llvm.fma.{tile.suffix}",
        )
        run = _pointer(context, builder, signature.args[5], ws, wstart)
        run = builder.bitcast(run, tile.vector.as_pointer())
        vectors = []
        for c in range(COLUMNS):
            vectors.append(builder.load(builder.gep(run, [_i64(c)]), align=tile.itemsize))
        base = _pointer(context, builder, signature.args[1], xs, xat)
        steps = _pointer(context, builder, signature.args[3], table, first)
        for r in range(ROWS):
            step = builder.load(builder.gep(steps, [_i64(r)]))
            number = _broadcast(builder, builder.load(builder.gep(base, [step])), tile.lanes)
            for c, vector in enumerate(vectors):
                i = r * COLUMNS + c
                total = builder.call(fma, [number, vector, builder.extract_value(sums, i)])
                sums = builder.insert_value(sums, total, i)
        return sums

    return tile(tile, x, types.int64, offsets, types.int64, w, types.int64), generate


def _broadcast(builder: Any, number: Any, lanes: int) -> Any:
    """`number` in every lane of a vector."""
    nothing = ir.Constant(ir.VectorType(number.type, lanes), ir.Undefined)
    one = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    return builder.shuffle_vector(one, nothing, everywhere)


@intrinsic  # type: ignore[untyped-decorator]
def add_to(typing: Any, tile: Any, y: Any, at: Any, offsets: Any, row: Any) -> Any:
    """``y[at + offsets[row + r] + i] += tile[r, i]`` for every row r and number i."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, ys, yat, table, first = args
        base = _pointer(context, builder, signature.args[1], ys, yat)
        steps = _pointer(context, builder, signature.args[3], table, first)
        for r in range(ROWS):
            line = builder.gep(base, [builder.load(builder.gep(steps, [_i64(r)]))])
            line = builder.bitcast(line, tile.vector.as_pointer())
            for c in range(COLUMNS):
                where = builder.gep(line, [_i64(c)])
                old = builder.load(where, align=tile.itemsize)
                new = builder.fadd(old, builder.extract_value(sums, r * COLUMNS + c))
                builder.store(new, where, align=tile.itemsize)
        return context.get_dummy_value()

    return types.void(tile, y, types.int64, offsets, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def store(
    typing: Any, tile: Any, y: Any, at: Any, offsets: Any, row: Any, rows_left: Any, left: Any
) -> Any:
    """``y[at + offsets[row + r] + i] = tile[r, i]`` for ``r < rows_left`` and ``i < left``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, ys, yat, table, first, rows, numbers = args
        base = _pointer(context, builder, signature.args[1], ys, yat)
        steps = _pointer(context, builder, signature.args[3], table, first)
        masks = [_below(builder, numbers, c, tile) for c in range(COLUMNS)]
        for r in range(ROWS):
            with builder.if_then(builder.icmp_signed("<", _i64(r), rows)):
                line = builder.gep(base, [builder.load(builder.gep(steps, [_i64(r)]))])
                for c, mask in enumerate(masks):
                    value = builder.extract_value(sums, r * COLUMNS + c)
                    where = builder.gep(line, [_i64(c * tile.lanes)])
                    _masked_store(builder, value, where, mask, tile)
        return context.get_dummy_value()

    signature = types.void(tile, y, types.int64, offsets, types.int64, types.int64, types.int64)
    return signature, generate


def _below(builder: Any, count: Any, column: int, tile: Tile) -> Any:
    """A mask: lane i of this column is on if its place in the row is below `count`."""
    kind = ir.VectorType(ir.IntType(64), tile.lanes)
    places = ir.Constant(kind, [column * tile.lanes + i for i in range(tile.lanes)])
    return builder.icmp_signed("<", places, _broadcast(builder, count, tile.lanes))


def _masked_store(builder: Any, value: Any, where: Any, mask: Any, tile: Tile) -> None:
    pointer = tile.vector.as_pointer()
    masks = ir.VectorType(ir.IntType(1), tile.lanes)
    function = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(ir.VoidType(), [tile.vector, pointer, ir.IntType(32), masks]),
        f"llvm.masked.store.{tile.suffix}.p0",
    )
    align = ir.Constant(ir.IntType(32), tile.itemsize)
    builder.call(function, [value, builder.bitcast(where, pointer), align, mask])


if config.DISABLE_JIT:
    from scratchnet.kernels import simd_python

    zeros, outer = simd_python.zeros, simd_python.outer
    add_to, store = simd_python.add_to, simd_python.store
