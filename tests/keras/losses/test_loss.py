"""What every loss has, against Keras's: reductions, dtypes, losses of your own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, complaint, same
from tests.support.loss_programs import BITS, NUMBERS, WEIGHTS, value_and_gradient

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "no call": (
        lambda tf: tf.keras.losses.Loss()(np.ones(2), np.ones(2)),
        "",
        "`call` is not overridden",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_unknown_reduction() -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises(ValueError, match=r"`reduction`.*foo"):
            tf.keras.losses.MeanSquaredError(reduction="foo")(BITS, NUMBERS)


def test_own_loss_is_found_by_its_class() -> None:
    def program(tf: Any) -> list[Any]:
        class Cubed(tf.keras.losses.Loss):
            def __init__(self, power: int = 3, **kwargs: Any) -> None:
                super().__init__(**kwargs)
                self.power = power

            def get_config(self) -> dict[str, Any]:
                return {**super().get_config(), "power": self.power}

        losses = tf.keras.losses
        data = losses.serialize(Cubed(2, reduction="sum"))
        known = losses.deserialize(losses.serialize(Cubed(2)), {"Cubed": Cubed})
        return [data["class_name"], data["config"], known.power, known.get_config()]

    same(program)


@pytest.mark.parametrize("name", ["NONE", "SUM", "SUM_OVER_BATCH_SIZE"])
def test_older_names_of_reductions(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        losses = tf.keras.losses
        reduction = getattr(losses.Reduction, name)
        return [reduction, losses.MeanSquaredError(reduction)(BITS, NUMBERS).numpy()]

    close(program, 10)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "none"])
def test_dtype(reduction: str, weights: Any) -> None:
    """Inputs of float32, the loss computed in float64."""

    def program(tf: Any) -> list[Any]:
        loss = tf.keras.losses.MeanSquaredError(reduction=reduction, dtype="float64")
        return value_and_gradient(tf, loss, BITS, NUMBERS, weights)

    close(program, 10)


def test_repr() -> None:
    for tf in (tensorflow, scratchnet):
        text = repr(tf.keras.losses.CategoricalCrossentropy())
        assert text.startswith("<LossFunctionWrapper(<function categorical_crossentropy at 0x")
        assert text.endswith("kwargs={'from_logits': False, 'label_smoothing': 0.0, 'axis': -1})>")


def own_loss(tf: Any) -> list[Any]:
    class Cubed(tf.keras.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return tf.reduce_mean(tf.abs(y_true - y_pred) ** 3, axis=-1)

    loss = Cubed(reduction="sum")
    return [loss.name, loss.reduction, value_and_gradient(tf, loss, BITS, NUMBERS, WEIGHTS)]


def test_own_loss() -> None:
    close(own_loss, 30)


def test_python_labels() -> None:
    """Keras refuses lists beside tensors; here they are taken for what they say."""
    assert complaint(
        lambda tf: tf.keras.losses.MeanSquaredError()([[1.0]], tf.constant([[3.0]])), tensorflow
    )[0]
    loss = scratchnet.keras.losses.MeanSquaredError()
    assert loss([[1.0]], scratchnet.constant([[3.0]])).numpy() == 4


@pytest.mark.parametrize("reduction", ["sum", "none", "mean", "mean_with_sample_weight"])
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_a_loss_of_integers(dtype: str, reduction: str) -> None:
    """Truth, predictions and losses lose their fractions; a mean is a float again."""

    def program(tf: Any) -> list[Any]:
        t, p = tf.constant([[1.0, 2.0], [4.0, 5.0]]), tf.constant([[1.5, 2.0], [1.0, 1.0]])
        loss = tf.keras.losses.MeanSquaredError(reduction, dtype=dtype)
        return [loss(t, p).numpy(), loss(t, p, sample_weight=[1, 2]).numpy()]

    close(program, 4)


@pytest.mark.parametrize("reduction", ["sum", "mean", "mean_with_sample_weight", "none"])
@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 2), (2, 0, 3)])
def test_no_samples(shape: tuple[int, ...], reduction: str) -> None:
    def program(tf: Any) -> list[Any]:
        loss = tf.keras.losses.MeanSquaredError(reduction)
        return value_and_gradient(tf, loss, np.zeros(shape, "f"), np.zeros(shape, "f"))

    close(program, 1)


def test_what_does_not_fit_is_told_with_its_shape() -> None:
    x, weights = np.full((3, 2), 0.5, np.float32), np.ones(2, np.float32)
    for tf in (tensorflow, scratchnet):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"shapes: \[3\] vs. \[2\]") as of:
            tf.keras.losses.Huber()(x, x, sample_weight=weights)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[3,2\] vs. \[2,2\]") as pair:
            tf.keras.losses.MeanSquaredError()(x, x[:2])
    said = "'huber_loss': `sample_weight` must fit the losses, of shape (3,), received a shape of "
    assert said + "(2,)" in str(of.value)
    said = "'mean_squared_error' of `y_true` of shape (3, 2) and `y_pred` of shape (2, 2)"
    assert said in str(pair.value)
