"""Mistakes in layers as students write them in NumPy: each gets its cause, and a true sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scratchnet.testing import check_vjp

Pair = tuple[Callable[..., Any], Callable[..., Any]]


def normal(*shapes: tuple[int, ...]) -> list[Any]:
    rng = np.random.default_rng(41)
    return [rng.normal(size=shape) for shape in shapes]


def softmax(z: Any, axis: int = -1) -> Any:
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def attention(flaw: str = "", causal: bool = False) -> Pair:
    """``softmax(q kᵀ / √D) v``, of shapes (N, T, D)."""

    def weights(q: Any, k: Any, masked: bool) -> Any:
        scores = q @ k.swapaxes(1, 2) / np.sqrt(q.shape[-1])
        past = np.tri(*scores.shape[1:], dtype=bool)
        return softmax(np.where(past, scores, -1e9) if masked else scores)

    def vjp(g: Any, q: Any, k: Any, v: Any) -> Any:
        p = weights(q, k, causal and flaw != "no mask")
        gp, root = g @ v.swapaxes(1, 2), np.sqrt(q.shape[-1])
        gs = gp if flaw == "no softmax" else p * (gp - (gp * p).sum(-1, keepdims=True))
        gq, gk, gv = gs @ k / root, gs.swapaxes(1, 2) @ q / root, p.swapaxes(1, 2) @ g
        if flaw == "not transposed":
            gk = gs @ q / root
        if flaw == "no root":
            gq = gq * root
        return (gq, gv, gk) if flaw == "exchanged" else (gq, gk, gv)

    return lambda q, k, v: weights(q, k, causal) @ v, vjp


def layer_norm(flaw: str = "") -> Pair:
    """``(x - mean) / std · gamma + beta`` over the last axis."""

    def forward(x: Any, gamma: Any, beta: Any) -> Any:
        mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    def vjp(g: Any, x: Any, gamma: Any, beta: Any) -> Any:
        r = 1 / np.sqrt(x.var(-1, keepdims=True) + 1e-3)
        z = (x - x.mean(-1, keepdims=True)) * r
        gz = g if flaw == "gamma last" else g * gamma
        gx = (gz - gz.mean(-1, keepdims=True) - z * (gz * z).mean(-1, keepdims=True)) * r
        gx = gx * gamma if flaw == "gamma last" else gx
        ggamma, gbeta = (g * z).sum(0), g.sum(0)
        return (gx, gbeta, ggamma) if flaw == "exchanged" else (gx, ggamma, gbeta)

    return forward, vjp


def cross_entropy(flaw: str = "") -> Pair:
    """``-Σ t log softmax(z)`` for each row."""

    def vjp(g: Any, z: Any, t: Any) -> Any:
        p = {"axis 0": softmax(z, 0), "twice": softmax(softmax(z)), "none": z, "exp": np.exp(z)}
        return (p.get(flaw, softmax(z)) - t) * g[:, None], None

    return lambda z, t: -(t * np.log(softmax(z))).sum(1), vjp


def max_pool(flaw: str = "") -> Pair:
    """The largest of 3 by 3, two steps apart, of images (N, H, W, C)."""

    def places(y: Any) -> Any:
        return ((i, j, np.s_[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]) for i, j in np.ndindex(y))

    def forward(x: Any) -> Any:
        y = np.zeros((len(x), (x.shape[1] - 1) // 2, (x.shape[2] - 1) // 2, x.shape[3]))
        for i, j, at in places(y.shape[1:3]):
            y[:, i, j] = x[at].max((1, 2))
        return y

    def vjp(g: Any, x: Any) -> Any:
        gx = np.zeros_like(x)
        for i, j, at in places(g.shape[1:3]):
            axes = (1, 2, 3) if flaw == "all channels" else (1, 2)
            mask = x[at] == x[at].max(axes, keepdims=True)
            shares = (
                np.ones_like(x[at]) if flaw == "no mask" else mask / mask.sum(axes, keepdims=True)
            )
            gx[at] += g[:, i, j][:, None, None] * shares
        return (gx,)

    return forward, vjp


def lstm(flaw: str = "") -> Pair:
    """An LSTM cell: the new h and c beside each other."""

    def sigmoid(a: Any) -> Any:
        return 1 / (1 + np.exp(-a))

    def gates(x: Any, h: Any, w: Any, u: Any, b: Any) -> Any:
        i, f, q, o = np.split(x @ w + h @ u + b, 4, 1)
        return sigmoid(i), sigmoid(f), np.tanh(q), sigmoid(o)

    def forward(x: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> Any:
        i, f, q, o = gates(x, h, w, u, b)
        new = f * c + i * q
        return np.concatenate([o * np.tanh(new), new], 1)

    def vjp(g: Any, x: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> Any:
        i, f, q, o = gates(x, h, w, u, b)
        t, (gh, gc) = np.tanh(f * c + i * q), np.split(g, 2, 1)
        gc = gc + (0 if flaw == "h is dropped" else gh * o * (1 - t * t))
        parts = [gc * q * i * (1 - i), gc * c * f * (1 - f), gc * i * (1 - q * q), gh * t * o]
        parts[3] = parts[3] * (1 if flaw == "output gate" else 1 - o)
        parts[0] = parts[0] / (i * (1 - i) if flaw == "input gate" else 1)
        ga = np.concatenate(parts, 1)
        gu = (x if flaw == "u from x" else h).T @ ga
        return ga @ w.T, ga @ u.T, gc * f, x.T @ ga, gu, ga.sum(0)

    return forward, vjp


def heads(flaw: str = "") -> Pair:
    """Two heads, each times a mixing of times of its own: what stands around attention."""
    mixing = normal((2, 3, 3))[0]

    def split(x: Any) -> Any:
        return x.reshape(*x.shape[:2], 2, -1).swapaxes(1, 2)

    def forward(x: Any) -> Any:
        return np.concatenate(list((mixing @ split(x)).swapaxes(0, 1)), -1)

    def vjp(g: Any, x: Any) -> Any:
        gx = mixing.swapaxes(1, 2) @ split(g)
        return (gx if flaw else gx.swapaxes(1, 2)).reshape(x.shape)

    return forward, vjp


def recurrent(flaw: str = "") -> Pair:
    """``h[t] = tanh(x[t] + h[t - 1] @ u)``, all of them."""

    def forward(x: Any, u: Any) -> Any:
        h = [np.zeros(x[:, 0].shape)]
        for t in range(x.shape[1]):
            h.append(np.tanh(x[:, t] + h[-1] @ u))
        return np.stack(h[1:], 1)

    def vjp(g: Any, x: Any, u: Any) -> Any:
        h, gx, gu, gh = forward(x, u), np.zeros_like(x), np.zeros_like(u), 0
        for t in reversed(range(x.shape[1])):
            gx[:, t] = (gh + g[:, t]) * (1 - h[:, t] ** 2)
            gu += h[:, t - 1].T @ gx[:, t] if t else 0
            gh = 0 if flaw else gx[:, t] @ u.T
        return gx, gu

    return forward, vjp


def doubled(power: int) -> Pair:
    return lambda x: x**power, lambda g, x: (2 * g * power * x ** (power - 1),)


TIMES = [(2, 5, 4)] * 3
ROWS = [(5, 6), (6,), (6,)]
CELL = [(4, 3), (4, 3), (4, 3), (3, 12), (3, 12), (12,)]
LABELS = [np.random.default_rng(42).normal(size=(5, 6)), np.eye(6)[[0, 3, 3, 5, 1]]]
STEPS = [(2, 4, 3), (3, 3)]
PICTURE = [(2, 7, 9, 3)]

# The pair, its arrays or their shapes; the argument, the cause, and words of the sentence.
PLANTED: dict[str, tuple[Pair, list[Any], str, str, str]] = {
    "attention, not transposed": (attention("not transposed"), TIMES, "b", "transpose", "A.T @ a"),
    "attention, no mask": (attention("no mask", True), TIMES, "v", "mask", "the causal one"),
    "attention, no softmax": (attention("no softmax"), TIMES, "a", "missing", "no linear function"),
    "attention, exchanged": (attention("exchanged"), TIMES, "b", "transpose", "are exchanged"),
    "attention, no root": (attention("no root"), TIMES, "a", "scale", "the root of the size of ax"),
    "layer norm, gamma last": (
        layer_norm("gamma last"),
        ROWS,
        "a",
        "mean_term",
        "with what goes in",
    ),
    "layer norm, exchanged": (layer_norm("exchanged"), ROWS, "b", "transpose", "are exchanged"),
    "loss, axis 0": (cross_entropy("axis 0"), LABELS, "z", "broadcast", "is taken over axis 0"),
    "loss, twice": (cross_entropy("twice"), LABELS, "z", "scale", "applied twice"),
    "loss, no softmax": (cross_entropy("none"), LABELS, "z", "missing", "The softmax is missing"),
    "loss, exp": (cross_entropy("exp"), LABELS, "z", "mean_term", "The sum in the denominator"),
    "pool, no mask": (max_pool("no mask"), PICTURE, "x", "mask", "only the largest element of ea"),
    "pool, channels": (
        max_pool("all channels"),
        PICTURE,
        "x",
        "mask",
        "argmax is taken over axis 3",
    ),
    "lstm, output gate": (lstm("output gate"), CELL, "w", "scale", "at 9, 10, 11 of axis 1 only"),
    "lstm, input gate": (lstm("input gate"), CELL, "w", "scale", "s (1 - s) of a sigmoid"),
    "lstm, h dropped": (
        lstm("h is dropped"),
        CELL,
        "c",
        "missing",
        "at 0, 1, 2 of axis 1 of the re",
    ),
    "lstm, u from x": (lstm("u from x"), CELL, "u", "missing", "what it returns for `w`, once"),
    "heads, joined by a reshape": (heads("reshape"), [(2, 3, 8)], "x", "transpose", "The 2 parts"),
    "recurrent, no state": (
        recurrent("no state"),
        STEPS,
        "z",
        "missing",
        "from step to step is mis",
    ),
    "twice a square's": (doubled(2), [(3, 4)], "x", "scale", "the derivative of a square"),
    "twice a cube's": (doubled(3), [(3, 5)], "x", "scale", "or the same is added twice"),
}
NAMES = {3: "abv", 6: "xhcwub", 2: "zt", 1: "x"}


@pytest.mark.parametrize("name", PLANTED)
def test_a_mistake_in_a_layer_is_named(name: str) -> None:
    pair, arrays, argument, cause, words = PLANTED[name]
    given = arrays if arrays is LABELS else normal(*arrays)
    report = check_vjp(*pair, *given, names=list(NAMES[len(given)]))
    found = {finding.argument: finding for finding in report.findings}
    assert argument in found, str(report)
    assert found[argument].cause == cause, str(report)
    assert words in found[argument].sentence, str(report)


def test_the_layers_without_a_mistake_are_right() -> None:
    for pair, arrays in (
        (attention(), TIMES),
        (attention(causal=True), TIMES),
        (layer_norm(), ROWS),
        (max_pool(), PICTURE),
        (lstm(), CELL),
        (heads(), [(2, 3, 8)]),
        (recurrent(), STEPS),
    ):
        report = check_vjp(*pair, *normal(*arrays))
        assert report.ok, str(report)
    assert check_vjp(*cross_entropy(), *LABELS).ok
