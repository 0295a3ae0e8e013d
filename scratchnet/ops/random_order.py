"""Random orders: `shuffle`, the order of samples in ``fit``, and that of ``Dataset.shuffle``.

All of them are Fisher and Yates's shuffle from the front: element i is swapped with one of those
that begin with it, chosen by ``word mod (how many there are)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import NoGradient, Op
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.kernels.philox import shuffle_within
from scratchnet.ops.arguments import tensor
from scratchnet.ops.random_seeds import MODULUS, next_stream, seed_int, seed_pair
from scratchnet.ops.random_stream import Stream, Words, any_stream, stateful_stream

T = TypeVar("T")


def shuffle(value: TensorLike, seed: int | None = None) -> Tensor:
    """The rows of `value` (the parts along axis 0) in random order.  Not differentiable.

    Args:
        value: any shape and dtype.
        seed: with `set_seed`, makes the orders repeatable; each call gives a new one.

    Raises:
        TypeError: `seed` is not an integer; (DtypeError) strings.
        ValueError: what is no tensor.

    Reference: ``tf.random.shuffle``.

    >>> from scratchnet.ops.random_seeds import set_seed
    >>> set_seed(0)
    >>> shuffle([1, 2, 3, 4]).numpy()
    array([2, 4, 1, 3], dtype=int32)
    """
    x = tensor("shuffle", "value", value)
    rows = len(x._data) if x._data.ndim else 1
    stream = next_stream("shuffle", x._data.dtype.name, seed, _blocks(rows))
    return apply(SHUFFLE, x, order=_permutation(stream, rows) if rows > 1 else None)


def _shuffle(x: Array, order: Array | None) -> tuple[Array, None]:
    return x if order is None else x[order], None


SHUFFLE = Op("shuffle", shuffle, _shuffle, vjps=(NoGradient("TensorFlow declares none"),))


def _blocks(rows: int) -> int:
    """How many blocks of words it takes to shuffle: a word for each row but the last."""
    return -(-(rows - 1) // 4) if rows > 1 else 0


def _permutation(stream: Stream, n: int) -> Array:
    order = np.arange(n)
    shuffle_within(order, stream.bits(max(n - 1, 0)), n)
    return order


def fit_permutation(seed: int | None, n: int, batch_size: int | None = None) -> Array:
    """The order in which ``Model.fit`` reads the samples of arrays: the same in every epoch.

    It depends on the global seed and on `n` alone, so every later ``fit`` has it, too.

    Args:
        seed: the global seed, of `global_seed`; None for an order that nobody can foresee.
        n: the number of samples.
        batch_size: if given, the order is that of ``fit(shuffle="batch")``: the batches stay in
            order, and the samples within each are shuffled.

    Returns:
        int64 [n]: the sample at each place.

    >>> fit_permutation(42, 11).tolist()
    [4, 2, 5, 10, 0, 8, 3, 6, 9, 7, 1]
    """
    stream = any_stream() if seed is None else stateful_stream(*_fit_pair(seed))
    if batch_size is None:
        return _permutation(stream, n)
    order = np.empty(n, np.int64)
    for at in range(0, n, batch_size):
        rows = min(batch_size, n - at)
        order[at : at + rows] = at + _permutation(stream, rows)
        stream = stream.skip(_blocks(rows))
    return order


def _fit_pair(seed: int) -> tuple[int, int]:
    return (seed % MODULUS, 0) if seed % MODULUS else (0, MODULUS)


class ShuffleStream:
    """The orders of one ``Dataset.shuffle``, a new one for each iterator over it.

    Make one when the dataset is made, since that is when a seed is drawn, and keep it in the
    dataset, so that all datasets derived from it share it.  Then for each new iterator call either

        order(n)            int64 [n], where the source has `n` rows that can be read in any order
        shuffled(source)    an iterator over any iterator, which holds `buffer_size` elements

    when that iterator is made, not when it is first read: the call takes the iterator's seeds.
    Both give the same order.

    Args:
        buffer_size: the next element is drawn from that many that come next.
        seed: with `set_seed`, makes the orders repeatable.
        reshuffle_each_iteration: a new order for each iterator; otherwise the same for all.

    Raises:
        TypeError: `seed` is not an integer.

    Reference: ``tf.data.Dataset.shuffle``.

    >>> from scratchnet.ops.random_seeds import set_seed
    >>> set_seed(0)
    >>> stream = ShuffleStream(buffer_size=2, seed=1)
    >>> stream.order(5).tolist(), list(stream.shuffled(iter("abcde")))
    ([1, 0, 2, 3, 4], ['a', 'c', 'b', 'e', 'd'])
    """

    def __init__(
        self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool = True
    ) -> None:
        pair = seed_pair(None if seed is None else seed_int("shuffle", "seed", seed))
        self._stream = any_stream() if pair is None else stateful_stream(*pair)
        self._seeds = Words(self._stream) if reshuffle_each_iteration else None
        self.buffer_size = buffer_size

    def _next(self) -> Stream:
        """The words of a new iterator."""
        if self._seeds is None:
            return self._stream
        seed, seed2 = self._seeds.next(), self._seeds.next()
        return stateful_stream(seed, seed2)

    def order(self, n: int) -> Array:
        """The places of the `n` rows of the source, in the order of a new iterator."""
        order = np.arange(n)
        shuffle_within(order, self._next().bits(n), self.buffer_size)
        return order

    def shuffled(self, source: Iterator[T]) -> Iterator[T]:
        """The elements of `source`, in the order of a new iterator."""
        return _drawn(source, Words(self._next()), self.buffer_size)


class RandomWords:
    """The words of one ``Dataset.random``: the same for each iterator, or new ones.

    Make one when the dataset is made, since that is when a seed is drawn.

    Args:
        seed: with `set_seed`, makes the words repeatable.
        rerandomize_each_iteration: new words for each iterator; otherwise the same for all.

    Reference: ``tf.data.Dataset.random``.

    >>> from scratchnet.ops.random_seeds import set_seed
    >>> set_seed(0)
    >>> words = RandomWords(seed=1).restarted()
    >>> words.next(), words.next()
    (2219120097, 4035800746)
    """

    def __init__(self, seed: int | None = None, rerandomize_each_iteration: bool = False) -> None:
        pair = seed_pair(None if seed is None else seed_int("random", "seed", seed))
        self._stream = any_stream() if pair is None else stateful_stream(*pair)
        self._seeds = Words(self._stream) if rerandomize_each_iteration else None

    def restarted(self) -> Words:
        """The words of a new iterator."""
        if self._seeds is None:
            return Words(self._stream)
        return Words(stateful_stream(self._seeds.next(), self._seeds.next()))


def _drawn(source: Iterator[T], words: Words, buffer_size: int) -> Iterator[T]:
    ring = list(islice(source, buffer_size))  # `left` elements, the oldest at `oldest`
    oldest, left = 0, len(ring)
    while left:
        i = (oldest + words.next() % left) % len(ring)
        drawn, ring[i] = ring[i], ring[oldest]
        yield drawn
        try:
            ring[oldest] = next(source)
        except StopIteration:
            left -= 1
        oldest = (oldest + 1) % len(ring)
