"""Wrong VJPs that are met often, and what is to be said of them.

An answer that has made one of these mistakes is known by its numbers.  A `Factor` is a constant
that belongs to the exercise, a rate, a window, the batch size: in every case the gradient of one
argument is the right one times that constant.  A `Mistake` is a whole VJP: the answer returns what
it returns, in every case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from scratchnet.engine.dtypes import Array


class Call(NamedTuple):
    """What a VJP was called with: arguments of the forward pass by name, its result, options."""

    arrays: Mapping[str, Array]
    y: Array
    options: Mapping[str, Any]

    @property
    def batch(self) -> int:
        """N."""
        return len(next(iter(self.arrays.values())))

    @property
    def window(self) -> tuple[int, int]:
        """kh, kw: of a pooling, or of a filter k."""
        kh, kw = self.options.get("window") or self.arrays["k"].shape[:2]
        return int(kh), int(kw)

    @property
    def area(self) -> int:
        """How many pixels a window has."""
        kh, kw = self.window
        return kh * kw

    @property
    def pixels(self) -> int:
        """How many pixels the result has."""
        return int(self.y.shape[1] * self.y.shape[2])


class Factor(NamedTuple):
    """A constant factor that one gradient of a wrong answer has.

    Attributes:
        argument: whose gradient.
        sentence: what was forgotten, or done twice.
        of: what the right gradient is multiplied by; None in a case that does not tell.
    """

    argument: str
    sentence: str
    of: Callable[[Call], float | None]


class Mistake(NamedTuple):
    """A wrong VJP: ``vjp(g, **arrays, **options)``, its gradients in order, and what is wrong."""

    sentence: str
    vjp: Callable[..., tuple[Array, ...]]


# -- constant factors ------------------------------------------------------------------------------


def _kept(call: Call) -> float:
    return 1 - float(call.options["rate"])


DROPOUT = (
    Factor(
        "x",
        "1 / (1 - rate) is missing. What is kept is scaled up by it on the way forward, and so is "
        "its gradient",
        _kept,
    ),
    Factor(
        "x", "g is multiplied by 1 - rate, and should be divided by it", lambda c: _kept(c) ** 2
    ),
    Factor(
        "x",
        "g is divided by rate, the share that is dropped, and should be by 1 - rate, the share "
        "that is kept",
        lambda c: _kept(c) / (1 - _kept(c)),
    ),
    Factor(
        "x",
        "g is multiplied by rate, and should be divided by 1 - rate",
        lambda c: _kept(c) * (1 - _kept(c)),
    ),
    Factor("x", "g is divided by 1 - rate twice", lambda c: 1 / _kept(c)),
)

MAX_POOL = (
    Factor(
        "x",
        "g is divided by the window area. It goes to the largest pixel whole: only a mean divides",
        lambda c: 1 / c.area,
    ),
    Factor("x", "g is divided by the batch size N", lambda c: 1 / c.batch),
)


def _of_full_windows(value: Callable[[Call], float]) -> Callable[[Call], float | None]:
    """A factor of average pooling; at the border, where windows are cut off, it is another one."""

    def of(call: Call) -> float | None:
        _, h, w, _ = call.arrays["x"].shape
        (kh, kw), (sh, sw) = call.window, call.options["strides"]
        full = (h - kh) % sh == 0 and (w - kw) % sw == 0 and (kh, kw) == (sh, sw)
        return value(call) if full else None

    return of


AVG_POOL = (
    Factor(
        "x",
        "g is not divided by the window area. Each pixel has the share g / counts in the mean",
        _of_full_windows(lambda c: c.area),
    ),
    Factor(
        "x",
        "g is divided by kh only, and the window has kh kw pixels",
        _of_full_windows(lambda c: c.window[1]),
    ),
    Factor(
        "x",
        "g is divided by kw only, and the window has kh kw pixels",
        _of_full_windows(lambda c: c.window[0]),
    ),
    Factor("x", "g is divided by the window area twice", _of_full_windows(lambda c: 1 / c.area)),
)

_MEAN_IS_OF_THE_LOSS = (
    "Sum over the images: where there is a mean over them, it is in the loss, and in g"
)
CONV2D_INPUT = (
    Factor(
        "x", "it is divided by the batch size N. Each image has its own gx", lambda c: 1 / c.batch
    ),
    Factor("x", "it is divided by the window area: add, no mean", lambda c: 1 / c.area),
    Factor(
        "x",
        "it is divided by the number of output channels: add over them, no mean",
        lambda c: 1 / c.y.shape[-1],
    ),
)
CONV2D_FILTER = (
    Factor(
        "k", f"it is divided by the batch size N. {_MEAN_IS_OF_THE_LOSS}", lambda c: 1 / c.batch
    ),
    Factor(
        "k",
        "it is divided by the number of pixels of the result. A filter is used at all of them, and "
        "gets the sum of what flows back from each",
        lambda c: 1 / c.pixels,
    ),
    Factor(
        "k",
        "it is divided by the batch size times the pixels of the result: it is their sum, no mean",
        lambda c: 1 / (c.batch * c.pixels),
    ),
)


def _averaged(name: str, over: str, count: Callable[[Call], int]) -> Factor:
    return Factor(
        name,
        f"the mean over {over} is taken, and should be the sum: {name} is used by all of them",
        lambda c: 1 / count(c),
    )


BIAS_ADD = (
    _averaged("b", "N, H and W", lambda c: c.batch * c.pixels),
    _averaged("b", "the batch", lambda c: c.batch),
    _averaged("b", "the pixels", lambda c: c.pixels),
)
MATMUL = (
    _averaged("b", "the rows of a, the batch,", lambda c: c.batch),
    Factor("b", "it is added twice", lambda c: 2.0),
    Factor("a", "it is added twice", lambda c: 2.0),
)
BATCH_NORMALIZATION_FACTORS = (
    _averaged("gamma", "the batch", lambda c: c.batch),
    _averaged("beta", "the batch", lambda c: c.batch),
)
LSTM_FACTORS = (_averaged("b", "the batch", lambda c: c.batch),)


def _classes(call: Call) -> int:
    return int(call.arrays["x"].shape[1])


CROSS_ENTROPY = (
    Factor(
        "x",
        "1 / N is missing. The loss is the mean over the N samples of the batch: divide by N",
        lambda c: c.batch,
    ),
    Factor("x", "it is divided by N twice", lambda c: 1 / c.batch),
    Factor(
        "x",
        "it is divided by N K, the number of all logits. The mean is over the N samples of the "
        "batch only",
        lambda c: 1 / _classes(c),
    ),
    Factor(
        "x",
        "it is divided by the number of classes. The mean is over the N samples of the batch",
        lambda c: c.batch / _classes(c),
    ),
)
EMBEDDING = (
    Factor("table", "each g is added twice", lambda c: 2.0),
    Factor("table", "it is divided by the number of ids: add, no mean", lambda c: 1 / len(c.y)),
)

# -- whole VJPs ------------------------------------------------------------------------------------


def _sums_for_means(
    g: Array, x: Array, gamma: Array, beta: Array, epsilon: float
) -> tuple[Array, ...]:
    s = np.sqrt(x.var(0) + epsilon)
    z, gz = (x - x.mean(0)) / s, g * gamma
    return (gz - gz.sum(0) - z * (gz * z).sum(0)) / s, (g * z).sum(0), g.sum(0)


BATCH_NORMALIZATION = (
    Mistake(
        "gx has the sums of gz and gz z over the batch, and should have their means: the mean and "
        "the variance are means over N samples, so each x has the share 1 / N in them",
        _sums_for_means,
    ),
)


def _lstm(how: str) -> Callable[..., tuple[Array, ...]]:
    """The VJP of an LSTM cell with one mistake."""

    def vjp(
        g: Array, x: Array, h: Array, c: Array, w: Array, u: Array, b: Array
    ) -> tuple[Array, ...]:
        i, f, candidate, o = np.split(x @ w + h @ u + b, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
        candidate = np.tanh(candidate)
        t, (gh, gc) = np.tanh(f * c + i * candidate), np.split(g, 2, axis=1)
        through_h = gh * o * (1 if how == "tanh of c'" else 1 - t * t)
        through_h = through_h / o if how == "output gate" else through_h
        if how != "through h'":
            gc = through_h if how == "by itself" else gc + through_h
        slopes = {"i": i * (1 - i), "f": f * (1 - f), "o": o * (1 - o), "c̃": 1 - candidate**2}
        if how in slopes:
            slopes[how] = np.ones_like(i)
        parts = (
            gc * candidate * slopes["i"],
            gc * c * slopes["f"],
            gc * i * slopes["c̃"],
            gh * t * slopes["o"],
        )
        ga = np.concatenate(parts, axis=1)
        return ga @ w.T, ga @ u.T, gc * f, x.T @ ga, h.T @ ga, ga.sum(0)

    return vjp


_ALL = "all but the output gate's part of ga, and with it gx, gh, gc, gw, gu and gb,"
LSTM = (
    Mistake(
        f"the path through h' is missing: h' = σ(o) tanh(c') depends on c', so {_ALL} get what "
        "flows back that way, too: gc* = gc' + gh' σ(o) (1 - tanh² c'), and here it is gc' alone",
        _lstm("through h'"),
    ),
    Mistake(
        f"the cotangent gc' of c' itself is missing: c' is a result of its own, so {_ALL} get "
        "gc* = gc' + gh' σ(o) (1 - tanh² c'), and here it is the second term alone",
        _lstm("by itself"),
    ),
    Mistake(
        "in gx and the others the derivative of tanh(c') is missing on the path through h': "
        "gc* = gc' + gh' σ(o) (1 - tanh² c')",
        _lstm("tanh of c'"),
    ),
    Mistake(
        "in gx and the others the output gate σ(o) is missing on the path through h': "
        "gc* = gc' + gh' σ(o) (1 - tanh² c')",
        _lstm("output gate"),
    ),
    *(
        Mistake(
            f"in gx and the others the derivative of σ({gate}) is missing: that gate's part of ga "
            f"is multiplied by σ({gate}) (1 - σ({gate}))",
            _lstm(gate),
        )
        for gate in "ifo"
    ),
    Mistake(
        "in gx and the others the derivative of tanh(c̃) is missing: that part of ga is multiplied "
        "by 1 - tanh² c̃",
        _lstm("c̃"),
    ),
)
