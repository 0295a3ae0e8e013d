"""Random numbers by Keras's names: functions of a seed, and `SeedGenerator`, a seed that counts.

`seed` is everywhere an integer, with which equal calls give equal numbers; a `SeedGenerator`, which
gives each call a new seed; or None, for the generator that the whole program shares.

Seeds that nobody gave are drawn from Python's own `random` module, as Keras draws them: a program
that uses it, too, stays in step.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.base_variable import UPDATING
from scratchnet.engine.dtypes import as_dtype
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.config import standardize_dtype
from scratchnet.keras.naming import auto_name, check_name, name_scope
from scratchnet.keras.variable import Variable
from scratchnet.ops import random_generator, random_seeds
from scratchnet.ops.arguments import one_axis, tensor
from scratchnet.ops.describing import is_describing
from scratchnet.ops.random import set_seed, stateless_categorical
from scratchnet.unsupported import listed, missing

__all__ = [
    "SeedGenerator",
    "categorical",
    "dropout",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]


# The stateless ops get each part of a seed modulo this.
_SEED_MODULUS = 2**31 - 2
_COUNT = np.array([0, 1])
if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.random")
    __dir__ = listed(__name__)


class SeedGenerator:
    """A seed that counts (``keras.random.SeedGenerator``).

        state = [seed, 0]      then [seed, 1], [seed, 2], …

    Args:
        seed: an integer; drawn from Python's `random` if not given.
        name: automatic if not given.

    Raises:
        ValueError: `seed` is not an integer; a name that is no string, or with ``/``.

    >>> generator = SeedGenerator(7)
    >>> generator.next().numpy(), generator.next().numpy()
    (array([7, 0]), array([7, 1]))
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        self.name = check_name("SeedGenerator", name or auto_name(type(self).__name__))
        self._initial_seed = seed
        first = make_default_seed() if seed is None else seed
        if not isinstance(first, int):
            raise ValueError(f"Argument `seed` must be an integer. Received: seed={seed}")
        with name_scope(self.name, self):
            self.state = Variable(
                [first, 0], dtype="int64", trainable=False, name="seed_generator_state"
            )

    def next(self, ordered: bool = True) -> Tensor:
        """The state, which then counts on.

        Args:
            ordered: add 1 to the second part; otherwise both become ``(v + 1) 5387 mod 933199``.

        Returns:
            int64 [2].
        """
        with UPDATING.lock:  # threads that share it get different seeds
            seed = self.state._data
            if is_describing():
                return Tensor(seed)
            self.state.assign(Tensor(seed + _COUNT if ordered else (seed + 1) * 5387 % 933199))
        return Tensor(seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this generator again, from its beginning."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """A generator with the arguments that `get_config` returned."""
        return cls(**config)


Seed = int | SeedGenerator | None


# -- where seeds come from ------------------------------------------------------------------------

_global: SeedGenerator | None = None


def set_random_seed(seed: int) -> None:
    """Begin all random numbers again: Python's, NumPy's and this library's.

    Args:
        seed: an integer in [0, 2^32).

    Raises:
        ValueError: `seed` is not an integer, or out of range.

    Reference: ``keras.utils.set_random_seed``.

    >>> set_random_seed(42)
    >>> make_default_seed()
    686579304
    """
    if not isinstance(seed, int):
        raise ValueError(
            "Expected `seed` argument to be an integer. "
            f"Received: seed={seed} (of type {type(seed)})"
        )
    if not 0 <= seed < 2**32:
        rule = "must be in [0, 2**32): Seed must be between 0 and 2**32 - 1"
        raise ValueError(say("set_random_seed", "seed", rule, seed))
    np.random.seed(seed)
    random.seed(seed)
    set_seed(seed)
    forget_global_seed_generator()


def snapshot() -> Callable[[], None]:
    """A function that puts all that `set_random_seed` sets back to where it is now.

    `tf.random`'s global generator with it; generators that a program made itself are not known.

    >>> set_random_seed(42)
    >>> rewind = snapshot()
    >>> first = make_default_seed()
    >>> rewind()
    >>> make_default_seed() == first
    True
    """
    python, numpy, seeds = random.getstate(), np.random.get_state(), random_seeds.snapshot()
    shared = _global
    states = [g.state for g in (shared, random_generator.made_global_generator()) if g is not None]
    values = [state._data for state in states]

    def rewind() -> None:
        global _global
        random.setstate(python)
        np.random.set_state(numpy)
        seeds()
        _global = shared
        for state, value in zip(states, values, strict=True):
            state._data = value

    return rewind


def make_default_seed() -> int:
    """A seed for what was given none: ``random.randint(1, 10**9)``."""
    return random.randint(1, 1_000_000_000)


def global_seed_generator() -> SeedGenerator:
    """The generator of all calls with ``seed=None``; its own seed is drawn at the first of them."""
    global _global
    if _global is None:
        _global = SeedGenerator()
    return _global


def forget_global_seed_generator() -> None:
    """Let the next call with ``seed=None`` make a new generator, as after `clear_session`."""
    global _global
    _global = None


def draw_seed(seed: Seed) -> Tensor:
    """The two integers that `seed` stands for in this call: int64 [2].

    Raises:
        ValueError: `seed` is neither an integer nor a `SeedGenerator` nor None.
    """
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if isinstance(seed, int):
        return convert([seed, 0], "int64")
    if seed is None:
        return global_seed_generator().next(ordered=False)
    raise ValueError(
        "Argument `seed` must be either an integer or an instance of `SeedGenerator`. "
        f"Received: seed={seed} (of type {type(seed)})"
    )


def _stateless_seed(seed: Seed) -> Tensor:
    return Tensor(draw_seed(seed)._data % _SEED_MODULUS)


# -- numbers --------------------------------------------------------------------------------------


def normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: object = None, seed: Seed = None
) -> Tensor:
    """Normal numbers, ``z stddev + mean``.

    Args:
        shape: the shape.
        mean, stddev: numbers.
        dtype: a floating dtype; `config.floatx` if not given.
        seed: see above.

    Raises:
        ValueError, TypeError: `seed` is none; a `dtype` that is not floating.

    Reference: ``keras.random.normal``.

    >>> normal((3,), seed=1).numpy()
    array([ 0.1266503 , -0.49301657,  0.6311907 ], dtype=float32)
    """
    kind = standardize_dtype(dtype)
    return ops.stateless_normal(shape, _stateless_seed(seed), mean, stddev, kind)


def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: object = None, seed: Seed = None
) -> Tensor:
    """Normal numbers within two `stddev` of `mean`: those beyond are drawn again.

    Args, Raises: as `normal`.  Reference: ``keras.random.truncated_normal``.
    """
    kind = standardize_dtype(dtype)
    return ops.stateless_truncated_normal(shape, _stateless_seed(seed), mean, stddev, kind)


def uniform(
    shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: object = None, seed: Seed = None
) -> Tensor:
    """Numbers in [minval, maxval): ``u (maxval - minval) + minval``.

    Args:
        shape: the shape.
        minval, maxval: numbers.  Python's are rounded to float32 first, for every `dtype`.
        dtype: a floating dtype; `config.floatx` if not given.
        seed: see above.

    Raises:
        ValueError: `seed` is none; a `dtype` that is not floating.

    Reference: ``keras.random.uniform``.

    >>> uniform((3,), -1, 1, seed=1).numpy()
    array([ 0.75697637, -0.0800395 ,  0.2005825 ], dtype=float32)
    """
    kind = standardize_dtype(dtype)
    if as_dtype(kind).numpy.kind != "f":
        raise ValueError(
            f"`keras.random.uniform` requires a floating point `dtype`. Received: dtype={dtype} "
        )
    low, high = (
        ops.cast(tensor("uniform", name, bound), kind)
        for name, bound in (("minval", minval), ("maxval", maxval))
    )
    return ops.stateless_uniform(shape, _stateless_seed(seed), low, high, kind)


def randint(
    shape: Any, minval: Any, maxval: Any, dtype: object = "int32", seed: Seed = None
) -> Tensor:
    """Integers in [minval, maxval).

    Args:
        shape: the shape.
        minval, maxval: integers.
        dtype: an integer dtype.
        seed: see above.

    Raises:
        ValueError: `seed` is none; a `dtype` that is no integer's.
        InvalidArgumentError: an empty range.

    Reference: ``keras.random.randint``.

    >>> randint((3,), 0, 10, seed=1).numpy()
    array([9, 4, 0], dtype=int32)
    """
    kind = standardize_dtype(dtype)
    if as_dtype(kind).numpy.kind not in "iu":
        raise ValueError(
            f"`keras.random.randint` requires an integer `dtype`. Received: dtype={dtype} "
        )
    drawn = kind if kind in ("int32", "int64") else "int64"
    numbers = ops.stateless_uniform(shape, _stateless_seed(seed), minval, maxval, drawn)
    return ops.cast(numbers, kind)


def categorical(
    logits: TensorLike, num_samples: int, dtype: object = "int32", seed: Seed = None
) -> Tensor:
    """Classes, each drawn with its probability ``softmax(logits)``.

    Args:
        logits: (N, C), floating.
        num_samples: how many to draw for each row.
        dtype: of the result.
        seed: see above.

    Returns:
        (N, num_samples).

    Raises:
        ValueError: `seed` is none; `logits` are no matrix.
        InvalidArgumentError: (also a TypeError) `logits` are not floating; `num_samples` is
            negative.

    Reference: ``keras.random.categorical``.

    >>> categorical([[0.0, 1.0, 2.0]], 5, seed=1).numpy()
    array([[0, 2, 0, 2, 2]], dtype=int32)
    """
    x = tensor("categorical", "logits", logits)
    if x._data.ndim != 2:
        rule = "`logits` should be a 2-D tensor with shape [batch_size, num_classes]"
        raise ValueError(f"categorical: {rule}. Received: logits={logits}")
    return ops.cast(stateless_categorical(x, num_samples, _stateless_seed(seed)), dtype)


def shuffle(x: TensorLike, axis: int = 0, seed: Seed = None) -> Tensor:
    """`x` with its parts along `axis` in random order.

    Raises:
        ValueError: `seed` is none.
        InvalidArgumentError: `x` has no such axis.

    Reference: ``keras.random.shuffle``.

    >>> shuffle([1, 2, 3], seed=1).numpy()
    array([2, 3, 1], dtype=int32)
    """
    found = tensor("shuffle", "x", x)
    along = one_axis("shuffle", "axis", axis, found.ndim)
    u = ops.stateless_uniform([found._data.shape[along]], _stateless_seed(seed))
    order = np.argsort(u._data, kind="stable").astype(np.int32)  # ties occur: u has 23 bits
    return ops.gather(found, Tensor(order), axis=along)


def dropout(inputs: TensorLike, rate: float, noise_shape: Any = None, seed: Seed = None) -> Tensor:
    """``y = x / (1 - rate)`` where a uniform number is at least `rate`, else 0.

    Args:
        inputs: floating.
        rate: the share to drop, in [0, 1]; 0 and 1 take no seed.
        noise_shape: the shape of the mask, broadcast to that of `inputs`, which None entries are
            taken from.
        seed: see above.

    Raises:
        ValueError: `rate` out of range, `inputs` not floating, `seed` is none.

    Reference: ``keras.random.dropout``.

    >>> dropout([1.0, 2.0], 0.5, seed=1).numpy()
    array([2., 0.], dtype=float32)
    """
    x = tensor("dropout", "inputs", inputs)
    if not isinstance(rate, list | tuple | dict) and np.ndim(rate) == 0 and rate in (0, 1):
        return ops.zeros_like(x) if rate else x
    if x._data.dtype.kind != "f":
        raise ValueError(
            "`x.dtype` must be a floating point tensor as `x` will be scaled. "
            f"Received: x_dtype={x.dtype}"
        )
    return ops.stateless_dropout(x, rate, _stateless_seed(seed), noise_shape)
