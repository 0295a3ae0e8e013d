"""Ops written out in NumPy, as a student would, with their VJPs, and wrong variants of these.

`SOUND` has a forward pass and a right VJP for each; `PLANTED` has wrong ones, each with the
argument and the cause that a check must name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray
Draw = Callable[[np.random.Generator], tuple[Any, ...]]


@dataclass(frozen=True)
class Sound:
    """A forward pass, its VJP, and where to check them."""

    forward: Callable[..., Any]
    vjp: Callable[..., Any]
    arrays: Draw


@dataclass(frozen=True)
class Planted(Sound):
    """A wrong VJP: which argument it is wrong for, and what must be said."""

    argument: str
    cause: str


# -- convolution -----------------------------------------------------------------------------------


class Conv2D:
    """Correlation of NHWC images with an HWIO filter; subclasses make one mistake each."""

    def __init__(self, stride=1, pad=0, dilation=1):
        self.s, self.p, self.d = stride, pad, dilation

    def size(self, n, k):
        return (n + 2 * self.p - self.d * (k - 1) - 1) // self.s + 1

    def padded(self, x):
        return np.pad(x, ((0, 0), (self.p, self.p), (self.p, self.p), (0, 0)))

    def window(self, x, a, b, oh, ow):
        """What tap (a, b) of the filter sees."""
        s, d = self.s, self.d
        return x[:, a * d : a * d + s * oh : s, b * d : b * d + s * ow : s, :][:, :oh, :ow]

    def forward(self, x, k):
        kh, kw = k.shape[:2]
        oh, ow = self.size(x.shape[1], kh), self.size(x.shape[2], kw)
        x = self.padded(x)
        y = np.zeros((x.shape[0], oh, ow, k.shape[3]), np.result_type(x, k))
        for a in range(kh):
            for b in range(kw):
                y += self.window(x, a, b, oh, ow) @ k[a, b]
        return y

    def gx(self, g, x, k):
        kh, kw = k.shape[:2]
        gx = np.zeros_like(self.padded(x))
        for a in range(kh):
            for b in range(kw):
                self.scatter(gx, g @ k[a, b].T, a, b)
        return self.cropped(gx, x)

    def scatter(self, gx, part, a, b):
        s, d, (oh, ow) = self.s, self.d, part.shape[1:3]
        gx[:, a * d : a * d + s * (oh - 1) + 1 : s, b * d : b * d + s * (ow - 1) + 1 : s] += part

    def cropped(self, gx, x):
        return gx[:, self.p : self.p + x.shape[1], self.p : self.p + x.shape[2]]

    def gk(self, g, x, k):
        gk = np.zeros_like(k)
        x = self.padded(x)
        for a in range(k.shape[0]):
            for b in range(k.shape[1]):
                window = self.window_back(x, a, b, *g.shape[1:3])
                gk[a, b] = np.einsum("nhwc,nhwo->co", window, g)
        return gk

    def window_back(self, x, a, b, oh, ow):
        return self.window(x, a, b, oh, ow)

    def vjp(self, g, x, k):
        return self.gx(g, x, k), self.gk(g, x, k)


class FlippedFilterGradient(Conv2D):
    def gk(self, g, x, k):
        return super().gk(g, x, k)[::-1, ::-1]


class RowsFlipped(Conv2D):
    def gk(self, g, x, k):
        return super().gk(g, x, k)[::-1]


class CorrelatesBack(Conv2D):
    def gx(self, g, x, k):
        return super().gx(g, x, k[::-1, ::-1])


class ChannelsNotExchanged(Conv2D):
    def scatter(self, gx, part, a, b):
        super().scatter(gx, part, a, b)

    def gx(self, g, x, k):
        return super().gx(g, x, k.transpose(0, 1, 3, 2))


class FilterTransposed(Conv2D):
    def gk(self, g, x, k):
        return super().gk(g, x, k).transpose(1, 0, 2, 3)


class FilterChannelsTransposed(Conv2D):
    def gk(self, g, x, k):
        return super().gk(g, x, k).transpose(0, 1, 3, 2)


class StrideIgnoredInFilter(Conv2D):
    def window_back(self, x, a, b, oh, ow):
        return x[:, a : a + oh, b : b + ow]


class StrideIgnoredInImage(Conv2D):
    def scatter(self, gx, part, a, b):
        oh, ow = part.shape[1:3]
        gx[:, a : a + oh, b : b + ow] += part


class DilationIgnoredInFilter(Conv2D):
    def window_back(self, x, a, b, oh, ow):
        s = self.s
        return x[:, a : a + s * oh : s, b : b + s * ow : s][:, :oh, :ow]


class DilationIgnoredInImage(Conv2D):
    def scatter(self, gx, part, a, b):
        s, (oh, ow) = self.s, part.shape[1:3]
        gx[:, a : a + s * (oh - 1) + 1 : s, b : b + s * (ow - 1) + 1 : s] += part


class CroppedAtTheEnd(Conv2D):
    def cropped(self, gx, x):
        return gx[:, : x.shape[1], : x.shape[2]]


class NotCropped(Conv2D):
    def cropped(self, gx, x):
        return gx


class PaddedAtTheEnd(Conv2D):
    def gk(self, g, x, k):
        other = Conv2D(self.s, 0, self.d)
        n = 2 * self.p
        return other.gk(g, np.pad(x, ((0, 0), (0, n), (0, n), (0, 0))), k)


class Overwrites(Conv2D):
    def scatter(self, gx, part, a, b):
        s, d, (oh, ow) = self.s, self.d, part.shape[1:3]
        gx[:, a * d : a * d + s * (oh - 1) + 1 : s, b * d : b * d + s * (ow - 1) + 1 : s] = part


class LastRowForgotten(Conv2D):
    def gx(self, g, x, k):
        g = g.copy()
        g[:, -1] = 0
        return super().gx(g, x, k)


class FirstImageOnly(Conv2D):
    def gk(self, g, x, k):
        return super().gk(g[:1], x[:1], k)


class MeanOverTheBatch(Conv2D):
    def gk(self, g, x, k):
        return super().gk(g, x, k) / len(x)


class Ones(Conv2D):
    def gk(self, g, x, k):
        return super().gk(np.ones_like(g), x, k)


class MeanOfTheCotangent(Conv2D):
    def gx(self, g, x, k):
        return super().gx(np.full_like(g, g.mean()), x, k)


class PadsInPlace(Conv2D):
    def gx(self, g, x, k):
        gx = super().gx(g, x, k)
        x[:, 0] = 0
        return gx


class OtherOrderInMemory(Conv2D):
    def gk(self, g, x, k):
        kh, kw, C, O = k.shape
        return super().gk(g, x, k).reshape(C, kh, kw, O).transpose(1, 2, 0, 3)


class Float32Buffer(Conv2D):
    def gk(self, g, x, k):
        return super().gk(g, x, k).astype(np.float32)


# -- pooling ---------------------------------------------------------------------------------------


class Pool2D:
    """Windows of `k` by `k` in steps of `s`; `pad` rows and columns on both sides do not count."""

    def __init__(self, k=2, s=2, pad=0):
        self.k, self.s, self.p = k, s, pad

    def places(self, x):
        """(output index, slices in x) of every window."""
        _, H, W, _ = x.shape
        oh = (H + 2 * self.p - self.k) // self.s + 1
        ow = (W + 2 * self.p - self.k) // self.s + 1
        for i in range(oh):
            for j in range(ow):
                top, left = i * self.s - self.p, j * self.s - self.p
                yield (
                    (i, j),
                    (
                        slice(max(0, top), min(H, top + self.k)),
                        slice(max(0, left), min(W, left + self.k)),
                    ),
                )

    def output(self, x):
        (i, j), _ = list(self.places(x))[-1]
        return np.zeros((x.shape[0], i + 1, j + 1, x.shape[3]), x.dtype)


class MaxPool(Pool2D):
    def forward(self, x):
        y = self.output(x)
        for (i, j), (rows, columns) in self.places(x):
            y[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
        return y

    def chosen(self, window):
        """1 at the first largest element of each window, 0 elsewhere."""
        N, h, w, C = window.shape
        first = window.transpose(0, 3, 1, 2).reshape(N, C, h * w).argmax(axis=2)
        return np.eye(h * w, dtype=window.dtype)[first].transpose(0, 2, 1).reshape(N, h, w, C)

    def vjp(self, g, x):
        gx = np.zeros_like(x)
        for (i, j), (rows, columns) in self.places(x):
            gx[:, rows, columns] += self.chosen(x[:, rows, columns]) * g[:, i : i + 1, j : j + 1]
        return gx


class AllRewarded(MaxPool):
    def chosen(self, window):
        return (window == window.max(axis=(1, 2), keepdims=True)).astype(window.dtype)


class Split(AllRewarded):
    def chosen(self, window):
        all_of_them = super().chosen(window)
        return all_of_them / all_of_them.sum(axis=(1, 2), keepdims=True)


class EverybodyInTheWindow(MaxPool):
    def chosen(self, window):
        return np.ones_like(window)


class TheSmallest(MaxPool):
    def chosen(self, window):
        return super().chosen(-window)


class RowsForColumns(MaxPool):
    def chosen(self, window):
        return super().chosen(window).transpose(0, 2, 1, 3)


class WindowTurnedRound(MaxPool):
    def chosen(self, window):
        return super().chosen(window)[:, ::-1, ::-1]


class PoolStrideIgnored(MaxPool):
    def vjp(self, g, x):
        gx = np.zeros_like(x)
        for (i, j), (rows, columns) in self.places(x):
            chosen = self.chosen(x[:, rows, columns]) * g[:, i : i + 1, j : j + 1]
            gx[:, i : i + self.k, j : j + self.k] += chosen
        return gx


class MaxPoolOverwrites(MaxPool):
    def vjp(self, g, x):
        gx = np.zeros_like(x)
        for (i, j), (rows, columns) in self.places(x):
            chosen = self.chosen(x[:, rows, columns])
            part = gx[:, rows, columns]
            part[chosen > 0] = (chosen * g[:, i : i + 1, j : j + 1])[chosen > 0]
        return gx


class AvgPool(Pool2D):
    def forward(self, x):
        y = self.output(x)
        for (i, j), (rows, columns) in self.places(x):
            y[:, i, j] = x[:, rows, columns].mean(axis=(1, 2))
        return y

    def share(self, window):
        return 1 / (window.shape[1] * window.shape[2])

    def vjp(self, g, x):
        gx = np.zeros_like(x)
        for (i, j), (rows, columns) in self.places(x):
            gx[:, rows, columns] += self.share(x[:, rows, columns]) * g[:, i : i + 1, j : j + 1]
        return gx


class NotDivided(AvgPool):
    def share(self, window):
        return 1.0


class FullWindow(AvgPool):
    def share(self, window):
        return 1 / self.k**2


class Repeated(AvgPool):
    """Each cotangent is repeated `k` times, where windows lie `s` apart."""

    def vjp(self, g, x):
        wide = np.repeat(np.repeat(g / self.k**2, self.k, axis=1), self.k, axis=2)
        gx = np.zeros_like(x)
        part = wide[:, : x.shape[1], : x.shape[2]]
        gx[:, : part.shape[1], : part.shape[2]] = part
        return gx


# -- normalization ---------------------------------------------------------------------------------


class Normalization:
    """Batch normalization over `axes`, layer normalization over the last one."""

    def __init__(self, axes=(0,), eps=1e-3):
        self.axes, self.eps = axes, eps

    def parts(self, x):
        mean = x.mean(axis=self.axes, keepdims=True)
        std = np.sqrt(x.var(axis=self.axes, keepdims=True) + self.eps)
        return (x - mean) / std, std

    def forward(self, x, gamma, beta):
        return self.parts(x)[0] * gamma + beta

    def mean(self, x):
        return x.mean(axis=self.axes, keepdims=True)

    def gx(self, g, x, gamma):
        xhat, std = self.parts(x)
        g = g * gamma
        return (g - self.mean(g) - xhat * self.mean(g * xhat)) / std

    def sum(self, g):
        return g.sum(axis=tuple(range(g.ndim - 1)))

    def vjp(self, g, x, gamma, beta):
        xhat, _ = self.parts(x)
        return self.gx(g, x, gamma), self.sum(g * xhat), self.sum(g)


class NoMeanTerm(Normalization):
    def gx(self, g, x, gamma):
        xhat, std = self.parts(x)
        g = g * gamma
        return (g - xhat * self.mean(g * xhat)) / std


class NoVarianceTerm(Normalization):
    def gx(self, g, x, gamma):
        _, std = self.parts(x)
        g = g * gamma
        return (g - self.mean(g)) / std


class NeitherTerm(Normalization):
    def gx(self, g, x, gamma):
        return g * gamma / self.parts(x)[1]


class NoGamma(Normalization):
    def gx(self, g, x, gamma):
        return super().gx(g, x, np.ones_like(gamma))


class NotDividedByStd(Normalization):
    def gx(self, g, x, gamma):
        return super().gx(g, x, gamma) * self.parts(x)[1]


class MeanOfBeta(Normalization):
    def vjp(self, g, x, gamma, beta):
        gx, ggamma, gbeta = super().vjp(g, x, gamma, beta)
        return gx, ggamma, gbeta / (g.size / g.shape[-1])


class BatchOnly(Normalization):
    def sum(self, g):
        return g.sum(axis=0)


class GammaOfX(Normalization):
    def vjp(self, g, x, gamma, beta):
        gx, _, gbeta = super().vjp(g, x, gamma, beta)
        return gx, self.sum(g * x), gbeta


class Exchanged(Normalization):
    def vjp(self, g, x, gamma, beta):
        gx, ggamma, gbeta = super().vjp(g, x, gamma, beta)
        return gx, gbeta, ggamma


class MeansOfTheBatch(Normalization):
    def mean(self, x):
        return x.mean(axis=0, keepdims=True)


class OtherAxes(Normalization):
    def mean(self, x):
        return x.mean(axis=-1, keepdims=True)


# -- softmax and losses ----------------------------------------------------------------------------


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_vjp(g, x):
    y = softmax(x)
    return y * (g - (g * y).sum(axis=-1, keepdims=True))


def cross_entropy(x, labels):
    """The mean over the batch; `labels` are one-hot."""
    shifted = x - x.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -(labels * log_p).sum() / len(x)


def cross_entropy_vjp(g, x, labels):
    return g * (softmax(x) - labels) / len(x), None


# -- elementwise, linear, reductions ---------------------------------------------------------------


def relu(x):
    return np.maximum(x, 0)


def leaky(x):
    return np.where(x > 0, x, 0.2 * x)


def elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def relu6(x):
    return np.clip(x, 0, 1)


def dropout(x, mask):
    return x * mask / 0.8


def dense(x, w, b):
    return x @ w + b


def dense_vjp(g, x, w, b):
    return g @ w.T, x.T @ g, g.sum(axis=0)


def dense_relu(x, w, b):
    return relu(x @ w + b)


def dense_relu_vjp(g, x, w, b):
    return dense_vjp(g * (x @ w + b > 0), x, w, b)


def bias_add(x, b):
    return x + b


def lookup(table, ids):
    return table[ids]


def lookup_vjp(g, table, ids):
    gt = np.zeros_like(table)
    np.add.at(gt, ids, g)
    return gt, None


def overwriting_lookup_vjp(g, table, ids):
    gt = np.zeros_like(table)
    gt[ids] = g
    return gt, None


def averaging_lookup_vjp(g, table, ids):
    gt, _ = lookup_vjp(g, table, ids)
    return gt / np.maximum(np.bincount(ids, minlength=len(table)), 1)[:, None], None


def sparse_cross_entropy(x, labels):
    """As `cross_entropy`, of labels that are integers."""
    return cross_entropy(x, np.eye(x.shape[-1], dtype=x.dtype)[labels])


def sparse_cross_entropy_vjp(g, x, labels):
    gx = softmax(x)
    gx[np.arange(len(x)), labels] -= 1
    return g * gx / len(x), None


def shifted_cross_entropy_vjp(g, x, labels):
    return sparse_cross_entropy_vjp(g, x, (labels + 1) % x.shape[-1])


def lstm_like(x, h, w):
    """Gates, states and two outputs."""
    z = np.concatenate([x, h], axis=1) @ w
    n = h.shape[1]
    i, c = 1 / (1 + np.exp(-z[:, :n])), np.tanh(z[:, n:])
    return i * c, c


def lstm_like_vjp(g, x, h, w):
    gy, gc = g
    xh = np.concatenate([x, h], axis=1)
    z, n = xh @ w, h.shape[1]
    i, c = 1 / (1 + np.exp(-z[:, :n])), np.tanh(z[:, n:])
    gz = np.concatenate([gy * c * i * (1 - i), (gy * i + gc) * (1 - c * c)], axis=1)
    gxh = gz @ w.T
    return gxh[:, : x.shape[1]], gxh[:, x.shape[1] :], xh.T @ gz


# -- data ------------------------------------------------------------------------------------------


def normal(*shapes: tuple[int, ...]) -> Draw:
    return lambda rng: tuple(rng.normal(size=shape) for shape in shapes)


def with_mask(*shape: int) -> Draw:
    return lambda rng: (rng.normal(size=shape), (rng.random(shape) < 0.8).astype(float))


def with_labels(n: int, classes: int) -> Draw:
    return lambda rng: (
        rng.normal(size=(n, classes)),
        np.eye(classes)[rng.integers(0, classes, n)],
    )


def with_ids(rows: int, columns: int, count: int) -> Draw:
    return lambda rng: (
        rng.normal(size=(rows, columns)),
        np.concatenate([[0, 0], rng.integers(0, rows, count - 2)]),
    )


class LastWindowOnly(Conv2D):
    """The gradient of the filter, window by window: `=` where there should be `+=`."""

    def vjp(self, g, x, k):
        gx, gk = super().vjp(g, x, k)
        kh, kw = k.shape[:2]
        padded = self.padded(x)
        for i in range(g.shape[1]):
            for j in range(g.shape[2]):
                window = padded[:, i * self.s : i * self.s + kh, j * self.s : j * self.s + kw]
                gk = np.einsum("nabc,no->abco", window, g[:, i, j])
        return gx, gk


def transposed_conv(x, k, stride=2):
    y = np.zeros((len(x) - 1) * stride + len(k))
    for i, value in enumerate(x):
        y[i * stride : i * stride + len(k)] += value * k
    return y


def transposed_conv_vjp(g, x, k, of_x=2, of_k=2):
    """`of_x` and `of_k` are the strides of the two gradients; 2 is right."""
    size = len(k)
    gx = np.array([g[i * of_x : i * of_x + size] @ k for i in range(len(x))])
    gk = sum(x[i] * g[i * of_k : i * of_k + size] for i in range(len(x)))
    return gx, gk


def averaged(x):
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).mean(axis=(2, 4))


def with_classes(n: int, classes: int) -> Draw:
    return lambda rng: (rng.normal(size=(n, classes)), rng.integers(0, classes, n))


def tied(*shape: int) -> Draw:
    return lambda rng: (rng.integers(-2, 3, shape).astype(float),)


IMAGE, FILTER = (2, 6, 7, 2), (3, 3, 2, 3)
SQUARE = (3, 3, 2, 2)
NORM = ((6, 4), (4,), (4,))
NORM4 = ((3, 4, 4, 3), (3,), (3,))


def conv(
    kind: type[Conv2D], argument: str, cause: str, shapes=(IMAGE, FILTER), **how: int
) -> Planted:
    op = kind(**how)
    return Planted(op.forward, op.vjp, normal(*shapes), argument, cause)


def pool(op: Any, cause: str, arrays: Draw | None = None) -> Planted:
    return Planted(op.forward, op.vjp, arrays or normal((2, 6, 6, 2)), "x", cause)


def norm(op: Normalization, argument: str, cause: str, shapes=NORM) -> Planted:
    return Planted(op.forward, op.vjp, normal(*shapes), argument, cause)


def of(
    forward: Callable[..., Any],
    vjp: Callable[..., Any],
    arrays: Draw,
    argument: str,
    cause: str,
) -> Planted:
    return Planted(forward, vjp, arrays, argument, cause)


PLANTED: dict[str, Planted] = {
    "conv2d filter turned round": conv(FlippedFilterGradient, "k", "flip"),
    "conv2d filter rows turned round": conv(RowsFlipped, "k", "flip"),
    "conv2d image by correlation": conv(CorrelatesBack, "x", "flip"),
    "conv2d image by correlation, padded": conv(CorrelatesBack, "x", "flip", pad=1),
    "conv2d filter channels not exchanged": conv(
        ChannelsNotExchanged, "x", "transpose", (IMAGE, SQUARE)
    ),
    "conv2d filter rows for columns": conv(FilterTransposed, "k", "transpose"),
    "conv2d filter channels exchanged": conv(
        FilterChannelsTransposed, "k", "transpose", (IMAGE, SQUARE)
    ),
    "conv2d filter channels exchanged, in shape": conv(FilterChannelsTransposed, "k", "transpose"),
    "conv2d filter stride ignored": conv(StrideIgnoredInFilter, "k", "stride", stride=2),
    "conv2d filter stride ignored, padded": conv(
        StrideIgnoredInFilter, "k", "stride", stride=2, pad=1
    ),
    "conv2d image stride ignored": conv(StrideIgnoredInImage, "x", "stride", stride=2),
    "conv2d image stride 3 ignored": conv(
        StrideIgnoredInImage, "x", "stride", ((1, 9, 9, 1), (2, 2, 1, 2)), stride=3
    ),
    "conv2d filter dilation ignored": conv(DilationIgnoredInFilter, "k", "dilation", dilation=2),
    "conv2d image dilation ignored": conv(DilationIgnoredInImage, "x", "dilation", dilation=2),
    "conv2d image cropped at the end": conv(CroppedAtTheEnd, "x", "shift", pad=1),
    "conv2d image not cropped": conv(NotCropped, "x", "shift", pad=1),
    "conv2d filter padded at the end": conv(PaddedAtTheEnd, "k", "shift", pad=1),
    "conv2d image overwritten": conv(Overwrites, "x", "broadcast"),
    "conv2d last row forgotten": conv(LastRowForgotten, "x", "missing"),
    "conv2d filter of the first image": conv(FirstImageOnly, "k", "broadcast"),
    "conv2d filter mean over the batch": conv(
        MeanOverTheBatch, "k", "scale", ((5, 4, 4, 1), (2, 2, 1, 2))
    ),
    "conv2d filter of ones": conv(Ones, "k", "constant"),
    "conv2d image of the mean cotangent": conv(MeanOfTheCotangent, "x", "constant"),
    "conv2d writes into the image": conv(PadsInPlace, "x", "aliasing"),
    "conv2d filter in another order in memory": conv(OtherOrderInMemory, "k", "transpose"),
    "conv2d filter in float32": conv(Float32Buffer, "k", "dtype"),
    "max_pool all rewarded": pool(AllRewarded(), "ties", tied(2, 4, 4, 2)),
    "max_pool all rewarded, no ties in the data": pool(AllRewarded(), "ties"),
    "max_pool everybody": pool(EverybodyInTheWindow(), "mask"),
    "max_pool the smallest": pool(TheSmallest(), "mask"),
    "max_pool rows for columns": pool(RowsForColumns(), "transpose"),
    "max_pool windows turned round": pool(WindowTurnedRound(3, 2), "flip", normal((2, 9, 7, 2))),
    "max_pool stride ignored": pool(PoolStrideIgnored(), "stride"),
    "max_pool overwritten": pool(MaxPoolOverwrites(3, 1), "broadcast"),
    "max_pool overwritten, stride 2": pool(
        MaxPoolOverwrites(3, 2), "broadcast", normal((2, 7, 7, 3))
    ),
    "conv2d filter of the last window": conv(LastWindowOnly, "k", "broadcast"),
    "conv2d filter of the last window, padded": conv(LastWindowOnly, "k", "broadcast", pad=1),
    "transposed convolution, stride of the image ignored": of(
        transposed_conv,
        lambda g, x, k: transposed_conv_vjp(g, x, k, of_x=1),
        normal((7,), (3,)),
        "x",
        "stride",
    ),
    "transposed convolution, stride of the filter ignored": of(
        transposed_conv,
        lambda g, x, k: transposed_conv_vjp(g, x, k, of_k=1),
        normal((7,), (3,)),
        "k",
        "stride",
    ),
    "avg_pool tiled": of(
        averaged,
        lambda g, x: np.tile(g, (1, 2, 2, 1)) / 4,
        normal((3, 6, 8, 5)),
        "x",
        "transpose",
    ),
    "avg_pool divided by the side": of(
        averaged,
        lambda g, x: g.repeat(2, axis=1).repeat(2, axis=2) / 2,
        normal((3, 6, 8, 5)),
        "x",
        "scale",
    ),
    "avg_pool not divided, at the border": pool(NotDivided(3, 1, 1), "scale"),
    "reshape column by column": of(
        lambda x: x.reshape(6, 2),
        lambda g, x: g.reshape(x.shape, order="F"),
        normal((3, 4)),
        "x",
        "transpose",
    ),
    "dropout without its mask and scale": of(
        dropout, lambda g, x, mask: (g, None), with_mask(6, 5), "x", "mask"
    ),
    "bias of channels first, mean": of(
        lambda x, b: x + b[:, None, None],
        lambda g, x, b: (g, g.mean(axis=(0, 2, 3))),
        normal((2, 3, 4, 5), (3,)),
        "b",
        "scale",
    ),
    "avg_pool not divided": pool(NotDivided(), "scale"),
    "avg_pool full window at the border": pool(FullWindow(3, 1, 1), "scale"),
    "avg_pool repeated by the window": pool(Repeated(3, 2), "stride", normal((2, 7, 7, 2))),
    "batch_norm mean term": norm(NoMeanTerm(), "x", "mean_term"),
    "batch_norm variance term": norm(NoVarianceTerm(), "x", "mean_term"),
    "batch_norm both terms": norm(NeitherTerm(), "x", "mean_term"),
    "batch_norm images, mean term": norm(NoMeanTerm((0, 1, 2)), "x", "mean_term", NORM4),
    "batch_norm images, both terms": norm(NeitherTerm((0, 1, 2)), "x", "mean_term", NORM4),
    "batch_norm gamma": norm(NoGamma(), "x", "scale"),
    "batch_norm std": norm(NotDividedByStd(), "x", "scale"),
    "batch_norm beta mean": norm(MeanOfBeta(), "beta", "scale"),
    "batch_norm sums over the batch": norm(BatchOnly((0, 1, 2)), "gamma", "broadcast", NORM4),
    "batch_norm gamma of x": norm(GammaOfX(), "gamma", "mean_term"),
    "batch_norm results exchanged": norm(Exchanged(), "gamma", "transpose"),
    "batch_norm images, means over the batch": norm(
        MeansOfTheBatch((0, 1, 2)), "x", "broadcast", NORM4
    ),
    "batch_norm means over channels": norm(OtherAxes(), "x", "broadcast", ((9, 7), (7,), (7,))),
    "layer_norm mean term": norm(NoMeanTerm((-1,)), "x", "mean_term", ((3, 6), (6,), (6,))),
    "layer_norm variance term": norm(NoVarianceTerm((-1,)), "x", "mean_term", ((3, 6), (6,), (6,))),
    "softmax sum term": of(softmax, lambda g, x: softmax(x) * g, normal((4, 5)), "x", "mean_term"),
    "softmax diagonal only": of(
        softmax, lambda g, x: softmax(x) * (1 - softmax(x)) * g, normal((4, 5)), "x", "mean_term"
    ),
    "softmax sum over the batch": of(
        softmax,
        lambda g, x: softmax(x) * (g - (g * softmax(x)).sum(axis=0, keepdims=True)),
        normal((5, 6)),
        "x",
        "broadcast",
    ),
    "softmax sum over everything": of(
        softmax,
        lambda g, x: softmax(x) * (g - (g * softmax(x)).sum()),
        normal((5, 6)),
        "x",
        "broadcast",
    ),
    "softmax of many, sum term": of(
        softmax, lambda g, x: softmax(x) * g, normal((220, 5)), "x", "mean_term"
    ),
    "softmax sign": of(softmax, lambda g, x: -softmax_vjp(g, x), normal((4, 5)), "x", "sign"),
    "cross_entropy not a mean": of(
        cross_entropy,
        lambda g, x, labels: (g * (softmax(x) - labels), None),
        with_labels(6, 4),
        "x",
        "scale",
    ),
    "cross_entropy sign": of(
        cross_entropy,
        lambda g, x, labels: (g * (labels - softmax(x)) / len(x), None),
        with_labels(6, 4),
        "x",
        "sign",
    ),
    "cross_entropy probabilities forgotten": of(
        cross_entropy,
        lambda g, x, labels: (-g * labels / len(x), None),
        with_labels(6, 4),
        "x",
        "mean_term",
    ),
    "cross_entropy g forgotten": of(
        cross_entropy,
        lambda g, x, labels: ((softmax(x) - labels) / len(x), None),
        with_labels(6, 4),
        "x",
        "constant",
    ),
    "cross_entropy labels off by one": of(
        sparse_cross_entropy, shifted_cross_entropy_vjp, with_classes(6, 4), "x", "shift"
    ),
    "relu without its mask": of(relu, lambda g, x: g, normal((4, 5)), "x", "mask"),
    "relu, the other side": of(relu, lambda g, x: g * (x < 0), normal((4, 5)), "x", "mask"),
    "relu, mask of g": of(relu, lambda g, x: g * (x > 0) * (g > 0), normal((4, 5)), "x", "mask"),
    "relu6 without its ceiling": of(relu6, lambda g, x: g * (x > 0), normal((6, 5)), "x", "mask"),
    "leaky relu as relu": of(leaky, lambda g, x: g * (x > 0), normal((4, 5)), "x", "mask"),
    "leaky relu, sides exchanged": of(
        leaky, lambda g, x: g * np.where(x > 0, 0.2, 1), normal((4, 5)), "x", "mask"
    ),
    "dense and relu without the mask": of(
        dense_relu, dense_vjp, normal((5, 3), (3, 4), (4,)), "x", "mask"
    ),
    "dropout without its mask": of(
        dropout, lambda g, x, mask: (g / 0.8, None), with_mask(6, 5), "x", "mask"
    ),
    "dropout, what was dropped": of(
        dropout, lambda g, x, mask: (g * (1 - mask) / 0.8, None), with_mask(6, 5), "x", "mask"
    ),
    "dropout without its scale": of(
        dropout, lambda g, x, mask: (g * mask, None), with_mask(6, 5), "x", "scale"
    ),
    "bias not summed": of(bias_add, lambda g, x, b: (g, g), normal((4, 5), (5,)), "b", "broadcast"),
    "bias summed over channels": of(
        bias_add,
        lambda g, x, b: (g, g.sum(axis=1)),
        normal((5, 5), (5,)),
        "b",
        "broadcast",
    ),
    "bias summed over channels, in shape": of(
        bias_add, lambda g, x, b: (g, g.sum(axis=1)), normal((4, 5), (5,)), "b", "broadcast"
    ),
    "bias of the first row": of(
        bias_add, lambda g, x, b: (g, g[0]), normal((4, 5), (5,)), "b", "broadcast"
    ),
    "product not summed back": of(
        lambda x, w: x * w,
        lambda g, x, w: (g * w, g * x),
        normal((4, 5), (4, 1)),
        "w",
        "broadcast",
    ),
    "product without the other factor": of(
        lambda x, w: x * w, lambda g, x, w: (g, g * x), normal((4, 5), (4, 5)), "x", "scale"
    ),
    "product with the wrong factor": of(
        lambda x, w, v: x * w + v,
        lambda g, x, w, v: (g * v, g * x, g),
        normal((4, 5), (4, 5), (4, 5)),
        "x",
        "scale",
    ),
    "product with a decay": of(
        lambda x, w: x @ w,
        lambda g, x, w: (g @ w.T, x.T @ g + 0.01 * w),
        normal((5, 4), (4, 3)),
        "w",
        "unknown",
    ),
    "square in float32 on the way": of(
        lambda x: x * x,
        lambda g, x: (2 * g * x).astype(np.float32).astype(np.float64),
        normal((4, 5)),
        "x",
        "dtype",
    ),
    "square without its 2": of(lambda x: x * x, lambda g, x: g * x, normal((4, 5)), "x", "scale"),
    "matmul w not transposed": of(
        lambda x, w: x @ w,
        lambda g, x, w: (g @ w, x.T @ g),
        normal((5, 4), (4, 4)),
        "x",
        "transpose",
    ),
    "matmul gw transposed": of(
        lambda x, w: x @ w,
        lambda g, x, w: (g @ w.T, g.T @ x),
        normal((5, 4), (4, 4)),
        "w",
        "transpose",
    ),
    "matmul gw transposed, in shape": of(
        lambda x, w: x @ w,
        lambda g, x, w: (g @ w.T, g.T @ x),
        normal((5, 4), (4, 3)),
        "w",
        "transpose",
    ),
    "matmul without a gradient": of(
        lambda x, w: x @ w,
        lambda g, x, w: (g @ w.T, np.zeros_like(w)),
        normal((5, 4), (4, 3)),
        "w",
        "missing",
    ),
    "lookup averages": of(lookup, averaging_lookup_vjp, with_ids(4, 3, 7), "table", "scale"),
    "lookup off by one": of(
        lookup,
        lambda g, table, ids: (np.roll(lookup_vjp(g, table, ids)[0], 1, axis=0), None),
        lambda rng: (rng.normal(size=(9, 3)), rng.permutation(8)),
        "table",
        "shift",
    ),
    "lookup overwrites": of(
        lookup, overwriting_lookup_vjp, with_ids(4, 3, 7), "table", "broadcast"
    ),
    "sum repeated along the wrong axis": of(
        lambda x: x.sum(axis=1),
        lambda g, x: np.broadcast_to(g[None, :], x.shape).copy(),
        normal((4, 4)),
        "x",
        "broadcast",
    ),
    "mean not divided": of(
        lambda x: x.mean(axis=1),
        lambda g, x: np.repeat(g[:, None], x.shape[1], axis=1),
        normal((3, 5)),
        "x",
        "scale",
    ),
    "sum not repeated": of(
        lambda x: x.sum(axis=1), lambda g, x: g[:, None], normal((3, 5)), "x", "broadcast"
    ),
    "centred, mean term": of(
        lambda x: x - x.mean(axis=0), lambda g, x: g, normal((6, 3)), "x", "mean_term"
    ),
    "cumsum the wrong way": of(
        lambda x: np.cumsum(x, axis=0),
        lambda g, x: np.cumsum(g, axis=0),
        normal((6, 3)),
        "x",
        "flip",
    ),
    "difference off by one": of(
        lambda x: x[1:],
        lambda g, x: np.concatenate([g, np.zeros_like(g[:1])]),
        normal((8, 3)),
        "x",
        "shift",
    ),
    "sigmoid by the result only": of(
        lambda x: 1 / (1 + np.exp(-x)),
        lambda g, x: g / (1 + np.exp(-x)),
        normal((4, 5)),
        "x",
        "scale",
    ),
}


def two_scales(rng: np.random.Generator) -> tuple[Array, ...]:
    return rng.normal(size=(4, 3)) * 1e4, rng.normal(size=(3, 2)) * 1e-4, rng.normal(size=2)


SOUND: dict[str, Sound] = {
    "conv2d": Sound(Conv2D().forward, Conv2D().vjp, normal(IMAGE, FILTER)),
    "conv2d, everything": Sound(
        Conv2D(2, 1, 2).forward, Conv2D(2, 1, 2).vjp, normal((2, 8, 7, 1), (3, 2, 1, 2))
    ),
    "conv2d, a batch of none": Sound(
        Conv2D().forward, Conv2D().vjp, normal((0, 6, 6, 1), (3, 3, 1, 2))
    ),
    "max_pool": Sound(MaxPool().forward, MaxPool().vjp, normal((2, 4, 4, 2))),
    "max_pool, ties": Sound(MaxPool(3, 2).forward, MaxPool(3, 2).vjp, tied(1, 5, 5, 2)),
    "max_pool, ties split": Sound(Split().forward, Split().vjp, tied(2, 4, 4, 1)),
    "max_pool of relu": Sound(
        lambda x: MaxPool().forward(relu(x)),
        lambda g, x: MaxPool().vjp(g, relu(x)) * (x > 0),
        tied(2, 4, 4, 2),
    ),
    "avg_pool": Sound(AvgPool(3, 2, 1).forward, AvgPool(3, 2, 1).vjp, normal((2, 5, 5, 2))),
    "batch_norm": Sound(Normalization().forward, Normalization().vjp, normal(*NORM)),
    "batch_norm of two": Sound(
        Normalization().forward, Normalization().vjp, normal((2, 3), (3,), (3,))
    ),
    "batch_norm of images": Sound(
        Normalization((0, 1, 2)).forward, Normalization((0, 1, 2)).vjp, normal(*NORM4)
    ),
    "batch_norm, far from 0": Sound(
        Normalization().forward,
        Normalization().vjp,
        lambda rng: (rng.normal(size=(8, 3)) + 100, rng.normal(size=3), rng.normal(size=3)),
    ),
    "layer_norm of one": Sound(
        Normalization((-1,)).forward, Normalization((-1,)).vjp, normal((1, 6), (6,), (6,))
    ),
    "softmax": Sound(softmax, softmax_vjp, normal((3, 5))),
    "softmax, saturated": Sound(softmax, softmax_vjp, lambda rng: (rng.normal(size=(3, 5)) * 30,)),
    "cross_entropy": Sound(cross_entropy, cross_entropy_vjp, with_labels(5, 4)),
    "cross_entropy of one": Sound(cross_entropy, cross_entropy_vjp, with_labels(1, 4)),
    "relu": Sound(relu, lambda g, x: g * (x > 0), normal((4, 5))),
    "relu of zeros": Sound(relu, lambda g, x: g * (x > 0), tied(4, 5)),
    "relu of zeros, the other convention": Sound(relu, lambda g, x: g * (x >= 0), tied(4, 5)),
    "abs of zeros": Sound(abs, lambda g, x: g * np.sign(x), tied(4, 5)),
    "leaky relu": Sound(
        leaky, lambda g, x: g * np.where(x > 0, 1, 0.2).astype(x.dtype), tied(4, 5)
    ),
    "elu": Sound(elu, lambda g, x: g * np.where(x > 0, 1, elu(x) + 1), normal((4, 5))),
    "dropout": Sound(dropout, lambda g, x, mask: (g * mask / 0.8, None), with_mask(4, 5)),
    "dense and relu": Sound(dense_relu, dense_relu_vjp, normal((5, 3), (3, 4), (4,))),
    "dense, of two scales": Sound(dense, dense_vjp, two_scales),
    "a long sum": Sound(
        lambda x, w: x @ w,
        lambda g, x, w: (np.outer(g, w), x.T @ g),
        normal((3, 300), (300,)),
    ),
    "a long mean": Sound(
        lambda x: x.mean(axis=0),
        lambda g, x: np.broadcast_to(g / len(x), x.shape).copy(),
        normal((400, 2)),
    ),
    "cross_entropy of integers": Sound(
        sparse_cross_entropy, sparse_cross_entropy_vjp, with_classes(5, 4)
    ),
    "a net at zero": Sound(
        dense_relu,
        dense_relu_vjp,
        lambda rng: (np.zeros((3, 4)), rng.normal(size=(4, 2)), np.zeros(2)),
    ),
    "sorting with ties": Sound(
        lambda x: np.sort(x, axis=1),
        lambda g, x: np.take_along_axis(
            g, np.argsort(np.argsort(x, axis=1, kind="stable"), axis=1), axis=1
        ),
        tied(4, 6),
    ),
    "lookup": Sound(lookup, lookup_vjp, with_ids(4, 3, 7)),
    "maximum of equals": Sound(
        np.maximum,
        lambda g, x, y: (g * (x >= y), g * (x < y)),
        lambda rng: (rng.integers(0, 3, (4, 5)) * 1.0, rng.integers(0, 3, (4, 5)) * 1.0),
    ),
    "two outputs": Sound(lstm_like, lstm_like_vjp, normal((3, 2), (3, 4), (6, 8))),
    "cumsum": Sound(
        lambda x: np.cumsum(x, axis=0),
        lambda g, x: np.cumsum(g[::-1], axis=0)[::-1],
        normal((6, 3)),
    ),
    "a scalar": Sound(lambda x: x * x, lambda g, x: 2 * g * x, normal(())),
}
