"""Typical wrong answers to each exercise, and the words that their causes must have.

Most of them an independent reader wrote, without knowing what the exercises look for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scratchnet.exercises import Progress, check, names
from scratchnet.exercises.sheets import lstm_cell, max_pool2d
from scratchnet.exercises.sheets.softmax_cross_entropy import softmax
from scratchnet.exercises.table import EXERCISES, Exercise
from tests.support.exercise_answers import (
    RIGHT,
    batch_normalization_vjp,
    embedding_lookup_gtable,
    one_hot,
)

Answer = Callable[..., Any]


def scaled(name: str, by: Callable[..., Any], which: int | None = None) -> Answer:
    """The right answer, one of its gradients times ``by(g, *arguments, **options)``."""

    def answer(*arrays: Any, **options: Any) -> Any:
        found, factor = RIGHT[name](*arrays, **options), by(*arrays, **options)
        if which is None:
            return found * factor
        return tuple(gx * factor if i == which else gx for i, gx in enumerate(found))

    return answer


def pooled(how: str) -> Answer:
    def answer(g: Any, x: Any, window: Any, strides: Any) -> Any:
        gx = np.zeros_like(x)
        cells, to = (max_pool2d.windows(z, window, strides) for z in (x, gx))
        flat = cells.reshape(*cells.shape[:4], -1)
        first = (
            flat.argmax(-1) if how != "last" else flat.shape[-1] - 1 - flat[..., ::-1].argmax(-1)
        )
        for a, b in np.ndindex(*window):
            cell = b * window[0] + a if how == "exchanged" else a * window[1] + b
            to[..., a, b] += np.where(first == cell, g, 0)
        return gx

    return answer


def normalized(how: str) -> Answer:
    def answer(g: Any, x: Any, gamma: Any, beta: Any, epsilon: float) -> Any:
        s = np.sqrt(x.var(0) + epsilon)
        z, gz = (x - x.mean(0)) / s, g * gamma
        gx, ggamma, gbeta = batch_normalization_vjp(g, x, gamma, beta, epsilon)
        if how == "sums":
            gx = (gz - gz.sum(0) - z * (gz * z).sum(0)) / s
        return gx, (g * x).sum(0) if how == "x" else ggamma, g.sum(1) if how == "axis" else gbeta

    return answer


def cell(how: str) -> Answer:
    def answer(g: Any, x: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> Any:
        i, f, q, o = np.split(x @ w + h @ u + b, 4, axis=1)
        i, f, o, q = *(lstm_cell.sigmoid(z) for z in (i, f, o)), np.tanh(q)
        t, (gh, gc) = np.tanh(f * c + i * q), np.split(g, 2, axis=1)
        both = {"only h": gh * o * (1 - t * t), "only c": gc, "no tanh": gc + gh * o}
        gc = both.get(how, gc + gh * o * (1 - t * t))
        of_gate = 1 if how == "gate" else i * (1 - i)
        parts = gc * q * of_gate, gc * c * f * (1 - f), gc * i * (1 - q * q), gh * t * o * (1 - o)
        ga = np.concatenate(parts, axis=1)
        return ga @ w.T, ga @ u.T, gc * f, x.T @ ga, h.T @ ga, ga.sum(0)

    return answer


def momentum(how: str) -> Answer:
    def step(w: Any, g: Any, v: Any, t: int, learning_rate: float, momentum: float) -> Any:
        new = momentum * v - (1 if how == "no rate" else learning_rate) * g
        if how == "plain":
            return w - learning_rate * g, v
        if how == "outside":
            new = momentum * v + g
            return w - learning_rate * new, new
        return w + new, new

    return step


def adam(how: str) -> Answer:
    def step(  # type: ignore[no-untyped-def]
        w, g, m, v, t, learning_rate, beta_1, beta_2, epsilon
    ):
        one, two = {"exchanged": (beta_2, beta_1), "one": (beta_1, beta_1)}.get(
            how, (beta_1, beta_2)
        )
        of_m, of_v = one * m + (1 - one) * g, two * v + (1 - two) * g * g
        a = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        moved = w - a * of_m / (np.sqrt(of_v) + epsilon)
        return (moved, m, v) if how == "not kept" else (moved, of_m, of_v)

    return step


def exchanged_betas(w, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):  # type: ignore[no-untyped-def]
    return adam("")(w, g, m, v, t, learning_rate, beta_2, beta_1, epsilon)


TYPICAL: dict[str, tuple[tuple[Answer, str], ...]] = {
    "matmul": (
        (scaled("matmul", lambda g, a, b: 1 / len(a), 1), "gb: every element is 3 times too small"),
        (scaled("matmul", lambda g, a, b: 2, 0), "ga: every element is 2 times too large: it is a"),
        (scaled("matmul", lambda g, a, b: -1, 1), "gb: Every element has the wrong sign"),
    ),
    "bias_add": (
        (lambda g, x, b: (g, g.mean((0, 1, 2))), "gb: every element is 24 times too small: the me"),
        (lambda g, x, b: (g, g.sum((0, 1, 2)) / len(x)), "the mean over the batch is taken"),
        (lambda g, x, b: (g * x, g.sum((0, 1, 2))), "gx: Each element has its own factor, which"),
        (lambda g, x, b: (g, g), "sum over them"),
    ),
    "relu": (
        (lambda g, x: g, "get a gradient where `x` <= 0"),
        (lambda g, x: g * (g > 0), "The mask is another one than that of the forward pass"),
        (lambda g, x: g * (x < 0), "from the wrong side"),
    ),
    "conv2d_input": (
        (scaled("conv2d_input", lambda g, x, *_, **__: 1 / len(x)), "divided by the batch size N"),
        (scaled("conv2d_input", lambda g, x, k, **_: 1 / (k[..., 0, 0].size)), "window area: add"),
        (scaled("conv2d_input", lambda g, *_, **__: 1 / g.shape[-1]), "number of output channels"),
    ),
    "conv2d_filter": (
        (scaled("conv2d_filter", lambda g, *_, **__: 1 / len(g)), "divided by the batch size N. S"),
        (scaled("conv2d_filter", lambda g, *_, **__: 1 / g[0, :, :, 0].size), "number of pixels"),
        (scaled("conv2d_filter", lambda g, *_, **__: 1 / g[..., 0].size), "batch size times the p"),
    ),
    "max_pool2d": (
        (
            scaled("max_pool2d", lambda g, x, window, strides: 1 / np.prod(window)),
            "4 times too small: g is divided by the window area",
        ),
        (pooled("exchanged"), "Within each window rows and columns (axes 1 and 2) are exchanged"),
        (pooled("last"), "goes to another of them than the witness chooses, which takes the first"),
    ),
    "avg_pool2d": (
        (
            scaled("avg_pool2d", lambda g, x, window, strides: np.prod(window)),
            "times too large",
        ),
        (
            scaled("avg_pool2d", lambda g, x, window, strides: window[1]),
            "3 times too large: g is divided by kh only",
        ),
        (
            scaled("avg_pool2d", lambda g, x, window, strides: 1 / np.prod(window)),
            "6 times too small: g is divided by the window area twice",
        ),
    ),
    "dropout": (
        (lambda g, x, keep, rate: g * keep, "2 times too small: 1 / (1 - rate) is missing"),
        (lambda g, x, keep, rate: g * keep * (1 - rate), "g is multiplied by 1 - rate, and should"),
        (lambda g, x, keep, rate: g * keep / rate, "4 times too large: g is divided by rate, the"),
        (lambda g, x, keep, rate: g * keep * rate, "g is multiplied by rate, and should be divid"),
        (lambda g, x, keep, rate: g * keep / (1 - rate) ** 2, "divided by 1 - rate twice"),
        (lambda g, x, keep, rate: g * (x > 0) / (1 - rate), "it stops the gradient where `x` <= 0"),
    ),
    "softmax_cross_entropy": (
        (
            scaled("softmax_cross_entropy", lambda g, x, labels: len(x)),
            "1 / N is missing. The loss",
        ),
        (scaled("softmax_cross_entropy", lambda g, x, labels: 1 / len(x)), "divided by N twice"),
        (scaled("softmax_cross_entropy", lambda g, x, labels: len(x) / x.size), "by N K, the num"),
        (
            scaled("softmax_cross_entropy", lambda g, x, labels: len(x) / x.shape[1]),
            "divided by the number of classes",
        ),
        (lambda g, x, labels: g * softmax(x) / len(x), "the term there is missing"),
        (lambda g, x, labels: (softmax(x) - one_hot(x, labels)) / len(x), "g is not used"),
    ),
    "batch_normalization": (
        (normalized("sums"), "the sums of gz and gz z over the batch, and should have their means"),
        (normalized("x"), "ggamma: What `gamma` is multiplied with is not normalized"),
        (normalized("axis"), "g is summed over axis 1: sum over those along which beta was"),
        (
            scaled("batch_normalization", lambda g, x, *_, **__: 1 / len(x), 1),
            "ggamma: every element is 8 times too small: the mean over the batch is taken",
        ),
    ),
    "embedding_lookup": (
        (lambda g, table, ids: g, "that is the shape of the result: for each element of table add"),
        (scaled("embedding_lookup", lambda g, *_: 1 / len(g)), "divided by the number of ids"),
        (lambda g, t, ids: 2 * embedding_lookup_gtable(g, t, ids), "each g is added twice"),
        (lambda g, t, ids: np.zeros_like(t) + g.sum(0), "summed over axis 0, where it should not"),
    ),
    "lstm_cell": (
        (cell("only c"), "the path through h' is missing: h' = σ(o) tanh(c') depends on c'"),
        (cell("only h"), "the cotangent gc' of c' itself is missing"),
        (cell("no tanh"), "the derivative of tanh(c') is missing on the path through h'"),
        (cell("gate"), "the derivative of σ(i) is missing"),
        (scaled("lstm_cell", lambda g, *_: 1 / len(g), 5), "gb: every element is 3 times too smal"),
    ),
    "sgd_momentum": (
        (momentum("no rate"), "the learning rate is missing"),
        (momentum("plain"), "this is plain gradient descent, and v is returned as it came"),
        (momentum("outside"), "the learning rate stands outside of the velocity"),
    ),
    "adam": (
        (adam("exchanged"), "the betas are exchanged"),
        (exchanged_betas, "the betas are exchanged"),
        (adam("one"), "beta_1 is taken for both means"),
        (adam("not kept"), "m and v are returned as they came"),
    ),
}


@pytest.mark.parametrize("name", names())
def test_what_is_typical_of_an_exercise_is_named(name: str) -> None:
    assert len(TYPICAL[name]) >= 3
    for answer, words in TYPICAL[name]:
        progress = Progress()
        progress.note(name, False)
        feedback = check(name, answer, progress)
        assert not feedback.solved, words
        assert words in str(feedback), str(feedback)
        if "Σ g y moves" in feedback.fails and isinstance(answer_of := EXERCISES[name], Exercise):
            moved = feedback.fails.split()[1]  # both hints are of the same argument
            assert len(answer_of.wanted) == 1 or f"g{moved}" in feedback.cause, str(feedback)
