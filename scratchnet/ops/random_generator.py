"""Generator: a stream of random numbers that keeps its own place."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np

from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.engine.variable import UPDATING, Variable
from scratchnet.ops.arguments import dtype_named, integer, one_int
from scratchnet.ops.concat_split import stack
from scratchnet.ops.random_sample import FLOATS, full_range, normals, uniforms
from scratchnet.ops.random_seeds import BLOCKS
from scratchnet.ops.random_stateless import check_algorithm
from scratchnet.ops.random_stream import Stream

_CHUNK = 2**64
INTS = ("int32", "int64")


class Generator:
    """A stream of random numbers that keeps its own place (``tf.random.Generator``).

    The state is three 64-bit integers: the two halves of a counter, and a key.  Every call reads
    where the state points to and moves it on by 256 blocks for each number.  Threads may share a
    generator: no two calls read the same numbers, and which gets which is up to chance.

    Make one by `from_seed`, `from_state`, `from_key_counter` or `from_non_deterministic_state`.

    Args:
        copy_from: another generator, whose state is copied.
        state: the state, if there is none to copy.
        alg: ``"philox"``, or ``"auto_select"``, which is the same.

    Raises:
        ValueError: neither `copy_from` nor `state`; a `state` that is not three integers.

    >>> generator = Generator.from_seed(1)
    >>> generator.normal([2]).numpy()
    array([ 0.43842274, -0.53439844], dtype=float32)
    >>> generator.state.numpy()
    array([513,   0,   0])
    """

    def __init__(
        self, copy_from: Generator | None = None, state: TensorLike = None, alg: object = None
    ) -> None:
        if copy_from is not None:
            state, alg = copy_from.state, copy_from.algorithm
        if state is None:
            raise ValueError("Generator: `copy_from` or `state` must be given, received neither")
        self._algorithm = check_algorithm("Generator", "philox" if alg is None else alg)
        self._state = Variable(_state_of(state), trainable=False, name="StateVar", dtype="int64")

    @classmethod
    def from_state(cls, state: TensorLike, alg: object) -> Generator:
        """The generator with that `state`, three integers."""
        return cls(state=state, alg=alg)

    @classmethod
    def from_seed(cls, seed: TensorLike, alg: object = None) -> Generator:
        """The generator that begins where `seed`, an integer of any size, says."""
        return cls(state=create_rng_state(seed, "philox" if alg is None else alg), alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg: object = None) -> Generator:
        """A generator that nobody can foresee."""
        return cls(state=[secrets.randbits(64) - 2**63 for _ in range(3)], alg=alg)

    @classmethod
    def from_key_counter(cls, key: TensorLike, counter: TensorLike, alg: object) -> Generator:
        """The generator with that `key`, an integer, and `counter`, two integers."""
        return cls(state=_joined(key, counter), alg=alg)

    # -- state -------------------------------------------------------------------------------------

    @property
    def state(self) -> Variable:
        """The counter, lower half first, and the key: int64 [3]."""
        return self._state

    @property
    def algorithm(self) -> int:
        """The number of the algorithm: 1 is Philox."""
        return self._algorithm

    @property
    def key(self) -> Tensor:
        """The key, an int64 scalar."""
        return Tensor(np.asarray(self._state._data[2]))

    def reset(self, state: TensorLike) -> None:
        """Go to another state, three integers."""
        self._state.assign(_state_of(state))

    def reset_from_seed(self, seed: TensorLike) -> None:
        """Go to where `from_seed` begins."""
        self._state.assign(create_rng_state(seed, self._algorithm))

    def reset_from_key_counter(self, key: TensorLike, counter: TensorLike) -> None:
        """Go to where `from_key_counter` begins."""
        self._state.assign(_joined(key, counter))

    def skip(self, delta: int) -> Tensor:
        """Move on as a call that makes `delta` numbers does; returns the state before."""
        blocks = one_int("skip", "delta", delta) * BLOCKS
        with UPDATING.lock:
            before = self._state._data
            stream = self._stream().skip(blocks)
            after = _int64(stream.counter % _CHUNK, stream.counter // _CHUNK, stream.key)
            self._state.assign(after)
        return Tensor(before)

    def _stream(self) -> Stream:
        low, high, key = (int(part) % _CHUNK for part in self._state._data)
        return Stream(key, low + high * _CHUNK)

    def _take(self, n: int, dtypes: str) -> Stream:
        with UPDATING.lock:
            stream = self._stream()
            self.skip(n)
        return stream

    # -- numbers -----------------------------------------------------------------------------------

    def normal(
        self,
        shape: TensorLike,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: object = "float32",
    ) -> Tensor:
        """Normal numbers; arguments and errors are those of ``tf.random.normal``."""
        return normals("normal", Stream.normal, shape, mean, stddev, dtype, self._take)

    def truncated_normal(
        self,
        shape: TensorLike,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: object = "float32",
    ) -> Tensor:
        """Normal numbers within two `stddev` of `mean`; as ``tf.random.truncated_normal``."""
        draw = Stream.truncated_normal
        return normals("truncated_normal", draw, shape, mean, stddev, dtype, self._take)

    def uniform(
        self,
        shape: TensorLike,
        minval: TensorLike = 0,
        maxval: TensorLike = None,
        dtype: object = "float32",
    ) -> Tensor:
        """Numbers in [minval, maxval); both None for integers of all values of `dtype`.

        Arguments and errors are else those of ``tf.random.uniform``.
        """
        kind = dtype_named("uniform", dtype)
        if kind.kind not in "iu":
            top = 1 if maxval is None else maxval
            return uniforms("uniform", shape, minval, top, _accepted(kind, FLOATS), self._take)
        if (minval is None) != (maxval is None):
            raise ValueError(
                f"uniform: For integer dtype {kind.name}, minval and maxval must be both `None` or "
                f"both non-`None`; got minval={minval} and maxval={maxval}"
            )
        if minval is None:
            return self.uniform_full_int(shape, kind)
        return uniforms("uniform", shape, minval, maxval, _accepted(kind, INTS), self._take)

    def uniform_full_int(self, shape: TensorLike, dtype: object = "uint64") -> Tensor:
        """Integers of all values of `dtype`: int32, int64, uint32 or uint64."""
        kind = _accepted(dtype_named("uniform_full_int", dtype), (*INTS, "uint32", "uint64"))
        return full_range("uniform_full_int", shape, kind, self._take)

    # -- new generators ----------------------------------------------------------------------------

    def make_seeds(self, count: int = 1) -> Tensor:
        """`count` seeds for stateless ops, one per column: int64 [2, count]."""
        keys = self.uniform_full_int([one_int("make_seeds", "count", count)], "int64")
        return stack([keys, Tensor(np.zeros_like(keys._data))])

    def split(self, count: int = 1) -> list[Generator]:
        """`count` new generators, whose keys this one makes."""
        keys = self.uniform_full_int([one_int("split", "count", count)], "int64")._data
        return [Generator(state=_int64(0, 0, int(key)), alg=self._algorithm) for key in keys]


def create_rng_state(seed: TensorLike, alg: object) -> Tensor:
    """The state of a `Generator` that begins at `seed`: int64 [3].

    A Python integer is cut into chunks of 64 bits, lowest first; a tensor of up to three integers
    is put at the end, behind zeros.

    Reference: ``tf.random.create_rng_state``.

    >>> create_rng_state(-1, "philox").numpy(), create_rng_state([5], "philox").numpy()
    (array([-1, -1, -1]), array([0, 0, 5]))
    """
    check_algorithm("create_rng_state", alg)
    if isinstance(seed, int):
        return _int64(*(seed >> shift for shift in (0, 64, 128)))
    parts = integer("create_rng_state", "seed", seed)._data.ravel()[:3].astype(np.int64)
    return Tensor(np.concatenate([np.zeros(3 - parts.size, np.int64), parts]))


_global: Generator | None = None


def get_global_generator() -> Generator:
    """The generator that the whole program shares; nobody can foresee where it begins."""
    global _global
    if _global is None:
        _global = Generator.from_non_deterministic_state()
    return _global


def made_global_generator() -> Generator | None:
    """What `get_global_generator` has made; None before it was called."""
    return _global


def set_global_generator(generator: Generator) -> None:
    """Replace what `get_global_generator` returns."""
    global _global
    _global = generator


def _state_of(state: TensorLike) -> Tensor:
    x = integer("Generator", "state", state)
    if x._data.shape != (3,):
        raise ValueError(f"Generator: `state` must have shape [3], received {x._data.shape}")
    return Tensor(x._data.astype(np.int64))


def _joined(key: TensorLike, counter: TensorLike) -> Tensor:
    k, c = integer("Generator", "key", key)._data, integer("Generator", "counter", counter)._data
    if k.shape != () or c.shape != (2,):
        raise ValueError(
            "Generator: `key` must be an integer and `counter` two integers, received shapes "
            f"{k.shape} and {c.shape}"
        )
    return Tensor(np.append(c, k).astype(np.int64))


def _int64(*parts: int) -> Tensor:
    """The parts, modulo 2^64, as signed integers."""
    return Tensor(np.array([part % _CHUNK for part in parts], np.uint64).view(np.int64))


def _accepted(kind: np.dtype[Any], names: tuple[str, ...]) -> np.dtype[Any]:
    if kind.name not in names:
        raise InvalidArgumentError(
            f"Generator: `dtype` must be one of {names}, received dtype={kind.name}"
        )
    return kind
