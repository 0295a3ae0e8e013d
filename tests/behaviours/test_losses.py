"""Losses: what is clipped, the logits that a softmax hides, shapes, reductions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.behaviours.both import (
    F,
    complains,
    gradient,
    only_tensorflow_refuses,
)
from tests.support.keras_programs import EPS, close, complain_alike, same

EPSILON = 1e-7
HIT, MISS = np.array([[1, 0, 0]], "f"), np.array([[0, 1, 0]], "f")
NEARLY_1 = float(F(1) - F(EPSILON))  # 1 - ε in float32
LOGITS = np.array([[1000, 0, -1000], [2, 1, 0]], "f")
TRUTH = np.array([[0, 1, 0], [1, 0, 0]], "f")


def test_37_epsilon_and_clipping() -> None:
    """ε is 1e-7: rows are divided by their sums and clipped to [ε, 1 - ε] before the logarithm.

    So a clean miss costs -log ε, and a perfect hit not quite nothing.  The sparse loss clips
    without dividing, and takes the cross-entropy of the logarithms: its hit costs the 2 ε that
    the other two classes kept.
    """

    def program(tf: Any) -> list[Any]:
        losses = tf.keras.losses
        found = [losses.categorical_crossentropy(HIT, p) for p in (HIT, MISS, MISS * 7)]
        found += [losses.sparse_categorical_crossentropy(np.array([0]), p) for p in (HIT, MISS)]
        return [*(float(v[0]) for v in found), tf.keras.backend.epsilon()]

    hit, miss, scaled, sparse_hit, sparse_miss, epsilon = close(program, 4)
    assert epsilon == EPSILON
    assert hit == pytest.approx(-math.log(NEARLY_1), rel=1e-6)
    assert [miss, scaled, sparse_miss] == pytest.approx([-math.log(EPSILON)] * 3, rel=1e-6)
    assert sparse_hit == pytest.approx(2 * EPSILON, abs=EPS)  # log(1 + 2 ε), as float32 can


def test_38_gradients_of_probabilities() -> None:
    """None where an entry was clipped; through the division for rows that do not sum to 1."""
    row = np.full((1, 3), 0.1, "f")

    def program(tf: Any) -> list[Any]:
        loss = tf.keras.losses.categorical_crossentropy
        return [gradient(tf, lambda p: loss(HIT, p), p) for p in (MISS, row)]

    (_, clipped), (_, renormalised) = close(program, 10)
    assert not clipped.any()
    np.testing.assert_allclose(renormalised, [[-20 / 3, 10 / 3, 10 / 3]], rtol=1e-5)


def test_38_logits_taken_for_probabilities() -> None:
    """Logits given as probabilities: no complaint, a finite number without a meaning."""
    logits = np.array([[-1, 2, 0.5]], "f")
    loss = close(
        lambda tf: tf.keras.losses.categorical_crossentropy(HIT, tf.constant(logits)).numpy(), 10
    )
    assert np.isfinite(loss).all()


def softmaxes(tf: Any) -> list[Any]:
    """The softmax of LOGITS, by each way that Keras has."""
    keras, x = tf.keras, tf.constant(LOGITS)
    dense = keras.layers.Dense(3, activation="softmax", kernel_initializer="identity")
    return [
        keras.activations.softmax(x),
        keras.layers.Activation("softmax")(x),
        keras.layers.Softmax()(x),
        dense(x),
    ]


def test_39_a_softmax_of_keras_hides_its_logits() -> None:
    """Losses go back to them, which is exact where probabilities would be clipped.

    With logits of ±1000 the loss is 1000, not 16.1.  `tf.nn.softmax` hides nothing.
    """

    def program(tf: Any) -> list[Any]:
        losses = tf.keras.losses
        found = [losses.categorical_crossentropy(TRUTH, p)[0] for p in softmaxes(tf)]
        classes = TRUTH.argmax(1)
        found += [losses.sparse_categorical_crossentropy(classes, p)[0] for p in softmaxes(tf)]
        plain = tf.nn.softmax(tf.constant(LOGITS))
        return [*map(float, found), float(losses.categorical_crossentropy(TRUTH, plain)[0])]

    *stable, clipped = close(program, 4)
    assert stable == [1000] * 8
    assert clipped == pytest.approx(-math.log(EPSILON), rel=1e-6)


def test_40_from_logits_of_probabilities_warns_and_is_right() -> None:
    """With `from_logits=True` on a softmax the hidden logits are used, and a warning is given."""

    def program(tf: Any) -> list[Any]:
        p = tf.keras.activations.softmax(tf.constant(LOGITS))
        loss = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
        return [float(loss(TRUTH, p)), float(loss(TRUTH, tf.constant(LOGITS)))]

    complain_alike(program, "received `from_logits=True`, but the `output` argument was produced")
    for tf in (tensorflow, scratchnet):
        with pytest.warns(UserWarning, match="produced by a Softmax"):
            through, direct = program(tf)
        assert through == direct


def test_41_the_gradient_in_the_logits_is_softmax_minus_truth() -> None:
    """Exact for logits of ±1000, each row sums to 0."""

    def program(tf: Any) -> Any:
        loss = tf.keras.losses.CategoricalCrossentropy(from_logits=True, reduction="sum")
        return gradient(tf, lambda x: loss(TRUTH, x), LOGITS)

    _, gx = close(program, 4)
    exact = np.exp(LOGITS[1] - LOGITS[1].max())
    np.testing.assert_allclose(gx[1], exact / exact.sum() - TRUTH[1], rtol=1e-6)
    np.testing.assert_array_equal(gx[0], [1, -1, 0])
    np.testing.assert_allclose(gx.sum(1), 0, atol=1e-7)


THREE = np.full((4, 3), 1 / 3, "f")
SHAPE_ERRORS: dict[str, tuple[str, Any, str, str]] = {
    "rank": ("categorical", np.ones(4), "ValueError", "must have the same rank (ndim)"),
    "column": ("categorical", np.ones((4, 1)), "ValueError", "must have the same shape"),
    "one-hot": (
        "sparse_categorical",
        np.ones((4, 3)),
        "ValueError",
        "must have rank (ndim) `target.ndim - 1`",
    ),
    "too large": (
        "sparse_categorical",
        np.array([0, 5, 1, 1]),
        "InvalidArgumentError",
        "label value of 5 which is outside the valid range of [0, 3)",
    ),
    "negative": (
        "sparse_categorical",
        np.array([0, -1, 1, 1]),
        "InvalidArgumentError",
        "label value of -1 which is outside the valid range of [0, 3)",
    ),
}


@pytest.mark.parametrize("name", SHAPE_ERRORS)
def test_42_labels_that_do_not_fit(name: str) -> None:
    """The rank, the shape, or the range: each is said, with what came."""
    kind, truth, error, says = SHAPE_ERRORS[name]
    program = lambda tf: getattr(tf.keras.losses, f"{kind}_crossentropy")(truth, tf.constant(THREE))  # noqa: E731
    for tf in (tensorflow, scratchnet):
        complains(tf, program, error, says)


def test_42_sparse_labels_may_be_a_column() -> None:
    labels = np.array([0, 2, 1, 1])

    def program(tf: Any) -> list[Any]:
        loss = tf.keras.losses.sparse_categorical_crossentropy
        return [loss(y, tf.constant(THREE)).numpy() for y in (labels, labels[:, None])]

    flat, column = close(program, 4)
    np.testing.assert_array_equal(flat, column)


def test_43_labels_in_lists() -> None:
    """Keras's loss objects fail on lists beside tensors, at a place that says little; ours work."""
    only_tensorflow_refuses(
        lambda tf: tf.keras.losses.MeanSquaredError()([[1.0]], tf.constant([[3.0]])),
        "ValueError",
        "",
    )
    assert scratchnet.keras.losses.MeanSquaredError()([[1.0]], [[3.0]]).numpy() == 4


def test_43_losses_by_name() -> None:
    """`get("mse")` is the function, which `tf.keras` has by its short name and `keras` by its long.

    Here one module stands for both, and has both names.
    """

    def program(tf: Any) -> list[Any]:
        losses = tf.keras.losses
        return [
            losses.get("mse") is losses.mse,
            losses.get("mean_squared_error") is losses.mse,
            losses.get("mse").__name__,
        ]

    assert same(program) == [True, True, "mean_squared_error"]
    assert not hasattr(tensorflow.keras.losses, "mean_squared_error")
    assert scratchnet.keras.losses.mean_squared_error is scratchnet.keras.losses.mse


def test_44_reductions_and_sample_weights() -> None:
    """Weighted losses are divided by how many there are, or by the sum of the weights."""
    y, p = np.zeros((4, 1), "f"), np.array([[1], [2], [3], [4]], "f")
    weights = np.array([1, 0, 2, 0.5], "f")
    kinds = [None, "none", "sum", "sum_over_batch_size", "mean", "mean_with_sample_weight"]

    def program(tf: Any) -> list[Any]:
        made = [tf.keras.losses.MeanSquaredError(reduction=kind) for kind in kinds]
        return [loss(y, p, weights).numpy() for loss in made]

    *each, total, by_count, mean, by_weight = close(program, 4)
    weighted = p[:, 0] ** 2 * weights
    for unreduced in each:
        np.testing.assert_array_equal(unreduced, weighted)
    assert float(total) == weighted.sum()
    assert [float(by_count), float(mean)] == [weighted.sum() / 4] * 2
    assert float(by_weight) == pytest.approx(weighted.sum() / weights.sum(), rel=1e-6)
    complain_alike(lambda tf: tf.keras.losses.MeanSquaredError(reduction="foo"), "foo")


def test_45_label_smoothing() -> None:
    """``y (1 - α) + α / n`` for n classes; for one of two, n is 2."""
    p, a = np.array([[0.7, 0.2, 0.1]], "f"), 0.3

    def program(tf: Any) -> list[Any]:
        losses = tf.keras.losses
        return [
            losses.categorical_crossentropy(HIT, tf.constant(p), label_smoothing=a).numpy(),
            losses.categorical_crossentropy(HIT * (1 - a) + a / 3, tf.constant(p)).numpy(),
            losses.binary_crossentropy(HIT, tf.constant(p), label_smoothing=a).numpy(),
            losses.binary_crossentropy(HIT * (1 - a) + a / 2, tf.constant(p)).numpy(),
        ]

    found = close(program, 10)
    np.testing.assert_allclose(found[::2], found[1::2], rtol=1e-6)


def test_45_binary_cross_entropy_of_certain_answers() -> None:
    """Clipped on both sides: -log ε for a 1 called 0, and -log(1 - (1 - ε)) for a 0 called 1.

    The two differ, since 1 - ε in float32 is not quite it.
    """
    y, p = np.array([[1], [0]], "f"), np.array([[0], [1]], "f")
    program = lambda tf: tf.keras.losses.binary_crossentropy(y, tf.constant(p)).numpy()  # noqa: E731
    for_one, for_zero = close(program, 4)
    assert for_one == pytest.approx(-math.log(EPSILON), rel=1e-6)
    assert for_zero == pytest.approx(-math.log(1 - NEARLY_1), rel=1e-3)


def test_45_a_column_beside_a_vector_is_squeezed() -> None:
    """(4,) against (4, 1) compares one with one, and does not broadcast to (4, 4)."""
    values = np.arange(4, dtype="f")
    program = lambda tf: tf.keras.losses.MeanSquaredError()(values, values[:, None]).numpy()  # noqa: E731
    assert close(program, 0) == 0


def test_46_softmax_of_one_class_warns() -> None:
    """Over an axis of size 1 every result is 1: the layer warns, and so does the loss."""
    one = np.ones((2, 1), "f")
    complain_alike(lambda tf: tf.keras.layers.Softmax()(one), "(2, 1)", "has size 1")
    for tf in (tensorflow, scratchnet):
        complains(tf, lambda tf: tf.keras.layers.Softmax()(one), "UserWarning", "softmax")
        loss = lambda tf: tf.keras.losses.categorical_crossentropy(one, tf.constant(one))  # noqa: E731
        complains(tf, loss, "SyntaxWarning", "categorical_crossentropy")
