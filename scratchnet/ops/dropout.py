"""Dropout: values dropped at random, the rest scaled up so that the mean stays.

The random part (which to keep) and the differentiable part (dropping the others) are kept apart:
`drop` takes the mask as an argument, so it can be checked, repeated and differentiated.

Raises, all of them: ValueError for `x` that is not floating, and for a `rate` outside [0, 1), nan
too (which TensorFlow lets pass).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid, say
from scratchnet.engine.op import NoGradient, Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.kernels import elementwise as kernels
from scratchnet.kernels.buffer_pool import empty, empty_like
from scratchnet.kernels.elementwise import are_large
from scratchnet.ops import arguments
from scratchnet.ops.arguments import boolean, brackets, ints, tensor
from scratchnet.ops.creation import cast, stop_gradient
from scratchnet.ops.random import next_op_seed_uniform_array, uniform_array


def drop(x: TensorLike, keep: TensorLike, rate: float) -> Tensor:
    """``y = x / (1 - rate)`` where `keep` holds, else 0.  VJP: ``gx = drop(g, keep, rate)``.

    Args:
        x: floating, any shape.
        keep: bool, broadcast to the shape of `x`.
        rate: in [0, 1).  The kept values are multiplied by ``1 / (1 - rate)``, rounded to their
            dtype.

    Raises:
        InvalidArgumentError: `keep` not bool or of another shape.
        ValueError: as all here.

    Reference: what ``tf.nn.dropout`` does once it has its mask.

    >>> drop([1.0, 2.0], [True, False], 0.5).numpy()
    array([2., 0.], dtype=float32)
    """
    t, mask = _to_scale("drop", x), boolean("drop", "keep", keep)
    if mask._data.shape != t._data.shape:
        try:
            mask = Tensor(np.broadcast_to(mask._data, t._data.shape))
        except ValueError:
            said = f"{brackets(t._data.shape)} vs. {brackets(mask._data.shape)}"
            raise InvalidArgumentError(f"drop: `keep`: Incompatible shapes: {said}") from None
    return apply(DROP, t, mask, rate=_rate("drop", rate))


def _to_scale(where: str, x: TensorLike) -> Tensor:
    """`x`, known to be floating."""
    t = tensor(where, "x", x)
    if t._data.dtype.kind != "f":
        raise ValueError(
            f"{where}: `x.dtype` must be a floating point tensor as `x` will be scaled, received "
            f"dtype {t.dtype.name}"
        )
    return t


def _rate(where: str, rate: Any) -> float:
    number = isinstance(rate, int | float | np.number) and not isinstance(rate, bool)
    if isinstance(rate, Tensor) and not rate._data.ndim:
        rate, number = float(rate), True
    if not number or not 0 <= rate < 1:
        raise ValueError(say(where, "rate", "must be a number in [0, 1)", rate))
    return float(rate)


def _drop(x: Array, keep: Array, rate: float) -> tuple[Array, None]:
    if are_large(x, keep):
        y = empty_like(x)
        kernels.drop(x.ravel(), keep.ravel(), x.dtype.type(1 / (1 - rate)), y.ravel())
        return y, None
    return np.where(keep, x * x.dtype.type(1 / (1 - rate)), x.dtype.type(0)), None


def _drop_gx(g: Tensor, record: Record) -> Tensor:
    return apply(DROP, g, record.inputs[1], rate=record.attrs["rate"])


DROP = register(Op("drop", drop, _drop, vjps=(_drop_gx, NoGradient("a mask is true or false"))))


def dropout(
    x: TensorLike, rate: float, noise_shape: TensorLike = None, seed: int | None = None
) -> Tensor:
    """`drop` with a fresh mask: kept where a uniform number is at least `rate`.

    Args:
        x: floating, any shape.
        rate: the share to drop, in [0, 1).  Of a tensor there is a gradient, through the scale.
        noise_shape: the shape of the mask, which is broadcast to that of `x`; an entry of None is
            the size of `x` there.  None: the shape of `x`.
        seed: with `set_seed`, makes the mask repeatable.

    Raises:
        ValueError: as all here.
        InvalidArgumentError: a `noise_shape` that does not broadcast.
        TypeError: a `seed` that is no integer.

    Reference: ``tf.nn.dropout``; Srivastava et al. 2014, jmlr.org/papers/v15/srivastava14a.html.

    >>> dropout([1.0, 2.0], rate=0.0).numpy()
    array([1., 2.], dtype=float32)
    """
    t, share = _to_scale("dropout", x), _rate("dropout", rate)
    if share == 0:
        return t
    shape = _noise_shape("dropout", noise_shape, t)
    u = next_op_seed_uniform_array(shape, t._data.dtype, seed)
    return _by_rate(drop(t, Tensor(_kept(u, share)), share), rate)


def stateless_dropout(
    x: TensorLike, rate: float, seed: TensorLike, noise_shape: TensorLike = None
) -> Tensor:
    """`dropout` whose mask is a function of `seed`, two integers: the same call, the same mask.

    Args, Raises: as `dropout`.  Reference: ``tf.nn.experimental.stateless_dropout``.

    >>> stateless_dropout([1.0, 2.0, 3.0, 4.0], 0.5, seed=(1, 2)).numpy()
    array([2., 0., 6., 0.], dtype=float32)
    """
    t, share = _to_scale("stateless_dropout", x), _rate("stateless_dropout", rate)
    pair = ints("stateless_dropout", "seed", seed)
    if len(pair) != 2:
        raise invalid("stateless_dropout", "seed", "must have shape [2]", pair)
    if share == 0:
        return t
    u = uniform_array(
        _noise_shape("stateless_dropout", noise_shape, t), (pair[0], pair[1]), t._data.dtype
    )
    return _by_rate(drop(t, Tensor(_kept(u, share)), share), rate)


def _by_rate(y: Tensor, rate: Any) -> Tensor:
    """`y` with the gradient of a `rate` that is a tensor: ``y = x / (1 - rate)`` where kept."""
    if not isinstance(rate, Tensor):
        return y
    left = 1 - cast(rate, y.dtype)
    return y * (stop_gradient(left) / left)  # by 1, whose derivative is 1 / (1 - rate)


def _kept(u: Array, rate: float) -> Array:
    """Where uniform numbers say to keep."""
    if not are_large(u):
        return np.asarray(u >= u.dtype.type(rate))
    keep = empty(u.shape, np.dtype(bool))
    kernels.at_least(u.ravel(), u.dtype.type(rate), keep.ravel())
    return keep


def _noise_shape(where: str, noise_shape: TensorLike, x: Tensor) -> tuple[int, ...]:
    """The shape of the mask: that of `x`, or `noise_shape` with its None entries taken from `x`."""
    sizes = x._data.shape
    if noise_shape is None:
        return sizes
    if isinstance(noise_shape, list | tuple) and len(noise_shape) == len(sizes):
        noise_shape = [n if m is None else m for n, m in zip(sizes, noise_shape, strict=True)]
    wanted = arguments.sizes(where, "noise_shape", noise_shape)
    ends = zip(reversed(sizes), reversed(wanted), strict=False)
    if len(wanted) > len(sizes) or any(m not in (1, n) for n, m in ends):
        raise InvalidArgumentError(
            f"{where}: `noise_shape` must broadcast to the shape of `x`: Incompatible shapes: "
            f"{brackets(sizes)} vs. {brackets(wanted)}"
        )
    return wanted


register(Op("dropout", dropout))
register(Op("stateless_dropout", stateless_dropout))
