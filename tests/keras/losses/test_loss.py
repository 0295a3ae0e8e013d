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


# The shapes of truth, predictions and weights: with and without a last axis of size 1.
SHAPES: list[tuple[Any, Any, Any]] = [
    ((5, 3, 1), (5, 3), None),
    ((5, 3), (5, 3, 1), None),
    ((5,), (5, 1), None),
    ((5, 1), (5,), None),
    ((5, 3, 1), (5, 3), (5,)),
    ((5, 3), (5, 3), (5, 1)),
    ((5, 3, 2), (5, 3, 2), (5, 3, 1)),
    ((5, 3, 2), (5, 3, 2), (5, 1)),
    ((5, 1, 2), (5, 1, 2), (5,)),
    ((5, 2), (5, 1, 2), None),
    ((3, 2), (3, 3, 2), None),
    ((1, 3, 2), (3, 2), None),
    ((2, 2), (2, 2), (1,)),
    ((2, 2), (2, 2), ()),
]


@pytest.mark.parametrize("reduction", ["none", "sum", "mean", "mean_with_sample_weight"])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_axes_of_size_1_come_and_go(shapes: Any, reduction: str) -> None:
    draw = np.random.default_rng(4)
    truth, prediction, weights = (
        None if shape is None else np.asarray(draw.random(shape), "f") for shape in shapes
    )

    def program(tf: Any) -> list[Any]:
        loss = tf.keras.losses.MeanAbsoluteError(reduction)
        return value_and_gradient(tf, loss, truth, prediction, weights)

    close(program, 20)


@pytest.mark.parametrize("weights", [None, [1.0, 0.5, 2.0, 0.0, 3.0]])
@pytest.mark.parametrize("ignored", [None, 2])
@pytest.mark.parametrize("mask", [None, [1, 1, 0, 1, 0], [0] * 5, [[1], [0], [1], [1], [1]]])
def test_masks_of_predictions_and_of_losses(mask: Any, ignored: Any, weights: Any) -> None:
    """The mean is over those that count: as many elements as there are for each of them."""
    classes = np.array([0, 2, 1, 2, 3])
    chances = np.random.default_rng(5).dirichlet(np.ones(4), 5).astype("f")

    def program(tf: Any) -> list[Any]:
        found = []
        for reduction in ("none", "sum", "mean", "sum_over_batch_size", "mean_with_sample_weight"):
            for dtype in (None, "float64"):
                prediction = tf.constant(chances)
                if mask is not None and (ignored is None or np.ndim(mask) == 1):
                    prediction._keras_mask = tf.constant(np.array(mask, bool))
                loss = tf.keras.losses.SparseCategoricalCrossentropy(
                    reduction=reduction, ignore_class=ignored, dtype=dtype
                )
                found.append(loss(classes, prediction, weights).numpy())
        return found

    close(program, 20)


def test_what_a_loss_of_no_samples_weighs() -> None:
    def program(tf: Any) -> list[Any]:
        none, found = np.zeros((0,), "f"), []
        for reduction in (None, "none", "sum", "mean", "mean_with_sample_weight"):
            loss = tf.keras.losses.MeanSquaredError(reduction)
            found += [loss(none[:, None], none[:, None], none).numpy()]
            found += [loss(np.ones((2, 3), "f"), np.zeros((2, 3), "f"), [0.0, 0.0]).numpy()]
        return found

    close(program, 4)


def test_the_names_of_losses_and_their_dtypes() -> None:
    def program(tf: Any) -> list[Any]:
        losses = tf.keras.losses
        made = [losses.Loss(), losses.Loss("mine", "sum", "float16"), losses.Loss(dtype="float64")]
        made += [losses.Loss(reduction=reduction) for reduction in (None, "mean", "none")]
        return [(x.name, x.reduction, x.dtype, x.get_config()) for x in made]

    same(program)
    with pytest.raises(ValueError, match="`name`"):
        scratchnet.keras.losses.Loss(name=np.array(["a", "b"]))
    for reduction in (3, "SUM", np.array(["sum"])):
        with pytest.raises(ValueError, match="Loss: `reduction` must be one of"):
            scratchnet.keras.losses.Loss(reduction=reduction)


SCALARS = ("MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy", "CategoricalCrossentropy")


@pytest.mark.parametrize("name", SCALARS)
def test_predictions_without_an_axis_are_named(name: str) -> None:
    for library, error in ((tensorflow, Exception), (scratchnet, scratchnet.errors.OpError)):
        with pytest.raises(error) as caught:
            getattr(library.keras.losses, name)()(1.0, 0.5)
    assert "`y_pred` must have at least one axis, received y_pred=<tf.Tensor: shape=()" in str(
        caught.value
    )


def test_what_is_no_number_is_named() -> None:
    loss = scratchnet.keras.losses.MeanSquaredError()
    rows: list[list[float]] = [[1.0]]
    for given, name in (
        ({"y_true": "a", "y_pred": rows}, "y_true"),
        ({"y_true": rows, "y_pred": "a"}, "y_pred"),
        ({"y_true": rows, "y_pred": rows, "sample_weight": "a"}, "sample_weight"),
        ({"y_true": rows, "y_pred": rows, "sample_weight": [[1], [1, 2]]}, "sample_weight"),
    ):
        with pytest.raises((TypeError, ValueError), match=f"^mean_squared_error: `{name}`: "):
            loss(**given)


def test_a_dtype_that_is_none_is_named() -> None:
    for make in (
        scratchnet.keras.losses.MeanSquaredError,
        scratchnet.keras.metrics.Mean,
        scratchnet.keras.layers.Flatten,
    ):
        text = f"^Invalid dtype: 3: {make.__name__}: `dtype` must be a dtype or its name, received"
        with pytest.raises(ValueError, match=text):
            make(dtype=3)
