"""Answers to the exercises: the right one to each, and wrong ones as learners write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from scratchnet.exercises.sheets import (
    avg_pool2d,
    conv2d_filter,
    conv2d_input,
    lstm_cell,
    max_pool2d,
)
from scratchnet.exercises.sheets.softmax_cross_entropy import softmax

Function = Callable[..., Any]


class Wrong(NamedTuple):
    """A wrong answer, and words of the hint that it must get."""

    answer: Function
    hint: str


# -- right -----------------------------------------------------------------------------------------


def conv2d_gx(g: Any, x: Any, k: Any, strides: Any) -> Any:
    gx = np.zeros_like(x)
    fields = conv2d_input.windows(gx, *k.shape[:2], strides)
    for a, b in np.ndindex(k.shape[:2]):
        fields[..., a, b] += g @ k[a, b].T
    return gx


def conv2d_gk(g: Any, x: Any, k: Any, strides: Any) -> Any:
    return np.einsum("nijcab,nijo->abco", conv2d_filter.windows(x, *k.shape[:2], strides), g)


def max_pool2d_gx(g: Any, x: Any, window: Any, strides: Any) -> Any:
    gx = np.zeros_like(x)
    cells, to = (max_pool2d.windows(z, window, strides) for z in (x, gx))
    first = cells.reshape(*cells.shape[:4], -1).argmax(-1)
    for cell, (a, b) in enumerate(np.ndindex(*window)):
        to[..., a, b] += np.where(first == cell, g, 0)
    return gx


def avg_pool2d_gx(g: Any, x: Any, window: Any, strides: Any, counts: Any = None) -> Any:
    gx = avg_pool2d.padded(np.zeros_like(x), window, strides)
    to = avg_pool2d.windows(gx, window, strides)
    counts = avg_pool2d.counts(x, window, strides) if counts is None else counts
    for a, b in np.ndindex(*window):
        to[..., a, b] += g / counts
    return gx[:, : x.shape[1], : x.shape[2]]


def batch_normalization_vjp(
    g: Any, x: Any, gamma: Any, beta: Any, epsilon: float, terms: str = "mean variance"
) -> Any:
    s = np.sqrt(x.var(0) + epsilon)
    z, gz = (x - x.mean(0)) / s, g * gamma
    gx = gz
    if "mean" in terms:
        gx = gx - gz.mean(0)
    if "variance" in terms:
        gx = gx - z * (gz * z).mean(0)
    return gx / s, (g * z).sum(0), g.sum(0)


def embedding_lookup_gtable(g: Any, table: Any, ids: Any) -> Any:
    gtable = np.zeros_like(table)
    np.add.at(gtable, ids, g)
    return gtable


def cross_entropy_gx(g: Any, x: Any, labels: Any) -> Any:
    return g * (softmax(x) - one_hot(x, labels)) / len(x)


def one_hot(x: Any, labels: Any) -> Any:
    return np.arange(x.shape[1]) == labels[:, None]


def lstm_vjp(g: Any, x: Any, h: Any, c: Any, w: Any, u: Any, b: Any, wrong: str = "") -> Any:
    i, f, candidate, o = np.split(x @ w + h @ u + b, 4, axis=1)
    i, f, o, candidate = *(lstm_cell.sigmoid(z) for z in (i, f, o)), np.tanh(candidate)
    new_c = np.tanh(f * c + i * candidate)
    gh, gc = np.split(g, 2, axis=1)
    if wrong != "only one way":
        gc = gc + gh * o * (1 - new_c**2)
    go = gh * new_c * (1 if wrong == "sigmoid" else o * (1 - o))
    parts = gc * candidate * i * (1 - i), gc * c * f * (1 - f), gc * i * (1 - candidate**2), go
    ga = np.concatenate(parts, axis=1)
    gb = ga.mean(0) if wrong == "bias" else ga.sum(0)
    return ga @ w.T, ga @ u.T, gc * f, x.T @ ga, h.T @ ga, gb


def momentum_step(w: Any, g: Any, v: Any, t: int, learning_rate: float, momentum: float) -> Any:
    v = momentum * v - learning_rate * g
    return w + v, v


def adam_step(
    w: Any, g: Any, m: Any, v: Any, t: int, learning_rate: float, beta_1: float, beta_2: float,
    epsilon: float,
) -> Any:  # fmt: skip
    m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g * g
    a = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    return w - a * m / (np.sqrt(v) + epsilon), m, v


RIGHT: dict[str, Function] = {
    "matmul": lambda g, a, b: (g @ b.T, a.T @ g),
    "bias_add": lambda g, x, b: (g, g.sum((0, 1, 2))),
    "relu": lambda g, x: np.where(x > 0, g, 0),
    "conv2d_input": conv2d_gx,
    "conv2d_filter": conv2d_gk,
    "max_pool2d": max_pool2d_gx,
    "avg_pool2d": avg_pool2d_gx,
    "dropout": lambda g, x, keep, rate: np.where(keep, g / (1 - rate), 0),
    "softmax_cross_entropy": cross_entropy_gx,
    "batch_normalization": batch_normalization_vjp,
    "embedding_lookup": embedding_lookup_gtable,
    "lstm_cell": lstm_vjp,
    "sgd_momentum": momentum_step,
    "adam": adam_step,
}

# -- wrong -----------------------------------------------------------------------------------------


def ties_all(g: Any, x: Any, window: Any, strides: Any, share: bool = False) -> Any:
    gx = np.zeros_like(x)
    cells, to = (max_pool2d.windows(z, window, strides) for z in (x, gx))
    largest = cells == cells.max((-2, -1), keepdims=True)
    weights = largest / largest.sum((-2, -1), keepdims=True) if share else largest
    for a, b in np.ndindex(*window):
        to[..., a, b] += g * weights[..., a, b]
    return gx


def last_of_overlapping(g: Any, x: Any, window: Any, strides: Any) -> Any:
    gx = np.zeros_like(x)
    cells, to = (max_pool2d.windows(z, window, strides) for z in (x, gx))
    first = cells.reshape(*cells.shape[:4], -1).argmax(-1)
    for cell, (a, b) in enumerate(np.ndindex(*window)):
        to[..., a, b] = np.where(first == cell, g, to[..., a, b])
    return gx


def added_once(g: Any, table: Any, ids: Any) -> Any:
    gtable = np.zeros_like(table)
    gtable[ids] += g
    return gtable


def full_window(g: Any, x: Any, window: Any, strides: Any) -> Any:
    return avg_pool2d_gx(g, x, window, strides, counts=window[0] * window[1])


def adam_variant(variant: str) -> Function:
    def step(
        w: Any, g: Any, m: Any, v: Any, t: int, learning_rate: float, beta_1: float, beta_2: float,
        epsilon: float,
    ) -> Any:  # fmt: skip
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g * g
        a = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        if variant == "root":
            return w - a * m / np.sqrt(v + epsilon), m, v
        if variant == "uncorrected":
            a = learning_rate
        if variant == "uphill":
            a = -a
        return w - a * m / (np.sqrt(v) + epsilon), m, v

    return step


def momentum_variant(variant: str) -> Function:
    def step(w: Any, g: Any, v: Any, t: int, learning_rate: float, momentum: float) -> Any:
        new_v = momentum * v - learning_rate * g
        if variant == "nesterov":
            return w + momentum * new_v - learning_rate * g, new_v
        if variant == "old":
            return w + v, new_v
        new_v = momentum * v + g
        return w - learning_rate * new_v, new_v

    return step


def taps(g: Any, x: Any, k: Any, strides: Any, adds: bool = True) -> Any:
    """gx window by window: each overwrites what is there, if it does not add."""
    gx, (kh, kw) = np.zeros_like(x), k.shape[:2]
    for i, j in np.ndindex(*g.shape[1:3]):
        at = np.s_[:, i * strides[0] : i * strides[0] + kh, j * strides[1] : j * strides[1] + kw]
        gx[at] = np.einsum("no,abco->nabc", g[:, i, j], k) + (gx[at] if adds else 0)
    return gx


def gk_of_last_image(g: Any, x: Any, k: Any, strides: Any) -> Any:
    fields = conv2d_filter.windows(x, *k.shape[:2], strides)
    return np.einsum("ijcab,ijo->abco", fields[-1], g[-1])


def gk_without_strides(g: Any, x: Any, k: Any, strides: Any) -> Any:
    fields = conv2d_filter.windows(x, *k.shape[:2], (1, 1))[:, : g.shape[1], : g.shape[2]]
    return np.einsum("nijcab,nijo->abco", fields, g)


def pooled_without_mask(g: Any, x: Any, window: Any, strides: Any, first: bool = False) -> Any:
    """Every element of a window gets the cotangent, or the first does."""
    gx = np.zeros_like(x)
    to = max_pool2d.windows(gx, window, strides)
    for a, b in [(0, 0)] if first else np.ndindex(*window):
        to[..., a, b] += g
    return gx


def averaged(g: Any, x: Any, window: Any, strides: Any, how: str) -> Any:
    gx = avg_pool2d.padded(np.zeros_like(x), window, strides)
    to, shares = avg_pool2d.windows(gx, window, strides), g / avg_pool2d.counts(x, window, strides)
    for a, b in [(0, 0)] if how == "corner" else np.ndindex(*window):
        to[..., a, b] = shares + (0 if how == "overwritten" else to[..., a, b])
    (_, h, w, _) = x.shape
    return gx[:, -h:, -w:] if how == "cut off before" else gx[:, :h, :w]


def normalized(how: str) -> Function:
    def vjp(g: Any, x: Any, gamma: Any, beta: Any, epsilon: float) -> Any:
        r = 1 / np.sqrt(x.var(0) + epsilon)
        z, gz = (x - x.mean(0)) * r, g * gamma
        reduced = {"axis": 1, "keepdims": True} if how == "axis" else {"axis": 0}
        gx = (gz - gz.mean(**reduced) - z * (gz * z).mean(**reduced)) * r
        gx = gx / gamma if how == "gamma" else gx
        return (
            (gx, g.sum(0), (g * z).sum(0)) if how == "exchanged" else (gx, (g * z).sum(0), g.sum(0))
        )

    return vjp


def cell_of(how: str) -> Function:
    def vjp(g: Any, x: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> Any:
        i, f, q, o = np.split(x @ w + h @ u + b, 4, axis=1)
        i, f, o, q = *(lstm_cell.sigmoid(z) for z in (i, f, o)), np.tanh(q)
        t, (gh, gc) = np.tanh(f * c + i * q), np.split(g, 2, axis=1)
        gc = gc + gh * o * (1 - t * t)
        parts = [
            gc * q * i * (1 - i),
            gc * c * f * (1 - f),
            gc * i * (1 - q**2),
            gh * t * o * (1 - o),
        ]
        if how == "order":
            parts = [parts[1], parts[0], *parts[2:]]
        if how == "candidate":
            parts[2] = gc * i * q * (1 - q)
        ga = np.concatenate(parts, axis=1)
        return ga @ w.T, ga @ u.T, gc if how == "forget" else gc * f, x.T @ ga, h.T @ ga, ga.sum(0)

    return vjp


def adam_of(how: str) -> Function:
    def step(w, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):  # type: ignore[no-untyped-def]
        m = beta_1 * m + (1 - beta_1) * (g * g if how == "squares" else g)
        v = beta_2 * v + (1 - beta_2) * (g if how == "no squares" else g * g)
        correction = 1 - beta_2**t if how == "no root" else np.sqrt(1 - beta_2**t)
        with np.errstate(invalid="ignore"):
            rate = learning_rate * correction / (1 - beta_1**t)
            return w - rate * m / (np.sqrt(v) + epsilon), m, v

    return step


def momentum_of(how: str) -> Function:
    def step(w: Any, g: Any, v: Any, t: int, learning_rate: float, momentum: float) -> Any:
        v = (0 if how == "forgotten" else momentum * v) - learning_rate * g * (
            1 - momentum if how == "damped" else 1
        )
        return w + v * (learning_rate if how == "twice" else 1), v

    return step


WRONG: dict[str, list[Wrong]] = {
    "matmul": [
        Wrong(lambda g, a, b: (g @ b.T, g.T @ a), "transpose"),
        Wrong(lambda g, a, b: (g @ b.T, 2 * a.T @ g), "times too"),
        Wrong(lambda g, a, b: (g @ b.T, -(a.T @ g)), "sign"),
    ],
    "bias_add": [
        Wrong(lambda g, x, b: (g, g), "sum over them"),
        Wrong(lambda g, x, b: (g, g.mean((0, 1, 2))), "times too"),
        Wrong(lambda g, x, b: (g, np.ones_like(b) * g[..., 0].size), "ones"),
    ],
    "relu": [
        Wrong(lambda g, x: g, "where x < 0"),
        Wrong(lambda g, x: np.where(g > 0, g, 0), "mask"),
        Wrong(lambda g, x: np.where(x >= 0, g, 0), "at x = 0"),
    ],
    "conv2d_input": [
        Wrong(
            lambda g, x, k, strides: conv2d_gx(g, x, k[::-1, ::-1], strides),
            "right once `k` is turned round in its rows and columns",
        ),
        Wrong(lambda g, x, k, strides: conv2d_gx(g, x, k, strides) / len(x) / 2, "times too"),
        Wrong(lambda g, x, k, strides: -conv2d_gx(g, x, k, strides), "sign"),
    ],
    "conv2d_filter": [
        Wrong(lambda *a, **o: conv2d_gk(*a, **o)[::-1, ::-1], "turned"),
        Wrong(lambda g, x, k, strides: conv2d_gk(g, x, k, strides) / (2 * len(x)), "times too"),
        Wrong(lambda *a, **o: np.roll(conv2d_gk(*a, **o), 1, 0), "moved by 1"),
    ],
    "max_pool2d": [
        Wrong(ties_all, "largest"),
        Wrong(lambda *a, **o: ties_all(*a, **o, share=True), "largest"),
        Wrong(last_of_overlapping, "Σ gx = Σ g"),
    ],
    "avg_pool2d": [
        Wrong(full_window, "Σ gx = Σ g"),
        Wrong(lambda g, x, window, strides: avg_pool2d_gx(g, x, window, strides, 1), "times too"),
        Wrong(lambda *a, **o: -avg_pool2d_gx(*a, **o), "sign"),
    ],
    "dropout": [
        Wrong(lambda g, x, keep, rate: g / (1 - rate), "was dropped"),
        Wrong(lambda g, x, keep, rate: np.where(keep, g, 0), "times too"),
        Wrong(lambda g, x, keep, rate: np.where(keep, g / (1 - rate) ** 2, 0), "times too"),
    ],
    "softmax_cross_entropy": [
        Wrong(lambda g, x, labels: g * (softmax(x) - one_hot(x, labels)), "times too"),
        Wrong(lambda g, x, labels: -cross_entropy_gx(g, x, labels), "sign"),
        Wrong(lambda g, x, labels: g * softmax(x) / len(x), "sums to 0"),
    ],
    "batch_normalization": [
        Wrong(lambda *a, **o: batch_normalization_vjp(*a, **o, terms=""), "mean"),
        Wrong(lambda *a, **o: batch_normalization_vjp(*a, **o, terms="mean"), "variance"),
        Wrong(lambda *a, **o: batch_normalization_vjp(*a, **o, terms="variance"), "mean"),
    ],
    "embedding_lookup": [
        Wrong(added_once, "several times"),
        Wrong(lambda g, table, ids: g, "shape"),
        Wrong(lambda g, t, ids: 2 * embedding_lookup_gtable(g, t, ids), "times too"),
    ],
    "lstm_cell": [
        Wrong(lambda *a: lstm_vjp(*a, wrong="only one way"), "Σ gx d"),
        Wrong(lambda *a: lstm_vjp(*a, wrong="sigmoid"), "Σ gx d"),
        Wrong(lambda *a: lstm_vjp(*a, wrong="bias"), "times too"),
    ],
    "sgd_momentum": [
        Wrong(momentum_variant("nesterov"), "Nesterov"),
        Wrong(momentum_variant("old"), "old velocity"),
        Wrong(momentum_variant("outside"), "outside of the velocity"),
    ],
    "adam": [
        Wrong(adam_variant("uncorrected"), "not corrected"),
        Wrong(adam_variant("root"), "under the root"),
        Wrong(adam_variant("uphill"), "sign"),
    ],
}

# More of them: three to each, once more.
MORE: dict[str, list[Wrong]] = {
    "matmul": [
        Wrong(lambda g, a, b: (a.T @ g, g @ b.T), "the results are exchanged"),
        Wrong(lambda g, a, b: (b @ g.T, a.T @ g), "it is transposed"),
        Wrong(lambda g, a, b: (g @ b.T, a.T @ np.ones_like(g)), "g is not used"),
    ],
    "bias_add": [
        Wrong(lambda g, x, b: (g, g.sum((0, 1))), "sum over them"),
        Wrong(lambda g, x, b: (g, g[0].sum((0, 1))), "Only index 0 of axis 0 of the cotangent"),
        Wrong(lambda g, x, b: (g * b, g.sum((0, 1, 2))), "Divide by `b`"),
    ],
    "relu": [
        Wrong(lambda g, x: np.where(x > 0, x, 0), "g is not used"),
        Wrong(lambda g, x: np.where(x < 0, g, 0), "from the wrong side"),
        Wrong(lambda g, x: np.where(x > 0, g, 0.01 * g), "where `x` <= 0 although"),
    ],
    "conv2d_input": [
        Wrong(lambda *a, strides: taps(*a, strides, adds=False), "overwrite each other"),
        Wrong(lambda *a, strides: taps(*a, (1, 1)), "The stride is ignored"),
        Wrong(
            lambda g, x, k, strides: conv2d_gx(np.flip(g, (1, 2)), x, k, strides),
            "in reverse order along its axes 1 and 2",
        ),
    ],
    "conv2d_filter": [
        Wrong(gk_without_strides, "The stride is ignored"),
        Wrong(gk_of_last_image, "Only index 1 of axis 0 of the cotangent"),
        Wrong(lambda *a, **o: conv2d_gk(*a, **o).swapaxes(0, 1), "axes 0 and 1 are exchanged"),
    ],
    "max_pool2d": [
        Wrong(pooled_without_mask, "a mask is missing"),
        Wrong(lambda *a, **o: pooled_without_mask(*a, **o, first=True), "the mask (the argmax)"),
        Wrong(
            lambda g, x, window, strides: max_pool2d_gx(
                g * max_pool2d.forward(x, window, strides), x, window, strides
            ),
            "the result is a factor too much",
        ),
    ],
    "avg_pool2d": [
        Wrong(lambda *a, **o: averaged(*a, **o, how="overwritten"), "overwrite each other"),
        Wrong(lambda *a, **o: averaged(*a, **o, how="cut off before"), "cut off on the wrong side"),
        Wrong(lambda *a, **o: averaged(*a, **o, how="corner"), "no cotangent reaches them"),
    ],
    "dropout": [
        Wrong(lambda g, x, keep, rate: np.where(keep, 0, g / (1 - rate)), "from the wrong side"),
        Wrong(lambda g, x, keep, rate: np.where(keep, g * x / (1 - rate), 0), "Divide by `x`"),
        Wrong(lambda g, x, keep, rate: g, "multiply by `keep`, and then by 2"),
    ],
    "softmax_cross_entropy": [
        Wrong(
            lambda g, x, labels: g * (softmax(x.T).T - one_hot(x, labels)) / len(x),
            "on the way back is taken over axis 0, and that of the forward pass over axis 1",
        ),
        Wrong(
            lambda g, x, labels: g * (softmax(softmax(x)) - one_hot(x, labels)) / len(x),
            "applied twice",
        ),
        Wrong(
            lambda g, x, labels: -g * one_hot(x, labels) / softmax(x) / len(x),
            "Go through it: p * (gp - sum(gp * p))",
        ),
    ],
    "batch_normalization": [
        Wrong(normalized("gamma"), "Multiply by `gamma`"),
        Wrong(normalized("axis"), "along axis 0 depend on each other; on the way back those along"),
        Wrong(normalized("exchanged"), "in the order of the arguments: gx, ggamma, gbeta"),
    ],
    "embedding_lookup": [
        Wrong(lambda g, t, ids: embedding_lookup_gtable(g, t, (ids + 1) % len(t)), "moved by 1"),
        Wrong(
            lambda g, t, ids: (
                embedding_lookup_gtable(g, t, ids)
                / np.maximum(np.bincount(ids.ravel(), minlength=len(t)), 1)[:, None]
            ),
            "is averaged, and should be added up",
        ),
        Wrong(lambda g, t, ids: np.zeros_like(t), "no cotangent reaches it"),
    ],
    "lstm_cell": [
        Wrong(cell_of("order"), "in the order [1, 0, 2, 3]"),
        Wrong(cell_of("candidate"), "at 8, 9, 10, 11 of axis 1 only"),
        Wrong(cell_of("forget"), "as a gate, a sigmoid"),
    ],
    "sgd_momentum": [
        Wrong(momentum_of("forgotten"), "is forgotten"),
        Wrong(momentum_of("damped"), "damped by 1 - momentum"),
        Wrong(momentum_of("twice"), "applied twice"),
    ],
    "adam": [
        Wrong(adam_of("squares"), "m is a running mean of g²"),
        Wrong(adam_of("no squares"), "v is a running mean of g, whose root"),
        Wrong(adam_of("no root"), "outside of the root"),
    ],
}
