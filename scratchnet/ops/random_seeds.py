"""Seeds of stateful random ops: the global one, those of each op, and how far each kernel has got.

In TensorFlow a stateful random op is a kernel with two seeds, the global one and its own.  An op
without a seed of its own gets the next number of a generator that the global seed started.  A
kernel begins at the place its seeds say and moves on with every call, so that an op with a seed of
its own gives new numbers at each call, too; `set_seed` puts all back to the beginning.
"""

from __future__ import annotations

import copy
import math
import operator
import random
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from scratchnet.engine.errors import say
from scratchnet.engine.operators import Operators
from scratchnet.ops.random_stream import Stream, any_stream, stateful_stream

MODULUS = 2**31 - 1
_DEFAULT_GLOBAL_SEED = 87654321
BLOCKS = 256  # that a kernel reserves for each number, whatever it reads

SeedPair = tuple[int, int]


class _Context:
    """What the random ops of this process share."""

    def __init__(self) -> None:
        self.global_seed: int | None = None
        self.op_seeds = random.Random()
        self.kernels: dict[Any, Stream] = {}  # op, dtypes and seeds -> its next place
        self.generation = 0  # counts how often the kernels were put back to the beginning
        self.lock = threading.Lock()


_context = _Context()
_traced = threading.local()  # .ops: the TracedOps that run on this thread


def set_seed(seed: float | None) -> None:
    """Set the global seed (``tf.random.set_seed``): the random numbers from here on are repeatable.

    Args:
        seed: any integer, or a finite float, of which TensorFlow makes other numbers than of the
            integer before it; None for numbers that nobody can foresee.

    Raises:
        TypeError: `seed` is neither (TensorFlow takes a string without a word, and refuses it where
            the first number is drawn).

    >>> from scratchnet.ops.random import uniform
    >>> set_seed(0)
    >>> first = uniform([2]).numpy()
    >>> set_seed(0)
    >>> bool((uniform([2]).numpy() == first).all())
    True
    """
    first: float | None = seed
    if seed is None or (isinstance(seed, float) and math.isfinite(seed)):
        value = None if seed is None else int(seed % MODULUS)
    else:
        first = value = seed_int("set_seed", "seed", seed)
    with _context.lock:
        _context.global_seed = value
        _context.op_seeds = random.Random(first)
    forget_kernels()


@contextmanager
def untouched() -> Iterator[None]:
    """Random ops in this context draw as ever; afterwards all is as it was before."""
    rewind = snapshot()
    try:
        yield
    finally:
        rewind()


def snapshot() -> Callable[[], None]:
    """A function that puts the seeds of ops and the places of kernels back to where they are."""
    with _context.lock:
        seeds, kernels = _context.op_seeds.getstate(), copy.deepcopy(_context.kernels)

    def rewind() -> None:
        with _context.lock:
            _context.op_seeds.setstate(seeds)
            _context.kernels = copy.deepcopy(kernels)  # for another time

    return rewind


def global_seed() -> int | None:
    """The seed of the last `set_seed`; None if there is none."""
    return _context.global_seed


def forget_kernels() -> None:
    """Put all kernels back to where their seeds begin (``clear_session`` does that, too)."""
    with _context.lock:
        _context.kernels.clear()
        _context.generation += 1


def seed_int(where: str, name: str, value: Any) -> int:
    """`value` (a Python, NumPy or tensor integer) as an int; the sign and size do not matter."""
    try:
        return operator.index(value._data if isinstance(value, Operators) else value)
    except TypeError:
        raise TypeError(say(where, name, "must be an integer", value)) from None


def seed_pair(op_seed: int | None) -> SeedPair | None:
    """The two seeds of an op; None if nothing was seeded.  Draws one where `op_seed` is None."""
    seed = _context.global_seed
    if op_seed is None:
        if seed is None:
            return None
        op_seed = _context.op_seeds.randint(0, MODULUS)
    return _pair(seed, op_seed)


def _pair(seed: int | None, op_seed: int) -> SeedPair:
    pair = (_DEFAULT_GLOBAL_SEED if seed is None else seed % MODULUS, op_seed % MODULUS)
    return pair if pair != (0, 0) else (0, MODULUS)


def next_stream(op: str, dtypes: str, op_seed: int | None, blocks: int) -> Stream:
    """Where the next call of a stateful op reads; its kernel moves `blocks` on.

    Args:
        op: its name.  There is one kernel per op, dtypes and pair of seeds.
        dtypes: those of its result and its arguments.
        op_seed: the seed of its own.
        blocks: how many it reserves, `BLOCKS` for each number that it makes.
    """
    own = None if op_seed is None else seed_int(op, "seed", op_seed)
    running = getattr(_traced, "ops", None)
    with _context.lock:
        if running is not None and (reserved := running.reserve(own, blocks)) is not None:
            return reserved  # type: ignore[no-any-return]
        pair = seed_pair(own)
        if pair is None:
            return any_stream()
        kernel = (op, dtypes, pair)
        stream = _context.kernels.get(kernel) or stateful_stream(*pair)
        _context.kernels[kernel] = stream.skip(blocks)
        return stream


def in_traced_function() -> bool:
    """Whether a function of a pipeline runs on this thread, of which TensorFlow makes a graph."""
    return isinstance(getattr(_traced, "ops", None), TracedOps)


class TracedOps:
    """The random ops of one traced function (``tf.function``, ``Dataset.map``).

    There every op is a kernel of its own: op number k of a call is the same kernel at every call.
    Ops without a seed count 0, 1, 2, … instead of drawing one, and the global seed is the one that
    was set when the function was traced.

        ops = TracedOps()
        for element in dataset:
            with ops.call():
                function(element)

    >>> from scratchnet.ops.random import uniform
    >>> set_seed(0)
    >>> ops = TracedOps()
    >>> with ops.call():
    ...     uniform([2]).numpy()
    array([0.01975703, 0.00704217], dtype=float32)
    """

    def __init__(self) -> None:
        self._seed = _context.global_seed
        self._generation = _context.generation
        self._seeds: list[SeedPair | None] = []  # of the ops, in the order of a call
        self._streams: list[Stream] = []
        self._unseeded = 0
        self._at = 0

    @contextmanager
    def call(self) -> Iterator[None]:
        """Run the function once, inside this context."""
        outer = getattr(_traced, "ops", None)
        self.begin()
        _traced.ops = self
        try:
            yield
        finally:
            _traced.ops = outer

    def begin(self) -> None:
        """The next op is the first of a call."""
        self._at = 0

    def restarted(self) -> TracedOps:
        """The same ops, all kernels at their beginning, as every iterator of a Dataset has them."""
        other = TracedOps()
        other._seed = self._seed
        return other

    def reserve(self, op_seed: int | None, blocks: int) -> Stream:
        """Where the next op of this call reads."""
        if self._at == len(self._seeds):
            self._seeds.append(self._trace(op_seed))
            self._streams.append(_begin(self._seeds[-1]))
        if self._generation != _context.generation:
            self._generation = _context.generation
            self._streams = [_begin(pair) for pair in self._seeds]
        stream = self._streams[self._at]
        self._streams[self._at] = stream.skip(blocks)
        self._at += 1
        return stream

    def _trace(self, op_seed: int | None) -> SeedPair | None:
        if op_seed is None:
            if self._seed is None:
                return None
            op_seed = self._unseeded
            self._unseeded += 1
        return _pair(self._seed, op_seed)


class FunctionOps:
    """The random ops of a ``tf.function`` that have seeds of their own.

    TensorFlow makes a graph for each kind of arguments, in which every op is a kernel of its own:
    two ops of equal seeds draw equal numbers, and a second graph begins anew.  Functions that a
    function calls are part of its graph.  Ops without a seed draw here as they do outside.
    """

    def __init__(self) -> None:
        self._traces: dict[Hashable, TracedOps] = {}

    @contextmanager
    def call(self, kind: Callable[[], Hashable]) -> Iterator[None]:
        """Run the function once, inside this context; `kind` tells its arguments' kind."""
        if getattr(_traced, "ops", None) is not None:
            yield  # inside the graph of another function
            return
        _traced.ops = _FunctionCall(self._traces, kind)
        try:
            yield
        finally:
            _traced.ops = None


class _FunctionCall:
    """One call of a function; which graph it runs is asked at its first op with a seed."""

    def __init__(self, traces: dict[Hashable, TracedOps], kind: Callable[[], Hashable]) -> None:
        self._traces, self._kind = traces, kind
        self._ops: TracedOps | None = None

    def reserve(self, op_seed: int | None, blocks: int) -> Stream | None:
        """As of `TracedOps`; None for an op without a seed."""
        if op_seed is None:
            return None
        if self._ops is None:
            self._ops = self._traces.setdefault(self._kind(), TracedOps())
            self._ops.begin()
        return self._ops.reserve(op_seed, blocks)


def _begin(pair: SeedPair | None) -> Stream:
    return any_stream() if pair is None else stateful_stream(*pair)
