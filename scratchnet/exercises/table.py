"""The exercises: for each, what its sheet is tried on, and what to say of a wrong answer.

A sheet (``sheets/NAME.py``) has the forward pass and the formula to derive; what stands here is
what its reader should not see first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

import scratchnet as tf
from scratchnet.engine.dtypes import Array
from scratchnet.exercises import vjp_mistakes
from scratchnet.exercises.optimizer_mistakes import ADAM, MOMENTUM, Mistake

Rng = np.random.Generator


class Case(NamedTuple):
    """What a VJP is tried on: the arguments of the forward pass by their names."""

    arrays: dict[str, Array]
    options: Mapping[str, Any] = MappingProxyType({})


class Tried(NamedTuple):
    """One call of a VJP on a case: the cotangent, and the gradients by argument."""

    case: Case
    y: Array
    g: Array
    gradients: dict[str, Array]


class Property(NamedTuple):
    """What holds of every right answer, and is easier to see than the whole.

    Attributes:
        sentence: what must hold, and why.
        holds: whether it does.
    """

    sentence: str
    holds: Callable[[Tried], bool]


@dataclass(frozen=True)
class Exercise:
    """A VJP to be written.

    Attributes:
        wanted: the arguments by which the VJP differentiates.
        cases: what it is tried on.
        witness: this library's own function of the same arguments.
        formula: the answer, in one or two lines: the last hint.
        properties: what to look at first.
        factors, mistakes: what is wrong with an answer that has one of these.
    """

    wanted: tuple[str, ...]
    cases: Callable[[Rng], list[Case]]
    witness: Callable[..., Any]
    formula: str
    properties: tuple[Property, ...] = ()
    factors: tuple[vjp_mistakes.Factor, ...] = ()
    mistakes: tuple[vjp_mistakes.Mistake, ...] = ()


@dataclass(frozen=True)
class StepExercise:
    """A step of an optimizer to be written.

    Attributes:
        states: the names of the running values, all 0 before the first step.
        options: the arguments of the step, learning rate and all.
        optimizer: this library's own, made of the options.
        formula: the answer: the last hint.
        mistakes: the first that makes the same steps as a wrong answer says what is wrong with it.
        properties: of the options and the step: sentence, and whether it holds.
    """

    states: tuple[str, ...]
    options: dict[str, float]
    optimizer: Callable[..., Any]
    formula: str
    mistakes: tuple[Mistake, ...]
    properties: tuple[tuple[str, Callable[[Callable[..., Any]], bool]], ...] = field(default=())


def near(a: Any, b: Any, scale: float = 1.0) -> bool:
    """Whether two arrays are the same but for rounding, in float64 and on inputs of size 1."""
    return np.shape(a) == np.shape(b) and bool(np.all(np.abs(a - b) <= 1e-8 * scale + 1e-8))


def _normal(rng: Rng, **shapes: tuple[int, ...]) -> dict[str, Array]:
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def _distinct(rng: Rng, shape: tuple[int, ...]) -> Array:
    """Numbers that are all different, 0.1 or more apart: no kink and no tie is near."""
    size = int(np.prod(shape))
    return (rng.permutation(size).reshape(shape) - size / 2 + 0.25) / 10


# -- convolutions and pooling ----------------------------------------------------------------------


def _conv2d_cases(rng: Rng) -> list[Case]:
    return [
        Case(_normal(rng, x=(2, 6, 5, 2), k=(3, 3, 2, 4)), {"strides": (1, 1)}),
        Case(_normal(rng, x=(1, 7, 6, 1), k=(3, 2, 1, 2)), {"strides": (2, 3)}),
    ]


def _conv2d(x: Any, k: Any, strides: tuple[int, int]) -> Any:
    return tf.nn.conv2d(x, k, strides, "VALID")


def _outside_of_windows(tried: Tried) -> Array:
    """Where a pixel is in no window at all, as after the last stride."""
    x, options = tried.case.arrays["x"], tried.case.options
    kh, kw = options["window"] if "window" in options else tried.case.arrays["k"].shape[:2]
    sh, sw = options["strides"]
    oh, ow = tried.y.shape[1:3]
    rows = sorted({i * sh + a for i in range(oh) for a in range(kh)})
    columns = sorted({j * sw + b for j in range(ow) for b in range(kw)})
    seen = np.zeros(x.shape[1:3], bool)
    seen[np.ix_(rows, columns)] = True
    return ~seen


_UNSEEN = Property(
    "a pixel that no window reaches cannot move the loss: its gradient is 0",
    lambda t: not t.gradients["x"][:, _outside_of_windows(t)].any(),
)
_SUM_OF_FILTER = Property(
    "gk summed over all taps (a, b) is what you get if each receptive field is summed first: "
    "Σ_ab gk[a, b, c, o] = Σ_nij (Σ_ab x[n, i sh + a, j sw + b, c]) g[n, i, j, o]",
    lambda t: near(t.gradients["k"].sum((0, 1)), _field_sums(t)),
)


def _field_sums(tried: Tried) -> Any:
    x, k = tried.case.arrays["x"], tried.case.arrays["k"]
    (sh, sw), (oh, ow) = tried.case.options["strides"], tried.y.shape[1:3]
    sums = sum(
        x[:, a : a + oh * sh : sh, b : b + ow * sw : sw][:, :oh, :ow]
        for a in range(k.shape[0])
        for b in range(k.shape[1])
    )
    return np.einsum("nijc,nijo->co", sums, tried.g)


def _max_pool2d_cases(rng: Rng) -> list[Case]:
    with_ties = np.maximum(rng.integers(-3, 3, (2, 4, 6, 2)), 0).astype(float)
    return [
        Case({"x": _distinct(rng, (2, 6, 4, 2))}, {"window": (2, 2), "strides": (2, 2)}),
        Case({"x": _distinct(rng, (1, 5, 6, 2))}, {"window": (3, 2), "strides": (1, 2)}),
        Case({"x": with_ties}, {"window": (2, 2), "strides": (2, 2)}),
    ]


def _avg_pool2d_cases(rng: Rng) -> list[Case]:
    # "SAME" pads below and to the right, as the sheet does, where it pads by one pixel at most.
    return [
        Case(_normal(rng, x=(2, 4, 6, 2)), {"window": (2, 3), "strides": (2, 3)}),
        Case(_normal(rng, x=(2, 6, 6, 1)), {"window": (3, 3), "strides": (2, 2)}),
        Case(_normal(rng, x=(1, 5, 6, 2)), {"window": (2, 3), "strides": (2, 2)}),
    ]


def _avg_pool2d(x: Any, window: tuple[int, int], strides: tuple[int, int]) -> Any:
    return tf.nn.avg_pool2d(x, window, strides, "SAME")


_CONSERVED = Property(
    "each g is handed on whole, to one pixel or in parts: Σ gx = Σ g",
    lambda t: near(t.gradients["x"].sum(), t.g.sum(), 10),
)

# -- one layer of it -------------------------------------------------------------------------------


def _relu_cases(rng: Rng) -> list[Case]:
    x = _distinct(rng, (4, 5))
    return [Case({"x": x}), Case({"x": np.where(rng.random(x.shape) < 0.3, 0.0, x)})]


def _dropout_cases(rng: Rng) -> list[Case]:
    found = []
    for rate in (0.5, 0.2):
        arrays = _normal(rng, x=(4, 6)) | {"keep": rng.random((4, 6)) >= rate}
        found.append(Case(arrays, {"rate": rate}))
    return found


def _batch_normalization(x: Any, gamma: Any, beta: Any, epsilon: float) -> Any:
    mean, variance = tf.nn.moments(x, [0])
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)


def _batch_normalization_cases(rng: Rng) -> list[Case]:
    return [
        Case(_normal(rng, x=(8, 3), gamma=(3,), beta=(3,)), {"epsilon": 1e-3}),
        Case(_normal(rng, x=(5, 1), gamma=(1,), beta=(1,)), {"epsilon": 0.5}),
    ]


def _softmax_cross_entropy(x: Any, labels: Any) -> Any:
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, x))


def _softmax_cross_entropy_cases(rng: Rng) -> list[Case]:
    sizes = (6, 4), (3, 5)
    return [Case(_normal(rng, x=(n, k)) | {"labels": rng.integers(0, k, n)}) for n, k in sizes]


def _lstm_cell(x: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> Any:
    i, f, candidate, o = tf.split(x @ w + h @ u + b, 4, axis=1)
    new_c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(candidate)
    return tf.concat([tf.sigmoid(o) * tf.tanh(new_c), new_c], axis=1)


def _lstm_cell_cases(rng: Rng) -> list[Case]:
    return [
        Case(_normal(rng, x=(n, d), h=(n, u), c=(n, u), w=(d, 4 * u), u=(u, 4 * u), b=(4 * u,)))
        for n, d, u in ((3, 2, 4), (1, 5, 2))
    ]


# -- optimizers ------------------------------------------------------------------------------------


def _momentum(learning_rate: float, momentum: float) -> Any:
    return tf.keras.optimizers.SGD(learning_rate, momentum)


def _sgd_without_momentum(step: Callable[..., Any]) -> bool:
    w, g = np.array([1.0, -2.0]), np.array([3.0, 0.5])
    return near(step(w, g, np.zeros(2), 1, 0.1, 0.0)[0], w - 0.1 * g)


def _first_adam_step(step: Callable[..., Any]) -> bool:
    w, g = np.array([1.0, -2.0, 3.0]), np.array([1e-2, -5.0, 400.0])
    moved = step(w, g, np.zeros(3), np.zeros(3), 1, 0.1, 0.9, 0.999, 1e-7)[0] - w
    return bool(np.allclose(moved, -0.1 * np.sign(g), rtol=1e-3, atol=0))


EXERCISES: dict[str, Exercise | StepExercise] = {
    "matmul": Exercise(
        ("a", "b"),
        lambda rng: [Case(_normal(rng, a=(n, m), b=(m, k))) for n, m, k in ((3, 4, 2), (3, 3, 3))],
        tf.matmul,
        "ga = g bᵀ, gb = aᵀ g",
        factors=vjp_mistakes.MATMUL,
    ),
    "bias_add": Exercise(
        ("x", "b"),
        lambda rng: [Case(_normal(rng, x=s, b=s[-1:])) for s in ((2, 3, 4, 5), (3, 3, 3, 3))],
        tf.nn.bias_add,
        "gx = g, gb = Σ g over N, H and W",
        factors=vjp_mistakes.BIAS_ADD,
    ),
    "relu": Exercise(
        ("x",),
        _relu_cases,
        tf.nn.relu,
        "gx = g where x > 0, else 0",
        (
            Property(
                "where x < 0, y does not move with x: gx is 0 there",
                lambda t: not t.gradients["x"][t.case.arrays["x"] < 0].any(),
            ),
            Property(
                "where x > 0, y moves as x does: gx is g there, whatever the sign of g",
                lambda t: near(
                    t.gradients["x"][t.case.arrays["x"] > 0], t.g[t.case.arrays["x"] > 0]
                ),
            ),
            Property(
                "at x = 0 the gradient is 0, as in TensorFlow",
                lambda t: not t.gradients["x"][t.case.arrays["x"] == 0].any(),
            ),
        ),
    ),
    "conv2d_input": Exercise(
        ("x",),
        _conv2d_cases,
        _conv2d,
        "for each tap (a, b): windows(gx)[n, i, j, :, a, b] += g[n, i, j, :] k[a, b]ᵀ",
        (_UNSEEN,),
        factors=vjp_mistakes.CONV2D_INPUT,
    ),
    "conv2d_filter": Exercise(
        ("k",),
        _conv2d_cases,
        _conv2d,
        "gk = einsum('nijcab,nijo->abco', windows(x), g)",
        (_SUM_OF_FILTER,),
        factors=vjp_mistakes.CONV2D_FILTER,
    ),
    "max_pool2d": Exercise(
        ("x",),
        _max_pool2d_cases,
        lambda x, window, strides: tf.nn.max_pool2d(x, window, strides, "VALID"),
        "for each window: gx[n, the first pixel of the window where x = y] += g[n, i, j, c]",
        (_UNSEEN, _CONSERVED),
        factors=vjp_mistakes.MAX_POOL,
    ),
    "avg_pool2d": Exercise(
        ("x",),
        _avg_pool2d_cases,
        _avg_pool2d,
        "for each tap (a, b): windows(gx)[n, i, j, :, a, b] += g[n, i, j, :] / counts[i, j]",
        (_CONSERVED,),
        factors=vjp_mistakes.AVG_POOL,
    ),
    "dropout": Exercise(
        ("x",),
        _dropout_cases,
        lambda x, keep, rate: tf.where(keep, x / (1 - rate), tf.zeros_like(x)),
        "gx = g / (1 - rate) where keep, else 0",
        (
            Property(
                "what was dropped did not reach y: gx is 0 there",
                lambda t: not t.gradients["x"][~t.case.arrays["keep"]].any(),
            ),
        ),
        factors=vjp_mistakes.DROPOUT,
    ),
    "softmax_cross_entropy": Exercise(
        ("x",),
        _softmax_cross_entropy_cases,
        _softmax_cross_entropy,
        "gx = g (p - t) / N, with t = 1 at the label and 0 elsewhere",
        (
            Property(
                "the loss does not change when all logits of a sample grow alike: each row of gx "
                "sums to 0",
                lambda t: near(t.gradients["x"].sum(-1), np.zeros(len(t.gradients["x"]))),
            ),
            Property(
                "a larger logit of the right class makes the loss smaller: for g > 0, gx is "
                "negative at the label and positive elsewhere",
                lambda t: _signs_of_cross_entropy(t),
            ),
        ),
        factors=vjp_mistakes.CROSS_ENTROPY,
    ),
    "batch_normalization": Exercise(
        ("x", "gamma", "beta"),
        _batch_normalization_cases,
        _batch_normalization,
        "gbeta = Σ g, ggamma = Σ g z, gx = (gz - mean(gz) - z mean(gz z)) / √(variance + ε), with "
        "gz = g γ, sums and means over the batch",
        (
            Property(
                "y does not change when all x of a channel move alike: Σ gx over the batch is 0",
                lambda t: near(t.gradients["x"].sum(0), np.zeros(t.g.shape[1])),
            ),
            Property(
                "y hardly changes when the x of a channel are spread out more, as the variance "
                "follows: Σ gx (x - mean) over the batch is nearly 0 (it is ε that keeps it from "
                "being 0)",
                lambda t: _scale_of_batch_normalization(t),
            ),
        ),
        factors=vjp_mistakes.BATCH_NORMALIZATION_FACTORS,
        mistakes=vjp_mistakes.BATCH_NORMALIZATION,
    ),
    "embedding_lookup": Exercise(
        ("table",),
        lambda rng: [
            Case(_normal(rng, table=(5, 3)) | {"ids": np.array([3, 0, 3, 1, 3, 0])}),
            Case(_normal(rng, table=(4, 2)) | {"ids": np.array([2, 1])}),
        ],
        lambda table, ids: tf.gather(table, ids),
        "gtable = 0; for each n: gtable[ids[n]] += g[n]   (np.add.at(gtable, ids, g))",
        (
            Property(
                "a row that was not looked up cannot move the loss: its gradient is 0",
                lambda t: not np.delete(t.gradients["table"], t.case.arrays["ids"], axis=0).any(),
            ),
            Property(
                "each g is added to one row, also where a row comes several times: "
                "Σ_v gtable = Σ_n g",
                lambda t: near(t.gradients["table"].sum(0), t.g.sum(0)),
            ),
        ),
        factors=vjp_mistakes.EMBEDDING,
    ),
    "lstm_cell": Exercise(
        ("x", "h", "c", "w", "u", "b"),
        _lstm_cell_cases,
        _lstm_cell,
        "with gh', gc' the halves of g: gc* = gc' + gh' σ(o) (1 - tanh² c'); gc = gc* σ(f); "
        "ga = [gc* tanh(c̃) σ'(i), gc* c σ'(f), gc* σ(i) (1 - tanh² c̃), gh' tanh(c') σ'(o)]; "
        "gx = ga wᵀ, gh = ga uᵀ, gw = xᵀ ga, gu = hᵀ ga, gb = Σ ga over the batch",
        factors=vjp_mistakes.LSTM_FACTORS,
        mistakes=vjp_mistakes.LSTM,
    ),
    "sgd_momentum": StepExercise(
        ("v",),
        {"learning_rate": 0.1, "momentum": 0.9},
        _momentum,
        "v ← momentum v - learning_rate g; w ← w + v",
        MOMENTUM,
        (
            (
                "with momentum 0 it is plain gradient descent: w - learning_rate g",
                _sgd_without_momentum,
            ),
        ),
    ),
    "adam": StepExercise(
        ("m", "v"),
        {"learning_rate": 0.1, "beta_1": 0.9, "beta_2": 0.99, "epsilon": 0.01},
        tf.keras.optimizers.Adam,
        "m ← beta_1 m + (1 - beta_1) g; v ← beta_2 v + (1 - beta_2) g²; "
        "w ← w - learning_rate √(1 - beta_2^t) / (1 - beta_1^t) m / (√v + ε)",
        ADAM,
        (
            (
                "the first step moves each weight by about the learning rate, against the sign of "
                "its gradient and whatever its size",
                _first_adam_step,
            ),
        ),
    ),
}


# Names for several exercises at once, whose VJP returns all their gradients.
TOGETHER = {"conv2d": ("conv2d_input", "conv2d_filter")}


def exercise_of(name: str) -> Exercise | StepExercise:
    """The exercise of a name, or that of several in one."""
    if name not in TOGETHER:
        return EXERCISES[name]
    parts = [part for part in map(EXERCISES.get, TOGETHER[name]) if isinstance(part, Exercise)]
    return Exercise(
        tuple(wanted for part in parts for wanted in part.wanted),
        parts[0].cases,
        parts[0].witness,
        "; ".join(part.formula for part in parts),
        tuple(held for part in parts for held in part.properties),
        tuple(factor for part in parts for factor in part.factors),
    )


def _signs_of_cross_entropy(tried: Tried) -> bool:
    gx, labels = tried.gradients["x"] * np.sign(tried.g), tried.case.arrays["labels"]
    at_label = np.arange(gx.shape[1]) == labels[:, None]
    return bool((gx[at_label] <= 0).all() and (gx[~at_label] >= 0).all())


def _scale_of_batch_normalization(tried: Tried) -> bool:
    x, gx = tried.case.arrays["x"], tried.gradients["x"]
    gamma, epsilon = tried.case.arrays["gamma"], tried.case.options["epsilon"]
    z = (x - x.mean(0)) / np.sqrt(x.var(0) + epsilon)
    # By the formula Σ gx (x - mean) is Σ g γ z ε / (variance + ε).
    exact = (tried.g * gamma * z).sum(0) * epsilon / (x.var(0) + epsilon)
    return near((gx * (x - x.mean(0))).sum(0), exact, 10)
