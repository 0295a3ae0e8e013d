"""Optimizers: the very update rules, their state, what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.behaviours.both import F, complains
from tests.support.keras_programs import close, complain_alike, same

RNG = np.random.default_rng(62)
START = RNG.normal(size=5).astype("f")
GRADIENTS = RNG.normal(size=(4, 5)).astype("f")


def path(tf: Any, optimizer: Any, gradients: Any = GRADIENTS, start: Any = START) -> list[Any]:
    """The values of a variable after each step."""
    w, found = tf.keras.Variable(start, name="w"), []
    for g in gradients:
        optimizer.apply_gradients([(tf.constant(g), w)])
        found.append(w.numpy())
    return found


def test_62_sgd() -> None:
    """``w -= η g``; momentum: ``m = μ m - η g; w += m``; Nesterov: ``w += μ m - η g`` after it."""
    rate, mu = 0.1, 0.9

    def program(tf: Any) -> list[Any]:
        sgd = tf.keras.optimizers.SGD
        made = [sgd(rate), sgd(rate, momentum=mu), sgd(rate, momentum=mu, nesterov=True)]
        return [path(tf, optimizer) for optimizer in made]

    found = close(program, 8)
    plain, heavy, nesterov, m = (*[START.astype("d")] * 3, np.zeros(5))
    for step, g in enumerate(GRADIENTS.astype("d")):
        m = mu * m - rate * g
        plain, heavy, nesterov = plain - rate * g, heavy + m, nesterov + mu * m - rate * g
        for each, exact in zip(found, (plain, heavy, nesterov), strict=True):
            np.testing.assert_allclose(each[step], exact, atol=5e-7)


def test_63_adam_adds_epsilon_to_the_root() -> None:
    """ε is added after the root, to the v that is not yet corrected.

    This is the ε̂ of the paper's note on efficiency: with ε = 1 the first step is much smaller
    than that of its Algorithm 1.
    """
    rate, b1, b2 = 0.1, 0.9, 0.999

    def program(tf: Any) -> list[Any]:
        adam = tf.keras.optimizers.Adam
        first = path(tf, adam(rate, epsilon=1.0), np.ones((1, 1), "f"), np.zeros(1, "f"))
        return [path(tf, adam(rate)), first]

    found, first = close(program, 30)
    w, m, v = START.astype("d"), np.zeros(5), np.zeros(5)
    for step, g in enumerate(GRADIENTS.astype("d"), start=1):
        m += (g - m) * (1 - b1)
        v += (g * g - v) * (1 - b2)
        w = w - m * rate * np.sqrt(1 - float(F(b2)) ** step) / (1 - b1**step) / (np.sqrt(v) + 1e-7)
        np.testing.assert_allclose(found[step - 1], w, atol=2e-6)
    hat = rate * np.sqrt(1 - b2) / (np.sqrt(1 - b2) + 1)  # Algorithm 1: rate / (1 + 1)
    assert float(first[0][0]) == pytest.approx(-hat, rel=1e-4)


def test_64_hyper_parameters_and_state() -> None:
    """float32 hyper-parameters, int64 steps, two slots per variable in Adam, none in plain SGD."""

    def program(tf: Any) -> list[Any]:
        optimizers, v = tf.keras.optimizers, tf.keras.Variable(START, name="w")
        found: list[Any] = []
        for made in (optimizers.SGD(), optimizers.SGD(momentum=0.5), optimizers.Adam()):
            made.build([v])
            found.append([variable.path for variable in made.variables])
            found.append([made.iterations.dtype, float(made.learning_rate.numpy())])
        return found

    found = same(program)
    assert found[0] == ["sgd/iteration", "sgd/learning_rate"]
    assert len(found[2]) == 3
    assert [name.rsplit("_", 1)[1] for name in found[4][2:]] == ["momentum", "velocity"]
    assert [found[i][0] for i in (1, 3, 5)] == ["int64"] * 3
    assert [found[1][1], found[5][1]] == [float(F(0.01)), float(F(0.001))]


def no_gradients(tf: Any) -> None:
    tf.keras.optimizers.SGD().apply_gradients([(None, tf.keras.Variable([1.0]))])


def one_missing(tf: Any) -> None:
    a, b = tf.keras.Variable([1.0], name="a"), tf.keras.Variable([1.0], name="b")
    tf.keras.optimizers.SGD().apply_gradients([(None, a), (tf.constant([1.0]), b)])


def test_65_apply_gradients() -> None:
    """It returns the count of steps; nothing to do is an error, a part to do a warning.

    The error for an empty list is a ValueError of ours that says so: Keras's is the failure to
    unpack.
    """

    def program(tf: Any) -> Any:
        pair = (tf.constant([1.0]), tf.keras.Variable([1.0]))
        return tf.keras.optimizers.SGD().apply_gradients([pair]).numpy()

    assert close(program, 0) == 1
    complain_alike(
        lambda tf: tf.keras.optimizers.SGD().apply_gradients([]), "", "at least one pair"
    )
    complain_alike(no_gradients, "No gradients provided for any variable.")
    complain_alike(
        one_missing,
        "when minimizing the loss. If using `model.compile()`, did you forget to provide a `loss` "
        "argument?",
    )


def stranger(tf: Any) -> None:
    a, b = tf.keras.Variable([1.0]), tf.keras.Variable([1.0])
    optimizer = tf.keras.optimizers.SGD()
    optimizer.apply_gradients([(tf.constant([1.0]), a)])
    optimizer.apply_gradients([(tf.constant([1.0]), b)])


def test_66_unknown_variables() -> None:
    """Once built an optimizer knows its variables; a part of them is fine, and shares the count."""
    for tf in (tensorflow, scratchnet):
        complains(tf, stranger, "ValueError", "Unknown variable: ")
        complains(tf, stranger, "ValueError", "new optimizer instance")

    def program(tf: Any) -> list[Any]:
        a, b = tf.keras.Variable(START), tf.keras.Variable(START)
        adam, g = tf.keras.optimizers.Adam(0.1), tf.constant(GRADIENTS[0])
        adam.apply_gradients([(g, a), (g, b)])
        adam.apply_gradients([(g, a)])
        adam.apply_gradients([(g, b)])
        return [a.numpy(), b.numpy(), adam.iterations.numpy()]

    a, b, steps = close(program, 20)
    assert steps == 3
    assert np.abs(a - b).max() > 1e-4  # the second step of b was corrected as a third


OPTIMIZER_ERRORS: dict[str, tuple[Any, str, str]] = {
    "momentum": (lambda o: o.SGD(momentum=2.0), "ValueError", "momentum"),
    "lr": (lambda o: o.SGD(lr=0.1), "ValueError", "Argument(s) not recognized: {'lr': 0.1}"),
    "decay": (lambda o: o.SGD(decay=0.1), "UserWarning", "decay"),
    "two clips": (lambda o: o.SGD(clipnorm=1.0, clipvalue=1.0), "ValueError", "clipnorm"),
}


@pytest.mark.parametrize("name", OPTIMIZER_ERRORS)
def test_67_arguments_of_optimizers(name: str) -> None:
    """Wrong or old ones are refused; `decay`, which TensorFlow 1 had, is only warned of."""
    make, kind, says = OPTIMIZER_ERRORS[name]
    for tf in (tensorflow, scratchnet):
        complains(tf, lambda tf: make(tf.keras.optimizers), kind, says)
    complain_alike(lambda tf: make(tf.keras.optimizers), says)


def test_67_a_negative_rate_climbs_and_minimize_is_gone() -> None:
    assert same(lambda tf: hasattr(tf.keras.optimizers.SGD(), "minimize")) is False
    (climbed,) = close(lambda tf: path(tf, tf.keras.optimizers.SGD(-0.1), GRADIENTS[:1]), 4)
    np.testing.assert_allclose(climbed, START + F(0.1) * GRADIENTS[0], rtol=1e-6)


def test_68_clipping_decay_and_schedules() -> None:
    """Clipping by value, by the norm of each gradient, by that of all; decay before the step.

    A schedule is read before the step is counted: the first step is its step 0.
    """

    def program(tf: Any) -> list[Any]:
        o = tf.keras.optimizers
        halves = o.schedules.ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5)
        g = GRADIENTS[:1]
        ones = np.ones((3, 5), "f")
        pair = [tf.keras.Variable(START), tf.keras.Variable(START)]
        grads = [tf.constant(row) for row in GRADIENTS[:2]]
        o.SGD(1.0, global_clipnorm=0.5).apply_gradients(zip(grads, pair, strict=True))
        return [
            path(tf, o.SGD(1.0, clipvalue=0.2), g)[0],
            path(tf, o.SGD(1.0, clipnorm=0.5), g)[0],
            [v.numpy() for v in pair],
            path(tf, o.SGD(0.1, weight_decay=0.3), g)[0],
            path(tf, o.SGD(halves), ones),
        ]

    value, norm, together, decayed, scheduled = close(program, 20)
    g, both = GRADIENTS[0], GRADIENTS[:2]
    np.testing.assert_allclose(value, START - g.clip(-0.2, 0.2), rtol=1e-5)
    np.testing.assert_allclose(norm, START - 0.5 * g / np.linalg.norm(g), rtol=1e-5)
    np.testing.assert_allclose(together, START - 0.5 * both / np.linalg.norm(both), rtol=1e-5)
    np.testing.assert_allclose(decayed, START * (1 - 0.1 * 0.3) - 0.1 * g, rtol=1e-5)
    rates = -np.diff([START, *scheduled], axis=0)[:, 0]
    np.testing.assert_allclose(rates, [0.1, 0.05, 0.025], rtol=1e-5)


def test_69_adam_steps_by_the_rate_whatever_the_size() -> None:
    """The first step is about the rate, and even a gradient of 1e-8 moves the weight.

    So where the true gradient is zero, the rounding noise of a library moves weights: two correct
    libraries drift apart there.
    """
    sizes = np.array([1e3, 1.0, 1e-3, 1e-8], "f")

    def program(tf: Any) -> Any:
        return path(tf, tf.keras.optimizers.Adam(0.1), sizes[None], np.zeros(4, "f"))[0]

    steps = -close(program, 20)
    np.testing.assert_allclose(steps[:2], 0.1, rtol=1e-4)
    hat = 1e-7 / np.sqrt(1 - 0.999)  # ε as it stands beside the corrected root
    np.testing.assert_allclose(steps, 0.1 * sizes / (sizes + hat), rtol=1e-3)
    assert 1e-4 < steps[3] < 1e-2
