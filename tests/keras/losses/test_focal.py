"""Focal cross entropies against Keras's: values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.keras import losses
from scratchnet.keras.losses.focal import CategoricalFocalCrossentropy
from tests.support.keras_programs import close, complain_alike
from tests.support.loss_programs import (
    BITS,
    CHANCES,
    LOGITS,
    LOOSE,
    NUMBERS,
    ONE_HOT,
    PROBABILITIES,
    SOFT,
    WEIGHTS,
    class_alike,
    function_alike,
    in_both_dtypes_and_twice,
    refuses,
)
from tests.support.signatures import taken_alike

# name of the function, options, truth, prediction
FUNCTIONS: dict[str, tuple[str, dict[str, Any], np.ndarray, np.ndarray]] = {
    "binary": ("binary_focal_crossentropy", {}, BITS, CHANCES),
    "binary balanced": (
        "binary_focal_crossentropy",
        {"apply_class_balancing": True, "alpha": 0.3, "gamma": 3.0, "label_smoothing": 0.2},
        BITS,
        CHANCES,
    ),
    "binary logits": ("binary_focal_crossentropy", {"from_logits": True}, BITS, NUMBERS),
    "categorical": ("categorical_focal_crossentropy", {}, ONE_HOT, LOOSE),
    "categorical smooth": (
        "categorical_focal_crossentropy",
        {"label_smoothing": 0.3, "gamma": 1.5, "alpha": 0.7},
        ONE_HOT,
        PROBABILITIES,
    ),
    "categorical logits": (
        "categorical_focal_crossentropy",
        {"from_logits": True, "alpha": [0.1, 0.2, 0.3, 0.4]},
        SOFT,
        LOGITS,
    ),
    "gamma 0": ("categorical_focal_crossentropy", {"gamma": 0}, ONE_HOT, PROBABILITIES),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str) -> None:
    function_alike(*FUNCTIONS[name])


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_class(name: str, weights: Any) -> None:
    class_alike(*FUNCTIONS[name], weights, "sum_over_batch_size")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_both_dtypes_and_the_second_order(name: str) -> None:
    in_both_dtypes_and_twice(*FUNCTIONS[name])


@pytest.mark.parametrize("name", ["binary_focal_crossentropy", "categorical_focal_crossentropy"])
def test_what_is_refused(name: str) -> None:
    refuses(name)


def test_shapes_and_axes() -> None:
    complain_alike(
        lambda tf: tf.keras.losses.binary_focal_crossentropy(BITS[:2], NUMBERS),
        "Arguments `target` and `output` must have the same shape",
    )
    complain_alike(
        lambda tf: tf.keras.losses.CategoricalFocalCrossentropy(axis=True)(ONE_HOT, LOGITS),
        "`axis` must be of type `int`",
    )
    complain_alike(
        lambda tf: tf.keras.losses.categorical_focal_crossentropy(BITS[:, :1], CHANCES[:, :1]),
        "categorical_focal_crossentropy",
    )


def test_a_scalar_has_no_classes_to_smooth_over() -> None:
    with pytest.raises(InvalidArgumentError, match="`y_true` must have at least one axis"):
        CategoricalFocalCrossentropy(label_smoothing=0.1)(1.0, LOGITS)


def test_in_fit_the_logits_behind_a_sigmoid_are_used() -> None:
    """Certain answers that are wrong: the cross entropy is that of the logits."""

    def program(tf: Any) -> Any:
        keras = tf.keras
        inputs = keras.Input((3,))
        model = keras.Model(inputs, keras.layers.Activation("sigmoid")(inputs))
        model.compile("sgd", keras.losses.BinaryFocalCrossentropy())
        return np.float32(model.evaluate(NUMBERS * 60, 1 - (NUMBERS > 0).astype("f"), verbose=0))

    close(program, 20)


@pytest.mark.parametrize("axis", [None, 1, -1])
def test_along_any_axis_of_logits(axis: int | None) -> None:
    """With None all numbers are classes together; a softmax op would take the last axis for it."""
    truth, logits = np.abs(LOGITS[:, :, None] - [0.5, 1.0]), LOGITS[:, :, None] * [1.0, -0.5]
    for smoothing in (0.0, 1.0):
        options = {"from_logits": True, "axis": axis, "label_smoothing": smoothing}
        for kind in ("float32", "float64"):
            y, x = truth.astype(kind), logits.astype(kind)
            close(
                lambda tf, y=y, x=x, o=options: tf.keras.losses.categorical_focal_crossentropy(
                    y, x, **o
                ).numpy(),
                20,
            )


def test_the_dtype_of_the_factors_is_that_of_the_losses() -> None:
    """As everywhere in Keras 3, a number of NumPy's is a tensor of its own dtype."""
    for options in (
        {"alpha": np.array([0.1, 0.2, 0.3, 0.4])},
        {"alpha": np.float64(0.3)},
        {"alpha": [1, 2, 3, 4]},
        {"alpha": True},
        {"gamma": np.float64(1.5)},
        {"gamma": 2},
    ):
        close(
            lambda tf, o=options: tf.keras.losses.categorical_focal_crossentropy(
                ONE_HOT.astype("f"), LOOSE.astype("f"), **o
            ).numpy(),
            20,
        )


@pytest.mark.parametrize("alpha", [1j, np.complex64(1), np.array([1j]), [1j], "a", None])
def test_a_factor_that_is_no_real_number(alpha: Any) -> None:
    """Keras computes complex losses, of which no optimizer could find a least."""
    loss = CategoricalFocalCrossentropy(alpha=alpha)
    with pytest.raises(TypeError, match="`alpha` must be a number, received alpha="):
        loss(ONE_HOT, LOOSE)


def test_what_is_taken() -> None:
    names = (
        "BinaryFocalCrossentropy CategoricalFocalCrossentropy binary_focal_crossentropy "
        "categorical_focal_crossentropy"
    )
    taken_alike("losses", *names.split())


FOCAL = {
    "binary_focal_crossentropy": (BITS, CHANCES),
    "categorical_focal_crossentropy": (ONE_HOT, PROBABILITIES),
}


@pytest.mark.parametrize("name", FOCAL)
def test_what_kind_of_value_each_argument_takes(name: str) -> None:
    loss, several = getattr(losses, name), np.array([0.5, 0.25])
    for option in ("gamma", "label_smoothing"):
        with pytest.raises(TypeError, match=f"^{name}: `{option}` must be a number, received "):
            loss(*FOCAL[name], **{option: "a"})
        with pytest.raises(ValueError, match=f"^{name}: `{option}` must be one number, received"):
            loss(*FOCAL[name], **{option: several})
    flags = ["from_logits", *["apply_class_balancing"] * name.startswith("binary")]
    for option in flags:
        with pytest.raises(ValueError, match=f"^{name}: `{option}` must be True or False, rec"):
            loss(*FOCAL[name], **{option: several})
    with pytest.raises(TypeError, match=f"^{name}: `alpha` must be a number, received alpha='a'"):
        loss(*FOCAL[name], alpha="a", **dict.fromkeys(flags[1:], True))
    if flags[1:]:  # not looked at where nothing is balanced
        loss(*FOCAL[name], alpha="a")


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("name", FOCAL)
def test_every_axis_of_probabilities_and_logits(name: str, from_logits: bool, axis: int) -> None:
    options = {"axis": axis, "from_logits": from_logits, "gamma": 1.5, "label_smoothing": 0.1}
    truth, chances = FOCAL[name]
    function_alike(name, options, truth, np.log(chances) if from_logits else chances)
    if axis == 0:
        function_alike(name, {**options, "axis": None}, truth, chances)


def test_one_class_warns_and_more_do_not() -> None:
    loss, of_one = losses.categorical_focal_crossentropy, np.full((2, 1), 0.5, "f")
    text = (
        r"^categorical_focal_crossentropy: y_pred of shape \(2, 1\) has one class, whose "
        "probability is always 1; one output takes `binary_crossentropy`$"
    )
    with pytest.warns(SyntaxWarning, match=text):
        loss(of_one, of_one)
    loss(np.ones((1, 2), "f"), np.full((1, 2), 0.5, "f"))
